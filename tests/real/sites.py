"""What the hijackers' servers are like, whichever server it is that was hijacked."""

from tests.support.checking import Line
from tests.support.servers import Server

PAGE = (
    '<!doctype html><html><head><title>A shop</title><link rel="icon" href="/icon.png"></head>'
    '<body><img src="/photo.png"><p>Bread and cheese.</p></body></html>\n'
)
LURE = (
    '<!doctype html><html><head><meta http-equiv="refresh" content="0;url=/never-asked-for">'
    '</head><body><img src="/picture.png"></body></html>\n'
)
"""What lies at a destination: whoever reads it asks for more."""

DOOR, END, PATH = "door.example", "end.example", "/in?id=7&key=secret"
"""The hijackers' doorkeeper, who sends on to the end; and what nobody is to be shown."""


def doors_url(port: int) -> str:
    """Where hijacked sites lead."""
    return f"http://{DOOR}:{port}{PATH}"


def ends_url(port: int) -> str:
    """Where the doorkeeper leads."""
    return f"http://{END}:{port}/film/4711"


def assert_found(line: Line, *conditions: str) -> None:
    """The line names a hijacked site, when it happens, and where it leads."""
    assert line["verdict"] == "hijacked", line
    assert line["conditions"] == list(conditions)
    assert [(d["host"], d["via"], d["unread"]) for d in line["destinations"]] == [
        (END, [DOOR], True)
    ]
    assert line["confidence"] >= 0.9
    assert line["error"] is None


def assert_one_look_each(server: Server, victims: set[str]) -> None:
    """Each visitor who was sent away asked each place once, and for no media anywhere."""
    sent = [one for one in server.log() if one.host.partition(":")[0] in victims]
    away = [one for one in server.log() if one.host.startswith((DOOR, END))]
    assert {one.target for one in away} == {PATH, "/film/4711"}
    doors = sum(one.host.startswith(DOOR) for one in away)
    assert 0 < doors == sum(one.host.startswith(END) for one in away) <= len(sent)
    assert [one for one in server.log() if one.target.endswith(".png")] == []

"""The notice's command sends the referrer that the visit sent, whatever the pathway."""

import pytest

from tests.support.house import House, victim
from unhijack.lab.town import Gate

SITE = victim(Gate.REFERRED_LOCATION)
URL = f"http://{SITE.host}/"


def command(house: House, *steps: str) -> str:
    """The replay in the notice of a case whose redirect only the reporter's way shows."""
    from unhijack.casework.notify import _replays
    from unhijack.compose.redact import for_owner

    house.report(URL, *steps)
    house.work()
    case = house.case()
    log = (case.verdict or {})["visit_log"]
    assert isinstance(log, list)
    first = log[0]
    assert isinstance(first, dict)
    assert first["persona"] == "reported-phone"
    (line,) = _replays(case, for_owner(case))
    return line


def sent(house: House) -> str | None:
    """The referrer of the first request."""
    _, request = house.transport.asked[0]
    return next((value for name, value in request.headers if name == "Referer"), None)


@pytest.mark.parametrize(
    "steps",
    [
        ["referrer:http://forum.test/thread?id=1"],
        ["search:opening hours"],
        ["search:opening hours", f"click:{URL}"],
        ["referrer:http://forum.test/thread", f"click:{URL}"],
    ],
)
def test_the_command_sends_what_the_visit_sent(house: House, steps: list[str]):
    line = command(house, *steps)

    referrer = sent(house)
    assert referrer is not None
    assert f"-e {referrer} " in line
    assert "thread" not in line, "a browser sends the origin alone to another site"


def test_the_way_is_named_by_where_it_led_from(house: House):
    from unhijack.casework.visitors import arrival_of
    from unhijack.core.report import Step, StepKind

    forum = Step(StepKind.REFERRER, "http://forum.test/thread")
    pathway = (forum, Step(StepKind.CLICK, URL))

    assert arrival_of(pathway, URL) == "follows a link from forum[.]test"

"""One list with every bad site in it, an honest one and a hijacked one: each gets its own answer.

The command runs with its normal limits. The server is on an address of its own in loopback's range,
which alone the guard is lifted for; on 127.0.0.1 a canary listens that nobody may disturb.
"""

import gzip
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hostile import ways
from tests.hostile.ways import (
    HTML,
    MIB,
    OK,
    PAGE,
    PNG,
    answers,
    endless,
    resets_after,
    says,
    sends_to,
)
from tests.support.checking import Line, Outcome, check
from tests.support.hostile import HostileServer, Talk, Way
from unhijack.config.settings import Settings
from unhijack.core.site import parse_address
from unhijack.wiring.visits import make_secrets

ADDRESS = "127.77.0.1"
INSIDE = {
    "loopback": "http://127.0.0.1:{canary}/",
    "decimal": "http://2130706433:{canary}/",
    "octal": "http://0177.0.0.1:{canary}/",
    "hex": "http://0x7f000001:{canary}/",
    "short": "http://127.1:{canary}/",
    "mapped": "http://[::ffff:127.0.0.1]:{canary}/",
    "nat64": "http://[64:ff9b::127.0.0.1]:{canary}/",
    "ipv6": "http://[::1]:{canary}/",
    "any4": "http://0.0.0.0:{canary}/",
    "any6": "http://[::]:{canary}/",
    "full-width": "http://１２７.０.０.１:{canary}/",
    "named": "http://localhost:{canary}/",
    "dotted": "http://localhost.:{canary}/",
    "dotted-tls": "https://localhost.:{canary}/",
    "other-name": "http://inside.example:{canary}/",
    "private": "http://10.0.0.1/",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "metadata-decimal": "http://2852039166/latest/meta-data/",
}
"""Where a bad site sends its visitors, by the site's name."""
REFUSED = (
    *("a loopback address", "the unspecified address", "a cloud metadata address"),
    "not a public address",
)
WRONG_LINES = ("http://", "http://./", "not an address")

WRONG = {
    "script": "javascript:alert(1)",
    "data": "data:text/html;base64,PHA+c2VjcmV0",
    "file": "file:///etc/passwd",
    "ftp": "ftp://files.example/x",
    "nul": "http://away.example/%00\0",
    "long": "/" + "a" * 100_000,
    "long-elsewhere": "http://away.example/" + "a" * 100_000,
    "nonsense": "http://[::1/",
    "no-host": "http://",
    "wide-port": "http://away.example:99999/",
}

WAYS: dict[str, tuple[Way, str]] = {
    "loop": (lambda talk: sends_to(talk.target)(talk), "redirect loop"),
    "loop-of-two": (ways.loop_of_two, "redirect loop"),
    "loop-with-cookies": (ways.new_cookie_each_time, "more than 12 redirects"),
    "fresh": (ways.fresh_addresses, "more than 12 redirects"),
    "silent": (ways.silent, "no complete answer in 15 s"),
    "drip-head": (endless("HTTP/1.1 200 OK\r\nX: ", b"x", 1), "no complete answer in 15 s"),
    "drip-body": (endless(OK + "\r\n", b"x", 1), "no complete answer in 15 s"),
    "no-end": (ways.header_without_end, "no complete answer in 15 s"),
    "stops": (ways.stops_in_the_body, "no complete answer in 15 s"),
    "interim": (ways.interim_storm, "no complete answer in 15 s"),
    "endless": (endless(OK + "\r\n", b"x" * 65536), "too large"),
    "gzip": (ways.compressed_bomb(31, "gzip"), "too large"),
    "deflate": (ways.compressed_bomb(15, "deflate"), "too large"),
    "gzip-twice": (ways.twice_packed(), "too large"),
    "big-header": (says(OK, b"X: " + b"a" * MIB, "\r\n\r\n"), "headers are too large"),
    "many-headers": (says(OK, b"X: a\r\n" * 100_000, "\r\n", PAGE), "headers are too large"),
    "garbage": (says(b"\x00\xff\x13 hello\r\n\r\n"), "not HTTP"),
    "old": (says(PAGE), "not HTTP"),
    "nothing": (says(), "closed the connection"),
    "reset-at-once": (resets_after(), "reset the connection"),
    "reset-in-head": (resets_after(OK), "reset the connection"),
    "reset-in-body": (resets_after(OK, "Content-Length: 500\r\n\r\n", PAGE), "reset the connection"),
    "negative": (says(OK, "Content-Length: -1\r\n\r\n"), "wrong Content-Length"),
    "huge": (says(OK, f"Content-Length: {10**30}\r\n\r\n"), "wrong Content-Length"),
    "chunks": (says(OK, "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "wrong chunk sizes"),
    "to-tls": (ways.asks_for_https, "does not speak TLS"),
    "raw-line": (says("HTTP/1.1 302 F\r\nLocation: http://a.example/\rX: y\r\n\r\n"), "not HTTP"),
    **{name: (sends_to(target), "no web address") for name, target in WRONG.items()},
    "nul": (sends_to(WRONG["nul"]), "not HTTP"),
    "closed-port": (sends_to("http://closed.bad.test:1/"), "refused the connection"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """What happened."""

    outcome: Outcome
    server: HostileServer
    canary: HostileServer
    folder: Path

    def line(self, name: str) -> Line:
        return self.outcome.line(self.server.url(f"{name}.bad.test"))


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    sites: dict[str, Way] = {f"{name}.bad.test": way for name, (way, _) in WAYS.items()}
    sites |= {
        "honest.bad.test": ways.healthy,
        "hijacked.test": ways.sends_searchers_away,
        "away.example": answers("200 OK", HTML, body=PAGE),
        "picture.bad.test": endless(
            "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n", PNG * 500
        ),
        "": answers("400 Bad Request"),
    }
    with HostileServer({}) as canary:
        for name, target in INSIDE.items():
            sites[f"{name}.bad.test"] = sends_to(target.replace("{canary}", str(canary.port)))
        with HostileServer(sites, address=ADDRESS) as server:
            hosts = dict.fromkeys(filter(None, sites), ADDRESS)
            hosts["closed.bad.test"] = ADDRESS
            hosts |= {"localhost": "127.0.0.1", "inside.example": "127.0.0.1"}
            urls = [server.url(name) for name in sites if name and name != "away.example"]
            urls += [server.url("honest.bad.test", scheme="https"), *WRONG_LINES]
            folder = tmp_path_factory.mktemp("hostile")
            options = ("--evidence", str(folder / "evidence"))
            outcome = check(
                folder,
                *urls,
                hosts=hosts,
                allow=[f"{ADDRESS}/32"],
                options=options,
                patience=200,
            )
            yield Story(outcome, server, canary, folder)


pytestmark = pytest.mark.timeout(240)


@pytest.mark.parametrize("name", WAYS)
def test_a_bad_site_gets_its_own_error(name: str, story: Story):
    line = story.line(name)
    assert line["verdict"] in ("inconclusive", "unreachable"), line
    assert WAYS[name][1] in line["error"]
    assert "\n" not in line["error"]
    for internal in ("::", "Error", "Traceback", "wreq", "0x", "None"):
        assert internal not in line["error"]


@pytest.mark.parametrize("name", INSIDE)
def test_where_a_bad_site_leads_inside_is_named_and_not_visited(name: str, story: Story):
    line = story.line(name)
    assert line["verdict"] == "inconclusive", line
    assert line["error"].startswith("it leads nowhere: ")
    assert "not visited" in line["error"]
    assert any(reason in line["error"] for reason in REFUSED)
    (led_to,) = line["destinations"]
    assert led_to["host"] == parse_address(INSIDE[name].replace("{canary}", "80")).host
    assert led_to["unread"]


def test_nobody_inside_was_disturbed(story: Story):
    assert story.canary.connections == 0


def test_the_honest_and_the_hijacked_get_their_answers_among_them(story: Story):
    assert story.line("honest")["verdict"] == "clean"
    hijacked = story.outcome.line(story.server.url("hijacked.test"))
    assert hijacked["verdict"] == "hijacked"
    assert hijacked["conditions"] == ["comes from a search engine"]
    assert [d["host"] for d in hijacked["destinations"]] == ["away.example"]
    assert story.outcome.code == 1


def test_each_address_has_one_line_and_one_that_is_none_its_own_too(story: Story):
    urls = [line["url"] for line in story.outcome.lines]
    assert len(urls) == len(set(urls)) == len(WAYS) + len(INSIDE) + len(WRONG_LINES) + 4
    for text in WRONG_LINES:
        assert "is not an address to check" in story.outcome.line(text)["error"]


def test_https_to_a_server_that_speaks_http_is_told(story: Story):
    line = story.outcome.line(story.server.url("honest.bad.test", scheme="https"))
    assert line["verdict"] == "unreachable"
    assert line["error"].endswith("no TLS connection: that port does not speak TLS")


def test_a_bad_site_costs_two_visits_and_no_more(story: Story):
    costly = {"endless", "gzip", "deflate", "gzip-twice"}  # each visit ends well, at its limit
    costly |= {"long-elsewhere"}  # a visitor who is sent elsewhere is compared with the others
    assert {story.line(name)["visits"] for name in WAYS.keys() - costly} == {2}


def test_a_picture_is_not_read(story: Story):
    assert story.server.asked["picture.bad.test"] > 0
    assert story.server.most_sent["picture.bad.test"] < MIB


def test_it_ends_in_time_within_its_memory(story: Story):
    assert story.outcome.seconds < 100
    assert story.outcome.peak < 300 * MIB
    assert "Traceback" not in story.outcome.stderr


def test_no_payload_of_a_data_address_is_in_the_evidence(story: Story):
    settings = Settings(state=story.folder / "state")
    kept = {path.name.rpartition("-")[0]: path for path in (story.folder / "evidence").iterdir()}
    warcs = {
        name: gzip.decompress(make_secrets(settings).unseal(path.read_bytes()))
        for name, path in kept.items()
    }
    assert b"Bread and cheese" in warcs["hijacked.test"]
    assert b"data:image/png" in warcs["hijacked.test"]
    assert b"location: data:text/html;base64," in warcs["data.bad.test"]
    assert b"PHA+c2VjcmV0" not in warcs["data.bad.test"]
    assert not [name for name, warc in warcs.items() if b"iVBORw0KGgo" in warc]
    assert not [name for name, warc in warcs.items() if PNG[:8] in warc]


async def large_and_never_the_same(talk: Talk) -> None:
    """As large as a page may be, and not a byte more."""
    await talk.say(OK.encode(), b"\r\n", os.urandom(16).hex().encode() * (2 * MIB // 32))


def test_many_large_pages_at_once_do_not_pile_up(tmp_path: Path):
    sites: dict[str, Way] = {
        f"large{number}.test": large_and_never_the_same for number in range(64)
    }
    with HostileServer(sites, send_buffer=MIB) as server:
        urls = [server.url(name) for name in sites]
        outcome = check(
            tmp_path,
            *urls,
            hosts=dict.fromkeys(sites, "127.0.0.1"),
            options=("--evidence", str(tmp_path / "evidence")),  # which keeps what it can
            patience=120,
        )
    assert [line["verdict"] for line in outcome.lines] == ["clean"] * 64
    assert outcome.peak < 300 * MIB, outcome.peak / MIB

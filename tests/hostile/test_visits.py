"""Visits and examinations in this process, with small limits: what a bad site may cost."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address, ip_network

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.hostile import ways
from tests.hostile.ways import HTML, PAGE, answers, says, sends_to
from tests.support.hostile import HostileServer, Talk, Way
from unhijack.adapters.clock import SystemClock
from unhijack.adapters.transport.wreq import WreqTransport
from unhijack.casework.examine import Examination, examine
from unhijack.casework.plans import Plan, plan_for
from unhijack.collect.jar import Jar
from unhijack.collect.pages import MOST_EVIDENCE, PageCache
from unhijack.collect.personas import CHECK
from unhijack.collect.probe import (
    Budget,
    Errand,
    Probe,
    Seen,
    visit,
)
from unhijack.core.egress import Guard, IpAddress
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.site import parse_address, site_of
from unhijack.core.verdict import Ruling
from unhijack.ports import Limits

SMALL = Limits(request_seconds=0.5, visit_seconds=1.5, body_bytes=64 * 1024)
SLACK = 2.0
"""Seconds that a busy machine may take beyond a limit."""


class LoopbackAlone(Guard):
    """Arbitrary bytes may spell anybody's address."""

    def refusal(self, address: IpAddress, port: int) -> str | None:
        return None if address.is_loopback else "not of this test"


class NamesOfTheTest:
    """No name server is asked."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    async def resolve(self, host: str) -> Sequence[IpAddress] | Failure:
        known = host in self._names
        return [ip_address("127.0.0.1")] if known else Failure(FailureKind.NAME, "no name")


def probe_for(names: Iterable[str], limits: Limits) -> Probe:
    guard = LoopbackAlone((ip_network("127.0.0.0/8"),))
    return Probe(WreqTransport(), NamesOfTheTest(names), SystemClock(), guard, limits)


def visited(ways_: Mapping[str, Way], limits: Limits = SMALL, target: str = "/") -> Seen:
    """One visit to bad.test."""
    with HostileServer(ways_) as server:
        address = parse_address(server.url("bad.test", target))
        errand, pages = Errand(address, CHECK[0]), PageCache(site_of(address.host))
        probe = probe_for(ways_, limits)
        return asyncio.run(visit(probe, errand, 1, Jar(), pages, Budget(limits)))


def examined(
    server: HostileServer,
    name: str = "bad.test",
    plan: Plan | None = None,
    limits: Limits = SMALL,
) -> Examination:
    probe, address = probe_for(server.ways, limits), parse_address(server.url(name))
    return asyncio.run(
        examine(
            probe, address, (), plan or plan_for("check", ()), Budget(limits), lambda text: text
        )
    )


def test_a_visit_ends_at_its_limit_however_each_answer_hurries():
    async def slow_chain(talk: Talk) -> None:
        await asyncio.sleep(0.4)
        await talk.answer("302 Found", f"Location: /{talk.number}")

    started = time.monotonic()
    made = visited({"bad.test": slow_chain}).visit
    assert made.failure is not None
    assert (made.failure.kind, made.failure.text) == (
        FailureKind.TIME,
        "the visit did not end within 1.5 s",
    )
    assert time.monotonic() - started < 1.5 + SLACK


def test_a_tar_pit_is_given_up_after_two_visits():
    with HostileServer({"bad.test": ways.silent}) as server:
        started = time.monotonic()
        found = examined(server)
        assert found.verdict.ruling is Ruling.UNREACHABLE
        assert found.verdict.visits == server.asked["bad.test"] == 2
        assert time.monotonic() - started < 2 * 0.5 + SLACK


async def to_the_pit(talk: Talk) -> None:
    if "google" in talk.field("referer"):
        await talk.answer("302 Found", f"Location: http://pit.example:{talk.port}/")
    else:
        await talk.answer("200 OK", HTML, body=PAGE)


def test_a_distributor_that_does_not_answer_is_waited_for_once():
    with HostileServer({"bad.test": to_the_pit, "pit.example": ways.silent}) as server:
        found = examined(server)
        assert found.verdict.ruling is Ruling.HIJACKED
        assert [d.host for d in found.verdict.destinations] == ["pit.example"]
        assert server.asked["pit.example"] == 1
        later = [v.furthest.failure for v in found.visits if v.left_for][1:]
        assert later
        for failure in later:
            assert failure is not None
            assert failure.text == "pit[.]example: did not answer before, and was not asked again"


def test_a_distributor_that_drags_every_visit_out_is_asked_for_one_visit():
    async def slow_steps(talk: Talk) -> None:
        await asyncio.sleep(0.4)
        await talk.answer("302 Found", f"Location: /{talk.number}")

    with HostileServer({"bad.test": to_the_pit, "pit.example": slow_steps}) as server:
        started = time.monotonic()
        found = examined(server)
        assert found.verdict.ruling is Ruling.HIJACKED
        assert server.asked["pit.example"] <= 4
        assert time.monotonic() - started < 1.5 + SLACK


def test_a_site_that_is_slow_itself_is_asked_again():
    """One visitor's bad luck is not the next one's: only others' machines are struck off."""

    async def slow_at_first(talk: Talk) -> None:
        if talk.number == 1:
            await asyncio.sleep(5)
        await talk.answer("200 OK", HTML, body=PAGE)

    with HostileServer({"bad.test": slow_at_first}) as server:
        found = examined(server)
        assert found.verdict.ruling is Ruling.INCONCLUSIVE
        assert found.verdict.visits == 5


def test_a_target_that_is_too_long_is_named_by_its_host_and_not_asked_for():
    long = sends_to("http://away.example:{port}/" + "a" * 100_000)
    with HostileServer({"bad.test": long, "away.example": ways.healthy}) as server:
        found = examined(server)
        assert [d.host for d in found.verdict.destinations] == ["away.example"]
        assert server.asked["away.example"] == 0


def test_a_long_target_does_not_hide_that_only_some_are_sent_there():
    async def some(talk: Talk) -> None:
        if "google" in talk.field("referer"):
            await sends_to("http://away.example/" + "a" * 20_000)(talk)
        else:
            await talk.answer("200 OK", HTML, body=PAGE)

    with HostileServer({"bad.test": some}) as server:
        verdict = examined(server).verdict
    assert verdict.ruling is Ruling.HIJACKED
    assert verdict.conditions == ("comes from a search engine",)


def bodies_of(found: Examination) -> list[bytes]:
    answers_ = (exchange.response for exchange in found.exchanges)
    return [one.body or b"" for one in answers_ if not isinstance(one, Failure)]


def test_pages_that_differ_each_time_are_kept_as_evidence_up_to_a_limit():
    async def never_the_same(talk: Talk) -> None:
        await talk.answer("200 OK", HTML, body=b"%d" % talk.number + b"x" * 200_000)

    with HostileServer({"bad.test": never_the_same}) as server:
        found = examined(server, limits=Limits())
    bodies = bodies_of(found)
    assert found.verdict.visits == len(bodies) == 5
    assert sum(map(len, bodies)) == MOST_EVIDENCE


def test_pages_that_are_the_same_are_kept_once_for_all_visits():
    with HostileServer({"bad.test": answers("200 OK", HTML, body=b"x" * 400_000)}) as server:
        found = examined(server, limits=Limits())
    bodies = bodies_of(found)
    assert [len(body) for body in bodies] == [400_000] * 5
    assert len({id(body) for body in bodies}) == 1


HEADS = st.sampled_from(
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: ",
        b"HTTP/1.1 200 OK\r\nRefresh: 0;url=",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: ",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<meta http-equiv=refresh content='0;url=",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HEADS, st.binary(max_size=300), st.sampled_from([b"", b"\r\n\r\n", b"'>\r\n"]))
@example(b"HTTP/1.1 302 Found\r\nLocation: ", b"http://./", b"\r\n\r\n")
@example(b"HTTP/1.1 302 Found\r\nLocation: ", b"http://away.example:0/", b"\r\n\r\n")
@example(b"HTTP/1.1 200 OK\r\nSet-Cookie: ", b'a=b; expires=\xff; domain=..; port="x', b"\r\n\r\n")
def test_no_bytes_as_an_answer_raise_or_hold_a_visit_up(head: bytes, middle: bytes, end: bytes):
    started = time.monotonic()
    made = visited({"bad.test": says(head, middle, end)}).visit
    assert made.hops
    assert time.monotonic() - started < SMALL.visit_seconds + SLACK

"""The town over loopback, seen by a client that is nothing but a socket."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lab.visitors import PHONE, SEARCH
from unhijack.lab import server as served
from unhijack.lab.server import Malformed, TownServer, parse_head
from unhijack.lab.town import Gate, Kind, plan_town

TOWN = plan_town(7, 20, 5)
PLAIN = next(site.host for site in TOWN.sites if site.kind is Kind.PLAIN and not site.gate)
SLOW = next(site.host for site in TOWN.sites if site.kind is Kind.SLOW)
VICTIM = next(site.host for site in TOWN.sites if site.gate is Gate.SEARCH_LOCATION)


def with_town(
    story: Callable[[TownServer], Awaitable[None]], repaired: set[str] | None = None
) -> None:
    async def run() -> None:
        async with TownServer(TOWN, lambda: repaired or set(), slow=0.25) as server:
            await asyncio.wait_for(story(server), 20)

    asyncio.run(run())


async def say(server: TownServer, data: bytes) -> bytes:
    """Send bytes, and read until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(data)
    try:
        return await reader.read()
    finally:
        writer.close()


def get(host: str, target: str = "/", *fields: str, method: str = "GET") -> bytes:
    head = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", *fields]
    return "\r\n".join([*head, "", ""]).encode()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_a_page_comes_whole_and_head_brings_no_body():
    async def story(server: TownServer) -> None:
        answer = await say(server, get(f"{PLAIN}:{server.port}"))
        head, _, body = answer.partition(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
        assert body.endswith(b"</html>\n")
        assert await say(server, get(PLAIN, method="HEAD")) == answer[: len(head) + 4]

    with_town(story)


def test_redirects_carry_the_port_that_the_visitor_came_to():
    async def story(server: TownServer) -> None:
        visitor = (f"User-Agent: {PHONE}", f"Referer: {SEARCH}")
        answer = await say(server, get(f"{VICTIM}:{server.port}", "/", *visitor))
        location = f"Location: http://{TOWN.chains[0].entry}:{server.port}/in?id="
        assert status(answer) == 302
        assert location.encode() in answer

    with_town(story)


def test_a_repair_shows_at_once():
    repaired = {"another.test"}

    async def story(server: TownServer) -> None:
        asked = get(VICTIM, "/", f"Referer: {SEARCH}")
        assert status(await say(server, asked)) == 302
        repaired.add(VICTIM)
        assert status(await say(server, asked)) == 200

    with_town(story, repaired)


def test_one_connection_serves_many_requests_even_sent_at_once():
    async def story(server: TownServer) -> None:
        kept = f"GET / HTTP/1.1\r\nHost: {PLAIN}\r\n\r\n".encode()
        answer = await say(server, kept * 20 + get(SLOW) + kept)
        assert answer.count(b"HTTP/1.1 200 OK") == 21
        assert server.ledger.requests == 21

    with_town(story)


def test_the_ledger_tells_distributors_and_media_from_the_rest():
    async def story(server: TownServer) -> None:
        entry = TOWN.chains[0].entry
        await say(server, get(PLAIN, "/", "User-Agent: someone"))
        await say(server, get(PLAIN, "/images/team-1.jpg"))
        await say(server, get(entry, "/in?id=1", f"Referer: http://{VICTIM}/"))
        ledger = server.ledger
        assert (ledger.requests, ledger.media_requests, ledger.offsite_requests) == (3, 1, 1)
        assert ledger.last[0].agent == "someone"
        assert [(seen.host, seen.target) for seen in ledger.media] == [
            (PLAIN, "/images/team-1.jpg")
        ]
        assert [(seen.host, seen.referrer) for seen in ledger.offsite] == [
            (entry, f"http://{VICTIM}/")
        ]

    with_town(story)


def test_an_unknown_site_is_misdirected_and_noted():
    async def story(server: TownServer) -> None:
        assert status(await say(server, get("nobody.test"))) == 421
        assert server.ledger.last[0].role is None

    with_town(story)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\r\n\r\n", 400),
        (b"GET\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: a.test\r\n\r\n", 400),
        (b"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", 400),
        (b"GET /a b HTTP/1.1\r\nHost: a.test\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: a.test\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a.test/evil\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a.test\r\nbad name: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a.test\r\nX: a\r\n folded\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a.test\r\nX: a\x00b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a.test\r\nX: a\nY: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello", 400),
        (b"GET / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a.test\r\n\r\n", 405),
        (b"\x16\x03\x01\x02\x00" + b"\x01" * 400 + b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a.test\r\nX: " + b"a" * 20_000, 431),
        (b"GET / HTTP/1.1\r\nHost: a.test\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 431),
    ],
)
def test_malformed_requests_are_refused_and_the_server_lives(data: bytes, expected: int):
    async def story(server: TownServer) -> None:
        answer = await say(server, data)
        assert status(answer) == expected
        assert b"Connection: close" in answer
        assert server.refused == 1
        assert status(await say(server, get(PLAIN))) == 200

    with_town(story)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode()))
def test_any_bytes_are_a_request_or_malformed(data: bytes):
    for head in (data, b"GET / HTTP/1.1\r\nHost: a.test\r\n" + data):
        with suppress(Malformed):
            assert parse_head(head, 0).request.host


def test_http_1_0_and_a_half_closed_client_are_answered():
    async def story(server: TownServer) -> None:
        old = f"GET / HTTP/1.0\r\nHost: {PLAIN}\r\n\r\n".encode()
        assert status(await say(server, old)) == 200
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(get(SLOW))
        writer.write_eof()
        assert status(await reader.read()) == 200
        writer.close()

    with_town(story)


def test_a_client_that_says_nothing_or_half_a_request_is_let_go(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(served, "IDLE_SECONDS", 0.05)

    async def story(server: TownServer) -> None:
        assert await say(server, b"") == b""
        assert status(await say(server, b"GET / HTTP/1.1\r\nHo")) == 408

    with_town(story)


def test_a_client_that_does_not_read_is_not_served_without_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(served, "IDLE_SECONDS", 0.3)

    async def story(server: TownServer) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"GET / HTTP/1.1\r\nHost: {PLAIN}\r\n\r\n".encode() * 5_000)
        await asyncio.sleep(0.8)
        assert server.ledger.requests < 5_000
        assert not server.connections
        writer.close()

    with_town(story)


def test_connections_over_the_limit_are_dropped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(served, "MOST_CONNECTIONS", 2)

    async def story(server: TownServer) -> None:
        kept = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(2)]
        await asyncio.sleep(0.05)
        with suppress(ConnectionError):
            assert await say(server, get(PLAIN)) == b""
        assert server.refused == 1
        assert server.ledger.requests == 0
        for _, writer in kept:
            writer.close()
        await asyncio.sleep(0.05)
        assert status(await say(server, get(PLAIN))) == 200

    with_town(story)


def test_a_slow_site_takes_its_time_and_holds_nobody_up():
    async def story(server: TownServer) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        slow = asyncio.gather(say(server, get(SLOW)), say(server, get(SLOW)))
        assert status(await say(server, get(PLAIN))) == 200
        assert loop.time() - began < 0.09
        assert [status(answer) for answer in await slow] == [200, 200]
        assert loop.time() - began >= 0.1

    with_town(story)


def test_the_town_stays_on_loopback_and_can_have_its_old_port_again():
    async def story() -> None:
        with pytest.raises(ValueError, match="loopback"):
            async with TownServer(TOWN, frozenset, address="0.0.0.0"):
                pass
        async with TownServer(TOWN, frozenset) as first:
            await say(first, get(PLAIN))
        async with TownServer(TOWN, frozenset, port=first.port) as second:
            assert second.port == first.port
            assert second.url(PLAIN) == f"http://{PLAIN}:{first.port}/"
            assert status(await say(second, get(PLAIN))) == 200

    asyncio.run(story())

"""Names that are answered badly, or never, cost nobody else anything."""

import asyncio
import socket
import threading
import time

import pytest
import uvloop

from unhijack.adapters import resolver
from unhijack.adapters.resolver import SystemResolver
from unhijack.core.evidence import Failure, FailureKind

ANSWER = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 0))]


@pytest.fixture
def slow_names(monkeypatch):
    """Names that begin with slow are answered at the end of the test; the others at once."""
    over = threading.Event()

    def getaddrinfo(host, *_args, **_more):
        if host.startswith("slow"):
            over.wait(20)
            raise socket.gaierror
        return ANSWER

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(resolver, "LOOKUP_SECONDS", 1.0)
    yield
    over.set()


def test_names_that_are_not_answered_do_not_hold_up_the_others(slow_names):
    async def story() -> None:
        names = SystemResolver()
        slow = [asyncio.ensure_future(names.resolve(f"slow{n}.test")) for n in range(63)]  # noqa: TID251 - awaited below
        await asyncio.sleep(0.1)
        started = time.monotonic()
        found = await names.resolve("bakery.test")
        assert not isinstance(found, Failure)
        assert [str(ip) for ip in found] == ["93.184.215.14"]
        assert time.monotonic() - started < 0.5
        for failure in await asyncio.gather(*slow):
            assert isinstance(failure, Failure)
            assert (failure.kind, failure.text) == (
                FailureKind.LOOKUP,
                "its name was not answered in 1 s",
            )

    uvloop.run(story())


@pytest.mark.parametrize("name", ["a" * 64 + ".test", "a..test", ".a", "a" * 300, "\0"])
def test_a_name_that_is_none_has_no_address(name: str):
    failure = asyncio.run(SystemResolver().resolve(name))
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.NAME

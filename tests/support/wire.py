"""A web of a few addresses in memory, behind the doors for HTTP, names and time."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, TypeVar

from unhijack.collect.probe import Probe
from unhijack.core.egress import Guard, IpAddress
from unhijack.core.evidence import Failure, FailureKind
from unhijack.ports import Limits, Request, Response

T = TypeVar("T")
WHEN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PUBLIC = ip_address("192.0.43.8")

Page = Callable[[Request], Response | Failure]


def page(body: bytes = b"<p>hello</p>", *headers: tuple[str, bytes], status: int = 200) -> Page:
    """An address that always answers alike."""
    answer = Response(status, (("content-type", b"text/html"), *headers), body)

    def show(request: Request) -> Response:
        if request.read_page and status not in (301, 302, 303, 307, 308):
            return answer
        return Response(answer.status, answer.headers, None)

    return show


def moved(location: str | bytes, status: int = 302, *headers: tuple[str, bytes]) -> Page:
    """An address that redirects."""
    target = location.encode() if isinstance(location, str) else location
    return page(b"", ("location", target), *headers, status=status)


def header(request: Request, name: str) -> str | None:
    """A request header, by its name in lower case."""
    return next((value for key, value in request.headers if key.lower() == name), None)


@dataclass(slots=True)
class Web:
    """Transport and Resolver at once; what was asked is on record."""

    pages: Mapping[str, Page]
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)

    async def fetch(self, request: Request, limits: Limits) -> Response | Failure:
        self.asked.append(request)
        found = self.pages.get(request.address.href)
        if found is None:
            return Response(404, (("content-type", b"text/html"),), b"<p>no such page</p>")
        return found(request)

    async def close(self) -> None:
        pass

    async def resolve(self, host: str) -> Sequence[IpAddress] | Failure:
        self.resolved.append(host)
        if host == "nowhere.test":
            return Failure(FailureKind.NAME, "its name has no address")
        return tuple(map(ip_address, self.names.get(host, [str(PUBLIC)])))

    @property
    def urls(self) -> list[str]:
        """The addresses that were asked for, in order."""
        return [request.address.href for request in self.asked]


@dataclass(slots=True)
class FixedClock:
    """It is always the same time, unless a test moves it."""

    at: datetime = WHEN

    def now(self) -> datetime:
        return self.at


def probe_of(web: Web, guard: Guard | None = None, limits: Limits | None = None) -> Probe:
    """The instrument in that web."""
    return Probe(web, web, FixedClock(), guard or Guard(), limits or Limits())


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Await it, in a loop of its own."""
    return asyncio.run(coroutine)

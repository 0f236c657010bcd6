"""Every door to the outside, one small Protocol each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from unhijack.core.egress import IpAddress
from unhijack.core.evidence import Failure
from unhijack.core.site import Address

Headers = tuple[tuple[str, bytes], ...]
"""Names in lower case, values as received; a name may come more than once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one visit may cost."""

    request_seconds: float = 15.0
    visit_seconds: float = 45.0
    body_bytes: int = 2 * 1024 * 1024
    """After decompression; what comes after is not read."""
    hops: int = 12
    site_visits: int = 120
    """Visits to one registrable domain in one run."""


@dataclass(frozen=True, slots=True)
class Request:
    """One GET, to an address that the guard has passed."""

    address: Address
    ip: IpAddress
    headers: tuple[tuple[str, str], ...]
    """In the order and case in which they are sent, without Host."""
    family: str
    """Whose TLS and HTTP/2 manners to have: ``chrome-windows``, ``chrome-android``."""
    read_page: bool
    """Read the body if it is a page; False reads headers alone."""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. Redirects are not followed."""

    status: int
    headers: Headers
    body: bytes | None
    """Decompressed; None if it was not asked for or is no page."""
    truncated: bool = False


class Transport(Protocol):
    """HTTP, one request at a time, to exactly the address that it is given."""

    async def fetch(self, request: Request, limits: Limits) -> Response | Failure:
        """Send one GET and read what `request.read_page` allows."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


class Resolver(Protocol):
    """Names to addresses. Asked once for each hop."""

    async def resolve(self, host: str) -> Sequence[IpAddress] | Failure:
        """At least one address, in the order of preference, or why there is none."""
        ...


class Clock(Protocol):
    """The time. The lab's town has its own."""

    def now(self) -> datetime:
        """The time, with its zone (UTC)."""
        ...

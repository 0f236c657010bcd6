"""The town in memory, behind the doors for HTTP and names: no socket is opened."""

from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from unhijack.core.egress import IpAddress
from unhijack.core.evidence import Failure, FailureKind
from unhijack.lab.ledger import Ledger
from unhijack.lab.plots import Street
from unhijack.lab.plots import respond as respond_on_street
from unhijack.lab.sites import respond
from unhijack.lab.town import Town
from unhijack.lab.wire import TownRequest, TownResponse
from unhijack.ports import Limits, Request, Response, first_header

LOOPBACK = IPv4Address("127.0.0.1")


@dataclass(slots=True)
class TownTransport:
    """`unhijack.ports.Transport`, answered by the town at once: slow sites do not wait here."""

    town: Town
    repaired: Callable[[], Set[str]] = frozenset
    ledger: Ledger = field(default_factory=Ledger)

    async def fetch(self, request: Request, limits: Limits) -> Response | Failure:
        """Answer one GET as the town's server would."""
        asked = _asked(request, self.ledger.requests)
        self.ledger.note(self.town, asked)
        answer = respond(self.town, self.repaired(), asked)
        return _received(answer, request, limits)

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True)
class TownResolver:
    """`unhijack.ports.Resolver`: every name of the town is on loopback, and there are no others."""

    town: Town

    async def resolve(self, host: str) -> Sequence[IpAddress] | Failure:
        """The loopback address, or that there is no such name."""
        if host in self.town.places:
            return (LOOPBACK,)
        return Failure(FailureKind.NAME, "the name has no address in this town")


@dataclass(slots=True)
class StreetTransport:
    """`unhijack.ports.Transport` and `Resolver`, answered by a street.

    Each host counts its own requests, so that an answer does not depend on who else was asked.
    """

    street: Street
    hour: int = 12
    requests: Counter[str] = field(default_factory=Counter)

    async def fetch(self, request: Request, limits: Limits) -> Response | Failure:
        """Answer one GET."""
        asked = replace(_asked(request, self.requests[request.address.host]), hour=self.hour)
        self.requests[asked.host] += 1
        return _received(respond_on_street(self.street, asked), request, limits)

    async def close(self) -> None:
        """Nothing is open."""

    async def resolve(self, host: str) -> Sequence[IpAddress] | Failure:
        """Everything under the reserved endings is on loopback."""
        if host.endswith((".test", ".example")):
            return (LOOPBACK,)
        return Failure(FailureKind.NAME, "the name has no address on this street")


def _asked(request: Request, serial: int) -> TownRequest:
    """A request as a server reads it."""
    address = request.address
    return TownRequest(
        host=address.host,
        target=address.target,
        headers={name.lower(): value for name, value in request.headers},
        port=None if address.authority == address.host else address.port,
        serial=serial,
    )


def _received(answer: TownResponse, request: Request, limits: Limits) -> Response:
    """An answer as it comes out of a transport."""
    headers = tuple((name.lower(), value.encode("latin-1")) for name, value in answer.headers)
    kind = first_header(headers, "content-type") or b""
    if not ((request.read_page and b"html" in kind) or (request.read_script and b"script" in kind)):
        return Response(answer.status, headers, None)
    body = answer.body[: limits.body_bytes]
    return Response(answer.status, headers, body, truncated=len(body) < len(answer.body))

"""One GET to a judged address, for whatever is no visit: registries, security.txt, imprints.

The name is resolved once, the guard judges its addresses, and the transport gets one of them. This
is the same at every hop of a redirect.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from unhijack import __version__
from unhijack.core.egress import Egress, Guard, IpAddress
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.site import Address, literal_ip
from unhijack.ports import Limits, Request, Resolver, Response, Transport

MOST_TRIED = 2
"""Addresses of one name that are tried when a connection fails."""

PLAIN = (
    ("User-Agent", f"unhijack/{__version__}"),
    ("Accept-Encoding", "gzip, deflate"),
)
"""Who we are, to machines that serve programs."""


async def permitted(
    resolver: Resolver, guard: Guard, address: Address
) -> Sequence[IpAddress] | Failure:
    """The addresses of a name that may be reached; at least one."""
    literal = literal_ip(address.host)
    found = (literal,) if literal else await resolver.resolve(address.host)
    if isinstance(found, Failure):
        return found
    refusals = [(ip, guard.refusal(ip, address.port)) for ip in found]
    allowed = [ip for ip, refusal in refusals if refusal is None]
    if allowed:
        return allowed
    why = next((text for _, text in refusals if text), "its name has no address")
    return Failure(FailureKind.GUARD, f"not visited: {why}")


@dataclass(frozen=True, slots=True)
class Errand:
    """What is asked for, and how."""

    headers: tuple[tuple[str, str], ...] = PLAIN
    family: str = "chrome-linux"
    page: bool = False
    """HTML; otherwise text, JSON or the like."""
    secure: bool = False
    """https only, except in a lab's ranges."""
    egress: Egress | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """The doors that a GET goes through."""

    transport: Transport
    resolver: Resolver
    guard: Guard
    limits: Limits

    async def get(
        self,
        address: Address,
        errand: Errand,
        may_ask: Callable[[IpAddress], bool] = lambda _: True,
    ) -> Response | Failure:
        """One answer, redirects not followed. `may_ask` is told of each address before it is asked."""
        candidates = await permitted(self.resolver, self.guard, address)
        if isinstance(candidates, Failure):
            return candidates
        answer: Response | Failure = Failure(FailureKind.NAME, "its name has no address")
        for ip in candidates[:MOST_TRIED]:
            lab = self.guard.lifted(ip)
            if errand.secure and address.scheme != "https" and not lab:
                return Failure(FailureKind.GUARD, "not asked: it is not https")
            if not may_ask(ip) and not lab:
                return Failure(FailureKind.BUDGET, f"{ip} has had its requests of this run")
            answer = await self.transport.fetch(_request(address, ip, errand), self.limits)
            if not isinstance(answer, Failure) or answer.kind is not FailureKind.CONNECT:
                break
        return answer


def _request(address: Address, ip: IpAddress, errand: Errand) -> Request:
    return Request(
        address,
        ip,
        errand.headers,
        errand.family,
        read_page=errand.page,
        read_script=not errand.page,
        any_text=not errand.page,
        egress=errand.egress,
    )

"""Reports of strangers, many at once: from a list, a mail, or a form on the web."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from unhijack.casework.intake import report
from unhijack.core.egress import WEB_PORTS, Guard
from unhijack.core.notice import is_mailbox
from unhijack.core.report import Pathway, StepKind
from unhijack.core.site import Address, literal_ip, parse_address
from unhijack.core.text import defang, printable
from unhijack.parse.reports.claim import Claim, Said
from unhijack.ports import Doors

ANONYMOUS = "anonymous"
"""Behind a plus in the name of the reports' mailbox: nothing of the sender is kept."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where reports come from."""

    channel: str
    """``citizen``, ``mail``, ``web``, or a feed's name; at most 40 characters."""
    party: str = ""
    """Whose share they use: see `core.fairness`. Empty for the house's own word."""
    keep_reporters: bool = True
    """Keep mailboxes of reporters, to tell them; False keeps none."""
    guard: Guard = field(default_factory=Guard)
    """Which addresses a report may name: what would never be visited is not taken."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one claim: a receipt, or why there is none."""

    place: int
    """Line of the table, or number in the list, from 1."""
    url: str = ""
    receipt: str = ""
    error: str = ""
    """For people: one harmless line."""


def intake(doors: Doors, said: Iterable[Said], source: Source) -> Iterator[Receipt]:
    """Take claims one by one; each that has its receipt is on the disk.

    The same claim again from the same source has the receipt that it had. Nothing is visited here,
    and nothing is opened: whose turn it is the worker decides.
    """
    channel = printable(source.channel, 40).rstrip("…")[:40]
    for one in said:
        if not isinstance(one, Claim):
            yield Receipt(one.place, error=one.reason)
            continue
        never = never_visited(one.address, one.pathway, source.guard)
        if never:
            yield Receipt(one.place, error=never)
            continue
        receipt = report(
            doors,
            one.address,
            one.pathway,
            channel,
            key=f"{channel}:{one.key}",
            party=source.party[:64],
            reporter=_reporter(doors, one) if source.keep_reporters else None,
        )
        yield Receipt(one.place, one.address.href, receipt)


def never_visited(address: Address, pathway: Pathway, guard: Guard) -> str:
    """Why an address, or the way there, would be kept out whenever it is visited; empty where not.

    What a name leads to is judged when it is visited.
    """
    steps = [step.value for step in pathway if step.kind is not StepKind.SEARCH]
    for one in (address, *(parse_address(url) for url in steps)):
        found = literal_ip(one.host)
        if found is not None:
            why = guard.refusal(found, one.port)
        else:
            inside = guard.allowed or one.port in WEB_PORTS
            why = None if inside else f"port {one.port} is not a web port"
        if why:
            return f"{defang(one.authority, 200)} is never visited: {why}"
    return ""


def _reporter(doors: Doors, claim: Claim) -> str | None:
    """Whoever is told; what is no plain mailbox stays anonymous."""
    if claim.reporter is None or not is_mailbox(claim.reporter):
        return None
    return doors.cases.person(claim.reporter)

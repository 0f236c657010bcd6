"""Reports of strangers, many at once: from a list, a mail, or a form on the web."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from unhijack.casework.intake import report
from unhijack.core.notice import is_mailbox
from unhijack.core.text import printable
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


def _reporter(doors: Doors, claim: Claim) -> str | None:
    """Whoever is told; what is no plain mailbox stays anonymous."""
    if claim.reporter is None or not is_mailbox(claim.reporter):
        return None
    return doors.cases.person(claim.reporter)

"""Reports that come by mail: to a mailbox of their own, by name or without."""

from collections.abc import Sequence
from dataclasses import dataclass

from unhijack.casework.intake_many import ANONYMOUS, Receipt, Source, intake
from unhijack.core.egress import Guard
from unhijack.core.notice import is_mailbox
from unhijack.parse.mail.automatic import is_machines_reply
from unhijack.parse.mail.incoming import Incoming, Kind
from unhijack.parse.reports.forms import mail_claims
from unhijack.ports import Doors

CHANNEL = "mail"
_MAY_REPORT = frozenset({Kind.ANSWER, Kind.AWAY, Kind.TICKET})
"""Machines report too, and say that they are machines. What a machine answers is no report."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a mail reported."""

    receipts: Sequence[Receipt]
    reporter: str | None
    """The person who is told; None stays anonymous, and nothing of the mail is kept."""

    @property
    def taken(self) -> int:
        """How many reports have a receipt."""
        return sum(bool(one.receipt) for one in self.receipts)

    @property
    def summary(self) -> str:
        """For people: one line."""
        refused = [one.error for one in self.receipts if one.error]
        taken = f"{self.taken} report{'s' * (self.taken != 1)}"
        return f"{taken}; refused: {refused[0]}" if refused else taken


def brings_reports(read: Incoming, mailbox: str | None) -> bool:
    """Whether a message that answers nothing was sent to the mailbox for reports."""
    if mailbox is None or read.kind not in _MAY_REPORT or read.opened is None:
        return False
    if is_machines_reply(read.opened):
        return False
    return any(_bare(one) == mailbox.lower() for one in read.recipients)


def take_reports(doors: Doors, read: Incoming, guard: Guard) -> Brought:
    """Take what a message reports. The same message again brings the same receipts.

    Nobody is told but the mailbox that it came from: a report cannot send mail to somebody else.
    """
    assert read.opened is not None
    anonymous = _anonymous(read) or not is_mailbox(read.sender)
    sender = "" if anonymous else read.sender
    who = doors.secrets.keyed_hash(f"party {sender}")[:32] if sender else ANONYMOUS
    claims = mail_claims(read.opened, read.digest, who, sender)
    source = Source(CHANNEL, who, keep_reporters=not anonymous, guard=guard)
    receipts = tuple(intake(doors, claims, source))
    person = doors.cases.person(sender) if sender and any(r.receipt for r in receipts) else None
    return Brought(receipts, person)


def _anonymous(read: Incoming) -> bool:
    return any(
        one.rpartition("@")[0].partition("+")[2].lower() == ANONYMOUS for one in read.recipients
    )


def _bare(mailbox: str) -> str:
    local, _, domain = mailbox.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"

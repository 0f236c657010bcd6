"""Bringing mail in: from a mailbox, and from a mail server that hands it over."""

from collections import Counter
from dataclasses import dataclass, field

from unhijack.casework.answers import Desk, Outcome, Taken, refuse_unread, take
from unhijack.ports import Doors, Handed, Inbox, Unreached


@dataclass(frozen=True, slots=True)
class Collected:
    """What one visit to a mailbox brought."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    again: int = 0
    """Messages that had been taken before, and were only put away now."""
    failure: str = ""
    """Why it ended early, in harmless words; what is left is brought by the next visit."""


_PUT_ASIDE = frozenset({Outcome.REFUSED, Outcome.UNMATCHED})


def collect(doors: Doors, desk: Desk, inbox: Inbox, most: int) -> Collected:
    """Take what lies in a mailbox, the oldest first, at most `most` messages.

    Each is put away once it is safe here. What cannot be taken now stays where it is.
    """
    outcomes: Counter[Outcome] = Counter()
    again = 0
    for _ in range(most):
        arrived = inbox.next()
        if arrived is None:
            break
        if isinstance(arrived, Unreached):
            return Collected(outcomes, again, arrived.reason)
        taken = take(doors, desk, arrived.content, size=arrived.size)
        outcomes[taken.outcome] += 1
        again += taken.again
        if taken.outcome is Outcome.LATER:
            continue
        failed = inbox.done(arrived, refused=taken.outcome in _PUT_ASIDE)
        if failed is not None:
            return Collected(outcomes, again, failed.reason)
    return Collected(outcomes, again)


class Host:
    """The MailHost port: takes what is for our own mailboxes."""

    def __init__(self, doors: Doors, desk: Desk) -> None:
        self._doors = doors
        self._desk = desk
        self._mailboxes = {one.lower() for one in (desk.house, desk.reports) if one}

    def wants(self, recipient: str) -> bool:
        """See the port. What stands behind a plus in the name is looked at later."""
        local, _, domain = recipient.lower().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" in self._mailboxes

    def keeps(self, handed: Handed) -> bool:
        """See the port."""
        return self.taken(handed).outcome is not Outcome.LATER

    def taken(self, handed: Handed) -> Taken:
        """What became of it."""
        if not handed.content and handed.size:
            reason = "it is too big to be held"
            return refuse_unread(self._doors, handed.sender, handed.recipients, reason, handed.size)
        return take(self._doors, self._desk, handed.content, handed.recipients, handed.size)

"""How long what is kept of a case that is over is kept. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Clock(StrEnum):
    """What runs out by itself once a case is over, each in its own time."""

    REPORTERS = "reporters"
    """Mailboxes of those who reported."""
    CONTACTS = "contacts"
    """Mailboxes of those who were told, the messages to them and what they wrote."""
    EVIDENCE = "evidence"
    """Sealed evidence; its digests stay in the journal."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Counted from when a case was over; a case under a legal hold loses nothing."""

    reporters: timedelta = timedelta(days=30)
    contacts: timedelta = timedelta(days=365)
    evidence: timedelta = timedelta(days=730)

    def of(self, clock: Clock) -> timedelta:
        """How long that is."""
        return {
            Clock.REPORTERS: self.reporters,
            Clock.CONTACTS: self.contacts,
            Clock.EVIDENCE: self.evidence,
        }[clock]

"""What an owner is told."""

from dataclasses import dataclass

from unhijack.core.contact import Contact, is_mailbox

__all__ = ["Contact", "Letter", "Notice", "is_mailbox"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message as it will leave, frozen: it is never made anew once it was decided on."""

    key: str
    """Unique for the effect: a notice with a key that is known is not queued again."""
    message_id: str
    """Stable, so that a doubled mail can be recognised anywhere."""
    person: str
    """Whose address it goes to; the address stands apart, encrypted."""
    content: bytes
    """The message (RFC 5322), encrypted under the person's key."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice on its way: who it is for, and its bytes."""

    recipient: str
    message: bytes

"""What an owner is told."""

from dataclasses import dataclass


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
class Contact:
    """Somebody who can mend a site, and how to reach them."""

    role: str
    """``owner`` or ``hoster``."""
    mail: str
    source: str
    """Who says so."""
    confidence: float


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice on its way: who it is for, and its bytes."""

    recipient: str
    message: bytes


def is_mailbox(text: str) -> bool:
    """Whether it is one plain mailbox: no display name, no second address, no control character."""
    local, at, domain = text.rpartition("@")
    plain = all(c.isprintable() and not c.isspace() and c not in '<>,;:"()[]\\' for c in text)
    return bool(at and local and "." in domain and plain) and len(text) <= 254

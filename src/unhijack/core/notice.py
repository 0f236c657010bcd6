"""What an owner is told."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from unhijack.core.contact import Contact, is_mailbox
from unhijack.core.data import Data

__all__ = [
    "LETTER",
    "MAIL",
    "NOT_LEFT",
    "SAYS_SO",
    "SUPERSEDED",
    "WITHDRAWN",
    "About",
    "Contact",
    "Letter",
    "Message",
    "Notice",
    "Spacing",
    "Stage",
    "is_mailbox",
]

MAIL, LETTER = "mail", "letter"
"""How somebody is told: by a message that leaves from here, or on a way that a person takes."""
WITHDRAWN = "withdrawn: it is not so any more, and the message had not left"
"""What a journal says of a notice that did not leave because its case had moved on."""
SUPERSEDED = "withdrawn: a newer message about the site leaves in its place"
"""The same, where a later notice to the same person overtook it."""
NOT_LEFT = frozenset({WITHDRAWN, SUPERSEDED})
"""What speaks against nobody's mailbox."""


class About(StrEnum):
    """What a message says."""

    HIJACKED = "hijacked"
    PRESERVE = "preserve"
    """To a hoster: keep logs and a copy, and tell nobody yet."""
    RETRACTION = "retraction"
    """We were wrong."""
    WHO_HOSTS = "who-hosts"
    """To the service that the site stands behind: who hosts it?"""
    CLEAN = "clean"
    """We have seen that it is clean."""
    REPORT = "report"
    """To somebody who reported it: what became of that."""


SAYS_SO = frozenset({About.HIJACKED, About.PRESERVE, About.WHO_HOSTS})
"""What says of a site that it sends visitors away, and is taken back where that was wrong."""


class Stage(StrEnum):
    """How far a message came, as far as is known."""

    QUEUED = "queued"
    SENT = "sent"
    """A mail server took it."""
    RECEIVED = "received"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Message:
    """One message about a case, as its journal tells."""

    key: str
    person: str
    role: str
    about: About
    at: datetime
    """When it was decided on."""
    round: int
    """Of the case in which it was."""
    stage: Stage = Stage.QUEUED
    uncertain: bool = False
    """Whether nobody knows if it left."""
    left_at: datetime | None = None
    """When a mail server took it."""

    @property
    def may_be_read(self) -> bool:
        """Whether it left, or may have."""
        return self.stage in (Stage.SENT, Stage.RECEIVED) or self.uncertain

    @property
    def waits(self) -> bool:
        """Whether it is still to leave."""
        return self.stage is Stage.QUEUED and not self.uncertain


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
    return_path: str = ""
    """Where what cannot be delivered comes back to; the sender's mailbox where it is empty."""
    role: str = "owner"
    language: str = ""
    channel: str = MAIL

    def data(self) -> Data:
        """It in a journal."""
        return {
            "notice": self.key,
            "message_id": self.message_id,
            "person": self.person,
            "role": self.role,
            "language": self.language,
            "channel": self.channel,
            "sealed_sha256": hashlib.sha256(self.content).hexdigest(),
        }


@dataclass(frozen=True, slots=True)
class Spacing:
    """How messages, and visits, are kept apart."""

    recipient: timedelta = timedelta(days=1)
    """Between two to the same person; what comes up meanwhile leaves together."""
    gather: timedelta = timedelta()
    """How long a message waits for others to the same person."""
    provider: timedelta = timedelta()
    """Between two to mailboxes of the same domain."""
    address: timedelta = timedelta()
    """Between steps of two cases whose sites lie at the same address."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice on its way: who it is for, and its bytes."""

    recipient: str
    message: bytes
    return_path: str = ""

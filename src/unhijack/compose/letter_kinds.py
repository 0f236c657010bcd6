"""What letters are about and whom they are for: the values that one is written from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from unhijack.compose.redact import Cleared
from unhijack.compose.tongue import ENGLISH, Tongue


class Role(StrEnum):
    """Who somebody is to a site."""

    OWNER = "owner"
    HOSTER = "hoster"
    PROXY = "proxy"
    """The service that the site is delivered through: it knows who hosts it."""
    REGISTRAR = "registrar"
    CERT = "cert"
    AUTHORITY = "authority"


class Why(StrEnum):
    """Why a letter is written."""

    FIRST = "first"
    REFUTED = "refuted"
    """They said that it was mended, and it was not."""
    AGAIN = "again"
    """It was mended for a while, and is hijacked again."""
    REMINDER = "reminder"
    """Nobody answered; this one comes by another channel."""
    PRESERVE = "preserve"
    """The case is held: a hoster is asked to keep what may be evidence, and to tell nobody yet."""
    WHO_HOSTS = "who-hosts"
    """To the service that a site stands behind: it alone knows the hoster."""
    CLEAN = "clean"
    """It was verified clean."""
    RETRACTION = "retraction"
    """The verdict was overturned."""


class Detail(StrEnum):
    """How much a letter says: the arms of a comparison by lot."""

    FULL = "full"
    MINIMAL = "minimal"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes."""

    organisation: str
    sender: str
    """The mailbox that notices come from."""
    postal: tuple[str, ...] = ()
    """Lines of the postal address."""
    phone: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    """The organisation's name by language tag, where it has another there."""

    def name(self, tag: str) -> str:
        """What the organisation is called in a language."""
        return self.names.get(tag, self.organisation)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a letter is written, and what it is called."""

    reference: str
    number: int
    """1 for the first notice of a case."""
    message_id: str
    written_at: datetime
    why: Why = Why.FIRST
    answer_to: str = ""
    """The mailbox that answers to this very letter reach; empty for the sender's."""
    earlier: datetime | None = None
    """When the letter left that this one reminds of, or takes back."""
    until: datetime | None = None
    """How long what may be evidence is to be kept."""
    link: str = ""
    """The owner's page. It is shown to nobody whose contact the site alone vouches for."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One site, and why somebody is told of it."""

    cleared: Cleared
    occasion: Occasion
    replays: Sequence[str] = ()
    """Commands that show it safely, one for each own address of the chain."""

    @property
    def host(self) -> str:
        """The site's name."""
        return self.cleared.host


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a letter is for."""

    mail: str
    role: Role = Role.OWNER
    independent: bool = False
    """Somebody else than the site itself says that this is their contact."""
    postal: tuple[str, ...] = ()
    """Name and address, for a letter on paper."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a letter is written."""

    tongue: Tongue = ENGLISH
    english_below: bool = False
    """The language is a guess: the same follows in English."""
    detail: Detail = Detail.FULL
    as_html: bool = True
    """A message shows the same as HTML, beside the text."""

    @property
    def tongues(self) -> tuple[Tongue, ...]:
        """The languages of the letter, one below the other."""
        below = self.english_below and self.tongue.tag != ENGLISH.tag
        return (self.tongue, ENGLISH) if below else (self.tongue,)


USUAL = Manner()
"""In English, in full."""

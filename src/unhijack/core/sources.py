"""What sources say of a site's people, once it was parsed: still only their word."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SecurityTxt:
    """What the file says."""

    mailboxes: tuple[str, ...]
    """In the order of preference."""
    expires: datetime | None
    """None where it does not say, or says it twice: then nobody vouches for its age."""
    canonical: tuple[str, ...]
    """Addresses where the file says that it belongs; empty where it does not say."""
    languages: tuple[str, ...]
    signed: bool
    """It stands in a PGP signature, which nobody has verified."""

    def stale(self, now: datetime) -> bool:
        """Whether it has expired by its own word, or never says when."""
        return self.expires is None or self.expires < now

    def elsewhere(self, url: str) -> bool:
        """Whether it says that it belongs to another address than the one it came from."""
        return bool(self.canonical) and url not in self.canonical


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a page says of whom to ask."""

    mailboxes: tuple[str, ...]
    """Links first, then what is written out."""
    links: tuple[str, ...]
    """Pages of the same site that look like an imprint, then contact pages."""
    language: str
    """As the page says of itself; empty if it doesn't."""
    accounts: tuple[str, ...] = ()
    """With services that count visitors or show adverts (``UA-1234567``)."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox of an answer."""

    mail: str
    roles: tuple[str, ...]
    """Of its entity, in lower case: ``("abuse",)``."""
    within: tuple[str, ...] = ()
    """Roles of the entities around its own: ``("registrar",)``."""
    language: str = ""
    veiled: bool = False
    """A relay or a privacy service stands before the person."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The registrant of a domain, or of a network."""

    handle: str
    name: str
    country: str
    veiled: bool = False
    """A privacy service stands in the person's place."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What an answer says, of a domain or of a network alike."""

    handle: str
    name: str
    """Of a network (``EXAMPLE-NET``); of a domain, the domain."""
    country: str
    """Of the network, as the registry has it."""
    mailboxes: tuple[Mailbox, ...]
    holder: Holder | None
    remarked: tuple[str, ...]
    """Mailboxes for abuse that stand in remarks alone."""
    redacted: tuple[str, ...]
    """What the registry says that it keeps back, in its own words."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an address is announced from; what a database does not say is empty or None."""

    country: str = ""
    as_number: int | None = None
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """As it was shown; nothing here is verified."""

    sha256: str
    """Of the certificate (DER), in hex."""
    names: tuple[str, ...]
    """Host names, sorted, without the ``*.`` of wildcards."""

"""Who can mend a site, who says so, and what they can be believed.

An attacker has the site: what stands on it (imprint, security.txt) may be theirs, and mail that
ends on the same machine may be read by them. `Contact.independent` keeps that apart.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from unhijack.core.egress import IpAddress
from unhijack.core.site import NotAnAddress, literal_ip, parse_address, site_of

OWNER, HOSTER, PROXY, REGISTRAR, CERT, AUTHORITY = (
    *("owner", "hoster", "proxy", "registrar"),
    *("cert", "authority"),
)
ROLES = (OWNER, HOSTER, PROXY, REGISTRAR, CERT, AUTHORITY)
"""In the order of the ladder. A ``proxy`` (CDN) stands before the machine: it is asked who hosts
the site, and is not told to mend it."""

DIRECTORY, ANALYST = "directory", "analyst"
SECURITY_TXT, IMPRINT, SOA, CAA, DNS_SECURITY_TXT = (
    *("security.txt", "imprint", "soa", "caa"),
    "dns-security-txt",
)
RDAP_DOMAIN, RDAP_NETWORK, WHOIS_ABUSE = "rdap-domain", "rdap-network", "whois-abuse"
RFC2142, NATIONAL_TEAM = "rfc2142", "national-team"
VOUCHED = frozenset({DIRECTORY, ANALYST, NATIONAL_TEAM})
"""Sources that are a person's word: whoever wrote the entry answers for the mailbox."""
ON_THE_SITE = frozenset({SECURITY_TXT, IMPRINT})
"""Sources that whoever has the site can write."""

_NOT_DOMAINS = frozenset("png jpg jpeg gif svg webp avif ico css js php html htm pdf mp4".split())
_NOBODY_READS = ("noreply", "no-reply", "donotreply", "do-not-reply", "mailer-daemon")
_MOST_LOCAL = 64


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who can mend a site, and how to reach them."""

    role: str
    """One of `ROLES`."""
    mail: str
    source: str
    """Who says so: the best of those who do."""
    confidence: float
    """0 to 1: that this mailbox is read by somebody who can act in this role."""
    independent: bool = False
    """Somebody other than the site says so, and the hijacked machine does not receive the mail.
    Without it no link leaves the house."""
    language: str = ""
    """A tag (``de``); empty where nobody said."""
    found_at: datetime | None = None
    why: tuple[str, ...] = ()
    """What speaks for and against it, each a few harmless words without an address."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One source names one mailbox."""

    role: str
    mail: str
    source: str
    confidence: float
    """What the source alone makes of it."""
    language: str = ""
    note: str = ""
    """What it is there (``abuse contact of the network``)."""
    found_at: datetime | None = None
    holder: bool = False
    """It is the mailbox of whoever holds the site: sites that share it have one owner. Agencies and
    hosters, whose mailboxes stand in zones and technical contacts, look after many owners."""


class Reached(StrEnum):
    """What became of a mail to a mailbox."""

    BOUNCED = "bounced"
    FULL = "full"
    """Or another failure that may pass."""
    SILENT = "silent"
    """Delivered, and never answered."""
    ANSWERED = "answered"
    """By a person."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A mail that was sent to a mailbox before, in this case or another."""

    mail: str
    reached: Reached
    at: datetime


@dataclass(frozen=True, slots=True)
class Country:
    """Where a site belongs, by one reading. The three can differ, and all are kept."""

    kind: str
    """``hosting``, ``registrant`` or ``cctld``."""
    code: str
    """ISO 3166, two capital letters."""
    source: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Something that sites of one owner share: `text` is made to be hashed under the house's key."""

    kind: str
    """``contact``, ``registrant``, ``account``, ``certificate``, ``certificate-names``."""
    text: str
    """Canonical and with its kind: equal identities, equal text."""
    independent: bool
    """Enough by itself to call two sites one owner's: an attacker could not have put it there, to be
    told of somebody else's site, and no agency or hoster shares it among customers."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A service that stands before machines of its customers (CDN)."""

    name: str
    numbers: frozenset[int]
    """Of its autonomous systems."""
    networks: tuple[str, ...]
    """How the names of its networks begin, as registries have them."""

    def keeps(self, number: int | None, network: str) -> bool:
        """Whether an address is one of its own, by its origin or by its network's name.

        Never by what the site's answers say: whoever has the site would choose.
        """
        return number in self.numbers or network.upper().startswith(self.networks)


@dataclass(frozen=True, slots=True)
class Missing:
    """A source that said nothing, and why: harmless, for the journal."""

    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a mention is judged against."""

    host: str
    site: str
    """The registrable domain."""
    addresses: frozenset[IpAddress] = frozenset()
    """Of the hijacked machine."""
    mail_here: frozenset[str] = frozenset()
    """Domains whose mail the hijacked machine receives."""
    no_mail: frozenset[str] = frozenset()
    """Domains that receive none."""
    zone_here: bool = False
    """Every name server of the site is the hijacked machine: its zone may be the attacker's."""


def is_mailbox(text: str) -> bool:
    """Whether it is one plain mailbox: no display name, no second address, no control character."""
    local, at, domain = text.rpartition("@")
    plain = all(c.isprintable() and not c.isspace() and c not in '<>,;:"()[]\\' for c in text)
    return bool(at and local and "." in domain and plain) and len(text) <= 254


def plain_mailbox(text: str) -> str | None:
    """A mailbox out of somebody's text, its domain as DNS has it; None for what is none.

    ASCII alone before the at sign. Mailboxes that say of themselves that nobody reads them, and
    names of files that look like one (``logo@2x.png``), are none.
    """
    text = text.strip()
    if not is_mailbox(text):
        return None
    local, _, domain = text.rpartition("@")
    if not local.isascii() or "@" in local or len(local) > _MOST_LOCAL or ".." in local:
        return None
    if local.startswith(".") or local.endswith(".") or "%" in domain or "/" in domain:
        return None
    if local.lower().startswith(_NOBODY_READS):
        return None
    try:
        host = parse_address(f"http://{domain}/").host
    except NotAnAddress:
        return None
    ending = host.rpartition(".")[2]
    if literal_ip(host) is not None or "." not in host or ending in _NOT_DOMAINS:
        return None
    mail = f"{local}@{host}"
    return mail if len(mail) <= 254 and not ending.isdigit() else None


def mail_domain(mail: str) -> str:
    """What stands after the at sign, in lower case."""
    return mail.rpartition("@")[2].lower()


def same_mailbox(mail: str) -> str:
    """What two spellings of one mailbox share; servers that tell case apart are not in use."""
    return mail.casefold()


def of_one_site(mail: str, site: str) -> bool:
    """Whether a mailbox stands under the site's own registrable domain."""
    return site_of(mail_domain(mail)) == site


_IDN_COUNTRIES = {
    **{"xn--p1ai": "RU", "xn--j1amh": "UA", "xn--qxam": "GR", "xn--d1alf": "MK"},
    **{"xn--90ais": "BY", "xn--90a3ac": "RS", "xn--90ae": "BG", "xn--node": "GE"},
    **{"xn--y9a3aq": "AM", "xn--wgbh1c": "EG", "xn--mgbai9azgqp6j": "PK"},
}
_NO_COUNTRIES = frozenset({"EU", "SU", "AC"})


def country_of_suffix(host: str) -> str:
    """The country whose top level domain it is; empty for one of no country."""
    ending = host.rpartition(".")[2]
    code = "GB" if ending == "uk" else _IDN_COUNTRIES.get(ending, ending.upper())
    return code if country_code(code) and code not in _NO_COUNTRIES else ""


def country_code(text: object) -> str:
    """A two-letter code in capitals out of somebody's text; empty for what is none."""
    if not isinstance(text, str):
        return ""
    code = text.strip().upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def language_tag(text: object) -> str:
    """A language in lower case (``de``) out of a tag such as ``de-AT``; empty for what is none."""
    if not isinstance(text, str):
        return ""
    tag = text.strip().lower().replace("_", "-").partition("-")[0]
    return tag if 2 <= len(tag) <= 3 and tag.isascii() and tag.isalpha() else ""

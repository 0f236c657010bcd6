"""What an instrument saw: personas, hops, visits."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from unhijack.core.egress import IpAddress
from unhijack.core.site import parse_address, site_of


class Device(StrEnum):
    """What the visitor holds in their hand."""

    PHONE = "phone"
    DESKTOP = "desktop"
    BOT = "bot"
    """A search engine's crawler."""
    IPHONE = "iphone"
    APP = "app"
    """A phone, in the browser inside a social network's app."""


PHONES = frozenset({Device.PHONE, Device.IPHONE, Device.APP})
RARER = frozenset({Device.IPHONE, Device.APP})
"""Devices that a thorough check adds: they come in another way than phone and desktop."""


class Origin(StrEnum):
    """Where the visitor says they come from."""

    REPORTED = "reported"
    """As the reporter's pathway has it."""
    SEARCH = "search"
    DIRECT = "direct"
    SOCIAL = "social"
    """A link on a social network."""
    LINK = "link"
    """A link on some other site."""


class Aim(StrEnum):
    """Which page of the site is visited."""

    ADDRESS = "address"
    """The one that was asked about."""
    DEEP = "deep"
    """One that the first page links to."""
    UNKNOWN = "unknown"
    """One that does not exist."""
    TWIN = "twin"
    """The same page under ``www.``, or without."""


class Jar(StrEnum):
    """What the visitor remembers of the site."""

    FRESH = "fresh"
    RETURNING = "returning"


@dataclass(frozen=True, slots=True)
class Persona:
    """Who a visit pretends to be. Two visits that differ in one field show what that field does."""

    origin: Origin
    device: Device
    jar: Jar = Jar.FRESH
    language: str = ""
    """As a tag (``de``); empty for the one that visits have by default."""
    aim: Aim = Aim.ADDRESS

    @property
    def name(self) -> str:
        """As reasons, journals and JSON have it: ``search-phone``, ``search-phone-returning``."""
        return "-".join(
            (
                f"{self.origin}-{self.device}",
                *((str(self.jar),) if self.jar is not Jar.FRESH else ()),
                *((f"in-{self.language}",) if self.language else ()),
                *((f"at-{self.aim}",) if self.aim is not Aim.ADDRESS else ()),
            )
        )

    def returning(self) -> "Persona":
        """The same visitor, once more, with the cookies of the first visit."""
        return replace(self, jar=Jar.RETURNING)


class Via(StrEnum):
    """How a visitor was sent from one address to the next."""

    LOCATION = "location"
    """A 301, 302, 303, 307 or 308 with a Location header."""
    REFRESH = "refresh"
    """A Refresh header."""
    META = "meta"
    """A meta refresh in the page."""
    FRAME = "frame"
    """A frame over the page: the visitor stays, and sees another site."""
    SCRIPT = "script"
    """A script of the page changed the address, pressed a link, or put a refresh into the page."""
    FORM = "form"
    """A form was sent by the page itself."""
    POPUP = "popup"
    """A script opened another window."""
    WORKER = "worker"
    """A service worker answers in the site's place."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """The egress that a visit went by."""

    name: str
    country: str
    """Two letters; empty where the operator did not say."""
    fresh: bool
    """No visit to this site had gone by it, as far as is remembered."""


class FailureKind(StrEnum):
    """Why a request, or a visit, ended without a page."""

    NAME = "name"
    """The name has no address."""
    LOOKUP = "lookup"
    """Whether the name has an address is not known: no name server said."""
    GUARD = "guard"
    """The address must not be reached."""
    CONNECT = "connect"
    EGRESS = "egress"
    """The proxy did not carry the connection: that says nothing of the site."""
    TLS = "tls"
    TIME = "time"
    SIZE = "size"
    PROTOCOL = "protocol"
    """The answer is not HTTP, or breaks off."""
    LOOP = "loop"
    HOPS = "hops"
    TARGET = "target"
    """It was sent to something that is no web address."""
    SCRIPT = "script"
    """Its scripts could not be run to their end."""
    BUDGET = "budget"
    """The site has had as many visits as this run allows."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An expected failure, as a value."""

    kind: FailureKind
    text: str
    """For people: one line, harmless, without a destination's path."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The script that sent a visitor elsewhere."""

    host: str | None
    """Where it was loaded from; None for one that stands in the page."""
    sha256: str
    """Of its text."""
    when: str
    """``load``, ``timer``, ``click`` (the visitor touched the page), ``back`` (wanted to leave)."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One address of a chain, and what came of asking for it."""

    url: str
    host: str
    via: Via | None
    """How the visitor was sent here; None for the address that the visit began with."""
    offsite: bool
    """Outside the registrable domain of the address that was checked."""
    status: int | None = None
    address: IpAddress | None = None
    """The IP address that was connected to."""
    failure: Failure | None = None
    cause: Cause | None = None
    """The script that sent the visitor here, if one did."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script of a page, as far as the wire tier goes: it is compared and triaged, not run."""

    host: str | None
    """Where it is loaded from; None for an inline script."""
    would_decide: bool
    """It reads who the visitor is, and could send them off the site: to be run to be known."""


class Notice(StrEnum):
    """What a page says instead of what was asked for."""

    CHALLENGE = "challenge"
    """Prove that you are no robot."""
    MAINTENANCE = "maintenance"
    """Come back later."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page of the site itself was, without its content."""

    size: int
    """Bytes after decompression, as far as they were read."""
    scripts: tuple[Script, ...]
    truncated: bool
    """Longer than the limit: what came after was not read."""
    links: frozenset[str] = frozenset()
    """Other sites that it links to openly, as registrable domains."""
    inner: str | None = None
    """A page of the site itself that it links to, as written."""
    notice: Notice | None = None
    ran: bool = False
    """Its scripts were run."""
    cut: str | None = None
    """Why they were not run to their end: what they would have done is not known."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One persona at one address: the whole chain."""

    number: int
    """From 1, in the order in which the visits of an examination were made."""
    persona: Persona
    started_at: datetime
    hops: tuple[Hop, ...]
    page: Page | None = None
    """The last page of the site itself that was read."""
    failure: Failure | None = None
    """Why the visit ended short of its last page; a chain that left the site has succeeded."""
    way_out: WayOut | None = None
    """None for this machine's own address."""

    @property
    def left_for(self) -> Hop | None:
        """The first hop off the site, or None for a visitor who stayed."""
        for hop in self.hops:
            if hop.offsite:
                return hop
        return None

    @property
    def furthest(self) -> Hop:
        """The last hop known."""
        return self.hops[-1]

    @property
    def status(self) -> int | None:
        """The status of the last hop."""
        return self.hops[-1].status


def is_offsite(host: str, home: str) -> bool:
    """Whether `host` is outside the site `home` (a registrable domain)."""
    return site_of(host) != home


def trimmed(url: str) -> str:
    """An address without its query, which may carry a destination."""
    address, mark, _ = parse_address(url).href.partition("?")
    return address + ("?…" if mark else "")

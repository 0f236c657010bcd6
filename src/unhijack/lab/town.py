"""The plan of an inert town: its sites, their owners, and who was hijacked, and how.

Every name is reserved, every page is harmless text, and nothing leads off loopback. The plan
follows from its seed alone; what a visitor sees of it is told by `unhijack.lab.sites`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from unhijack.lab.lots import choose, shuffled
from unhijack.lab.names import Name, business_names, distributor_hosts

T = TypeVar("T")

SITES_PER_CHAIN = 10
"""Hijacked sites that share one chain of distributors; the next ones belong to another campaign."""


class Kind(StrEnum):
    """What an honest site does, to everybody alike or for reasons that have nothing to hide."""

    PLAIN = "plain"
    TO_HOME = "to-home"
    """``/`` leads to ``/home``."""
    TO_WWW = "to-www"
    """The bare name leads to ``www.``."""
    LANGUAGE = "language"
    """``/`` leads to ``/de/`` or ``/en/``, by Accept-Language."""
    MOVED = "moved"
    """Every address leads to the same one on another honest domain."""
    MOBILE = "mobile"
    """Phones are sent to the twin ``m.``."""
    VARIANT = "variant"
    """A first visit is dealt one of two versions of the page, and a cookie."""
    SCRIPTS = "scripts"
    """Inline scripts, and a visitor count on the site's own host."""
    CHANGING = "changing"
    """No two views are alike."""
    NOT_FOUND = "not-found"
    """The home page answers 404."""
    SLOW = "slow"


class Gate(StrEnum):
    """Whom the planted code sends away, and how. Search bots see a clean site at each of them."""

    SEARCH_LOCATION = "search-location"
    """302 for visitors who come from a search engine, on any device."""
    SEARCH_PHONE_META = "search-phone-meta"
    """Meta refresh for phones that come from a search engine."""
    FIRST_SEARCH_REFRESH = "first-search-refresh"
    """``Refresh`` header at the first visit from a search engine; a cookie remembers the visit."""
    PHONE_HOP = "phone-hop"
    """307 to a planted file on the site and from there off it, for phones, with any referrer."""
    REFERRED_LOCATION = "referred-location"
    """303 with a scheme-relative target for everybody who comes from another site, any other."""
    SCRIPT_SEARCH = "script-search"
    """A packed script in the page asks for the referrer: everybody gets the same page."""
    SCRIPT_PHONE_LATER = "script-phone-later"
    """A packed script in the page waits some seconds, on phones."""
    SCRIPT_FILE_CLICK = "script-file-click"
    """Code at the end of the site's own script file waits for a click of a search visitor."""


WIRE_GATES = (
    Gate.SEARCH_LOCATION,
    Gate.SEARCH_PHONE_META,
    Gate.FIRST_SEARCH_REFRESH,
    Gate.PHONE_HOP,
    Gate.REFERRED_LOCATION,
)
"""What the server does: seen without running a script."""
CAMPAIGNS = (WIRE_GATES, (Gate.SCRIPT_SEARCH, Gate.SCRIPT_PHONE_LATER), (Gate.SCRIPT_FILE_CLICK,))
"""How each campaign hides, in turn."""


class Behaviour(StrEnum):
    """What an owner does about a notice."""

    PROMPT = "prompt"
    """Repairs after some hours, and says so."""
    SLOW = "slow"
    """Repairs after one to three days, and says so."""
    FALSE_CLAIM = "false-claim"
    """Says clean without being so; repairs after the second notice."""
    RELAPSE = "relapse"
    """Repairs after some hours, and says so; but the way in stays open, and days later the code is
    back. Closes it after the next notice."""
    SILENT = "silent"
    """Does nothing, and never answers."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose site it is."""

    mailbox: str
    language: str
    """``de`` or ``en``."""
    behaviour: Behaviour


@dataclass(frozen=True, slots=True)
class Hoster:
    """Who runs the machine."""

    name: str
    abuse: str
    """Mailbox of the abuse desk."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a campaign sends its visitors: one distributor hands them to the next."""

    entry: str
    """Host that answers 302 to `end`."""
    end: str
    """Host whose pages are a tripwire: nobody may read one."""


@dataclass(frozen=True, slots=True)
class TownSite:
    """One site, under its bare name."""

    host: str
    title: str
    kind: Kind
    owner: Owner
    hoster: Hoster
    gate: Gate | None = None
    """None for an honest site."""
    chain: Chain | None = None
    """Where its gate leads; None for an honest site."""
    moved_to: str | None = None
    """The other domain of a `Kind.MOVED` site."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every host that shows this site, its own first."""
        twins = (f"m.{self.host}",) if self.kind is Kind.MOBILE else ()
        moved = (self.moved_to,) if self.moved_to else ()
        return (self.host, f"www.{self.host}", *twins, *moved)


class Role(StrEnum):
    """What a host of the town is."""

    SITE = "site"
    ENTRY = "entry"
    """First distributor of a chain."""
    END = "end"
    """Last distributor of a chain."""


@dataclass(frozen=True, slots=True)
class Place:
    """What stands behind one host name."""

    role: Role
    site: TownSite | None = None
    """None for a distributor."""
    chain: Chain | None = None
    """None for a site."""


@dataclass(frozen=True, slots=True)
class Town:
    """The whole plan."""

    seed: int
    sites: tuple[TownSite, ...]
    chains: tuple[Chain, ...]
    places: Mapping[str, Place] = field(compare=False, repr=False)
    """Every host of the town; follows from the other fields."""

    @property
    def hijacked(self) -> tuple[TownSite, ...]:
        """The sites with a gate, in the town's order."""
        return tuple(site for site in self.sites if site.gate)

    @property
    def distributors(self) -> tuple[str, ...]:
        """Every host that belongs to the criminals."""
        return tuple(host for chain in self.chains for host in (chain.entry, chain.end))

    def site(self, host: str) -> TownSite:
        """The site that `host` shows. Raises KeyError for a distributor or a stranger."""
        place = self.places[host]
        if place.site is None:
            raise KeyError(host)
        return place.site


_HOSTERS = tuple(
    Hoster(name, f"abuse@{host}")
    for name, host in (
        ("Alder Servers", "alder-servers.test"),
        ("Ferry Hosting", "ferry-hosting.test"),
        ("Lantern Web", "lantern-web.test"),
        ("Pebble Machines", "pebble-machines.test"),
    )
)
_POSTBOXES = {"en": ("info", "office", "hello"), "de": ("info", "post", "buero")}
_TEMPERS = (
    Behaviour.PROMPT,
    Behaviour.FALSE_CLAIM,
    Behaviour.SILENT,
    Behaviour.SLOW,
    Behaviour.PROMPT,
)
_KINDS = (*Kind, Kind.PLAIN, Kind.PLAIN)
"""Plain sites are the commonest."""


def plan_town(seed: int, sites: int, hijacked: int) -> Town:
    """A town of `sites` sites, of which `hijacked` are hijacked.

    Five hijacked sites have the five wire gates once each, one owner who claims falsely and one
    who is silent. Ten or more have one that is hijacked again. Raises ValueError where the numbers make no town.
    """
    if not 0 <= hijacked <= sites:
        raise ValueError(f"{hijacked} hijacked sites do not fit into a town of {sites}")
    kinds = _rounds(_KINDS, sites - hijacked, seed, "kind")
    names = business_names(seed, sites + kinds.count(Kind.MOVED))
    new_homes = (f"{name.label}.test" for name in names[sites:])
    honest = [
        _site(seed, name, kind, next(new_homes) if kind is Kind.MOVED else None)
        for name, kind in zip(names[hijacked:sites], kinds, strict=True)
    ]
    chains = _chains(seed, hijacked)
    victims = _victims(seed, names[:hijacked], chains)
    street = tuple(shuffled(honest + victims, seed, "street"))
    return Town(seed, street, chains, _places(street, chains))


def hosts_file(town: Town, address: str = "127.0.0.1") -> str:
    """Every name of the town at `address`, in the form of /etc/hosts."""
    return "".join(f"{address}\t{host}\n" for host in town.places)


def _rounds(items: Sequence[T], count: int, *what: object) -> list[T]:
    """`count` of `items`: each of them once, in drawn order, before any comes again."""
    dealt: list[T] = []
    while items and len(dealt) < count:
        dealt += shuffled(items, *what, len(dealt))
    return dealt[:count]


def _chains(seed: int, hijacked: int) -> tuple[Chain, ...]:
    hosts = distributor_hosts(seed, 2 * -(-hijacked // SITES_PER_CHAIN))
    return tuple(Chain(entry, end) for entry, end in zip(hosts[::2], hosts[1::2], strict=True))


def _site(seed: int, name: Name, kind: Kind, moved_to: str | None = None) -> TownSite:
    host = f"{name.label}.test"
    mailbox = f"{choose(_POSTBOXES[name.language], seed, host, 'mailbox')}@{host}"
    owner = Owner(mailbox, name.language, Behaviour.PROMPT)
    hoster = choose(_HOSTERS, seed, host, "hoster")
    return TownSite(host, name.title, kind, owner, hoster, moved_to=moved_to)


def _victims(seed: int, names: Sequence[Name], chains: Sequence[Chain]) -> list[TownSite]:
    count = len(names)
    gates = _gates(seed, count)
    tempers = _rounds(_TEMPERS[:count], count, seed, "temper")
    if count >= SITES_PER_CHAIN:
        tempers[tempers.index(Behaviour.PROMPT)] = Behaviour.RELAPSE
    victims = []
    for place, (name, gate, temper) in enumerate(zip(names, gates, tempers, strict=True)):
        site = _site(seed, name, Kind.PLAIN)
        owner = replace(site.owner, behaviour=temper)
        chain = chains[place // SITES_PER_CHAIN]
        victims.append(replace(site, owner=owner, gate=gate, chain=chain))
    return victims


def _gates(seed: int, count: int) -> list[Gate]:
    """Campaign by campaign, each in its own manner."""
    dealt: list[Gate] = []
    while len(dealt) < count:
        manner = CAMPAIGNS[len(dealt) // SITES_PER_CHAIN % len(CAMPAIGNS)]
        many = min(SITES_PER_CHAIN, count - len(dealt))
        dealt += _rounds(manner, many, seed, "gate", *((len(dealt),) if dealt else ()))
    return dealt


def _places(sites: Sequence[TownSite], chains: Sequence[Chain]) -> Mapping[str, Place]:
    places = {host: Place(Role.SITE, site=site) for site in sites for host in site.names}
    for chain in chains:
        places[chain.entry] = Place(Role.ENTRY, chain=chain)
        places[chain.end] = Place(Role.END, chain=chain)
    return MappingProxyType(places)

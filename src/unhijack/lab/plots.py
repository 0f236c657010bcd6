"""A street: one site for each thing that a site can do, honest or not.

The town tells a story with few kinds; a street is what rulings are measured on. Names are
reserved, pages are the town's, and what a visitor sees follows from the request and from how many
came before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from unhijack.lab.lots import choose, shuffled
from unhijack.lab.names import Name, business_names, distributor_hosts
from unhijack.lab.pages import SECTIONS, page
from unhijack.lab.town import Behaviour, Hoster, Kind, Owner, TownSite
from unhijack.lab.wire import HTML, TownRequest, TownResponse, redirect

Answer = Callable[["Plot", TownRequest], TownResponse]
"""What a site does with a request for any of its hosts."""

_HOSTER = Hoster("Alder Servers", "abuse@alder-servers.test")


class Reach(StrEnum):
    """What it takes to find a gate from outside."""

    CHECK = "check"
    THOROUGH = "thorough"
    """Only a thorough check visits often and widely enough."""
    UNSEEN = "unseen"
    """Nobody whom we can pretend to be is sent away: a clean answer has to say so."""


class Tier(StrEnum):
    """What an instrument must do to see what a site does."""

    WIRE = "wire"
    SCRIPT = "script"


@dataclass(frozen=True, slots=True)
class Trait:
    """One thing that a site can do."""

    answer: Answer
    start: str = "/"
    """Path and query of the address that is checked."""
    reach: Reach = Reach.CHECK
    abroad: bool = False
    """It answers for its partners' hosts as well; else these show a page of somebody else."""
    tier: Tier = Tier.WIRE
    """The tier that it is measured on."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One site of a street."""

    kind: str
    trait: Trait
    site: TownSite
    other: str
    """An honest domain of another name, which belongs to the same people."""
    service: str
    """A domain of somebody else: whom the site does business with, or criminals."""

    @property
    def host(self) -> str:
        return self.site.host

    @property
    def label(self) -> str:
        """The name that somebody registered."""
        return self.host.partition(".")[0]

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host that this plot answers for."""
        own = (self.host, f"www.{self.host}", f"m.{self.host}", f"{self.label}.example")
        rented = tuple(f"{name}.{self.service}" for name in ("login", "shop", "cdn"))
        return (*own, self.other, self.service, *rented)

    def is_home(self, request: TownRequest) -> bool:
        """Whether the site itself was asked, under its own domain."""
        return request.host == self.host or request.host.endswith(f".{self.host}")


@dataclass(frozen=True, slots=True)
class Street:
    """The whole plan."""

    seed: int
    plots: tuple[Plot, ...]
    places: Mapping[str, Plot] = field(compare=False, repr=False)
    """Every host that has a plot; other names under the reserved endings lead nowhere special."""


def plan_street(seed: int, traits: Mapping[str, Trait]) -> Street:
    """A street with one site for each trait, in an order that follows from the seed."""
    names = business_names(seed, 2 * len(traits))
    services = [host.replace(".example", ".test") for host in distributor_hosts(seed, len(traits))]
    others = names[len(traits) :]
    plots = tuple(
        Plot(kind, trait, _site(seed, name), f"{other.label}.test", service)
        for (kind, trait), name, other, service in zip(
            traits.items(), names, others, services, strict=False
        )
    )
    order = tuple(shuffled(plots, seed, "street"))
    places = {host: plot for plot in order for host in plot.hosts}
    return Street(seed, order, MappingProxyType(places))


def _site(seed: int, name: Name) -> TownSite:
    host = f"{name.label}.test"
    mailbox = f"{choose(('info', 'office'), seed, host, 'mailbox')}@{host}"
    owner = Owner(mailbox, name.language, Behaviour.PROMPT)
    return TownSite(host, name.title, Kind.PLAIN, owner, _HOSTER)


def shown(
    plot: Plot,
    request: TownRequest,
    extra: str = "",
    *,
    status: int = 200,
    headers: Sequence[tuple[str, str]] = (),
    body: str = "",
) -> TownResponse:
    """The page at the request's path, with `extra` in its head and `body` at its end."""
    language = plot.site.owner.language
    name = request.path.strip("/")
    known = name in SECTIONS[language]
    if name and not known and status == 200 and request.path != plot.trait.start.partition("?")[0]:
        status = 404
    start, end = page(plot.site, name if known else SECTIONS[language][0], language)
    content = start + extra.encode() + end.replace(b"</body>", body.encode() + b"</body>")
    return TownResponse(status, (("Content-Type", HTML), *headers), content)


def small(
    title: str, text: str, status: int = 200, *headers: tuple[str, str], head: str = ""
) -> TownResponse:
    """A page of a few words, as servers and services make them."""
    body = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title>{head}</head>"
        f"<body><h1>{title}</h1>\n<p>{text}</p></body></html>\n"
    )
    return TownResponse(status, (("Content-Type", HTML), *headers), body.encode())


def away(request: TownRequest, host: str, target: str = "/", status: int = 302) -> TownResponse:
    """A redirect to another host."""
    return redirect(status, request.link(host, target))


def respond(street: Street, request: TownRequest) -> TownResponse:
    """The street's answer: hosts without a plot are others' pages, which nobody should read."""
    plot = street.places.get(request.host)
    if plot is None or not (plot.trait.abroad or plot.is_home(request)):
        return small("Elsewhere", "A page of somebody else.")
    if request.is_media:
        return TownResponse(404, (("Content-Type", "text/plain"),), b"No pictures here.\n")
    return plot.trait.answer(plot, request)

"""Visits as a test needs them, in one line each."""

from collections.abc import Sequence
from datetime import UTC, datetime

from unhijack.assess.signals import Look, look_at
from unhijack.core.evidence import (
    Device,
    Failure,
    FailureKind,
    Hop,
    Jar,
    Origin,
    Page,
    Persona,
    Script,
    Via,
    Visit,
)
from unhijack.core.site import parse_address

WHEN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOME = "http://bakery.test/"

PHONE = Persona(Origin.SEARCH, Device.PHONE)
DESKTOP = Persona(Origin.SEARCH, Device.DESKTOP)
DIRECT = Persona(Origin.DIRECT, Device.DESKTOP)
DIRECT_PHONE = Persona(Origin.DIRECT, Device.PHONE)
BOT = Persona(Origin.DIRECT, Device.BOT)
RETURN = Persona(Origin.SEARCH, Device.PHONE, Jar.RETURNING)
REPORTED = Persona(Origin.REPORTED, Device.PHONE)


def stays(
    persona: Persona,
    *,
    status: int = 200,
    scripts: Sequence[Script] = (),
    truncated: bool = False,
    url: str = HOME,
) -> Visit:
    """A visit that sees a page of the site."""
    hop = Hop(url, parse_address(url).host, None, offsite=False, status=status)
    page = Page(1000, tuple(scripts), truncated)
    return Visit(0, persona, WHEN, (hop,), page)


def leaves(persona: Persona, *targets: str, via: Via = Via.LOCATION, url: str = HOME) -> Visit:
    """A visit that is sent to each of `targets` in turn."""
    first = Hop(url, parse_address(url).host, None, offsite=False, status=302)
    onward = tuple(
        Hop(target, parse_address(target).host, via, offsite=True, status=200)
        for target in targets or ("http://hop.example/in?x=1",)
    )
    return Visit(0, persona, WHEN, (first, *onward))


def fails(persona: Persona, kind: FailureKind, text: str = "it failed") -> Visit:
    """A visit that ends without a page."""
    failure = Failure(kind, text)
    hop = Hop(HOME, "bakery.test", None, offsite=False, failure=failure)
    return Visit(0, persona, WHEN, (hop,), failure=failure)


def look(*visits: Visit, url: str = HOME, arrival: str = "") -> Look:
    """The visits in order, numbered from 1."""
    numbered = [
        Visit(number, v.persona, v.started_at, v.hops, v.page, v.failure)
        for number, v in enumerate(visits, 1)
    ]
    return look_at(parse_address(url), numbered, arrival)


def offsite_of(visit: Visit) -> list[str]:
    """Hosts off the site, in order."""
    return [hop.host for hop in visit.hops if hop.offsite]

"""What the visits of one examination say when they are laid side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from unhijack.core.evidence import (
    RARER,
    Aim,
    Device,
    FailureKind,
    Jar,
    Notice,
    Origin,
    Persona,
    Visit,
)
from unhijack.core.known import NOBODY, KnownHosts
from unhijack.core.site import Address, site_of

_BLOCKED = frozenset({400, 401, 403, 407, 421, 426, 429, 451})


class Outcome(StrEnum):
    """What became of a visitor."""

    LEFT = "left"
    """Was sent off the site."""
    STAYED = "stayed"
    """Saw a page of the site, as far as the wire tier can tell."""
    BLOCKED = "blocked"
    """Was refused, challenged, or met a server in trouble: says nothing of other visitors."""
    FAILED = "failed"


def outcome(visit: Visit) -> Outcome:
    """What became of the visitor."""
    if visit.left_for is not None:
        return Outcome.LEFT
    if visit.failure is not None:
        return Outcome.FAILED
    if visit.page is not None and visit.page.notice is Notice.CHALLENGE:
        return Outcome.BLOCKED
    status = visit.status or 0
    return Outcome.BLOCKED if status in _BLOCKED or status >= 500 else Outcome.STAYED


@dataclass(frozen=True, slots=True)
class Look:
    """All visits to one address, and what became of them: made by `look_at`."""

    host: str
    url: str
    visits: tuple[Visit, ...]
    left: tuple[Visit, ...]
    """Visits that were sent off the site."""
    stayed: tuple[Visit, ...]
    """Visits that saw a page of the site."""
    kept_out: tuple[Visit, ...]
    """Visits that were refused or failed."""
    arrival: str = ""
    """How the reporter came, as a condition: ``follows a link from forum[.]example``."""
    known: KnownHosts = NOBODY
    covered: tuple[Persona, ...] = ()
    """Everybody who saw a page, at whatever page of the site."""

    def of(self, persona: Persona) -> tuple[Visit, ...]:
        """The visits of one persona."""
        return tuple(visit for visit in self.visits if visit.persona == persona)


def look_at(
    address: Address, visits: Sequence[Visit], arrival: str = "", known: KnownHosts = NOBODY
) -> Look:
    """Lay the visits to one address side by side."""
    by_outcome: dict[Outcome, list[Visit]] = {one: [] for one in Outcome}
    kept_out: list[Visit] = []
    for visit in visits:
        became = outcome(visit)
        by_outcome[became].append(visit)
        if became in (Outcome.BLOCKED, Outcome.FAILED):
            kept_out.append(visit)
    left, stayed = by_outcome[Outcome.LEFT], by_outcome[Outcome.STAYED]
    return Look(
        address.host,
        address.href,
        tuple(visits),
        tuple(left),
        tuple(stayed),
        tuple(kept_out),
        arrival,
        known,
        tuple(visit.persona for visit in stayed),
    )


def by_aim(look: Look) -> tuple[Look, ...]:
    """One look for each page of the site: only visits to the same page can be compared."""
    if all(visit.persona.aim is Aim.ADDRESS for visit in look.visits):
        return (look,)
    aims = dict.fromkeys([Aim.ADDRESS, *(visit.persona.aim for visit in look.visits)])

    def at(aim: Aim, visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
        return tuple(visit for visit in visits if visit.persona.aim is aim)

    return tuple(
        replace(
            look,
            visits=at(aim, look.visits),
            left=at(aim, look.left),
            stayed=at(aim, look.stayed),
            kept_out=at(aim, look.kept_out),
        )
        for aim in aims
    )


def alike(look: Look) -> bool:
    """Whether people are sent away however they come and whatever they hold in their hand.

    The owner, too, then sees it: at the first visit, with a browser in the usual language.
    """
    first = [
        visit
        for visit in look.visits
        if visit.persona.device is not Device.BOT
        and visit.persona.jar is Jar.FRESH
        and not visit.persona.language
    ]
    directly = any(visit.persona.origin is Origin.DIRECT for visit in first)
    return len(first) > 1 and directly and all(outcome(v) is Outcome.LEFT for v in first)


def unsteady(look: Look) -> bool:
    """Whether a persona was sent away at some of its visits only: two equal visits that differ
    say that personas cannot be told apart by that difference.
    """
    personas = {visit.persona for visit in look.left}
    return any(outcome(v) is Outcome.STAYED for persona in personas for v in look.of(persona))


_PLAINEST = (Origin.SEARCH, Origin.DIRECT, Origin.SOCIAL, Origin.LINK, Origin.REPORTED)


def subject_of(look: Look) -> Persona:
    """The persona whose redirect is isolated: the plainest of those that were sent away.

    A search visitor's conditions can be said in fewer words than the reporter's, and a first
    visit's than a returning one's; among equals it is the one that came first.
    """
    personas = dict.fromkeys(visit.persona for visit in look.left)
    return min(
        personas,
        key=lambda p: (
            p.jar is not Jar.FRESH,
            bool(p.language),
            p.device in RARER,
            _PLAINEST.index(p.origin),
        ),
    )


def variations(persona: Persona) -> tuple[Persona, ...]:
    """The personas that differ from `persona` in one thing."""
    origins: tuple[Origin, ...] = (
        (Origin.DIRECT,) if persona.origin is not Origin.DIRECT else (Origin.SEARCH,)
    )
    if persona.device is Device.BOT:
        origins = ()  # a crawler comes from nowhere
    devices = [d for d in Device if d is not persona.device and d not in RARER]
    jar = Jar.RETURNING if persona.jar is Jar.FRESH else Jar.FRESH
    return (
        *(replace(persona, origin=origin) for origin in origins),
        *(on_device(persona, device) for device in devices),
        *(() if persona.device is Device.BOT else (replace(persona, jar=jar),)),
    )


def on_device(persona: Persona, device: Device) -> Persona:
    """The same visitor on another device; there is one crawler, and it has neither past nor origin."""
    if device is Device.BOT:
        return Persona(Origin.DIRECT, Device.BOT, aim=persona.aim)
    return replace(persona, device=device)


def never(look: Look, persona: Persona) -> bool:
    """Whether this persona visited, saw a page each time, and was never sent away."""
    own = look.of(persona)
    return bool(own) and all(outcome(visit) is Outcome.STAYED for visit in own)


def sites_left_for(visits: Sequence[Visit]) -> tuple[str, ...]:
    """The registrable domains that visitors were sent to at first, each once, in order."""
    hops = (visit.left_for for visit in visits)
    return tuple(dict.fromkeys(site_of(hop.host) for hop in hops if hop is not None))


def answered(visit: Visit) -> bool:
    """Whether the site answered at all, however badly."""
    return any(hop.status is not None for hop in visit.hops) or (
        visit.failure is not None
        and visit.failure.kind
        in (
            FailureKind.LOOP,
            FailureKind.HOPS,
            FailureKind.SIZE,
            FailureKind.PROTOCOL,
            FailureKind.TARGET,
        )
    )

"""What the visits of one examination say when they are laid side by side.

Two visits that differ in one thing only (where the visitor says they come from, what they hold in
their hand, what they remember) show what that thing does. So a redirect is isolated before it is
ruled on: the same visitor once more, then the same visitor with one thing changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from unhijack.core.evidence import Device, FailureKind, Jar, Origin, Persona, Visit
from unhijack.core.site import Address, site_of

CONFIRMATIONS = 2
"""Fresh visits of a persona that was sent away, before it is believed that it always is."""

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

    def of(self, persona: Persona) -> tuple[Visit, ...]:
        """The visits of one persona."""
        return tuple(visit for visit in self.visits if visit.persona == persona)


def look_at(address: Address, visits: Sequence[Visit], arrival: str = "") -> Look:
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
    )


def next_personas(look: Look) -> tuple[Persona, ...]:
    """Who should visit next, so that the redirect that was seen is isolated; empty when it is.

    Nothing is asked for when nobody was sent away, or when everybody was.
    """
    if not look.left or not (look.stayed or look.kept_out):
        return ()
    subject = subject_of(look)
    wanted: list[Persona] = []
    if subject.jar is Jar.FRESH:
        wanted += [subject] * max(0, CONFIRMATIONS - len(look.of(subject)))
    wanted += [persona for persona in variations(subject) if not look.of(persona)]
    return tuple(wanted)


def subject_of(look: Look) -> Persona:
    """The persona whose redirect is isolated: the plainest of those that were sent away.

    A search visitor's conditions can be said in fewer words than the reporter's, and a first
    visit's than a returning one's; among equals it is the one that came first.
    """
    personas = dict.fromkeys(visit.persona for visit in look.left)
    return min(personas, key=lambda p: (p.jar is not Jar.FRESH, p.origin is Origin.REPORTED))


def variations(persona: Persona) -> tuple[Persona, ...]:
    """The personas that differ from `persona` in one thing."""
    origins: tuple[Origin, ...] = (
        (Origin.DIRECT,) if persona.origin is not Origin.DIRECT else (Origin.SEARCH,)
    )
    if persona.device is Device.BOT:
        origins = ()  # a crawler comes from nowhere
    devices = [d for d in Device if d is not persona.device]
    jar = Jar.RETURNING if persona.jar is Jar.FRESH else Jar.FRESH
    return (
        *(replace(persona, origin=origin) for origin in origins),
        *(_as(persona, device) for device in devices),
        *(() if persona.device is Device.BOT else (replace(persona, jar=jar),)),
    )


def _as(persona: Persona, device: Device) -> Persona:
    """The same visitor on another device; there is one crawler, and it has neither past nor origin."""
    if device is Device.BOT:
        return Persona(Origin.DIRECT, Device.BOT)
    return replace(persona, device=device)


def conditions(look: Look) -> tuple[str, ...]:
    """What a visitor must be for the redirect to happen, in words, as far as it was isolated."""
    subject = subject_of(look)
    found = [*_origin_condition(look, subject), *_device_condition(look, subject)]
    if subject.jar is Jar.FRESH and _never(look, subject.returning()):
        found.append("visits for the first time")
    if subject.jar is Jar.RETURNING and _never(look, replace(subject, jar=Jar.FRESH)):
        found.append("has visited the site before (with its cookies)")
    own = look.of(subject)
    times = sum(outcome(visit) is Outcome.LEFT for visit in own)
    if times < len(own):
        found.append(f"is sent away at some visits only ({times} of {len(own)})")
    return tuple(found)


def _origin_condition(look: Look, subject: Persona) -> list[str]:
    other = replace(subject, origin=Origin.DIRECT)
    if subject.origin is Origin.DIRECT:
        return (
            ["opens the address directly"]
            if _never(look, replace(subject, origin=Origin.SEARCH))
            else []
        )
    if not _never(look, other):
        return []
    if subject.origin is Origin.SEARCH:
        return ["comes from a search engine"]
    return [look.arrival or "comes the way that the reporter came"]


def _device_condition(look: Look, subject: Persona) -> list[str]:
    """Which devices are sent away, everything else equal."""
    words = {
        Device.PHONE: "uses a phone",
        Device.DESKTOP: "uses a desktop computer",
        Device.BOT: "is a search engine's crawler",
    }
    if subject.device is Device.BOT:
        people = [v for v in look.visits if v.persona.device is not Device.BOT]
        return [words[Device.BOT]] if all(outcome(v) is Outcome.STAYED for v in people) else []
    other = Device.DESKTOP if subject.device is Device.PHONE else Device.PHONE
    if _never(look, _as(subject, other)):
        return [words[subject.device]]
    if _never(look, _as(subject, Device.BOT)) and not _origin_condition(look, subject):
        return ["is not a search engine's crawler"]
    return []


def _never(look: Look, persona: Persona) -> bool:
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

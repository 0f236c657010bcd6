"""Who visits a site, and how often: at first, and when it is looked at again."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from unhijack.assess.signals import Outcome
from unhijack.collect.personas import CHECK, DEVICES, LANGUAGES, REPORTED, THOROUGH, TRIAGE
from unhijack.core.case import Case, State
from unhijack.core.data import objects
from unhijack.core.evidence import Aim, Device, Jar, Origin, Persona
from unhijack.core.report import Pathway

MOST_REPLAYED = 4
"""Personas that were sent away and are replayed by name; the whole check follows in any case."""
REPLAYS = 3
MOST_REPLAYS = 30
"""Fresh visits of each persona that was sent away, when a claim of being clean is checked: more
of one that was sent away at some visits only, so that 95 % of such redirects would show."""
OFTEN = 29
"""Visits of the most victim-like persona that find a redirect at one visit in ten, at 95 %."""
MOST_ISOLATING = 16
"""Visits that isolating a redirect may take."""
MOST_ISOLATING_THOROUGH = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """Who visits, in which order."""

    personas: tuple[Persona, ...]
    isolating: int = MOST_ISOLATING
    """Visits that isolating a redirect may take; 0 leaves it at what was seen."""
    stop_at_border: bool = False
    shown: tuple[Persona, ...] = ()
    """Of a re-check: those who were sent away before, the first one first."""
    seen_by: tuple[str, ...] = ()
    """Names of the egresses by which they were."""


def plan_for(profile: str, pathway: Pathway) -> Plan:
    """The plan of a profile: ``check``, ``thorough`` or ``sweep``."""
    first = REPORTED if pathway else ()
    match profile:
        case "sweep":
            return Plan((*first, *TRIAGE), isolating=0, stop_at_border=True)
        case "thorough":
            often = [CHECK[0]] * (OFTEN - 1)
            return Plan((*first, *CHECK, *THOROUGH, *often), MOST_ISOLATING_THOROUGH)
        case _:
            return Plan((*first, *CHECK))


def replay(case: Case) -> Plan:
    """The personas that showed the redirect, several times, then the whole check.

    A site that is watched is tested again and again: there they come once, or as often as it
    takes to be sent away once.
    """
    sure = 1 if case.state in (State.MONITORED, State.HELD) else REPLAYS
    named = _by_name()
    shown = [named[name] for name in case.redirected if name in named][:MOST_REPLAYED]
    replays = [persona for persona in shown for _ in range(_times(case, persona, sure))]
    personas = (*replays, *plan_for("check", case.pathway).personas)
    return Plan(personas, shown=tuple(shown), seen_by=_seen_by(case))


def _seen_by(case: Case) -> tuple[str, ...]:
    """The egresses of the visits that were sent away."""
    log = objects((case.verdict or {}).get("visit_log"))
    left = [one for one in log if one["outcome"] == str(Outcome.LEFT)]
    return tuple(dict.fromkeys(str(one["egress"]) for one in left if one.get("egress")))


def _times(case: Case, persona: Persona, sure: int) -> int:
    """How often to send a persona: `sure` times the visits that it took to be sent away once."""
    entries = objects((case.verdict or {}).get("visit_log"))
    own = [entry["outcome"] for entry in entries if entry["persona"] == persona.name]
    left = own.count(str(Outcome.LEFT))
    return min(MOST_REPLAYS, ceil(sure * len(own) / left)) if left else sure


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, Persona]:
    return {persona.name: persona for persona in all_personas()}


@lru_cache(maxsize=1)
def all_personas() -> tuple[Persona, ...]:
    """Everybody whom a visit can pretend to be."""
    return (
        *(
            Persona(origin, device, jar, language, aim)
            for origin in Origin
            for device in DEVICES
            for jar in Jar
            for language in LANGUAGES
            for aim in Aim
        ),
        *(Persona(Origin.DIRECT, Device.BOT, aim=aim) for aim in Aim),
    )

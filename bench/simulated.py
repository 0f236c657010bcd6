"""Journals of simulated cases, written straight from the hidden process: for the estimators alone.

They are what the engine writes of such cases: entered over weeks, looked at on planned days and when
somebody claims, told at once or later. No visit is made.
"""

import random
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench import hidden
from bench.hidden import Reaction
from unhijack.core.arms import CONTROL
from unhijack.core.case import Event, Kind
from unhijack.core.data import Data, Json
from unhijack.core.watch import LOOKS, WATCH

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
ENTRY_DAYS = 60
AS_OF = DAWN + timedelta(days=100)
DELAYED = 0.3
_LATE = 2 / 24
"""Days after a planned look within which it is made."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What is true of one simulated case, whatever was seen of it; days from its draw."""

    arms: dict[str, str]
    desk: hidden.Desk
    told: float
    reactions: tuple[Reaction, Reaction]
    """The owner's and the hoster's, from when they were told."""
    natural: float
    stays: float
    """How long it stays clean."""

    @property
    def clean(self) -> float:
        """When it is mended, by whomever."""
        mends = [self.told + one.mends for one in self.reactions if one.mends is not None]
        return min(self.natural, *mends) if mends else self.natural


def draw(dice: random.Random) -> Fate:
    """One case."""
    arms = {name: dice.choice(levels) for name, levels in hidden.LEVELS.items()}
    arms[CONTROL] = "delayed" if dice.random() < DELAYED else "at-once"
    desk = dice.choice(hidden.DESKS)
    told = float(hidden.DELAY_DAYS) if arms[CONTROL] == "delayed" else 0.0
    owner = hidden.react(dice, hidden.OWNER_READS, hidden.OWNER_BOUNCES, arms)
    hoster = hidden.react(dice, desk.reads, desk.bounces, arms)
    return Fate(
        arms, desk, told, (owner, hoster), hidden.natural_days(dice), hidden.relapse_days(dice)
    )


def journal(fate: Fate, dice: random.Random) -> list[Event]:
    """What the house knows of it by `AS_OF`."""
    start = DAWN + timedelta(days=dice.uniform(0, ENTRY_DAYS))
    events: list[Event] = []
    for day, kind, data in _happens(fate, dice):
        at = start + timedelta(days=day)
        if at > AS_OF:
            break
        events.append(Event(len(events) + 1, kind, at, data))
    return events


Happening = tuple[float, Kind, Data]


def _happens(fate: Fate, dice: random.Random) -> Iterator[Happening]:
    """Everything in order, from the draw on."""
    opened: Data = {"url": "http://simulated.test/", "pathway": [], "source": "simulation"}
    yield 0.0, Kind.OPENED, opened
    yield 0.0, Kind.EXAMINED, {"verdict": "hijacked"}
    contacts: list[Json] = [
        {"role": role, "person": role, "source": "simulation"} for role in ("owner", "hoster")
    ]
    places: Json = {"country": "xx", "network": fate.desk.name}
    yield 0.0, Kind.ATTRIBUTED, {"contacts": contacts, "places": places}
    start = 0.0
    if fate.told:
        yield 0.0, Kind.DELAYED, {"arms": dict(fate.arms)}
        found = yield from _looks(fate, dice, 0.0, fate.told + 1e-3)
        if found is not None:
            yield from _watch(fate, dice, found)
            return
        start = fate.told + 2e-3
    yield start, Kind.QUEUED, _queued(fate)
    found = yield from _after_told(fate, dice, start)
    if found is not None:
        yield from _watch(fate, dice, found)


def _queued(fate: Fate) -> Data:
    notices: list[Json] = [
        {"notice": role, "person": role, "role": role} for role in ("owner", "hoster")
    ]
    return {"about": "hijacked", "notices": notices, "arms": dict(fate.arms)}


def _looks(
    fate: Fate, dice: random.Random, start: float, end: float
) -> Generator[Happening, None, float | None]:
    """Planned looks until one is clean; when that was."""
    for after in LOOKS:
        day = start + after / timedelta(days=1)
        if day > end:
            return None
        day += dice.uniform(0, 1e-3)
        clean = fate.clean <= day
        yield day, Kind.EXAMINED, {"verdict": "clean" if clean else "hijacked"}
        if clean:
            return day
    return None


def _after_told(
    fate: Fate, dice: random.Random, start: float
) -> Generator[Happening, None, float | None]:
    """What comes back, and looks: planned ones, and one for each claim."""
    comes: list[Happening] = []
    for role, one in zip(("owner", "hoster"), fate.reactions, strict=True):
        kind = Kind.BOUNCED if one.bounces else Kind.DELIVERED
        comes.append((start + 1e-3, kind, {"notice": role}))
        if one.reads is not None:
            comes.append((start + one.reads, Kind.RECEIVED, {"notice": role}))
        if one.claims is not None:
            comes.append((start + one.claims, Kind.CLAIMED, {"who": role}))
            checked = start + one.claims + dice.uniform(1, 12) / 24
            comes.append((checked, Kind.EXAMINED, {}))
    for after in LOOKS:
        day = start + after / timedelta(days=1) + dice.uniform(0, _LATE)
        comes.append((day, Kind.EXAMINED, {}))
    for day, kind, data in sorted(comes, key=lambda one: one[0]):
        if kind is not Kind.EXAMINED:
            yield day, kind, data
            continue
        clean = fate.clean <= day
        yield day, kind, {"verdict": "clean" if clean else "hijacked"}
        if clean:
            return day
    return None


def _watch(fate: Fate, dice: random.Random, found: float) -> Iterator[Happening]:
    """Tests after it was found clean, until it is hijacked again."""
    yield found, Kind.MONITORED, {"until": ""}
    for after in WATCH:
        day = found + after / timedelta(days=1) + dice.uniform(0, _LATE)
        again = day >= found + fate.stays
        yield day, Kind.EXAMINED, {"verdict": "hijacked" if again else "clean"}
        if again:
            return

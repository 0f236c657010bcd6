"""What follows from an examination, and when a site that was cleaned is tested again. Pure."""

from datetime import datetime, timedelta

from unhijack.core.case import MOST_ATTEMPTS, Case, Event, Kind, Move, State
from unhijack.core.data import Data
from unhijack.core.fold import advanced

RETRY = timedelta(hours=6)
"""Between examinations that came to no ruling; doubles each time."""
WATCH = tuple(timedelta(days=day) for day in (1, 2, 4, 8, 16, 30, 90))
"""When a site that was verified clean is tested again, counted from then; after the last it is closed."""
LOOKS = tuple(timedelta(days=day) for day in (1, 2, 4, 8, 16, 30, 60, 90))
"""When a site whose people were told is looked at, whether they answer or not: what is mended
without a word counts too, and so does what is mended by nobody's notice."""
HELD_VISITS = timedelta(days=3)
"""Between visits to a site of which nobody is told yet."""


def after_examination(case: Case, examined: Data, now: datetime) -> Move:
    """What follows from an examination; one that came to no ruling is repeated, not for ever."""
    after = advanced(case, Event(case.step + 1, Kind.EXAMINED, now, examined))
    return Move(Kind.EXAMINED, examined, _look_again(after, now))


def _look_again(after: Case, now: datetime) -> datetime | None:
    if after.state is State.HELD:
        return min(now + HELD_VISITS, after.held_until or now)
    if after.state.over or after.undecided >= MOST_ATTEMPTS:
        return None
    if after.undecided:
        return now + RETRY * (1 << (after.undecided - 1))
    return next_test(after, now) if after.state is State.MONITORED else now


def next_test(case: Case, now: datetime) -> datetime:
    """When a site that is watched is tested again; now where it has stood its last test."""
    if case.clean_at is None or case.tested_at is None:
        return now
    stood = case.tested_at - case.clean_at
    return next((case.clean_at + after for after in WATCH if after > stood), now)


def after_clean(case: Case, now: datetime) -> Move | None:
    """A site that was verified clean is watched; None: it is to be tested again."""
    if case.state is State.VERIFIED_CLEAN:
        return Move(Kind.MONITORED, {"until": str((now + WATCH[-1]).date())}, next_test(case, now))
    stood = case.tested_at - case.clean_at if case.tested_at and case.clean_at else timedelta()
    if stood < WATCH[-1]:
        return None
    return Move(Kind.CLOSED, {"why": f"clean for {stood.days} days"}, None)


def next_look(case: Case) -> datetime | None:
    """When a site is looked at whose people were told, or are told later; None: no more."""
    said = case.said_in_round()
    start = said[0].at if said else case.delayed_at or case.opened_at
    if start is None:
        return None
    looked = case.examined_at or start
    return next((start + after for after in LOOKS if start + after > looked), None)

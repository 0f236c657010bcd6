"""What is erased when its time is over, and put on record."""

from unhijack.core.case import Kind, Move
from unhijack.core.data import Json
from unhijack.core.retention import Clock, Retention
from unhijack.ports import Doors

MOST = 50
"""Cases whose time is looked at in one go."""


def expire(doors: Doors, retention: Retention) -> int:
    """Erase what has had its time, of cases that are over and under no legal hold; how many cases.

    Evidence goes before the journal says so: what was killed in between is done again.
    """
    now = doors.clock.now()
    done = 0
    for clock in Clock:
        for number in doors.cases.over_since(clock, now - retention.of(clock), MOST):
            persons = doors.cases.persons_of(number, clock)
            names = _evidence(doors, number) if clock is Clock.EVIDENCE else []
            for name in names:
                doors.files.forget(name)
            data: dict[str, Json] = {
                "what": str(clock),
                "persons": len(persons),
                "evidence": list(names),
            }
            move = Move(Kind.ERASED, data, None, keeps_time=True)
            doors.cases.forget(number, clock, move, persons, now)
            done += 1
    return done


def _evidence(doors: Doors, number: int) -> list[str]:
    found = []
    for event, _ in doors.cases.journal(number):
        kept = event.data.get("evidence")
        if event.kind is not Kind.ERASED and isinstance(kept, dict):
            found.append(str(kept["name"]))
    return found

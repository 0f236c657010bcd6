"""What a person decides: which notice leaves, whom to tell, what is held, what is over."""

from collections.abc import Callable
from datetime import datetime, timedelta

from unhijack.core.case import TOLD, Case, Kind, Move, State
from unhijack.core.data import Json
from unhijack.core.errors import WrongUse
from unhijack.core.fold import fold
from unhijack.core.notice import is_mailbox
from unhijack.core.text import for_the_record
from unhijack.ports import Doors

LONGEST_HOLD = timedelta(days=180)
MOST_TRIES = 20
"""How often something is put on record anew, where a case goes on at the same moment."""


def approve(doors: Doors, number: int, who: str) -> None:
    """Let the next notices of a case leave the house."""
    case = look_up(doors, number)
    if case.state not in (State.ATTRIBUTED, State.REINFECTED):
        raise WrongUse(f"case {number} is {case.state}: there is no notice to approve")
    act(doors, case, Move(Kind.APPROVED, {"who": who}, doors.clock.now()))


def add_contact(doors: Doors, number: int, mail: str, role: str, who: str) -> None:
    """Name somebody who can mend the site; the next notice goes to them."""
    case = look_up(doors, number)
    if case.state not in (State.VERIFIED, State.ATTRIBUTED, State.REINFECTED, State.HELD, *TOLD):
        raise WrongUse(f"case {number} is {case.state}: nobody is to be told")
    if not is_mailbox(mail):
        raise WrongUse(f"{mail[:100]!r} is not one plain mail address")
    contact: dict[str, Json] = {
        "role": role,
        "person": doors.cases.person(mail),
        "source": "analyst",
        "who": for_the_record(who),
        "confidence": 1.0,
        "independent": True,
    }
    contacts: list[Json] = [contact, *(dict(known) for known in case.contacts)]
    act(doors, case, Move(Kind.ATTRIBUTED, {"contacts": contacts}, doors.clock.now()))


def resume(doors: Doors, number: int, who: str) -> None:
    """Let a case that waits for a person go on: examine it again, or tell its owner again.

    A notice that may or may not have left is followed by another one, for which this is the
    decision that somebody has to take. A dispute is answered: we stand by what we saw.
    """
    case = look_up(doors, number)
    if not case.resumable:
        raise WrongUse(f"case {number} is {case.state}: it does not wait for a decision")
    act(doors, case, Move(Kind.RESUMED, {"who": who}, doors.clock.now()))


def hold(
    doors: Doors, number: int, until: datetime, why: str, who: str, *, keep_logs: bool = False
) -> None:
    """Tell nobody until a date, because an authority asks for it; the site is visited meanwhile.

    With `keep_logs` the hoster is asked to preserve what is there.
    """
    case = look_up(doors, number)
    now = doors.clock.now()
    if case.state.over or case.state in (State.REPORTED, State.UNREACHABLE):
        raise WrongUse(f"case {number} is {case.state}: there is nothing to hold back")
    if not now < until <= now + LONGEST_HOLD:
        last = (now + LONGEST_HOLD).date()
        raise WrongUse(f"a case is held until a day from tomorrow to {last}, not {until.date()}")
    data: dict[str, Json] = {
        "until": until.isoformat(),
        "why": _reason(why, "held"),
        "who": who,
        "keep_logs": keep_logs,
    }
    act(doors, case, Move(Kind.HELD, data, now))


def release(doors: Doors, number: int, who: str) -> None:
    """Let a case that is held go on before its time."""
    case = look_up(doors, number)
    if case.state is not State.HELD:
        raise WrongUse(f"case {number} is {case.state}: it is not held")
    act(doors, case, Move(Kind.RELEASED, {"who": who}, doors.clock.now()))


def overturn(doors: Doors, number: int, why: str, who: str) -> None:
    """It was no hijacking: everyone who was told is told so."""
    case = look_up(doors, number)
    if case.verdict is None or case.state in (State.OVERTURNED, State.DUPLICATE):
        raise WrongUse(f"case {number} is {case.state}: there is no verdict to overturn")
    data: dict[str, Json] = {"why": _reason(why, "overturned"), "who": who}
    act(doors, case, Move(Kind.OVERTURNED, data, doors.clock.now()))


def merge(doors: Doors, number: int, other: int, who: str) -> None:
    """It is the same as another case, which goes on."""
    case = look_up(doors, number)
    if case.state.over:
        raise WrongUse(f"case {number} is {case.state} already")
    if number == other or look_up(doors, other).state is State.DUPLICATE:
        raise WrongUse(
            f"case {number} cannot be a duplicate of case {other}: name one that goes on"
        )
    act(doors, case, Move(Kind.MERGED, {"into": other, "who": who}, None))


def set_preserved(doors: Doors, number: int, why: str, who: str, *, on: bool) -> None:
    """A legal hold, or its end: nothing of a case is erased meanwhile."""
    case = look_up(doors, number)
    if case.preserved == on:
        raise WrongUse(f"case {number} is {'already' if on else 'not'} under a legal hold")
    data: dict[str, Json] = {"why": _reason(why, "under a legal hold, or not any more"), "who": who}
    kind = Kind.PRESERVED if on else Kind.UNPRESERVED
    act(doors, case, Move(kind, data, None, keeps_time=True))


def note(doors: Doors, number: int, text: str, who: str) -> None:
    """Put something on record; nothing follows from it."""
    data: dict[str, Json] = {"text": for_the_record(text, 500), "who": who}
    put_on_record(doors, number, lambda _: Move(Kind.NOTED, data, None, keeps_time=True))


def close(doors: Doors, number: int, why: str, who: str) -> None:
    """End a case by a person's word."""
    case = look_up(doors, number)
    if case.state.over:
        raise WrongUse(f"case {number} is {case.state} already")
    act(doors, case, Move(Kind.CLOSED, {"why": f"{_reason(why, 'over')} ({who})"}, None))


def _reason(why: str, what: str) -> str:
    if not why.strip():
        raise WrongUse(f"a reason is needed: say why the case is {what}")
    return for_the_record(why, 500)


def look_up(doors: Doors, number: int) -> Case:
    """A case as it stands. Raises WrongUse for no such case."""
    return fold(number, (event for event, _ in doors.cases.journal(number)))


def act(doors: Doors, case: Case, move: Move) -> None:
    """Take a person's step. Raises WrongUse if the case moved on since it was looked up."""
    if not doors.cases.add(case.number, case.step, move, doors.clock.now()):
        raise WrongUse(f"case {case.number} has just changed: look at it again")


def put_on_record(doors: Doors, number: int, decide: Callable[[Case], Move]) -> Case:
    """Add what follows from a case as it stands, however often it changes at this very moment.

    Returns the case that it was decided on.
    """
    for _ in range(MOST_TRIES):
        case = look_up(doors, number)
        if doors.cases.add(number, case.step, decide(case), doors.clock.now()):
            return case
    raise WrongUse(f"case {number} changes all the time: try again in a moment")

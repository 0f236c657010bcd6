"""What a person decides: which notice leaves, whom to tell, what is tried again, what is over."""

from unhijack.core.case import Case, Kind, Move, State, fold
from unhijack.core.data import Json
from unhijack.core.errors import WrongUse
from unhijack.core.notice import is_mailbox
from unhijack.core.text import for_the_record
from unhijack.ports import Doors

ROLES = ("owner", "hoster")

_TOLD = (State.NOTIFIED, State.DELIVERED, State.BOUNCED)


def approve(doors: Doors, number: int, who: str) -> None:
    """Let the next notice of a case leave the house."""
    case = look_up(doors, number)
    if case.state not in (State.ATTRIBUTED, State.REINFECTED):
        raise WrongUse(f"case {number} is {case.state}: there is no notice to approve")
    act(doors, case, Move(Kind.APPROVED, {"who": who}, doors.clock.now()))


def add_contact(doors: Doors, number: int, mail: str, role: str, who: str) -> None:
    """Name somebody who can mend the site; the next notice goes to them."""
    case = look_up(doors, number)
    if case.state not in (State.VERIFIED, State.ATTRIBUTED, State.REINFECTED, *_TOLD):
        raise WrongUse(f"case {number} is {case.state}: nobody is to be told")
    if not is_mailbox(mail):
        raise WrongUse(f"{mail[:100]!r} is not one plain mail address")
    contact: dict[str, Json] = {
        "role": role,
        "person": doors.cases.person(mail),
        "source": who,
        "confidence": 1.0,
    }
    contacts: list[Json] = [contact, *(dict(known) for known in case.contacts)]
    act(doors, case, Move(Kind.ATTRIBUTED, {"contacts": contacts}, doors.clock.now()))


def resume(doors: Doors, number: int, who: str) -> None:
    """Let a case that waits for a person go on: examine it again, or tell its owner again.

    A notice that may or may not have left is followed by another one, for which this is the
    decision that somebody has to take.
    """
    case = look_up(doors, number)
    if not case.resumable:
        raise WrongUse(f"case {number} is {case.state}: it does not wait for a decision")
    act(doors, case, Move(Kind.RESUMED, {"who": who}, doors.clock.now()))


def close(doors: Doors, number: int, why: str, who: str) -> None:
    """End a case by a person's word."""
    case = look_up(doors, number)
    if case.state.over:
        raise WrongUse(f"case {number} is {case.state} already")
    if not why.strip():
        raise WrongUse("a reason is needed: say why the case is over")
    act(doors, case, Move(Kind.CLOSED, {"why": f"{for_the_record(why, 500)} ({who})"}, None))


def look_up(doors: Doors, number: int) -> Case:
    """A case as it stands. Raises WrongUse for no such case."""
    return fold(number, (event for event, _ in doors.cases.journal(number)))


def act(doors: Doors, case: Case, move: Move) -> None:
    """Take a person's step. Raises WrongUse if the case moved on since it was looked up."""
    lease = doors.cases.lease(case.number)
    if lease.step != case.step or not doors.cases.commit(lease, move, doors.clock.now()):
        doors.cases.release(lease)
        raise WrongUse(f"case {case.number} has just changed: look at it again")

"""What is due, and doing it: one step of one case at a time."""

import traceback
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from unhijack.casework.asking import Sources
from unhijack.casework.attribute import attribute
from unhijack.casework.examine import examine_case
from unhijack.casework.intake import assign_reports
from unhijack.casework.notify import (
    Policy,
    ask_who_hosts,
    await_letter,
    confirm,
    delay,
    notify,
    preserve,
    retract,
)
from unhijack.casework.post import post_notices
from unhijack.casework.reporters import tell_reporters
from unhijack.collect.probe import Probe
from unhijack.core import ladder
from unhijack.core.case import MOST_ATTEMPTS, TOLD, Case, Kind, Move, State
from unhijack.core.errors import WrongUse
from unhijack.core.fold import fold
from unhijack.core.notice import Stage
from unhijack.core.retention import Retention
from unhijack.core.watch import HELD_VISITS, after_clean, next_look
from unhijack.ports import Doors, Lease, StoreUnavailable

AGAIN = timedelta(hours=6)
"""Until a step is tried again that could not be done."""
STILL_HERE = timedelta(hours=1)
"""Until a case is looked at again whose notice has not left."""


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that casework works with."""

    doors: Doors
    probe: Probe
    policy: Policy
    sources: Sources
    """Who is asked who can mend a site."""
    retention: Retention = field(default_factory=Retention)

    async def close(self) -> None:
        """End what runs beside it. In the event loop that worked with it."""
        await self.probe.close()


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is to be done until then; None: until somebody else does something."""

    until: datetime | None


async def run_due(office: Office) -> int:
    """Do everything that is due now, until nothing is; the number of things done.

    Steps first: messages to one person that come up together leave together.
    """
    doors = office.doors
    done = 0
    while True:
        count = await assign_reports(doors)
        while (lease := doors.cases.due(doors.clock.now())) is not None:
            await take_step(office, lease)
            count += 1
        count += tell_reporters(doors, office.policy.head)
        count += await post_notices(doors, office.policy)
        done += count
        if not count:
            return done


async def take_step(office: Office, lease: Lease) -> None:
    """The step that a lease gives the right to."""
    cases = office.doors.cases
    case = fold(lease.number, (event for event, _ in cases.journal(lease.number)))
    decision = await _decided(office, case)
    if isinstance(decision, Wait):
        cases.wait(lease, decision.until)
    elif not cases.commit(lease, decision, office.doors.clock.now()):
        cases.release(lease)


async def _decided(office: Office, case: Case) -> Move | Wait:
    """What breaks the program on one case costs that case some hours, never the others theirs.

    Damaged keys, a full disk and the like concern the whole house: they end the worker, which says so.
    """
    try:
        return await decide(office, case)
    except (StoreUnavailable, WrongUse):
        raise
    except Exception as error:  # noqa: BLE001 - a worker that dies of a case dies of it for ever
        text = f"its step could not be done, and is tried again: {_blame(error)}"
        return Move(Kind.NOTED, {"text": text}, office.doors.clock.now() + AGAIN)


def _blame(error: Exception) -> str:
    """Which fault of ours it is: its place, not its words, for these may be a stranger's."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}, line {last.lineno}"
    return f"{type(error).__name__} in {place}; please report this as a fault of unhijack"


async def decide(office: Office, case: Case) -> Move | Wait:
    """What a case's state asks for."""
    doors = office.doors
    match case.state:
        case State.REPORTED | State.CLAIMED_CLEAN:
            return await _examine(office, case)
        case State.VERIFIED:
            return await attribute(doors, office.probe, office.sources, case)
        case State.ATTRIBUTED | State.REINFECTED:
            return await _tell(office, case)
        case State.VERIFIED_CLEAN | State.MONITORED:
            return await _watch(office, case)
        case State.HELD:
            return await _hold(office, case)
        case State.OVERTURNED:
            return retract(doors, office.policy, case) or Wait(None)
        case state if state in TOLD:
            return await _wait_for_them(office, case)
        case _:
            return Wait(None)


async def _watch(office: Office, case: Case) -> Move | Wait:
    """Those who were told hear that it is clean; then it is tested from time to time."""
    told = (
        confirm(office.doors, office.policy, case) if case.state is State.VERIFIED_CLEAN else None
    )
    moved_on = told or after_clean(case, office.doors.clock.now())
    return moved_on or await _examine(office, case)


async def _examine(office: Office, case: Case) -> Move | Wait:
    """One that came to no ruling too often waits for a person."""
    if case.undecided >= MOST_ATTEMPTS:
        return Wait(None)
    return await examine_case(office.doors, office.probe, case)


async def _tell(office: Office, case: Case) -> Move | Wait:
    """Tell those whose turn it is. Beyond the hoster only of what was seen lately."""
    doors, policy = office.doors, office.policy
    now = doors.clock.now()
    held_back = delay(doors, policy, case)
    if isinstance(held_back, Move):
        return held_back
    if held_back is not None:
        return await _until(office, case, held_back)
    if not case.approved and (policy.approval or case.rung > 0):
        return await _until(office, case, None)
    if case.rung > 0 and not policy.ladder_for(case).is_fresh(case, now):
        return await _examine(office, case)
    if _was_seen_clean(case):
        return await _examine(office, case)
    if case.delayed_at is not None and not case.messages and _look_is_due(case, now):
        return await _examine(office, case)  # what was mended unasked is not told, and is counted
    asked = ask_who_hosts(doors, policy, case) if case.rung == 0 else None
    move = asked or await_letter(doors, policy, case) or notify(doors, policy, case)
    if move is None and case.letter_due:
        return await _until(office, case, policy.ladder_for(case).due_at(case))
    return move or ladder.climb(case, now) or Wait(None)


async def _wait_for_them(office: Office, case: Case) -> Move | Wait:
    """Those who were told have their time; then others are told."""
    now = office.doors.clock.now()
    lost = any(one.stage is Stage.BOUNCED for one in case.said_in_round())
    other = ladder.bounced(case, now) if lost else None
    if other is not None:
        return other
    due = office.policy.ladder_for(case).due_at(case)
    if due is not None and any(one.waits for one in case.said_in_round()):
        due = max(due, now + STILL_HERE)  # their time has not begun
    if due is not None and due <= now and not _look_is_due(case, now):
        higher = ladder.climb(case, now)
        if higher is not None:
            return higher
        due = None
    return await _until(office, case, due)


async def _until(office: Office, case: Case, due: datetime | None) -> Move | Wait:
    """Wait, and look at the site from time to time."""
    if _look_is_due(case, office.doors.clock.now()):
        return await _examine(office, case)
    look = next_look(case)
    times = [moment for moment in (due, look) if moment is not None]
    return Wait(min(times, default=None))


def _was_seen_clean(case: Case) -> bool:
    """Whether the last look that came to a ruling showed nothing: while it was held, that is."""
    seen, looked = case.confirmed_at, case.examined_at
    return seen is not None and looked is not None and looked > seen


def _look_is_due(case: Case, now: datetime) -> bool:
    look = next_look(case)
    return look is not None and look <= now and not _tired(case)


def _tired(case: Case) -> bool:
    return case.undecided >= MOST_ATTEMPTS


async def _hold(office: Office, case: Case) -> Move | Wait:
    """Nobody is told; the site is visited, and its hoster is asked to keep logs."""
    doors = office.doors
    now = doors.clock.now()
    until = case.held_until
    if until is None or until <= now:
        return Move(Kind.RELEASED, {"why": "its time is over"}, now)
    if case.keep_logs:
        if not case.contacts and case.places is None:
            return await attribute(doors, office.probe, office.sources, case)
        request = preserve(doors, office.policy, case)
        if request is not None:
            return request
    visited = case.examined_at
    if visited is None or now - visited >= HELD_VISITS:
        return await examine_case(doors, office.probe, case)
    return Wait(min(visited + HELD_VISITS, until))

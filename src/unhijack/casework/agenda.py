"""What is due, and doing it: one step of one case at a time."""

from dataclasses import dataclass

from unhijack.casework.attribute import attribute
from unhijack.casework.examine import examine_case
from unhijack.casework.intake import assign_reports
from unhijack.casework.notify import Policy, notify, post_notices
from unhijack.collect.probe import Probe
from unhijack.core.case import Case, Move, State, after_clean, fold
from unhijack.ports import Doors


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that casework works with."""

    doors: Doors
    probe: Probe
    policy: Policy

    async def close(self) -> None:
        """End what runs beside it. In the event loop that worked with it."""
        await self.probe.close()


async def run_due(office: Office) -> int:
    """Do everything that is due now, until nothing is; the number of things done."""
    doors = office.doors
    done = assign_reports(doors)
    while True:
        stepped = await _step_one(office)
        posted = await post_notices(doors)
        done += stepped + posted
        if not stepped and not posted:
            return done


async def _step_one(office: Office) -> int:
    """The most overdue case takes its step; 0 if none is due."""
    cases = office.doors.cases
    now = office.doors.clock.now()
    lease = cases.due(now)
    if lease is None:
        return 0
    case = fold(lease.number, (event for event, _ in cases.journal(lease.number)))
    move = await decide(office, case)
    if move is None:
        cases.wait(lease)
    else:
        cases.commit(lease, move, office.doors.clock.now())
    return 1


async def decide(office: Office, case: Case) -> Move | None:
    """The move that a case's state asks for; None waits for somebody else."""
    doors = office.doors
    match case.state:
        case State.REPORTED | State.CLAIMED_CLEAN:
            return await examine_case(doors, office.probe, case)
        case State.VERIFIED:
            return attribute(doors, case)
        case State.ATTRIBUTED | State.REINFECTED:
            return notify(doors, office.policy, case)
        case State.VERIFIED_CLEAN | State.MONITORED:
            moved_on = after_clean(case, doors.clock.now())
            return moved_on or await examine_case(doors, office.probe, case)
        case _:
            return None

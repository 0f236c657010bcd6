"""Who can mend the site of a case, and which other cases are theirs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from unhijack.casework.analyst import look_up
from unhijack.casework.asking import Sources
from unhijack.casework.contacts import gather
from unhijack.collect.probe import Budget, Probe
from unhijack.core.case import Case, Kind, Move
from unhijack.core.contact import Earlier, Reached
from unhijack.core.data import Data, Json, objects
from unhijack.core.notice import Stage
from unhijack.core.site import parse_address
from unhijack.ports import Doors

PATIENCE = timedelta(days=3)
"""Before somebody who was told, and did not answer, is called silent."""
MOST_KIN = 20
"""Other cases of the same owner that are looked at for whom they know."""


async def attribute(doors: Doors, probe: Probe, sources: Sources, case: Case) -> Move:
    """Look the contacts up; with none, the case waits for a person to find one.

    Owners of many sites are told of all of them at one mailbox: the one that the oldest case knows.
    """
    budget = Budget(probe.limits)
    found = await gather(sources, probe, parse_address(case.url), budget, partial(_earlier, doors))
    data = found.data(doors.cases.person, doors.secrets.keyed_hash)
    contacts = objects(data["contacts"])
    known = doors.cases.join_kin(case.number, _shared(data))
    ordered = _with_kin(doors, known[:MOST_KIN], contacts)
    data = {**data, "contacts": [dict(one) for one in ordered], "kin": list(known[:MOST_KIN])}
    return Move(Kind.ATTRIBUTED, data, _next(case, ordered, doors.clock.now()))


def _shared(data: Data) -> list[str]:
    """What the owner's sites share, as far as nobody else could have put it there."""
    return [str(one["hash"])[:64] for one in objects(data["identities"]) if one["independent"]]


def _earlier(doors: Doors, mails: Sequence[str]) -> Sequence[Earlier]:
    """What became of mails to these mailboxes; of one that has just left nobody knows yet."""
    since = doors.clock.now() - PATIENCE
    return [
        one
        for one in doors.cases.earlier(mails)
        if one.reached is not Reached.SILENT or one.at <= since
    ]


def _with_kin(doors: Doors, kin: Sequence[int], contacts: Sequence[Data]) -> Sequence[Data]:
    """The owner whom the oldest open case of the same owner knows comes first."""
    for number in kin:
        other = look_up(doors, number)
        owner = next((one for one in other.contacts if one["role"] == "owner"), None)
        if owner is None or other.state.over or not owner.get("independent"):
            continue
        said = [one for one in other.messages if one.person == owner["person"]]
        if said and said[-1].stage is Stage.BOUNCED:
            continue
        same = {"person": owner["person"], "role": "owner"}
        rest = [one for one in contacts if not same.items() <= one.items()]
        shared: dict[str, Json] = {**owner, "why": [f"known from case {number} of the same owner"]}
        return [shared, *rest]
    return contacts


def _next(case: Case, found: Sequence[Data], now: datetime) -> datetime | None:
    return now if found or case.held_until is not None else None

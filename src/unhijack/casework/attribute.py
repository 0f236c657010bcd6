"""Who can mend the site of a case, and which other cases are theirs."""

from collections.abc import Sequence
from datetime import datetime

from unhijack.casework.analyst import look_up
from unhijack.casework.asking import Sources
from unhijack.casework.contacts import gather
from unhijack.collect.probe import Budget, Probe
from unhijack.core.case import Case, Kind, Move
from unhijack.core.contact import ROLES
from unhijack.core.data import Data, Json, objects
from unhijack.core.notice import Stage
from unhijack.core.site import parse_address
from unhijack.ports import Doors

MOST_KIN = 20
"""Other cases of the same owner that are looked at for whom they know."""


async def attribute(doors: Doors, probe: Probe, sources: Sources, case: Case) -> Move:
    """Look the contacts up; with none, the case waits for a person to find one.

    Owners of many sites are told of all of them at one mailbox: the one that the oldest case knows.
    """
    found = await gather(sources, probe, parse_address(case.url), Budget(probe.limits))
    data = found.data(doors.cases.person, doors.secrets.keyed_hash)
    contacts = objects(data["contacts"])
    known = doors.cases.join_kin(case.number, _shared(data))
    ordered = _with_kin(doors, known[:MOST_KIN], _bounced_last(doors, contacts))
    data = {**data, "contacts": [dict(one) for one in ordered], "kin": list(known[:MOST_KIN])}
    return Move(Kind.ATTRIBUTED, data, _next(case, ordered, doors.clock.now()))


def _shared(data: Data) -> list[str]:
    """What the owner's sites share, as far as nobody else could have put it there."""
    return [str(one["hash"])[:64] for one in objects(data["identities"]) if one["independent"]]


def _bounced_last(doors: Doors, contacts: Sequence[Data]) -> list[Data]:
    """By role and rank; mailboxes whose last message came back after those of which none did."""
    stages = doors.cases.stages([str(one["person"]) for one in contacts])

    def place(one: Data) -> tuple[int, bool]:
        return ROLES.index(str(one["role"])), stages.get(str(one["person"])) is Stage.BOUNCED

    return sorted(contacts, key=place)


def _with_kin(doors: Doors, kin: Sequence[int], contacts: list[Data]) -> list[Data]:
    """The owner whom the oldest open case of the same owner knows comes first."""
    for number in kin:
        other = look_up(doors, number)
        owner = next((one for one in other.contacts if one["role"] == "owner"), None)
        if owner is None or other.state.over or not owner.get("independent"):
            continue
        same = {"person": owner["person"], "role": "owner"}
        rest = [one for one in contacts if not same.items() <= one.items()]
        shared: dict[str, Json] = {**owner, "why": [f"known from case {number} of the same owner"]}
        return [shared, *rest]
    return contacts


def _next(case: Case, found: Sequence[Data], now: datetime) -> datetime | None:
    return now if found or case.held_until is not None else None

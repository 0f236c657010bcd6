"""Who can mend the site of a case."""

from datetime import datetime

from unhijack.core.case import Case, Kind, Move
from unhijack.core.data import Json
from unhijack.core.site import parse_address, site_of
from unhijack.ports import Doors


def attribute(doors: Doors, case: Case) -> Move:
    """Look the contacts up, owners first; with none, the case waits for a person to find one."""
    site = site_of(parse_address(case.url).host)
    found: list[Json] = [
        {
            "role": contact.role,
            "person": doors.cases.person(contact.mail),
            "source": contact.source,
            "confidence": contact.confidence,
        }
        for contact in doors.directory.contacts(site)
    ]
    found.sort(key=lambda contact: isinstance(contact, dict) and contact["role"] != "owner")
    data: dict[str, Json] = {"contacts": found, "places": {}}
    return Move(Kind.ATTRIBUTED, data, _next(case, found, doors.clock.now()))


def _next(case: Case, found: list[Json], now: datetime) -> datetime | None:
    return now if found or case.held_until is not None else None

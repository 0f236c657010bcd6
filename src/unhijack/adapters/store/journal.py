"""The journals of cases, and of looks, inside somebody else's transaction."""

import hashlib
import json
from datetime import datetime

import sqlalchemy as sa

from unhijack.adapters.store import incoming
from unhijack.adapters.store.schema import case_events, case_persons, cases, looks
from unhijack.core.case import Case, Event, Kind
from unhijack.core.data import Data, Json, canonical
from unhijack.core.fold import advanced, fold
from unhijack.core.journal import GENESIS, chained


def read(connection: sa.Connection, number: int) -> list[tuple[Event, str]]:
    """The events of a case with their digests, in order."""
    query = (
        sa.select(case_events)
        .where(case_events.c.case_number == number)
        .order_by(case_events.c.step)
    )
    return [
        (Event(row.step, Kind(row.kind), row.at, json.loads(row.data)), row.digest)
        for row in connection.execute(query)
    ]


def append(connection: sa.Connection, number: int, kind: Kind, data: Data, at: datetime) -> Case:
    """Write an event at the end of a journal, and what it makes of the case, which is returned.

    The case's row is locked first: events of one case come one after the other.
    """
    connection.execute(
        sa.select(cases.c.step).where(cases.c.number == number).with_for_update(key_share=True)
    ).one()
    journal = read(connection, number)
    event = Event(len(journal) + 1, kind, at, data)
    previous = journal[-1][1] if journal else GENESIS
    connection.execute(
        sa.insert(case_events).values(
            case_number=number,
            step=event.step,
            kind=str(kind),
            at=at,
            data=canonical(dict(event.data)).decode(),
            digest=chained(previous, number, event),
        )
    )
    before = fold(number, (old for old, _ in journal))
    case = advanced(before, event)
    values: dict[str, object] = {
        "state": str(case.state),
        "step": event.step,
        "changed_at": at,
        "preserved": case.preserved,
    }
    if case.state.over:
        values["open_site"] = None
        if not before.state.over:
            values["over_at"] = at
            incoming.case_is_over(connection, number)
    connection.execute(sa.update(cases).where(cases.c.number == number).values(**values))
    if kind is Kind.ATTRIBUTED:
        _name_persons(connection, case)
    return case


def _name_persons(connection: sa.Connection, case: Case) -> None:
    """Whose data a case has, so that they can be erased in time."""
    known = {
        (row.person, row.role)
        for row in connection.execute(
            sa.select(case_persons).where(case_persons.c.case_number == case.number)
        )
    }
    wanted = {(str(one["person"]), str(one["role"])) for one in case.contacts}
    for person, role in sorted(wanted - known):
        connection.execute(
            sa.insert(case_persons).values(case_number=case.number, person=person, role=role)
        )


def append_look(connection: sa.Connection, at: datetime, who: str, what: str, reason: str) -> None:
    """Write down that somebody looked, chained like a case's journal."""
    last = connection.execute(
        sa.select(looks.c.step, looks.c.digest).order_by(looks.c.step.desc()).limit(1)
    ).first()
    step, previous = (last.step + 1, last.digest) if last else (1, GENESIS)
    line: Json = [previous, step, at.isoformat(), who, what, reason]
    digest = hashlib.sha256(canonical(line)).hexdigest()
    row = {"step": step, "at": at, "who": who, "what": what, "reason": reason, "digest": digest}
    connection.execute(sa.insert(looks).values(**row))

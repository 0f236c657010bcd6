"""The journals of cases, and of looks, inside somebody else's transaction."""

import hashlib
import json
from datetime import datetime

import sqlalchemy as sa

from unhijack.adapters.store.schema import case_events, cases, looks
from unhijack.core.case import GENESIS, Event, Kind, chained, fold
from unhijack.core.data import Data, Json, canonical


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


def append(connection: sa.Connection, number: int, kind: Kind, data: Data, at: datetime) -> None:
    """Write an event at the end of a journal, and what it makes of the case."""
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
    case = fold(number, [*(old for old, _ in journal), event])
    values: dict[str, object] = {"state": str(case.state), "step": event.step}
    if case.state.over:
        values["open_site"] = None
    connection.execute(sa.update(cases).where(cases.c.number == number).values(**values))


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

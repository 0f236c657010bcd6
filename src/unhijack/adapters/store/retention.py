"""What is erased in time, inside somebody else's transaction."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from unhijack.adapters.store.schema import case_persons, cases, mailroom, persons, reports
from unhijack.core.case import State
from unhijack.core.retention import Clock

_OVER = [str(state) for state in State if state.over]
_DONE = {
    Clock.REPORTERS: cases.c.reporters_erased,
    Clock.CONTACTS: cases.c.contacts_erased,
    Clock.EVIDENCE: cases.c.evidence_erased,
}


def over_since(
    connection: sa.Connection, clock: Clock, before: datetime, most: int
) -> Sequence[int]:
    """See the CaseStore port."""
    query = (
        sa.select(cases.c.number)
        .where(
            cases.c.state.in_(_OVER),
            cases.c.over_at < before,
            cases.c.preserved.is_(sa.false()),
            _DONE[clock].is_(sa.false()),
        )
        .order_by(cases.c.number)
        .limit(most)
    )
    return list(connection.scalars(query))


def persons_of(connection: sa.Connection, number: int, clock: Clock) -> Sequence[str]:
    """See the CaseStore port."""
    match clock:
        case Clock.REPORTERS:
            mine = _reporters(connection, number)
        case Clock.CONTACTS:
            mine = _contacts(connection, number)
        case Clock.EVIDENCE:
            mine = set()
    return sorted(person for person in mine if not _needed(connection, number, clock, person))


def _contacts(connection: sa.Connection, number: int) -> set[str]:
    query = sa.select(case_persons.c.person).where(case_persons.c.case_number == number)
    return set(connection.scalars(query))


def _reporters(connection: sa.Connection, number: int) -> set[str]:
    query = (
        sa.select(reports.c.reporter)
        .join(persons, persons.c.id == reports.c.reporter)
        .where(reports.c.case_number == number)
    )
    return {str(one) for one in connection.scalars(query)}


def _needed(connection: sa.Connection, number: int, clock: Clock, person: str) -> bool:
    """Whether another role or another case has them still, or a report that waits."""
    as_contact = sa.select(cases.c.number).where(
        cases.c.number.in_(
            sa.select(case_persons.c.case_number).where(case_persons.c.person == person)
        ),
        cases.c.contacts_erased.is_(sa.false()),
    )
    as_reporter = sa.select(cases.c.number).where(
        cases.c.number.in_(sa.select(reports.c.case_number).where(reports.c.reporter == person)),
        cases.c.reporters_erased.is_(sa.false()),
    )
    if clock is Clock.CONTACTS:
        as_contact = as_contact.where(cases.c.number != number)
    else:
        as_reporter = as_reporter.where(cases.c.number != number)
    waiting = sa.select(reports.c.id).where(
        reports.c.reporter == person, reports.c.case_number.is_(None)
    )
    return any(
        connection.execute(query.limit(1)).first() is not None
        for query in (as_contact, as_reporter, waiting)
    )


def forget(connection: sa.Connection, number: int, clock: Clock) -> None:
    """What people wrote about a case is gone with their mailboxes; that it was is remembered."""
    if clock is Clock.CONTACTS:
        connection.execute(
            sa.update(mailroom).where(mailroom.c.case_number == number).values(content=None)
        )
    done = sa.update(cases).where(cases.c.number == number)
    connection.execute(done.values({_DONE[clock].name: True}))

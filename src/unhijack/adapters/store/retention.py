"""What is erased in time, inside somebody else's transaction."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from unhijack.adapters.store.schema import case_persons, cases, mailroom, persons, reports
from unhijack.core.case import State

_OVER = [str(state) for state in State if state.over]


def over_since(connection: sa.Connection, before: datetime, most: int) -> Sequence[int]:
    """See the CaseStore port."""
    query = (
        sa.select(cases.c.number)
        .where(
            cases.c.state.in_(_OVER),
            cases.c.changed_at < before,
            cases.c.preserved.is_(sa.false()),
            cases.c.erased.is_(sa.false()),
        )
        .order_by(cases.c.number)
        .limit(most)
    )
    return list(connection.scalars(query))


def persons_of(connection: sa.Connection, number: int) -> Sequence[str]:
    """See the CaseStore port."""
    mine = set(_contacts(connection, number)) | set(_reporters(connection, number))
    return sorted(person for person in mine if not _needed(connection, number, person))


def _contacts(connection: sa.Connection, number: int) -> Sequence[str]:
    return list(
        connection.scalars(
            sa.select(case_persons.c.person).where(case_persons.c.case_number == number)
        )
    )


def _reporters(connection: sa.Connection, number: int) -> Sequence[str]:
    query = (
        sa.select(reports.c.reporter)
        .join(persons, persons.c.id == reports.c.reporter)
        .where(reports.c.case_number == number)
    )
    return [str(one) for one in connection.scalars(query)]


def _needed(connection: sa.Connection, number: int, person: str) -> bool:
    """Whether another case that is open, held, or not erased yet has them."""
    others = [
        sa.select(case_persons.c.case_number).where(case_persons.c.person == person),
        sa.select(reports.c.case_number).where(reports.c.reporter == person),
    ]
    query = sa.select(cases.c.number).where(
        cases.c.number.in_(sa.union(*others)),
        cases.c.number != number,
        cases.c.erased.is_(sa.false()),
    )
    waiting = sa.select(reports.c.id).where(
        reports.c.reporter == person, reports.c.case_number.is_(None)
    )
    return (
        connection.execute(query.limit(1)).first() is not None
        or connection.execute(waiting.limit(1)).first() is not None
    )


def forget(connection: sa.Connection, number: int) -> None:
    """What people wrote about a case is gone; that it was erased is remembered."""
    connection.execute(
        sa.update(mailroom).where(mailroom.c.case_number == number).values(content=None)
    )
    connection.execute(sa.update(cases).where(cases.c.number == number).values(erased=True))

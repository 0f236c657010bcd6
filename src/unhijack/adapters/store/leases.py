"""Which cases are due, and who may step them, inside somebody else's transaction.

A lease runs out by the database's own clock, for no two machines have the same.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from unhijack.adapters.store import paces as pacing
from unhijack.adapters.store.clock import DatabaseTime
from unhijack.adapters.store.schema import cases, paces
from unhijack.core.errors import WrongUse
from unhijack.ports import Lease

_FREE = {"lease_token": None, "lease_until": None}


def due(
    connection: sa.Connection, now: datetime, most: int, seconds: float, apart: timedelta
) -> list[Lease]:
    """Leases of the most overdue cases; of those with one pace, one in each `apart`."""
    free = sa.or_(cases.c.lease_until.is_(None), cases.c.lease_until < DatabaseTime())
    query = (
        sa.select(cases.c.number, cases.c.step, cases.c.pace)
        .where(cases.c.next_action_at <= now, free)
        .order_by(cases.c.next_action_at, cases.c.number)
        .limit(most)
        .with_for_update(skip_locked=True, key_share=True)
    )
    if not apart:
        rows = connection.execute(query).all()
    else:
        later = sa.exists().where(paces.c.name == cases.c.pace, pacing.held(now, cases.c.number))
        rows = _kept_apart(connection, connection.execute(query.where(~later)).all(), now, apart)
    return [_lease(connection, row.number, row.step, seconds) for row in rows]


def _kept_apart(
    connection: sa.Connection, rows: Sequence[Any], now: datetime, apart: timedelta
) -> Sequence[Any]:
    """The first of each pace that nobody else has just taken."""
    first = {row.pace: row.number for row in reversed(rows) if row.pace}
    # By name, so that two workers never wait for each other.
    mine = {
        number
        for name, number in sorted(first.items())
        if pacing.take(connection, name, number, now, now + apart)
    }
    return [row for row in rows if not row.pace or row.number in mine]


def lease(connection: sa.Connection, number: int, seconds: float) -> Lease:
    """The right to step a certain case. Raises WrongUse when somebody else has it."""
    taken = (cases.c.lease_until > DatabaseTime()).label("taken")
    query = sa.select(cases.c.number, cases.c.step, taken).where(cases.c.number == number)
    row = connection.execute(query.with_for_update(key_share=True)).first()
    if row is None:
        raise WrongUse(f"there is no case {number}")
    if row.taken:
        raise WrongUse(f"case {number} is being worked on: try again in a moment")
    return _lease(connection, row.number, row.step, seconds)


def _lease(connection: sa.Connection, number: int, step: int, seconds: float) -> Lease:
    token = secrets.token_hex(16)
    connection.execute(
        sa.update(cases)
        .where(cases.c.number == number)
        .values(lease_token=token, lease_until=DatabaseTime() + seconds)
    )
    return Lease(number, step, token)


def renew(connection: sa.Connection, held: Lease, seconds: float) -> bool:
    """Begin its time anew; False if it is stale."""
    values = {"lease_until": DatabaseTime() + seconds}
    return connection.execute(_held(held).values(**values)).rowcount == 1


def release(connection: sa.Connection, held: Lease) -> None:
    """Give it back; a stale one is nobody's."""
    connection.execute(_held(held).values(**_FREE))


def wait(connection: sa.Connection, held: Lease, until: datetime | None) -> None:
    """Give it back, and nothing is due until then, unless something happened to the case meanwhile."""
    unmoved = _held(held).where(cases.c.step == held.step)
    connection.execute(unmoved.values(next_action_at=until))
    release(connection, held)


def end_all(connection: sa.Connection) -> None:
    """Whoever had any is gone."""
    connection.execute(sa.update(cases).values(**_FREE))


def _held(held: Lease) -> sa.Update:
    return sa.update(cases).where(cases.c.number == held.number, cases.c.lease_token == held.token)

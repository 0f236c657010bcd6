"""What is kept apart in time, inside somebody else's transaction: mails to one provider, steps of
cases at one address.
"""

from datetime import datetime

import sqlalchemy as sa

from unhijack.adapters.store.schema import paces


def put(connection: sa.Connection, name: str, until: datetime) -> None:
    """Nothing under this name before then."""
    mine = paces.c.name == name
    if not _change(connection, mine, until) and not _insert(connection, name, until):
        _change(connection, mine, until)


def held_until(connection: sa.Connection, name: str) -> datetime | None:
    """Before when there is nothing under this name; None where it was never put off."""
    return connection.scalar(sa.select(paces.c.next_at).where(paces.c.name == name))


def is_held(connection: sa.Connection, name: str, now: datetime) -> bool:
    """Whether there is nothing under this name yet."""
    until = held_until(connection, name)
    return until is not None and until > now


def take(connection: sa.Connection, name: str, holder: int, now: datetime, until: datetime) -> bool:
    """The same for all but one, the holder; False where another one holds it."""
    free = sa.and_(paces.c.name == name, ~held(now, sa.literal(holder)))
    if _change(connection, free, until, holder):
        return True
    known = sa.select(paces.c.name).where(paces.c.name == name)
    return connection.scalar(known) is None and _insert(connection, name, until, holder)


def held(now: datetime, mine: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether somebody else than `mine` holds a row of `paces`."""
    return sa.and_(paces.c.next_at > now, paces.c.holder.is_distinct_from(mine))


def _change(
    connection: sa.Connection,
    which: sa.ColumnElement[bool],
    until: datetime,
    holder: int | None = None,
) -> bool:
    values = {"next_at": until, "holder": holder}
    return connection.execute(sa.update(paces).where(which).values(**values)).rowcount == 1


def _insert(
    connection: sa.Connection, name: str, until: datetime, holder: int | None = None
) -> bool:
    """False where another worker was as quick."""
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(paces).values(name=name, next_at=until, holder=holder))
    except sa.exc.IntegrityError:
        return False
    return True

"""What is kept apart in time, inside somebody else's transaction: mails to one provider, steps of
cases at one address.
"""

from datetime import datetime

import sqlalchemy as sa

from unhijack.adapters.store.schema import paces


def put(connection: sa.Connection, name: str, until: datetime) -> None:
    """Nothing under this name before then."""
    if not _change(connection, until, paces.c.name == name):
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(paces).values(name=name, next_at=until))
        except sa.exc.IntegrityError:  # another worker was as quick
            _change(connection, until, paces.c.name == name)


def take(connection: sa.Connection, name: str, now: datetime, until: datetime) -> bool:
    """The same, for one of those who want it now; False for all others."""
    if _change(connection, until, paces.c.name == name, paces.c.next_at <= now):
        return True
    if connection.scalar(sa.select(paces.c.name).where(paces.c.name == name)) is not None:
        return False
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(paces).values(name=name, next_at=until))
    except sa.exc.IntegrityError:
        return False
    return True


def _change(connection: sa.Connection, until: datetime, *which: sa.ColumnElement[bool]) -> bool:
    return connection.execute(sa.update(paces).where(*which).values(next_at=until)).rowcount == 1

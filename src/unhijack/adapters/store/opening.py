"""Opening a case, inside somebody else's transaction; and the names that people read."""

import secrets

import sqlalchemy as sa

from unhijack.adapters.store.schema import cases

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def open_case(connection: sa.Connection, site: str) -> int:
    """The case of a site that is open, or a new one."""
    known = (
        sa.select(cases.c.number).where(cases.c.open_site == site).with_for_update(key_share=True)
    )
    number = connection.scalar(known)
    if number is not None:
        return int(number)
    values = {"site": site, "open_site": site, "reference": code(10), "state": "", "step": 0}
    try:
        with connection.begin_nested():
            made = connection.execute(sa.insert(cases).values(**values)).inserted_primary_key
            assert made is not None
            return int(made[0])
    except sa.exc.IntegrityError:  # another worker opened it at the same moment
        return int(connection.execute(known).scalar_one())


def code(length: int) -> str:
    """Random letters and digits that are not mistaken for each other."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))

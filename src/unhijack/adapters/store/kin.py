"""Cases of one owner, inside somebody else's transaction."""

from collections.abc import Sequence

import sqlalchemy as sa

from unhijack.adapters.store.schema import identities

MOST_KIN = 1000
MOST_SHARING = 30
"""Cases that an identity may join: one of more is a reseller's, or an agency's."""


def join(connection: sa.Connection, number: int, shared: Sequence[str]) -> Sequence[int]:
    """Remember what the owner of a case's site is known by; the other cases that share any of it."""
    known = set(
        connection.scalars(
            sa.select(identities.c.identity).where(identities.c.case_number == number)
        )
    )
    for one in sorted(set(shared) - known):
        connection.execute(sa.insert(identities).values(identity=one, case_number=number))
    few = (
        sa.select(identities.c.identity)
        .where(identities.c.identity.in_(list(shared)))
        .group_by(identities.c.identity)
        .having(sa.func.count() <= MOST_SHARING)
    )
    query = (
        sa.select(identities.c.case_number)
        .where(identities.c.identity.in_(few), identities.c.case_number != number)
        .distinct()
        .order_by(identities.c.case_number)
        .limit(MOST_KIN)
    )
    return list(connection.scalars(query))

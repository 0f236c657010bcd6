"""One order of what is due; steps of cases at one address are kept apart; what became of mails, and
whose they are; whom to tell is one index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NEWS = sa.text("reporter IS NOT NULL AND told IN ('', 'over')")


def upgrade() -> None:
    """Add a column and an index, and put what was known into the new words."""
    op.add_column("cases", sa.Column("pace", sa.String(64)))
    op.add_column("paces", sa.Column("holder", sa.Integer))
    op.add_column("mailroom", sa.Column("person", sa.String(64)))
    op.create_index(
        "ix_reports_news", "reports", ["id"], sqlite_where=_NEWS, postgresql_where=_NEWS
    )
    op.drop_index("ix_cases_next_action_at", "cases")
    op.create_index("ix_cases_due", "cases", ["next_action_at", "number"])
    op.execute(
        "UPDATE reports SET told = 'over' WHERE told = 'received' AND case_number IN "
        "(SELECT number FROM cases WHERE over_at IS NOT NULL)"
    )
    op.execute("UPDATE persons SET stage = 'silent' WHERE stage IN ('sent', 'received')")

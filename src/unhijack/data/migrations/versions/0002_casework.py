"""Casework at scale: retention, clusters, paces, the mailroom; leases of messages that leave."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MOMENT = sa.String(32)


def upgrade() -> None:
    """Add what 0001 had no need of."""
    for name, column in _COLUMNS:
        op.add_column(name, column)
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)
    op.create_table(
        "case_persons",
        sa.Column("case_number", sa.Integer, sa.ForeignKey("cases.number"), primary_key=True),
        sa.Column("person", sa.String(64), sa.ForeignKey("persons.id"), primary_key=True),
        sa.Column("role", sa.String(12), primary_key=True),
    )
    op.create_index("ix_case_persons_person", "case_persons", ["person"])
    op.create_table(
        "identities",
        sa.Column("identity", sa.String(64), primary_key=True),
        sa.Column("case_number", sa.Integer, sa.ForeignKey("cases.number"), primary_key=True),
    )
    op.create_table(
        "paces",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("next_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "touches",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
    op.create_index("ix_touches_at", "touches", ["at", "name"])
    op.create_table(
        "mailroom",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("case_number", sa.Integer, sa.ForeignKey("cases.number")),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary),
    )
    op.create_index("ix_mailroom_at", "mailroom", ["at"])
    op.create_index("ix_mailroom_case_number", "mailroom", ["case_number"])


_COLUMNS: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("reports", sa.Column("reporter", sa.String(64))),
    ("reports", sa.Column("site", sa.String(255))),
    ("reports", sa.Column("party", sa.String(64), nullable=False, server_default="")),
    ("reports", sa.Column("admitted_at", _MOMENT)),
    ("reports", sa.Column("told", sa.String(12), nullable=False, server_default="")),
    ("cases", sa.Column("changed_at", _MOMENT)),
    ("cases", sa.Column("over_at", _MOMENT)),
    ("cases", sa.Column("preserved", sa.Boolean, nullable=False, server_default=sa.false())),
    *(
        ("cases", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
        for name in ("reporters_erased", "contacts_erased", "evidence_erased")
    ),
    ("persons", sa.Column("provider", sa.String(32))),
    ("persons", sa.Column("next_mail_at", _MOMENT)),
    ("persons", sa.Column("stage", sa.String(12))),
    ("persons", sa.Column("stage_at", _MOMENT)),
    ("outbox", sa.Column("return_path", sa.String(254), nullable=False, server_default="")),
    ("outbox", sa.Column("role", sa.String(12), nullable=False, server_default="owner")),
    ("outbox", sa.Column("about", sa.String(12), nullable=False, server_default="hijacked")),
    ("outbox", sa.Column("leaving_token", sa.String(40))),
    ("outbox", sa.Column("leaving_until", sa.Float)),
)
_INDEXES = (
    ("ix_reports_site", "reports", ["site"]),
    ("ix_reports_admitted_at", "reports", ["admitted_at"]),
    ("ix_reports_party", "reports", ["case_number", "party", "id"]),
    ("ix_cases_state", "cases", ["state", "changed_at"]),
    ("ix_outbox_person", "outbox", ["person", "state"]),
)

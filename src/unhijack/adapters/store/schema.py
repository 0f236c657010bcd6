"""The tables. A change here goes with a migration in data/migrations (a test compares them)."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()


class Moment(sa.TypeDecorator[datetime]):
    """A time with its zone, as text that sorts: the same on every database."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> str | None:
        """Always UTC, always with microseconds."""
        return value.astimezone(UTC).isoformat(timespec="microseconds") if value else None

    def process_result_value(self, value: str | None, dialect: Any) -> datetime | None:
        """The same moment."""
        return datetime.fromisoformat(value) if value else None


reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(200), nullable=False, unique=True),
    sa.Column("receipt", sa.String(40), nullable=False, unique=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("pathway", sa.Text, nullable=False),
    sa.Column("source", sa.String(40), nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("party", sa.String(64), nullable=False, server_default=""),  # whose share of the day
    sa.Column("reporter", sa.String(64)),  # a person; NULL is anonymous
    sa.Column("site", sa.String(255), index=True),
    sa.Column("admitted_at", Moment, index=True),
    sa.Column(
        "told", sa.String(12), nullable=False, server_default=""
    ),  # "", received, over, closed
    sa.Column("case_number", sa.Integer, sa.ForeignKey("cases.number"), index=True),
    sa.Index("ix_reports_party", "case_number", "party", "id"),
)
NEWS = sa.and_(reports.c.reporter.is_not(None), sa.text("told IN ('', 'over')"))
"""Of what the reporter is not told yet."""
sa.Index("ix_reports_news", reports.c.id, sqlite_where=NEWS, postgresql_where=NEWS)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("site", sa.String(255), nullable=False, index=True),
    sa.Column("open_site", sa.String(255), unique=True),  # the site while open: one case each
    sa.Column("reference", sa.String(20), nullable=False, unique=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("next_action_at", Moment),
    sa.Column("pace", sa.String(64)),  # a name among paces: its site's address
    sa.Column("lease_token", sa.String(40)),
    sa.Column("lease_until", sa.Float),  # the database's own clock, in Unix seconds
    sa.Column("changed_at", Moment),
    sa.Column("over_at", Moment),
    sa.Column("preserved", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("reporters_erased", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("contacts_erased", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("evidence_erased", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("ix_cases_state", "state", "changed_at"),
    sa.Index("ix_cases_due", "next_action_at", "number"),
    sqlite_autoincrement=True,  # a number is never given twice
)

case_events = sa.Table(
    "case_events",
    metadata,
    sa.Column("case_number", sa.Integer, sa.ForeignKey("cases.number"), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)

persons = sa.Table(
    "persons",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("key", sa.LargeBinary),  # sealed; NULL once it is destroyed
    sa.Column("mail", sa.LargeBinary, nullable=False),  # encrypted under that key
    sa.Column("provider", sa.String(32)),  # keyed hash of the mailbox's domain
    sa.Column("next_mail_at", Moment),
    sa.Column("stage", sa.String(12)),  # a core.contact.Reached: what became of the last message
    sa.Column("stage_at", Moment),
)

case_persons = sa.Table(
    "case_persons",
    metadata,
    sa.Column("case_number", sa.Integer, sa.ForeignKey("cases.number"), primary_key=True),
    sa.Column("person", sa.String(64), sa.ForeignKey("persons.id"), primary_key=True, index=True),
    sa.Column("role", sa.String(12), primary_key=True),
)

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("identity", sa.String(64), primary_key=True),  # keyed hash of what owners share
    sa.Column("case_number", sa.Integer, sa.ForeignKey("cases.number"), primary_key=True),
)

paces = sa.Table(
    "paces",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("next_at", Moment, nullable=False),
    sa.Column("holder", sa.Integer),  # the case that need not wait
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("key", sa.String(100), primary_key=True),
    sa.Column("case_number", sa.Integer, sa.ForeignKey("cases.number"), nullable=False),
    sa.Column("person", sa.String(64), sa.ForeignKey("persons.id"), nullable=False),
    sa.Column("message_id", sa.String(200), nullable=False, unique=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", Moment),
    sa.Column("return_path", sa.String(254), nullable=False, server_default=""),
    sa.Column("role", sa.String(12), nullable=False, server_default="owner"),
    sa.Column("about", sa.String(12), nullable=False, server_default="hijacked"),
    sa.Column("leaving_token", sa.String(40)),
    sa.Column("leaving_until", sa.Float),  # the database's own clock
    sa.Index("ix_outbox_waiting", "state", "next_at"),
    sa.Index("ix_outbox_person", "person", "state"),
)

touches = sa.Table(
    "touches",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "name", sa.String(300), nullable=False
    ),  # a site or an address that was let be visited
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_touches_at", "at", "name"),
)

mailroom = sa.Table(
    "mailroom",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("case_number", sa.Integer, sa.ForeignKey("cases.number"), index=True),
    sa.Column("outcome", sa.String(40), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("person", sa.String(64)),  # under whose key it is; NULL: the house's own
    sa.Column("content", sa.LargeBinary),  # sealed; NULL once its time is over
)

looks = sa.Table(
    "looks",
    metadata,
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)

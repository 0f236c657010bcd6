"""Reports, and the mail that came in, inside somebody else's transaction."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from unhijack.adapters.store.schema import NEWS, cases, mailroom, outbox, reports, touches
from unhijack.core.case import State
from unhijack.core.data import canonical
from unhijack.core.report import Report, pathway_data, pathway_of
from unhijack.ports import Mailed, Noticed, Received, ReportStatus, Standing

TOUCHES_KEPT = timedelta(days=2)

_REFUTED = (State.NOT_HIJACKED, State.UNREACHABLE)
_UNPROVEN = ("", str(State.REPORTED), *map(str, _REFUTED))
"""States of a case of which nobody has seen a redirect."""


def acknowledge(connection: sa.Connection, report: Report, site: str, key: str, code: str) -> str:
    """Take a report under a new receipt; the same key again has the receipt that it had."""
    known = sa.select(reports.c.receipt).where(reports.c.key == key)
    receipt = connection.scalar(known)
    if receipt is not None:
        return str(receipt)
    try:
        with connection.begin_nested():
            connection.execute(
                sa.insert(reports).values(
                    key=key,
                    receipt=code,
                    url=report.url,
                    pathway=canonical(pathway_data(report.pathway)).decode(),
                    source=report.source,
                    received_at=report.received_at,
                    party=report.party,
                    reporter=report.reporter,
                    site=site,
                )
            )
    except sa.exc.IntegrityError:  # it came twice at the same moment
        return str(connection.scalar(known))
    return code


def waiting(connection: sa.Connection, each: int, parties: int, skip: int = 0) -> list[Received]:
    """The oldest `each` reports without a case of each party, of `parties` of each channel.

    Those whose oldest report is older come first; the first `skip` of each channel are left out.
    """
    open_ones = reports.c.case_number.is_(None)
    place = sa.func.row_number().over(partition_by=reports.c.party, order_by=reports.c.id)
    ranked = sa.select(reports, place.label("place")).where(open_ones).subquery()
    oldest = (
        sa.select(reports.c.source, reports.c.party, sa.func.min(reports.c.id).label("id"))
        .where(open_ones)
        .group_by(reports.c.source, reports.c.party)
        .subquery()
    )
    rank = sa.func.row_number().over(partition_by=oldest.c.source, order_by=oldest.c.id)
    turns = sa.select(oldest.c.party, rank.label("rank")).subquery()
    first = sa.select(turns.c.party).where(turns.c.rank > skip, turns.c.rank <= skip + parties)
    query = (
        sa.select(ranked)
        .where(ranked.c.place <= each, ranked.c.party.in_(first))
        .order_by(ranked.c.id)
    )
    return [
        Received(
            row.receipt,
            Report(
                row.url,
                pathway_of(json.loads(row.pathway)),
                row.received_at,
                row.source,
                row.party,
                row.reporter,
            ),
        )
        for row in connection.execute(query)
    ]


def case_of(connection: sa.Connection, receipt: str) -> int | None:
    """The case that a report was given, by another worker perhaps, for whom it waits; else None."""
    query = sa.select(reports.c.case_number).where(reports.c.receipt == receipt)
    return connection.scalar(query.with_for_update())


def admitted(connection: sa.Connection, since: datetime) -> Mapping[str, int]:
    """How many reports of each party were let through to a case since then."""
    query = (
        sa.select(reports.c.party, sa.func.count())
        .where(reports.c.admitted_at >= since)
        .group_by(reports.c.party)
    )
    return {str(name): int(count) for name, count in connection.execute(query)}


def touched(connection: sa.Connection, since: datetime) -> Mapping[str, int]:
    """How often each site and address was let be visited since then."""
    query = (
        sa.select(touches.c.name, sa.func.count())
        .where(touches.c.at >= since)
        .group_by(touches.c.name)
    )
    return {str(name): int(count) for name, count in connection.execute(query)}


def touch(connection: sa.Connection, names: Sequence[str], now: datetime) -> None:
    """What a report leads to; of what is older than two days nothing is kept."""
    connection.execute(sa.delete(touches).where(touches.c.at < now - TOUCHES_KEPT))
    for name in names:
        connection.execute(sa.insert(touches).values(name=name[:300], at=now))


def standings(connection: sa.Connection, parties: Sequence[str]) -> Mapping[str, Standing]:
    """What became of what each party reported."""
    proven = sa.case((cases.c.state.in_(_UNPROVEN), 0), else_=1)
    refuted = sa.case((cases.c.state.in_([str(state) for state in _REFUTED]), 1), else_=0)
    query = (
        sa.select(reports.c.party, sa.func.sum(proven), sa.func.sum(refuted))
        .join(cases, cases.c.number == reports.c.case_number)
        .where(reports.c.party.in_(list(parties)))
        .group_by(reports.c.party)
    )
    return {row[0]: Standing(int(row[1]), int(row[2])) for row in connection.execute(query)}


def report_of(connection: sa.Connection, receipt: str) -> ReportStatus | None:
    """What became of a report."""
    query = (
        sa.select(reports, cases.c.state)
        .outerjoin(cases, cases.c.number == reports.c.case_number)
        .where(reports.c.receipt == receipt)
    )
    row = connection.execute(query).first()
    return None if row is None else _status(row)


def untold(connection: sa.Connection, most: int) -> list[ReportStatus]:
    """Reports whose reporter is to be told something that they do not know, the oldest first."""
    query = (
        sa.select(reports, cases.c.state)
        .join(cases, cases.c.number == reports.c.case_number)
        .where(NEWS)
        .order_by(reports.c.id)
        .limit(most)
    )
    return [_status(row) for row in connection.execute(query)]


def told(connection: sa.Connection, status: ReportStatus, what: str) -> bool:
    """Remember what a reporter was told; False if they were told something meanwhile.

    The case's row is locked first: it may be over before this is done, and then there is more to say.
    """
    state = connection.scalar(
        sa.select(cases.c.state)
        .where(cases.c.number == status.number)
        .with_for_update(key_share=True)
    )
    over = state is not None and State(state).over
    changed = connection.execute(
        sa.update(reports)
        .where(reports.c.receipt == status.receipt, reports.c.told == status.told)
        .values(told="over" if over and what == "received" else what)
    )
    return changed.rowcount == 1


def case_is_over(connection: sa.Connection, number: int) -> None:
    """There is news for those who were told that their report had arrived."""
    connection.execute(
        sa.update(reports)
        .where(reports.c.case_number == number, reports.c.told == "received")
        .values(told="over")
    )


def _status(row: sa.Row[tuple[object, ...]]) -> ReportStatus:
    return ReportStatus(
        receipt=row.receipt,
        received_at=row.received_at,
        reporter=row.reporter,
        number=row.case_number,
        state=State(row.state) if row.state else None,
        told=row.told,
    )


_NOTICES = sa.select(
    outbox.c.case_number, outbox.c.key, outbox.c.person, outbox.c.role, outbox.c.message_id
)


def noticed(connection: sa.Connection, message_id: str) -> Noticed | None:
    """The message with this identifier."""
    row = connection.execute(_NOTICES.where(outbox.c.message_id == message_id)).first()
    return None if row is None else Noticed(*row)


def noticed_by(connection: sa.Connection, reference: str, notice: int) -> Noticed | None:
    """A message of the case with this name, in capitals or not."""
    query = _NOTICES.join(cases, cases.c.number == outbox.c.case_number).where(
        cases.c.reference == reference.upper()
    )
    for row in connection.execute(query):
        if str(row.key).endswith(f"-{notice}"):
            return Noticed(*row)
    return None


def together(connection: sa.Connection, key: str) -> list[Noticed]:
    """The messages that left as one with this one, itself among them."""
    first = sa.select(outbox.c.person, outbox.c.leaving_token).where(outbox.c.key == key)
    row = connection.execute(first).first()
    if row is None:
        return []
    query = _NOTICES.where(
        outbox.c.person == row.person,
        outbox.c.leaving_token == row.leaving_token if row.leaving_token else outbox.c.key == key,
    )
    return [Noticed(*one) for one in connection.execute(query.order_by(outbox.c.key))]


def record_mail(connection: sa.Connection, mail: Mailed, content: bytes) -> bool:
    """Keep a message that came in, with what was made of it; False if it was kept before."""
    query = sa.select(mailroom.c.digest).where(mailroom.c.digest == mail.digest)
    if connection.scalar(query) is not None:
        return False
    try:
        with connection.begin_nested():
            connection.execute(
                sa.insert(mailroom).values(
                    digest=mail.digest,
                    at=mail.at,
                    case_number=mail.number,
                    outcome=mail.outcome,
                    reason=mail.reason,
                    person=mail.person,
                    content=content,
                )
            )
    except sa.exc.IntegrityError:
        return False
    return True


def mailed(connection: sa.Connection, most: int, outcome: str | None) -> list[Mailed]:
    """What came in, the newest first."""
    query = sa.select(mailroom).order_by(mailroom.c.at.desc(), mailroom.c.digest).limit(most)
    if outcome is not None:
        query = query.where(mailroom.c.outcome == outcome)
    return [_mailed(row) for row in connection.execute(query)]


def mail_named(connection: sa.Connection, begins: str) -> list[tuple[Mailed, bytes | None]]:
    """Messages whose digest begins so, each with its sealed content; two say that it is not one."""
    query = (
        sa.select(mailroom)
        .where(mailroom.c.digest.startswith(begins, autoescape=True))
        .order_by(mailroom.c.digest)
        .limit(2)
    )
    return [(_mailed(row), row.content) for row in connection.execute(query)]


def _mailed(row: sa.Row[tuple[object, ...]]) -> Mailed:
    return Mailed(row.digest, row.at, row.case_number, row.outcome, row.reason, row.person)

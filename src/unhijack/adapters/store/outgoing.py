"""The outbox, inside somebody else's transaction: every message leaves once, or is uncertain.

What waits for one person leaves together, and no more than once a day.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from unhijack.adapters.store import journal
from unhijack.adapters.store import paces as pacing
from unhijack.adapters.store.clock import DatabaseTime
from unhijack.adapters.store.people import People
from unhijack.adapters.store.schema import cases, outbox, paces, persons
from unhijack.core.case import Kind, State
from unhijack.core.contact import CERT, HOSTER, PROXY, REGISTRAR, Reached
from unhijack.core.data import Json
from unhijack.core.notice import MAIL, SUPERSEDED, WITHDRAWN, About, Letter, Notice, Spacing
from unhijack.ports import Bundle, Fate, Outgoing, Posted

MOST_POSTINGS = 8
"""Attempts to hand over a message that certainly did not leave."""
POSTING_PAUSE = timedelta(minutes=5)
"""Before the second attempt; doubles each time."""
AWAY_PAUSE = timedelta(minutes=2)
"""Before our own mail server is asked again, where it was not there, or took nothing from us."""
HELD_PAUSE = timedelta(hours=1)
"""Until a message is looked at again whose case is held."""
MOST_TOGETHER = 50
"""Messages to one person that leave as one; to a desk as many of these as its batch of the day takes."""
MOST_BYTES_TOGETHER = 1024 * 1024
"""Of those messages, sealed: a digest of long ones would be longer than mailboxes take."""

_ENDS = {
    Fate.ACCEPTED: (Kind.DELIVERED, "sent", Reached.SILENT),
    Fate.UNCERTAIN: (Kind.UNCERTAIN, "uncertain", Reached.SILENT),
    Fate.REFUSED: (Kind.BOUNCED, "failed", Reached.BOUNCED),
    Fate.LATER: (Kind.BOUNCED, "failed", Reached.BOUNCED),
}
"""Of each fate; that our own server is away ends nothing."""
_SETTLED = (
    State.VERIFIED_CLEAN,
    State.MONITORED,
    State.CLOSED,
    State.OVERTURNED,
    State.DUPLICATE,
)
_CLEAN = (State.VERIFIED_CLEAN, State.MONITORED, State.CLOSED)
_SENT_AWAY = (str(About.HIJACKED), str(About.WHO_HOSTS))
_NEWS = (*_SENT_AWAY, str(About.CLEAN))
_OUT_OF_TURN = str(About.RETRACTION)
"""Leaves at once, whatever went before: somebody was told something untrue."""
_DESKS = frozenset({HOSTER, PROXY, REGISTRAR, CERT})
"""Roles of people who work through lists: they get all that is due in one batch a day."""
_OUR_SERVER = "our mail server"
"""Among the paces: while it is away nothing is taken from the outbox."""
_ALONE = (_OUT_OF_TURN, str(About.REPORT))
"""Never part of a digest."""


def queue(
    connection: sa.Connection,
    number: int,
    notice: Notice,
    about: str,
    now: datetime,
    spacing: Spacing,
) -> None:
    """Put a message out, frozen. Its key and Message-ID are taken once for all.

    An older one that says of the same site that it is hijacked, and waits for the same person, does
    not leave any more.
    """
    if about == About.HIJACKED:
        _supersede(connection, number, notice.person, now)
    connection.execute(
        sa.insert(outbox).values(
            key=notice.key,
            case_number=number,
            person=notice.person,
            message_id=notice.message_id,
            content=notice.content,
            return_path=notice.return_path,
            role=notice.role,
            about=about,
            state="waiting" if notice.channel == MAIL else "by-hand",
            attempts=0,
            next_at=now if about == _OUT_OF_TURN else now + spacing.gather,
        )
    )


def _supersede(connection: sa.Connection, number: int, person: str, now: datetime) -> None:
    older = sa.select(outbox.c.key).where(
        outbox.c.person == person,
        outbox.c.state == "waiting",
        outbox.c.case_number == number,
        outbox.c.about == str(About.HIJACKED),
    )
    _take_out(connection, older.with_for_update(skip_locked=True), SUPERSEDED, now)


def take(connection: sa.Connection, people: People, now: datetime, seconds: float) -> Bundle | None:
    """What may leave now for one person, marked as leaving; that to erased people ends here."""
    if pacing.is_held(connection, _OUR_SERVER, now):
        return None
    _keep_back(connection, now)
    _withdraw(connection, now)
    while (first := _first(connection, now)) is not None:
        person = connection.execute(
            sa.select(persons).where(persons.c.id == first.person).with_for_update(key_share=True)
        ).one()
        waits = person.next_mail_at is not None and person.next_mail_at > now
        if waits and first.about != _OUT_OF_TURN:
            _put_off(connection, person.id, person.next_mail_at)
            continue
        rows = _waiting(connection, first, now)
        bundle = _leaving(connection, people, rows, seconds) if rows else None
        if bundle is not None:
            return bundle
        for row in rows:
            gone = Posted(Fate.REFUSED, "the recipient's data were erased")
            end(connection, row.key, gone, now)
    return None


def _keep_back(connection: sa.Connection, now: datetime) -> None:
    """Of a case that is held nobody is told, not even what was decided on before."""
    held = sa.select(cases.c.number).where(cases.c.state == str(State.HELD))
    connection.execute(
        sa.update(outbox)
        .where(_due(now, _NEWS), outbox.c.case_number.in_(held))
        .values(next_at=now + HELD_PAUSE)
    )


def _withdraw(connection: sa.Connection, now: datetime) -> None:
    """What waited too long to be true any more does not leave."""
    settled = sa.select(cases.c.number).where(cases.c.state.in_([str(x) for x in _SETTLED]))
    clean = sa.select(cases.c.number).where(cases.c.state.in_([str(x) for x in _CLEAN]))
    late = sa.and_(_due(now, _SENT_AWAY), outbox.c.case_number.in_(settled))
    early = sa.and_(_due(now, (str(About.CLEAN),)), outbox.c.case_number.not_in(clean))
    due = sa.or_(late, early)
    _take_out(connection, sa.select(outbox.c.key).where(due).with_for_update(), WITHDRAWN, now)


def _take_out(connection: sa.Connection, which: sa.Select[Any], why: str, now: datetime) -> None:
    """End messages that have not left."""
    for key in list(connection.scalars(which)):
        connection.execute(sa.update(outbox).where(outbox.c.key == key).values(state="leaving"))
        end(connection, key, Posted(Fate.REFUSED, why), now)


def _due(now: datetime, about: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.and_(outbox.c.state == "waiting", outbox.c.next_at <= now, outbox.c.about.in_(about))


def _first(connection: sa.Connection, now: datetime) -> Any:
    free = sa.or_(paces.c.next_at.is_(None), paces.c.next_at <= now)
    query = (
        sa.select(outbox.c.key, outbox.c.person, outbox.c.about)
        .join(persons, persons.c.id == outbox.c.person)
        .outerjoin(paces, paces.c.name == persons.c.provider)
        .where(outbox.c.state == "waiting", outbox.c.next_at <= now, free)
        .order_by(outbox.c.next_at, outbox.c.key)
        .limit(1)
    )
    return connection.execute(query).first()


def _put_off(connection: sa.Connection, person: str, until: datetime) -> None:
    connection.execute(
        sa.update(outbox)
        .where(
            outbox.c.person == person,
            outbox.c.state == "waiting",
            outbox.c.next_at < until,
            outbox.c.about != _OUT_OF_TURN,
        )
        .values(next_at=until)
    )


def _waiting(connection: sa.Connection, first: Any, now: datetime) -> Sequence[Any]:
    """All that waits for them; the person's row is locked, so nobody else takes it."""
    query = sa.select(outbox).where(outbox.c.state == "waiting", outbox.c.next_at <= now)
    if first.about in _ALONE:
        query = query.where(outbox.c.key == first.key)
    else:
        query = query.where(outbox.c.person == first.person, outbox.c.about.not_in(_ALONE))
    found = connection.execute(
        query.order_by(outbox.c.next_at, outbox.c.key)
        .limit(MOST_TOGETHER)
        .with_for_update(key_share=True)
    ).all()
    sizes = accumulate(len(row.content) for row in found)
    return [row for row, size in zip(found, sizes, strict=True) if size <= MOST_BYTES_TOGETHER] or (
        found[:1]
    )


def _leaving(
    connection: sa.Connection, people: People, rows: Sequence[Any], seconds: float
) -> Bundle | None:
    token = secrets.token_hex(16)
    connection.execute(
        sa.update(outbox)
        .where(outbox.c.key.in_([row.key for row in rows]))
        .values(
            state="leaving",
            attempts=outbox.c.attempts + 1,
            leaving_token=token,
            leaving_until=DatabaseTime() + seconds,
        )
    )
    recipient = people.mail(connection, rows[0].person)
    if recipient is None:
        return None
    parts = []
    for row in rows:
        message = people.open(connection, row.person, row.content)
        if message is None:
            return None
        letter = Letter(recipient, message, row.return_path)
        attempts = row.attempts + 1
        parts.append(Outgoing(row.key, row.case_number, letter, attempts, row.message_id, row.role))
    return Bundle(rows[0].person, token, tuple(parts))


def settle(
    connection: sa.Connection, sent: Bundle, posted: Posted, now: datetime, spacing: Spacing
) -> None:
    """What became of it: tried again later, or over. After its time was over, nothing."""
    mine = sa.and_(outbox.c.state == "leaving", outbox.c.leaving_token == sent.token)
    keys = list(connection.scalars(sa.select(outbox.c.key).where(mine)))
    if not keys:
        return
    if posted.fate is Fate.AWAY:
        _wait_for_our_server(connection, mine, now)
        return
    attempts = max(part.attempts for part in sent.parts)
    if posted.fate is Fate.LATER and attempts < MOST_POSTINGS:
        pause = POSTING_PAUSE * (1 << (attempts - 1))
        connection.execute(
            sa.update(outbox).where(mine).values(state="waiting", next_at=now + pause)
        )
        return
    for key in keys:
        end(connection, key, posted, now)
    values: dict[str, Any] = {"stage": str(_ENDS[posted.fate][2]), "stage_at": now}
    if posted.fate in (Fate.ACCEPTED, Fate.UNCERTAIN):
        if not _batch_goes_on(connection, sent, now):
            values["next_mail_at"] = now + spacing.recipient
        provider = sa.select(persons.c.provider).where(persons.c.id == sent.person)
        if (name := connection.scalar(provider)) is not None:
            pacing.put(connection, str(name), now + spacing.provider)
    connection.execute(sa.update(persons).where(persons.c.id == sent.person).values(**values))


def _batch_goes_on(connection: sa.Connection, sent: Bundle, now: datetime) -> bool:
    """Whether a desk is to get more today: its batch is longer than a message may be."""
    if sent.parts[0].role not in _DESKS:
        return False
    more = sa.select(outbox.c.key).where(
        outbox.c.person == sent.person,
        outbox.c.state == "waiting",
        outbox.c.next_at <= now,
        outbox.c.about.not_in(_ALONE),
    )
    return connection.scalar(more.limit(1)) is not None


def _wait_for_our_server(
    connection: sa.Connection, which: sa.ColumnElement[bool], now: datetime
) -> None:
    """That was no attempt, and says nothing of anybody: it waits for as long as it takes."""
    values = {"state": "waiting", "attempts": outbox.c.attempts - 1}
    connection.execute(sa.update(outbox).where(which).values(**values))
    pacing.put(connection, _OUR_SERVER, now + AWAY_PAUSE)


def next_due(connection: sa.Connection) -> datetime | None:
    """When a message may leave next; None where none waits."""
    query = sa.select(sa.func.min(outbox.c.next_at)).where(outbox.c.state == "waiting")
    due: datetime | None = connection.scalar(query)
    back = pacing.held_until(connection, _OUR_SERVER)
    return max(due, back) if due is not None and back is not None else due


def end(connection: sa.Connection, key: str, posted: Posted, now: datetime) -> None:
    """The end of a message: its row and the event of its case, together.

    What did not arrive makes its case due: somebody else may have to be told. So does what left
    when it was not true any more: it is taken back.
    """
    kind, state, _ = _ENDS[posted.fate]
    row = connection.execute(
        sa.select(outbox.c.case_number, outbox.c.message_id, outbox.c.about).where(
            outbox.c.key == key, outbox.c.state == "leaving"
        )
    ).one()
    connection.execute(
        sa.update(outbox).where(outbox.c.key == key).values(state=state, next_at=None)
    )
    if row.about == About.REPORT:
        return
    data: dict[str, Json] = {"notice": key, "message_id": row.message_id, "text": posted.text}
    case = journal.append(connection, row.case_number, kind, data, now)
    told_too_late = case.state is State.OVERTURNED and kind is not Kind.BOUNCED
    lost = kind is Kind.BOUNCED and not case.state.over
    if told_too_late or (lost and row.about in (About.HIJACKED, About.PRESERVE)):
        connection.execute(
            sa.update(cases).where(cases.c.number == row.case_number).values(next_action_at=now)
        )


def end_interrupted(connection: sa.Connection, now: datetime, *, alone: bool) -> int:
    """Messages that were leaving when a worker died may have left or not; how many.

    With other workers about, only those whose time is over.
    """
    query = sa.select(outbox.c.key).where(outbox.c.state == "leaving")
    if not alone:
        query = query.where(outbox.c.leaving_until < DatabaseTime())
    keys = list(connection.scalars(query.order_by(outbox.c.key).with_for_update(skip_locked=True)))
    text = "the program ended while the message was being handed over"
    for key in keys:
        end(connection, key, Posted(Fate.UNCERTAIN, text), now)
    return len(keys)

"""The outbox, inside somebody else's transaction: every notice leaves once, or is uncertain."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from unhijack.adapters.store import journal
from unhijack.adapters.store.people import People
from unhijack.adapters.store.schema import outbox
from unhijack.core.case import Kind
from unhijack.core.data import Json
from unhijack.core.notice import Letter, Notice
from unhijack.ports import Fate, Outgoing, Posted

MOST_POSTINGS = 8
"""Attempts to hand over a notice that certainly did not leave."""
POSTING_PAUSE = timedelta(minutes=5)
"""Before the second attempt; doubles each time."""

_ENDS = {
    Fate.ACCEPTED: (Kind.DELIVERED, "sent"),
    Fate.UNCERTAIN: (Kind.UNCERTAIN, "uncertain"),
    Fate.REFUSED: (Kind.BOUNCED, "failed"),
    Fate.LATER: (Kind.BOUNCED, "failed"),
}


def queue(connection: sa.Connection, number: int, notice: Notice, now: datetime) -> None:
    """Put a notice out, frozen. Its key and Message-ID are taken once for all."""
    connection.execute(
        sa.insert(outbox).values(
            key=notice.key,
            case_number=number,
            person=notice.person,
            message_id=notice.message_id,
            content=notice.content,
            state="waiting",
            attempts=0,
            next_at=now,
        )
    )


def take(connection: sa.Connection, people: People, now: datetime) -> Outgoing | None:
    """The next notice that may leave, marked as leaving; those to erased people end here."""
    query = (
        sa.select(outbox)
        .where(outbox.c.state == "waiting", outbox.c.next_at <= now)
        .order_by(outbox.c.next_at, outbox.c.key)
        .limit(1)
    )
    while (row := connection.execute(query).first()) is not None:
        connection.execute(
            sa.update(outbox)
            .where(outbox.c.key == row.key)
            .values(state="leaving", attempts=row.attempts + 1)
        )
        recipient = people.mail(connection, row.person)
        message = people.open(connection, row.person, row.content)
        if recipient is not None and message is not None:
            letter = Letter(recipient, message)
            return Outgoing(row.key, row.case_number, letter, row.attempts + 1)
        end(connection, row.key, Posted(Fate.REFUSED, "the recipient's data were erased"), now)
    return None


def settle(connection: sa.Connection, sent: Outgoing, posted: Posted, now: datetime) -> None:
    """What became of a notice: tried again later, or over."""
    if posted.fate is not Fate.LATER or sent.attempts >= MOST_POSTINGS:
        end(connection, sent.key, posted, now)
        return
    pause = POSTING_PAUSE * 2 ** (sent.attempts - 1)
    connection.execute(
        sa.update(outbox)
        .where(outbox.c.key == sent.key, outbox.c.state == "leaving")
        .values(state="waiting", next_at=now + pause)
    )


def end(connection: sa.Connection, key: str, posted: Posted, now: datetime) -> None:
    """The end of a notice: its row and the event of its case, together."""
    kind, state = _ENDS[posted.fate]
    row = connection.execute(
        sa.select(outbox.c.case_number, outbox.c.message_id).where(
            outbox.c.key == key, outbox.c.state == "leaving"
        )
    ).one()
    connection.execute(
        sa.update(outbox).where(outbox.c.key == key).values(state=state, next_at=None)
    )
    data: dict[str, Json] = {"notice": key, "message_id": row.message_id, "text": posted.text}
    journal.append(connection, row.case_number, kind, data, now)


def end_interrupted(connection: sa.Connection, now: datetime) -> int:
    """Notices that were leaving when a worker died may have left or not; how many."""
    keys = list(connection.scalars(sa.select(outbox.c.key).where(outbox.c.state == "leaving")))
    text = "the program ended while the message was being handed over"
    for key in keys:
        end(connection, key, Posted(Fate.UNCERTAIN, text), now)
    return len(keys)

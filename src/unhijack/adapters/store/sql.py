"""The CaseStore port by SQLAlchemy Core: synchronous, short transactions, one writer at a time."""

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from unhijack.adapters.store.engine import NAME, empty_log, explained
from unhijack.adapters.store.people import People
from unhijack.adapters.store.schema import case_events, cases, looks, outbox, reports
from unhijack.core.case import (
    GENESIS,
    Event,
    Kind,
    Move,
    chained,
    fold,
    pathway_data,
    pathway_of,
)
from unhijack.core.data import Data, Json, canonical
from unhijack.core.errors import WrongUse
from unhijack.core.notice import Letter, Notice
from unhijack.core.report import Report
from unhijack.ports import Fate, Lease, Outgoing, Posted, Received, Secrets

LEASE_SECONDS = 300.0
"""Longer than any examination or conversation with a mail server takes."""
MOST_POSTINGS = 8
"""Attempts to hand over a notice that certainly did not leave."""
POSTING_PAUSE = timedelta(minutes=5)

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_DATABASE_TIME = sa.literal_column("((julianday('now') - 2440587.5) * 86400.0)", sa.Float)


class SqlStore:
    """All state of one house."""

    def __init__(self, engine: sa.Engine, folder: Path, secrets_: Secrets) -> None:
        self._engine = engine
        self._folder = folder
        self._secrets = secrets_
        self._people = People(secrets_)
        self._lock: int | None = None

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        with explained(self._folder / NAME), self._engine.begin() as connection:
            yield connection

    def become_worker(self, now: datetime) -> int:
        """See the port."""
        if self._lock is None:
            self._lock = self._take_lock()
        with self._transaction() as connection:
            connection.execute(sa.update(cases).values(lease_token=None, lease_until=None))
            rows = connection.execute(
                sa.select(outbox.c.key, outbox.c.case_number, outbox.c.message_id).where(
                    outbox.c.state == "leaving"
                )
            ).all()
            for row in rows:
                text = "the program ended while the message was being handed over"
                self._settle(connection, row.key, Fate.UNCERTAIN, text, now)
        return len(rows)

    def _take_lock(self) -> int:
        """Held by an open file: it ends with this process, however that dies."""
        path = self._folder / "worker.lock"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError as error:
            raise WrongUse(f"{path} cannot be opened: {error.strerror}") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise WrongUse(f"another worker is at work in {self._folder}: stop it first") from None
        return handle

    def close(self) -> None:
        """See the port."""
        self._engine.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def record_look(self, at: datetime, who: str, what: str, reason: str) -> None:
        """See the port: chained like a case's journal."""
        with self._transaction() as connection:
            last = connection.execute(
                sa.select(looks.c.step, looks.c.digest).order_by(looks.c.step.desc()).limit(1)
            ).first()
            step, previous = (last.step + 1, last.digest) if last else (1, GENESIS)
            line: Json = [previous, step, at.isoformat(), who, what, reason]
            connection.execute(
                sa.insert(looks).values(
                    step=step,
                    at=at,
                    who=who,
                    what=what,
                    reason=reason,
                    digest=hashlib.sha256(canonical(line)).hexdigest(),
                )
            )

    # Reports

    def acknowledge(self, report: Report, key: str) -> str:
        """See the port."""
        receipt = "R-" + "-".join(_code(5) for _ in range(3))
        with self._transaction() as connection:
            known = connection.scalar(sa.select(reports.c.receipt).where(reports.c.key == key))
            if known is not None:
                return str(known)
            connection.execute(
                sa.insert(reports).values(
                    key=key,
                    receipt=receipt,
                    url=report.url,
                    pathway=canonical(pathway_data(report.pathway)).decode(),
                    source=report.source,
                    received_at=report.received_at,
                )
            )
        return receipt

    def unassigned(self) -> Sequence[Received]:
        """See the port."""
        query = sa.select(reports).where(reports.c.case_number.is_(None)).order_by(reports.c.id)
        with self._transaction() as connection:
            return [
                Received(
                    row.receipt,
                    Report(
                        row.url, pathway_of(json.loads(row.pathway)), row.received_at, row.source
                    ),
                )
                for row in connection.execute(query)
            ]

    def open_for(self, site: str) -> int | None:
        """See the port."""
        with self._transaction() as connection:
            return connection.scalar(sa.select(cases.c.number).where(cases.c.open_site == site))

    def assign(self, received: Received, site: str, move: Move) -> int:
        """See the port."""
        at = received.report.received_at
        with self._transaction() as connection:
            number = connection.scalar(sa.select(cases.c.number).where(cases.c.open_site == site))
            if number is None:
                number = connection.execute(
                    sa.insert(cases).values(
                        site=site, open_site=site, reference=_code(10), state="", step=0
                    )
                ).inserted_primary_key[0]  # type: ignore[index]  # an insert of one row has one
            self._append(connection, number, move.kind, move.data, at)
            if move.next_at is not None:
                connection.execute(
                    sa.update(cases)
                    .where(cases.c.number == number)
                    .values(next_action_at=move.next_at)
                )
            connection.execute(
                sa.update(reports)
                .where(reports.c.receipt == received.receipt)
                .values(case_number=number)
            )
        return int(number)

    # Cases

    def journal(self, number: int) -> Sequence[tuple[Event, str]]:
        """See the port."""
        with self._transaction() as connection:
            found = self._journal(connection, number)
        if not found:
            raise WrongUse(f"there is no case {number}")
        return found

    def numbers(self) -> Sequence[int]:
        """See the port."""
        with self._transaction() as connection:
            return list(connection.scalars(sa.select(cases.c.number).order_by(cases.c.number)))

    def due(self, now: datetime) -> Lease | None:
        """See the port."""
        free = sa.or_(cases.c.lease_until.is_(None), cases.c.lease_until < _DATABASE_TIME)
        query = (
            sa.select(cases.c.number)
            .where(cases.c.next_action_at <= now, free)
            .order_by(cases.c.next_action_at, cases.c.number)
            .limit(1)
        )
        with self._transaction() as connection:
            number = connection.scalar(query)
            return None if number is None else self._lease(connection, number)

    def lease(self, number: int) -> Lease:
        """See the port."""
        with self._transaction() as connection:
            row = connection.execute(
                sa.select(
                    cases.c.number, (cases.c.lease_until > _DATABASE_TIME).label("taken")
                ).where(cases.c.number == number)
            ).first()
            if row is None:
                raise WrongUse(f"there is no case {number}")
            if row.taken:
                raise WrongUse(f"case {number} is being worked on: try again in a moment")
            return self._lease(connection, number)

    def _lease(self, connection: sa.Connection, number: int) -> Lease:
        token = secrets.token_hex(16)
        connection.execute(
            sa.update(cases)
            .where(cases.c.number == number)
            .values(lease_token=token, lease_until=_DATABASE_TIME + LEASE_SECONDS)
        )
        step = connection.scalar(sa.select(cases.c.step).where(cases.c.number == number))
        assert step is not None
        return Lease(number, step, token)

    def release(self, lease: Lease) -> None:
        """See the port."""
        with self._transaction() as connection:
            connection.execute(
                sa.update(cases)
                .where(cases.c.number == lease.number, cases.c.lease_token == lease.token)
                .values(lease_token=None, lease_until=None)
            )

    def wait(self, lease: Lease) -> None:
        """See the port."""
        with self._transaction() as connection:
            connection.execute(
                sa.update(cases)
                .where(cases.c.number == lease.number, cases.c.lease_token == lease.token)
                .values(next_action_at=None, lease_token=None, lease_until=None)
            )

    def commit(self, lease: Lease, move: Move, now: datetime) -> bool:
        """See the port."""
        with self._transaction() as connection:
            guarded = connection.execute(
                sa.update(cases)
                .where(
                    cases.c.number == lease.number,
                    cases.c.step == lease.step,
                    cases.c.lease_token == lease.token,
                )
                .values(next_action_at=move.next_at, lease_token=None, lease_until=None)
            )
            if guarded.rowcount != 1:
                return False
            self._append(connection, lease.number, move.kind, move.data, now)
            if move.notice is not None:
                _queue(connection, lease.number, move.notice, now)
        return True

    def next_due(self) -> datetime | None:
        """See the port."""
        with self._transaction() as connection:
            due = connection.scalar(sa.select(sa.func.min(cases.c.next_action_at)))
            mail = connection.scalar(
                sa.select(sa.func.min(outbox.c.next_at)).where(outbox.c.state == "waiting")
            )
        return min((moment for moment in (due, mail) if moment), default=None)

    def latest(self) -> datetime | None:
        """See the port."""
        with self._transaction() as connection:
            found = connection.scalar(
                sa.select(case_events.c.at).order_by(case_events.c.at.desc()).limit(1)
            )
            return found if isinstance(found, datetime) else None

    def reference(self, number: int) -> str:
        """See the port."""
        with self._transaction() as connection:
            found = connection.scalar(sa.select(cases.c.reference).where(cases.c.number == number))
        if found is None:
            raise WrongUse(f"there is no case {number}")
        return str(found)

    def by_reference(self, reference: str) -> int | None:
        """See the port."""
        with self._transaction() as connection:
            return connection.scalar(
                sa.select(cases.c.number).where(cases.c.reference == reference)
            )

    # The journal

    def _journal(self, connection: sa.Connection, number: int) -> list[tuple[Event, str]]:
        query = (
            sa.select(case_events)
            .where(case_events.c.case_number == number)
            .order_by(case_events.c.step)
        )
        return [
            (Event(row.step, Kind(row.kind), row.at, json.loads(row.data)), row.digest)
            for row in connection.execute(query)
        ]

    def _append(
        self,
        connection: sa.Connection,
        number: int,
        kind: Kind,
        data: Data,
        at: datetime,
    ) -> None:
        """Write an event at the end of a journal, and what it makes of the case."""
        journal = self._journal(connection, number)
        event = Event(len(journal) + 1, kind, at, data)
        previous = journal[-1][1] if journal else GENESIS
        connection.execute(
            sa.insert(case_events).values(
                case_number=number,
                step=event.step,
                kind=str(kind),
                at=at,
                data=canonical(dict(event.data)).decode(),
                digest=chained(previous, number, event),
            )
        )
        case = fold(number, [*(old for old, _ in journal), event])
        values: dict[str, object] = {"state": str(case.state), "step": event.step}
        if case.state.over:
            values["open_site"] = None
        connection.execute(sa.update(cases).where(cases.c.number == number).values(**values))

    # People

    def person(self, mail: str) -> str:
        """See the port."""
        with self._transaction() as connection:
            return self._people.of(connection, mail)

    def mailbox(self, person: str) -> str:
        """See the port."""
        with self._transaction() as connection:
            found = self._people.mail(connection, person)
        if found is None:
            raise WrongUse(f"the data of person {person} were erased")
        return found

    def seal_for(self, person: str, content: bytes) -> bytes:
        """See the port."""
        with self._transaction() as connection:
            return self._people.seal(connection, person, content)

    def erase(self, person: str) -> None:
        """See the port. The log is emptied too: it holds pages as they were before."""
        with self._transaction() as connection:
            self._people.erase(connection, person)
        with explained(self._folder / NAME):
            empty_log(self._engine)

    # What leaves the house

    def take_notice(self, now: datetime) -> Outgoing | None:
        """See the port."""
        query = (
            sa.select(outbox)
            .where(outbox.c.state == "waiting", outbox.c.next_at <= now)
            .order_by(outbox.c.next_at, outbox.c.key)
            .limit(1)
        )
        with self._transaction() as connection:
            while (row := connection.execute(query).first()) is not None:
                connection.execute(
                    sa.update(outbox)
                    .where(outbox.c.key == row.key)
                    .values(state="leaving", attempts=row.attempts + 1)
                )
                recipient = self._people.mail(connection, row.person)
                message = self._people.open(connection, row.person, row.content)
                if recipient is not None and message is not None:
                    letter = Letter(recipient, message)
                    return Outgoing(row.key, row.case_number, letter, row.attempts + 1)
                text = "the recipient's data were erased"
                self._settle(connection, row.key, Fate.REFUSED, text, now)
        return None

    def settle(self, outgoing: Outgoing, posted: Posted, now: datetime) -> None:
        """See the port."""
        with self._transaction() as connection:
            if posted.fate is Fate.LATER and outgoing.attempts < MOST_POSTINGS:
                pause = POSTING_PAUSE * 2 ** (outgoing.attempts - 1)
                connection.execute(
                    sa.update(outbox)
                    .where(outbox.c.key == outgoing.key, outbox.c.state == "leaving")
                    .values(state="waiting", next_at=now + pause)
                )
                return
            self._settle(connection, outgoing.key, posted.fate, posted.text, now)

    def _settle(
        self, connection: sa.Connection, key: str, fate: Fate, text: str, now: datetime
    ) -> None:
        """The end of a notice: its row and the event of its case, together."""
        kind, state = {
            Fate.ACCEPTED: (Kind.DELIVERED, "sent"),
            Fate.UNCERTAIN: (Kind.UNCERTAIN, "uncertain"),
            Fate.REFUSED: (Kind.BOUNCED, "failed"),
            Fate.LATER: (Kind.BOUNCED, "failed"),
        }[fate]
        row = connection.execute(
            sa.select(outbox.c.case_number, outbox.c.message_id).where(
                outbox.c.key == key, outbox.c.state == "leaving"
            )
        ).one()
        connection.execute(
            sa.update(outbox).where(outbox.c.key == key).values(state=state, next_at=None)
        )
        data: dict[str, Json] = {"notice": key, "message_id": row.message_id, "text": text}
        self._append(connection, row.case_number, kind, data, now)


def _queue(connection: sa.Connection, number: int, notice: Notice, now: datetime) -> None:
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


def _code(length: int) -> str:
    """Random letters and digits that are not mistaken for each other."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))

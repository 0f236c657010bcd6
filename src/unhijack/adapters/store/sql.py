"""The CaseStore port by SQLAlchemy Core: synchronous, short transactions, one writer at a time."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from unhijack.adapters.store import journal, outgoing
from unhijack.adapters.store.engine import NAME, empty_log, explained
from unhijack.adapters.store.people import People
from unhijack.adapters.store.schema import case_events, cases, outbox, reports
from unhijack.core.case import Event, Move, pathway_data, pathway_of
from unhijack.core.data import canonical
from unhijack.core.errors import WrongUse
from unhijack.core.report import Report
from unhijack.ports import Lease, Outgoing, Posted, Received, Secrets

LEASE_SECONDS = 300.0
"""Longer than any examination or conversation with a mail server takes."""

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
            return outgoing.end_interrupted(connection, now)

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
        """See the port."""
        with self._transaction() as connection:
            journal.append_look(connection, at, who, what, reason)

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
            journal.append(connection, number, move.kind, move.data, at)
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
            found = journal.read(connection, number)
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
            journal.append(connection, lease.number, move.kind, move.data, now)
            if move.notice is not None:
                outgoing.queue(connection, lease.number, move.notice, now)
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
        with self._transaction() as connection:
            return outgoing.take(connection, self._people, now)

    def settle(self, sent: Outgoing, posted: Posted, now: datetime) -> None:
        """See the port."""
        with self._transaction() as connection:
            outgoing.settle(connection, sent, posted, now)


def _code(length: int) -> str:
    """Random letters and digits that are not mistaken for each other."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))

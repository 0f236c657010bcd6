"""The CaseStore port by SQLAlchemy Core: synchronous, short transactions, the same on both databases."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from unhijack.adapters.store import incoming, journal, kin, leases, opening, outgoing, retention
from unhijack.adapters.store.people import People
from unhijack.adapters.store.schema import case_events, cases, reports
from unhijack.core.case import Case, Event, Move, State
from unhijack.core.contact import Earlier, Reached
from unhijack.core.errors import WrongUse
from unhijack.core.fold import fold
from unhijack.core.notice import About, Notice, Spacing
from unhijack.core.report import Report
from unhijack.core.retention import Clock
from unhijack.core.site import parse_address, site_of
from unhijack.ports import (
    Bundle,
    Lease,
    Listed,
    Mailed,
    Noticed,
    Posted,
    Received,
    ReportStatus,
    Secrets,
    Standing,
)

LEASE_SECONDS = 300.0
"""Longer than any examination or conversation with a mail server takes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the database is, and what is done there that differs from one to the other."""

    engine: sa.Engine
    explained: Callable[[], contextlib.AbstractContextManager[None]]
    """Turns the driver's errors into ones that a person can mend."""
    become_only: Callable[[], Callable[[], None]] | None
    """For a database with one worker: take its place, or raise WrongUse; how to leave it."""
    wipe: Callable[[], None]
    """Makes sure that what was erased lies nowhere else."""


class SqlStore:
    """All state of one house."""

    def __init__(
        self,
        place: Place,
        secrets_: Secrets,
        spacing: Spacing | None = None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._place = place
        self._secrets = secrets_
        self._people = People(secrets_)
        self._spacing = spacing or Spacing()
        self._lease_seconds = lease_seconds
        self._leave: Callable[[], None] | None = None

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """All of it, or nothing."""
        with self._place.explained(), self._place.engine.begin() as connection:
            yield connection

    def become_worker(self, now: datetime) -> int:
        """See the port."""
        become = self._place.become_only
        if become is None:
            return self.end_interrupted(now)
        if self._leave is None:
            self._leave = become()
        with self.transaction() as connection:
            leases.end_all(connection)
            return outgoing.end_interrupted(connection, now, alone=True)

    def end_interrupted(self, now: datetime) -> int:
        """See the port."""
        with self.transaction() as connection:
            return outgoing.end_interrupted(connection, now, alone=False)

    def close(self) -> None:
        """See the port."""
        self._place.engine.dispose()
        if self._leave is not None:
            self._leave()
            self._leave = None

    def record_look(self, at: datetime, who: str, what: str, reason: str) -> None:
        """See the port."""
        with self.transaction() as connection:
            journal.append_look(connection, at, who, what, reason)

    # Reports

    def acknowledge(self, report: Report, key: str) -> str:
        """See the port."""
        receipt = "R-" + "-".join(opening.code(5) for _ in range(3))
        site = site_of(parse_address(report.url).host)
        with self.transaction() as connection:
            return incoming.acknowledge(connection, report, site, key, receipt)

    def waiting(self, each: int, parties: int, skip: int = 0) -> Sequence[Received]:
        """See the port."""
        with self.transaction() as connection:
            return incoming.waiting(connection, each, parties, skip)

    def admitted_by(self, since: datetime) -> Mapping[str, int]:
        """See the port."""
        with self.transaction() as connection:
            return incoming.admitted(connection, since)

    def touched(self, since: datetime) -> Mapping[str, int]:
        """See the port."""
        with self.transaction() as connection:
            return incoming.touched(connection, since)

    def standings(self, parties: Sequence[str]) -> Mapping[str, Standing]:
        """See the port."""
        with self.transaction() as connection:
            return incoming.standings(connection, parties)

    def report_of(self, receipt: str) -> ReportStatus | None:
        """See the port."""
        with self.transaction() as connection:
            return incoming.report_of(connection, receipt)

    def untold(self, most: int) -> Sequence[ReportStatus]:
        """See the port."""
        with self.transaction() as connection:
            return incoming.untold(connection, most)

    def tell(self, status: ReportStatus, what: str, notice: Notice | None, now: datetime) -> bool:
        """See the port."""
        assert status.number is not None
        with self.transaction() as connection:
            told = incoming.told(connection, status, what)
            if told and notice is not None:
                about = str(About.REPORT)
                outgoing.queue(connection, status.number, notice, about, now, self._spacing)
            return told

    def open_for(self, site: str) -> int | None:
        """See the port."""
        with self.transaction() as connection:
            return connection.scalar(sa.select(cases.c.number).where(cases.c.open_site == site))

    def assign(
        self,
        received: Received,
        site: str,
        decide: Callable[[Case | None], Move],
        now: datetime,
        touches: Sequence[str] = (),
        pace: str | None = None,
    ) -> int:
        """See the port."""
        with self.transaction() as connection:
            if (taken := incoming.case_of(connection, received.receipt)) is not None:
                return taken
            incoming.touch(connection, touches, now)
            number = opening.open_case(connection, site)
            known = [event for event, _ in journal.read(connection, number)]
            move = decide(fold(number, known) if known else None)
            journal.append(connection, number, move.kind, move.data, received.report.received_at)
            values: dict[str, object] = {} if move.keeps_time else {"next_action_at": move.next_at}
            if pace is not None:
                values["pace"] = pace[:64]
            if values:
                connection.execute(
                    sa.update(cases).where(cases.c.number == number).values(**values)
                )
            connection.execute(
                sa.update(reports)
                .where(reports.c.receipt == received.receipt)
                .values(case_number=number, site=site, admitted_at=now)
            )
        return number

    # Cases

    def journal(self, number: int) -> Sequence[tuple[Event, str]]:
        """See the port."""
        with self.transaction() as connection:
            found = journal.read(connection, number)
        if not found:
            raise WrongUse(f"there is no case {number}")
        return found

    def numbers(self) -> Sequence[int]:
        """See the port."""
        with self.transaction() as connection:
            return list(connection.scalars(sa.select(cases.c.number).order_by(cases.c.number)))

    def listed(
        self, states: Sequence[State], after: int, most: int, site: str | None = None
    ) -> Sequence[Listed]:
        """See the port."""
        query = sa.select(cases).where(cases.c.number > after)
        if states:
            query = query.where(cases.c.state.in_([str(state) for state in states]))
        if site is not None:
            query = query.where(cases.c.site == site)
        with self.transaction() as connection:
            return [
                Listed(
                    row.number,
                    row.site,
                    row.reference,
                    State(row.state),
                    row.step,
                    row.next_action_at,
                    row.changed_at,
                )
                for row in connection.execute(query.order_by(cases.c.number).limit(most))
            ]

    def counts(self) -> Mapping[State, int]:
        """See the port."""
        query = sa.select(cases.c.state, sa.func.count()).group_by(cases.c.state)
        with self.transaction() as connection:
            return {State(state): int(count) for state, count in connection.execute(query)}

    def due(self, now: datetime) -> Lease | None:
        """See the port."""
        with self.transaction() as connection:
            return next(iter(self.lease_due(connection, now, 1)), None)

    def lease_due(self, connection: sa.Connection, now: datetime, most: int) -> list[Lease]:
        """Leases of the most overdue cases, inside somebody else's transaction."""
        return leases.due(connection, now, most, self._lease_seconds, self._spacing.address)

    def lease(self, number: int) -> Lease:
        """See the port."""
        with self.transaction() as connection:
            return leases.lease(connection, number, self._lease_seconds)

    def renew(self, lease: Lease) -> bool:
        """See the port."""
        with self.transaction() as connection:
            return leases.renew(connection, lease, self._lease_seconds)

    def release(self, lease: Lease) -> None:
        """See the port."""
        with self.transaction() as connection:
            leases.release(connection, lease)

    def wait(self, lease: Lease, until: datetime | None) -> None:
        """See the port."""
        with self.transaction() as connection:
            leases.wait(connection, lease, until)

    def commit(self, lease: Lease, move: Move, now: datetime) -> bool:
        """See the port."""
        held = sa.and_(cases.c.step == lease.step, cases.c.lease_token == lease.token)
        free = {"lease_token": None, "lease_until": None}
        return self._moved(lease.number, held, move, now, free)

    def add(self, number: int, step: int, move: Move, now: datetime) -> bool:
        """See the port."""
        return self._moved(number, cases.c.step == step, move, now, {"step": cases.c.step})

    def _moved(
        self,
        number: int,
        allowed: sa.ColumnElement[bool],
        move: Move,
        now: datetime,
        values: Mapping[str, object],
    ) -> bool:
        times = {} if move.keeps_time else {"next_action_at": move.next_at}
        guarded = sa.update(cases).where(cases.c.number == number, allowed)
        with self.transaction() as connection:
            if connection.execute(guarded.values(**values, **times)).rowcount != 1:
                return False
            journal.append(connection, number, move.kind, move.data, now)
            about = str(move.data.get("about", About.HIJACKED))
            for notice in move.notices:
                outgoing.queue(connection, number, notice, about, now, self._spacing)
        return True

    def next_due(self) -> datetime | None:
        """See the port."""
        with self.transaction() as connection:
            due = connection.scalar(sa.select(sa.func.min(cases.c.next_action_at)))
            mail = outgoing.next_due(connection)
        return min((moment for moment in (due, mail) if moment), default=None)

    def damage(self) -> str:
        """See the port."""
        with self.transaction() as connection:
            if connection.dialect.name != "sqlite":
                return ""
            found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
            return "" if found == "ok" else found

    def latest(self) -> datetime | None:
        """See the port."""
        with self.transaction() as connection:
            found = connection.scalar(
                sa.select(case_events.c.at).order_by(case_events.c.at.desc()).limit(1)
            )
            return found if isinstance(found, datetime) else None

    def reference(self, number: int) -> str:
        """See the port."""
        with self.transaction() as connection:
            found = connection.scalar(sa.select(cases.c.reference).where(cases.c.number == number))
        if found is None:
            raise WrongUse(f"there is no case {number}")
        return str(found)

    def by_reference(self, reference: str) -> int | None:
        """See the port."""
        with self.transaction() as connection:
            return connection.scalar(
                sa.select(cases.c.number).where(cases.c.reference == reference)
            )

    # People

    def person(self, mail: str) -> str:
        """See the port."""
        with self.transaction() as connection:
            return self._people.of(connection, mail)

    def mailbox(self, person: str) -> str:
        """See the port."""
        with self.transaction() as connection:
            found = self._people.mail(connection, person)
        if found is None:
            raise WrongUse(f"the data of person {person} were erased")
        return found

    def earlier(self, mails: Sequence[str]) -> Sequence[Earlier]:
        """See the port."""
        with self.transaction() as connection:
            return self._people.earlier(connection, mails)

    def reached(self, person: str, how: Reached, now: datetime) -> None:
        """See the port."""
        with self.transaction() as connection:
            self._people.reached(connection, person, how, now)

    def seal_for(self, person: str, content: bytes) -> bytes:
        """See the port."""
        with self.transaction() as connection:
            return self._people.seal(connection, person, content)

    def erase(self, person: str) -> None:
        """See the port."""
        with self.transaction() as connection:
            self._people.erase(connection, person)
        self._wipe()

    def join_kin(self, number: int, identities: Sequence[str]) -> Sequence[int]:
        """See the port."""
        with self.transaction() as connection:
            return kin.join(connection, number, identities)

    # What is erased in time

    def over_since(self, clock: Clock, before: datetime, most: int) -> Sequence[int]:
        """See the port."""
        with self.transaction() as connection:
            return retention.over_since(connection, clock, before, most)

    def persons_of(self, number: int, clock: Clock) -> Sequence[str]:
        """See the port."""
        with self.transaction() as connection:
            return retention.persons_of(connection, number, clock)

    def forget(
        self, number: int, clock: Clock, move: Move, persons: Sequence[str], now: datetime
    ) -> None:
        """See the port."""
        with self.transaction() as connection:
            for person in persons:
                self._people.erase(connection, person)
            retention.forget(connection, number, clock)
            journal.append(connection, number, move.kind, move.data, now)
        self._wipe()

    def _wipe(self) -> None:
        with self._place.explained():
            self._place.wipe()

    # What leaves the house, and what comes in

    def take_bundle(self, now: datetime) -> Bundle | None:
        """See the port."""
        with self.transaction() as connection:
            return outgoing.take(connection, self._people, now, self._lease_seconds)

    def settle(self, sent: Bundle, posted: Posted, now: datetime) -> None:
        """See the port."""
        with self.transaction() as connection:
            outgoing.settle(connection, sent, posted, now, self._spacing)

    def noticed(self, message_id: str) -> Noticed | None:
        """See the port."""
        with self.transaction() as connection:
            return incoming.noticed(connection, message_id)

    def noticed_by(self, reference: str, notice: int) -> Noticed | None:
        """See the port."""
        with self.transaction() as connection:
            return incoming.noticed_by(connection, reference, notice)

    def together(self, key: str) -> Sequence[Noticed]:
        """See the port."""
        with self.transaction() as connection:
            return incoming.together(connection, key)

    def record_mail(self, mail: Mailed, content: bytes) -> bool:
        """See the port."""
        with self.transaction() as connection:
            return incoming.record_mail(connection, mail, content)

    def mailroom(self, most: int, outcome: str | None = None) -> Sequence[Mailed]:
        """See the port."""
        with self.transaction() as connection:
            return incoming.mailed(connection, most, outcome)

    def mail_named(self, begins: str) -> tuple[Mailed, bytes | None] | None:
        """See the port."""
        with self.transaction() as connection:
            found = incoming.mail_named(connection, begins)
            if len(found) != 1:
                return None
            mail, content = found[0]
            if not content:
                return mail, None
            if mail.person is None:
                return mail, self._secrets.unseal(content)
            return mail, self._people.open(connection, mail.person, content)

"""A house with several workers and a database that die all the time, in a town with a clock of its own."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.postgres import Postgres, postgres
from unhijack.casework import analyst
from unhijack.casework.agenda import Office
from unhijack.casework.intake import claim_clean, report
from unhijack.config.settings import Settings, read_settings
from unhijack.core.case import Case, Kind, State
from unhijack.core.errors import WrongUse
from unhijack.core.journal import first_broken
from unhijack.core.site import parse_address
from unhijack.lab.colleague import FileClock
from unhijack.lab.server import TownServer
from unhijack.lab.sink import MailSink, count
from unhijack.lab.town import Gate, Town, hosts_file, plan_town
from unhijack.ports import CaseStore, StoreUnavailable
from unhijack.wiring.visits import open_office

DAWN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LEASE_SECONDS = 2.0
SMTP_SECONDS = 1.0
LEAP = timedelta(hours=2)
"""That the time goes on beyond what is due next: what is due soon after is due with it."""
SEED = 7
WORKERS = 2
DATABASE_SHARE = 0.2
"""Of the kills: those of the database and all its processes."""
REPORTED_TWICE = 3
"""Each so manieth site is reported by two people."""
_SCRIPTED = (Gate.SCRIPT_SEARCH,)


@dataclass(slots=True)
class Aftermath:
    """What must hold when the storm is over."""

    reports: int
    lost: int
    """Receipts whose report is not there, or has no case."""
    cases: int
    closed: int
    broken: int
    """Journals that do not hold together."""
    mails: int
    doubled: int
    """Messages that the sink has more than once."""
    uncertain: int
    kills: int
    seconds: float
    states: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Storm:
    """How hard it blows."""

    folder: Path
    sites: int
    kills: int
    seed: int = SEED
    seconds: float = 600.0
    """After which it is given up."""
    said: list[str] = field(default_factory=list)


async def weather(storm: Storm) -> Aftermath:
    """Play it. Raises CannotRun where there is no PostgreSQL; TimeoutError when it does not end."""
    storm.folder.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    town = _town(storm)
    repaired: set[str] = set()
    mails = storm.folder / "mails"
    async with AsyncExitStack() as stack:
        database = stack.enter_context(postgres(durable=True))
        server = await stack.enter_async_context(TownServer(town, lambda: repaired))
        sink = await stack.enter_async_context(MailSink(mails))
        (storm.folder / "hosts").write_text(hosts_file(town))
        _write_directory(storm.folder, town)
        settings = _settings(storm.folder, database.new_database(), sink.port)
        clock = FileClock(storm.folder / "now")
        clock.move_to(DAWN)
        office = open_office(settings, clock)
        stack.callback(office.doors.cases.close)
        stack.push_async_callback(office.close)
        crew = stack.enter_context(_crew(storm, settings, database))
        receipts = _report(office, town, server)
        async with asyncio.timeout(storm.seconds):
            await _rage(storm, office, clock, crew, repaired)
        return _aftermath(office.doors.cases, receipts, mails, crew.kills, start)


def _town(storm: Storm) -> Town:
    """A town whose hijacked sites are hijacked without scripts: visits are quick there."""
    whole = plan_town(storm.seed, storm.sites * 10, storm.sites * 3)
    plain = [site for site in whole.hijacked if site.gate not in _SCRIPTED][: storm.sites]
    hosts = {site.host for site in plain}
    return replace(whole, sites=tuple(site for site in whole.sites if site.host in hosts))


def _write_directory(folder: Path, town: Town) -> None:
    contacts = {
        site.host: [
            {"role": "owner", "mail": site.owner.mailbox},
            {"role": "hoster", "mail": site.hoster.abuse},
        ]
        for site in town.sites
    }
    (folder / "directory.json").write_text(json.dumps(contacts))


def _settings(folder: Path, url: str, smtp_port: int) -> Settings:
    return read_settings(
        state=folder / "state",
        database=url,
        lease_seconds=LEASE_SECONDS,
        hosts=folder / "hosts",
        allow_net=("127.0.0.0/8",),
        directory=folder / "directory.json",
        organisation="CERT of the town",
        sender="notices@cert.test",
        smtp_host="127.0.0.1",
        smtp_port=smtp_port,
        smtp_starttls=False,
        smtp_seconds=SMTP_SECONDS,
        mail_gather_minutes=0,
        mail_provider_seconds=0,
        approval=False,
    )


class Crew:
    """The workers and the database, which are killed and started again."""

    def __init__(self, storm: Storm, settings: Settings, database: Postgres) -> None:
        self._storm = storm
        self._settings = settings
        self._database = database
        self._chance = random.Random(storm.seed)
        self.kills = 0
        self.workers = [self._start() for _ in range(WORKERS)]

    def _start(self) -> "subprocess.Popen[bytes]":
        known = self._settings
        assert known.database is not None
        env = {
            **os.environ,
            "UNHIJACK_STATE": str(known.state),
            "UNHIJACK_DATABASE": known.database.get_secret_value(),
            "UNHIJACK_LEASE_SECONDS": str(known.lease_seconds),
            "UNHIJACK_HOSTS": str(known.hosts),
            "UNHIJACK_ALLOW_NET": "127.0.0.0/8",
            "UNHIJACK_DIRECTORY": str(known.directory),
            "UNHIJACK_SENDER": known.sender,
            "UNHIJACK_SMTP_HOST": "127.0.0.1",
            "UNHIJACK_SMTP_PORT": str(known.smtp_port),
            "UNHIJACK_SMTP_STARTTLS": "false",
            "UNHIJACK_SMTP_SECONDS": str(known.smtp_seconds),
            "UNHIJACK_MAIL_GATHER_MINUTES": "0",
            "UNHIJACK_MAIL_PROVIDER_SECONDS": "0",
            "UNHIJACK_APPROVAL": "false",
        }
        folder = self._storm.folder
        words = [sys.executable, "-m", "unhijack.lab.colleague", str(folder)]
        with (folder / "workers.log").open("ab") as log:
            return subprocess.Popen(words, env=env, stdout=log, stderr=log, start_new_session=True)

    def strike(self) -> None:
        """Kill one of them, and start it again."""
        self.kills += 1
        if self._chance.random() < DATABASE_SHARE:
            self._database.kill()
            self._database.start()
            return
        number = self._chance.randrange(WORKERS)
        self._kill(self.workers[number])
        self.workers[number] = self._start()

    def pause(self) -> float:
        """Seconds until the next strike."""
        return 0.3 + 1.2 * self._chance.random()

    def check(self) -> None:
        """A worker that ended by itself is one that could not bear the storm."""
        for number, worker in enumerate(self.workers):
            if worker.poll() is not None:
                log = (self._storm.folder / "workers.log").read_text()[-3000:]
                self._storm.said.append(f"worker {number} ended with {worker.returncode}: {log}")
                self.workers[number] = self._start()

    def _kill(self, worker: "subprocess.Popen[bytes]") -> None:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def end(self) -> None:
        for worker in self.workers:
            self._kill(worker)


@contextmanager
def _crew(storm: Storm, settings: Settings, database: Postgres) -> Iterator[Crew]:
    crew = Crew(storm, settings, database)
    with ExitStack() as stack:
        stack.callback(crew.end)
        yield crew


def _report(office: Office, town: Town, server: TownServer) -> list[str]:
    """Every site is reported, some by two people."""
    receipts = []
    for number, site in enumerate(town.hijacked):
        address = parse_address(server.url(site.host))
        times = 2 if number % REPORTED_TWICE == 0 else 1
        receipts += [report(office.doors, address, (), "citizen") for _ in range(times)]
    return receipts


async def _rage(
    storm: Storm, office: Office, clock: FileClock, crew: Crew, repaired: set[str]
) -> None:
    """Strike, and let the town live, until all strikes are done and every case is closed."""
    strike_at = time.monotonic() + crew.pause()
    while True:
        await asyncio.sleep(0.05)
        if crew.kills < storm.kills and time.monotonic() >= strike_at:
            crew.strike()
            strike_at = time.monotonic() + crew.pause()
        crew.check()
        try:
            if _live(office, clock, repaired) and crew.kills >= storm.kills:
                return
        except StoreUnavailable:
            continue


def _live(office: Office, clock: FileClock, repaired: set[str]) -> bool:
    """Owners who were told mend their sites and say so; time passes. Whether all is over."""
    store = office.doors.cases
    for listed in store.listed([], 0, 10_000):
        if listed.state in (State.NOTIFIED, State.DELIVERED):
            repaired.add(listed.site)
            _claim(office, listed.number)
    waiting = store.waiting(1, 1)
    due = store.next_due()
    if due is not None and due > clock.now() and not waiting:
        clock.move_to(due + LEAP)
    return due is None and not waiting and all(s.over for s in store.counts())


def _claim(office: Office, number: int) -> None:
    """Half of those whose notice may not have left are told anew, by an analyst's decision."""
    case = analyst.look_up(office.doors, number)
    try:
        if case.uncertain and case.round == 0 and number % 2:
            analyst.resume(office.doors, number, "an analyst")
        elif case.claimable and _arrived(case):
            claim_clean(office.doors, number, "the owner")
    except StoreUnavailable:
        raise
    except WrongUse:
        return  # it has just changed: the next round sees it


def _arrived(case: Case) -> bool:
    said = case.said_in_round()
    return any(one.uncertain or one.stage != "queued" for one in said)


def _aftermath(
    store: CaseStore, receipts: list[str], mails: Path, kills: int, start: float
) -> Aftermath:
    statuses = [store.report_of(receipt) for receipt in receipts]
    journals = {number: store.journal(number) for number in store.numbers()}
    received = count(mails)
    return Aftermath(
        reports=len(receipts),
        lost=sum(status is None or status.number is None for status in statuses),
        cases=len(journals),
        closed=sum(journal[-1][0].kind is Kind.CLOSED for journal in journals.values()),
        broken=sum(first_broken(n, journal) is not None for n, journal in journals.items()),
        mails=len(received),
        doubled=sum(times > 1 for times in received.values()),
        uncertain=sum(
            event.kind is Kind.UNCERTAIN for journal in journals.values() for event, _ in journal
        ),
        kills=kills,
        seconds=time.monotonic() - start,
        states={str(state): number for state, number in store.counts().items()},
    )

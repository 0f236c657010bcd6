"""A whole house for the tests: the town in memory, a database on disk, mail that is under control."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib.resources import files
from ipaddress import ip_network
from pathlib import Path
from typing import Any, TypeVar

from unhijack.adapters.directory import FileDirectory
from unhijack.adapters.files import EvidenceFolder
from unhijack.adapters.secrets import FileSecrets
from unhijack.adapters.store.sql import SqlStore
from unhijack.adapters.store.sqlite import open_sqlite
from unhijack.casework.agenda import Office, run_due
from unhijack.casework.asking import Sources
from unhijack.casework.intake import report
from unhijack.casework.notify import Policy
from unhijack.collect.probe import Probe
from unhijack.compose.letter_kinds import Letterhead
from unhijack.core.case import Case, Event, Kind
from unhijack.core.egress import Guard
from unhijack.core.evidence import Failure
from unhijack.core.fold import fold
from unhijack.core.notice import Contact, Letter, Spacing
from unhijack.core.report import Pathway, parse_step
from unhijack.core.site import parse_address
from unhijack.lab.memory import TownResolver, TownTransport
from unhijack.lab.town import Gate, Town, TownSite, plan_town
from unhijack.parse.media import strip_media
from unhijack.ports import Doors, Fate, Limits, Mail, Posted, Request, Response, Transport

T = TypeVar("T")

HOUR = timedelta(hours=1)
DAWN = datetime(2026, 3, 2, 8, tzinfo=UTC)
TOWN = plan_town(7, 20, 5)
MIGRATIONS = Path(str(files("unhijack.data") / "migrations"))


def run(story: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(story, 50))


@dataclass(slots=True)
class HandClock:
    """A clock that stands still until a test moves it."""

    at: datetime = DAWN

    def now(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Postbox:
    """The Mail port: keeps what it accepts, and answers as the test wants."""

    answers: list[Posted] = field(default_factory=list)
    """Taken one by one; accepted when there are none."""
    letters: list[Letter] = field(default_factory=list)
    """Everything that was handed over, whatever the answer."""

    async def post(self, letter: Letter) -> Posted:
        self.letters.append(letter)
        return self.answers.pop(0) if self.answers else Posted(Fate.ACCEPTED, "250 Ok")

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(x.message, policy=policy.default) for x in self.letters]


def words(mail: EmailMessage) -> str:
    """Everything that a mail says, in all its forms."""
    return "\n".join(
        str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"
    )


@dataclass(slots=True)
class Noted:
    """A transport that notes who asked for what, and when; and may be out of order."""

    inner: Transport
    clock: HandClock
    asked: list[tuple[datetime, Request]] = field(default_factory=list)
    broken: Failure | None = None

    async def fetch(self, request: Request, limits: Limits) -> Response | Failure:
        self.asked.append((self.clock.now(), request))
        return self.broken or await self.inner.fetch(request, limits)

    async def close(self) -> None:
        await self.inner.close()


def open_store(folder: Path, url: str | None = None, **options: Any) -> SqlStore:
    """The store in a folder; with an address, its database is there."""
    folder.mkdir(parents=True, exist_ok=True)
    secrets = FileSecrets(folder / "keys")
    if url is None:
        return SqlStore(open_sqlite(folder, MIGRATIONS), secrets, **options)
    from unhijack.adapters.store.postgres import open_postgres
    from unhijack.adapters.store.queue import schema_name

    place = open_postgres(url, MIGRATIONS, folder / "backups", schema_name())
    return SqlStore(place, secrets, **options)


def victim(gate: Gate = Gate.SEARCH_LOCATION, town: Town = TOWN) -> TownSite:
    return next(site for site in town.sites if site.gate is gate)


@dataclass(slots=True)
class House:
    """An office in a town, with handles for the test."""

    folder: Path
    office: Office
    store: SqlStore
    clock: HandClock
    post: Postbox
    transport: Noted
    repaired: set[str]

    @property
    def doors(self) -> Doors:
        return self.office.doors

    def report(self, url: str, *steps: str, source: str = "citizen") -> str:
        pathway: Pathway = tuple(parse_step(step) for step in steps)
        return report(self.doors, parse_address(url), pathway, source)

    def work(self, until: datetime | None = None) -> None:
        """Do what is due, moving the clock from one due moment to the next until `until`."""
        while True:
            run(run_due(self.office))
            due = self.store.next_due()
            if until is None or due is None or due > until:
                self.clock.at = max(self.clock.at, until or self.clock.at)
                return
            self.clock.at = max(self.clock.at, due)

    def journal(self, number: int = 1) -> list[Event]:
        return [event for event, _ in self.store.journal(number)]

    def kinds(self, number: int = 1) -> list[Kind]:
        return [event.kind for event in self.journal(number)]

    def case(self, number: int = 1) -> Case:
        return fold(number, self.journal(number))

    def bytes_on_disk(self) -> bytes:
        """Everything in the state folder but the keys."""
        return b"".join(
            path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.parent.name != "keys"
        )


def owners(town: Town) -> dict[str, Sequence[Contact]]:
    return {site.host: [Contact("owner", site.owner.mailbox, "test", 1.0)] for site in town.sites}


def open_house(
    folder: Path,
    *,
    approval: bool = False,
    contacts: dict[str, Sequence[Contact]] | None = None,
    mail: Mail | None = None,
    town: Town = TOWN,
    wrap: Callable[[Transport], Transport] = lambda inner: inner,
    url: str | None = None,
    spacing: Spacing | None = None,
    **policy: Any,
) -> House:
    clock, post = HandClock(), Postbox()
    repaired: set[str] = set()
    transport = Noted(wrap(TownTransport(town, lambda: repaired)), clock)
    store = open_store(folder, url, spacing=spacing or Spacing(recipient=timedelta()))
    secrets = FileSecrets(folder / "keys")
    resolver = TownResolver(town)
    guard = Guard((ip_network("127.0.0.0/8"),))
    probe = Probe(transport, resolver, clock, guard, Limits())
    doors = Doors(
        transport=transport,
        resolver=resolver,
        clock=clock,
        cases=store,
        directory=FileDirectory(owners(town) if contacts is None else contacts),
        mail=mail or post,
        files=EvidenceFolder(folder / "evidence", secrets, strip_media, "unhijack test"),
        secrets=secrets,
    )
    head = Letterhead("CERT of the town", "notices@cert.test")
    store.become_worker(clock.now())
    sources = Sources(doors.directory, guess=False)
    office = Office(doors, probe, Policy(head, approval, **policy), sources)
    return House(folder, office, store, clock, post, transport, repaired)

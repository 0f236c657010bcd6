"""The whole operation in small: a town on loopback, its own clock, real HTTP and real mail.

Everything that the story depends on is on the disk: it may be killed at any moment, and goes on
when it is started again with the same folder.
"""

import errno
import json
import secrets
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from unhijack.adapters.files import write_whole
from unhijack.casework.agenda import Office, run_due
from unhijack.casework.intake import claim_clean, report
from unhijack.config.settings import read_settings
from unhijack.core.case import Case, Event, Kind
from unhijack.core.data import Data, Json, items, objects
from unhijack.core.errors import WrongUse
from unhijack.core.fold import fold
from unhijack.core.notice import About
from unhijack.core.report import Step, StepKind
from unhijack.core.site import parse_address, site_of
from unhijack.core.verdict import Ruling
from unhijack.jobs.sweep import sweep
from unhijack.lab.ending import Ending, Tally, campaigns_of, spell_of
from unhijack.lab.owners import Deed, Reaction, reactions, repaired_by
from unhijack.lab.server import TownServer
from unhijack.lab.sink import MailSink, count, messages
from unhijack.lab.town import Town, hosts_file, plan_town
from unhijack.wiring.visits import open_office

DAWN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""When the story begins, in the town's time."""
HORIZON = timedelta(days=21)
"""How much of the town's time is told."""


class Tone(StrEnum):
    """How a line of the story is meant."""

    PLAIN = "plain"
    BAD = "bad"
    CAUGHT = "caught"
    GOOD = "good"


Tell = Callable[[datetime, str, Tone], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What to play, and where."""

    folder: Path
    seed: int = 7
    sites: int = 200
    hijacked: int = 30


@dataclass(slots=True)
class TownClock:
    """The town's time stands still until the story moves it."""

    at: datetime

    def now(self) -> datetime:
        """See the Clock port."""
        return self.at


@dataclass(slots=True)
class _Stage:
    """Everything on the stage."""

    scenario: Scenario
    town: Town
    server: TownServer
    clock: TownClock
    office: Office
    mails: Path
    tell: Tell
    repaired: set[str]
    """Whom the server shows as clean now; the server holds the same set."""
    told: set[tuple[int, int]] = field(default_factory=set)
    """Case and step of the events that were told."""
    _read: frozenset[str] | None = None
    _reactions: tuple[Reaction, ...] = ()

    @property
    def cases(self) -> list[Case]:
        store = self.office.doors.cases
        return [
            fold(number, (event for event, _ in store.journal(number)))
            for number in store.numbers()
        ]

    def reactions(self) -> tuple[Reaction, ...]:
        """What the owners do; read anew when a mail came."""
        names = frozenset(path.name for path in (self.mails / "new").iterdir())
        if names != self._read:
            self._read, self._reactions = names, reactions(self.town, messages(self.mails))
        return self._reactions

    def move_to(self, at: datetime) -> None:
        """Let the town's time pass; repairs that were made by then show at once."""
        self.clock.at = max(self.clock.at, at)
        now = repaired_by(self.reactions(), self.clock.at)
        for host in sorted(now - self.repaired):
            self.tell(self.clock.at, f"{host}: repaired by its owner", Tone.PLAIN)
        for host in sorted(self.repaired - now):
            self.tell(self.clock.at, f"{host}: broken into again, unseen", Tone.BAD)
        self.repaired.clear()
        self.repaired.update(now)


async def play(scenario: Scenario, tell: Tell) -> Ending:
    """Play the story to its end, or from where it was broken off. Raises WrongUse."""
    _make_room(scenario.folder)
    town = plan_town(scenario.seed, scenario.sites, scenario.hijacked)
    mails = scenario.folder / "mails"
    repaired: set[str] = set()
    async with AsyncExitStack() as stack:
        server = await _open_town(stack, scenario, town, repaired)
        sink = await stack.enter_async_context(MailSink(mails))
        _remember(scenario, town, server.port)
        clock = TownClock(DAWN)
        office = _open_office(scenario, sink.port, clock)
        stack.callback(office.doors.cases.close)
        stack.push_async_callback(office.close)
        stage = _Stage(scenario, town, server, clock, office, mails, tell, repaired)
        _resume(stage)
        await _story(stage)
        return _ending(stage)


async def _open_town(
    stack: AsyncExitStack, scenario: Scenario, town: Town, repaired: set[str]
) -> TownServer:
    """The town's sites, at the port that they had before if they had one."""
    known = _remembered_port(scenario)
    port = known or _quiet_port()
    try:
        return await stack.enter_async_context(TownServer(town, lambda: repaired, port=port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        hint = "is it running already?" if known else "start it again for another one"
        raise WrongUse(f"port {port} of this demo is in use: {hint}") from None


def _open_office(scenario: Scenario, smtp_port: int, clock: TownClock) -> Office:
    settings = read_settings(
        state=scenario.folder / "state",
        hosts=scenario.folder / "hosts",
        allow_net=("127.0.0.0/8",),
        directory=scenario.folder / "directory.json",
        organisation="CERT of the town",
        sender="notices@cert.test",
        smtp_host="127.0.0.1",
        smtp_port=smtp_port,
        smtp_starttls=False,
        mail_gather_minutes=0,
        mail_provider_seconds=0,
        approval=False,
    )
    return open_office(settings, clock)


def _resume(stage: _Stage) -> None:
    """Take over after whoever played before, and set the clock to where they were."""
    store = stage.office.doors.cases
    stage.clock.at = max(DAWN, store.latest() or DAWN)
    uncertain = store.become_worker(stage.clock.at)
    stage.repaired.update(repaired_by(stage.reactions(), stage.clock.at))
    if uncertain:
        text = f"{uncertain} mail(s) may or may not have left: marked uncertain"
        stage.tell(stage.clock.at, text, Tone.CAUGHT)


async def _story(stage: _Stage) -> None:
    _first_report(stage)
    await run_due(stage.office)
    _tell_changes(stage)
    await _sweep(stage)
    while True:
        await run_due(stage.office)
        _tell_changes(stage)
        if _hear_owners(stage):
            continue
        upcoming = [r.at for r in stage.reactions() if r.at > stage.clock.at]
        due = stage.office.doors.cases.next_due()
        moments = [*upcoming, *([due] if due else [])]
        if not moments or min(moments) > DAWN + HORIZON:
            return
        stage.move_to(min(moments))


def _first_report(stage: _Stage) -> None:
    """A citizen who came from a search engine says what happened to them."""
    site = stage.town.hijacked[0]
    address = parse_address(stage.server.url(site.host))
    pathway = (Step(StepKind.SEARCH, f"{site.title} opening hours"),)
    receipt = report(stage.office.doors, address, pathway, "citizen", key="demo: the first report")
    stage.tell(stage.clock.at, f"{site.host}: a citizen reports it (receipt {receipt})", Tone.PLAIN)


async def _sweep(stage: _Stage) -> None:
    """Look at every site of the town, once: the same infection may be anywhere."""
    done = stage.scenario.folder / "swept"
    if done.exists():
        return
    addresses = [parse_address(stage.server.url(site.host)) for site in stage.town.sites]
    hashed = stage.office.doors.secrets.keyed_hash
    looks = await sweep(stage.office.probe, addresses, hashed)
    known = {site_of(parse_address(case.url).host) for case in stage.cases}
    found = sorted(
        (look.address.host, look.address)
        for look in looks
        if look.verdict.ruling.found and site_of(look.address.host) not in known
    )
    for host, address in found:
        report(stage.office.doors, address, (), "sweep", key=f"demo: sweep of {host}")
    text = f"a sweep of {len(addresses)} sites finds {len(found)} more"
    stage.tell(stage.clock.at, text, Tone.PLAIN)
    write_whole(done, b"")


def _hear_owners(stage: _Stage) -> bool:
    """Take the owners' word, as far as it was given by now; whether there was any."""
    store = stage.office.doors.cases
    heard = False
    said: dict[str, int] = {}
    for reaction in stage.reactions():
        if reaction.what is not Deed.CLAIMED or reaction.at > stage.clock.at:
            continue
        said[reaction.reference] = said.get(reaction.reference, 0) + 1
        number = store.by_reference(reaction.reference)
        if number is None:
            continue
        case = fold(number, (event for event, _ in store.journal(number)))
        if case.claims < said[reaction.reference] and case.claimable:
            claim_clean(stage.office.doors, number, "the owner, by answering the notice")
            text = f"{reaction.host}: its owner says that it is clean"
            stage.tell(stage.clock.at, text, Tone.PLAIN)
            heard = True
    return heard


def _tell_changes(stage: _Stage) -> None:
    """What happened to each case at this moment of the town's time."""
    store = stage.office.doors.cases
    for number in store.numbers():
        journal = store.journal(number)
        url = str(journal[0][0].data["url"])
        events = [event for event, _ in journal]
        people = _recipients(events)
        for event in events:
            key = (number, event.step)
            if event.at == stage.clock.at and key not in stage.told:
                stage.told.add(key)
                told = _sentence(event, people.get(event.data.get("notice"), ""))
                if told is not None:
                    text, tone = told
                    stage.tell(event.at, f"{parse_address(url).host}: {text}", tone)


def _recipients(events: Sequence[Event]) -> dict[Json, str]:
    """Who gets each message, and what of: by its key, as the subject of a sentence."""
    return {
        one["notice"]: f"its {one['role']} "
        + (
            "is told that it is clean"
            if event.data.get("about") == About.CLEAN
            else "has the notice"
        )
        for event in events
        if event.kind is Kind.QUEUED
        for one in objects(event.data["notices"])
    }


def _sentence(event: Event, received: str) -> tuple[str, Tone] | None:
    """An event in a few words; None for what the story can do without."""
    data = event.data
    if event.kind is Kind.EXAMINED:
        return _examination(data)
    return {
        Kind.MONITORED: (f"watched until {data.get('until')}", Tone.PLAIN),
        Kind.DELIVERED: (received, Tone.PLAIN),
        Kind.UNCERTAIN: ("nobody knows whether the notice left; not sent twice", Tone.CAUGHT),
        Kind.BOUNCED: ("the notice did not get through", Tone.CAUGHT),
    }.get(event.kind)


def _examination(data: Data) -> tuple[str, Tone] | None:
    recheck = data["purpose"] == "re-check"
    retest = data["purpose"] == "re-test"
    if retest and data["verdict"] == Ruling.CLEAN:
        return None
    if data["verdict"] == Ruling.HIJACKED:
        whom = ", and ".join(str(text) for text in items(data["conditions"]))
        if retest:
            return f"HIJACKED AGAIN: sends away a visitor who {whom}; reopened", Tone.CAUGHT
        if recheck:
            return f"NOT clean: still sends away a visitor who {whom}", Tone.CAUGHT
        return f"HIJACKED: sends away a visitor who {whom}", Tone.BAD
    if recheck and data["verdict"] == Ruling.CLEAN:
        visits = data["visits"]
        return f"verified clean under the old conditions, {visits} visits", Tone.GOOD
    return str(data["verdict"]), Tone.PLAIN


def _ending(stage: _Stage) -> Ending:
    cases = stage.cases
    hosts = {site_of(parse_address(case.url).host): case for case in cases}
    truth = {site.host for site in stage.town.hijacked}
    accused = [h for h, case in hosts.items() if case.verdict is not None and h not in truth]
    received = count(stage.mails)
    journal = stage.office.doors.cases.journal
    spells = [
        spell_of([event for event, _ in journal(case.number)], stage.clock.at) for case in cases
    ]
    tally = Tally(
        reports=sum(case.reports for case in cases),
        verified=sum(case.verdict is not None for case in cases),
        told=sum(case.told for case in cases),
        clean=sum(case.clean for case in cases),
        caught=sum(case.refuted for case in cases),
        relapsed=sum(case.relapses for case in cases),
        open=sum(not (case.clean or case.state.over) for case in cases),
        uncertain=sum(case.uncertain for case in cases),
        accused=len(accused),
        missed=len(truth - set(hosts)),
    )
    assert all(times == 1 for times in received.values()), "a mail was sent twice"
    return Ending(
        tally,
        cases,
        campaigns_of(cases),
        [spell for spell in spells if spell is not None],
        stage.mails,
        stage.scenario.folder / "state",
        stage.server.ledger.media_requests,
    )


def _make_room(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(f"folder {folder} cannot be made: {error.strerror}") from None


def _quiet_port() -> int:
    """A port below those that the system deals to clients: it is still free after a restart.

    The addresses in the cases carry it, so that a story is bound to its port.
    """
    return 10_000 + secrets.randbelow(20_000)


def _remembered_port(scenario: Scenario) -> int:
    """The port of the town that was played in this folder before; 0 for a new one."""
    path = scenario.folder / "town.json"
    try:
        known = json.loads(path.read_text())
    except FileNotFoundError:
        return 0
    except (OSError, ValueError):
        raise WrongUse(f"{path} cannot be read: choose another folder") from None
    port = known.pop("port", None) if isinstance(known, dict) else None
    if known != _plan_of(scenario) or not isinstance(port, int):
        raise WrongUse(f"{scenario.folder} holds the demo of another town: choose another folder")
    return port


def _plan_of(scenario: Scenario) -> dict[str, int]:
    """What makes a town the same town."""
    return {"seed": scenario.seed, "sites": scenario.sites, "hijacked": scenario.hijacked}


def _remember(scenario: Scenario, town: Town, port: int) -> None:
    """What a restart needs, and what the office reads: names, contacts, the port."""
    directory = {
        site.host: [
            {"role": "owner", "mail": site.owner.mailbox},
            {"role": "hoster", "mail": site.hoster.abuse},
        ]
        for site in town.sites
    }
    write_whole(scenario.folder / "hosts", hosts_file(town).encode())
    write_whole(scenario.folder / "directory.json", json.dumps(directory, indent=1).encode())
    known = {**_plan_of(scenario), "port": port}
    write_whole(scenario.folder / "town.json", json.dumps(known).encode())

"""A simulated country, worked on by the whole engine: agenda, ladder, holds, arms, watch, outbox.

The database is real (SQLite). Sites answer in memory, so that every examination makes all its
visits, with no sockets between; mail is handed to a door that keeps it; evidence is digested and
not written. What owners and hosters do follows from the hidden process in `bench.hidden`.
"""

import hashlib
import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from ipaddress import ip_network
from pathlib import Path
from types import MappingProxyType

from bench import hidden
from bench.hidden import Reaction
from unhijack.adapters.directory import FileDirectory
from unhijack.adapters.secrets import FileSecrets
from unhijack.adapters.store.sql import SqlStore
from unhijack.adapters.store.sqlite import open_sqlite
from unhijack.casework import analyst
from unhijack.casework.agenda import Office, run_due
from unhijack.casework.asking import Sources
from unhijack.casework.intake import claim_clean, report
from unhijack.casework.notify import Policy
from unhijack.collect.probe import Probe
from unhijack.compose.letter_kinds import Letterhead
from unhijack.core.arms import Arms, drawn
from unhijack.core.case import TOLD, Case, Kind, Move, State
from unhijack.core.egress import Guard
from unhijack.core.errors import WrongUse
from unhijack.core.notice import About, Contact, Letter, Message, Spacing
from unhijack.core.site import parse_address, site_of
from unhijack.jobs.sweep import sweep
from unhijack.lab.memory import TownResolver, TownTransport
from unhijack.lab.town import WIRE_GATES, Town, plan_town
from unhijack.ports import Bundle, Doors, Exchange, Fate, Kept, Limits, Posted

DAWN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ENTRY_DAYS = 8.0
"""Within which the sites that a sweep found are reported."""
HORIZON_DAYS = 50
HELD = 0.03
"""Of the cases: an authority asks to tell nobody for some days."""
TWICE = 0.1
"""Of the sites: reported by somebody else, too."""
FALSE_REPORTS = 0.02
"""Of the honest sites: reported all the same."""
DESKS_OF_EACH = 5
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(slots=True)
class HandClock:
    """Stands still until it is moved."""

    at: datetime = DAWN

    def now(self) -> datetime:
        """See the Clock port."""
        return self.at


@dataclass(slots=True)
class Digests:
    """The Files port, without a disk."""

    kept: int = 0

    def keep(self, name: str, exchanges: Sequence[Exchange], *, with_bodies: bool) -> Kept:
        """See the port."""
        return self.keep_scan(name, repr(len(exchanges)).encode())

    def forget(self, name: str) -> None:
        """Nothing was kept."""

    def keep_scan(self, name: str, content: bytes) -> Kept:
        """See the port."""
        self.kept += 1
        digest = hashlib.sha256(content).hexdigest()
        return Kept(name, digest, digest)


@dataclass(slots=True)
class Postbox:
    """The Mail port: takes everything but what goes to a mailbox that is dead."""

    dead: Callable[[str], bool]
    taken: list[tuple[datetime, str, str]] = field(default_factory=list)
    """When, to whom, and the Message-ID."""
    clock: HandClock = field(default_factory=HandClock)

    async def post(self, letter: Letter) -> Posted:
        """See the port."""
        if self.dead(letter.recipient):
            return Posted(Fate.REFUSED, "550 no such mailbox")
        head = letter.message.partition(b"\n\n")[0].decode("ascii", "replace")
        name = next((x for x in head.splitlines() if x.lower().startswith("message-id:")), "")
        self.taken.append((self.clock.at, letter.recipient, name))
        return Posted(Fate.ACCEPTED, "250 Ok")


@dataclass(frozen=True, slots=True)
class Handed:
    """One bundle, and what became of it."""

    at: datetime
    bundle: Bundle
    fate: Fate


class WatchedStore(SqlStore):
    """The real store, which also tells what was handed over."""

    handed: list[Handed]

    def settle(self, sent: Bundle, posted: Posted, now: datetime) -> None:
        """See the port."""
        super().settle(sent, posted, now)
        self.handed.append(Handed(now, sent, posted.fate))


@dataclass(slots=True)
class Truth:
    """What is true of one site: from when on it was clean, and hijacked again."""

    natural: datetime | None = None
    turns: list[tuple[datetime, bool]] = field(default_factory=list)
    """When it changed, and whether it was hijacked from then on; hijacked to begin with."""

    @property
    def hijacked(self) -> bool:
        """Now."""
        return not self.turns or self.turns[-1][1]

    def hijacked_at(self, at: datetime) -> bool:
        """Then."""
        before = [now for when, now in self.turns if when <= at]
        return before[-1] if before else True


@dataclass(slots=True)
class Country:
    """Everything on the stage."""

    seed: int
    town: Town
    office: Office
    store: WatchedStore
    clock: HandClock
    post: Postbox
    repaired: set[str]
    truth: dict[str, Truth]
    receipts: list[str] = field(default_factory=list)
    swept: int = 0
    found: int = 0
    steps: int = 0
    _deeds: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _heard: int = 0
    _approved_on: datetime = DAWN

    @property
    def end(self) -> datetime:
        """When it is over."""
        return DAWN + HORIZON_DAYS * _DAY

    def dice(self, *what: object) -> random.Random:
        """Dice of their own for each thing: what one does moves nobody else."""
        return random.Random(" ".join(map(str, (self.seed, *what))))

    def later(self, at: datetime, deed: Callable[[], None]) -> None:
        """Something that happens of its own."""
        heapq.heappush(self._deeds, (at, len(self._deeds) + self._heard * 1_000_000, deed))

    async def live(self) -> None:
        """From the sweep to the end. A worker comes by once an hour, where something is due."""
        await self._sweep()
        while (moment := self._next()) is not None and moment <= self.end:
            while self._deeds and self._deeds[0][0] <= moment:
                at, _, deed = heapq.heappop(self._deeds)
                self.clock.at = max(self.clock.at, at)
                deed()
            self.clock.at = moment
            self.post.clock.at = moment
            self.steps += await run_due(self.office)
            self._read_mail()
            self._approve()
        self.clock.at = self.end

    def _next(self) -> datetime | None:
        """The next full hour in which something is due."""
        due = self.store.next_due()
        moments = [self._deeds[0][0]] if self._deeds else []
        moments += [due] if due is not None else []
        if not moments:
            return None
        moment = max(min(moments), self.clock.at)
        hour = moment.replace(minute=0, second=0, microsecond=0)
        return hour if hour == moment else hour + _HOUR

    async def _sweep(self) -> None:
        """Two visits to every site; whom it suspects is reported within some days, and checked."""
        sites = [parse_address(f"http://{site.host}/") for site in self.town.sites]
        looks = await sweep(self.office.probe, sites, self.office.doors.secrets.keyed_hash)
        self.swept = len(looks)
        suspects = {look.address.host for look in looks if look.verdict.ruling.found}
        self.found = len(suspects & self.truth.keys())
        for host in sorted(suspects | self._slandered()):
            dice = self.dice("report", host)
            at = DAWN + dice.uniform(0.05, ENTRY_DAYS) * _DAY
            self.later(at, lambda host=host: self._report(host))  # type: ignore[misc]
            if dice.random() < TWICE:
                again = at + dice.uniform(0.1, 20) * _DAY
                self.later(again, lambda host=host: self._report(host))  # type: ignore[misc]

    def _slandered(self) -> set[str]:
        honest = [site.host for site in self.town.sites if site.host not in self.truth]
        return {host for host in honest if self.dice("slander", host).random() < FALSE_REPORTS}

    def _report(self, host: str) -> None:
        address = parse_address(f"http://{host}/")
        self.receipts.append(report(self.office.doors, address, (), "citizen"))
        truth = self.truth.get(host)
        if truth is None or truth.natural is not None:
            return
        now, dice = self.clock.at, self.dice("nature", host)
        truth.natural = now + hidden.natural_days(dice) * _DAY
        self.later(truth.natural, lambda: self._mend(host))
        if dice.random() < HELD:
            self.later(now + dice.uniform(0.01, 4) * _DAY, lambda: self._hold(host))

    def _mend(self, host: str) -> None:
        truth = self.truth[host]
        if not truth.hijacked:
            return
        self.repaired.add(host)
        truth.turns.append((self.clock.at, False))
        stays = hidden.relapse_days(self.dice("stays", host, len(truth.turns)))
        self.later(self.clock.at + stays * _DAY, lambda: self._break_in(host))

    def _break_in(self, host: str) -> None:
        self.repaired.discard(host)
        self.truth[host].turns.append((self.clock.at, True))

    def _hold(self, host: str) -> None:
        number = self.store.open_for(site_of(host))
        if number is None:
            return
        until = self.clock.at + self.dice("hold", host).uniform(2, 9) * _DAY
        try:
            analyst.hold(self.office.doors, number, until, "simulated", "police", keep_logs=True)
        except WrongUse:
            return  # it is over, or nobody has seen a redirect yet

    def _read_mail(self) -> None:
        """What left since comes to those whom it was for."""
        for handed in self.store.handed[self._heard :]:
            self._heard += 1
            if handed.fate is not Fate.ACCEPTED:
                continue
            for part in handed.bundle.parts:
                case = analyst.look_up(self.office.doors, part.number)
                mine = next(one for one in case.messages if one.key == part.key)
                if mine.about is About.HIJACKED:
                    self._react(case, mine)

    def _react(self, case: Case, message: Message) -> None:
        host = parse_address(case.url).host
        if host not in self.truth:
            return
        reference = self.store.reference(case.number)
        arms = drawn(self.office.policy.arms, reference, self.office.doors.secrets.keyed_hash)
        dice = self.dice("reaction", host, message.person, message.round)
        reads = self._reads(case, message)
        self._schedule(host, case.number, message.key, hidden.react(dice, reads, 0.0, dict(arms)))

    def _reads(self, case: Case, message: Message) -> float:
        if message.role == "hoster":
            return desk_of(self.office.doors.cases.mailbox(message.person)).reads
        return hidden.OWNER_READS if message.role == "owner" else 0.5

    def _schedule(self, host: str, number: int, key: str, one: Reaction) -> None:
        now = self.clock.at
        if one.reads is not None:
            kind = Kind.DISPUTED if one.disputes else Kind.RECEIVED
            self.later(now + one.reads * _DAY, lambda: self._answer(number, key, kind))
        if one.disputes:
            again = now + ((one.reads or 0) + 1) * _DAY
            self.later(again, lambda: self._stand_by(number))
        if one.mends is not None:
            self.later(now + one.mends * _DAY, lambda: self._mend(host))
        if one.claims is not None:
            self.later(now + one.claims * _DAY, lambda: self._claim(number))

    def _answer(self, number: int, key: str, kind: Kind) -> None:
        def decide(case: Case) -> Move:
            waits = case.state in TOLD
            return Move(kind, {"notice": key}, self.clock.at, keeps_time=not waits)

        if not analyst.look_up(self.office.doors, number).state.over:
            analyst.put_on_record(self.office.doors, number, decide)

    def _stand_by(self, number: int) -> None:
        if analyst.look_up(self.office.doors, number).state is State.DISPUTED:
            analyst.resume(self.office.doors, number, "analyst")

    def _claim(self, number: int) -> None:
        if analyst.look_up(self.office.doors, number).claimable:
            claim_clean(self.office.doors, number, "owner")

    def _approve(self) -> None:
        """Once a day an analyst lets out half of what waits to go beyond the hoster."""
        if self.clock.at - self._approved_on < _DAY:
            return
        self._approved_on = self.clock.at
        for listed in self.store.listed((State.ATTRIBUTED,), 0, 100_000):
            case = analyst.look_up(self.office.doors, listed.number)
            if case.rung and not case.approved and listed.number % 2:
                analyst.approve(self.office.doors, listed.number, "analyst")


def desk_of(mailbox: str) -> hidden.Desk:
    """The desk behind a simulated hoster's mailbox."""
    return hidden.DESKS[int(mailbox.partition("@")[0].rpartition("-")[2])]


def plan(seed: int, sites: int, hijacked: int) -> Town:
    """A town in which every hijacked site shows it without scripts: visits are quick there."""
    town = plan_town(seed, sites, hijacked)
    changed = {
        site.host: replace(site, gate=WIRE_GATES[place % len(WIRE_GATES)])
        for place, site in enumerate(town.hijacked)
    }
    places = {
        host: replace(one, site=changed.get(one.site.host, one.site)) if one.site else one
        for host, one in town.places.items()
    }
    street = tuple(changed.get(site.host, site) for site in town.sites)
    return replace(town, sites=street, places=MappingProxyType(places))


def _contacts(seed: int, town: Town) -> dict[str, list[Contact]]:
    """Of every site: an owner, mostly two mailboxes of theirs, a hoster, a registrar, the CERT."""
    known = {}
    for site in town.sites:
        dice = random.Random(f"{seed} contacts {site.host}")
        desk = dice.randrange(len(hidden.DESKS))
        owners = ["owner", "second"] if dice.random() < 0.6 else ["owner"]
        mails = [("owner", f"{name}@{site.host}") for name in owners]
        mails.append(("hoster", f"abuse-{desk}@hoster-{desk}-{dice.randrange(DESKS_OF_EACH)}.test"))
        mails += [
            ("registrar", f"abuse@registrar-{dice.randrange(9)}.test"),
            ("cert", "team@cert-xx.test"),
        ]
        known[site.host] = [Contact(role, mail, "simulation", 1.0) for role, mail in mails]
    return known


def open_country(folder: Path, seed: int, sites: int, hijacked: int) -> Country:
    """A house in a folder, in a country of its own."""
    town, clock, repaired = plan(seed, sites, hijacked), HandClock(), set[str]()
    secrets = FileSecrets(folder / "keys")
    migrations = Path(str(files("unhijack.data") / "migrations"))
    spacing = Spacing(recipient=_DAY, gather=_HOUR)
    store = WatchedStore(open_sqlite(folder, migrations), secrets, spacing)
    store.handed = []
    post = Postbox(lambda mail: _dead(seed, mail), clock=clock)
    transport, resolver = TownTransport(town, lambda: repaired), TownResolver(town)
    guard = Guard((ip_network("127.0.0.0/8"),))
    probe = Probe(transport, resolver, clock, guard, Limits(), record=False)
    doors = Doors(
        transport=transport,
        resolver=resolver,
        clock=clock,
        cases=store,
        directory=FileDirectory(_contacts(seed, town)),
        mail=post,
        files=Digests(),
        secrets=secrets,
    )
    arms = Arms(hidden.LEVELS, 0.3, hidden.DELAY_DAYS * _DAY)
    head = Letterhead("CERT of a simulated country", "notices@cert-xx.test")
    policy = Policy(head, approval=False, arms=arms)
    office = Office(doors, probe, policy, Sources(doors.directory))
    store.become_worker(clock.now())
    truth = {site.host: Truth() for site in town.hijacked}
    return Country(seed, town, office, store, clock, post, repaired, truth)


def _dead(seed: int, mailbox: str) -> bool:
    """Mailboxes of owners that are dead are always; of desks, some messages fail."""
    dice = random.Random(f"{seed} mailbox {mailbox}")
    bounces = hidden.OWNER_BOUNCES
    if mailbox.startswith("abuse-"):
        bounces = desk_of(mailbox).bounces
    elif not mailbox.startswith(("owner@", "second@")):
        bounces = 0.0
    return dice.random() < bounces

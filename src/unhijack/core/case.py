"""A case is a fold over its events: nothing else is remembered, and nothing is changed.

Every event is chained to the one before by SHA-256 over canonical JSON (RFC 8785), so that a
journal that was tampered with does not verify.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from unhijack.core.data import Data, Json, canonical, items, objects
from unhijack.core.notice import Notice
from unhijack.core.report import Pathway, Step, StepKind
from unhijack.core.verdict import Ruling

GENESIS = hashlib.sha256(b"unhijack case journal 1").hexdigest()
"""What the first event of a case is chained to."""

MOST_ATTEMPTS = 5
"""Examinations that came to no ruling, before the case waits for a person."""
RETRY = timedelta(hours=6)
"""Between examinations that came to no ruling; doubles each time."""
WATCH = tuple(timedelta(days=day) for day in (1, 2, 4, 8, 16, 30, 90))
"""When a site that was verified clean is tested again, counted from then; after the last it is closed."""


class State(StrEnum):
    """Where a case stands, as the analyst sees it."""

    REPORTED = "reported"
    VERIFIED = "verified"
    ATTRIBUTED = "attributed"
    NOTIFIED = "notified"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    """Whoever has the server has looked inside, and found what was planted."""
    CLAIMED_CLEAN = "claimed-clean"
    VERIFIED_CLEAN = "verified-clean"
    MONITORED = "monitored"
    """Clean, and tested again from time to time."""
    REINFECTED = "reinfected"
    """It was clean, and sends visitors away again."""
    CLOSED = "closed"
    BOUNCED = "bounced"
    UNREACHABLE = "unreachable"
    NOT_HIJACKED = "not-hijacked"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen of its own."""
        return self in (State.CLOSED, State.NOT_HIJACKED)


class Kind(StrEnum):
    """What happened."""

    OPENED = "opened"
    JOINED = "joined"
    """Another report of the same site."""
    EXAMINED = "examined"
    ATTRIBUTED = "attributed"
    APPROVED = "approved"
    QUEUED = "notice-queued"
    DELIVERED = "notice-delivered"
    UNCERTAIN = "notice-uncertain"
    BOUNCED = "notice-bounced"
    SCANNED = "scanned"
    """Somebody looked inside the server. A scan that finds nothing is a claim, and is checked."""
    CLAIMED = "claimed-clean"
    RESUMED = "resumed"
    """A person lets a case that waited go on."""
    MONITORED = "monitored"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a case; the step is its place in the journal, from 1."""

    step: int
    kind: Kind
    at: datetime
    data: Data


@dataclass(frozen=True, slots=True)
class Move:
    """What a decision comes to: one event, when to look again, and what leaves the house."""

    kind: Kind
    data: Data
    next_at: datetime | None
    """When something is due; None waits for somebody else."""
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What the journal of a case adds up to."""

    number: int
    step: int = 0
    state: State = State.REPORTED
    url: str = ""
    pathway: Pathway = ()
    source: str = ""
    opened_at: datetime | None = None
    reports: int = 0
    verdict: Data | None = None
    """The examination that showed the redirect: its conditions are replayed by a re-check."""
    last_ruling: Ruling | None = None
    undecided: int = 0
    """Examinations in a row that came to no ruling."""
    contacts: tuple[Data, ...] = ()
    approved: bool = False
    notices: int = 0
    uncertain: int = 0
    """Notices of which nobody knows whether they left."""
    claims: int = 0
    refuted: int = 0
    """Claims of being clean that a re-check showed to be untrue."""
    clean_at: datetime | None = None
    """Since when it is verified clean; None while it is not."""
    tested_at: datetime | None = None
    """When it was found clean last."""
    relapses: int = 0
    """How often it was hijacked again after it had been verified clean."""
    changed_at: datetime | None = None

    @property
    def claimable(self) -> bool:
        """Whether somebody's word that the site is clean leads to a re-check (again)."""
        if self.state is State.CLAIMED_CLEAN:
            return self.undecided >= MOST_ATTEMPTS
        told = (State.NOTIFIED, State.DELIVERED, State.BOUNCED, State.ACKNOWLEDGED)
        return self.state in told

    @property
    def gave_up(self) -> bool:
        """Whether first examinations came to no ruling for so long that they ended."""
        tired = self.state is State.REPORTED and self.undecided >= MOST_ATTEMPTS
        return tired or self.state is State.UNREACHABLE

    @property
    def resumable(self) -> bool:
        """Whether nothing happens until a person decides."""
        if self.state in (State.CLAIMED_CLEAN, State.MONITORED):
            return self.undecided >= MOST_ATTEMPTS
        if self.state is State.NOTIFIED:
            return self.uncertain > 0
        return self.gave_up or self.state in (State.VERIFIED, State.BOUNCED)

    @property
    def told(self) -> bool:
        """Whether somebody has a notice for certain."""
        return self.notices > self.uncertain

    @property
    def clean(self) -> bool:
        """Whether it was verified clean, and no test has shown otherwise since."""
        return self.clean_at is not None

    @property
    def redirected(self) -> tuple[str, ...]:
        """Names of the personas that were sent away."""
        return tuple(str(name) for name in items((self.verdict or {}).get("redirected")))


def fold(number: int, events: Iterable[Event]) -> Case:
    """The case that a journal adds up to."""
    case = Case(number)
    for event in events:
        case = replace(_apply(case, event), step=event.step, changed_at=event.at)
    return case


def _apply(case: Case, event: Event) -> Case:
    return _EFFECTS[event.kind](case, event)


def _opened(case: Case, event: Event) -> Case:
    return replace(
        case,
        url=str(event.data["url"]),
        pathway=pathway_of(event.data["pathway"]),
        source=str(event.data["source"]),
        opened_at=event.at,
        reports=1,
    )


def _joined(case: Case) -> Case:
    """A case that was given up, or is watched, is looked at again when somebody reports it."""
    joined = replace(case, reports=case.reports + 1)
    if case.state is State.MONITORED:
        return replace(joined, undecided=0)
    return replace(joined, state=State.REPORTED, undecided=0) if case.gave_up else joined


def _attributed(case: Case, event: Event) -> Case:
    found = tuple(objects(event.data["contacts"]))
    return replace(case, contacts=found, state=State.ATTRIBUTED if found else case.state)


def _queued(case: Case, event: Event) -> Case:
    """Every notice needs an approval of its own."""
    return replace(case, state=State.NOTIFIED, notices=case.notices + 1, approved=False)


def _after_notice(case: Case, state: State) -> Case:
    """Where a notice's fate takes a case; one that has moved on meanwhile stays where it is."""
    return replace(case, state=state) if case.state is State.NOTIFIED else case


def _resumed(case: Case) -> Case:
    """Examined anew, or told anew: whichever it waited for."""
    state = {
        State.UNREACHABLE: State.REPORTED,
        State.NOTIFIED: State.ATTRIBUTED,
        State.BOUNCED: State.ATTRIBUTED,
    }.get(case.state, case.state)
    return replace(case, state=state, undecided=0)


def _retested(case: Case, ruling: Ruling, event: Event) -> Case:
    """A test of a site that was clean. One that came to no ruling says nothing either way."""
    if ruling is Ruling.HIJACKED:
        return replace(
            case,
            state=State.REINFECTED,
            verdict=event.data,
            undecided=0,
            clean_at=None,
            relapses=case.relapses + 1,
        )
    if ruling is Ruling.CLEAN:
        return replace(case, tested_at=event.at, undecided=0)
    return replace(case, undecided=case.undecided + 1)


def _examined(case: Case, event: Event) -> Case:
    """What an examination does to a case depends on why it was made."""
    data = event.data
    ruling = Ruling(str(data["verdict"]))
    case = replace(case, last_ruling=ruling)
    if case.state is State.MONITORED:
        return _retested(case, ruling, event)
    recheck = case.state is State.CLAIMED_CLEAN
    if ruling is Ruling.HIJACKED:
        state = State.ATTRIBUTED if recheck and case.contacts else State.VERIFIED
        return replace(case, state=state, verdict=data, undecided=0, refuted=case.refuted + recheck)
    if ruling is Ruling.CLEAN:
        if not recheck:
            return replace(case, state=State.NOT_HIJACKED, undecided=0)
        state = State.VERIFIED_CLEAN
        return replace(case, state=state, undecided=0, clean_at=event.at, tested_at=event.at)
    if ruling is Ruling.UNREACHABLE and not recheck and case.undecided + 1 >= MOST_ATTEMPTS:
        return replace(case, state=State.UNREACHABLE, undecided=case.undecided + 1)
    return replace(case, undecided=case.undecided + 1)


def _scanned(case: Case, event: Event) -> Case:
    """What a look inside does: whoever looked knows; nothing found is no more than a claim."""
    if event.data["findings"]:
        relapses = case.relapses + case.clean
        return replace(
            case, state=State.ACKNOWLEDGED, undecided=0, relapses=relapses, clean_at=None
        )
    if case.claimable:
        return replace(case, state=State.CLAIMED_CLEAN, claims=case.claims + 1, undecided=0)
    return case


_EFFECTS: dict[Kind, Callable[[Case, Event], Case]] = {
    Kind.OPENED: _opened,
    Kind.JOINED: lambda case, _: _joined(case),
    Kind.EXAMINED: _examined,
    Kind.ATTRIBUTED: _attributed,
    Kind.APPROVED: lambda case, _: replace(case, approved=True),
    Kind.QUEUED: _queued,
    Kind.DELIVERED: lambda case, _: _after_notice(case, State.DELIVERED),
    Kind.UNCERTAIN: lambda case, _: replace(case, uncertain=case.uncertain + 1),
    Kind.BOUNCED: lambda case, _: _after_notice(case, State.BOUNCED),
    Kind.SCANNED: _scanned,
    Kind.CLAIMED: lambda case, _: replace(
        case, state=State.CLAIMED_CLEAN, claims=case.claims + 1, undecided=0
    ),
    Kind.RESUMED: lambda case, _: _resumed(case),
    Kind.MONITORED: lambda case, _: replace(case, state=State.MONITORED),
    Kind.CLOSED: lambda case, _: replace(case, state=State.CLOSED),
}
"""What each kind of event does to a case."""


def pathway_of(data: Json) -> Pathway:
    """A pathway from an event's data."""
    return tuple(Step(StepKind(str(step["kind"])), str(step["value"])) for step in objects(data))


def pathway_data(pathway: Pathway) -> Json:
    """A pathway for an event's data."""
    return [{"kind": str(step.kind), "value": step.value} for step in pathway]


def chained(previous: str, number: int, event: Event) -> str:
    """The digest of an event: SHA-256 over the digest before it and the event itself."""
    body: Json = {
        "case": number,
        "step": event.step,
        "kind": str(event.kind),
        "at": event.at.isoformat(),
        "data": dict(event.data),
        "previous": previous,
    }
    return hashlib.sha256(canonical(body)).hexdigest()


def first_broken(number: int, journal: Iterable[tuple[Event, str]]) -> int | None:
    """The step at which a journal of events with digests does not hold together, or None."""
    previous = GENESIS
    for expected, (event, digest) in enumerate(journal, 1):
        if event.step != expected or chained(previous, number, event) != digest:
            return expected
        previous = digest
    return None


# Decisions: (case, what was observed, now) -> what to do. Pure.


def after_examination(case: Case, examined: Data, now: datetime) -> Move:
    """What follows from an examination; one that came to no ruling is repeated, not for ever."""
    after = _examined(case, Event(case.step + 1, Kind.EXAMINED, now, examined))
    if after.state is State.MONITORED and not after.undecided:
        return Move(Kind.EXAMINED, examined, next_test(after, now))
    if after.state in (State.VERIFIED, State.VERIFIED_CLEAN, State.ATTRIBUTED, State.REINFECTED):
        return Move(Kind.EXAMINED, examined, now)
    if after.state.over or after.undecided >= MOST_ATTEMPTS:
        return Move(Kind.EXAMINED, examined, None)
    return Move(Kind.EXAMINED, examined, now + RETRY * 2 ** (after.undecided - 1))


def next_test(case: Case, now: datetime) -> datetime:
    """When a site that is watched is tested again; now where it has stood its last test."""
    if case.clean_at is None or case.tested_at is None:
        return now
    stood = case.tested_at - case.clean_at
    return next((case.clean_at + after for after in WATCH if after > stood), now)


def after_clean(case: Case, now: datetime) -> Move | None:
    """A site that was verified clean is watched; None: it is to be tested again."""
    if case.state is State.VERIFIED_CLEAN:
        return Move(Kind.MONITORED, {"until": str((now + WATCH[-1]).date())}, next_test(case, now))
    stood = case.tested_at - case.clean_at if case.tested_at and case.clean_at else timedelta()
    if stood < WATCH[-1]:
        return None
    return Move(Kind.CLOSED, {"why": f"clean for {stood.days} days"}, None)

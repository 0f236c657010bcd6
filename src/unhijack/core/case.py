"""A case is a fold over its events: nothing else is remembered, and nothing is changed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from unhijack.core.data import Data, Json, items, objects
from unhijack.core.notice import About, Message, Notice, Stage
from unhijack.core.report import Pathway, Step, StepKind
from unhijack.core.verdict import Ruling

MOST_ATTEMPTS = 5
"""Examinations that came to no ruling, before the case waits for a person."""


class State(StrEnum):
    """Where a case stands, as the analyst sees it."""

    REPORTED = "reported"
    VERIFIED = "verified"
    ATTRIBUTED = "attributed"
    NOTIFIED = "notified"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    """Whoever has the server knows: they answered, or found what was planted."""
    CLAIMED_CLEAN = "claimed-clean"
    VERIFIED_CLEAN = "verified-clean"
    MONITORED = "monitored"
    """Clean, and tested again from time to time."""
    REINFECTED = "reinfected"
    """It was clean, and sends visitors away again."""
    CLOSED = "closed"
    HELD = "held"
    """An authority has asked to tell nobody until a date; the site is visited meanwhile."""
    BOUNCED = "bounced"
    UNREACHABLE = "unreachable"
    DISPUTED = "disputed"
    """Somebody who was told says that we are wrong; a person decides."""
    DUPLICATE = "duplicate"
    NOT_HIJACKED = "not-hijacked"
    OVERTURNED = "overturned"
    """It was called hijacked and was not: everyone told is told so."""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen of its own."""
        return self in _OVER


_OVER = (State.CLOSED, State.NOT_HIJACKED, State.DUPLICATE, State.OVERTURNED)
TOLD = (State.NOTIFIED, State.DELIVERED, State.ACKNOWLEDGED, State.BOUNCED)
"""States of a case in which somebody was told, and we wait for them."""
_EXAMINABLE = (*TOLD, State.ATTRIBUTED, State.REINFECTED)


class Kind(StrEnum):
    """What happened."""

    OPENED = "opened"
    JOINED = "joined"
    """Another report of the same site."""
    EXAMINED = "examined"
    ATTRIBUTED = "attributed"
    APPROVED = "approved"
    DELAYED = "delayed"
    """Drawn into the part that is told later, so that what notices do can be measured."""
    QUEUED = "notice-queued"
    DELIVERED = "notice-delivered"
    """A mail server took it."""
    UNCERTAIN = "notice-uncertain"
    BOUNCED = "notice-bounced"
    RECEIVED = "notice-received"
    """Somebody has it for certain: a delivery status or a ticket of their own says so."""
    ESCALATED = "escalated"
    """Nobody acted in time: others are told next."""
    ACKNOWLEDGED = "acknowledged"
    ASKED = "asked"
    """Somebody who was told wants help, or an answer."""
    DISPUTED = "disputed"
    SCANNED = "scanned"
    """Somebody looked inside the server. A scan that finds nothing is a claim, and is checked."""
    CLAIMED = "claimed-clean"
    RESUMED = "resumed"
    """A person lets a case that waited go on."""
    HELD = "held"
    RELEASED = "released"
    MONITORED = "monitored"
    CLOSED = "closed"
    MERGED = "merged"
    """It is another case's, which goes on."""
    OVERTURNED = "overturned"
    PRESERVED = "preserved"
    """A legal hold: nothing of this case is erased until it is lifted."""
    UNPRESERVED = "unpreserved"
    ERASED = "erased"
    """Personal data or evidence, whose time was over."""
    NOTED = "noted"
    """For the record; nothing follows from it."""


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
    notices: tuple[Notice, ...] = ()
    keeps_time: bool = False
    """What is due stays due when it was; `next_at` says nothing."""


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
    confirmed_at: datetime | None = None
    """When it was last seen to send visitors away."""
    examined_at: datetime | None = None
    """When a visit last came to a ruling."""
    undecided: int = 0
    """Examinations in a row that came to no ruling."""
    contacts: tuple[Data, ...] = ()
    places: Data | None = None
    """Countries and networks, each with its source, as they were looked up."""
    approved: bool = False
    messages: tuple[Message, ...] = ()
    """Everything that was sent about it, in order."""
    round: int = 0
    """Everybody is told anew in each: after a claim that was untrue, after a relapse."""
    rung: int = 0
    """Of the ladder: whose turn it is to be told."""
    delayed_at: datetime | None = None
    """When it was drawn into the part that is told later."""
    wave: int = 0
    """Of a rung: how often other mailboxes of the same people were turned to."""
    claims: int = 0
    refuted: int = 0
    """Claims of being clean that a re-check showed to be untrue."""
    owner_says: str = ""
    """The latest word of whoever was told: kept apart from what we found."""
    clean_at: datetime | None = None
    """Since when it is verified clean; None while it is not."""
    tested_at: datetime | None = None
    """When it was found clean last."""
    relapses: int = 0
    """How often it was hijacked again after it had been verified clean."""
    held_until: datetime | None = None
    keep_logs: bool = False
    """The hoster is asked to keep logs while it is held."""
    before: State | None = None
    """What it was before it was held or disputed, to which it returns."""
    preserved: bool = False
    """Under a legal hold."""
    scan: Data | None = None
    """The latest look inside that found something."""
    changed_at: datetime | None = None

    @property
    def notices(self) -> int:
        """How many messages said that the site is hijacked."""
        return sum(one.about is About.HIJACKED for one in self.messages)

    @property
    def uncertain(self) -> int:
        """Messages of which nobody knows whether they left."""
        return sum(one.uncertain for one in self.messages)

    @property
    def claimable(self) -> bool:
        """Whether somebody's word that the site is clean leads to a re-check (again)."""
        if self.state is State.CLAIMED_CLEAN:
            return self.undecided >= MOST_ATTEMPTS
        return self.state in TOLD

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
        return self.gave_up or self.state in (State.VERIFIED, State.BOUNCED, State.DISPUTED)

    @property
    def told(self) -> bool:
        """Whether somebody has a notice for certain."""
        kept = (Stage.QUEUED, Stage.SENT, Stage.RECEIVED)
        return any(
            one.about is About.HIJACKED and one.stage in kept and not one.uncertain
            for one in self.messages
        )

    @property
    def clean(self) -> bool:
        """Whether it was verified clean, and no test has shown otherwise since."""
        return self.clean_at is not None

    @property
    def redirected(self) -> tuple[str, ...]:
        """Names of the personas that were sent away."""
        return tuple(str(name) for name in items((self.verdict or {}).get("redirected")))

    def said_in_round(self) -> tuple[Message, ...]:
        """Messages of this round that say that the site is hijacked."""
        return tuple(
            one for one in self.messages if one.round == self.round and one.about is About.HIJACKED
        )


def fold(number: int, events: Iterable[Event]) -> Case:
    """The case that a journal adds up to."""
    case = Case(number)
    for event in events:
        case = advanced(case, event)
    return case


def advanced(case: Case, event: Event) -> Case:
    """A case after one more event."""
    return replace(_EFFECTS[event.kind](case, event), step=event.step, changed_at=event.at)


def _opened(case: Case, event: Event) -> Case:
    return replace(
        case,
        url=str(event.data["url"]),
        pathway=pathway_of(event.data["pathway"]),
        source=str(event.data["source"]),
        opened_at=event.at,
        reports=1,
    )


def _joined(case: Case, _: Event) -> Case:
    """A case that was given up, or is watched, is looked at again when somebody reports it."""
    joined = replace(case, reports=case.reports + 1)
    if case.state is State.MONITORED:
        return replace(joined, undecided=0)
    return replace(joined, state=State.REPORTED, undecided=0) if case.gave_up else joined


def _attributed(case: Case, event: Event) -> Case:
    found = tuple(objects(event.data["contacts"]))
    places = event.data.get("places")
    return replace(
        case,
        contacts=found,
        state=State.ATTRIBUTED if found and case.state is not State.HELD else case.state,
        places=places if isinstance(places, dict) else case.places,
    )


def _queued(case: Case, event: Event) -> Case:
    """Every notice needs an approval of its own; what is no notice changes no state."""
    about = About(str(event.data.get("about", About.HIJACKED)))
    sent = tuple(
        Message(
            key=str(one["notice"]),
            person=str(one["person"]),
            role=str(one["role"]),
            about=about,
            at=event.at,
            round=case.round,
        )
        for one in objects(event.data["notices"])
    )
    case = replace(case, messages=(*case.messages, *sent))
    if about is not About.HIJACKED:
        return case
    return replace(case, state=State.NOTIFIED, approved=False)


def _with_stage(case: Case, event: Event, stage: Stage) -> Case:
    key = event.data["notice"]
    return replace(
        case,
        messages=tuple(
            replace(one, stage=stage, uncertain=one.uncertain and stage is not Stage.RECEIVED)
            if one.key == key
            else one
            for one in case.messages
        ),
    )


def _is_notice(case: Case, event: Event) -> bool:
    key = event.data["notice"]
    return any(one.key == key and one.about is About.HIJACKED for one in case.messages)


def _delivered(case: Case, event: Event) -> Case:
    """A case that has moved on meanwhile stays where it is."""
    told = _with_stage(case, event, Stage.SENT)
    arrived = case.state is State.NOTIFIED and _is_notice(case, event)
    return replace(told, state=State.DELIVERED) if arrived else told


def _received(case: Case, event: Event) -> Case:
    told = _with_stage(case, event, Stage.RECEIVED)
    arrived = case.state in (State.NOTIFIED, State.BOUNCED) and _is_notice(case, event)
    return replace(told, state=State.DELIVERED) if arrived else told


def _uncertain(case: Case, event: Event) -> Case:
    key = event.data["notice"]
    return replace(
        case,
        messages=tuple(
            replace(one, uncertain=True) if one.key == key else one for one in case.messages
        ),
    )


def _bounced(case: Case, event: Event) -> Case:
    """While another message of the round may have reached somebody, the case waits for them."""
    told = _with_stage(case, event, Stage.BOUNCED)
    hopes = any(one.stage is not Stage.BOUNCED for one in told.said_in_round())
    waiting = case.state in (State.NOTIFIED, State.DELIVERED) and _is_notice(case, event)
    return replace(told, state=State.BOUNCED) if waiting and not hopes else told


def _escalated(case: Case, event: Event) -> Case:
    """Others are told next: of a higher rung, or of the same one by another mailbox."""
    rung, wave = (int(str(event.data[name])) for name in ("rung", "wave"))
    state = State.ATTRIBUTED if case.state in TOLD else case.state
    return replace(case, rung=rung, wave=wave, state=state, approved=False)


def _anew(case: Case) -> Case:
    """Everybody is told anew, those first who come first."""
    return replace(case, round=case.round + 1, rung=0, wave=0, approved=False)


def _acknowledged(case: Case, event: Event) -> Case:
    says = replace(case, owner_says=str(event.kind))
    return replace(says, state=State.ACKNOWLEDGED) if case.state in TOLD else says


def _disputed(case: Case, event: Event) -> Case:
    says = replace(case, owner_says=str(event.kind))
    if case.state not in (*TOLD, State.CLAIMED_CLEAN):
        return says
    return replace(says, state=State.DISPUTED, before=case.state)


def _resumed(case: Case, _: Event) -> Case:
    """Examined anew, or told anew: whichever it waited for."""
    case = replace(case, undecided=0)
    match case.state:
        case State.UNREACHABLE:
            return replace(case, state=State.REPORTED)
        case State.NOTIFIED | State.BOUNCED:
            return replace(_anew(case), state=State.ATTRIBUTED)
        case State.DISPUTED:
            return replace(case, state=case.before or State.DELIVERED, before=None)
        case _:
            return case


def _held(case: Case, event: Event) -> Case:
    until = datetime.fromisoformat(str(event.data["until"]))
    before = case.before if case.state is State.HELD else case.state
    keep_logs = bool(event.data.get("keep_logs"))
    return replace(case, state=State.HELD, held_until=until, before=before, keep_logs=keep_logs)


def _released(case: Case, _: Event) -> Case:
    if case.state is not State.HELD:
        return case
    before = case.before or State.VERIFIED
    state = State.ATTRIBUTED if before is State.VERIFIED and case.contacts else before
    return replace(case, state=state, before=None, held_until=None)


def _hijacked_again(case: Case, event: Event) -> Case:
    again = replace(
        _anew(case),
        state=State.REINFECTED,
        undecided=0,
        relapses=case.relapses + 1,
    )
    return _seen_hijacked(again, event)


def _seen_hijacked(case: Case, event: Event) -> Case:
    return replace(case, verdict=event.data, undecided=0, confirmed_at=event.at, clean_at=None)


def _seen_clean(case: Case, event: Event) -> Case:
    return replace(
        case, state=State.VERIFIED_CLEAN, undecided=0, clean_at=event.at, tested_at=event.at
    )


def _retested(case: Case, ruling: Ruling, event: Event) -> Case:
    """A test of a site that was clean. One that came to no ruling says nothing either way."""
    if ruling is Ruling.HIJACKED:
        return _hijacked_again(case, event)
    if ruling is Ruling.CLEAN:
        return replace(case, tested_at=event.at, undecided=0)
    return replace(case, undecided=case.undecided + 1)


def _confirmed(case: Case, ruling: Ruling, event: Event) -> Case:
    """A look before others are told: whether it still sends visitors away."""
    if ruling is Ruling.HIJACKED:
        return _seen_hijacked(case, event)
    if ruling is Ruling.CLEAN:
        return _seen_clean(case, event)
    return replace(case, undecided=case.undecided + 1)


def _visited_while_held(case: Case, ruling: Ruling, event: Event) -> Case:
    """Nothing is decided while it is held; what is newest of the chain is kept."""
    return _seen_hijacked(case, event) if ruling is Ruling.HIJACKED else case


def _rechecked(case: Case, ruling: Ruling, event: Event) -> Case:
    """A look at a site that is claimed to be clean."""
    if ruling is Ruling.HIJACKED:
        state = State.ATTRIBUTED if case.contacts else State.VERIFIED
        refuted = replace(_anew(case), state=state, refuted=case.refuted + 1)
        return _seen_hijacked(refuted, event)
    if ruling is Ruling.CLEAN:
        return _seen_clean(case, event)
    return replace(case, undecided=case.undecided + 1)


def _first_examined(case: Case, ruling: Ruling, event: Event) -> Case:
    if ruling is Ruling.HIJACKED:
        return replace(_seen_hijacked(case, event), state=State.VERIFIED)
    if ruling is Ruling.CLEAN:
        return replace(case, state=State.NOT_HIJACKED, undecided=0)
    undecided = case.undecided + 1
    tired = ruling is Ruling.UNREACHABLE and undecided >= MOST_ATTEMPTS
    return replace(case, state=State.UNREACHABLE if tired else case.state, undecided=undecided)


def _examined(case: Case, event: Event) -> Case:
    """What an examination does to a case depends on why it was made."""
    ruling = Ruling(str(event.data["verdict"]))
    case = replace(case, last_ruling=ruling)
    if ruling in (Ruling.HIJACKED, Ruling.CLEAN):
        case = replace(case, examined_at=event.at)
    match case.state:
        case State.MONITORED:
            return _retested(case, ruling, event)
        case State.CLAIMED_CLEAN:
            return _rechecked(case, ruling, event)
        case State.HELD:
            return _visited_while_held(case, ruling, event)
        case state if state in _EXAMINABLE:
            return _confirmed(case, ruling, event)
        case _:
            return _first_examined(case, ruling, event)


def _scanned(case: Case, event: Event) -> Case:
    """What a look inside does: whoever looked knows; nothing found is no more than a claim."""
    if event.data["findings"]:
        relapses = case.relapses + case.clean
        return replace(
            case,
            state=State.ACKNOWLEDGED,
            undecided=0,
            relapses=relapses,
            clean_at=None,
            scan=event.data,
        )
    return _claimed(case, event) if case.claimable else case


def _claimed(case: Case, event: Event) -> Case:
    return replace(
        case,
        state=State.CLAIMED_CLEAN,
        claims=case.claims + 1,
        undecided=0,
        owner_says=str(Kind.CLAIMED),
    )


_EFFECTS: dict[Kind, Callable[[Case, Event], Case]] = {
    Kind.OPENED: _opened,
    Kind.JOINED: _joined,
    Kind.EXAMINED: _examined,
    Kind.ATTRIBUTED: _attributed,
    Kind.APPROVED: lambda case, _: replace(case, approved=True),
    Kind.DELAYED: lambda case, event: replace(case, delayed_at=event.at),
    Kind.QUEUED: _queued,
    Kind.DELIVERED: _delivered,
    Kind.UNCERTAIN: _uncertain,
    Kind.BOUNCED: _bounced,
    Kind.RECEIVED: _received,
    Kind.ESCALATED: _escalated,
    Kind.ACKNOWLEDGED: _acknowledged,
    Kind.ASKED: _acknowledged,
    Kind.DISPUTED: _disputed,
    Kind.SCANNED: _scanned,
    Kind.CLAIMED: _claimed,
    Kind.RESUMED: _resumed,
    Kind.HELD: _held,
    Kind.RELEASED: _released,
    Kind.MONITORED: lambda case, _: replace(case, state=State.MONITORED),
    Kind.CLOSED: lambda case, _: replace(case, state=State.CLOSED),
    Kind.MERGED: lambda case, _: replace(case, state=State.DUPLICATE),
    Kind.OVERTURNED: lambda case, _: replace(case, state=State.OVERTURNED),
    Kind.PRESERVED: lambda case, _: replace(case, preserved=True),
    Kind.UNPRESERVED: lambda case, _: replace(case, preserved=False),
    Kind.ERASED: lambda case, _: case,
    Kind.NOTED: lambda case, _: case,
}
"""What each kind of event does to a case."""


def pathway_of(data: Json) -> Pathway:
    """A pathway from an event's data."""
    return tuple(Step(StepKind(str(step["kind"])), str(step["value"])) for step in objects(data))


def pathway_data(pathway: Pathway) -> Json:
    """A pathway for an event's data."""
    return [{"kind": str(step.kind), "value": step.value} for step in pathway]

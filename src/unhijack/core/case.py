"""A case is what its events add up to (`core.fold`): nothing else is remembered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from unhijack.core.data import Data, items
from unhijack.core.notice import About, Message, Notice, Stage
from unhijack.core.report import Pathway
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
    LETTER_DUE = "letter-due"
    """Drawn into the part that is told by a letter, which a person prints and sends."""
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
    letter_due: str = ""
    """The role that is told by a letter, which a person is to print; empty for none."""
    messages: tuple[Message, ...] = ()
    """Everything that was sent about it, in order."""
    round: int = 0
    """Everybody is told anew in each: after a claim that was untrue, after a relapse."""
    rung: int = 0
    """Of the ladder: whose turn it is to be told."""
    delayed_at: datetime | None = None
    """When it was drawn into the part that is told later."""
    went_on_at: datetime | None = None
    """When a hold or a dispute was last over: those who were told have their time from then."""
    wave: int = 0
    """Of a rung: how often other mailboxes of the same people were turned to."""
    claims: int = 0
    refuted: int = 0
    """Claims of being clean that a re-check showed to be untrue."""
    claimed_by: str = ""
    """The key of the notice that was answered by the last claim of being clean; empty where somebody
    of the house entered the claim."""
    owner_says: str = ""
    """The latest word of whoever was told: kept apart from what we found."""
    clean_at: datetime | None = None
    """Since when it is verified clean; None while it is not."""
    tested_at: datetime | None = None
    """When it was found clean last."""
    relapses: int = 0
    """How often it was hijacked again after it had been verified clean."""
    held_until: datetime | None = None
    held_at: datetime | None = None
    """When it was held last, or for longer."""
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
    def holders(self) -> tuple[str, ...]:
        """Who has, or may have, a message that says that the site is hijacked."""
        read = [one for one in self.messages if one.about is About.HIJACKED and one.may_be_read]
        return tuple(dict.fromkeys(one.person for one in read))

    @property
    def clean(self) -> bool:
        """Whether it was verified clean, and no test has shown otherwise since."""
        return self.clean_at is not None

    @property
    def redirected(self) -> tuple[str, ...]:
        """Names of the personas that were sent away."""
        return tuple(str(name) for name in items((self.verdict or {}).get("redirected")))

    @property
    def asked_to_keep(self) -> tuple[Message, ...]:
        """Requests to keep logs, since it was held last."""
        since = self.held_at
        return tuple(
            one
            for one in self.messages
            if one.about is About.PRESERVE and since is not None and one.at >= since
        )

    @property
    def lacks_keeper(self) -> bool:
        """Whether logs are to be kept, and no hoster is known who could be asked."""
        if self.state is not State.HELD or not self.keep_logs or self.places is None:
            return False
        return all(one.stage is Stage.BOUNCED for one in self.asked_to_keep)

    def said_in_round(self) -> tuple[Message, ...]:
        """Messages of this round that say that the site is hijacked."""
        return tuple(
            one for one in self.messages if one.round == self.round and one.about is About.HIJACKED
        )

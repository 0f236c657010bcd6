"""Mail that comes in: to which notice it belongs, what it means for the case, and that it is kept.

The order of the steps is what makes a kill harmless: the event of the case first, under the
message's digest, then the mailroom. A message that is taken again finds its digest in the journal,
or in the mailroom, and counts once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from unhijack.casework.analyst import MOST_TRIES
from unhijack.casework.intake import recheck_time
from unhijack.casework.reports_by_mail import brings_reports, take_reports
from unhijack.compose.digest import digest_name
from unhijack.core.answer import genuine, tokens_in
from unhijack.core.case import TOLD, Case, Event, Kind, Move, State
from unhijack.core.contact import PROXY, Reached
from unhijack.core.data import Json
from unhijack.core.egress import Guard
from unhijack.core.errors import WrongUse
from unhijack.core.fold import fold
from unhijack.core.text import for_the_record
from unhijack.parse.mail.incoming import Incoming, read_mail
from unhijack.parse.mail.incoming import Kind as Sort
from unhijack.parse.mail.person import Claim
from unhijack.ports import Doors, Mailed, Noticed, StoreUnavailable

KEPT_BYTES = 1024 * 1024
"""Of a message that are kept, sealed."""
MOST_NOTED = 100
"""Messages without consequence that one case's journal takes; the mailroom has the rest."""
MOST_THREAD = 40
"""Message-IDs of one mail that are looked up."""


class Outcome(StrEnum):
    """What was made of a message."""

    RECEIVED = "received"
    BOUNCED = "bounced"
    ACKNOWLEDGED = "acknowledged"
    CLAIMED = "claimed-clean"
    DISPUTED = "disputed"
    ASKED = "asked"
    NOTED = "noted"
    """It belongs to a case, and nothing follows from it."""
    REPORTED = "reported"
    """It brought reports."""
    UNMATCHED = "unmatched"
    """It belongs to nothing that we know."""
    REFUSED = "refused"
    LATER = "later"
    """The database is away: nothing was kept, bring it again."""


@dataclass(frozen=True, slots=True)
class Desk:
    """How mail is taken."""

    house: str
    """The mailbox that notices come from."""
    reports: str | None = None
    """The mailbox that reports are sent to; None takes no reports by mail."""
    guard: Guard = field(default_factory=Guard)
    """Which addresses a report may name."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message."""

    digest: str
    outcome: Outcome
    reason: str
    """For people: one harmless line."""
    number: int | None = None
    """Of the case."""
    again: bool = False
    """It had been taken before, and counts once."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    outcome: Outcome
    reason: str
    noticed: Noticed | None = None


def take(
    doors: Doors, desk: Desk, raw: bytes, envelope: Sequence[str] = (), size: int = 0
) -> Taken:
    """Take one message; when this returns it is on the disk, unless the outcome is LATER.

    `envelope` are the recipients by the envelope; `size` is that of the whole, where it is too big
    to be held and no more than its beginning was brought. Never raises for what a message holds.
    """
    read = read_mail(raw, desk.house, envelope, size)
    try:
        verdict = _verdict(doors, read)
        if verdict.outcome is Outcome.UNMATCHED and brings_reports(read, desk.reports):
            return _reported(doors, desk, read, raw)
        return _keep(doors, read, verdict, raw)
    except WrongUse as error:
        return Taken(read.digest, Outcome.LATER, for_the_record(str(error)))


def refuse_unread(
    doors: Doors, sender: str, envelope: Sequence[str], reason: str, size: int
) -> Taken:
    """Put on record that a message was turned away before anybody held it."""
    now = doors.clock.now()
    said = f"Return-Path: <{sender[:320]}>\nTo: {', '.join(envelope)[:4_000]}\nX-Size: {size}\n"
    digest = hashlib.sha256(f"{now.isoformat()}\n{said}".encode()).hexdigest()
    read = Incoming(digest, Sort.TOO_BIG, reason, tokens=tokens_in("\n".join(envelope)))
    try:
        return _keep(doors, read, _verdict(doors, read), said.encode())
    except WrongUse as error:
        return Taken(digest, Outcome.LATER, for_the_record(str(error)))


def _verdict(doors: Doors, read: Incoming) -> _Verdict:
    """What a message comes to, before anything is written."""
    noticed, wrong = _match(doors, read)
    if wrong:
        return _Verdict(Outcome.REFUSED, wrong, None)
    if read.kind in _REFUSED:
        return _Verdict(Outcome.REFUSED, f"{read.kind}: {read.reason}", noticed)
    if noticed is None:
        return _Verdict(Outcome.UNMATCHED, f"{read.kind}, and it answers no notice of ours")
    if noticed.role == REPORTER:
        return _Verdict(Outcome.NOTED, f"{read.kind}, from somebody who reported", noticed)
    if noticed.role == PROXY and read.kind is Sort.ANSWER:
        return _Verdict(Outcome.NOTED, "the service in front of the site answers: read it", noticed)
    outcome = _ANSWERS[read.claim] if read.kind is Sort.ANSWER else _OUTCOMES[read.kind]
    return _Verdict(outcome, read.reason or str(read.kind), noticed)


REPORTER = "reporter"
"""Role of somebody who was told what became of their report: they have no say over the site."""

_REFUSED = frozenset({Sort.LOOP, Sort.TOO_BIG, Sort.MALFORMED})
_OUTCOMES = {
    Sort.DELIVERED: Outcome.RECEIVED,
    Sort.TICKET: Outcome.RECEIVED,
    Sort.BOUNCED: Outcome.BOUNCED,
    Sort.FULL: Outcome.BOUNCED,
    Sort.PASSED_ON: Outcome.NOTED,
    Sort.AWAY: Outcome.NOTED,
    Sort.COMPLAINT: Outcome.NOTED,
}
_ANSWERS = {
    Claim.CLEAN: Outcome.CLAIMED,
    Claim.WRONG: Outcome.DISPUTED,
    Claim.HELP: Outcome.ASKED,
    Claim.NONE: Outcome.ACKNOWLEDGED,
}
_REACHED = {
    Outcome.BOUNCED: Reached.BOUNCED,
    Outcome.ACKNOWLEDGED: Reached.ANSWERED,
    Outcome.CLAIMED: Reached.ANSWERED,
    Outcome.DISPUTED: Reached.ANSWERED,
    Outcome.ASKED: Reached.ANSWERED,
}
_KINDS = {
    Outcome.RECEIVED: Kind.RECEIVED,
    Outcome.BOUNCED: Kind.BOUNCED,
    Outcome.ACKNOWLEDGED: Kind.ACKNOWLEDGED,
    Outcome.CLAIMED: Kind.CLAIMED,
    Outcome.DISPUTED: Kind.DISPUTED,
    Outcome.ASKED: Kind.ASKED,
    Outcome.NOTED: Kind.NOTED,
    Outcome.REFUSED: Kind.NOTED,
}


def _match(doors: Doors, read: Incoming) -> tuple[Noticed | None, str]:
    """The notice that a message answers, and why it is refused; the reason is empty where not.

    The address it was sent to comes first, for nobody makes that up; what it says of its thread
    comes second, and must not speak of another case.
    """
    if any(not genuine(token, doors.secrets.keyed_hash) for token in read.tokens):
        return None, "it was sent to an address of a notice that we never wrote"
    by_address = [doors.cases.noticed_by(one.reference, one.notice) for one in read.tokens[:10]]
    by_thread = [doors.cases.noticed(one) for one in read.thread[:MOST_THREAD]]
    found = [one for one in (*by_address, *by_thread) if one is not None]
    if len({one.number for one in found}) > 1:
        return None, "it answers notices of different cases at once"
    if read.message_id and doors.cases.noticed(read.message_id) is not None:
        return None, "loop: it has the Message-ID of a notice of ours"
    return (found[0] if found else None), ""


def _keep(doors: Doors, read: Incoming, verdict: _Verdict, raw: bytes) -> Taken:
    """The event of its case, then the mailroom."""
    reason = for_the_record(verdict.reason, 300)
    noticed = verdict.noticed
    taken = Taken(read.digest, verdict.outcome, reason, noticed.number if noticed else None)
    if noticed is not None:
        for one in _meant(doors, read, verdict, noticed):
            written = _write(doors, read, verdict, one)
            if written is None:
                return replace(taken, outcome=Outcome.LATER, reason="its case changes all the time")
            if one == noticed:
                taken = replace(taken, outcome=written)
        _remember(doors, read, verdict, noticed)
    kept = doors.cases.record_mail(
        Mailed(
            taken.digest,
            doors.clock.now(),
            taken.number,
            str(taken.outcome),
            reason,
            noticed.person if noticed else None,
        ),
        _sealed(doors, noticed, raw[:KEPT_BYTES]),
    )
    return taken if kept else replace(taken, again=True)


def _meant(doors: Doors, read: Incoming, verdict: _Verdict, noticed: Noticed) -> Sequence[Noticed]:
    """The notices that a message is about: where several left as one message, all of them.

    What mail servers and ticket systems say, they say of the message; a person means all of it who
    answers it, and one of it who writes to the address that stands above that one.
    """
    together = doors.cases.together(noticed.key)
    if len(together) < 2 or verdict.outcome in (Outcome.NOTED, Outcome.REFUSED):
        return (noticed,)
    if read.kind is Sort.ANSWER:
        house = noticed.message_id.strip("<>").rpartition("@")[2]
        if digest_name([one.message_id for one in together], house) not in read.thread:
            return (noticed,)
    return (noticed, *(one for one in together if one != noticed))


def _remember(doors: Doors, read: Incoming, verdict: _Verdict, noticed: Noticed) -> None:
    """What a mail to them came to counts wherever else they are a contact."""
    how = Reached.FULL if read.kind is Sort.FULL else _REACHED.get(verdict.outcome)
    if how is not None:
        doors.cases.reached(noticed.person, how, doors.clock.now())


def _reported(doors: Doors, desk: Desk, read: Incoming, raw: bytes) -> Taken:
    """The reports, then the mailroom. Of an anonymous report the mail itself is not kept."""
    brought = take_reports(doors, read, desk.guard)
    outcome = Outcome.REPORTED if brought.taken else Outcome.REFUSED
    reason = for_the_record(brought.summary, 300)
    content = b""
    if brought.reporter is not None:
        content = doors.cases.seal_for(brought.reporter, raw[:KEPT_BYTES])
    now = doors.clock.now()
    mailed = Mailed(read.digest, now, None, str(outcome), reason, brought.reporter)
    kept = doors.cases.record_mail(mailed, content)
    return Taken(read.digest, outcome, reason, None, again=not kept)


def _sealed(doors: Doors, noticed: Noticed | None, content: bytes) -> bytes:
    """Under the key of whoever was told; nothing where that was destroyed."""
    if noticed is None:
        return doors.secrets.seal(content)
    try:
        return doors.cases.seal_for(noticed.person, content)
    except StoreUnavailable:
        raise
    except WrongUse:
        return b""


def _write(doors: Doors, read: Incoming, verdict: _Verdict, noticed: Noticed) -> Outcome | None:
    """Put a message into its case's journal, once; what it came to. None: it cannot be done now."""
    for _ in range(MOST_TRIES):
        events = [event for event, _ in doors.cases.journal(noticed.number)]
        known = next((one for one in events if _is_of(one, read.digest, noticed)), None)
        if known is not None:
            return Outcome(str(known.data["outcome"]))
        case = fold(noticed.number, events)
        outcome = _allowed(case, verdict.outcome)
        if _KINDS[outcome] is Kind.NOTED and _noted(events) >= MOST_NOTED:
            return outcome
        move = _move(doors, case, outcome, _data(read, verdict, noticed, outcome))
        if doors.cases.add(case.number, case.step, move, doors.clock.now()):
            return outcome
    return None


def _is_of(event: Event, digest: str, noticed: Noticed) -> bool:
    return event.data.get("mail") == digest and event.data.get("notice") == noticed.key


def _noted(events: Sequence[Event]) -> int:
    return sum(1 for one in events if one.kind is Kind.NOTED and "mail" in one.data)


def _allowed(case: Case, outcome: Outcome) -> Outcome:
    """A claim that leads to no re-check is still an answer."""
    if outcome is Outcome.CLAIMED and not case.claimable:
        return Outcome.ACKNOWLEDGED
    return outcome


def _move(doors: Doors, case: Case, outcome: Outcome, data: dict[str, Json]) -> Move:
    """Nobody who writes to us chooses when a site is visited."""
    kind = _KINDS[outcome]
    if kind is Kind.CLAIMED:
        return Move(kind, data, recheck_time(doors, case))
    lost = case.state is State.HELD and kind is Kind.BOUNCED  # another may keep the logs
    waits = lost or (case.state in TOLD and kind is not Kind.NOTED)
    return Move(kind, data, doors.clock.now(), keeps_time=not waits)


def _data(read: Incoming, verdict: _Verdict, noticed: Noticed, outcome: Outcome) -> dict[str, Json]:
    """What the journal keeps of a message: nothing of its text."""
    data: dict[str, Json] = {
        "mail": read.digest,
        "outcome": str(outcome),
        "notice": noticed.key,
        "message_id": noticed.message_id,
        "who": noticed.role,
        "what": str(read.kind),
    }
    if outcome in (Outcome.NOTED, Outcome.REFUSED, Outcome.BOUNCED):
        data["text"] = for_the_record(verdict.reason, 300)
    if read.delivery is not None:
        data["status"] = read.delivery.status
        data["why"] = str(read.delivery.why)
    if read.ticket:
        data["ticket"] = read.ticket
    if read.kind is Sort.ANSWER:
        data["says"] = str(read.claim)
    return data

"""What each kind of event does to a case: a case is a fold over its journal."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from unhijack.core.case import MOST_ATTEMPTS, TOLD, Case, Event, Kind, State
from unhijack.core.data import objects
from unhijack.core.notice import LETTER, About, Message, Stage
from unhijack.core.report import pathway_of
from unhijack.core.verdict import Ruling

_EXAMINABLE = (*TOLD, State.ATTRIBUTED, State.REINFECTED)


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
            stage=Stage.SENT if one.get("channel") == LETTER else Stage.QUEUED,
        )
        for one in objects(event.data["notices"])
    )
    case = replace(case, messages=(*case.messages, *sent))
    if any(one.role == case.letter_due and one.stage is Stage.SENT for one in sent):
        case = replace(case, letter_due="")
    if about is not About.HIJACKED:
        return case
    known = (State.DELIVERED, State.ACKNOWLEDGED)  # a letter on top of a mail takes nothing back
    state = case.state if case.state in known else State.NOTIFIED
    return replace(case, state=state, approved=False)


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
    told = _left(_with_stage(case, event, Stage.SENT), event)
    arrived = case.state is State.NOTIFIED and _is_notice(case, event)
    return replace(told, state=State.DELIVERED) if arrived else told


def _left(case: Case, event: Event) -> Case:
    key = event.data["notice"]
    messages = (replace(x, left_at=event.at) if x.key == key else x for x in case.messages)
    return replace(case, messages=tuple(messages))


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
    return replace(case, rung=rung, wave=wave, state=state, approved=False, letter_due="")


def _anew(case: Case) -> Case:
    """Everybody is told anew, those first who come first."""
    return replace(case, round=case.round + 1, rung=0, wave=0, approved=False, letter_due="")


def _acknowledged(case: Case, event: Event) -> Case:
    says = replace(case, owner_says=str(event.kind))
    return replace(says, state=State.ACKNOWLEDGED) if case.state in TOLD else says


def _disputed(case: Case, event: Event) -> Case:
    says = replace(case, owner_says=str(event.kind))
    if case.state not in (*TOLD, State.CLAIMED_CLEAN):
        return says
    return replace(says, state=State.DISPUTED, before=case.state)


def _resumed(case: Case, event: Event) -> Case:
    """Examined anew, or told anew: whichever it waited for."""
    case = replace(case, undecided=0)
    match case.state:
        case State.UNREACHABLE:
            return replace(case, state=State.REPORTED)
        case State.NOTIFIED | State.BOUNCED:
            return replace(_anew(case), state=State.ATTRIBUTED)
        case State.DISPUTED:
            back = case.before or State.DELIVERED
            return replace(case, state=back, before=None, went_on_at=event.at)
        case _:
            return case


def _held(case: Case, event: Event) -> Case:
    until = datetime.fromisoformat(str(event.data["until"]))
    before = case.before if case.state is State.HELD else case.state
    keep_logs = bool(event.data.get("keep_logs"))
    held = replace(case, state=State.HELD, held_until=until, before=before, keep_logs=keep_logs)
    return replace(held, held_at=event.at)


def _released(case: Case, event: Event) -> Case:
    if case.state is not State.HELD:
        return case
    before = case.before or State.VERIFIED
    state = State.ATTRIBUTED if before is State.VERIFIED and case.contacts else before
    return replace(case, state=state, before=None, held_until=None, went_on_at=event.at)


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
        claimed_by=str(event.data.get("notice") or ""),
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
    Kind.LETTER_DUE: lambda case, event: replace(case, letter_due=str(event.data["role"])),
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

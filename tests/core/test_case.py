"""A case is what its journal adds up to; the journal cannot be changed unseen; decisions are pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.case import MOST_ATTEMPTS, Case, Event, Kind, State
from unhijack.core.case import TOLD as TOLD_STATES
from unhijack.core.data import Data, Json
from unhijack.core.fold import fold
from unhijack.core.journal import GENESIS, chained, first_broken
from unhijack.core.report import Step, StepKind, pathway_data, pathway_of
from unhijack.core.verdict import Ruling
from unhijack.core.watch import RETRY, after_examination

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
URL = "http://bakery-lindner.test/"
OPENED: Data = {"receipt": "R-1", "url": URL, "pathway": [], "source": "citizen"}
NOTICE: Data = {"notice": "notice-1-1", "message_id": "<1@cert.test>", "text": "250 Ok"}
QUEUED: Data = {
    "about": "hijacked",
    "rung": 0,
    "notices": [
        {
            "notice": "notice-1-1",
            "message_id": "<1@cert.test>",
            "person": "p",
            "role": "owner",
        }
    ],
}
CONTACT: dict[str, Json] = {"role": "owner", "person": "p", "source": "test", "confidence": 1.0}


def examined(ruling: Ruling, *redirected: str) -> Data:
    return {"verdict": str(ruling), "redirected": [*redirected], "purpose": "verification"}


def journal(*moves: Kind | tuple[Kind, Data]) -> list[Event]:
    """Events one hour apart; a kind alone stands for its usual data."""
    told: list[Event] = []
    for step, move in enumerate(moves, 1):
        kind, data = move if isinstance(move, tuple) else (move, USUAL[move])
        told.append(Event(step, kind, NOON + timedelta(hours=step), data))
    return told


USUAL: dict[Kind, Data] = {
    Kind.OPENED: OPENED,
    Kind.JOINED: OPENED,
    Kind.EXAMINED: examined(Ruling.HIJACKED, "search-phone"),
    Kind.ATTRIBUTED: {"contacts": [CONTACT]},
    Kind.APPROVED: {"who": "an analyst"},
    Kind.LETTER_DUE: {"role": "owner"},
    Kind.QUEUED: QUEUED,
    Kind.DELIVERED: NOTICE,
    Kind.UNCERTAIN: NOTICE,
    Kind.BOUNCED: NOTICE,
    Kind.SCANNED: {"findings": 3},
    Kind.CLAIMED: {"who": "the owner"},
    Kind.RESUMED: {"who": "an analyst"},
    Kind.MONITORED: {"until": "2026-06-01"},
    Kind.CLOSED: {"why": "clean for 90 days"},
    Kind.DELAYED: {"until": "2026-03-10T12:00:00+00:00"},
    Kind.RECEIVED: NOTICE,
    Kind.ESCALATED: {"rung": 1, "wave": 0, "roles": ["registrar"]},
    Kind.ACKNOWLEDGED: NOTICE,
    Kind.ASKED: NOTICE,
    Kind.DISPUTED: NOTICE,
    Kind.HELD: {"until": "2026-03-10T12:00:00+00:00", "why": "an inquiry", "who": "police"},
    Kind.RELEASED: {"why": "its time is over"},
    Kind.MERGED: {"into": 2},
    Kind.OVERTURNED: {"why": "a mistake"},
    Kind.PRESERVED: {"why": "a court"},
    Kind.UNPRESERVED: {"why": "a court"},
    Kind.ERASED: {"persons": 1},
    Kind.NOTED: {"text": "something"},
}
TOLD = (Kind.OPENED, Kind.EXAMINED, Kind.ATTRIBUTED, Kind.QUEUED, Kind.DELIVERED)
CLEAN = (Kind.EXAMINED, examined(Ruling.CLEAN))
UNREACHABLE = (Kind.EXAMINED, examined(Ruling.UNREACHABLE))


def test_a_case_remembers_how_it_began():
    pathway = [{"kind": "search", "value": "bakery"}, {"kind": "click", "value": URL}]
    case = fold(4, journal((Kind.OPENED, {**OPENED, "pathway": cast(Json, pathway)})))

    assert (case.number, case.step, case.state) == (4, 1, State.REPORTED)
    assert (case.url, case.source, case.reports) == (URL, "citizen", 1)
    assert case.pathway == (Step(StepKind.SEARCH, "bakery"), Step(StepKind.CLICK, URL))
    assert case.opened_at == case.changed_at == NOON + timedelta(hours=1)
    assert pathway_data(case.pathway) == pathway


@pytest.mark.parametrize(
    ("moves", "state"),
    [
        ((), State.REPORTED),
        ((Kind.OPENED,), State.REPORTED),
        ((Kind.OPENED, Kind.JOINED), State.REPORTED),
        (TOLD[:2], State.VERIFIED),
        (TOLD[:3], State.ATTRIBUTED),
        ((*TOLD[:2], (Kind.ATTRIBUTED, {"contacts": []})), State.VERIFIED),
        ((*TOLD[:3], Kind.APPROVED), State.ATTRIBUTED),
        (TOLD[:4], State.NOTIFIED),
        (TOLD, State.DELIVERED),
        ((*TOLD[:4], Kind.UNCERTAIN), State.NOTIFIED),
        ((*TOLD[:4], Kind.BOUNCED), State.BOUNCED),
        ((*TOLD, Kind.CLAIMED), State.CLAIMED_CLEAN),
        ((*TOLD[:4], Kind.CLAIMED, Kind.DELIVERED), State.CLAIMED_CLEAN),
        ((*TOLD, Kind.CLAIMED, Kind.EXAMINED), State.ATTRIBUTED),
        ((*TOLD, Kind.CLAIMED, UNREACHABLE), State.CLAIMED_CLEAN),
        ((*TOLD, Kind.CLAIMED, CLEAN), State.VERIFIED_CLEAN),
        ((*TOLD, Kind.CLAIMED, CLEAN, Kind.MONITORED), State.MONITORED),
        ((*TOLD, Kind.CLAIMED, CLEAN, Kind.MONITORED, UNREACHABLE), State.MONITORED),
        ((*TOLD, Kind.CLAIMED, CLEAN, Kind.MONITORED, Kind.EXAMINED), State.REINFECTED),
        ((*TOLD, Kind.CLAIMED, CLEAN, Kind.MONITORED, Kind.CLOSED), State.CLOSED),
        ((Kind.OPENED, Kind.SCANNED), State.ACKNOWLEDGED),
        ((*TOLD, (Kind.SCANNED, {"findings": 0})), State.CLAIMED_CLEAN),
        ((Kind.OPENED, (Kind.SCANNED, {"findings": 0})), State.REPORTED),
        ((Kind.OPENED, Kind.SCANNED, Kind.CLAIMED, Kind.EXAMINED), State.VERIFIED),
        ((Kind.OPENED, CLEAN), State.NOT_HIJACKED),
        ((Kind.OPENED, (Kind.EXAMINED, examined(Ruling.SUSPICIOUS))), State.REPORTED),
        ((Kind.OPENED, (Kind.EXAMINED, examined(Ruling.INCONCLUSIVE))), State.REPORTED),
        ((Kind.OPENED, *[UNREACHABLE] * (MOST_ATTEMPTS - 1)), State.REPORTED),
        ((Kind.OPENED, *[UNREACHABLE] * MOST_ATTEMPTS), State.UNREACHABLE),
    ],
)
def test_the_state_follows_from_the_events(moves: tuple[Kind, ...], state: State):
    assert fold(1, journal(*moves)).state is state


def test_a_refuted_claim_is_counted_and_the_newest_proof_is_replayed():
    again = (Kind.EXAMINED, examined(Ruling.HIJACKED, "search-desktop", "direct-phone"))
    case = fold(1, journal(*TOLD, Kind.CLAIMED, again))

    assert (case.claims, case.refuted) == (1, 1)
    assert case.redirected == ("search-desktop", "direct-phone")


def test_a_clean_re_check_keeps_the_proof_of_what_was_before():
    case = fold(1, journal(*TOLD, Kind.CLAIMED, CLEAN))
    assert case.redirected == ("search-phone",)
    assert case.last_ruling is Ruling.CLEAN


def test_every_notice_needs_an_approval_of_its_own():
    first = fold(1, journal(*TOLD[:3], Kind.APPROVED, Kind.QUEUED, Kind.DELIVERED))
    second = fold(
        1,
        journal(*TOLD[:3], Kind.APPROVED, Kind.QUEUED, Kind.DELIVERED, Kind.CLAIMED, Kind.EXAMINED),
    )
    assert (first.approved, second.approved) == (False, False)
    assert (second.state, second.notices) == (State.ATTRIBUTED, 1)


def test_a_claim_counts_only_when_somebody_was_told_and_no_re_check_is_under_way():
    assert not fold(1, journal(*TOLD[:3])).claimable
    assert fold(1, journal(*TOLD[:4])).claimable
    told: list[Kind | tuple[Kind, Data]] = [
        *TOLD,
        Kind.CLAIMED,
        *[UNREACHABLE] * (MOST_ATTEMPTS - 1),
    ]
    assert not fold(1, journal(*told)).claimable
    waiting = fold(1, journal(*told, UNREACHABLE))
    assert (waiting.state, waiting.claimable) == (State.CLAIMED_CLEAN, True)
    assert fold(1, journal(*told, UNREACHABLE, Kind.CLAIMED)).undecided == 0


def test_an_uncertain_notice_is_counted_for_good():
    case = fold(1, journal(*TOLD[:4], Kind.UNCERTAIN, Kind.CLAIMED, CLEAN, Kind.CLOSED))
    assert (case.state, case.notices, case.uncertain) == (State.CLOSED, 1, 1)


# Whatever order things happen in


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Any events that the store could be asked to write after a case was opened.

    Decisions are made from states, so an event comes only where some decision makes it; the fate
    of a notice and other people's reports may come at any time.
    """
    moves: list[Kind | tuple[Kind, Data]] = [Kind.OPENED]
    for _ in range(draw(st.integers(0, 25))):
        case = fold(1, journal(*moves))
        possible: list[Kind] = [] if case.state.over else [Kind.JOINED, Kind.NOTED]
        if case.notices:
            possible += [Kind.DELIVERED, Kind.UNCERTAIN, Kind.BOUNCED, Kind.RECEIVED]
            possible += [Kind.ACKNOWLEDGED, Kind.ASKED, Kind.DISPUTED]
        if case.claimable:
            possible.append(Kind.CLAIMED)
        if case.verdict is not None and not case.state.over:
            possible += [Kind.HELD, Kind.OVERTURNED, Kind.MERGED, Kind.PRESERVED, Kind.UNPRESERVED]
        if case.state in TOLD_STATES:
            possible += [Kind.ESCALATED, Kind.EXAMINED]
        possible += {
            State.REPORTED: [Kind.EXAMINED],
            State.VERIFIED: [Kind.ATTRIBUTED],
            State.ATTRIBUTED: [
                Kind.APPROVED,
                Kind.QUEUED,
                Kind.DELAYED,
                Kind.LETTER_DUE,
                Kind.EXAMINED,
            ],
            State.HELD: [Kind.RELEASED, Kind.EXAMINED, Kind.ATTRIBUTED],
            State.DISPUTED: [Kind.RESUMED],
            State.CLAIMED_CLEAN: [Kind.EXAMINED],
            State.VERIFIED_CLEAN: [Kind.MONITORED],
            State.REINFECTED: [Kind.APPROVED, Kind.QUEUED],
            State.MONITORED: [
                Kind.EXAMINED,
                *([Kind.CLOSED] if case.last_ruling is Ruling.CLEAN else []),
            ],
        }.get(case.state, [])
        if not possible:
            break
        kind = draw(st.sampled_from(possible))
        if kind is Kind.EXAMINED:
            moves.append((kind, examined(draw(st.sampled_from(Ruling)), "search-phone")))
        else:
            moves.append(kind)
    return journal(*moves)


def prefixes(events: list[Event]) -> list[tuple[Case, Event, Case]]:
    """Each event with the case before and after it."""
    cases = [fold(1, events[:end]) for end in range(len(events) + 1)]
    return list(zip(cases, events, cases[1:], strict=False))


@given(histories())
def test_nothing_leaves_a_state_that_is_over(events: list[Event]):
    for before, event, after in prefixes(events):
        if before.state.over:
            assert after.state is before.state, event


@given(histories())
def test_refuted_counts_the_re_checks_that_found_it_hijacked_and_nothing_else(events: list[Event]):
    for before, event, after in prefixes(events):
        caught = (
            event.kind is Kind.EXAMINED
            and before.state is State.CLAIMED_CLEAN
            and event.data["verdict"] == Ruling.HIJACKED
        )
        assert after.refuted - before.refuted == caught
    case = fold(1, events)
    assert case.refuted <= case.claims


@given(histories())
def test_nobody_is_told_and_nothing_is_closed_without_proof(events: list[Event]):
    for before, event, after in prefixes(events):
        if event.kind in (Kind.ATTRIBUTED, Kind.QUEUED, Kind.CLAIMED):
            assert before.verdict is not None
        if after.state is State.CLOSED:
            assert after.last_ruling is Ruling.CLEAN
            assert after.clean
        assert not (after.state is State.NOT_HIJACKED and after.verdict)


@given(histories())
def test_a_case_is_the_same_whether_told_at_once_or_event_by_event(events: list[Event]):
    case = fold(1, events)
    assert case == fold(1, iter(events))
    assert case.step == len(events)
    assert case.changed_at == events[-1].at
    assert case.reports == sum(e.kind in (Kind.OPENED, Kind.JOINED) for e in events)


@given(st.lists(st.sampled_from(Kind), max_size=12))
def test_no_order_of_events_makes_the_fold_fail(kinds: list[Kind]):
    """The store writes what decisions make; a fold that raised would hide the whole journal."""
    case = fold(1, journal(Kind.OPENED, *kinds))
    assert case.step == len(kinds) + 1


# The chain


def sealed(events: list[Event], number: int = 1) -> list[tuple[Event, str]]:
    previous, found = GENESIS, []
    for event in events:
        previous = chained(previous, number, event)
        found.append((event, previous))
    return found


def test_the_digest_of_an_event_is_what_it_always_was():
    """If this fails, journals that were written before no longer verify: make a new kind instead."""
    event = Event(1, Kind.OPENED, datetime(2026, 3, 2, 8, 0, 0, 5, tzinfo=UTC), OPENED)
    assert GENESIS == "cb90fe734034d2530bfacd7c9b25ad802ad78bd4d779014cecb868cf194fc68b"
    assert (
        chained(GENESIS, 1, event)
        == "777292fea1dee749386e9a1e3f9d72eb2ca571f9f5801871b40df3dac66d6e8a"
    )


@given(histories(), st.data())
def test_a_journal_that_was_changed_anywhere_breaks_there_or_before(
    events: list[Event], data: st.DataObject
):
    whole = sealed(events)
    assert first_broken(1, whole) is None
    place = data.draw(st.integers(0, len(whole) - 1))
    event, digest = whole[place]
    changed = data.draw(
        st.sampled_from(
            [
                (replace(event, at=event.at + timedelta(microseconds=1)), digest),
                (replace(event, data={**event.data, "more": 1}), digest),
                (
                    replace(
                        event, kind=Kind.CLOSED if event.kind is not Kind.CLOSED else Kind.JOINED
                    ),
                    digest,
                ),
                (replace(event, step=event.step + 1), digest),
                (event, "0" * 64),
            ]
        )
    )
    assert first_broken(1, [*whole[:place], changed, *whole[place + 1 :]]) == place + 1


@given(histories(), st.data())
def test_an_event_that_is_missing_doubled_or_in_another_place_is_noticed(
    events: list[Event], data: st.DataObject
):
    whole = sealed(events)
    place = data.draw(st.integers(0, len(whole) - 1))
    assert first_broken(1, [*whole[: place + 1], *whole[place:]]) == place + 2
    if place + 1 < len(whole):
        assert first_broken(1, [*whole[:place], *whole[place + 1 :]]) == place + 1
        swapped = [*whole[:place], whole[place + 1], whole[place], *whole[place + 2 :]]
        assert first_broken(1, swapped) == place + 1


def test_a_journal_belongs_to_its_case():
    assert first_broken(2, sealed(journal(*TOLD), number=1)) == 1


# Decisions


@pytest.mark.parametrize("recheck", [False, True])
@pytest.mark.parametrize("ruling", [Ruling.SUSPICIOUS, Ruling.INCONCLUSIVE, Ruling.UNREACHABLE])
def test_an_examination_without_a_ruling_is_repeated_with_growing_pauses_then_a_person_is_asked(
    ruling: Ruling,
    recheck: bool,  # noqa: FBT001 - a parameter of the test
):
    moves: list[Kind | tuple[Kind, Data]] = [*TOLD, Kind.CLAIMED] if recheck else [Kind.OPENED]
    pauses: list[timedelta | None] = []
    for _ in range(MOST_ATTEMPTS):
        case = fold(1, journal(*moves))
        move = after_examination(case, examined(ruling), NOON)
        pauses.append(move.next_at - NOON if move.next_at else None)
        moves.append((move.kind, move.data))

    assert pauses == [RETRY * 2**n for n in range(MOST_ATTEMPTS - 1)] + [None]


@pytest.mark.parametrize(
    ("moves", "ruling", "next_at"),
    [
        ((Kind.OPENED,), Ruling.HIJACKED, NOON),
        ((Kind.OPENED,), Ruling.CLEAN, None),
        ((*TOLD, Kind.CLAIMED), Ruling.HIJACKED, NOON),
        ((*TOLD, Kind.CLAIMED), Ruling.CLEAN, NOON),
    ],
)
def test_what_follows_a_ruling_follows_at_once_or_never(
    moves: tuple[Kind, ...], ruling: Ruling, next_at: datetime | None
):
    case = fold(1, journal(*moves))
    move = after_examination(case, examined(ruling), NOON)
    assert (move.kind, move.next_at, move.notices) == (Kind.EXAMINED, next_at, ())


@given(histories(), st.sampled_from(Ruling))
def test_a_decision_changes_nothing_and_is_the_same_twice(events: list[Event], ruling: Ruling):
    case = fold(1, events)
    data = examined(ruling, "search-phone")
    assert after_examination(case, data, NOON) == after_examination(case, data, NOON)
    assert case == fold(1, events)


@given(st.lists(st.tuples(st.sampled_from(StepKind), st.text(max_size=20)), max_size=5))
def test_a_pathway_survives_the_journal(steps: list[tuple[StepKind, str]]):
    pathway = tuple(Step(kind, value) for kind, value in steps)
    assert pathway_of(pathway_data(pathway)) == pathway

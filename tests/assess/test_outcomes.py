"""A journal to a record: what it keeps, and what it leaves out."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.journals import (
    CLEAN,
    HIJACKED,
    OPENED,
    START,
    day,
    journal,
    looks,
    queued,
    verified,
)
from unhijack.assess.outcomes import outcome_of
from unhijack.core.case import Event, Kind
from unhijack.core.data import Data
from unhijack.core.outcome import Left, Outcome


def outcome(*lines: tuple[float, Kind, Data]) -> Outcome:
    found = outcome_of(7, journal(*lines))
    assert isinstance(found, Outcome)
    return found


def test_a_case_from_report_to_relapse():
    one = outcome(
        *verified(),
        (0, Kind.QUEUED, queued("owner", "hoster", arms={"detail": "full", "control": "at-once"})),
        (0.1, Kind.DELIVERED, {"notice": "owner-1"}),
        (0.2, Kind.BOUNCED, {"notice": "hoster-1"}),
        *looks(1),
        (1.4, Kind.CLAIMED, {"who": "the owner"}),
        (1.8, Kind.EXAMINED, CLEAN),
        (1.8, Kind.MONITORED, {"until": ""}),
        (2.8, Kind.EXAMINED, CLEAN),
        (5.8, Kind.EXAMINED, HIJACKED),
    )
    assert (one.number, one.country, one.hoster) == (7, "de", "NET-1 AS64500")
    assert (one.language, one.detail, one.channel, one.control) == ("de", "full", "mail", "at-once")
    assert one.campaign == "first[.]test"
    assert one.roles == ("owner", "hoster")
    assert (one.reported, one.verified, one.told) == (day(0), day(0), day(0))
    assert (one.delivered, one.received) == (day(0.1), day(1.4)), "a claim proves receipt"
    assert one.bounced
    assert one.hoster_bounced
    assert not one.hoster_received
    assert (one.hijacked, one.clean) == (day(1), day(1.8)), "somewhere between these two"
    assert (one.tested, one.relapsed) == (day(2.8), day(5.8))


def test_a_mail_server_that_takes_a_message_proves_no_receipt():
    told = (*verified(), (0, Kind.QUEUED, queued("owner")))
    assert outcome(*told, (0, Kind.DELIVERED, {"notice": "owner-1"})).received is None
    assert outcome(*told, (0.5, Kind.RECEIVED, {"notice": "owner-1"})).received == day(0.5)


@pytest.mark.parametrize("kind", [Kind.ACKNOWLEDGED, Kind.ASKED, Kind.CLAIMED, Kind.DISPUTED])
def test_whoever_answers_has_it(kind: Kind):
    one = outcome(*verified(), (0, Kind.QUEUED, queued("owner")), (2, kind, {"who": "owner"}))
    assert one.received == day(2)


def test_what_hosters_are_asked_to_keep_is_no_notice():
    preserve = queued("hoster", about="preserve")
    one = outcome(
        *verified(), (0, Kind.QUEUED, preserve), (1, Kind.RECEIVED, {"notice": "hoster-1"})
    )
    assert one.told is None
    assert one.received is None
    assert not one.hoster_told


def test_a_claim_that_was_untrue_is_counted_and_the_site_is_still_hijacked():
    one = outcome(
        *verified(),
        (0, Kind.QUEUED, queued("owner")),
        (1, Kind.CLAIMED, {"who": "owner"}),
        (1.5, Kind.EXAMINED, HIJACKED),
    )
    assert one.refuted == 1
    assert one.clean is None
    assert one.hijacked == day(1.5)


def test_the_delayed_part_keeps_when_it_was_drawn():
    one = outcome(
        *verified(),
        (0, Kind.DELAYED, {"arms": {"control": "delayed", "detail": "minimal"}}),
        *looks(1, 2, 4, 8),
        (8, Kind.QUEUED, queued("owner", arms={"control": "delayed", "detail": "minimal"})),
    )
    assert (one.delayed, one.told, one.control, one.detail) == (
        day(0),
        day(8),
        "delayed",
        "minimal",
    )


def test_a_site_that_was_clean_while_it_was_held_was_clean_then():
    held: Data = {"until": day(9).isoformat()}
    told = (*verified(), (0, Kind.QUEUED, queued("owner")), (0.3, Kind.HELD, held))
    one = outcome(
        *told, (3, Kind.EXAMINED, CLEAN), (9, Kind.RELEASED, {}), (9, Kind.EXAMINED, CLEAN)
    )
    assert (one.hijacked, one.clean, one.tested) == (day(0), day(3), day(9))
    one = outcome(
        *told,
        (3, Kind.EXAMINED, CLEAN),
        (6, Kind.EXAMINED, HIJACKED),
        (9, Kind.RELEASED, {}),
        (9, Kind.EXAMINED, CLEAN),
    )
    assert (one.hijacked, one.clean) == (day(6), day(9)), "it was not borne out"


def test_a_scan_tells_the_way_in_and_how_many_were_sent_away():
    scan: Data = {"findings": 2, "way": "plugin-upload", "away_a_day": 12.5}
    one = outcome(*verified(), (0, Kind.QUEUED, queued("owner")), (3, Kind.SCANNED, scan))
    assert (one.cause, one.away_a_day, one.received) == ("plugin-upload", 12.5, day(3))
    assert one.hijacked == day(3), "what is found inside is there"


@pytest.mark.parametrize("rate", [-1, 10**9, "many", None, [3]])
def test_a_rate_that_no_log_shows_is_none(rate: object):
    scan: Data = {"findings": 0, "away_a_day": rate}  # type: ignore[dict-item]
    one = outcome(*verified(), (0, Kind.QUEUED, queued("owner")), (3, Kind.SCANNED, scan))
    assert one.away_a_day is None


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([(0, Kind.OPENED, OPENED)], Left.UNPROVEN),
        ([(0, Kind.OPENED, OPENED), (1, Kind.EXAMINED, CLEAN)], Left.NOT_HIJACKED),
        ([*verified(), (1, Kind.MERGED, {"into": 2})], Left.DUPLICATE),
        (
            [*verified(), (0, Kind.QUEUED, queued("owner")), (1, Kind.OVERTURNED, {})],
            Left.OVERTURNED,
        ),
    ],
)
def test_what_is_left_out_and_why(lines: list[tuple[float, Kind, Data]], why: Left):
    assert outcome_of(1, journal(*lines)) is why


def test_nothing_hostile_of_a_journal_is_kept():
    one = outcome(*verified(hoster="\x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}" + "x" * 500))
    assert one.hoster.isprintable()
    assert len(one.hoster) <= 61


_DATA = st.sampled_from(
    [
        {"verdict": "hijacked"},
        {"verdict": "clean"},
        {"verdict": "inconclusive"},
        {"verdict": "unreachable"},
    ]
)
_WITH_DATA = {Kind.OPENED, Kind.EXAMINED, Kind.ATTRIBUTED, Kind.QUEUED, Kind.DELAYED, Kind.SCANNED}
_OF_NOTICES = {Kind.DELIVERED, Kind.BOUNCED, Kind.RECEIVED, Kind.UNCERTAIN}
_PLAIN = set(Kind) - _WITH_DATA - _OF_NOTICES - {Kind.HELD, Kind.ESCALATED, Kind.LETTER_DUE}
_ODD = st.one_of(
    st.tuples(st.just(Kind.EXAMINED), _DATA),
    st.tuples(
        st.sampled_from(sorted(_OF_NOTICES)),
        st.sampled_from([{"notice": "owner-1"}, {"notice": "none"}]),
    ),
    st.tuples(
        st.sampled_from(sorted(_PLAIN)),
        st.just({}),
    ),
    st.tuples(st.just(Kind.QUEUED), st.sampled_from([queued("owner"), queued("hoster")])),
    st.tuples(st.just(Kind.DELAYED), st.sampled_from([{}, {"arms": None}, {"arms": {"a": 1}}])),
    st.tuples(
        st.just(Kind.SCANNED),
        st.sampled_from([{"findings": 1, "away_a_day": "x"}, {"findings": 0, "way": ["x"]}]),
    ),
    st.tuples(st.just(Kind.HELD), st.just({"until": START.isoformat()})),
)


def test_a_clean_look_before_the_first_redirect_was_seen_is_no_clean_up():
    one = outcome_of(
        1,
        journal(
            (0, Kind.OPENED, OPENED),
            (0, Kind.QUEUED, queued("owner")),
            (0, Kind.EXAMINED, {"verdict": "clean"}),
            (1, Kind.EXAMINED, {"verdict": "hijacked"}),
        ),
    )
    assert isinstance(one, Outcome)
    assert one.verified == day(1)
    assert one.clean is None


@given(st.lists(st.tuples(_ODD, st.integers(0, 40)), max_size=25))
def test_however_odd_a_journal_is_its_moments_are_in_order(steps):
    lines, at = [(0.0, Kind.OPENED, OPENED)], 0.0
    for (kind, data), later in steps:
        at += later / 7
        lines.append((at, kind, data))
    one = outcome_of(1, journal(*lines))
    if isinstance(one, Left):
        return
    assert one.reported <= one.verified
    if one.clean is not None:
        assert one.verified <= one.clean
        assert one.hijacked is None or one.hijacked <= one.clean
    if one.relapsed is not None:
        assert one.clean is not None
        assert one.clean <= one.relapsed
        assert one.tested is not None
        assert one.tested <= one.relapsed
    if one.received is not None:
        assert one.told is not None
        assert one.told <= one.received


def test_events_may_come_one_by_one():
    events = journal(*verified(), (0, Kind.QUEUED, queued("owner")))
    one = outcome_of(1, (event for event in events))
    assert isinstance(one, Outcome)
    assert one.told == START + timedelta()
    assert isinstance(events[0], Event)

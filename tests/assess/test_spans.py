"""Two looks to one time; and how far a case counts."""

from collections.abc import Iterable

import pytest

from tests.support.journals import CLEAN, HIJACKED, Line, day, journal, looks, queued, verified
from unhijack.assess.outcomes import outcome_of
from unhijack.assess.spans import Span, after_told, received_within, relapsed_within, while_untold
from unhijack.core.case import Kind
from unhijack.core.outcome import Outcome


def told(*lines: Line) -> Outcome:
    found = outcome_of(1, journal(*verified(), (0, Kind.QUEUED, queued("owner")), *lines))
    assert isinstance(found, Outcome)
    return found


def clean(at: float) -> Line:
    return (at, Kind.EXAMINED, CLEAN)


@pytest.mark.parametrize(
    ("lines", "as_of", "expected"),
    [
        ([*looks(1, 2), clean(4)], 10, Span(3, ended=True)),  # the middle of the two looks
        ([clean(1)], 10, Span(0.5, ended=True)),
        ([*looks(1, 2, 4)], 5, Span(4, ended=False)),
        ([*looks(1, 2, 4)], 9, Span(4, ended=False)),  # the look of day 8 is late: not known
        ([*looks(1.01, 2.02)], 3, Span(2, ended=False)),  # each a little late, and counted whole
        ([], 0.5, None),  # no look was due yet
        ([*looks(1), (1.2, Kind.CLAIMED, {}), clean(1.6)], 1.7, Span(1, ended=False)),
        ([*looks(1), (1.2, Kind.CLAIMED, {}), clean(1.6)], 2, Span(1.3, ended=True)),
    ],
)
def test_how_long_it_was_hijacked(lines: Iterable[Line], as_of: float, expected: Span | None):
    found = after_told(told(*lines), day(as_of))
    if expected is None:
        assert found is None
        return
    assert found is not None
    assert found.ended is expected.ended
    assert found.days == pytest.approx(expected.days)


def test_a_claim_brings_no_case_in_before_its_planned_look():
    mended = told((0.1, Kind.CLAIMED, {}), clean(0.4))
    assert after_told(mended, day(0.9)) is None, "those who did not mend are not in it yet either"
    assert after_told(mended, day(1)) == Span(0.2, ended=True)


def delayed(*lines: Line) -> Outcome:
    drawn: Line = (0, Kind.DELAYED, {"arms": {"control": "delayed"}})
    found = outcome_of(1, journal(*verified(), drawn, *lines))
    assert isinstance(found, Outcome)
    return found


def test_the_delayed_part_counts_until_it_is_told():
    one = delayed(
        *looks(1, 2, 4, 8), (8, Kind.QUEUED, queued("owner")), (9, Kind.CLAIMED, {}), clean(9.4)
    )
    assert while_untold(one, day(30)) == Span(8, ended=False), "what a notice did is not counted"
    since = after_told(one, day(30))
    assert since is not None
    assert since.days == pytest.approx(0.7)


def test_who_mends_unasked_is_counted_as_that():
    one = delayed(*looks(1, 2), clean(4))
    assert while_untold(one, day(30)) == Span(3, ended=True)
    assert after_told(one, day(30)) is None


def test_a_relapse_is_known_when_the_day_is_over_and_was_tested():
    stood = [(day_, Kind.EXAMINED, CLEAN) for day_ in (2, 3, 5, 9, 17, 31)]
    one = told(*looks(), clean(1), (1, Kind.MONITORED, {"until": ""}), *stood)
    assert relapsed_within(one, 30, day(30)) is None
    assert relapsed_within(one, 30, day(31)) is False
    assert relapsed_within(one, 90, day(91)) is None, "it was not tested that late"
    again = told(clean(1), (1, Kind.MONITORED, {"until": ""}), (9, Kind.EXAMINED, HIJACKED))
    assert relapsed_within(again, 30, day(20)) is None, "those who stand are not known yet either"
    assert relapsed_within(again, 30, day(31)) is True
    assert relapsed_within(told(*looks(1)), 30, day(99)) is None


def test_receipt_is_known_when_its_time_is_over():
    one = told((3, Kind.RECEIVED, {"notice": "owner-1"}))
    assert received_within(one, 8, day(7)) is None
    assert received_within(one, 8, day(8)) is True
    assert received_within(one, 2, day(8)) is False

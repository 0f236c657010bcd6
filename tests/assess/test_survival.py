"""Shares, curves and tests against textbooks, and against what is worked out by hand."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.assess.spans import Span, Spans
from unhijack.assess.survival import curve, difference, has_scipy, holm, logrank, wilson
from unhijack.core.errors import WrongUse
from unhijack.core.figures import NO_CURVES, Point

# Remission of leukaemia in weeks, 6-MP against placebo: Freireich et al., Blood 21 (1963); worked out
# in Kleinbaum and Klein, Survival Analysis, chapters 1 and 2.
SIX_MP = [6, 6, 6, 7, 10, 13, 16, 22, 23]
SIX_MP_LOST = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
# Maintenance of leukaemia, the first group: Miller, Survival Analysis (1981), page 49.
MAINTAINED, MAINTAINED_LOST = [9, 13, 18, 23, 31, 34, 48], [13, 28, 45, 161]
NOT_MAINTAINED, NOT_MAINTAINED_LOST = [5, 5, 8, 8, 12, 23, 27, 30, 33, 43, 45], [16]


def spans(ended: list[int], lost: list[int]) -> Spans:
    made = Spans()
    for days in ended:
        made.add(Span(float(days), ended=True))
    for days in lost:
        made.add(Span(float(days), ended=False))
    return made


def test_the_curve_of_a_textbook():
    found = curve(spans(SIX_MP, SIX_MP_LOST))
    assert found is not None
    assert (found.count, found.ended, found.until) == (21, 9, 35)
    expected = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    for week, remains in expected.items():
        point = found.at(week)
        assert point is not None
        assert 1 - point.value == pytest.approx(remains, abs=5e-5)
    assert found.median.days == 23
    placebo = curve(spans(PLACEBO, []))
    assert placebo is not None
    assert placebo.median.days == 8


def test_the_bounds_of_the_curve_by_hand():
    found = curve(spans(MAINTAINED, MAINTAINED_LOST))
    assert found is not None
    first = found.at(9)
    assert first is not None
    # S = 10/11; V = (1/110) / ln(S)^2 = 1.0007; S ** exp(+-1.96 sqrt(V)) = 0.508 and 0.987
    assert (1 - first.high, 1 - first.low) == pytest.approx((0.5081, 0.9867), abs=1e-4)


def test_the_median_of_a_textbook_and_its_bounds():
    found = curve(spans(MAINTAINED, MAINTAINED_LOST))
    assert found is not None
    assert found.median.days == 31
    # The lower bound of S falls to a half at 13 (0.447), the upper one never: 48 has 0.525 or more.
    assert (found.median.low, found.median.high) == (13, None)
    other = curve(spans(NOT_MAINTAINED, NOT_MAINTAINED_LOST))
    assert other is not None
    # At 5, S = 10/12 and its lower bound 0.8333 ** exp(1.96 * 0.7081) = 0.482: below a half.
    assert (other.median.days, other.median.low, other.median.high) == (23, 5, 33)


def test_bounds_of_a_median_reach_to_the_looks_around_it():
    found = curve(spans(NOT_MAINTAINED, NOT_MAINTAINED_LOST), (1, 2, 4, 8, 16, 30, 60))
    assert found is not None
    assert (found.median.low, found.median.high) == (4, 60), (
        "5 is after the look of 4, 33 before 60"
    )


def test_the_logrank_tests_of_textbooks():
    two = logrank(spans(SIX_MP, SIX_MP_LOST), spans(PLACEBO, []))
    assert two == pytest.approx(4.17e-5, rel=0.01), "a chi-square of 16.79"
    other = logrank(spans(MAINTAINED, MAINTAINED_LOST), spans(NOT_MAINTAINED, NOT_MAINTAINED_LOST))
    assert other == pytest.approx(0.0653, abs=2e-4)


def test_where_nobody_is_clean_yet_the_bounds_are_wilsons():
    found = curve(spans([], [4] * 20))
    assert found is not None
    assert found.at(4) == Point(0.0, 0.0, wilson(0, 20).high)
    assert found.at(1) == found.at(4)
    assert found.at(5) is None, "nobody was followed so long"
    assert found.median.days is None


def test_where_all_are_clean_the_curve_ends_at_one_and_stays():
    found = curve(spans([1, 1, 2], []))
    assert found is not None
    last = found.at(30)
    assert last is not None
    assert (last.value, last.high) == (1.0, 1.0)
    assert 0 < last.low < 1
    assert found.median.days == 1


def test_nothing_has_no_curve_and_no_test():
    assert curve(Spans()) is None
    assert logrank(Spans(), spans([1], [])) is None
    assert logrank(spans([], [3]), spans([], [4])) is None


# Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, and 873-890, table II, method 10.
@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_of_a_textbook(count: int, of: int, low: float, high: float):
    found = wilson(count, of)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_difference_of_two_shares_of_a_textbook(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
):
    points = [Point(a / n, wilson(a, n).low, wilson(a, n).high) for a, n in (one, other)]
    found = difference(*points)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_several_comparisons_by_hand():
    # Sorted 0.005 0.01 0.03 0.04, times 4 3 2 1: 0.02 0.03 0.06 and, no lower than that, 0.06.
    assert holm([0.01, 0.04, None, 0.03, 0.005]) == pytest.approx([0.03, 0.06, None, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_share_lies_within_its_bounds(count: int, more: int):
    found = wilson(count, count + more)
    assert 0 <= found.low <= found.high <= 1
    if found.value is not None:
        assert found.low <= found.value <= found.high


_DAYS = st.floats(0.001, 400, allow_nan=False)


@given(st.lists(_DAYS, max_size=30), st.lists(_DAYS, max_size=30))
def test_a_curve_rises_between_its_bounds(ended: list[float], lost: list[float]):
    made = Spans()
    for days in ended:
        made.add(Span(days, ended=True))
    for days in lost:
        made.add(Span(days, ended=False))
    found = curve(made)
    if found is None:
        assert not ended
        assert not lost
        return
    values = [one.value for one in found.points]
    assert values == sorted(values)
    for one in (found.before, *found.points):
        assert 0 <= one.low <= one.value + 1e-9
        assert one.value <= one.high + 1e-9
        assert one.high <= 1
    median = found.median
    if median.days is not None:
        assert median.low is not None
        assert median.low <= median.days


def test_without_scipy_one_clear_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    assert not has_scipy()
    with pytest.raises(WrongUse) as refused:
        curve(spans([1], []))
    assert str(refused.value) == NO_CURVES
    assert wilson(1, 29).high == pytest.approx(0.1718, abs=5e-5), "shares need none"

"""Shares and times with the bounds that they are known within. Curves and tests are scipy's.

Everything here is at 95 %.
"""

import warnings
from bisect import bisect_left
from collections.abc import Sequence
from math import isnan, sqrt
from typing import Any

from unhijack.assess.spans import Spans
from unhijack.core.errors import WrongUse
from unhijack.core.figures import NO_CURVES, Curve, Median, Point, Share

Z = 1.959963984540054
"""Of the normal distribution: 95 % lie within so many standard deviations."""


def wilson(count: int, of: int) -> Share:
    """A share with Wilson's interval, which holds for small numbers, for none and for all."""
    if not of:
        return Share(0, 0, 0.0, 1.0)
    share, z2 = count / of, Z * Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    low = 0.0 if count == 0 else max(0.0, middle - half)
    high = 1.0 if count == of else min(1.0, middle + half)
    return Share(count, of, low, high)


def curve(spans: Spans, looks: Sequence[float] = ()) -> Curve | None:
    """The curve of these cases; None of none. Raises WrongUse where scipy is missing.

    Where times are known no better than by `looks` on planned days, the bounds of the median reach
    to the look before and the look after.
    """
    stats = _scipy()
    if not len(spans):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # bounds that are undefined come as NaN
        survived = stats.ecdf(_sample(stats, spans)).sf
        bounds = survived.confidence_interval(0.95, method="log-log")
    days = tuple(map(float, survived.quantiles))
    left = tuple(map(float, survived.probabilities))
    lows = tuple(1 - float(x) for x in bounds.high.probabilities)
    highs = tuple(1 - float(x) for x in bounds.low.probabilities)
    points = _points(spans, days, left, lows, highs)
    return Curve(
        count=len(spans),
        ended=len(spans.ended),
        until=max(days),
        days=days,
        points=points,
        median=_widened(_median(days, left, points), looks),
        before=Point(0.0, 0.0, wilson(0, len(spans)).high),
    )


def _points(
    spans: Spans,
    days: Sequence[float],
    left: Sequence[float],
    lows: Sequence[float],
    highs: Sequence[float],
) -> tuple[Point, ...]:
    """Where nobody or everybody is clean yet the formula has no bounds: Wilson's stand in."""
    everyone = sorted((*spans.ended, *spans.going_on))
    points: list[Point] = []
    for day, remains, low, high in zip(days, left, lows, highs, strict=True):
        if remains == 1:
            at_risk = len(everyone) - bisect_left(everyone, day)
            points.append(Point(0.0, 0.0, wilson(0, at_risk).high))
        elif remains <= 0 or isnan(low) or isnan(high):
            before = points[-1].low if points else 0.0
            everybody = wilson(len(everyone), len(everyone)).low
            points.append(Point(1.0, before or everybody, 1.0))
        else:
            points.append(Point(1 - remains, low, high))
    return tuple(points)


def _median(days: Sequence[float], left: Sequence[float], points: Sequence[Point]) -> Median:
    """The first day on which half are clean, by the curve and by each of its bounds."""
    pairs = list(zip(days, left, points, strict=True))
    half = 0.5 + 1e-12
    return Median(
        next((day for day, remains, _ in pairs if remains <= half), None),
        next((day for day, remains, one in pairs if remains < 1 and 1 - one.high <= half), None),
        next((day for day, remains, one in pairs if remains < 1 and 1 - one.low <= half), None),
    )


def _widened(median: Median, looks: Sequence[float]) -> Median:
    low, high = median.low, median.high
    if low is not None:
        low = max((look for look in looks if look < low), default=0.0 if looks else low)
    if high is not None:
        high = min((look for look in looks if look >= high), default=high)
    return Median(median.days, low, high)


def logrank(one: Spans, other: Spans) -> float | None:
    """How probable a difference like this is where there is none; None where nothing ended.

    Raises WrongUse where scipy is missing.
    """
    stats = _scipy()
    if not len(one) or not len(other) or not (one.ended or other.ended):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = float(stats.logrank(_sample(stats, one), _sample(stats, other)).pvalue)
    return None if isnan(found) else found


def holm(chances: Sequence[float | None]) -> list[float | None]:
    """Chances of several comparisons made together, each raised so that all hold at once (Holm)."""
    known = sorted((chance, place) for place, chance in enumerate(chances) if chance is not None)
    raised: list[float | None] = [None] * len(chances)
    highest = 0.0
    for rank, (chance, place) in enumerate(known):
        highest = max(highest, min(1.0, chance * (len(known) - rank)))
        raised[place] = highest
    return raised


def difference(one: Point, other: Point) -> Point:
    """How much larger a share is than an independent one: both bounds squared and added (Newcombe)."""
    gap = one.value - other.value
    low = gap - sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    high = gap + sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Point(gap, max(-1.0, low), min(1.0, high))


def has_scipy() -> bool:
    """Whether curves can be had."""
    try:
        _scipy()
    except WrongUse:
        return False
    return True


def _sample(stats: Any, spans: Spans) -> Any:
    return stats.CensoredData(uncensored=list(spans.ended), right=list(spans.going_on))


def _scipy() -> Any:
    """Late: it takes a second, and most commands have no use for it."""
    try:
        import scipy.stats as stats
    except ImportError:
        raise WrongUse(NO_CURVES) from None
    return stats

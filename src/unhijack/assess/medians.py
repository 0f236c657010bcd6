"""A median with its interval, of times of which some are not over yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, inf

SURE = 0.95


@dataclass(frozen=True, slots=True)
class Median:
    """In the unit of the times; ``inf`` where it is beyond everything that was watched."""

    value: float
    low: float
    high: float
    """Between these it lies with at least 95 % confidence; ``0`` and ``inf`` say nothing."""


def median_of(times: Sequence[float]) -> Median:
    """The median; what was not over when watching ended is ``inf``. Raises ValueError for none.

    The interval rests on ranks alone (the sign test's): how many of n times lie below the median
    is binomial with one half, whatever their distribution.
    """
    if not times:
        raise ValueError("no times, no median")
    ordered, count = sorted(times), len(times)
    outside, rank = 0.0, 0
    while rank < count // 2 and 2 * (outside + comb(count, rank) / 2**count) <= 1 - SURE:
        outside += comb(count, rank) / 2**count
        rank += 1
    low, high = (ordered[rank - 1], ordered[count - rank]) if rank else (0.0, inf)
    middle = ordered[(count - 1) // 2], ordered[count // 2]
    return Median(inf if inf in middle else sum(middle) / 2, low, high)

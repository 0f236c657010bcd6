"""How long it took, with what is known of that."""

import random
from math import inf

import pytest

from unhijack.assess.medians import median_of


def test_the_interval_of_thirty_times_is_that_of_the_tables():
    """Ranks 10 and 21 of 30, as tables of the sign test have it."""
    found = median_of([float(n) for n in range(1, 31)])
    assert (found.value, found.low, found.high) == (15.5, 10.0, 21.0)


def test_what_is_not_over_is_longer_than_everything():
    found = median_of([1.0, 2.0, 3.0, inf, inf])
    assert (found.value, found.low, found.high) == (3.0, 0.0, inf)
    assert median_of([1.0, inf, inf]).value == inf


def test_no_times_have_no_median():
    with pytest.raises(ValueError, match="no times"):
        median_of([])


def test_the_interval_holds_the_true_median_as_often_as_it_says():
    dice = random.Random(5)
    held = 0
    for _ in range(2000):
        found = median_of([dice.expovariate(1.0) for _ in range(24)])
        held += found.low <= 0.693147 <= found.high
    assert 0.95 <= held / 2000 <= 0.98

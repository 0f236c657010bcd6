"""Do the estimators find what a simulation hides? Seed by seed, each rate against its own bounds."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from bench import hidden, simulated
from unhijack.assess.effects import Tally
from unhijack.assess.outcomes import outcome_of
from unhijack.core.figures import DAYS, RECEIPT_DAYS, Figures, Point, Share

TRUTH_DRAWS = 400_000
UPLIFT_DAYS = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Seen:
    """A rate as it was estimated."""

    value: float
    low: float
    high: float

    def holds(self, truth: float) -> bool:
        """Whether the true one lies within its bounds."""
        return self.low <= truth <= self.high


def truths(draws: int = TRUTH_DRAWS) -> dict[str, float]:
    """The hidden rates, by counting what is true of many cases: nothing of it is ever looked at."""
    dice = random.Random("truth")
    clean = dict.fromkeys(DAYS, 0)
    clean_at_once = dict.fromkeys(DAYS, 0)
    told = at_once = read = 0
    spans = []
    for _ in range(draws):
        fate = simulated.draw(dice)
        if fate.clean <= fate.told:
            continue  # mended before anybody was told
        told += 1
        spans.append(fate.clean - fate.told)
        at_once += not fate.told
        soon = [one.reads for one in fate.reactions if one.reads is not None]
        read += bool(soon) and min(soon) <= RECEIPT_DAYS
        for day in DAYS:
            mended = fate.clean - fate.told <= day
            clean[day] += mended
            clean_at_once[day] += mended and not fate.told
    found = {"receipt": read / told, "reinfected in 30 days": 0.12}
    found["days until half are clean"] = sorted(spans)[told // 2]
    found |= {f"clean by day {day}": clean[day] / told for day in DAYS}
    for day in UPLIFT_DAYS:
        natural = hidden.natural_share(day)
        found[f"clean untold by day {day}"] = natural
        found[f"uplift on day {day}"] = clean_at_once[day] / at_once - natural
    return found


def estimate(seed: int, cases: int) -> Figures:
    """What `unhijack stats` makes of the journals of one simulated country."""
    dice = random.Random(seed)
    tally = Tally(simulated.AS_OF)
    for number in range(1, cases + 1):
        events = simulated.journal(simulated.draw(dice), dice)
        tally.add(outcome_of(number, events))
    return tally.figures()


def seen(figures: Figures) -> dict[str, Seen]:
    """Its rates, under the names that the truth has."""
    everyone, uplift = figures.everyone, figures.uplift
    found = {
        "receipt": _of_share(everyone.received),
        "reinfected in 30 days": _of_share(everyone.relapsed[30]),
    }
    half = everyone.median
    if half is not None and half.days is not None:
        high = half.high if half.high is not None else float("inf")
        found["days until half are clean"] = Seen(half.days, half.low or 0.0, high)
    points: dict[str, Point | None] = {
        f"clean by day {day}": everyone.clean_by[day] for day in DAYS
    }
    if uplift is not None and uplift.untold is not None:
        points |= {f"clean untold by day {day}": uplift.untold.at(day) for day in UPLIFT_DAYS}
        points |= {f"uplift on day {day}": uplift.by.get(day) for day in UPLIFT_DAYS}
    found |= {name: Seen(one.value, one.low, one.high) for name, one in points.items() if one}
    return found


def _of_share(share: Share) -> Seen:
    return Seen(share.value or 0.0, share.low, share.high)


def misses(truth: Mapping[str, float], seeds: range, cases: int) -> dict[str, int]:
    """For each rate: on how many seeds it lies outside its bounds."""
    count = dict.fromkeys(truth, 0)
    for seed in seeds:
        rates = seen(estimate(seed, cases))
        for name, value in truth.items():
            count[name] += name not in rates or not rates[name].holds(value)
    return count

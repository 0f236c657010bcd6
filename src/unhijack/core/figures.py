"""What works, in figures: shares and times with the bounds that they are known within, at 95 %."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from unhijack.core.outcome import Left

DAYS = (1, 2, 4, 8, 16, 30)
"""When shares are reported: days of planned looks."""
RECEIPT_DAYS = 8
"""A notice of which nobody has said anything for so long was not received."""
RELAPSE_DAYS = (30, 90)
NO_CURVES = "curves, medians and tests need scipy: install unhijack[stats]"


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, and where the true one lies."""

    count: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """None of nothing."""
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Point:
    """A share, and where the true one lies."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Median:
    """The day by which half were clean; None for what the data do not reach."""

    days: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """Share clean by time, by Kaplan and Meier; bounds by the logarithm of the logarithm."""

    count: int
    ended: int
    until: float
    """The longest that anybody was followed, in days."""
    days: tuple[float, ...]
    """Where it rises or somebody was lost."""
    points: tuple[Point, ...]
    """From each of these days on."""
    median: Median
    """Its bounds by Brookmeyer and Crowley, from the same bounds."""
    before: Point
    """Until the first of these days."""

    def at(self, day: float) -> Point | None:
        """The share clean by a day; None where nobody was followed so long."""
        if day > self.until and not (self.points and self.points[-1].value == 1):
            return None
        place = bisect_right(self.days, day)
        return self.points[place - 1] if place else self.before


@dataclass(frozen=True, slots=True)
class Summary:
    """A group, reckoned."""

    name: str
    cases: int
    told: int
    clean: int
    bounced: Share
    received: Share
    relapsed: Mapping[int, Share]
    curve: Curve | None
    """None where nobody was followed, or scipy is missing."""
    reach: Share
    """Of cases whose hoster was told: the hoster has it for certain."""
    hoster_bounced: Share

    @property
    def clean_by(self) -> dict[int, Point | None]:
        """Share clean, by days after the first notice."""
        return {day: self.curve.at(day) if self.curve else None for day in DAYS}

    @property
    def median(self) -> Median | None:
        """Days to clean."""
        return self.curve.median if self.curve else None


@dataclass(frozen=True, slots=True)
class Compared:
    """Arms of one factor, drawn by lot."""

    factor: str
    arms: tuple[Summary, ...]
    chances: tuple[float | None, ...]
    """Of each arm against all the others: how probable the difference is by chance, all comparisons
    of the factor together."""


@dataclass(frozen=True, slots=True)
class Uplift:
    """What notices add to what happens without them."""

    told: Curve | None
    untold: Curve | None
    """The delayed part, while it is untold."""
    by: Mapping[int, Point]
    """Difference of the shares clean, where both are known."""
    chance: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is known of what works."""

    as_of: datetime
    left: Mapping[Left, int]
    everyone: Summary
    verified: int
    refuted: int
    """Claims of being clean that were untrue."""
    uplift: Uplift | None
    """None where there is no delayed part."""
    compared: tuple[Compared, ...]
    causes: tuple[tuple[str, int], ...]
    """The commonest first."""
    hosters: tuple[Summary, ...]
    hosters_hidden: int
    """With too few cases to be shown."""
    by: str
    groups: tuple[Summary, ...]
    groups_hidden: int
    away_a_day: float | None
    """Visitors a day who are sent away no more; None: no logs were read."""
    away_cases: int
    curves: bool
    """Whether curves could be reckoned."""

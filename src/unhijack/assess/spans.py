"""Records to times: how long, and whether it ended. What is not known is not guessed.

Three rules, so that a share "by day 4" is what it says:

- A site became clean somewhere between two looks. The middle of the two is taken. As the days that
  are reported are days of planned looks, their shares do not depend on this; the median does.
- A case counts up to the last planned look that it has reached, whatever is known beyond. A claim
  brings an early look to those who mended, and to nobody else: counted as it stands it would make
  what is recent look better than it is.
- A case of the delayed part counts until it is told.
"""

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from unhijack.core.outcome import Outcome
from unhijack.core.watch import LOOKS

_DAY = timedelta(days=1)
LOOK_DAYS = tuple(look / _DAY for look in LOOKS)


@dataclass(frozen=True, slots=True)
class Span:
    """How long one site was hijacked."""

    days: float
    ended: bool
    """False: it still was when it was seen last, which counts for as much."""


@dataclass(slots=True)
class Spans:
    """Many of them, in little room."""

    ended: "array[float]" = field(default_factory=lambda: array("d"))
    going_on: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, span: Span | None) -> None:
        """One more; nothing where nothing is known."""
        if span is not None:
            (self.ended if span.ended else self.going_on).append(span.days)

    def __len__(self) -> int:
        return len(self.ended) + len(self.going_on)


def after_told(one: Outcome, as_of: datetime) -> Span | None:
    """From the first notice on; None where there was none, or no look was due since."""
    return None if one.told is None else _span(one, one.told, as_of)


def while_untold(one: Outcome, as_of: datetime) -> Span | None:
    """Of the delayed part: from the draw until somebody is told."""
    if one.delayed is None:
        return None
    return _span(one, one.delayed, min(as_of, one.told or as_of))


def _span(one: Outcome, start: datetime, until: datetime) -> Span | None:
    reached = _reached(start, until)
    seen = max(one.hijacked or start, start)
    if not reached or (one.clean is not None and one.clean <= start):
        return None
    if one.clean is not None and one.clean <= until:
        middle = (seen + (one.clean - seen) / 2 - start) / _DAY
        if middle <= reached:
            return Span(middle, ended=True)
        return Span(reached, ended=False)
    known = min(reached, (seen - start) / _DAY)
    return Span(known, ended=False) if known > 0 else None


def _reached(start: datetime, until: datetime) -> float:
    """Days from the start to the last planned look that is over; 0 before the first."""
    place = bisect_right(LOOKS, until - start)
    return LOOKS[place - 1] / _DAY if place else 0.0


def relapsed_within(one: Outcome, days: int, as_of: datetime) -> bool | None:
    """Whether it was hijacked again within so many days; None where that is not known yet."""
    if one.clean is None:
        return None
    end = one.clean + timedelta(days=days)
    if end > as_of:
        return (
            None  # also of those who relapsed: else the recent would count for their relapse alone
        )
    if one.relapsed is not None and one.relapsed <= end + _late(days):
        return True
    return False if one.tested is not None and one.tested >= end else None


def _late(days: int) -> timedelta:
    """How much later than on its day a test may be."""
    return timedelta(days=max(1.0, days / 30))


def received_within(one: Outcome, days: int, as_of: datetime) -> bool | None:
    """Whether anybody had the notice so many days after it was sent; None: not known yet."""
    if one.told is None or one.told + timedelta(days=days) > as_of:
        return None
    return one.received is not None and one.received - one.told <= timedelta(days=days)

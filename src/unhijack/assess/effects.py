"""What works: records counted one by one, then compared. No record is kept."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from unhijack.assess.spans import (
    LOOK_DAYS,
    Spans,
    after_told,
    received_within,
    relapsed_within,
    while_untold,
)
from unhijack.assess.survival import curve, difference, has_scipy, holm, logrank, wilson
from unhijack.core.arms import CONTROL
from unhijack.core.figures import (
    DAYS,
    RECEIPT_DAYS,
    RELAPSE_DAYS,
    Compared,
    Figures,
    Share,
    Summary,
    Uplift,
)
from unhijack.core.outcome import UNKNOWN, Left, Outcome

Answer: TypeAlias = "bool | None"
"""None: not known yet."""
LEAST = 5
"""Cases below which nothing of a hoster is shown: they would be recognised."""
MOST_GROUPS = 10_000
MOST_LEVELS = 12
"""Levels of one factor that are compared."""

BY: dict[str, Callable[[Outcome], str]] = {
    "language": lambda one: one.language,
    "channel": lambda one: one.channel,
    "detail": lambda one: one.detail,
    "sender": lambda one: one.sender,
    "country": lambda one: one.country,
    "hoster": lambda one: one.hoster,
}
"""By what cases are set beside each other."""


@dataclass(slots=True)
class Count:
    """How many of how many."""

    yes: int = 0
    of: int = 0

    def add(self, answer: Answer) -> None:
        """One more; None is not known, and not counted."""
        if answer is not None:
            self.of += 1
            self.yes += answer

    @property
    def share(self) -> Share:
        """It, with its bounds."""
        return wilson(self.yes, self.of)


@dataclass(slots=True)
class Group:
    """Cases that have something in common."""

    cases: int = 0
    told: int = 0
    clean: int = 0
    bounced: Count = field(default_factory=Count)
    received: Count = field(default_factory=Count)
    """Of those who were told long enough ago."""
    relapsed: dict[int, Count] = field(
        default_factory=lambda: {days: Count() for days in RELAPSE_DAYS}
    )
    spans: Spans = field(default_factory=Spans)
    """From the first notice on."""
    hoster_reached: Count = field(default_factory=Count)
    hoster_bounced: Count = field(default_factory=Count)

    def add(self, one: Outcome, as_of: datetime) -> None:
        """One more case."""
        self.cases += 1
        self.told += one.told is not None
        self.clean += one.clean is not None and one.relapsed is None
        self.bounced.add(one.bounced if one.told else None)
        self.received.add(received_within(one, RECEIPT_DAYS, as_of))
        for days, count in self.relapsed.items():
            count.add(relapsed_within(one, days, as_of))
        self.spans.add(after_told(one, as_of))
        if one.hoster_told:
            self.hoster_reached.add(one.hoster_received)
            self.hoster_bounced.add(one.hoster_bounced)


class Tally:
    """Counts records as they come; what it holds does not grow with what a case has seen."""

    def __init__(self, as_of: datetime, by: str = "", least: int = LEAST) -> None:
        self._as_of, self._by, self._least = as_of, by, least
        self._left: Counter[Left] = Counter()
        self._everyone = Group()
        self._hosters: dict[str, Group] = {}
        self._groups: dict[str, Group] = {}
        self._arms: dict[str, dict[str, Group]] = {}
        self._untold = Spans()
        self._at_once = Spans()
        self._causes: Counter[str] = Counter()
        self._refuted = 0
        self._away: list[float] = [0.0, 0.0]

    def add(self, one: Outcome | Left) -> None:
        """Count one case."""
        if isinstance(one, Left):
            self._left[one] += 1
            return
        self._everyone.add(one, self._as_of)
        self._refuted += one.refuted
        if one.cause != UNKNOWN:
            self._causes[one.cause] += 1
        if one.away_a_day is not None and one.clean is not None and one.relapsed is None:
            self._away[0] += one.away_a_day
            self._away[1] += 1
        self._group(self._hosters, one.hoster, one)
        if self._by:
            self._group(self._groups, BY[self._by](one), one)
        for factor, level in one.arms.items():
            if factor != CONTROL:
                self._group(self._arms.setdefault(factor, {}), level, one)
        if one.control == "delayed":
            self._untold.add(while_untold(one, self._as_of))
        elif one.control:
            self._at_once.add(after_told(one, self._as_of))

    def _group(self, groups: dict[str, Group], name: str, one: Outcome) -> None:
        if name not in groups and len(groups) >= MOST_GROUPS:
            name = UNKNOWN
        groups.setdefault(name, Group()).add(one, self._as_of)

    def figures(self) -> Figures:
        """What it comes to."""
        curves = has_scipy()
        hosters, hidden = self._shown(self._hosters, curves=curves, least=self._least)
        least = self._least if self._by == "hoster" else 1
        groups, groups_hidden = self._shown(self._groups, curves=curves, least=least)
        total, cases = self._away
        return Figures(
            as_of=self._as_of,
            left=dict(self._left),
            everyone=_summary("all", self._everyone, curves=curves),
            verified=self._everyone.cases,
            refuted=self._refuted,
            uplift=self._uplift() if curves else None,
            compared=tuple(
                _compared(factor, levels, curves=curves)
                for factor, levels in sorted(self._arms.items())
                if 1 < len(levels) <= MOST_LEVELS
            ),
            causes=tuple(self._causes.most_common(20)),
            hosters=hosters,
            hosters_hidden=hidden,
            by=self._by,
            groups=groups,
            groups_hidden=groups_hidden,
            away_a_day=total if cases else None,
            away_cases=int(cases),
            curves=curves,
        )

    def _shown(
        self, groups: Mapping[str, Group], *, curves: bool, least: int
    ) -> tuple[tuple[Summary, ...], int]:
        """The largest first; and how many are too small."""
        named = {name: group for name, group in groups.items() if name != UNKNOWN or least <= 1}
        shown = [(name, group) for name, group in named.items() if group.cases >= least]
        shown.sort(key=lambda pair: (-pair[1].cases, pair[0]))
        made = tuple(_summary(name, group, curves=curves) for name, group in shown)
        return made, len(named) - len(shown)

    def _uplift(self) -> Uplift | None:
        untold, told = curve(self._untold, LOOK_DAYS), curve(self._at_once, LOOK_DAYS)
        if untold is None:
            return None
        pairs = {day: (told.at(day) if told else None, untold.at(day)) for day in DAYS}
        by = {day: difference(one, two) for day, (one, two) in pairs.items() if one and two}
        return Uplift(told, untold, by, _chance_until(self._at_once, self._untold, untold.until))


def _chance_until(told: Spans, untold: Spans, until: float) -> float | None:
    """Both compared over the time that the untold were followed."""
    cut = Spans()
    for days in told.ended:
        (cut.ended if days <= until else cut.going_on).append(min(days, until))
    for days in told.going_on:
        cut.going_on.append(min(days, until))
    return logrank(cut, untold)


def _summary(name: str, group: Group, *, curves: bool) -> Summary:
    return Summary(
        name,
        group.cases,
        group.told,
        group.clean,
        group.bounced.share,
        group.received.share,
        {days: count.share for days, count in group.relapsed.items()},
        curve(group.spans, LOOK_DAYS) if curves else None,
        group.hoster_reached.share,
        group.hoster_bounced.share,
    )


def _compared(factor: str, levels: Mapping[str, Group], *, curves: bool) -> Compared:
    names = sorted(levels)
    chances = [_against(levels, name) if curves else None for name in names]
    if len(names) > 2:  # of two, each against the other is one comparison
        chances = holm(chances)
    arms = tuple(_summary(name, levels[name], curves=curves) for name in names)
    return Compared(factor, arms, tuple(chances))


def _against(levels: Mapping[str, Group], name: str) -> float | None:
    others = Spans()
    for other, group in levels.items():
        if other != name:
            others.ended.extend(group.spans.ended)
            others.going_on.extend(group.spans.going_on)
    return logrank(levels[name].spans, others)

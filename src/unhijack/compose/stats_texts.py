"""What works, in tables and sentences: the same for a terminal and for a page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from unhijack.core.figures import (
    DAYS,
    NO_CURVES,
    RECEIPT_DAYS,
    Compared,
    Curve,
    Figures,
    Median,
    Point,
    Share,
    Summary,
    Uplift,
)
from unhijack.core.outcome import Left

NOTHING = "not measured"
BOUNDS = "Figures in brackets: where the true one lies, at 95 %."
GOALS: Mapping[int, float] = {1: 0.32, 16: 0.62}
"""Share clean by day that a service should reach; receipt and relapse below."""
GOAL_RECEIPT, GOAL_RELAPSE = 0.40, 0.12
RELAPSE_GOAL_DAYS = 30
GOALS_SAID = (
    "A goal is reached or missed where the bounds say so for certain; it is open where the true "
    "figure may lie on either side."
)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading; the first cell of a row is its name."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    about: str = ""
    """``clean``, ``hosters``, or the factor that it compares: what has a picture."""


def tables(figures: Figures) -> Iterator[Table]:
    """Everything, in the order in which it is read."""
    yield _cases(figures)
    yield _answers(figures)
    yield _clean(figures)
    if figures.by:
        hidden = figures.groups_hidden
        yield _beside(f"By {figures.by}", figures.by, figures.groups, _hidden_note(hidden))
    yield from (_arms(one) for one in figures.compared)
    yield _hosters(figures)
    yield _causes(figures)


def _cases(figures: Figures) -> Table:
    everyone = figures.everyone
    rows = [
        ("cases received", str(figures.verified + sum(figures.left.values()))),
        ("verified", str(figures.verified)),
        ("somebody told", str(everyone.told)),
        ("clean now", str(everyone.clean)),
        ("claims of being clean that were untrue", str(figures.refuted)),
        *((f"left out: {left}", str(figures.left.get(left, 0))) for left in Left),
    ]
    return Table("Cases", ("what", "count"), tuple(rows))


def _answers(figures: Figures) -> Table:
    everyone = figures.everyone
    away = NOTHING
    if figures.away_a_day is not None:
        away = f"about {figures.away_a_day:,.0f}, by the logs of {figures.away_cases} case(s)"
    rows = [
        (
            f"notice received within {RECEIPT_DAYS} days",
            share_text(everyone.received),
            _goal(GOAL_RECEIPT, everyone.received if everyone.received.of else None),
        ),
        ("a notice bounced", share_text(everyone.bounced), ""),
        *(
            (f"hijacked again within {days} days", share_text(share), _most(days, share))
            for days, share in everyone.relapsed.items()
        ),
        ("redirected visitors a day avoided", away, ""),
    ]
    return Table(
        "Answers and relapses", ("what", "share", "goal"), tuple(rows), (BOUNDS, GOALS_SAID)
    )


def _goal(goal: float, seen: Share | Point | None) -> str:
    """A goal, and whether it is reached for certain, for certain not, or nobody can say yet."""
    if seen is None:
        return f"{goal:.0%}"
    return f"{goal:.0%}, {_reached(yes=seen.low > goal, no=seen.high < goal)}"


def _most(days: int, seen: Share) -> str:
    if days != RELAPSE_GOAL_DAYS:
        return ""
    said = f"below {GOAL_RELAPSE:.0%}"
    reached = _reached(yes=seen.high < GOAL_RELAPSE, no=seen.low >= GOAL_RELAPSE)
    return f"{said}, {reached}" if seen.of else said


def _reached(*, yes: bool, no: bool) -> str:
    return "reached" if yes else "missed" if no else "open"


def _clean(figures: Figures) -> Table:
    if not figures.curves:
        return Table("Clean, by days after the first notice", ("days",), (), (NO_CURVES,))
    everyone, uplift = figures.everyone, figures.uplift
    columns = ["days", "clean", "goal"]
    if uplift is not None:
        columns += ["told at once", "not told yet", "uplift"]
    rows = []
    for day in DAYS:
        row = [str(day), point_text(everyone.clean_by[day])]
        row.append(_goal(GOALS[day], everyone.clean_by[day]) if day in GOALS else "")
        rows.append((*row, *(_uplift_cells(uplift, day) if uplift else ())))
    median = ["half clean", median_text(everyone.median), ""]
    if uplift is not None:
        median += [_curve_median(uplift.told), _curve_median(uplift.untold), ""]
    rows.append(tuple(median))
    followed = ["cases followed", _followed(everyone.curve), ""]
    if uplift is not None:
        followed += [_followed(uplift.told), _followed(uplift.untold), ""]
    rows.append(tuple(followed))
    return Table(
        "Clean, by days after the first notice",
        tuple(columns),
        tuple(rows),
        _clean_notes(uplift),
        about="clean",
    )


def _uplift_cells(uplift: Uplift, day: int) -> Iterator[str]:
    yield point_text(uplift.told.at(day) if uplift.told else None)
    yield point_text(uplift.untold.at(day) if uplift.untold else None)
    gap = uplift.by.get(day)
    yield "" if gap is None else f"{gap.value:+.0%} ({gap.low:+.0%} to {gap.high:+.0%})"


def _clean_notes(uplift: Uplift | None) -> tuple[str, ...]:
    if uplift is None:
        return (BOUNDS, f"Uplift over what owners mend unasked: {NOTHING} (no delayed part).")
    return (
        BOUNDS,
        "Not told yet: cases drawn by lot to be told later, while they are not told.",
        f"Told at once against not told: {chance_text(uplift.chance)} (log-rank).",
    )


def _arms(one: Compared) -> Table:
    table = _beside(f"Drawn by lot: {one.factor}", one.factor, one.arms, ())
    rows = [
        (*row, chance_text(chance)) for row, chance in zip(table.rows, one.chances, strict=True)
    ]
    note = "p: log-rank, each against all the others"
    note += ", all comparisons together (Holm)." if len(one.arms) > 2 else "."
    return Table(table.title, (*table.columns, "p"), tuple(rows), (note,), one.factor)


def _beside(title: str, what: str, groups: Sequence[Summary], notes: tuple[str, ...]) -> Table:
    columns = (what, "cases", "told", "received", "day 1", "day 16", "half clean", "again in 30 d")
    rows = tuple(
        (
            one.name,
            str(one.cases),
            str(one.told),
            share_text(one.received),
            point_text(one.clean_by[1]),
            point_text(one.clean_by[16]),
            median_text(one.median),
            share_text(one.relapsed[30]),
        )
        for one in groups
    )
    return Table(title, columns, rows, notes)


def _hosters(figures: Figures) -> Table:
    columns = ("hoster", "cases", "reach", "bounce", "half clean", "day 16", "again in 30 d")
    rows = tuple(
        (
            one.name,
            str(one.cases),
            share_text(one.reach),
            share_text(one.hoster_bounced),
            median_text(one.median),
            point_text(one.clean_by[16]),
            share_text(one.relapsed[30]),
        )
        for one in figures.hosters
    )
    return Table("Hosters", columns, rows, _hidden_note(figures.hosters_hidden), "hosters")


def _hidden_note(hidden: int) -> tuple[str, ...]:
    return (f"{hidden} with too few cases are not shown.",) if hidden else ()


def _causes(figures: Figures) -> Table:
    rows = tuple((cause, str(count)) for cause, count in figures.causes)
    notes = () if rows else (f"Causes: {NOTHING} (no scan that read logs was handed in).",)
    return Table("How they got in, where a scan tells", ("way", "cases"), rows, notes)


def share_text(share: Share) -> str:
    """``41% (35% to 47%) of 210``."""
    if share.value is None:
        return NOTHING
    return f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%}) of {share.of}"


def point_text(point: Point | None) -> str:
    """``32% (28% to 36%)``."""
    if point is None:
        return NOTHING
    return f"{point.value:.0%} ({point.low:.0%} to {point.high:.0%})"


def median_text(median: Median | None) -> str:
    """``day 3.2 (2.5 to 4)``."""
    if median is None or median.days is None:
        return "not yet" if median is not None else NOTHING
    low = "0" if median.low is None else f"{median.low:.1f}"
    high = "open" if median.high is None else f"{median.high:.1f}"
    return f"day {median.days:.1f} ({low} to {high})"


def chance_text(chance: float | None) -> str:
    """``p = 0.03``."""
    if chance is None:
        return NOTHING
    return "p < 0.001" if chance < 0.001 else f"p = {chance:.3f}"


def _curve_median(curve: Curve | None) -> str:
    return median_text(curve.median if curve else None)


def _followed(curve: Curve | None) -> str:
    return f"{curve.count}, {curve.ended} clean" if curve else "0"

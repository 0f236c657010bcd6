"""Charts as SVG: no scripts, readable in black and white and aloud."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from unhijack.compose.markup import Element, element

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 16, 14, 40
MOST_STEPS = 400
"""Of one curve that are drawn: finer than a screen shows."""
MOST_CURVES = 4
MOST_BARS = 40
ROW = 26
LABEL = 190
FIGURES = 175
"""Room for what stands beside a bar."""
_DASHES = ("", "9 5", "2 4", "12 4 2 4")
_INK, _PALE, _BAND = "#111", "#bbb", "#ddd"


@dataclass(frozen=True, slots=True)
class Step:
    """A share from a day on, and where the true one lies."""

    day: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """One curve."""

    name: str
    steps: Sequence[Step]
    until: float
    """How far anybody was followed."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A share of something that has a name."""

    name: str
    value: float
    low: float
    high: float
    said: str
    """The figure, as it stands beside."""


def steps_chart(name: str, what: str, lines: Sequence[Line], days: Sequence[int]) -> Element:
    """Shares that rise by time, with the bounds they are known within; `days` are marked.

    The axis is drawn by the root of time: the first days are where most happens.
    """
    drawn = [line for line in lines if line.steps][:MOST_CURVES]
    last = float(max(days))
    height = HEIGHT + 18 * len(drawn)
    root = _frame(name, what, height)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _y(share)
        root.append(_rule(LEFT, y, WIDTH - RIGHT, y, _PALE))
        root.append(_text(LEFT - 6, y + 4, f"{share:.0%}", "end"))
    for day in (0, *days):
        x = _x(day, last)
        root.append(_rule(x, _y(0), x, _y(0) + 5, _INK))
        root.append(_text(x, _y(0) + 19, str(day), "middle"))
    root.append(_text(WIDTH - RIGHT, _y(0) + 34, "days", "end"))
    for place, line in enumerate(drawn):
        corners = _corners(line, last)
        root.append(_band(corners, last, filled=place == 0))
    for place, line in enumerate(drawn):
        root.append(_path([(c.day, c.value) for c in _corners(line, last)], last, _DASHES[place]))
        y = HEIGHT + 18 * place + 8
        root.append(_rule(LEFT, y, LEFT + 48, y, _INK, _DASHES[place], 2))
        root.append(_text(LEFT + 58, y + 4, line.name, "start"))
    return root


def bars_chart(name: str, what: str, bars: Sequence[Bar]) -> Element:
    """Shares beside each other, with their bounds as whiskers and their figures in words."""
    shown = bars[:MOST_BARS]
    root = _frame(name, what, ROW * len(shown) + 8)
    room = WIDTH - LABEL - FIGURES
    for place, bar in enumerate(shown):
        y = ROW * place + 6
        middle = y + ROW / 2 - 4
        root.append(_text(LABEL - 8, middle + 4, bar.name, "end"))
        root.append(
            element(
                "rect",
                x=str(LABEL),
                y=f"{y:g}",
                width=f"{_part(bar.value) * room:.1f}",
                height=str(ROW - 9),
                fill=_PALE,
                stroke=_INK,
            )
        )
        low, high = (LABEL + _part(share) * room for share in (bar.low, bar.high))
        root.append(_rule(low, middle, high, middle, _INK))
        for end in (low, high):
            root.append(_rule(end, middle - 4, end, middle + 4, _INK))
        root.append(_text(LABEL + room + 8, middle + 4, bar.said, "start"))
    return root


def _frame(name: str, what: str, height: int) -> Element:
    """An empty picture that says what it shows to those who do not see it."""
    return element(
        "svg",
        element("title", name),
        element("desc", what),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {height}",
        width=str(WIDTH),
        height=str(height),
        role="img",
        aria_label=f"{name}. {what}",
    )


def _x(day: float, last: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * sqrt(min(max(day, 0.0), last) / last)


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - _part(share))


def _part(share: float) -> float:
    return min(1.0, max(0.0, share))


def _corners(line: Line, last: float) -> list[Step]:
    """Where a curve is drawn: its steps, thinned, from nothing to where it ends."""
    steps = [step for step in line.steps if step.day <= last]
    every = max(1, -(-len(steps) // MOST_STEPS))
    kept = [*steps[::every], *steps[-1:]]
    first = kept[0] if kept else Step(0.0, 0.0, 0.0, 0.0)
    ends = kept[-1] if kept else first
    until = max(min(line.until, last), ends.day)
    return [
        Step(0.0, 0.0, 0.0, 0.0),
        *kept,
        Step(until, ends.value, ends.low, ends.high),
    ]


def _stairs(points: Iterable[tuple[float, float]], last: float) -> list[str]:
    """From point to point by steps: along first, then up."""
    said: list[str] = []
    height = None
    for day, share in points:
        x, y = _x(day, last), _y(share)
        if height is not None and height != y:
            said.append(f"{x:.1f},{height:.1f}")
        said.append(f"{x:.1f},{y:.1f}")
        height = y
    return said


def _path(points: Sequence[tuple[float, float]], last: float, dashes: str) -> Element:
    made = element(
        "polyline",
        points=" ",
        fill="none",
        stroke=_INK,
        stroke_width="2",
        stroke_dasharray=dashes or "none",
    )
    made.set("points", " ".join(_stairs(points, last)))  # figures alone, and longer than any text
    return made


def _band(corners: Sequence[Step], last: float, *, filled: bool) -> Element:
    """The bounds: grey for the first curve, thin lines for the others, so that none hides another."""
    upper = _stairs([(c.day, c.high) for c in corners], last)
    lower = _stairs([(c.day, c.low) for c in corners], last)
    made = element(
        "polygon",
        points=" ",
        fill=_BAND if filled else "none",
        stroke="none" if filled else "#777",
        stroke_width="0.7",
    )
    made.set("points", " ".join([*upper, *reversed(lower)]))
    return made


def _rule(
    x1: float, y1: float, x2: float, y2: float, ink: str, dashes: str = "", width: float = 1
) -> Element:
    return element(
        "line",
        x1=f"{x1:.1f}",
        y1=f"{y1:.1f}",
        x2=f"{x2:.1f}",
        y2=f"{y2:.1f}",
        stroke=ink,
        stroke_width=f"{width:g}",
        stroke_dasharray=dashes or "none",
    )


def _text(x: float, y: float, text: str, anchor: str) -> Element:
    return element(
        "text",
        text if len(text) <= 32 or anchor != "end" else text[:31] + "…",
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        text_anchor=anchor,
        font_family="sans-serif",
        font_size="12",
        fill=_INK,
    )

"""What works, as a page: tables and charts, no scripts, nothing from elsewhere. It prints, too."""

import base64
import hashlib
from collections.abc import Iterator

from unhijack.compose.chart import MOST_BARS, MOST_CURVES, Bar, Line, Step, bars_chart, steps_chart
from unhijack.compose.markup import Element, element, html
from unhijack.compose.stats_texts import Table, share_text, tables
from unhijack.core.figures import DAYS, Curve, Figures, Summary

MOST_ROWS = 500
CURVES_SAID = (
    "Thick lines: the share that was seen. Grey area and thin lines: where the true share lies, at "
    "95 %. In brackets: cases followed. The first days are drawn wider than the later ones."
)
BARS_SAID = "Thin lines: where the true share lies, at 95 %; the whole width is 100 %."
_STYLE = """
@page { size: A4; margin: 18mm 16mm }
body { font: 15px/1.45 sans-serif; max-width: 62em; margin: 2em auto; padding: 0 1em; color: #111 }
h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin: 2em 0 .4em; break-after: avoid }
table { border-collapse: collapse; width: 100%; font-size: .92em }
th, td { text-align: right; vertical-align: top; padding: .3em .5em; border-bottom: 1px solid #bbb }
th:first-child, td:first-child { text-align: left; overflow-wrap: break-word; max-width: 18em }
tr { break-inside: avoid } figure { margin: 1em 0; break-inside: avoid }
figcaption { font-weight: bold; margin-bottom: .5em }
svg { max-width: 100%; height: auto } .note { color: #444; font-size: .9em; margin: .3em 0 }
@media print { body { font-size: 9.5pt; margin: 0; max-width: none; padding: 0 } }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"
)


def stats_page(figures: Figures, organisation: str, which: str) -> str:
    """The page, in English. `which` says in words what cases it is about."""
    title = "What works: hijacked sites, told and clean"
    told = f"{organisation or 'unhijack'}, as of {figures.as_of:%Y-%m-%d %H:%M} UTC. {which}"
    body = element("body", element("h1", title), element("p", told, class_="note"))
    for table in tables(figures):
        body.extend(_section(table))
        body.extend(_charts(table, figures))
    return html(_page(title, body), {"style": _STYLE})


def _page(title: str, body: Element) -> Element:
    return element(
        "html",
        element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
            element("meta", name="referrer", content="no-referrer"),
            element("meta", name="robots", content="noindex"),
            element("meta", name="viewport", content="width=device-width"),
            element("title", title),
            element("style"),
        ),
        body,
        lang="en",
    )


def _section(table: Table) -> Iterator[Element]:
    yield element("h2", table.title)
    if table.rows:
        head = element("tr", *(element("th", name, scope="col") for name in table.columns))
        rows = [_row(row) for row in table.rows[:MOST_ROWS]]
        yield element("table", element("thead", head), element("tbody", *rows))
    if len(table.rows) > MOST_ROWS:
        yield element("p", f"And {len(table.rows) - MOST_ROWS} more.", class_="note")
    for note in table.notes:
        yield element("p", note, class_="note")


def _row(cells: tuple[str, ...]) -> Element:
    name, *rest = cells
    return element("tr", element("th", name, scope="row"), *(element("td", cell) for cell in rest))


def _charts(table: Table, figures: Figures) -> Iterator[Element]:
    """The picture of a table, where it has one."""
    match table.about:
        case "clean":
            yield from _curves(figures)
        case "hosters":
            yield from _bars("Hosters: who has the notice for certain", figures.hosters)
        case about:
            arms = next((one.arms for one in figures.compared if one.factor == about), ())
            lines = [_line(one.name, one.curve) for one in arms[:MOST_CURVES] if one.curve]
            if lines:
                yield _curve_figure(f"Share of sites clean, by days and {about}", lines)


def _curves(figures: Figures) -> Iterator[Element]:
    """Who was told, and who was not: the picture of the uplift; else of everybody."""
    named = [("all who were told", figures.everyone.curve)]
    if figures.uplift is not None:
        named = [("told at once", figures.uplift.told), ("not told yet", figures.uplift.untold)]
    lines = [_line(name, curve) for name, curve in named if curve is not None]
    if lines:
        yield _curve_figure("Share of sites clean, by days", lines)


def _line(name: str, curve: Curve) -> Line:
    pairs = zip(curve.days, curve.points, strict=True)
    steps = [Step(day, one.value, one.low, one.high) for day, one in pairs]
    return Line(f"{name} ({curve.count})", steps, curve.until)


def _curve_figure(title: str, lines: list[Line]) -> Element:
    said = "; ".join(f"{line.name}: {_words(line)}" for line in lines)
    caption = element("figcaption", title)
    note = element("p", CURVES_SAID, class_="note")
    return element("figure", caption, steps_chart(title, said, lines, DAYS), note)


def _words(line: Line) -> str:
    """A curve for those who do not see it."""
    known = [step for step in line.steps if step.day <= max(DAYS)]
    return (
        f"{known[-1].value:.0%} by day {min(line.until, max(DAYS)):.0f}" if known else "nobody yet"
    )


def _bars(title: str, groups: tuple[Summary, ...]) -> Iterator[Element]:
    bars = [
        Bar(one.name, one.reach.value, one.reach.low, one.reach.high, share_text(one.reach))
        for one in groups
        if one.reach.value is not None
    ]
    if bars:
        what = "; ".join(f"{bar.name}: {bar.said}" for bar in bars[:MOST_BARS])
        note = element("p", BARS_SAID, class_="note")
        caption = element("figcaption", title)
        yield element("figure", caption, bars_chart(title, what, bars), note)

"""The page of what works: whole without anything else, and nothing in it is markup that is not ours."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from tests.assess.test_effects import case, figures, still_hijacked
from unhijack.compose.chart import MOST_STEPS, Bar, Line, Step, bars_chart, steps_chart
from unhijack.compose.markup import element
from unhijack.compose.stats_page import stats_page
from unhijack.compose.stats_texts import median_text, share_text, tables
from unhijack.core.figures import DAYS, Median, Share

HOSTILE = '"><script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}&amp;'


class Reader(HTMLParser):
    """Every element, with its attributes, and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


@pytest.fixture(scope="module")
def page() -> str:
    arms = {"detail": "full"}, {"detail": HOSTILE}
    at_once, delayed = {"control": "at-once"}, {"control": "delayed"}
    cases = [case(n, arms=arms[0] | at_once, received=case(0).told) for n in range(20)]
    cases += [still_hijacked(n, arms=arms[1] | at_once) for n in range(20)]
    cases += [still_hijacked(n, arms=delayed, delayed=case(0).told, told=None) for n in range(20)]
    cases += [case(n, hoster=HOSTILE, cause=HOSTILE, hoster_told=True) for n in range(6)]
    return stats_page(figures(*cases, by="hoster"), HOSTILE, HOSTILE)


def test_a_chart_says_what_its_lines_are(page: str):
    said = read(page).text
    assert "where the true share lies, at 95 %. In brackets: cases followed" in said
    assert "the whole width is 100 %" in said


@pytest.mark.parametrize(
    ("received", "said"), [(40, "40%, reached"), (18, "40%, open"), (2, "40%, missed")]
)
def test_a_goal_is_reached_only_where_the_bounds_say_so(received: int, said: str):
    told = case(0).told
    cases = [case(n, received=told if n < received else None) for n in range(40)]
    answers = next(one for one in tables(figures(*cases)) if one.title.startswith("Answers"))
    assert answers.rows[0][2] == said


def test_nothing_hostile_becomes_markup(page: str):
    found = read(page)
    assert {name for name, _ in found.elements} <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "table", "thead"),
        *("tbody", "tr", "th", "td", "figure", "figcaption", "svg", "desc", "line", "text", "rect"),
        *("polyline", "polygon"),
    }
    attributes = {name for _, attrs in found.elements for name in attrs}
    assert not {name for name in attributes if name.startswith("on") or name in ("href", "src")}
    assert "<script>alert(1)</script>" in found.text, "as text, as it was"
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page


def test_the_page_lets_nothing_in(page: str):
    policy = next(a["content"] for n, a in read(page).elements if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", page)


def test_each_picture_says_what_it_shows(page: str):
    found = read(page)
    pictures = [attrs for name, attrs in found.elements if name == "svg"]
    assert len(pictures) == 3, "the uplift, the arms, the hosters"
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in pictures)
    labels = [str(attrs["aria-label"]) for attrs in pictures]
    assert "told at once (40): 50% by day 30" in labels[0]
    assert sum(name == "desc" for name, _ in found.elements) == 3


def test_curves_differ_without_colour():
    steps = [Step(1, 0.2, 0.1, 0.3), Step(4, 0.5, 0.4, 0.6)]
    drawn = steps_chart("a", "b", [Line(name, steps, 30) for name in "abcd"], DAYS)
    dashes = [one.get("stroke-dasharray") for one in drawn.iter("polyline")]
    assert len(set(dashes)) == 4


def test_a_curve_is_a_stair_that_never_falls():
    steps = [Step(n / 100, n / 5000, 0, 1) for n in range(1, 5000)]
    drawn = steps_chart("a", "b", [Line("a", steps, 49.99)], DAYS)
    (line,) = drawn.iter("polyline")
    points = [tuple(map(float, pair.split(","))) for pair in str(line.get("points")).split()]
    assert len(points) <= 2 * MOST_STEPS + 10
    for (x1, y1), (x2, y2) in pairwise(points):
        assert x1 <= x2
        assert y2 <= y1, "up is less"
        assert x1 == x2 or y1 == y2, "along or up, never across"


def test_bars_stand_for_their_shares():
    drawn = bars_chart("a", "b", [Bar("x", 0.25, 0.2, 0.3, "25%"), Bar("y", 0.5, 0.4, 0.6, "50%")])
    widths = [float(str(one.get("width"))) for one in drawn.iter("rect")]
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.2)


def test_text_cannot_be_put_in_but_as_text():
    made = element("p", "<b>", element("i", "x"), "<c>", title='"><')
    assert (made.text, made[0].tail, made.get("title")) == ("<b>", "<c>", '"><')


def test_figures_in_words():
    assert share_text(Share(81, 263, 0.2553, 0.3662)) == "31% (26% to 37%) of 263"
    assert share_text(Share(0, 0, 0, 1)) == "not measured"
    assert median_text(Median(3.2, 2.5, None)) == "day 3.2 (2.5 to open)"
    assert median_text(Median(None, None, None)) == "not yet"


def test_every_table_has_as_many_cells_as_columns():
    found = figures(
        *(case(n, arms={"detail": "ab"[n % 2], "control": "at-once"}) for n in range(9)),
        by="country",
    )
    for table in tables(found):
        assert all(len(row) == len(table.columns) for row in table.rows), table.title

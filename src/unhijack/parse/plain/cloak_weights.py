"""What each sign, or several together, counts for or against a stretch of PHP: the whole table."""

from __future__ import annotations

from typing import NamedTuple

GROUPS: dict[str, tuple[str, ...]] = {
    "asks": tuple("referrer agent kind place language cookie stranger".split()),
    "names": tuple("engines social robots phones desktop countries".split()),
    "ways": (
        *"sends script-sends refreshes loads fetches buffer canonical rewrites".split(),
        *"header-made serves-file data-script answers-foreign loads-made script-made".split(),
    ),
    "away": tuple("foreign foreign-host sends-made decoded spelled chooses".split()),
    "hides": (*"decoded spelled joined variable-calls odd-spelling silent decoders".split(),),
    "answers": (
        *"shows sends-variable header-made script-sends loads refreshes shows-and-ends script-made".split(),
    ),
    "honest": (
        *"checks throws typed escapes translates tests safe-redirect extends logs home path".split(),
    ),
    "leads-off": tuple(
        "foreign foreign-host decoded spelled joined sends-made header-made".split()
    ),
}
"""Signs that say the same kind of thing. ``asks>=2`` is two of them, ``!leads-off`` none."""


class Row(NamedTuple):
    """What counts, how much, and why."""

    when: str
    weight: float
    why: str


BASE = -2.95
TABLE: tuple[Row, ...] = (
    Row("asks>=2", 0.9, "Several traits of a visitor are asked."),
    Row("engines", 1.65, "Search engines are named."),
    Row("phones", 0.9, "Phones are named."),
    Row("stranger", 0.75, "Who is signed in is asked: whoever owns the site is to see nothing."),
    Row("robots", 0.3, "Robots are named; honest code does that too."),
    Row("engines>=2", 0.15, "Several search engines."),
    Row("chance", 0.1, "Chance decides."),
    Row("hour", 0.8, "The hour or day decides."),
    Row("compares", 1.2, "A trait of the visitor is searched for something."),
    Row("engines&referrer", 0.65, "Search engines, and where the visitor comes from."),
    Row("robots&agent", 0.9, "Robots, and the browser."),
    Row("names>=1&sends", 0.55, "A kind of visitor is named, and somebody is sent elsewhere."),
    Row("search-words", 0.8, "Words that spam is about."),
    Row("ways>=2", 1.9, "Two ways out."),
    Row("script-sends", 2.65, "A printed script moves the page."),
    Row("header-made", 0.95, "The header is worked out."),
    Row("shows-and-ends", 0.6, "Something is shown, and the program ends."),
    Row("front", 1.05, "It hangs on each page."),
    Row("buffer&foreign", 0.5, "The finished page is changed, and another site is named."),
    Row("foreign", 1.95, "Another site is named."),
    Row("away>=2", 0.45, "Several such things."),
    Row("asks>=1&sends-foreign", 1.9, "A trait is asked, and visitors are sent to another site."),
    Row(
        "asks>=1&ways>=1&away>=1", 0.95, "A trait is asked, there is a way out, and it leads away."
    ),
    Row("hides>=1", 0.35, "Something is hidden."),
    Row("decoders", 1.95, "Something is decoded."),
    Row("odd-spelling", 1.4, "Server variables are asked by pieces."),
    Row("stranger&stored", 1.65, "Strangers get something that lies in the settings."),
    Row("asks>=1&decoders&ways>=1", 0.3, "A trait is asked, and what comes of it is decoded."),
    Row("asks>=1&header-made&hides>=1", 1.05, "A trait is asked, and a hidden header is sent."),
    Row("numbered-host", 0.6, "A host gets its name on the spot."),
    Row("translates", -1.2, "Texts are translated: somebody cares for readers."),
    Row("tests", -2.0, "A test of a program."),
    Row("fetches&!answers", -1.15, "What another server answers is shown to nobody."),
    Row("honest>=1", -1.2, "A habit of honest code."),
    Row("honest>=2", -1.55, "Two of them."),
    Row("logs", -1.6, "It notes what it does."),
    Row(
        "variable-calls",
        -1.8,
        "What is called is in a variable: frameworks do that more than criminals.",
    ),
    Row("path", -2.7, "It leads to a path of the site itself."),
    Row("settings-page", -4.15, "Its owner is shown what it does, and can change that."),
    Row("!leads-off", -0.2, "Nothing leads away."),
    Row("home&!leads-off", -0.35, "It leads to the site itself, and nothing leads away."),
)
"""Fitted by logistic regression on the stretches of specimens, of their honest twins, of honest files of
small sites and of clean programs, each sign bound to its side; rounded."""

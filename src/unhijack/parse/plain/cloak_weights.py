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


BASE = -3.75
TABLE: tuple[Row, ...] = (
    Row("asks>=2", 1.95, "Several traits of a visitor are asked."),
    Row("engines", 1.5, "Search engines are named."),
    Row("phones", 1.4, "Phones are named."),
    Row("stranger", 1.25, "Who is signed in is asked: whoever owns the site is to see nothing."),
    Row("social", 1.15, "Social networks are named."),
    Row("robots", 0.1, "Robots are named; honest code does that too."),
    Row("engines>=2", 0.2, "Several search engines."),
    Row("chance", 0.75, "Chance decides."),
    Row("hour", 1.55, "The hour or day decides."),
    Row("compares", 1.9, "A trait of the visitor is searched for something."),
    Row("engines&referrer", 0.95, "Search engines, and where the visitor comes from."),
    Row("robots&agent", 0.65, "Robots, and the browser."),
    Row("phones&agent", 0.35, "Phones, and the browser."),
    Row("names>=1&sends", 0.5, "A kind of visitor is named, and somebody is sent elsewhere."),
    Row("search-words", 1.9, "Words that spam is about."),
    Row("ways>=2", 1.2, "Two ways out."),
    Row("script-sends", 0.85, "A printed script moves the page."),
    Row("header-made", 0.35, "The header is worked out."),
    Row("shows-and-ends", 1.2, "Something is shown, and the program ends."),
    Row("ends", 0.2, "A visitor is sent away, and the program ends."),
    Row("front", 0.25, "It hangs on each page."),
    Row("foreign", 1.6, "Another site is named."),
    Row("away>=1", 0.75, "Something leads to another site, or hides where it leads."),
    Row("away>=2", 0.65, "Several such things."),
    Row("asks>=1&sends-foreign", 0.9, "A trait is asked, and visitors are sent to another site."),
    Row(
        "asks>=1&ways>=1&away>=1", 1.05, "A trait is asked, there is a way out, and it leads away."
    ),
    Row("hides>=1", 1.2, "Something is hidden."),
    Row("decoders", 2.2, "Something is decoded."),
    Row("odd-spelling", 0.2, "Server variables are asked by pieces."),
    Row("hidden-file", 0.7, "A picture, font or hidden file is read."),
    Row("stranger&stored", 1.4, "Strangers get something that lies in the settings."),
    Row("asks>=1&decoders&ways>=1", 0.55, "A trait is asked, and what comes of it is decoded."),
    Row("asks>=1&header-made&hides>=1", 0.6, "A trait is asked, and a hidden header is sent."),
    Row("numbered-host", 0.1, "A host gets its name on the spot."),
    Row("translates", -3.45, "Texts are translated: somebody cares for readers."),
    Row("tests", -2.3, "A test of a program."),
    Row("fetches&!answers", -1.75, "What another server answers is shown to nobody."),
    Row("honest>=1", -1.55, "A habit of honest code."),
    Row("honest>=2", -1.4, "Two of them."),
    Row("logs", -1.25, "It notes what it does."),
    Row(
        "variable-calls",
        -0.85,
        "What is called is in a variable: frameworks do that more than criminals.",
    ),
    Row("path", -0.5, "It leads to a path of the site itself."),
    Row("kept", -0.4, "The file is documented."),
    Row("settings-page", -4.5, "Its owner is shown what it does, and can change that."),
    Row("!leads-off", -0.2, "Nothing leads away."),
    Row("home&!leads-off", -0.1, "It leads to the site itself, and nothing leads away."),
)
"""Fitted by logistic regression on the stretches of specimens, of their honest twins and of clean
programs, each sign bound to its side; rounded."""

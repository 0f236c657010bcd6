"""What a visitor must be to be sent away: a code with its values, and the English of it.

`check --json` and journals have the English text; journals have code and values as well, so that
a letter can say it in any language. Journals of before have the text alone: it is read back.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from unhijack.core.data import Json, items

OTHER = "other"
"""The code of a text that is none of ours; the text is its value."""

ENGLISH: Mapping[str, str] = {
    "search": "comes from a search engine",
    "social": "comes from a social network",
    "link": "follows a link from another site",
    "link-from": "follows a link from {}",
    "reported": "comes the way that the reporter came",
    "direct": "opens the address directly",
    "phone": "uses a phone",
    "desktop": "uses a desktop computer",
    "iphone": "uses an iPhone",
    "app": "uses the browser inside a social network's app",
    "crawler": "is a search engine's crawler",
    "no-crawler": "is not a search engine's crawler",
    "language": "prefers the language {}",
    "first-visit": "visits for the first time",
    "returning": "has visited the site before (with its cookies)",
    "sometimes": "is sent away at some visits only ({} of {})",
    "other-page": "opens another page of the site",
    "no-page": "opens a page that does not exist",
    "other-name": "opens the site under its other name (with www., or without)",
    OTHER: "{}",
}
"""By code, after "a visitor who"; a value's place is ``{}``."""

_VALUE = r"(.{1,300})"
_READ = tuple(
    (code, re.compile(re.escape(text).replace(r"\{\}", _VALUE), re.DOTALL))
    for code, text in ENGLISH.items()
    if code != OTHER
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition."""

    code: str
    """One of `ENGLISH`."""
    values: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """In English, as the command line and JSON have it."""
        return ENGLISH[self.code].format(*self.values)

    @property
    def data(self) -> dict[str, Json]:
        """As journals have it."""
        return {"code": self.code, "values": list(self.values)}


def condition_from_text(text: str) -> Condition:
    """The condition that an English text is; one of the code ``other`` where it is none of ours."""
    for code, pattern in _READ:
        if found := pattern.fullmatch(text):
            return Condition(code, found.groups())
    return Condition(OTHER, (text,))


def condition_from_data(value: Json) -> Condition | None:
    """The condition of a journal; None for what no release of ours wrote."""
    if not isinstance(value, dict):
        return None
    code, values = value.get("code"), tuple(str(one) for one in items(value.get("values")))
    if not isinstance(code, str) or ENGLISH.get(code, "").count("{}") != len(values):
        return None
    return Condition(code, values) if code in ENGLISH else None

"""Languages that letters are written in: every sentence is a message of a gettext catalogue.

The messages are marked with `_` and `many` where they stand; scripts/locales.py collects them.
"""

import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from gettext import NullTranslations

from babel import Locale
from babel.dates import format_date

LANGUAGES = (
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt"),
    *("lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv", "uk", "tr", "ar"),
)
"""The official languages of the European Union, Ukrainian, Turkish, and Arabic."""

_RIGHT_TO_LEFT = frozenset({"ar"})
_LOCALES = {"en": "en_GB", "pt": "pt_PT"}


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Many:
    """A message that depends on a number."""

    one: str
    other: str


def many(one: str, other: str) -> Many:
    """Marks a message with its plural for the catalogues."""
    return Many(one, other)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line."""

    text: str
    value: bool = False
    """A name, an address, a number: kept apart from the direction of the words around it."""


Line = tuple[Span, ...]


def plain(line: Line) -> str:
    """A line as text."""
    return "".join(span.text for span in line)


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language."""

    tag: str
    catalogue: NullTranslations = field(repr=False)

    @property
    def direction(self) -> str:
        """As HTML has it."""
        return "rtl" if self.tag in _RIGHT_TO_LEFT else "ltr"

    def say(self, message: str, **values: str) -> Line:
        """A message of the catalogue, with its values in their places."""
        return _filled(self.catalogue.gettext(message), values)

    def count(self, message: Many, number: int, **values: str) -> Line:
        """A message in the form that `number` asks for; its place is ``{count}``."""
        said = self.catalogue.ngettext(message.one, message.other, number)
        return _filled(said, {"count": str(number), **values})

    def text(self, message: str, **values: str) -> str:
        """A message as one line of text."""
        return plain(self.say(message, **values))

    def day(self, at: datetime) -> str:
        """A date, written out."""
        return format_date(at, "long", locale=_LOCALES.get(self.tag, self.tag))

    def moment(self, at: datetime) -> str:
        """A date with its time (UTC)."""
        return f"{self.day(at)}, {at:%H:%M} UTC"

    def language(self, tag: str) -> str:
        """The name of a language; its tag where nobody knows it."""
        return str(Locale.parse(self.tag).languages.get(tag, tag))


def _filled(message: str, values: dict[str, str]) -> Line:
    spans: list[Span] = []
    for words, name, _spec, _conversion in string.Formatter().parse(message):
        if words:
            spans.append(Span(words))
        if name is not None:
            spans.append(Span(values[name], value=True))
    return tuple(spans)


ENGLISH = Tongue("en", NullTranslations())
"""The language of the source."""

Tongues = Callable[[str], Tongue]
"""By tag, one of `LANGUAGES`."""


def only_english(_tag: str) -> Tongue:
    """Where no catalogues are at hand."""
    return ENGLISH

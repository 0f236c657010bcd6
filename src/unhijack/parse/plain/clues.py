"""Where in a PHP file things stand that planted code needs: words first, then their places.

All that is asked of a whole file is one set of its words. Places are looked up only of words that
are there, and a pattern is tried only at those places.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

MOST_PLACES = 5_000
"""Of one clue; a file with more is read whole."""

MOST_REMARK = 4_000
"""Bytes of a remark that are looked at."""

_AS_WORDS = bytes(
    c + 32 if 65 <= c <= 90 else c if 48 <= c < 58 or 97 <= c <= 122 or c == 95 or c >= 128 else 32
    for c in range(256)
)
"""Maps letters to small ones, and what is in no name to blanks."""

_BEGINS = rb"(?<![a-z0-9_$\x80-\xff])(?<!->)(?<!::)(?<!function )"
_ENDS = rb"(?![a-z0-9_\x80-\xff])"
OPENS = rb"\s{0,20}(?:\(|/[*/]|\#)"
"""What follows a name where it is called; a comment may stand between."""


class Clue:
    """Something to look for: words or other texts, and what has to stand around them."""

    def __init__(
        self, texts: tuple[bytes, ...], before: bytes, after: bytes, *, words: bool
    ) -> None:
        self.texts = texts
        self.words = frozenset(texts) if words else None
        alternatives = b"|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))
        self.pattern = re.compile(before + b"(?:" + alternatives + b")" + after, re.S)


def names(text: str, after: bytes = b"", before: bytes = _BEGINS) -> Clue:
    """Whole names, between blanks in `text`."""
    return Clue(tuple(text.encode().split()), before, _ENDS + after, words=True)


def calls(text: str, arguments: bytes = b"") -> Clue:
    """Calls of functions, not of methods, whose arguments begin as `arguments` says."""
    return names(text, OPENS + arguments)


def texts(*wanted: bytes, after: bytes = b"", before: bytes = b"") -> Clue:
    """Any texts. The pattern is tried everywhere once one of them is there: one text without
    `before` is found fastest.
    """
    return Clue(wanted, before, after, words=False)


class Clues:
    """The clues of one file, each looked up when it is asked for first."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.words = set(content.translate(_AS_WORDS).split())
        self.crowded = False
        """Whether something stands at more places than were looked at."""
        self._low: bytes | None = None
        self._known: dict[int, list[int]] = {}

    @property
    def low(self) -> bytes:
        """The file in small letters."""
        if self._low is None:
            self._low = self.content.lower()
        return self._low

    def places(self, *wanted: Clue) -> list[int]:
        """Where any of these stands, in order."""
        if len(wanted) == 1:
            return self._of(wanted[0])
        return sorted(place for clue in wanted for place in self._of(clue))

    def _of(self, clue: Clue) -> list[int]:
        known = self._known.get(id(clue))
        if known is None:
            known = self._known[id(clue)] = self._look(clue)
            self.crowded = self.crowded or len(known) >= MOST_PLACES
        return known

    def _look(self, clue: Clue) -> list[int]:
        if clue.words is None:
            return self._scan(clue)
        found: list[int] = []
        for word in clue.words & self.words:
            low = self.low
            at = low.find(word)
            while at >= 0 and len(found) < MOST_PLACES:
                if clue.pattern.match(low, at) and not in_remark(low, at):
                    found.append(at)
                at = low.find(word, at + len(word))
        found.sort()
        return found

    def _scan(self, clue: Clue) -> list[int]:
        low = self.low
        found: list[int] = []
        if any(text in low for text in clue.texts):
            for match in clue.pattern.finditer(low):
                if not in_remark(low, match.start()):
                    found.append(match.start())
                    if len(found) >= MOST_PLACES:
                        break
        return found


_REMARK = re.compile(rb"/\*\*[^'\"\n]*(?:\n[ \t]*\*(?!/)[^'\"\n]*)*")


def in_remark(low: bytes, place: int) -> bool:
    """Whether a place surely stands in a remark of a program's documentation.

    Surely: nothing before it in that remark can end a text in which it only seems to be one.
    """
    line = low.rfind(b"\n", max(0, place - 200), place) + 1
    if not line or low[line:place].lstrip()[:1] != b"*":
        return False
    opened = low.rfind(b"/**", max(0, place - MOST_REMARK), place)
    begun = low.rfind(b"\n", 0, opened) + 1
    if opened < 0 or low[begun:opened].strip():
        return False
    before = low[opened:place]
    return b"*/" not in before and b"<?" not in before and _REMARK.fullmatch(before) is not None


def near(some: list[int], others: list[int], reach: int) -> list[tuple[int, int]]:
    """Of each of `some` that has any of `others` within reach: from the first of them to the last."""
    if not others:
        return []
    found = []
    for place in some:
        first = bisect_left(others, place - reach)
        last = bisect_right(others, place + reach)
        if first < last:
            found.append((min(place, others[first]), max(place, others[last - 1])))
    return found

"""Where in a PHP file things stand that planted code needs: words first, then their places.

All that is asked of a whole file is one set of its words. Places are looked up only of words that
are there, and a pattern is tried only at those places.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache
from re import Pattern

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
ANYWHERE = rb"(?<![a-z0-9_\x80-\xff])"
NAME_ENDS = rb"(?![a-z0-9_\x80-\xff])"
OPENS = rb"\s{0,20}(?:\(|/[*/]|\#)"
"""What follows a name where it is called; a comment may stand between."""


_ALL_NEEDED: set[bytes] = set()
"""The words of every clue that was made."""


class Clue:
    """Something to look for: words or other texts, and what has to stand around them."""

    def __init__(
        self, wanted: tuple[bytes, ...], before: bytes, after: bytes, *, words: bool
    ) -> None:
        self.among: Clue | None = None
        self.wanted = frozenset(wanted)
        self.words = words
        """The wanted are words."""
        self.needs = self.wanted if words else None
        """One of these words has to be in the file, if they are known."""
        _ALL_NEEDED.update(self.needs or ())
        self.before = re.compile(before, re.S) if before else None
        self._after = after
        self._patterns: dict[bytes, Pattern[bytes]] = {}

    def pattern(self, text: bytes) -> Pattern[bytes]:
        """What fits one of the texts where it may count; a text first, for that is found fast."""
        known = self._patterns.get(text)
        if known is None:
            known = self._patterns[text] = re.compile(
                re.escape(text) + b"(?:" + self._after + b")", re.S
            )
        return known


def names(text: str, after: bytes = b"", before: bytes = _BEGINS) -> Clue:
    """Whole names, between blanks in `text`."""
    return Clue(tuple(text.encode().split()), before, NAME_ENDS + after, words=True)


def calls(text: str, arguments: bytes = b"") -> Clue:
    """Calls of functions, not of methods, whose arguments begin as `arguments` says."""
    return names(text, OPENS + arguments)


def texts(*wanted: bytes, after: bytes = b"", before: bytes = b"", word: bytes = b"") -> Clue:
    """Any texts. `word` is a name that is in each of them, as a whole."""
    clue = Clue(wanted, before, after, words=False)
    if word:
        clue.needs = frozenset((word,))
        _ALL_NEEDED.add(word)
    return clue


def among(clue: Clue, after: bytes) -> Clue:
    """Those of another's places that a longer pattern fits behind the name."""
    narrower = Clue((b"",), b"", rb"[a-z0-9_]{1,60}(?![a-z0-9_])" + after, words=False)
    narrower.among, narrower.needs = clue, clue.needs
    return narrower


class Clues:
    """The clues of one file, each looked up when it is asked for first."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.words = set(content.translate(_AS_WORDS).split())
        self._telling = self.words & _ALL_NEEDED
        self.crowded = False
        """Whether something stands at more places than were looked at."""
        self.found: list[tuple[int, int]] | None = None
        """Where clues stand together, once that was looked up."""
        self._low: bytes | None = None
        self._joined = b""
        self._likely: dict[Texts, frozenset[bytes]] = {}
        self._known: dict[Clue, list[int]] = {}

    @property
    def low(self) -> bytes:
        """The file in small letters."""
        if self._low is None:
            self._low = self.content.lower()
        return self._low

    def likely(self, texts: Texts) -> frozenset[bytes]:
        """Those of the texts that the file may have, by its words; all others it has not."""
        known = self._likely.get(texts)
        if known is None:
            if not self._joined:
                self._joined = b" ".join(self.words)
            known = self._likely[texts] = texts.likely(self.words, self._joined)
        return known

    def those(self, texts: Texts) -> frozenset[bytes]:
        """Those of the texts that stand anywhere in the file."""
        return frozenset(text for text in self.likely(texts) if text in self.low)

    def places(self, *wanted: Clue) -> list[int]:
        """Where any of these stands, in order."""
        possible = self._possible(wanted)
        if len(possible) == 1:
            return self._of(possible[0])
        return sorted([place for clue in possible for place in self._of(clue)])

    def any(self, *wanted: Clue) -> bool:
        """Whether any of these stands anywhere."""
        return any(map(self._of, self._possible(wanted)))

    def _possible(self, wanted: tuple[Clue, ...]) -> tuple[Clue, ...]:
        """Without those that need words, where none of these words is there."""
        needed, others = _parted(wanted)
        return others if needed.isdisjoint(self._telling) else wanted

    def _of(self, clue: Clue) -> list[int]:
        known = self._known.get(clue)
        if known is None:
            if clue.needs is not None and clue.needs.isdisjoint(self._telling):
                known = []
            else:
                known = self._look(clue)
                self.crowded = self.crowded or len(known) >= MOST_PLACES
            self._known[clue] = known
        return known

    def _look(self, clue: Clue) -> list[int]:
        if clue.among is not None:
            fits = clue.pattern(b"").match
            return [place for place in self._of(clue.among) if fits(self.low, place)]
        there = clue.wanted & self._telling if clue.words else clue.wanted
        if not there:
            return []
        low = self.low
        found: list[int] = []
        for text in there:
            for match in clue.pattern(text).finditer(low):
                at = match.start()
                if (clue.before is None or clue.before.match(low, at)) and not in_remark(low, at):
                    found.append(at)
                    if len(found) >= MOST_PLACES:
                        break
        found.sort()
        return found


@lru_cache(maxsize=1024)
def _parted(wanted: tuple[Clue, ...]) -> tuple[frozenset[bytes], tuple[Clue, ...]]:
    """The words that clues need, all together, and the clues that need none."""
    needs = [clue.needs for clue in wanted if clue.needs is not None]
    return frozenset().union(*needs), tuple(clue for clue in wanted if clue.needs is None)


class Texts:
    """Some texts in small letters, of which each file may have any, in letters of any size.

    The words of a file are asked first: they are a fraction of it. Where a text ends with a name,
    that may go on; of `code`, a text that begins with a name begins with a whole one. `shared` are
    parts of many names: where such a part is nowhere, no name with it is looked for.
    """

    def __init__(self, *wanted: bytes, code: bool = False, shared: tuple[bytes, ...] = ()) -> None:
        self._bare: set[bytes] = set()
        self._whole: dict[bytes, list[bytes]] = {}
        self._parts: dict[bytes, list[tuple[bytes, bytes]]] = {}
        for text in dict.fromkeys(wanted):
            names = _NAME_IN.findall(text)
            whole = _WHOLE_NAME_IN.findall(text if code else text.lstrip(_LETTERS))
            if whole:
                self._whole.setdefault(max(whole, key=len), []).append(text)
            elif names:
                name = max(names, key=len)
                part = next((part for part in shared if part in name), name)
                self._parts.setdefault(part, []).append((name, text))
            else:
                self._bare.add(text)

    def likely(self, words: set[bytes], joined: bytes) -> frozenset[bytes]:
        """Those that a file with these words may have; all others it has not."""
        found = self._bare.copy()
        for word in words.intersection(self._whole):
            found.update(self._whole[word])
        for part, group in self._parts.items():
            if part in joined:
                found.update(text for name, text in group if name in joined)
        return frozenset(found)


_LETTERS = bytes(c for c in range(256) if c == 95 or c >= 128 or 48 <= c < 58 or 97 <= c <= 122)
_NAME_IN = re.compile(rb"[a-z0-9_\x80-\xff]{3,}")
"""Shorter ones are in too many words."""
_WHOLE_NAME_IN = re.compile(rb"[a-z0-9_\x80-\xff]{4,}(?![a-z0-9_\x80-\xff])(?!\Z)")

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

"""What a sign told by the bytes of a file is made of: its row, and how it is looked for."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from re import Pattern
from typing import NamedTuple

from unhijack.parse.plain.marks import Mark


class Tell(NamedTuple):
    """A thing told by the bytes: all `words` are there, and the pattern fits."""

    name: str
    kind: str
    confidence: float
    reason: str
    words: tuple[bytes, ...]
    """In lower case; the rarest first."""
    pattern: Pattern[bytes]
    """Of lower case text; bounded; its group is where the planted code begins."""
    any_of: tuple[bytes, ...] = ()
    """One of these is there too."""
    names: tuple[frozenset[bytes], ...] = ()
    """Of each of these sets of whole words, in lower case, so many are there."""
    least: int = 1
    at_start: bool = False
    """The pattern is for how the file begins."""
    glimpse: Pattern[bytes] | None = None
    """Fits wherever the pattern does, and begins with a text, so that it is found much faster."""

    def mark(self, low: bytes, words: AbstractSet[bytes]) -> Mark | None:
        """The mark for a file, in lower case, whose words these are."""
        for names in self.names:
            if names.isdisjoint(words) or (self.least > 1 and len(words & names) < self.least):
                return None
        for word in self.words:
            if word not in low:
                return None
        if self.any_of and not any(word in low for word in self.any_of):
            return None
        if self.glimpse is not None and self.glimpse.search(low) is None:
            return None
        match = self.pattern.match(low) if self.at_start else self.pattern.search(low)
        if match is None:
            return None
        start = match.start(match.lastindex or 0)
        return Mark(self.name, self.kind, self.confidence, self.reason, start, match.end())


class Tells:
    """Many tells, of which the words of a file say which may fit at all."""

    def __init__(self, tells: Iterable[Tell]) -> None:
        self._tells = tuple(tells)
        self._by_name: dict[bytes, list[int]] = {}
        """Which tells have a word in the last of their sets of names."""
        self._by_text: dict[bytes, list[int]] = {}
        """Which tells without names begin with a text."""
        self._always: list[int] = []
        for number, tell in enumerate(self._tells):
            if tell.names:
                for name in tell.names[-1]:
                    self._by_name.setdefault(name, []).append(number)
            elif tell.words:
                self._by_text.setdefault(tell.words[0], []).append(number)
            else:
                self._always.append(number)
        self._names = frozenset(self._by_name)
        self._texts = frozenset(self._by_text)

    def first_words(self) -> list[bytes]:
        """What `marks` wants to be told of: which of these a file may have."""
        return [tell.words[0] for tell in self._tells if tell.words]

    def marks(
        self, low: bytes, words: AbstractSet[bytes], likely: AbstractSet[bytes]
    ) -> list[Mark]:
        """The marks for a file, in lower case, whose words and likely first words these are."""
        numbers = set(self._always)
        for name in self._names & words:
            numbers.update(self._by_name[name])
        for text in self._texts & likely:
            numbers.update(self._by_text[text])
        found = []
        for number in sorted(numbers):
            tell = self._tells[number]
            if not tell.words or tell.words[0] in likely:
                mark = tell.mark(low, words)
                if mark is not None:
                    found.append(mark)
        return found


def some(text: str) -> frozenset[bytes]:
    """Words, between blanks in `text`."""
    return frozenset(text.encode().split())

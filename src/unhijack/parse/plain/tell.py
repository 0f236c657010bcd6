"""What a sign told by the bytes of a file is made of: its row, and how it is looked for."""

from __future__ import annotations

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
        match = self.pattern.match(low) if self.at_start else self.pattern.search(low)
        if match is None:
            return None
        start = match.start(match.lastindex or 0)
        return Mark(self.name, self.kind, self.confidence, self.reason, start, match.end())


def some(text: str) -> frozenset[bytes]:
    """Words, between blanks in `text`."""
    return frozenset(text.encode().split())

"""Parts of a text that a pattern could fit in, by the words that it holds.

A word is found twenty times faster than a pattern: so patterns are kept for what stands round one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

REACH = 100
"""Characters on either side of its word within which most patterns end."""
_STEP = 16
"""A word this near to the one before it stands in the same stretch anyway."""


class Stretch(NamedTuple):
    """A part of a text."""

    start: int
    end: int


def round_words(
    words: Sequence[str],
    text: str,
    within: Sequence[Stretch] | None = None,
    reach: int = REACH,
) -> list[Stretch]:
    """What stands round each of some words, in order, and none touching the next."""
    found = []
    for stretch in within if within is not None else (Stretch(0, len(text)),):
        for word in words:
            at = text.find(word, *stretch)
            while at >= 0:
                found.append(Stretch(at - reach, at + reach))
                at = text.find(word, at + _STEP, stretch.end)
    return joined(sorted(found), len(text))


_SAMPLED = 8
_ENCODED = bytes(97 if (chr(n).isalnum() and n < 128) or n in b"+/=" else 32 for n in range(256))


def round_runs(text: bytes, length: int) -> list[Stretch]:
    """Where a run of `length` letters, digits and ``+/=`` could stand. Each eighth byte is enough
    to see that there is none.
    """
    sample = text[::_SAMPLED].translate(_ENCODED)
    run = b"a" * (length // _SAMPLED)
    found, at = [], sample.find(run)
    while at >= 0:
        start = at * _SAMPLED - _SAMPLED
        # A run may begin late in what was seen: up to there the next search does not look.
        found.append(Stretch(start, start + 2 * length + 3 * _SAMPLED))
        at = sample.find(run, at + len(run))
    return joined(found, len(text))


def joined(stretches: Iterable[Stretch], size: int) -> list[Stretch]:
    """Stretches in ascending order, those that touch as one, cut to a text of `size` characters."""
    found: list[Stretch] = []
    for start, end in stretches:
        start, end = max(start, 0), min(end, size)
        if end <= start:
            continue
        if found and start <= found[-1].end:
            found[-1] = Stretch(found[-1].start, max(found[-1].end, end))
        else:
            found.append(Stretch(start, end))
    return found


def matches(
    pattern: re.Pattern[str], text: str, within: Iterable[Stretch]
) -> Iterator[re.Match[str]]:
    """All matches that lie within one of the stretches."""
    for stretch in within:
        yield from pattern.finditer(text, *stretch)


def any_match(pattern: re.Pattern[str], text: str, within: Iterable[Stretch]) -> bool:
    """Whether a pattern fits within one of the stretches."""
    return any(pattern.search(text, *stretch) for stretch in within)

"""Which bytes were put into a released file, where the store has its digest and not its content.

A digest proves a cut: so the places at which blocks begin and end are tried, near what was found,
or at the file's beginning and end.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence

from unhijack.core.finding import Span

MOST_HASHED = 512 * 1024 * 1024
"""Bytes over all tries for one file."""
NEAR = 48
"""Edges in each direction from a finding."""
FAR = 200
"""Edges from the file's beginning and end, where nothing was found in between."""
MOST_LINES = 4
"""Lines of a block that is sought anywhere."""
FEW = 160
"""Edges of which every pair is tried."""
_EDGE = re.compile(
    rb"\r?\n|<\?(?:php\b|=)?|\?>|</?(?:script|iframe|noscript|div|style)\b[^>\n]{0,200}>?|/\*|\*/|;",
    re.IGNORECASE,
)


def proven_span(
    content: bytes, lines: Sequence[int], is_released: Callable[[bytes], bool]
) -> Span | None:
    """The span without which `content` is a released file; `lines` (from 1) are where something
    was found, 0 where no line shows it.
    """
    if not content:
        return None
    tries = MOST_HASHED // len(content)
    for number, (start, end) in enumerate(_candidates(content, lines)):
        if number >= tries:
            return None
        if is_released(content[:start] + content[end:]):
            return Span(start, end)
    return None


def _candidates(content: bytes, lines: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Pairs of edges, each once, the likeliest first."""
    edges = _edges(content)
    seen: set[tuple[int, int]] = set()
    for pair in _pairs(content, edges, lines):
        if pair[0] < pair[1] and pair not in seen:
            seen.add(pair)
            yield pair


def _pairs(content: bytes, edges: list[int], lines: Sequence[int]) -> Iterator[tuple[int, int]]:
    breaks = [match.start() for match in re.finditer(rb"\n", content)]
    for line in dict.fromkeys(lines):
        if line > 0:
            yield from _around(edges, breaks, line)
    yield from _at_the_ends(edges)
    yield from _whole_lines(content, breaks)
    if len(edges) <= FEW:
        yield from ((start, end) for start in edges for end in edges)


def _around(edges: list[int], breaks: list[int], line: int) -> Iterator[tuple[int, int]]:
    """A block that has a line in it, or a part of that line; the nearest edges first."""
    first = breaks[line - 2] + 1 if 1 < line <= len(breaks) + 1 else 0
    last = breaks[line - 1] if line <= len(breaks) else edges[-1]
    left, right = bisect_right(edges, first), bisect_left(edges, last)
    starts = edges[max(0, left - NEAR) : left + NEAR // 2]
    ends = edges[max(0, right - NEAR // 2) : right + NEAR]
    yield from sorted(
        ((start, end) for start in starts for end in ends),
        key=lambda pair: abs(pair[0] - first) + abs(pair[1] - last),
    )


def _at_the_ends(edges: list[int]) -> Iterator[tuple[int, int]]:
    for start in edges[:4]:
        yield from ((start, end) for end in edges[:FAR])
    for end in edges[-3:]:
        yield from ((start, end) for start in reversed(edges[-FAR:]))


def _whole_lines(content: bytes, breaks: list[int]) -> Iterator[tuple[int, int]]:
    """A few lines, wherever they are."""
    starts = [0, *(at + 1 for at in breaks), len(content)]
    for count in range(1, MOST_LINES + 1):
        yield from zip(starts, starts[count:], strict=False)


def _edges(content: bytes) -> list[int]:
    found = {0, len(content)}
    if content.startswith(b"\xef\xbb\xbf"):
        found.add(3)
    for match in _EDGE.finditer(content):
        found.update(match.span())
    return sorted(found)

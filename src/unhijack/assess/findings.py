"""The marks of one file, weighed together: what is said of it, once for each thing planted."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from unhijack.core.finding import SURE, Finding, Kind, Mend, Sign, Span
from unhijack.core.text import SHORT, defang_text, printable

MOST = 3
"""Findings of one file at most, the strongest first."""
SPOKEN_OF = 0.5
"""A file whose marks together stay below it is not spoken of."""
NEAR = 400
"""Marks whose bytes lie no further apart show the same thing."""
CEILING = 0.89
"""What marks that are each not sure can come to together: they add up to a strong suspicion."""


class _Heap(NamedTuple):
    """Marks that show the same thing."""

    marks: list[Sign]
    start: int
    end: int

    @property
    def strongest(self) -> Sign:
        return max(self.marks, key=lambda mark: mark.confidence)


def findings(path: str, content: bytes, marks: Sequence[Sign], sha256: str) -> list[Finding]:
    """What the marks of one file come to; empty where they are too weak even together."""
    if not marks:
        return []
    together = weigh(marks)
    if together < SPOKEN_OF:
        return []
    heaps = _one_if_whole(_heaps(marks))
    lines = _LineNumbers(content)
    heaps.sort(key=lambda heap: weigh(heap.marks), reverse=True)
    strong = [heap for heap in heaps if weigh(heap.marks) >= SPOKEN_OF][:MOST] or heaps[:1]
    return [
        _finding(
            path, content, heap, together if len(strong) == 1 else weigh(heap.marks), sha256, lines
        )
        for heap in strong
    ]


def weigh(marks: Sequence[Sign]) -> float:
    """The confidence of marks together. Independent weak signs add up; marks of the same rule, or
    of the same bytes, count once.
    """
    best = 0.0
    seen_rules: set[str] = set()
    doubt = 1.0
    taken: list[tuple[int, int]] = []
    for mark in sorted(marks, key=lambda one: -one.confidence):
        best = max(best, mark.confidence)
        overlaps = any(start < mark.end and mark.start < end for start, end in taken)
        if mark.rule in seen_rules or overlaps:
            continue
        seen_rules.add(mark.rule)
        taken.append((mark.start, mark.end))
        doubt *= 1 - mark.confidence
    return best if best >= SURE else max(best, min(1 - doubt, CEILING))


def _heaps(marks: Sequence[Sign]) -> list[_Heap]:
    """Marks put together by the block that would be cut, else by nearness."""
    heaps: list[_Heap] = []
    for mark in sorted(marks, key=lambda one: (one.cut or (one.start, one.end), one.start)):
        start, end = mark.cut or (mark.start, mark.end)
        last = heaps[-1] if heaps else None
        if last is not None and start <= last.end + (0 if mark.cut else NEAR):
            last.marks.append(mark)
            heaps[-1] = last._replace(end=max(last.end, end))
        else:
            heaps.append(_Heap([mark], start, end))
    return heaps


def _one_if_whole(heaps: list[_Heap]) -> list[_Heap]:
    """A file that is planted as a whole is one thing, however many marks it has."""
    marks = [mark for heap in heaps for mark in heap.marks]
    if not _all_planted(marks):
        return heaps
    return [_Heap(marks, heaps[0].start, max(heap.end for heap in heaps))]


def _all_planted(marks: Sequence[Sign]) -> bool:
    """Whether a file is nothing but planted code: believed where no surer mark says otherwise.

    A file that is set aside takes with it whatever of the site's own was in it.
    """
    whole = max((mark.confidence for mark in marks if mark.whole), default=0.0)
    return whole > 0 and all(mark.whole or mark.confidence <= whole for mark in marks)


def _finding(
    path: str, content: bytes, heap: _Heap, confidence: float, sha256: str, lines: "_LineNumbers"
) -> Finding:
    mark = heap.strongest
    cut = mark.cut or next((one.cut for one in heap.marks if one.cut is not None), None)
    repair, span = Mend.REVIEW, None
    if _all_planted(heap.marks):
        repair = Mend.QUARANTINE if confidence >= SURE else Mend.REVIEW
    elif cut is not None:
        repair, span = Mend.REMOVE_BLOCK, Span(*cut)
    return Finding(
        path=path,
        line=lines.of(mark.start),
        kind=Kind(mark.kind),
        rule=mark.rule,
        confidence=min(confidence, 0.99),
        reason=printable(mark.reason, 300),
        excerpt=excerpt(content, mark.start, mark.end),
        sha256=sha256,
        repair=repair,
        span=span,
    )


def excerpt(content: bytes, start: int, end: int) -> str:
    """The bytes that show it, on one line, defanged, at most `SHORT` characters."""
    piece = content[start : max(min(end, start + 4 * SHORT), start + 1)]
    text = " ".join(piece.decode("utf-8", "replace").split())
    return printable(defang_text(text), SHORT)[:SHORT]


class _LineNumbers:
    """Numbers of the lines in which bytes stand."""

    def __init__(self, content: bytes) -> None:
        self._ends = list(accumulate(len(line) + 1 for line in content.split(b"\n")))

    def of(self, offset: int) -> int:
        return bisect_right(self._ends, offset) + 1

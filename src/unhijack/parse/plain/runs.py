"""From planted directives to the exact lines that were put in."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

from unhijack.parse.plain.directives import Directive, Reading
from unhijack.parse.plain.marks import Mark

LIKELY = 0.5
MOST_MARKS = 100

_FRAME = frozenset(
    "rewriteengine rewritebase rewriteoptions options order satisfy directoryindex setoutputfilter"
    " require allow deny".split()
)
"""Directives that planted ones bring along, and that do nothing by themselves."""


class Sign(NamedTuple):
    """Directives that together look planted."""

    members: Tuple[int, ...]
    """Their places in the reading."""
    rule: str
    kind: str
    confidence: float
    reason: str
    span: Optional[Tuple[int, int]] = None
    """Where no directive shows it."""


def marks_of(signs: list[Sign], reading: Reading, content: bytes) -> list[Mark]:
    """Marks with the lines to cut; `whole` where nothing of the file's own is left after it."""
    signs = signs[:MOST_MARKS]
    likely = [sign for sign in signs if sign.confidence >= LIKELY]
    planted = {member for sign in likely for member in sign.members}
    spans = _planted_spans(reading, planted)
    spans += [sign.span for sign in likely if sign.span is not None]
    cuts = _merged(spans, content)
    whole = bool(likely) and _nothing_left(reading, planted)
    return [_mark(sign, reading, cuts, whole=whole and sign.confidence >= LIKELY) for sign in signs]


def _mark(
    sign: Sign, reading: Reading, cuts: list[tuple[int, int]], *, whole: bool
) -> Mark:
    if sign.span is not None:
        start, end = sign.span
    else:
        ones = [reading.directives[member] for member in sign.members]
        start, end = min(one.start for one in ones), max(one.end for one in ones)
    cut = None
    if sign.confidence >= LIKELY and not whole:
        cut = next((each for each in cuts if each[0] <= start and end <= each[1]), None)
    return Mark(sign.rule, sign.kind, sign.confidence, sign.reason, start, end, cut, whole)


def _planted_spans(reading: Reading, planted: set[int]) -> list[tuple[int, int]]:
    """Of the directives, and of sections and frames that hold nothing else."""
    taken = set(planted)
    inside: dict[int, list[int]] = {}
    for index, one in enumerate(reading.directives):
        for section in one.sections:
            inside.setdefault(section.number, []).append(index)
    spans = []
    for number, members in inside.items():
        own = [m for m in members if m not in planted and reading.directives[m].name not in _FRAME]
        if not own and number in reading.spans and any(m in planted for m in members):
            spans.append(reading.spans[number])
            taken.update(members)
    taken |= _leading_frames(reading, taken)
    return spans + [(reading.directives[m].start, reading.directives[m].end) for m in taken]


def _leading_frames(reading: Reading, taken: set[int]) -> set[int]:
    """``RewriteEngine On`` just before planted rules, unless honest rules need it."""
    extra: set[int] = set()
    for member in sorted(taken):
        at = member - 1
        while at >= 0 and at not in taken | extra and _is_engine(reading.directives[at]):
            if _needed(reading, at, taken):
                break
            extra.add(at)
            at -= 1
    return extra


def _is_engine(one: Directive) -> bool:
    return one.name in ("rewriteengine", "rewritebase")


def _needed(reading: Reading, at: int, taken: set[int]) -> bool:
    name = reading.directives[at].name
    for index in range(at + 1, min(len(reading.directives), at + 500)):
        one = reading.directives[index]
        if one.name == name and index not in taken:
            return False
        if one.name == "rewriterule" and index not in taken:
            return True
    return False


def _nothing_left(reading: Reading, planted: set[int]) -> bool:
    return all(
        index in planted or one.name in _FRAME for index, one in enumerate(reading.directives)
    )


def _merged(spans: list[tuple[int, int]], content: bytes) -> list[tuple[int, int]]:
    """Spans that touch, or have only blanks between them, as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and (start <= merged[-1][1] or not content[merged[-1][1] : start].strip()):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged

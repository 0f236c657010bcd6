"""From planted directives to the exact lines that were put in."""

from __future__ import annotations

import re
from typing import NamedTuple

from unhijack.parse.plain.directives import Directive, Reading
from unhijack.parse.plain.marks import Mark

LIKELY = 0.5
MOST_MARKS = 100

_FRAME = frozenset(
    "rewriteengine rewritebase rewriteoptions order satisfy setoutputfilter setinputfilter"
    " include fastcgi_param fastcgi_index fastcgi_split_path_info fastcgi_read_timeout".split()
)
"""Directives that planted ones bring along, and that do nothing by themselves."""


_AS_TEXT = re.compile(r"(?:text/plain|txt|text) \.?(?:html?|php)\b")


def _is_frame(one: Directive) -> bool:
    text = " ".join(one.args).lower()
    if one.name in ("allow", "require"):
        return text in ("from all", "all granted", "none")
    if one.name in ("addtype", "addhandler"):
        return _AS_TEXT.match(text) is not None
    if one.name == "options":
        return re.search(r"(?<!-)(?:execcgi|includes\b|\bindexes|\ball\b)", text) is not None
    if one.name == "directoryindex":
        return re.match(r"(?:index|default|home)\.", text) is None
    if one.name == "addoutputfilterbytype":
        return text.startswith("substitute")
    return one.name in _FRAME


class Sign(NamedTuple):
    """Directives that together look planted."""

    members: tuple[int, ...]
    """Their places in the reading."""
    rule: str
    kind: str
    confidence: float
    reason: str
    mend: bool = True
    """Whether the file is better off without these directives; False where they do honest work too."""
    span: tuple[int, int] | None = None
    """Where no directive shows it."""


def marks_of(signs: list[Sign], reading: Reading, content: bytes) -> list[Mark]:
    """Marks with the lines to cut; `whole` where nothing of the file's own is left after it."""
    signs = signs[:MOST_MARKS]
    likely = [sign for sign in signs if sign.confidence >= LIKELY]
    planted = {member for sign in likely if sign.mend for member in sign.members}
    spans = _planted_spans(reading, planted)
    spans += [sign.span for sign in likely if sign.span is not None]
    cuts = _merged(spans, content)
    whole = bool(likely) and all(sign.mend for sign in likely) and _nothing_left(reading, planted)
    whole = whole or (bool(cuts) and _blank(content, cuts))
    return [mark for sign in signs for mark in _marks(sign, reading, cuts, whole=whole)]


def _marks(sign: Sign, reading: Reading, cuts: list[tuple[int, int]], *, whole: bool) -> list[Mark]:
    """One mark, or as many as there are separate runs of lines to cut."""
    spans = [reading.directives[member][2:4] for member in sign.members]
    spans += [sign.span] if sign.span is not None else []
    start, end = min(span[0] for span in spans), max(span[1] for span in spans)
    likely = sign.confidence >= LIKELY and sign.mend
    hit = [cut for cut in cuts if any(cut[0] <= a and b <= cut[1] for a, b in spans)]
    if whole or not likely or not hit:
        return [Mark(*sign[1:5], start, end, None, whole and likely)]
    if len(hit) == 1:
        return [Mark(*sign[1:5], start, end, hit[0])]
    return [Mark(*sign[1:5], cut[0], cut[1], cut) for cut in hit]


def _blank(content: bytes, cuts: list[tuple[int, int]]) -> bool:
    at, rest = 0, []
    for start, end in cuts:
        rest.append(content[at:start])
        at = end
    return not b"".join([*rest, content[at:]]).strip()


def _planted_spans(reading: Reading, planted: set[int]) -> list[tuple[int, int]]:
    """Of the directives, and of sections and frames that hold nothing else."""
    taken = set(planted)
    inside: dict[int, list[int]] = {}
    for index, one in enumerate(reading.directives):
        for section in one.sections:
            inside.setdefault(section.number, []).append(index)
    spans = []
    for number, members in inside.items():
        if _needed_section(reading, members[0], number):
            continue
        own = [m for m in members if m not in planted and not _is_frame(reading.directives[m])]
        if not own and number in reading.spans and any(m in planted for m in members):
            spans.append(reading.spans[number])
            taken.update(members)
    taken |= _leading_frames(reading, taken)
    return spans + [(reading.directives[m].start, reading.directives[m].end) for m in taken]


def _needed_section(reading: Reading, member: int, number: int) -> bool:
    """``location /`` is every site's own, even where planted statements are all it holds."""
    section = next(s for s in reading.directives[member].sections if s.number == number)
    return section.name in ("server", "http") or (section.name, section.args) == (
        "location",
        ("/",),
    )


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
    return all(index in planted or _is_frame(one) for index, one in enumerate(reading.directives))


def _merged(spans: list[tuple[int, int]], content: bytes) -> list[tuple[int, int]]:
    """Spans that touch, or have only blanks between them, as one; with all of the lines that
    hold nothing else.
    """
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and (start <= merged[-1][1] or not content[merged[-1][1] : start].strip()):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return [_lines(start, end, content) for start, end in merged]


def _lines(start: int, end: int, content: bytes) -> tuple[int, int]:
    begun = content.rfind(b"\n", 0, start) + 1
    if content[begun:start].strip() or content[end - 1 : end] == b"\n":
        return start, end
    stop = content.find(b"\n", end)
    stop = len(content) if stop < 0 else stop + 1
    return (start, end) if content[end:stop].strip() else (begun, stop)

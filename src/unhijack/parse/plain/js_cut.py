"""Where planted code begins and ends in a script: whole statements, and no more than needed."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

MOST_STATEMENTS = 20_000
LONGEST = 4_000
"""Characters of a statement that may belong to planted ones by its names."""
MOST_READ = 400_000
"""Characters in which the ends of statements are looked for."""

_TOKEN = re.compile(
    r"//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?|\"[^\"\\\n]*(?:\\.[^\"\\\n]*)*\"?|'[^'\\\n]*(?:\\.[^'\\\n]*)*'?"
    r"|`[^`\\]*(?:\\.[^`\\]*)*`?|(?<=[(,=:\[!&|?{};\n])\s*/(?![*/])[^/\\\n\[]*(?:(?:\\.|\[[^\]\\\n]*(?:\\.[^\]\\\n]*)*\])[^/\\\n\[]*)*/|[(){}\[\];\n]",
    re.DOTALL,
)
_BLANKS = re.compile(r"\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?|<!--[^\n]*|[;]", re.DOTALL)
_NAME = re.compile(r"(?<![\w$.])[A-Za-z_$][\w$]{2,40}")
_GIVEN = re.compile(r"[(,]\s*([A-Za-z_$][\w$]{0,40})\s*[,)]")
_DECLARED = re.compile(
    r"(?:\bvar|\blet|\bconst|\bfunction|[;,])\s{1,9}([A-Za-z_$][\w$]{2,40})|(?:^|[;,{}\s])([A-Za-z_$][\w$]{2,40})\s{0,3}=(?!=)"
)
_FIRST = re.compile(r"\s*(?:\(?\s*new\s+)?([A-Za-z_$][\w$]*)")
_SHORT = re.compile(r"(?:^|[;{},\s])([A-Za-z_$][\w$]?)\s{0,3}=(?![=>])")
_HOST = re.compile(r"//([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})")
_MACHINE = re.compile(r"\b_0x[0-9a-f]{2,8}")


def outline(text: str) -> str:
    """`text` without blanks, comments and lonely semicolons; empty where nothing is left."""
    return _BLANKS.sub("", text)


def statements(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the statements at the outermost depth between `start` and `end`, each touching
    the next. A guess where code is broken, or begins in the middle of something.
    """
    found: list[tuple[int, int]] = []
    depth, begun = 0, start
    for match in _TOKEN.finditer(text, start, end):
        mark = match.group()
        if mark in "({[":
            depth += 1
        elif mark in ")}]":
            depth = max(0, depth - 1)
        elif depth == 0 and mark in ";\n" and len(found) < MOST_STATEMENTS:
            found.append((begun, match.end()))
            begun = match.end()
    if begun < end:
        found.append((begun, end))
    return found


def planted_range(
    text: str, start: int, end: int, still: Callable[[str], bool]
) -> tuple[int, int] | None:
    """The fewest statements in a row, near ``text[start:end]``, of which `still` is true, widened
    by those that share names which are declared in them. None where it cannot be told.
    """
    everything = _read_with(text, start, end)
    if everything is None:
        return None
    spans = [span for span in everything if span[0] < end and span[1] > start]
    start = spans[0][0]
    if not still(text[start : spans[-1][1]]):
        return None
    low, high = 1, len(spans)
    while low < high:  # the fewest from the front
        middle = (low + high) // 2
        if still(text[start : spans[middle - 1][1]]):
            high = middle
        else:
            low = middle + 1
    last = low
    low, high = 0, last - 1
    while low < high:  # as late as can be
        middle = (low + high + 1) // 2
        if still(text[spans[middle][0] : spans[last - 1][1]]):
            low = middle
        else:
            high = middle - 1
    shift = everything.index(spans[0])
    first, last = _widened(text, everything, low + shift, last + shift)
    return _trimmed(text, everything[first][0], everything[last - 1][1])


def _read_with(text: str, start: int, end: int) -> list[tuple[int, int]] | None:
    """Statements of so much of a script that those of the window are right."""
    if len(text) <= MOST_READ:
        return statements(text, 0, len(text))
    if end <= MOST_READ:
        return statements(text, 0, MOST_READ)
    if start >= len(text) - MOST_READ // 2:
        begun = text.rfind("\n", 0, start)
        return statements(text, begun + 1, len(text)) if begun > len(text) - MOST_READ else None
    return None


def _widened(text: str, spans: list[tuple[int, int]], first: int, last: int) -> tuple[int, int]:
    planted = text[spans[first][0] : spans[last - 1][1]]
    names = _declared(planted) | {match.group() for match in islice(_HOST.finditer(planted), 5)}
    for _ in range(200):
        if last < len(spans) and _belongs(text[slice(*spans[last])], names):
            names |= _declared(text[slice(*spans[last])])
            last += 1
        elif first > 0 and (
            _belongs(text[slice(*spans[first - 1])], names) or _prepares(text, spans, first, last)
        ):
            names |= _declared(text[slice(*spans[first - 1])])
            first -= 1
        elif (
            last + 1 < len(spans)
            and not outline(text[slice(*spans[last])])
            and _belongs(text[slice(*spans[last + 1])], names)
        ):
            last += 2
        elif (
            first > 1
            and not outline(text[slice(*spans[first - 1])])
            and _belongs(text[slice(*spans[first - 2])], names)
        ):
            first -= 2
        else:
            break
    return first, last


def _prepares(text: str, spans: list[tuple[int, int]], first: int, last: int) -> bool:
    """Whether the statement before only declares what the planted ones, and nobody else, use."""
    start, end = spans[first - 1]
    stop = spans[last - 1][1]
    before = text[start:end]
    if len(before) > LONGEST or not _ONLY_DECLARES.match(before):
        return False
    names = _declared(before)
    if not names or len(names) > 10:
        return False
    word = re.compile(r"(?<![\w$.])(?:" + "|".join(map(re.escape, sorted(names))) + r")(?![\w$])")
    return (
        word.search(text, end, stop) is not None
        and word.search(text, 0, start) is None
        and word.search(text, stop) is None
    )


_ONLY_DECLARES = re.compile(r"\s*(?:var|let|const)\s")


def _declared(text: str) -> set[str]:
    names = {a or b for a, b in _DECLARED.findall(text[:200_000])}
    names.update(_SHORT.findall(text[:2_000]))
    if _MACHINE.search(text):
        names.add("_0x")
    return names - _COMMON


_COMMON = frozenset(
    "window document function return this true false null undefined jQuery location self var let const type src href name data url async id value".split()
)


def _belongs(text: str, names: set[str]) -> bool:
    if len(text) > LONGEST or not outline(text):
        return "_0x" in names and _MACHINE.search(text) is not None
    if "_0x" in names and _MACHINE.search(text):
        return True
    first = _FIRST.match(text)
    if first is not None and first.group(1) in names:
        return True
    if any(name in text for name in names if name[:2] == "//"):
        return True
    if any(name in names for name in _NAME.findall(text)):
        return True
    return "function" not in text and any(name in names for name in _GIVEN.findall(text))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the blanks before it; with the newline after it, where it fills its lines."""
    part = text[start:end]
    begun = start + len(part) - len(part.lstrip())
    stop = start + len(part.rstrip())
    lead = re.compile(r"(?:\A|\n)[ \t]*(;)[ \t;]*\Z").search(text, max(0, begun - 50), begun)
    if lead is not None:  # it guards the injected code against what stands before it
        begun = lead.start(1)
    if not text[text.rfind("\n", 0, begun) + 1 : begun].strip():
        line_end = re.compile(r"[ \t\r]*(?:\n|\Z)").match(text, stop)
        if line_end is not None:
            begun = text.rfind("\n", 0, begun) + 1
            stop = line_end.end()
    return begun, stop

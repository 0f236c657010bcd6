"""Planted code in scripts: which parts are worth a look, what they do, and where they stand.

Ordinary scripts are passed over at the speed of `bytes.find`: a script is looked at in pieces, and
only those with the means of a deed (an unknown host, something hidden) are spelled out and judged.
"""

from __future__ import annotations

from unhijack.parse.plain.js_cut import outline, planted_range
from unhijack.parse.plain.js_judge import judge
from unhijack.parse.plain.js_script import Deed
from unhijack.parse.plain.js_windows import Window, windows
from unhijack.parse.plain.marks import Mark

MOST_BYTES = 8_000_000
MOST_JUDGED = 450_000
"""Characters judged once more to find where planted code begins and ends."""
LIKELY = 0.5


def script_signs(
    content: bytes,
    own_hosts: frozenset[str] = frozenset(),
    start: int = 0,
    end: int | None = None,
) -> list[Mark]:
    """What of a script looks planted. `start` and `end` say where in `content` it stands."""
    body = content[start:end][:MOST_BYTES]
    found = windows(body.lower(), own_hosts)
    if not found:
        return []
    text = body.decode("latin-1")
    marks: list[Mark] = []
    for window in found:
        marks += _looked_at(text, window, own_hosts, start)
    return marks


def _looked_at(text: str, window: Window, own: frozenset[str], offset: int) -> list[Mark]:
    deeds = judge(text[window.start : window.end], own)
    likely = [deed for deed in deeds if deed.confidence >= LIKELY]
    likely = likely or [deed for deed in deeds if deed.rule == "js-loader"]
    if not likely:
        return [_mark(deed, window, None, offset, whole=False) for deed in deeds[:3]]
    first = max(likely, key=lambda deed: deed.confidence)
    room = [MOST_JUDGED]

    def still(piece: str) -> bool:
        room[0] -= len(piece)
        return room[0] > 0 and any(
            deed.rule == first.rule and deed.confidence >= first.confidence
            for deed in judge(piece, own)
        )

    found = planted_range(text, window.start, window.end, still)
    if found is None or room[0] <= 0:
        return [_mark(deed, window, None, offset, whole=False) for deed in likely]
    rest = text[: found[0]] + text[found[1] :]
    whole = not outline(rest)
    likely = [_weighed(deed, text, found, rest) for deed in likely]
    cut = None if whole else (found[0] + offset, found[1] + offset)
    return [_mark(deed, Window(*found), cut, offset, whole=whole) for deed in likely]


def _weighed(deed: Deed, text: str, found: tuple[int, int], rest: str) -> Deed:
    """Hidden code before the beginning or behind the end of a script of another style weighs more."""
    outside = not outline(text[found[1] :]) or not outline(text[: found[0]])
    other = len(outline(rest[:5_000])) > 200 and "_0x" not in rest
    if deed.rule not in _STYLES or not (outside and other):
        return deed
    return deed._replace(confidence=min(0.92, deed.confidence + 0.25))


_STYLES = frozenset(
    (
        "js-obfuscated",
        "js-escaped-letters",
        "js-hidden-loader",
        "js-backwards",
        "js-cipher",
        "js-loader",
    )
)


def _mark(
    deed: Deed, where: Window, cut: tuple[int, int] | None, offset: int, *, whole: bool
) -> Mark:
    start, end = where.start + offset, where.end + offset
    return Mark(deed.rule, deed.kind, deed.confidence, deed.reason, start, end, cut, whole)

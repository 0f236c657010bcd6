"""Planted code in scripts: which parts are worth a look, what they do, and where they stand.

Ordinary scripts are passed over at the speed of `bytes.find`: a script is looked at in pieces, and
only those with the means of a deed (an unknown host, something hidden) are spelled out and judged.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple

from unhijack.parse.plain.js_cut import outline, planted_range
from unhijack.parse.plain.js_judge import NEAR, Deed, bare_places, foreign_places, judge
from unhijack.parse.plain.marks import Mark

PIECE = 16_384
"""Characters looked at together."""
MOST_WINDOW = 400_000
MOST_WINDOWS = 12
MOST_BYTES = 8_000_000
MOST_JUDGED = 600_000
"""Characters judged once more to find where planted code begins and ends."""
MOST_HOSTS = 40
LIKELY = 0.5

_ANY = (
    *(
        b"location",
        b"createelement",
        b"document",
        b"eval",
        b"fromcharcode",
        b"atob",
        b"_0x",
        b"\\x",
        b"\\u0",
    ),
    *(
        b"xmlhttprequest",
        b"ajax",
        b".post",
        b"fetch",
        b"beacon",
        b"websocket",
        b"child_process",
        b"serviceworker",
    ),
    *(b"coinhive", b"miner", b"[][", b"~[]", b"\xef\xbe\x9f", b"new image"),
)


class Window(NamedTuple):
    """A part of a script that is worth a look."""

    start: int
    end: int


def script_signs(
    content: bytes,
    own_hosts: frozenset[str] = frozenset(),
    start: int = 0,
    end: Optional[int] = None,
) -> List[Mark]:
    """What of a script looks planted. `start` and `end` say where in `content` it stands."""
    body = content[start:end][:MOST_BYTES]
    lowered = body.lower()
    if not any(word in lowered for word in _ANY):
        return []
    text = body.decode("latin-1")
    marks: List[Mark] = []
    for window in windows(text, lowered.decode("latin-1"), own_hosts):
        marks += _looked_at(text, window, own_hosts, start)
    return marks


def _looked_at(text: str, window: Window, own: frozenset[str], offset: int) -> List[Mark]:
    deeds = judge(text[window.start : window.end], own)
    likely = [deed for deed in deeds if deed.confidence >= LIKELY]
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
    whole = not outline(text[: found[0]] + text[found[1] :])
    cut = None if whole else (found[0] + offset, found[1] + offset)
    return [_mark(deed, Window(*found), cut, offset, whole=whole) for deed in likely]


def _mark(
    deed: Deed, where: Window, cut: Optional[Tuple[int, int]], offset: int, *, whole: bool
) -> Mark:
    start, end = where.start + offset, where.end + offset
    return Mark(deed.rule, deed.kind, deed.confidence, deed.reason, start, end, cut, whole)


# --- which parts are worth a look


def windows(text: str, low: str, own: frozenset[str]) -> List[Window]:
    """The parts with the means of a deed; neighbours are looked at as one."""
    found: List[Window] = []
    for at in range(0, len(text), PIECE):
        end = min(len(text), at + PIECE + 500)
        piece = low[at:end]
        if _hides(piece) or _rare(piece):
            _add(found, at - PIECE // 4, at + PIECE + PIECE // 4, len(text))
        elif _reaches(piece):
            for place in _hosts(piece, own)[:MOST_HOSTS]:
                around = low[max(0, at + place - NEAR) : at + place + NEAR]
                if _means(around, len(text)):
                    _add(found, at + place - NEAR, at + place + NEAR, len(text))
    return found[:MOST_WINDOWS]


def _hosts(low: str, own: frozenset[str]) -> List[int]:
    found = foreign_places(low, own)
    if "http" in low and any(word in low for word in _PAYS):
        found += bare_places(low, own)
    return found


def _add(found: List[Window], start: int, end: int, size: int) -> None:
    start, end = max(0, start), min(size, end)
    if found and start <= found[-1].end and end - found[-1].start <= MOST_WINDOW:
        found[-1] = Window(min(start, found[-1].start), max(end, found[-1].end))
    else:
        found.append(Window(start, end))


def _reaches(low: str) -> bool:
    return "http" in low or "//" in low or "\\/\\/" in low


_TESTS = (
    "referrer",
    "useragent",
    "cookie",
    "storage",
    "timezone",
    "touchpoints",
    "platform",
    "language",
)
_PAYS = (
    "cvv",
    "cvc",
    "card",
    "cc_",
    "cc-",
    "ccnum",
    "billing",
    "expir",
    "checkout",
    "onepage",
    "payment",
)
_SENDERS = (
    "xmlhttp",
    "ajax",
    ".post",
    "fetch(",
    "beacon",
    "image",
    "websocket",
    ".src",
    "iframe",
    '"img',
    "'img",
)
SHORT = 4_000


def _means(low: str, size: int) -> bool:
    """Whether what stands round an unknown host could send a visitor or his data there."""
    if "location" in low or "window.open" in low:
        if size < SHORT or any(word in low for word in _TESTS):
            return True
    if any(word in low for word in _PAYS):
        if any(word in low for word in _SENDERS) or "script" in low:
            return True
    if "iframe" in low:
        return "none" in low or "hidden" in low or "width" in low
    return False


_LETTERS = re.compile(
    r"\\(?:x[46-7][0-9a-f]|u00[46-7][0-9a-f])(?:\\(?:x[0-9a-f]{2}|u00[0-9a-f]{2})){3}"
)
_CODES = re.compile(
    r"from(?:charcode|codepoint)[^;{}]{0,30}?[(\[,]\s{0,9}(?:0x[0-9a-f]+|[0-9]+)(?:\s{0,9},\s{0,9}(?:0x[0-9a-f]+|[0-9]+)){4}"
)
_NUMBERS = re.compile(r"(?:[0-9]{2,3}[^\w\"'\n]{1,2}){24}")
_ATOB = re.compile(r"atob\"?'?\]?\s{0,3}\(\s{0,9}\\?[\"'`][a-z0-9+/=_-]{12}")
_BLOB = re.compile(r"[\"'`][a-z0-9+/=_-]{100}")
_CIPHER = re.compile(r"[\"'][^\"'\n]{80}")
_PERCENTS = re.compile(r"(?:%[0-9a-f]{2}[\w.-]{0,6}){5}")
_BACK = ("//:ptth", "//:sptth", "tpircs", "tnemucod")


def _hides(low: str) -> bool:
    if "\\x" in low or "\\u00" in low:
        if low.count("\\x") + low.count("\\u00") > 11 and _LETTERS.search(low):
            return True
    if "_0x" in low and low.count("_0x") > 7:
        return True
    if "fromc" in low and (_CODES.search(low) or _NUMBERS.search(low)):
        return True
    if "atob" in low and (_ATOB.search(low) or _BLOB.search(low)):
        return True
    if "eval" in low and ("p,a,c" in low or "unescape" in low or "fromcharcode" in low):
        return True
    if ("unescape" in low or "decodeuri" in low) and low.count("%") > 11 and _PERCENTS.search(low):
        return True
    if low.count("&#") > 7:
        return "text()" in low or "html(" in low or "innerhtml" in low
    if "charcodeat" in low and "fromcharcode" in low and _CIPHER.search(low):
        return True
    return "reverse" in low and any(word in low for word in _BACK)


_RARE = (
    *("coinhive", "cryptonight", "coin-hive", "deepminer", "cryptoloot", "webminerpool", "coinimp"),
    *("[][(![]", "(![]+[])", "~[];$", "\xef\xbe\x9f\xcf\x89"),
)


def _rare(low: str) -> bool:
    if any(word in low for word in _RARE):
        return True
    if "child_process" in low:
        return "exec" in low or "spawn" in low
    if "websocket" in low:
        return "eval(" in low or "function(" in low and "new function" in low
    return "serviceworker" in low and "register(" in low and "//" in low

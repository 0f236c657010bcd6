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
LIKELY = 0.5

_ANY = (
    *(b"location", b"createelement", b"document", b"eval", b"fromcharcode", b"atob", b"_0x", b"\\x", b"\\u0"),
    *(b"xmlhttprequest", b"ajax", b".post", b"fetch", b"beacon", b"websocket", b"child_process", b"serviceworker"),
    *(b"coinhive", b"miner", b"[][", b"~[]", b"\xef\xbe\x9f", b"new image"),
)


class Window(NamedTuple):
    """A part of a script that is worth a look."""

    start: int
    end: int


def script_signs(
    content: bytes, own_hosts: frozenset[str] = frozenset(), start: int = 0, end: Optional[int] = None
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
    hot = frozenset(word for word in _HOT if word in low)
    rare = _RARE if any(word in low for word in _RARE_AT_ALL) else ()
    rare = tuple(word for word in rare if word in low)
    found: List[Window] = []
    for at in range(0, len(text), PIECE) if hot or rare else ():
        piece = low[at : at + PIECE + 500]
        if _hides(piece, hot) or (rare and _is_rare(piece, rare)):
            _add(found, at - PIECE // 4, at + PIECE + PIECE // 4, len(text))
    if any(word in low for word in _REACH):
        for place in _hosts(low, own):
            start, end = place - NEAR, place + NEAR
            if _means(low[max(0, start) : end], len(text)):
                _add(found, start, end, len(text))
    return _joined(sorted(found))[:MOST_WINDOWS]


_HOT = ("\\x", "\\u00", "_0x", "fromc", "atob", "eval", "unescape", "decodeuri", "&#", "//:")
_RARE_AT_ALL = ("coin", "crypto", "miner", "![]", "~[];", "\xef\xbe\x9f", "child_process", "websocket", "serviceworker")
_REACH = ("location", "window.open", "iframe", "card", "cc_", "checkout", "onepage", "billing", "payment")


def _joined(found: List[Window]) -> List[Window]:
    joined: List[Window] = []
    for window in found:
        last = joined[-1] if joined else None
        if last is not None and window.start <= last.end and window.end - last.start <= MOST_WINDOW:
            joined[-1] = Window(last.start, max(last.end, window.end))
        else:
            joined.append(window)
    return joined


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


_TESTS = ("referrer", "useragent", "cookie", "storage", "timezone", "touchpoints", "platform", "language")
_PAYS = ("cvv", "cvc", "card", "cc_", "cc-", "ccnum", "billing", "expir", "checkout", "onepage", "payment")
_SENDERS = ("xmlhttp", "ajax", ".post", "fetch(", "beacon", "image", "websocket", ".src", "iframe", "\"img", "'img")
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


_LETTERS = re.compile(r"\\(?:x[46-7][0-9a-f]|u00[46-7][0-9a-f])(?:\\(?:x[0-9a-f]{2}|u00[0-9a-f]{2})){3}")
_CODES = re.compile(r"from(?:charcode|codepoint)[^;{}]{0,30}?[(\[,]\s{0,9}(?:0x[0-9a-f]+|[0-9]+)(?:\s{0,9},\s{0,9}(?:0x[0-9a-f]+|[0-9]+)){4}")
_NUMBERS = re.compile(r"(?:[0-9]{2,3}[^\w\"'\n]{1,2}){24}")
_ATOB = re.compile(r"atob\"?'?\]?\s{0,3}\(\s{0,9}\\?[\"'`][a-z0-9+/=_-]{12}")
_BLOB = re.compile(r"[\"'`][a-z0-9+/=_-]{100}")
_CIPHER = re.compile(r"[\"'][^\"'\n]{80}")
_PERCENTS = re.compile(r"(?:%[0-9a-f]{2}[^%\n]{0,12}){6}")
def _hides(low: str, hot: frozenset[str]) -> bool:
    if hot & {"\\x", "\\u00"} and low.count("\\x") + low.count("\\u00") > 11 and _LETTERS.search(low):
        return True
    if "_0x" in hot and low.count("_0x") > 7:
        return True
    if "fromc" in hot and "fromc" in low:
        if _CODES.search(low) or _NUMBERS.search(low) or ("charcodeat" in low and _CIPHER.search(low)):
            return True
    if "atob" in hot and "atob" in low and (_ATOB.search(low) or _BLOB.search(low)):
        return True
    if "eval" in hot and "eval" in low and (any(w in low for w in _WITH_EVAL) or _EVAL.search(low)):
        return True
    if hot & {"unescape", "decodeuri"} and low.count("%") > 11:
        if ("unescape" in low or "decodeuri" in low) and _PERCENTS.search(low):
            return True
    if "&#" in hot and low.count("&#") > 7:
        return "text()" in low or "html(" in low or "innerhtml" in low
    if "//:" in hot and ("//:ptth" in low or "//:sptth" in low):
        return True
    return any(start in low for start in _REVERSED) and _BACKWARDS.search(low) is not None


_WITH_EVAL = ("p,a,c", "unescape", "fromcharcode", "atob")
_EVAL = re.compile(r"eval[\"'\]]{0,2}\s{0,3}\(\s{0,3}[\"'`][^\"'`]{60,20000}[\"'`]\s{0,3}\.")
_REVERSED = ("'=", '"=', "`=")
_BACKWARDS = re.compile(r"[\"'`]={1,2}[a-z0-9+/]{200}")
_RARE = (
    *("coinhive", "cryptonight", "coin-hive", "deepminer", "cryptoloot", "webminerpool", "coinimp"),
    *("[][(![]", "(![]+[])", "~[];$", "\xef\xbe\x9f\xcf\x89", "child_process", "websocket", "serviceworker"),
)
_ALONE = frozenset(_RARE[:11])


def _is_rare(low: str, rare: Tuple[str, ...]) -> bool:
    for word in rare:
        if word not in low:
            continue
        if word in _ALONE:
            return True
        if word == "child_process" and ("exec" in low or "spawn" in low):
            return True
        if word == "websocket" and ("eval(" in low or "new function" in low):
            return True
        if word == "serviceworker" and "register(" in low and "//" in low:
            return True
    return False

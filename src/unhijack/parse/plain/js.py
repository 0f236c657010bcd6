"""Planted code in scripts: which parts are worth a look, what they do, and where they stand.

Ordinary scripts are passed over at the speed of `bytes.find`: a script is looked at in pieces, and
only those with the means of a deed (an unknown host, something hidden) are spelled out and judged.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from unhijack.parse.plain.js_cut import outline, planted_range
from unhijack.parse.plain.js_judge import judge
from unhijack.parse.plain.js_pay import PAYS
from unhijack.parse.plain.js_script import NEAR, Deed, bare_places, foreign_places
from unhijack.parse.plain.marks import Mark

PIECE = 8_192
"""Characters looked at together."""
MOST_WINDOW = 200_000
MOST_WINDOWS = 12
MOST_LOOKED_AT = 600_000
"""Characters of one script that are spelled out."""
MOST_BYTES = 8_000_000
MOST_JUDGED = 600_000
"""Characters judged once more to find where planted code begins and ends."""
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
    *(
        b"coinhive",
        b"miner",
        b"[][",
        b"~[]",
        b"\xef\xbe\x9f",
        b"new image",
        b"![]",
        b"powershell",
        b"mshta",
        b"eth_call",
        b"unescape",
    ),
)


class Window(NamedTuple):
    """A part of a script that is worth a look."""

    start: int
    end: int


def script_signs(
    content: bytes,
    own_hosts: frozenset[str] = frozenset(),
    start: int = 0,
    end: int | None = None,
) -> list[Mark]:
    """What of a script looks planted. `start` and `end` say where in `content` it stands."""
    body = content[start:end][:MOST_BYTES]
    lowered = body.lower()
    if not any(word in lowered for word in _ANY):
        return []
    text = body.decode("latin-1")
    marks: list[Mark] = []
    for window in windows(text, lowered.decode("latin-1"), own_hosts):
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


# --- which parts are worth a look


def windows(text: str, low: str, own: frozenset[str]) -> list[Window]:
    """The parts with the means of a deed; neighbours are looked at as one."""
    hot = frozenset(word for word in _HOT if word in low)
    rare = tuple(word for word in _RARE if word in low)
    found: list[Window] = []
    for at in range(0, len(text), PIECE) if hot or rare else ():
        piece = low[at : at + PIECE + 500]
        if _hides(piece, hot) or (rare and _is_rare(piece, rare)):
            _add(found, at - PIECE // 4, at + PIECE + PIECE // 4, len(text))
    for place in _hosts(low, own):
        start, end = place - NEAR, place + NEAR
        if _means(low[max(0, start) : end], len(text)):
            _add(found, start, end, len(text))
    return _affordable(_joined(sorted(found)))


def _affordable(found: list[Window]) -> list[Window]:
    """The first and the last before those between: planted code stands where files begin or end."""
    order = sorted(range(len(found)), key=lambda index: min(index, len(found) - 1 - index))
    kept, room = [], MOST_LOOKED_AT
    for index in order[:MOST_WINDOWS]:
        room -= found[index].end - found[index].start
        if room >= 0:
            kept.append(found[index])
    return sorted(kept)


def _joined(found: list[Window]) -> list[Window]:
    joined: list[Window] = []
    for window in found:
        last = joined[-1] if joined else None
        if last is not None and window.start <= last.end and window.end - last.start <= MOST_WINDOW:
            joined[-1] = Window(last.start, max(last.end, window.end))
        else:
            joined.append(window)
    return joined


def _hosts(low: str, own: frozenset[str]) -> list[int]:
    found = foreign_places(low, own)
    if "http" in low and any(word in low for word in PAYS):
        found += bare_places(low, own)
    return found


def _add(found: list[Window], start: int, end: int, size: int) -> None:
    start, end = max(0, start), min(size, end)
    if found and start <= found[-1].end and end - found[-1].start <= MOST_WINDOW:
        found[-1] = Window(min(start, found[-1].start), max(end, found[-1].end))
    else:
        found.append(Window(start, end))


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
    moves = "location" in low or "window.open" in low
    if moves and (size < SHORT or any(word in low for word in _TESTS)):
        return True
    sends = "script" in low or any(word in low for word in _SENDERS)
    if sends and any(word in low for word in PAYS):
        return True
    if sends and any(word in low for word in ("eval", "new function", "keyp", "keydown")):
        return True
    if "serviceworker" in low and "register(" in low:
        return True
    if "document.cookie" in low and (sends or "fetch" in low):
        return True
    if "document.write" in low and ("script" in low or "iframe" in low):
        return True
    if size < SHORT and "createelement" in low and "script" in low:
        return True
    return "iframe" in low and ("none" in low or "hidden" in low or "width" in low)


_LETTERS = re.compile(
    r"\\(?:x[46-7][0-9a-f]|u00[46-7][0-9a-f])(?:\\(?:x[0-9a-f]{2}|u00[0-9a-f]{2})){3}"
)
_CODES = re.compile(
    r"from(?:charcode|codepoint)[^;{}]{0,30}?[(\[,]\s{0,9}(?:0x[0-9a-f]+|[0-9]+)(?:\s{0,9},\s{0,9}(?:0x[0-9a-f]+|[0-9]+)){4}"
)
_NUMBERS = re.compile(r"(?:[0-9]{2,3}[^\w\"'\n]{1,2}){24}|(?:0x[0-9a-f]{2},\s?){12}")
_ATOB = re.compile(r"atob\"?'?\]?\s{0,3}\(\s{0,9}\\?[\"'`][a-z0-9+/=_-]{12}")
_BLOB = re.compile(r"[\"'`][a-z0-9+/=_-]{100}")
_CIPHER = re.compile(r"[\"'][^\"'\n]{80}")
_PERCENTS = re.compile(r"(?:%[0-9a-f]{2}[^%\n]{0,12}){6}")


def _hides(low: str, hot: frozenset[str]) -> bool:
    if any(word in low and look(low) for word, look in _LOOKS if word in hot):
        return True
    if hot & {"unescape", "decodeuri"} and low.count("%") > 60 and _PERCENTS.search(low):
        return True  # in the midst of a long text
    dense = low.count(" ") * 40 < len(low)
    return dense and any(a in low for a in _REVERSED) and _BACKWARDS.search(low) is not None


def _escaped(low: str) -> bool:
    return low.count("\\x") + low.count("\\u00") > 11 and _LETTERS.search(low) is not None


def _machine_named(low: str) -> bool:
    return low.count("_0x") > 7


def _in_codes(low: str) -> bool:
    if _CODES.search(low) or _NUMBERS.search(low):
        return True
    return "charcodeat" in low and _CIPHER.search(low) is not None


def _in_base64(low: str) -> bool:
    return _ATOB.search(low) is not None or _BLOB.search(low) is not None


def _evaluates(low: str) -> bool:
    return any(word in low for word in _WITH_EVAL) or _EVAL.search(low) is not None


def _in_percents(low: str) -> bool:
    return low.count("%") > 11 and _PERCENTS.search(low) is not None


def _in_entities(low: str) -> bool:
    return low.count("&#") > 7 and ("text()" in low or "html(" in low or "innerhtml" in low)


def _backwards(low: str) -> bool:
    return "//:ptth" in low or "//:sptth" in low


def _in_pieces(low: str) -> bool:
    return _PIECES.search(low) is not None


def _with_junk(low: str) -> bool:
    return ('".replace(/' in low or "'.replace(/" in low) and _JUNK.search(low) is not None


_LOOKS = (
    ("\\x", _escaped),
    ("\\u00", _escaped),
    ("_0x", _machine_named),
    ("fromc", _in_codes),
    ("atob", _in_base64),
    ("eval", _evaluates),
    ("unescape", _in_percents),
    ("decodeuri", _in_percents),
    ("&#", _in_entities),
    ("//:", _backwards),
    ("].join(", _in_pieces),
    (".replace(/", _with_junk),
)
_HOT = tuple(word for word, _ in _LOOKS)
_PIECES = re.compile(
    r"\[\s{0,9}[\"'](?:h|ht|htt|https?|https?:/{0,2}|//?)[\"']\s{0,9},[^\]\n]{1,2000}\]\.join\(\s{0,3}(?:\"\"|'')"
)
_JUNK = re.compile(r"[\"']\.replace\(/[^/\\]{1,12}/gi?\s{0,3},\s{0,3}(?:\"\"|'')\)")
_WITH_EVAL = ("p,a,c", "unescape", "fromcharcode", "atob")
_EVAL = re.compile(r"eval[\"'\]]{0,2}\s{0,3}\(\s{0,3}[\"'`][^\"'`]{60,20000}[\"'`]\s{0,3}\.")
_REVERSED = ("'=", '"=', "`=")
_BACKWARDS = re.compile(r"[\"'`]={1,2}[a-z0-9+/]{200}")
_RARE = (
    *("miner", ".anonymous(", "![]", "~[];$", "\xef\xbe\x9f\xcf\x89", "child_process"),
    *("powershell", "mshta", "eth_call"),
)


def _is_rare(low: str, rare: tuple[str, ...]) -> bool:
    return any(word in low and _rarely_honest(word, low) for word in rare)


def _rarely_honest(word: str, low: str) -> bool:
    if word == "![]":
        return "while(!![])" in low or "(![]+[])" in low
    if word == "child_process":
        return "exec" in low or "spawn" in low
    return word != "miner" or any(name in low for name in _MINERS)


_MINERS = (
    "coinhive",
    "coin-hive",
    "deepminer",
    "webminerpool",
    "coinimp",
    "monerominer",
    ".start(",
)

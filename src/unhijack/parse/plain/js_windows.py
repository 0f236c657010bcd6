"""Which parts of a script are worth a look, by the words in them.

A search for a word costs a thousandth of a second for 2 MB, and there are some twenty of them: so
each word is searched for once, and patterns are kept for the pieces that hold their word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import NamedTuple

from unhijack.parse.plain.js_pay import PAYS
from unhijack.parse.plain.js_script import (
    BUNDLE,
    ESCAPED,
    MOST_PLACES,
    NEAR,
    PLAIN,
    bare_places,
    foreign_places,
)
from unhijack.parse.plain.stretches import round_runs

PIECE = 8_192
"""Characters looked at together."""
OVERLAP = 500
BIG = 128 * 1024
ENDS = 2 * PIECE
"""Bytes at either end of a script bigger than `BIG` in which everything is looked for; what is rarely
planted in the midst of other code is not looked for there.
"""
MOST_WINDOW = 200_000
MOST_WINDOWS = 12
MOST_LOOKED_AT = 250_000
"""Characters of one script that are spelled out."""


class Window(NamedTuple):
    """A part of a script that is worth a look."""

    start: int
    end: int


def windows(low: bytes, own: frozenset[str]) -> list[Window]:
    """The parts of a script, in lower case, with the means of a deed; neighbours are looked at as
    one.
    """
    found: list[Window] = []
    for index in sorted(_hiding_pieces(low)):
        at = index * PIECE
        _add(found, at - PIECE // 4, at + PIECE + PIECE // 4, len(low))
    found += _near_hosts(low, own)
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


def _add(found: list[Window], start: int, end: int, size: int) -> None:
    start, end = max(0, start), min(size, end)
    if found and start <= found[-1].end and end - found[-1].start <= MOST_WINDOW:
        found[-1] = Window(min(start, found[-1].start), max(end, found[-1].end))
    else:
        found.append(Window(start, end))


# --- pieces in which something is hidden


def _hiding_pieces(low: bytes) -> set[int]:
    """Of a big script only the ends are looked at for everything."""
    if len(low) <= BIG:
        return _hiding_in(low)
    tail = (len(low) - ENDS) // PIECE
    found = _hiding_in(low[:ENDS]) | {tail + index for index in _hiding_in(low[tail * PIECE :])}
    return found | _hiding_by(_pieces_with(_IN_THE_MIDST, low), low)


def _hiding_in(low: bytes) -> set[int]:
    rare = _pieces_with(_RARE if low.isascii() else (*_RARE, _FACES), low)
    hot = _pieces_with(_HOT, low)
    found = {index for index, words in rare.items() if _is_rare(words, _piece(low, index))}
    found |= _hiding_by(hot, low)
    if any(not words.isdisjoint(_PERCENT_DECODERS) for words in hot.values()):
        found |= _in_long_percents(low)
    if hot or rare:
        found |= _spelled_backwards(low)
    return found


def _hiding_by(hot: dict[int, set[bytes]], low: bytes) -> set[int]:
    return {
        index
        for index, words in hot.items()
        if any(word in words and look(_piece(low, index)) for word, look in _LOOKS)
    }


def _piece(low: bytes, index: int) -> str:
    return low[index * PIECE : index * PIECE + PIECE + OVERLAP].decode("latin-1")


def _pieces_with(words: Iterable[bytes], low: bytes) -> dict[int, set[bytes]]:
    """Which pieces hold which words: by one search a word, from piece to piece."""
    found: dict[int, set[bytes]] = {}
    for word in words:
        find = _finder(word, low)
        at = find(0) if word[:1] in low else -1  # a byte is found in no time
        while at >= 0:
            index = at // PIECE
            found.setdefault(index, set()).add(word)
            if index and at % PIECE + len(word) <= OVERLAP:
                found.setdefault(index - 1, set()).add(word)
            at = find((index + 1) * PIECE)
    return found


def _finder(word: bytes, low: bytes) -> Callable[[int], int]:
    """What finds a word from a place on. One that begins with a sign, which is seldom, is found
    faster by a pattern: that goes from one such sign to the next.
    """
    if word[:1].isalnum():
        return partial(low.find, word)
    search = _pattern(word).search

    def find(start: int) -> int:
        match = search(low, start)
        return match.start() if match is not None else -1

    return find


@lru_cache(maxsize=100)
def _pattern(word: bytes) -> re.Pattern[bytes]:
    return re.compile(re.escape(word))


_PERCENT_DECODERS = frozenset((b"unescape", b"decodeuri"))


def _in_long_percents(low: bytes) -> set[int]:
    """Pieces in the midst of a text that is decoded elsewhere in the script."""
    if low.count(b"%") <= 60:
        return set()
    return {
        index
        for index in range(len(low) // PIECE + 1)
        if low.count(b"%", index * PIECE, index * PIECE + PIECE + OVERLAP) > 60
        and _PERCENTS.search(_piece(low, index))
    }


def _spelled_backwards(low: bytes) -> set[int]:
    """Pieces with a long encoded text whose end stands first."""
    touched = {at // PIECE for stretch in round_runs(low, 200) for at in stretch}
    found: set[int] = set()
    for index in touched | {index - 1 for index in touched if index}:
        piece = _piece(low, index)
        if piece.count(" ") * 40 < len(piece) and _BACKWARDS.search(piece):
            found.add(index)
    return found


# --- parts round unknown hosts


def _near_hosts(low: bytes, own: frozenset[str]) -> list[Window]:
    """The surroundings of unknown hosts that could send visitors or their data there.

    What is true of a part is true of the whole: so hosts that stand together are asked about
    together first.
    """
    found: list[Window] = []
    heap: list[int] = []
    for place in [*(at for at in _hosts(low, own) if not _in_comment(low, at)), -1]:
        if heap and (place < 0 or not 0 <= place - heap[0] <= 4 * NEAR):
            together = len(heap) == 1 or _means(_around(low, heap[0], heap[-1]), len(low))
            for one in heap if together else ():
                if _means(_around(low, one, one), len(low)):
                    _add(found, one - NEAR, one + NEAR, len(low))
            heap = []
        heap.append(place)
    return found


def _in_comment(low: bytes, at: int) -> bool:
    """Whether the line up to a place is a comment: honest code names many addresses in those."""
    newline = low.rfind(b"\n", max(0, at - 400), at)
    line = low[newline + 1 : at].lstrip() if newline >= 0 else b""
    return line[:2] in _COMMENTS and b"*/" not in line


_COMMENTS = frozenset((b"//", b"/*", b"* "))


def _around(low: bytes, first: int, last: int) -> str:
    return low[max(0, first - NEAR) : last + NEAR].decode("latin-1")


def _hosts(low: bytes, own: frozenset[str]) -> list[int]:
    """Where unknown hosts stand, with their scheme or put together with one nearby."""
    if len(low) > BIG:
        return _hosts_in_big(low, own)
    found = foreign_places(low, own)
    if len(low) <= BUNDLE:
        parts = [Window(0, len(low))] if b"http" in low else []
    else:
        parts = _joined(_lone_schemes(low))
    for start, end in parts:
        part = low[start:end].decode("latin-1")
        if any(word in part for word in PAYS):
            found += [start + at for at in bare_places(part, own)]
    return found


def _hosts_in_big(low: bytes, own: frozenset[str]) -> list[int]:
    """Addresses as they stand in programs; as they stand in texts of other programs, at the ends."""
    found = foreign_places(low, own, (PLAIN,))
    tail = len(low) - ENDS
    found += foreign_places(low[:ENDS], own, (ESCAPED,))
    return found + [tail + at for at in foreign_places(low[tail:], own, (ESCAPED,))]


_LONE = re.compile(rb"https?(?::(?:\\?/){0,2})?\\?[\"'`]")


def _lone_schemes(low: bytes) -> list[Window]:
    """What stands round a scheme without its host."""
    found: list[Window] = []
    at = low.find(b"http")
    while at >= 0 and len(found) < MOST_PLACES:
        if _LONE.match(low, at):
            _add(found, at - NEAR, at + NEAR, len(low))
            at = low.find(b"http", at + NEAR // 2)
        else:
            at = low.find(b"http", at + 4)
    return found


_TESTS = tuple("referrer useragent cookie storage timezone touchpoints platform language".split())
_SENDERS = tuple(
    "script .src image ajax fetch( iframe .post xmlhttp beacon websocket \"img 'img".split()
)
_RUNNERS = ("eval", "new function", "keyp", "keydown")
SHORT = 4_000


def _means(low: str, size: int) -> bool:
    """Whether what stands round an unknown host could send a visitor or his data there."""
    if ("location" in low or "window.open" in low) and (size < SHORT or _any(_TESTS, low)):
        return True
    if _any(_SENDERS, low):
        if _any(_RUNNERS, low) or "document.cookie" in low or _any(PAYS, low):
            return True
        if "document.write" in low and ("script" in low or "iframe" in low):
            return True
        if size < SHORT and "createelement" in low and "script" in low:
            return True
        if "iframe" in low and ("none" in low or "hidden" in low or "width" in low):
            return True
    if "serviceworker" in low and "register(" in low:
        return True
    return "fetch" in low and "document.cookie" in low


def _any(words: Iterable[str], low: str) -> bool:
    return any(word in low for word in words)


_LETTERS = re.compile(
    r"\\(?:x[46-7][0-9a-f]|u00[46-7][0-9a-f])(?:\\(?:x[0-9a-f]{2}|u00[0-9a-f]{2})){3}"
)
_CODES = re.compile(
    r"from(?:charcode|codepoint)[^;{}]{0,30}?[(\[,]\s{0,9}(?:0x[0-9a-f]+|[0-9]+)(?:\s{0,9},\s{0,9}(?:0x[0-9a-f]+|[0-9]+)){4}"
)
_NUMBERS = re.compile(r"[0-9][0-9][0-9]?[^\w\"'\n]{1,2}(?:[0-9]{2,3}[^\w\"'\n]{1,2}){23}")
_BYTES = re.compile(r"0x[0-9a-f]{2},\s?(?:0x[0-9a-f]{2},\s?){11}")
_ATOB = re.compile(r"atob\"?'?\]?\s{0,3}\(\s{0,9}\\?[\"'`][a-z0-9+/=_-]{12}")
_BLOB = re.compile(r"[\"'`][a-z0-9+/=_-]{100}")
_CIPHER = re.compile(r"(?<![\w\"'\\])[\"'][^\"'\n]{80}|return\s{0,3}[\"'][^\"'\n]{80}")
"""A text that begins, as far as that can be seen: behind most texts that end stands code."""
_PLAIN_TEXT = re.compile(r"[a-z]{3} [a-z]{2,20} [a-z]{2}|function|return|this\.|\.length")
_PERCENTS = re.compile(r"(?:%[0-9a-f]{2}[^%\n]{0,12}){6}")


def _escaped(low: str) -> bool:
    return low.count("\\x") + low.count("\\u00") > 11 and _LETTERS.search(low) is not None


def _machine_named(low: str) -> bool:
    return low.count("_0x") > 7


def _in_codes(low: str) -> bool:
    if _CODES.search(low) or _BYTES.search(low) or _NUMBERS.search(low):
        return True
    if "charcodeat" not in low:
        return False
    return any(_PLAIN_TEXT.search(match.group()) is None for match in _CIPHER.finditer(low))


def _in_base64(low: str) -> bool:
    return _ATOB.search(low) is not None or _BLOB.search(low) is not None


def _evaluates(low: str) -> bool:
    if _RUNS.search(low) is None:
        return False
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
    (b"\\x", _escaped),
    (b"\\u00", _escaped),
    (b"_0x", _machine_named),
    (b"fromc", _in_codes),
    (b"atob", _in_base64),
    (b"eval", _evaluates),
    (b"unescape", _in_percents),
    (b"decodeuri", _in_percents),
    (b"&#", _in_entities),
    (b"//:", _backwards),
    (b"].join(", _in_pieces),
    (b".replace(/", _with_junk),
)
_HOT = tuple(word for word, _ in _LOOKS)
_IN_THE_MIDST = (b"\\x", b"_0x", b"fromc", b"atob", b"eval")
_PIECES = re.compile(
    r"\[\s{0,9}[\"'](?:h|ht|htt|https?|https?:/{0,2}|//?)[\"']\s{0,9},[^\]\n]{1,2000}\]\.join\(\s{0,3}(?:\"\"|'')"
)
_JUNK = re.compile(r"[\"']\.replace\(/[^/\\]{1,12}/gi?\s{0,3},\s{0,3}(?:\"\"|'')\)")
_RUNS = re.compile(r"eval(?![a-z])")
_WITH_EVAL = ("p,a,c", "unescape", "fromcharcode", "atob")
_EVAL = re.compile(r"eval[\"'\]]{0,2}\s{0,3}\(\s{0,3}[\"'`][^\"'`]{60,20000}[\"'`]\s{0,3}\.")
_BACKWARDS = re.compile(r"[\"'`]={1,2}[a-z0-9+/]{200}")
_RARE = (
    *(b"miner", b".anonymous(", b"![]", b"~[];$", b"child_process"),
    *(b"powershell", b"mshta", b"eth_call"),
)
_FACES = b"\xef\xbe\x9f\xcf\x89"


def _is_rare(words: set[bytes], piece: str) -> bool:
    return any(_rarely_honest(word, piece) for word in words)


def _rarely_honest(word: bytes, low: str) -> bool:
    if word == b"![]":
        return "while(!![])" in low or "(![]+[])" in low
    if word == b"child_process":
        return "exec" in low or "spawn" in low
    return word != b"miner" or any(name in low for name in _MINERS)


_MINERS = (
    "coinhive",
    "coin-hive",
    "deepminer",
    "webminerpool",
    "coinimp",
    "monerominer",
    ".start(",
)

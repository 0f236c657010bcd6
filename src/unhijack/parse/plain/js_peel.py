"""What a script says once its strings are spelled out: a reader, never an engine.

Nothing is run. Each step replaces a hidden spelling by what it spells, where it stands, so that
the text that comes out reads as the script would if nobody had hidden anything. It need not be a
script any more: it is looked at with patterns. Linear, and bounded in layers and characters.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from itertools import islice
from re import Match
from typing import NamedTuple

from unhijack.parse.plain.js_ciphers import deciphered
from unhijack.parse.plain.stretches import any_match, round_words

MOST_LAYERS = 6

MOST_TEXT = 3_000_000
"""Characters of a script with all that was spelled out in it."""

MOST_PIECES = 4_000

_SIGNS = (
    *("\\x", "\\u", "\\1", "fromCharCode", "atob", "unescape", "decodeURI", "reverse", "_0x", "&#"),
    *(
        "charCodeAt",
        "parseInt",
        "|'.split",
        "'.split('|')",
        '".split("|")',
        "base64",
        ".join(",
        "replace(",
    ),
    *("eval", "fromCodePoint", "+'", '+"', "' +", '" +', "['", '["'),
)


class Peeled(NamedTuple):
    """A script spelled out."""

    text: str
    early: str
    """After spellings alone (escapes, arrays of strings): what is decoded, and by what, still shows."""
    pieces: tuple[str, ...]
    """What was hidden, piece by piece."""
    steps: frozenset[str]
    """How it was hidden."""

    @property
    def hidden(self) -> str:
        """All that was hidden, as one text."""
        return "\n".join(self.pieces)


class _Work:
    """One script being spelled out."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces: list[str] = []
        self.steps: set[str] = set()
        self.room = MOST_TEXT

    def sub(self, step: str, pattern: re.Pattern[str], spell: Callable[[Match[str]], str]) -> None:
        """Replace each match by what `spell` says; where it says the same, nothing was hidden."""

        def replaced(match: Match[str]) -> str:
            old = match.group()
            if self.room <= 0 or len(self.pieces) >= MOST_PIECES:
                return old
            new = spell(match)
            if new == old:
                return old
            self.room -= len(new)
            self.steps.add(step)
            self.pieces.append(new)
            return new

        self.text = pattern.sub(replaced, self.text)


def peel(text: str) -> Peeled:
    """`text` with what it hides spelled out. Never raises."""
    work = _Work(text[:MOST_TEXT])
    if not any(sign in text for sign in _SIGNS):
        return Peeled(work.text, work.text, (), frozenset())
    _spellings(work)
    early = work.text
    for _ in range(MOST_LAYERS):
        before = work.text
        for step in _STEPS:
            step(work)
        _spellings(work)
        if work.text == before or len(work.text) > MOST_TEXT:
            break
    return Peeled(work.text[:MOST_TEXT], early, tuple(work.pieces), frozenset(work.steps))


# --- spellings

_ESCAPES = re.compile(
    r"(?:\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}|\\[01][0-7]{2})"
    r"(?:\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}|\\[01][0-7]{2}|[\w .:/=-]){0,200000}"
)

_ESCAPE = re.compile(
    r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|([01][0-7]{2}))"
)

_NAMED = r"\s{0,9}([\"'])([A-Za-z_$][\w$]{0,60})\1\s{0,9}\]"

_PROPERTY = re.compile(r"\[(?<=[\w$)\]\"']\[)" + _NAMED)

_PROPERTY_APART = re.compile(r"(?<=[\w$)\]\"'])\s{1,9}\[" + _NAMED)

_CONCAT = re.compile(r"(?<!\\)[\"'`]\s{0,9}\+\s{0,9}[\"'`]")

_STRING = r"\"[^\"\\\n]*(?:\\.[^\"\\\n]*)*\"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'"

_STRINGS = re.compile(_STRING)

_ARRAY = re.compile(r"=\s{0,9}\[\s{0,9}(?=[\"'])")

_ARRAY_NAME = re.compile(r"(?<![\w$.])([A-Za-z_$][\w$]{0,40})\s{0,9}\Z")

_ARRAY_ITEM = re.compile(r"\s*(" + _STRING + r")\s*([,\]])")

_INDEX = r"\s{0,3}\[\s{0,3}(0x[0-9A-Fa-f]{1,4}|[0-9]{1,5})\s{0,3}\]"


def _spellings(work: _Work) -> None:
    if _all_escaped(work.text):  # a page inside a string of PHP
        work.text = work.text.replace("\\'", "'").replace('\\"', '"')
    _arrays(work)
    if "\\" in work.text:
        work.sub("escapes", _ESCAPES, _unescaped)
    if "['" in work.text or '["' in work.text or "[ " in work.text:
        work.text = _PROPERTY.sub(r".\2", work.text)
        if " [" in work.text:
            work.text = _PROPERTY_APART.sub(r".\2", work.text)
    if "+" in work.text:
        work.text = _CONCAT.sub("", work.text)


def _all_escaped(text: str) -> bool:
    for quote in ("'", '"'):
        escaped = text.count("\\" + quote)
        if escaped > 1 and escaped == text.count(quote):
            return True
    return False


def _unescaped(match: Match[str]) -> str:
    return _ESCAPE.sub(_character, match.group())


def _character(match: Match[str]) -> str:
    if match.group(4):
        code = int(match.group(4), 8)
    else:
        code = int(match.group(1) or match.group(2) or match.group(3), 16)
    return chr(code) if 32 <= code < 127 or code in (9, 10, 13) else match.group()


def _arrays(work: _Work) -> None:
    """``var a = ["x", "y"]; f(a[1])``: each use by number becomes the string."""
    tables: dict[str, list[str]] = {}
    for match in islice(_ARRAY.finditer(work.text), 200):
        before = _ARRAY_NAME.search(work.text[max(0, match.start() - 50) : match.start()])
        name = before.group(1) if before else ""
        if not name or name in tables or len(tables) > 20 or work.text.count(name + "[") < 2:
            continue
        items: list[str] = []
        at = match.end()
        while len(items) < 5_000:
            item = _ARRAY_ITEM.match(work.text, at)
            if item is None:
                break
            items.append(_quoted(_ESCAPE.sub(_character, item.group(1)[1:-1])))
            at = item.end()
            if item.group(2) == "]":
                tables[name] = items
                break
    if not tables:
        return
    names = "|".join(re.escape(name) for name in tables)
    uses = re.compile(r"(?<![\w$.])(" + names + ")" + _INDEX)

    def item_of(match: Match[str]) -> str:
        items = tables[match.group(1)]
        index = int(match.group(2), 0) if match.group(2).startswith("0x") else int(match.group(2))
        return items[index] if index < len(items) else match.group()

    work.sub("array", uses, item_of)


def _quoted(text: str) -> str:
    return '"' + text.replace('\\"', '"').replace("\\'", "'").replace('"', '\\"') + '"'


# --- decoders

_CODES = re.compile(
    r"(?:\bString\s{0,3}\.\s{0,3})?\bfrom(?:CharCode|CodePoint)\s{0,3}(?:\.\s{0,3}(?:apply|call)\s{0,3}\(\s{0,3}[\w.]{0,20}\s{0,3},\s{0,3}\[?|\(\s{0,3}(?:\.\.\.\s{0,3}\[)?)"
    r"\s{0,9}((?:0x[0-9A-Fa-f]{1,4}|[0-9]{1,7})(?:\s{0,9},\s{0,9}(?:0x[0-9A-Fa-f]{1,4}|[0-9]{1,7})){0,100000})\s{0,9}\]?\s{0,9}\)"
)

_WITH_CODES = re.compile(r"from(?:CharCode|CodePoint)\s{0,3}[.(][^;{}]{0,60}?[0-9]")

_NUMBER = re.compile(r"0x[0-9A-Fa-f]{1,4}|[0-9]{1,7}")


def _codes(work: _Work) -> None:
    if "fromC" in work.text and _WITH_CODES.search(work.text):
        work.sub("charcodes", _CODES, lambda match: _from_codes(match.group(1)) or match.group())


def _from_codes(text: str) -> str:
    numbers = [int(n, 16) if n[:2] == "0x" else int(n) for n in _NUMBER.findall(text)]
    return _quoted("".join(chr(n) for n in numbers)) if all(8 < n < 0x3000 for n in numbers) else ""


_B64 = re.compile(r"[\"'`](={0,2}[A-Za-z0-9+/_-]{12,400000}={0,2})[\"'`]")

_ATOB = re.compile(
    r"(?:\bwindow\s{0,3}\.\s{0,3})?\b(?:atob|[\w$.]{0,40}[bB]ase64[\w$.]{0,20})\s{0,3}\(\s{0,9}[\"'`]([A-Za-z0-9+/=_-]{4,400000})[\"'`]\s{0,9}\)"
)


def _base64(work: _Work) -> None:
    if "atob" in work.text or "ase64" in work.text or "ABCDEFGHIJKLMNOPQRSTUVWXYZ" in work.text:
        work.sub("base64", _ATOB, lambda match: _from_base64(match.group(1), 0.8) or match.group())
        work.sub("base64", _B64, lambda match: _from_base64(match.group(1), 0.95) or match.group())


def _from_base64(text: str, printable: float) -> str:
    if text[0] == "=":
        text = text[::-1]
    body = text.rstrip("=").translate(_URL_SAFE)
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return ""
    return _readable(raw, printable)


_URL_SAFE = str.maketrans("-_", "+/")

_PRINTED = bytes(range(32, 127)) + b"\t\r\n"


def _readable(raw: bytes, share: float) -> str:
    """As a string of the script, if it is text."""
    odd = len(raw.translate(None, _PRINTED))
    if len(raw) < 3 or odd > len(raw) * (1 - share):
        return ""
    return _quoted(raw.decode("latin-1"))


_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2}|%u[0-9A-Fa-f]{4}|[\w.~!*()-]){3,200000}")

_PERCENT_ONE = re.compile(r"%(?:u([0-9A-Fa-f]{4})|([0-9A-Fa-f]{2}))")


def _percent(work: _Work) -> None:
    if "unescape" in work.text or "decodeURI" in work.text:
        work.sub("percent", _PERCENT_RUN, _from_percent)


_PERCENT_RUN = re.compile(r"%u?[0-9A-Fa-f]{2}(?:%u?[0-9A-Fa-f]{2}|[\w.~!*()/:;=, +-]){2,200000}")


def _from_percent(match: Match[str]) -> str:
    old = match.group()
    return _PERCENT_ONE.sub(_percent_character, old) if old.count("%") > 2 else old


def _percent_character(match: Match[str]) -> str:
    code = int(match.group(1) or match.group(2), 16)
    return chr(code) if 32 <= code < 127 or code in (9, 10, 13) else match.group()


_PACKED = re.compile(
    r"\}\s{0,9}\(\s{0,9}("
    + _STRING
    + r")\s{0,9},\s{0,9}([0-9]{1,3}|\[\])\s{0,9},\s{0,9}([0-9]{1,6})\s{0,9},\s{0,9}"
    r"(" + _STRING + r")\s{0,9}\.\s{0,9}split\s{0,9}\(\s{0,9}[\"']\|[\"']\s{0,9}\)"
)

_WORD = re.compile(r"\b\w+\b")

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _packer(work: _Work) -> None:
    if ".split" in work.text and "|" in work.text:
        work.sub("packer", _PACKED, _unpacked)


def _unpacked(match: Match[str]) -> str:
    payload, base, words = match.group(1)[1:-1], match.group(2), match.group(4)[1:-1].split("|")
    radix = 62 if base == "[]" else int(base)
    if not 1 < radix <= 62:
        return match.group()
    table = {_spelled(n, radix): word for n, word in enumerate(words[:20_000]) if word}
    room = [MOST_TEXT // 2]

    def word_of(found: Match[str]) -> str:
        word = table.get(found.group(), found.group()) if room[0] > 0 else ""
        room[0] -= len(word)
        return word

    text = payload.replace("\\'", "'").replace('\\"', '"').replace("\\\\", "\\")
    return "}\n" + _WORD.sub(word_of, text) + "\n"


def _spelled(number: int, radix: int) -> str:
    text = _DIGITS[number % radix]
    while number >= radix:
        number //= radix
        text = _DIGITS[number % radix] + text
    return text


_REVERSED = re.compile(
    r"("
    + _STRING
    + r")\s{0,9}\.\s{0,3}split\s{0,3}\(\s{0,3}(?:\"\"|'')\s{0,3}\)\s{0,3}\.\s{0,3}reverse\s{0,3}\(\s{0,3}\)"
    r"\s{0,3}\.\s{0,3}join\s{0,3}\(\s{0,3}(?:\"\"|'')\s{0,3}\)"
)

_BACKWARDS = re.compile(r"//:s?ptth|tpircs|tnemucod|noitacol|noitcnuf|rerrefer")

_JOINED = re.compile(
    r"\[\s{0,9}((?:"
    + _STRING
    + r")(?:\s{0,9},\s{0,9}(?:"
    + _STRING
    + r")){1,5000})\s{0,9}\]\s{0,9}\.\s{0,3}join\s{0,3}\(\s{0,3}(?:\"\"|'')\s{0,3}\)"
)

_AFTER_STRING = re.compile(r"[\"']\s{0,9}\.\s{0,3}(?:replace\s{0,3}\(\s{0,3}/|split\s{0,3}\()")

_CLEANED = re.compile(
    r"("
    + _STRING
    + r")\s{0,9}\.\s{0,3}(?:replace\s{0,3}\(\s{0,3}/\[?([^/\\\[\](){}.*+?|^$]{1,20})\]?/gi?\s{0,3},|split\s{0,3}\(\s{0,3}[\"']([^\"'\\]{1,20})[\"']\s{0,3}\)\s{0,3}\.\s{0,3}join\s{0,3}\()"
    r"\s{0,3}[\"']([^\"'\\]{0,4})[\"']\s{0,3}\)"
)


def _turned(work: _Work) -> None:
    if "reverse" in work.text:
        work.sub("reverse", _REVERSED, lambda match: _quoted(match.group(1)[-2:0:-1]))
        if _BACKWARDS.search(work.text):
            work.sub("reverse", _STRINGS, _forwards)
    if ".join" in work.text:
        work.sub(
            "join",
            _JOINED,
            lambda match: _quoted("".join(s[1:-1] for s in _STRINGS.findall(match.group(1)))),
        )
    around = round_words(("replace", "split"), work.text)
    if any_match(_AFTER_STRING, work.text, around):
        work.sub(
            "junk",
            _CLEANED,
            lambda match: _quoted(
                match.group(1)[1:-1].replace(match.group(2) or match.group(3), match.group(4))
            ),
        )


def _forwards(match: Match[str]) -> str:
    text = match.group()
    return _quoted(text[-2:0:-1]) if _BACKWARDS.search(text) else text


_HEX = re.compile(r"[\"']((?:[0-9A-Fa-f]{2}){8,200000})[\"']")

_ENTITIES = re.compile(r"(?:&#(?:x[0-9A-Fa-f]{1,6}|[0-9]{1,7});?){4,20000}")

_ENTITY = re.compile(r"&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));?")

_LIST = re.compile(
    r"[\[\"'(]\s{0,9}((?:0x[0-9A-Fa-f]{1,3}|[0-9]{1,4})(?:\s{0,3}[^\w\"'()\[\]{}\s]{1,3}\s{0,3}(?:0x[0-9A-Fa-f]{1,3}|[0-9]{1,4})){15,100000})\s{0,9}[\])\"']"
)


def _written_out(work: _Work) -> None:
    if (
        "parseInt" in work.text
        or "fromC" in work.text
        or "unescape" in work.text
        or "decodeURI" in work.text
    ):
        work.sub("hex", _HEX, _from_hex)
        if "fromC" in work.text:
            work.sub("numbers", _LIST, _from_list)
    if "&#" in work.text:
        work.sub("entities", _ENTITIES, lambda match: _ENTITY.sub(_entity, match.group()))


def _from_hex(match: Match[str]) -> str:
    return _readable(bytes.fromhex(match.group(1)), 0.97) or match.group()


def _entity(match: Match[str]) -> str:
    code = int(match.group(1), 16) if match.group(1) else int(match.group(2))
    return chr(code) if 32 <= code < 127 else match.group()


def _from_list(match: Match[str]) -> str:
    numbers = [int(n, 0) if n[:2] == "0x" else int(n) for n in _NUMBER.findall(match.group(1))]
    if all(9 <= n < 127 for n in numbers):
        text = "".join(map(chr, numbers))
        if _TELLS.search(text):
            return _quoted(text)
    found = deciphered(numbers)
    return _quoted(found) if found else match.group()


# --- ciphers: one number added to, or mixed with, each character

_TELLS = re.compile(r"document|function|location|http|script|var |window|\.php")

_LONG = re.compile(r"\"([^\"\\\n]{40,100000})\"|'([^'\\\n]{40,100000})'")


def _ciphers(work: _Work) -> None:
    if "charCodeAt" in work.text and "fromCharCode" in work.text:
        work.sub("cipher", _LONG, _deciphered)


def _deciphered(match: Match[str]) -> str:
    text = match.group(1) or match.group(2)
    if _TELLS.search(text) or not any(c in text for c in "#%&()*+,-./:;<=>?@[]^_`{|}~!$"):
        return match.group()
    found = deciphered([ord(c) for c in text])
    return _quoted(found) if found else match.group()


_STEPS: tuple[Callable[[_Work], None], ...] = (
    *(_codes, _base64, _percent, _packer, _turned, _written_out, _ciphers),
)

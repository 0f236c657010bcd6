"""Words of SQL: strings, names, remarks; and what a table's definition says."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from unhijack.core.rows import Table, Value

MOST_NAMES = 4096

_ESCAPED = re.compile(rb"\\(.)|''|\"\"", re.DOTALL)
_MEANT = {b"0": b"\0", b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"Z": b"\x1a"}
_KEPT = {b"%": b"\\%", b"_": b"\\_"}
_SPECIAL = re.compile(rb"['\"`]|/\*!?\d{0,6}|\*/|--(?=[\s\x00])|#")
_NAME = re.compile(rb"`((?:[^`]|``){1,256})`|\"((?:[^\"]|\"\"){1,256})\"|([\w$\x80-\xff]{1,256})")
_NO_COLUMN = re.compile(
    rb"(?:PRIMARY|UNIQUE|KEY|INDEX|FULLTEXT|SPATIAL|CONSTRAINT|FOREIGN|CHECK|PERIOD)\b", re.I
)
_PRIMARY = re.compile(rb"\s*(?:CONSTRAINT\s+\S{1,300}\s+)?PRIMARY\s+KEY[^(]{0,100}\(([^()]*)", re.I)
_IS_KEY = re.compile(rb"\bPRIMARY\s+KEY\b", re.IGNORECASE)


class Column(NamedTuple):
    """One value of a row, and where it is written."""

    value: Value
    start: int
    end: int
    last: bool
    """The row ends after it."""
    cut: bool = False


def closing(text: bytes, start: int, quote: bytes, *, escapes: bool) -> tuple[int, int]:
    """Where a string ends, and from where to look again once there is more of it.

    `start` is behind the opening quote. The end is behind the closing quote; -1 where it is not
    in `text`, or may be the first half of a doubled quote.
    """
    at = start
    while True:
        at = text.find(quote, at)
        if at < 0:
            odd = _backslashes(text, start, len(text)) % 2 if escapes else 0
            return -1, len(text) - odd
        if escapes and _backslashes(text, start, at) % 2:
            at += 1
            start = at
        elif at + 1 == len(text):
            return -1, at
        elif text[at + 1 : at + 2] == quote:
            at += 2
            start = at
        else:
            return at + 1, at + 1


def _backslashes(text: bytes, start: int, end: int) -> int:
    """How many stand right before `end`."""
    part = text[start:end]
    return len(part) - len(part.rstrip(b"\\"))


def unquoted_text(raw: bytes, quote: bytes, *, escapes: bool) -> bytes:
    """What a string between its quotes stands for."""
    if not escapes:
        return raw.replace(quote * 2, quote)
    if b"\\" not in raw and quote not in raw:
        return raw
    return _ESCAPED.sub(lambda match: _meant(match, quote), raw)


def _meant(match: re.Match[bytes], quote: bytes) -> bytes:
    sign: bytes | None = match[1]
    if sign is None:
        return quote if match[0] == quote * 2 else match[0]
    return _KEPT.get(sign) or _MEANT.get(sign, sign)


_WRITTEN = {
    0: b"\\0",
    10: b"\\n",
    13: b"\\r",
    26: b"\\Z",
    34: b'\\"',
    39: b"\\'",
    92: b"\\\\",
}
_TO_ESCAPE = re.compile(rb"[\x00\n\r\x1a\"'\\]")


def quoted_text(value: bytes, *, escapes: bool = True) -> bytes:
    """A value as a dump writes it, so that a row of a dump can be mended."""
    if not escapes:
        return b"'" + value.replace(b"'", b"''") + b"'"
    return b"'" + _TO_ESCAPE.sub(lambda match: _WRITTEN[match[0][0]], value) + b"'"


def from_hex(digits: bytes) -> bytes:
    """Bytes of a hexadecimal literal; the text itself where it is none."""
    try:
        return bytes.fromhex(("0" * (len(digits) % 2)) + digits.decode("ascii"))
    except ValueError:
        return digits


def _pieces(text: bytes, *, escapes: bool) -> Iterator[tuple[str, int, int]]:
    """Strings, names in backticks and remarks, each with its span; in order."""
    at = 0
    while match := _SPECIAL.search(text, at):
        sign, start = match[0], match.start()
        if sign in (b"'", b'"', b"`"):
            end, _ = closing(text, start + 1, sign, escapes=escapes and sign != b"`")
            at = end if end >= 0 else len(text)
            yield ("name" if sign == b"`" else "string"), start, at
        elif sign.startswith(b"/*!") or sign == b"*/":
            at = match.end()
            yield "version", start, at
        elif sign.startswith(b"/*"):
            end = text.find(b"*/", start + 2)
            at = end + 2 if end >= 0 else len(text)
            yield "remark", start, at
        else:
            end = text.find(b"\n", start)
            at = end if end >= 0 else len(text)
            yield "remark", start, at


def open_versions(text: bytes, *, escapes: bool = True) -> bytes:
    """Without the signs of version comments: a server runs what stands in them."""
    parts: list[bytes] = []
    at = 0
    for kind, start, end in _pieces(text, escapes=escapes):
        if kind == "version":
            parts += [text[at:start], b" "]
            at = end
    return b"".join([*parts, text[at:]])


def blanked(text: bytes, *, escapes: bool = True) -> bytes:
    """The same length, with strings and remarks as spaces: what is left are words that act."""
    parts: list[bytes] = []
    at = 0
    for kind, start, end in _pieces(text, escapes=escapes):
        if kind in ("string", "remark"):
            parts += [text[at:start], b" " * (end - start)]
            at = end
    return b"".join([*parts, text[at:]])


def strings_of(text: bytes, *, escapes: bool = True) -> Iterator[bytes]:
    """What the strings of a program say."""
    for kind, start, end in _pieces(text, escapes=escapes):
        if kind == "string":
            quote = text[start : start + 1]
            inner = text[start + 1 : end].removesuffix(quote)
            yield unquoted_text(inner, quote, escapes=escapes)


def unquoted_name(raw: bytes) -> str:
    """A name without its quotes and its database; undecodable bytes as surrogates."""
    names = list(_NAME.finditer(raw[:600]))
    if not names:
        return ""
    back, double, bare = names[-1].groups()
    if back is not None:
        name = back.replace(b"``", b"`")
    elif double is not None:
        name = double.replace(b'""', b'"')
    else:
        name = bare
    return name.decode("utf-8", "surrogateescape")


def names_in(raw: bytes) -> tuple[str, ...]:
    """The names of a list in brackets: ``(`a`, `b`)``."""
    parts = _split(raw.strip().removeprefix(b"(").removesuffix(b")"))
    return tuple(name for part in parts if (name := _first_name(part)))


def table_of(name: str, body: bytes) -> Table:
    """A table by what follows the opening bracket of its definition."""
    columns: list[str] = []
    key: tuple[str, ...] = ()
    for part in _split(body):
        if found := _PRIMARY.match(part):
            key = names_in(found[1])
        elif not _NO_COLUMN.match(part.lstrip()) and (column := _first_name(part)):
            columns.append(column)
            if not key and _IS_KEY.search(blanked(part)):
                key = (column,)
    return Table(name, tuple(columns), key)


def _first_name(part: bytes) -> str:
    match = _NAME.match(part.lstrip())
    return unquoted_name(match[0]) if match else ""


_STOP = re.compile(rb"[(),'\"`]")


def _split(body: bytes) -> list[bytes]:
    """Parts between the commas of the outermost level, up to the bracket that ends it."""
    parts: list[bytes] = []
    depth, begin, at = 0, 0, 0
    while match := _STOP.search(body, at):
        sign, at = match[0], match.end()
        if sign in (b"'", b'"', b"`"):
            end, _ = closing(body, at, sign, escapes=sign != b"`")
            at = end if end >= 0 else len(body)
        elif sign == b"(":
            depth += 1
        elif sign == b")":
            depth -= 1
            if depth < 0:
                return [*parts, body[begin : match.start()]]
        elif depth == 0:
            parts.append(body[begin : match.start()])
            begin = at
            if len(parts) >= MOST_NAMES:
                return parts
    return [*parts, body[begin:]]

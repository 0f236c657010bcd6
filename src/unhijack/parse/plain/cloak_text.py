"""Some lines of PHP as whoever wrote them meant them: without remarks, with texts put together and
decoded, in small letters and with one kind of quote. No program any more: something to search.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import urllib.parse
import zlib
from typing import Callable, NamedTuple

MOST_DECODED = 4_000
"""Bytes of one decoded text that are kept."""
MOST_GROWN = 40_000
"""Bytes of the whole text, beyond which nothing more is undone."""


class CloakText(NamedTuple):
    """A stretch of a program, made readable."""

    text: bytes
    undone: frozenset[str]
    """What had to be undone: ``decoded`` ``spelled`` ``joined`` ``remarks``."""


_REMARK = re.compile(rb"/\*[^*]{0,4000}(?:\*(?!/)[^*]{0,4000}){0,400}\*/")
_LINE_REMARK = re.compile(
    rb"(?:(?:^|(?<=[\s;{}),]))//|^[ \t]{0,200}#(?!\[)|(?<=[;{}]) #(?!\[))[^\n?]{0,2000}(?:\?(?!>)[^\n?]{0,400}){0,20}",
    re.M,
)
_ESCAPE = re.compile(rb"\\x([0-9a-fA-F]{2})|\\([01]?[0-7]{2})(?![0-9])|\\u00([0-9a-fA-F]{2})")
_PERCENT = re.compile(rb"%([2-7][0-9a-fA-F])")
_CHR = re.compile(rb"\bchr\s?\(\s?(0x[0-9a-fA-F]{1,2}|[0-9]{1,3})\s?\)", re.I)
_SEAM = re.compile(rb"(?<![\\(,=\[])(?<![(,=\[] )[\"']\s{0,20}\.\s{0,20}[\"']")
_GROWS = re.compile(rb"[\"']\s?;\s{0,40}\$\w{1,30}\s?\.=\s?[\"']")
_SIEVE = re.compile(
    rb"\bstr_replace\s?\(\s?((?:array\s?\(|\[)?(?:\s?[\"'][^\"'\\\w][\"']\s?,?){1,9}[\])]?)\s?,\s?(?:''|\"\")\s?,\s?[\"']([^\"']{4,4000})[\"']\s?\)",
    re.I,
)
_PIECES = re.compile(rb"[\"'][^\"'\s<>]{1,12}[\"']\s{0,3}\.\s{0,3}[\"'][^\"'\s<>]{1,12}[\"']")
_LETTERS = re.compile(rb"(?:[\"'][^\"'\\][\"']\s?,\s?){4,400}[\"'][^\"'\\][\"']")
_NUMBERS = re.compile(
    rb"(?<![\w.])(?:0x[0-9a-f]{2}|[0-9]{2,3})(?:\s?[,.|;-]\s?(?:0x[0-9a-f]{2}|[0-9]{2,3})){7,2000}(?![\w.])",
    re.I,
)
_CALL = re.compile(
    rb"@?\b(base64_decode|str_rot13|strrev|hex2bin|(?:raw)?urldecode|gzinflate|gzuncompress|gzdecode|unescape|atob)"
    rb"\s?\(\s?[\"']([^\"']{3,20000})[\"']\s?\)",
    re.I,
)
_PACK = re.compile(
    rb"\bpack\s?\(\s?[\"']H\*[\"']\s?,\s?[\"']([0-9a-fA-F]{4,20000})[\"']\s?\)", re.I
)
_BASE64 = re.compile(rb"[\"']([A-Za-z0-9+/]{14,20000}={0,2})[\"']")
_HEX = re.compile(rb"[\"']((?:[0-9a-fA-F]{2}){8,10000})[\"']")
_TURNED = re.compile(
    rb"[\"']([^\"'\s]{0,300}//:s?ptth|[^\"'\s]{2,300}(?:gro|ten|moc)\.?[^\"'\s]{0,90}//)[\"']", re.I
)
_ROT13 = re.compile(rb"uggcf?://[^\"'\s]{3,300}", re.I)
_SHOWS = re.compile(
    rb"//|http|header|location|<[a-z!]|[a-z0-9-]{2,}\.[a-z]{2,}|http|google|\{\"", re.I
)
_BLANKS = re.compile(rb"\s+")
_AROUND = re.compile(rb" ?([()\[\]{},;.=<>!?:&|+]) ?")


def cloak_text(code: bytes) -> CloakText:
    """What `code` says. Linear and bounded; never raises."""
    undone = set()
    text, remarks = _REMARK.subn(b" ", code)
    text = _LINE_REMARK.sub(b" ", text)
    if remarks:
        undone.add("remarks")
    for name, step in _STEPS:
        if len(text) > MOST_GROWN:
            break
        text, changed = step(text)
        if changed:
            undone.add(name)
    text = text[:MOST_GROWN].lower().replace(b"\\/", b"/").replace(b"\\", b"").replace(b"'", b'"')
    text = text.replace(b'"+"', b"").replace(b"`", b'"')
    return CloakText(_AROUND.sub(rb"\1", _BLANKS.sub(b" ", text)), frozenset(undone))


Step = Callable[[bytes], "tuple[bytes, int]"]


def _escapes(text: bytes) -> tuple[bytes, int]:
    if b"\\" not in text:
        return text, 0
    count = 0

    def one(match: re.Match[bytes]) -> bytes:
        nonlocal count
        number = int(match[1] or match[3] or match[2], 8 if match[2] else 16)
        if not 32 <= number < 127:
            return match[0]
        count += 1
        return bytes((number,))

    return _ESCAPE.sub(one, text), int(count > 2 or 0)


def _letters(text: bytes) -> tuple[bytes, int]:
    """``chr(104) . 'tt' . 'p'``, and lists of single letters."""
    count = 0
    if b"chr" in text or b"CHR" in text:
        text, count = _CHR.subn(_letter, text)
    text, lists = _LETTERS.subn(_joined_letters, text)
    return text, count + lists


def _letter(match: re.Match[bytes]) -> bytes:
    number = int(match[1], 16 if match[1][:2] in (b"0x", b"0X") else 10)
    return b'"%c"' % number if 32 <= number < 127 else match[0]


def _joined_letters(match: re.Match[bytes]) -> bytes:
    return b'"' + b"".join(re.findall(rb"[\"']([^\"'\\])[\"']", match[0])) + b'"'


def _numbers(text: bytes) -> tuple[bytes, int]:
    """Lists of the numbers of letters."""
    count = 0

    def one(match: re.Match[bytes]) -> bytes:
        nonlocal count
        numbers = [
            int(n, 16 if n[:2] in (b"0x", b"0X") else 10)
            for n in re.findall(rb"0[xX][0-9a-fA-F]{2}|[0-9]+", match[0])
        ]
        if not all(32 <= number < 127 for number in numbers):
            return match[0]
        said = bytes(numbers)
        if _SHOWS.search(said) is None:
            return match[0]
        count += 1
        return b'"' + said + b'"'

    return _NUMBERS.sub(one, text), count


def _seams(text: bytes) -> tuple[bytes, int]:
    pieces = _PIECES.search(text)
    text, grown = _GROWS.subn(b"", text)
    text, sieved = _SIEVE.subn(_sieved, text)
    return _SEAM.sub(b"", text), int(pieces is not None) + grown // 2 + sieved


def _sieved(match: re.Match[bytes]) -> bytes:
    """A text without the junk that is taken out of it."""
    junk = b"".join(re.findall(rb"[\"'](.)[\"']", match[1]))
    return b'"' + match[2].translate(None, junk) + b'"'


def _calls(text: bytes) -> tuple[bytes, int]:
    """Calls of decoders on texts, three deep."""
    total = 0
    for _ in range(3):
        count = 0

        def one(match: re.Match[bytes]) -> bytes:
            nonlocal count
            said = _decoded(match[1].lower(), match[2])
            if said is None:
                return match[0]
            count += 1
            return b'"' + said.replace(b'"', b"'")[:MOST_DECODED] + b'"'

        text = _CALL.sub(one, text)
        text, packed = _PACK.subn(lambda match: b'"' + (_hex(match[1]) or b"") + b'"', text)
        total += count + packed
        if not count or len(text) > MOST_GROWN:
            break
    return text, total


def _decoded(name: bytes, said: bytes) -> bytes | None:
    if name in (b"base64_decode", b"atob"):
        return _base64(said)
    if name == b"str_rot13":
        return codecs.encode(said.decode("latin-1"), "rot13").encode("latin-1")
    if name == b"strrev":
        return said[::-1]
    if name == b"hex2bin":
        return _hex(said)
    if name.startswith(b"gz"):
        return _inflated(said)
    return urllib.parse.unquote_to_bytes(said)


def _base64(said: bytes) -> bytes | None:
    said = said.rstrip(b"=")
    try:
        return base64.b64decode(said + b"=" * (-len(said) % 4))[:MOST_DECODED]
    except (binascii.Error, ValueError):
        return None


def _hex(said: bytes) -> bytes | None:
    try:
        return binascii.unhexlify(said[: len(said) & ~1])[:MOST_DECODED]
    except (binascii.Error, ValueError):
        return None


def _inflated(said: bytes) -> bytes | None:
    for bits in (-15, 47):
        try:
            return zlib.decompressobj(bits).decompress(said, MOST_DECODED)
        except zlib.error:  # noqa: PERF203 - two ways of packing are tried
            continue
    return None


def _texts(text: bytes) -> tuple[bytes, int]:
    """Encoded texts that are decoded where nobody sees it."""
    count = 0

    def one(decode: Callable[[bytes], bytes | None]) -> Callable[[re.Match[bytes]], bytes]:
        def undo(match: re.Match[bytes]) -> bytes:
            nonlocal count
            said = decode(match[1])
            if said is None or not _is_said(said):
                return match[0]
            count += 1
            return b'"' + said.replace(b'"', b"'") + b'"'

        return undo

    text = _HEX.sub(one(lambda said: _hex(said) if said.isalnum() else None), text)
    text = _BASE64.sub(one(_base64), text)
    text = _TURNED.sub(one(lambda said: said[::-1]), text)
    text, turned = _ROT13.subn(
        lambda match: codecs.encode(match[0].decode("latin-1"), "rot13").encode("latin-1"), text
    )
    return text, count + turned


def _is_said(said: bytes) -> bool:
    return (
        len(said) > 5
        and all(31 < c < 127 or c in (9, 10, 13) for c in said)
        and _SHOWS.search(said) is not None
    )


def _percents(text: bytes) -> tuple[bytes, int]:
    text, count = _PERCENT.subn(lambda match: bytes((int(match[1], 16),)), text)
    return text, int(count > 3)


_STEPS: tuple[tuple[str, Step], ...] = (
    ("spelled", _escapes),
    ("spelled", _letters),
    ("spelled", _numbers),
    ("joined", _seams),
    ("decoded", _calls),
    ("decoded", _texts),
    ("spelled", _percents),
)

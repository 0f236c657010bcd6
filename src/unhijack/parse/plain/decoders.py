"""What PHP's own decoding functions make of known arguments; nothing is run, sizes are bounded."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import zlib
from collections.abc import Sequence
from typing import Any, Callable, Union
from urllib.parse import unquote_to_bytes

from unhijack.parse.plain.tokens import unescape

MAX_OUT = 1 << 20
"""Bytes that one decoding step gives at most."""

Known = Union[bytes, int, list[Any], dict[Any, Any]]
"""A value that stands fast: text, a whole number (also for true, false and null), a list or a table of
such."""


class NotDecoded(Exception):
    """These arguments say nothing."""


def text_of(value: object) -> bytes:
    """A known value as PHP would write it into a string."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, (list, dict)):
        return b"Array"
    raise NotDecoded


def number_of(value: object) -> int:
    """A known value as a whole number."""
    if isinstance(value, int):
        return value
    if isinstance(value, bytes):
        match = re.match(rb"\s{0,20}([+-]?[0-9]{1,18})", value)
        return int(match[1]) if match else 0
    raise NotDecoded


_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)


def base64_decode(text: bytes) -> bytes:
    """As tolerant as PHP's: foreign characters are skipped, padding does not matter."""
    kept = text.translate(None, _NOT_BASE64)[: MAX_OUT * 4 // 3]
    kept = kept[: len(kept) - (len(kept) % 4 == 1)]
    return base64.b64decode(kept + b"=" * (-len(kept) % 4))


def inflate(text: bytes, bits: int) -> bytes:
    """Raw deflate (-15), zlib (15) or gzip (31), up to `MAX_OUT` bytes; what is cut off is lost."""
    try:
        out = zlib.decompressobj(bits).decompress(text, MAX_OUT)
    except zlib.error as error:
        raise NotDecoded from error
    if not out:
        raise NotDecoded
    return out


def rot13(text: bytes) -> bytes:
    return codecs.encode(text.decode("latin-1"), "rot13").encode("latin-1")


def unhex(text: bytes) -> bytes:
    try:
        return binascii.unhexlify(text)
    except binascii.Error as error:
        raise NotDecoded from error


def pack(form: bytes, *values: object) -> bytes:
    """Of pack's forms those that hide text: ``H*`` and ``C*``."""
    if form[:1] == b"H" and values:
        digits = text_of(values[0])
        return unhex(digits[: len(digits) // 2 * 2])
    if form[:1] in (b"C", b"c"):
        return bytes(number_of(value) & 255 for value in values)
    raise NotDecoded


def xor(left: bytes, right: bytes) -> bytes:
    """PHP's ``^`` of two strings: as long as the shorter."""
    size = min(len(left), len(right))
    both = int.from_bytes(left[:size], "big") ^ int.from_bytes(right[:size], "big")
    return both.to_bytes(size, "big")


def bit_and(left: bytes, right: bytes) -> bytes:
    return bytes(a & b for a, b in zip(left, right))


def bit_or(left: bytes, right: bytes) -> bytes:
    size = max(len(left), len(right))
    return bytes(a | b for a, b in zip(left.ljust(size, b"\0"), right.ljust(size, b"\0")))


_FLIP = bytes(255 - n for n in range(256))


def bit_not(text: bytes) -> bytes:
    return text.translate(_FLIP)


def increment(text: bytes) -> bytes:
    """PHP's ``++`` of a string of letters: ``Az`` becomes ``Ba``."""
    out = bytearray(text)
    for place in range(len(out) - 1, -1, -1):
        character = out[place]
        if character in b"zZ9":
            out[place] = {122: 97, 90: 65, 57: 48}[character]
            if place == 0:
                first = {97: b"a", 65: b"A", 48: b"1"}[out[0]]
                return first + bytes(out)
            continue
        if chr(character).isalnum():
            out[place] = character + 1
        return bytes(out)
    return bytes(out)


def _substr(text: bytes, start: int, length: object = None) -> bytes:
    size = len(text)
    begin = max(size + start, 0) if start < 0 else start
    if length is None:
        return text[begin:]
    count = number_of(length)
    return text[begin : size + count] if count < 0 else text[begin : begin + count]


def _replace(search: object, replacement: object, subject: object) -> bytes:
    text = text_of(subject)
    searches = search if isinstance(search, list) else [search]
    for number, one in enumerate(searches[:64]):
        if isinstance(replacement, list):
            new = text_of(replacement[number]) if number < len(replacement) else b""
        else:
            new = text_of(replacement)
        old = text_of(one)
        if old and len(text) <= MAX_OUT:
            if len(new) > len(old) and text.count(old) * len(new) > MAX_OUT:
                raise NotDecoded
            text = text.replace(old, new)
    return text


def _strtr(text: bytes, *pairs: object) -> bytes:
    if len(pairs) != 2:
        raise NotDecoded
    old, new = text_of(pairs[0]), text_of(pairs[1])
    size = min(len(old), len(new))
    table = bytearray(range(256))
    for a, b in zip(old[:size], new[:size]):
        table[a] = b
    return text.translate(bytes(table))


def _implode(*arguments: object) -> bytes:
    glue = next((text_of(a) for a in arguments if not isinstance(a, list)), b"")
    pieces = next((a for a in arguments if isinstance(a, list)), None)
    if pieces is None or len(pieces) > 50_000:
        raise NotDecoded
    whole = glue.join(text_of(piece) for piece in pieces)
    if len(whole) > MAX_OUT:
        raise NotDecoded
    return whole


def _explode(glue: bytes, text: bytes) -> list[Known]:
    if not glue:
        raise NotDecoded
    return list(text.split(glue, 20_000))


def _split(text: bytes, size: int = 1) -> list[Known]:
    if size < 1 or len(text) > 50_000:
        raise NotDecoded
    return [text[at : at + size] for at in range(0, len(text), size)]


def _repeat(text: bytes, times: int) -> bytes:
    if times < 0 or times * len(text) > MAX_OUT:
        raise NotDecoded
    return text * times


def _range(first: object, last: object) -> list[Known]:
    if isinstance(first, bytes) and isinstance(last, bytes) and len(first) == len(last) == 1:
        low, high = first[0], last[0]
        step = 1 if low <= high else -1
        return [bytes((n,)) for n in range(low, high + step, step)]
    low, high = number_of(first), number_of(last)
    if abs(high - low) > 10_000:
        raise NotDecoded
    step = 1 if low <= high else -1
    return list(range(low, high + step, step))


def _uudecode(text: bytes) -> bytes:
    out = bytearray()
    for line in text.split(b"\n")[:20_000]:
        out += _uudecoded(line)
    return bytes(out)


def _uudecoded(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""


def _ord(text: bytes) -> int:
    return text[0] if text else 0


def _reverse(pieces: object) -> list[Known]:
    if not isinstance(pieces, list):
        raise NotDecoded
    return pieces[::-1]


def _int(text: bytes, base: int) -> int:
    try:
        return int(text[:16], base)
    except ValueError as error:
        raise NotDecoded from error


T, N, A = "text", "number", "any"
_READ: dict[str, Callable[[object], object]] = {T: text_of, N: number_of, A: lambda value: value}

# name -> (what it makes, how it takes its arguments: the last form goes for all further ones)
FUNCTIONS: dict[bytes, tuple[Callable[..., object], str]] = {
    b"base64_decode": (base64_decode, T),
    b"gzinflate": (lambda t: inflate(t, -15), T),
    b"gzuncompress": (lambda t: inflate(t, 15), T),
    b"gzdecode": (lambda t: inflate(t, 31), T),
    b"zlib_decode": (lambda t: inflate(t, 47), T),
    b"str_rot13": (rot13, T),
    b"hex2bin": (unhex, T),
    b"pack": (pack, T + " " + A),
    b"strrev": (lambda t: t[::-1], T),
    b"urldecode": (lambda t: unquote_to_bytes(t.replace(b"+", b" ")), T),
    b"rawurldecode": (unquote_to_bytes, T),
    b"convert_uudecode": (_uudecode, T),
    b"quoted_printable_decode": (binascii.a2b_qp, T),
    b"stripcslashes": (unescape, T),
    b"stripslashes": (lambda t: t.replace(b"\\\\", b"\0").replace(b"\\", b"").replace(b"\0", b"\\"), T),
    b"chr": (lambda n: bytes((n & 255,)), N),
    b"ord": (_ord, T),
    b"strtolower": (bytes.lower, T),
    b"strtoupper": (bytes.upper, T),
    b"ucfirst": (lambda t: t[:1].upper() + t[1:], T),
    b"lcfirst": (lambda t: t[:1].lower() + t[1:], T),
    b"trim": (lambda t, *_: t.strip(), T),
    b"ltrim": (lambda t, *_: t.lstrip(), T),
    b"rtrim": (lambda t, *_: t.rstrip(), T),
    b"strlen": (len, T),
    b"substr": (_substr, " ".join((T, N, A))),
    b"mb_substr": (_substr, " ".join((T, N, A))),
    b"str_replace": (_replace, A),
    b"str_ireplace": (_replace, A),
    b"strtr": (_strtr, T + " " + A),
    b"implode": (_implode, A),
    b"join": (_implode, A),
    b"explode": (_explode, T),
    b"str_split": (_split, T + " " + N),
    b"str_repeat": (_repeat, T + " " + N),
    b"range": (_range, A),
    b"array_reverse": (_reverse, A),
    b"hexdec": (lambda t: _int(t, 16), T),
    b"octdec": (lambda t: _int(t, 8), T),
    b"bindec": (lambda t: _int(t, 2), T),
    b"dechex": (lambda n: b"%x" % (n & (1 << 63) - 1), N),
    b"intval": (lambda n, *_: n, N),
    b"strval": (lambda t: t, T),
    b"html_entity_decode": (lambda t, *_: t, T),
    b"addslashes": (lambda t: t, T),
}  # fmt: skip

HIDING = frozenset(
    b"base64_decode gzinflate gzuncompress gzdecode zlib_decode str_rot13 hex2bin pack strrev urldecode"
    b" rawurldecode convert_uudecode quoted_printable_decode stripcslashes chr str_replace str_ireplace strtr"
    b" implode join substr mb_substr hexdec octdec bindec bzdecompress openssl_decrypt mcrypt_decrypt"
    b" gzread array_reverse preg_replace ucfirst".split()
)
"""Functions whose result says something else than what stands in the file."""

STRONG = frozenset(
    b"base64_decode gzinflate gzuncompress gzdecode zlib_decode str_rot13 hex2bin convert_uudecode strrev"
    b" bzdecompress openssl_decrypt mcrypt_decrypt pack".split()
)
"""Those of them that hide a whole program."""


def decode(name: bytes, arguments: Sequence[object]) -> Known:
    """What the function `name` makes of these known arguments. Raises NotDecoded."""
    known = FUNCTIONS.get(name)
    if known is None or len(arguments) > 4096:
        raise NotDecoded
    function, form = known
    forms = form.split()
    taken = [
        _READ[forms[min(number, len(forms) - 1)]](value) for number, value in enumerate(arguments)
    ]
    try:
        result = function(*taken)
    except (TypeError, IndexError, ValueError, OverflowError) as error:
        raise NotDecoded from error
    if isinstance(result, bytes):
        return result[:MAX_OUT]
    return result  # type: ignore[return-value]  # the table gives known values only

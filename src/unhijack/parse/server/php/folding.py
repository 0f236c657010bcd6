"""PHP's own functions on constants, so that a hidden name or address is read as what it is."""

import base64
import binascii
import codecs
import re
import zlib
from collections.abc import Callable

from unhijack.parse.server.php.values import MOST_TEXT

_ESCAPES = re.compile(r"\\(?:x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|u\{[0-9A-Fa-f]{1,6}\}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "e": "\x1b", "f": "\f"}


def unescape_double(text: str) -> tuple[str, int]:
    """Text between double quotes as PHP reads it, and how many plain letters stood as escapes."""
    if "\\" not in text:
        return text, 0
    hidden = 0

    def plain(match: re.Match[str]) -> str:
        nonlocal hidden
        body = match[0][1:]
        if body[0] in "xu01234567":
            number = _number(body)
            if number is None or number > 255:  # our text is Latin-1
                return match[0]
            hidden += 32 <= number < 127  # printable
            return chr(number)
        return _SIMPLE.get(body, body if body in '\\$"' else match[0])

    return _ESCAPES.sub(plain, text), hidden


def _number(body: str) -> int | None:
    digits = body.strip("xu{}")
    try:
        return int(digits, 16 if body[0] in "xu" else 8)
    except ValueError:
        return None


def unescape_single(text: str) -> str:
    """Text between single quotes as PHP reads it."""
    return text.replace("\\'", "'").replace("\\\\", "\\") if "\\" in text else text


def bitwise(op: str, one: str | None, other: str | None) -> str | None:
    """Two constant texts, byte by byte, as PHP does for ``^``, ``|`` and ``&``."""
    if not one or not other or len(one) + len(other) > MOST_TEXT:
        return None
    if one.isdigit() and other.isdigit():
        return None
    made = {"^": int.__xor__, "|": int.__or__, "&": int.__and__}[op]
    pairs = zip(one, other, strict=False)
    return "".join(chr(made(ord(a), ord(b)) & 255) for a, b in pairs)


def fold(name: str, texts: list[str]) -> str | None:
    """What the function gives for constant texts; None where that is not known here."""
    maker = _FOLDS.get(name)
    if maker is None or not texts or sum(map(len, texts)) > MOST_TEXT:
        return None
    try:
        made = maker(texts)
    except (ValueError, IndexError, zlib.error, OverflowError):
        return None
    return made if made is not None and len(made) <= MOST_TEXT else None


def _base64(texts: list[str]) -> str:
    kept = re.sub(r"[^A-Za-z0-9+/]", "", texts[0])
    kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
    return base64.b64decode(kept + "=" * (-len(kept) % 4)).decode("latin-1")


def _inflated(bits: int) -> Callable[[list[str]], str]:
    def inflate(texts: list[str]) -> str:
        worker = zlib.decompressobj(bits)
        return worker.decompress(texts[0].encode("latin-1"), MOST_TEXT).decode("latin-1")

    return inflate


def _packed(texts: list[str]) -> str | None:
    return _hex(texts[1:]) if texts[0].upper() == "H*" else None


def _hex(texts: list[str]) -> str:
    return binascii.unhexlify(texts[0]).decode("latin-1")


def _part(texts: list[str]) -> str:
    start = int(texts[1])
    rest = texts[0][start:]
    return rest if len(texts) < 3 else rest[: int(texts[2])] if texts[2] != "0" else ""


def _percent(texts: list[str]) -> str:
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), texts[0])


def _replaced(texts: list[str]) -> str | None:
    if len(texts) < 3 or not texts[0]:
        return None
    return texts[2].replace(texts[0], texts[1])


def _translated(texts: list[str]) -> str | None:
    if len(texts) < 3:
        return None
    return texts[0].translate({ord(a): b for a, b in zip(texts[1], texts[2], strict=False)})


_FOLDS: dict[str, Callable[[list[str]], str | None]] = {
    "base64_decode": _base64,
    "gzinflate": _inflated(-15),
    "gzuncompress": _inflated(15),
    "gzdecode": _inflated(31),
    "str_rot13": lambda texts: codecs.encode(texts[0], "rot13"),
    "strrev": lambda texts: texts[0][::-1],
    "hex2bin": _hex,
    "pack": _packed,
    "chr": lambda texts: chr(int(texts[0]) % 256),
    "urldecode": _percent,
    "rawurldecode": _percent,
    "strtolower": lambda texts: texts[0].lower(),
    "strtoupper": lambda texts: texts[0].upper(),
    "ucfirst": lambda texts: texts[0][:1].upper() + texts[0][1:],
    "trim": lambda texts: texts[0].strip(),
    "substr": _part,
    "str_replace": _replaced,
    "strtr": _translated,
    "stripslashes": lambda texts: texts[0].replace("\\", ""),
    "substr_replace": lambda t: (
        t[0][: int(t[2])] + t[1] + (t[0][int(t[2]) + int(t[3]) :] if t[3:] else "")
    ),
    "ltrim": lambda texts: texts[0].lstrip(),
    "rtrim": lambda texts: texts[0].rstrip(),
    "strval": lambda texts: texts[0],
}

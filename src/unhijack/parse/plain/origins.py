"""Where single values of a program come from, and what can be said of them without more of it."""

from __future__ import annotations

import re

from unhijack.parse.plain import decoders, sources
from unhijack.parse.plain.values import (
    ADDRESS,
    DECODED,
    EVERY_PARAMETER,
    FETCHED,
    HEADER,
    OPAQUE,
    PIECED,
    PROGRAM,
    READ,
    REQUEST,
    SECRET,
    UPLOAD,
    Value,
)


def runs_replacement(pattern: Value) -> bool:
    """Whether this pattern makes ``preg_replace`` run its replacement (modifier e)."""
    text = pattern.text.strip()
    if len(text) < 2 or text[:1].isalnum() or text[:1] == b"\\":
        return False
    ending = {b"(": b")", b"{": b"}", b"[": b"]", b"<": b">"}.get(text[:1], text[:1])
    modifiers = text[text.rfind(ending) + 1 :]
    return len(modifiers) <= 10 and b"e" in modifiers and modifiers.isalpha()


def flags_made_by(name: bytes, arguments: tuple[Value, ...]) -> int:
    """Flags that a function of PHP's own adds to what it makes."""
    flags = sources.BRINGS.get(name, 0)
    if name in decoders.STRONG:
        flags |= DECODED
    elif name in decoders.HIDING and name != b"preg_replace":
        flags |= PIECED
    elif name == b"ord":
        flags |= OPAQUE
    if name == b"getenv" and arguments and arguments[0].text.startswith(b"HTTP_"):
        flags |= REQUEST
    return flags


_DIGEST = re.compile(rb"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)


def is_own_password(asked: Value, answer: Value) -> bool:
    """Whether what a request brings is compared with a password that stands in the program."""
    if asked.known is not None or not answer.text:
        return False
    if asked.function in (b"md5", b"sha1", b"hash", b"crypt"):
        return _DIGEST.fullmatch(answer.text) is not None
    outside = asked.flags & (REQUEST | EVERY_PARAMETER) != 0
    return asked.flags & SECRET != 0 and outside and len(answer.text) >= 4


def flags_written(text: bytes) -> int:
    """Flags of what stands written in a text."""
    flags = PROGRAM if b"<?php" in text or b"<?=" in text else 0
    return flags | ADDRESS if b"://" in text else flags


def cost_of(known: object) -> int:
    """What working on a known value costs, in bytes."""
    if isinstance(known, bytes):
        return len(known)
    return 32 * len(known) if isinstance(known, (list, dict)) else 8


def only_reads(name: bytes) -> bool:
    """Whether a function surely leaves its arguments as they are."""
    return (
        name in sources.COMMANDS
        or name in sources.CODE
        or (name in sources.ENDS and not name.startswith(b"preg_match"))
        or name in decoders.FUNCTIONS
    )


def union(values: tuple[Value, ...]) -> int:
    """Flags of all these values together."""
    flags = 0
    for value in values:
        flags |= value.flags
    return flags


def number_written(text: bytes) -> int | None:
    """The number that stands written in the program."""
    digits = text.replace(b"_", b"").lower()
    try:
        if digits[:2] == b"0x":
            return int(digits[:18], 16)
        if digits[:2] == b"0b":
            return int(digits[:66], 2)
        if digits.isdigit():
            return int(digits[:18], 8 if digits[:1] == b"0" and len(digits) > 1 else 10)
        return int(float(digits[:40]))
    except (ValueError, OverflowError):
        return None


def arithmetic(operator: bytes, a: int, b: int) -> int | None:
    """What an operator makes of two numbers; None where PHP would not give a whole one."""
    if operator == b"<<":
        return a << b if 0 <= b < 64 and abs(a) < 1 << 62 else None
    if operator == b">>":
        return a >> b if 0 <= b < 64 else None
    if operator in (b"/", b"%") and not b:
        return None
    result = {
        b"+": lambda: a + b, b"-": lambda: a - b, b"*": lambda: a * b, b"/": lambda: a // b,
        b"%": lambda: a % b, b"^": lambda: a ^ b, b"&": lambda: a & b, b"|": lambda: a | b,
    }[operator]()  # fmt: skip
    return result if abs(result) < 1 << 64 else None


def goes_on(a: bytes, b: bytes) -> bool:
    """Whether a word goes on over the seam of two texts."""
    return bool(
        a and b and (a[-1:].isalnum() or a[-1:] == b"_") and (b[:1].isalnum() or b[:1] == b"_")
    )


PLAIN_ESCAPES = re.compile(rb"\\(?:x[2-7][0-9a-fA-F]|0?[4-7][0-7]|1[0-7]{2}|057)")
"""Escapes of characters that could have been written as they are."""


def flags_read(name: bytes, source: Value) -> int:
    """Flags of what is read from where `source` says."""
    text = source.text.lower()
    if text.startswith(b"php://input"):
        return REQUEST
    if text.startswith((b"http", b"ftp", b"//")) and b"://" in text:
        return FETCHED
    if source.flags & UPLOAD:
        return REQUEST | UPLOAD
    if source.flags & (REQUEST | FETCHED):
        return FETCHED | source.flags & (FETCHED | HEADER)
    return READ | source.flags & (EVERY_PARAMETER | READ)


def flags_of_server(key: Value) -> int:
    """Flags of one of the server's variables, by its key."""
    if not key.text:
        return HEADER | key.flags & PIECED
    if key.text in sources.HARMLESS_HEADERS:
        return HEADER
    if key.text.startswith(b"HTTP_") or key.text in sources.FROM_VISITOR:
        return REQUEST
    return 0

"""A message taken apart, within bounds: headers, the parts that matter, and what it brings along."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from itertools import islice

from unhijack.parse.charset import as_utf8

HELD_BYTES = 8 * 1024 * 1024
"""A larger message is not held: its first `HEAD_BYTES` tell where it belongs."""
HEAD_BYTES = 64 * 1024
MOST_HEADERS = 500
LONGEST_HEADER = 8 * 1024
"""Bytes of one header; what comes after is not read."""
MOST_PARTS = 100
DEEPEST = 12
"""Levels of parts within parts. Honest mail has five."""
MOST_NESTINGS = 60
"""Mentions of a type that holds parts, anywhere: each costs the parser time on every line."""
MOST_LINES = 200_000
TEXT_BYTES = 256 * 1024
"""Of each part that people read."""
FILE_BYTES = 2 * 1024 * 1024
"""Of each attached report."""

_NESTING = re.compile(rb"(?i)\b(?:multipart|message)/")
_FILE_TYPES = frozenset(
    f"application/{name}" for name in ("json", "xarf", "xarf+json", "x-ndjson", "octet-stream")
)
_TRACE = frozenset(
    "received return-path delivered-to x-original-to envelope-to x-envelope-to x-envelope-from "
    "x-delivered-to authentication-results arc-seal arc-message-signature "
    "arc-authentication-results received-spf x-spam-status x-spam-score".split()
)
"""What servers put before a message: not part of what its sender wrote."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part that holds no others."""

    kind: str
    """``text/plain``; in lower case."""
    name: str
    """Of an attached file; empty where it has none."""
    content: bytes
    """Decoded from its transfer encoding, and cut; text is UTF-8."""


Fields = tuple[tuple[str, str], ...]
"""Names in lower case, values unfolded and decoded, in order."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A message, taken apart."""

    fields: Fields
    kind: str
    """The type of the whole, ``multipart/report``."""
    report_type: str
    """Of a ``multipart/report``: ``delivery-status``, ``feedback-report``..."""
    parts: tuple[Part, ...] = ()
    statuses: tuple[Fields, ...] = ()
    """Blocks of a delivery status: the message's own first, then one a recipient."""
    feedback: Fields = ()
    """What a feedback report (ARF) says."""
    embedded: tuple[Fields, ...] = ()
    """Headers of messages, or of what is left of them, that it brings along."""
    whole: bool = True
    """False: it was too big, and only its own headers were read."""

    def first(self, name: str) -> str:
        """The first header of a name; empty where there is none."""
        return first(self.fields, name)

    def all(self, name: str) -> tuple[str, ...]:
        """Every header of a name."""
        return tuple(value for key, value in self.fields if key == name)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that is not taken apart, and why, in our own words."""

    reason: str


def first(fields: Fields, name: str) -> str:
    """The first value of a name; empty where there is none."""
    return next((value for key, value in fields if key == name), "")


def digest_of(raw: bytes) -> str:
    """What makes a message the same however it came: without what servers put before it."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    written = hashlib.sha256()
    for name, block in _blocks(head):
        if name not in _TRACE and not name.startswith("x-spam"):
            written.update(block.rstrip() + b"\n")
    written.update(b"\n" + body.rstrip(b"\n"))
    return written.hexdigest()


def _blocks(head: bytes) -> Iterator[tuple[str, bytes]]:
    """Each header with its continuations."""
    block = b""
    for line in head.split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            block += b"\n" + line
            continue
        if block:
            yield block.partition(b":")[0].decode("latin-1").strip().lower(), block
        block = line
    if block:
        yield block.partition(b":")[0].decode("latin-1").strip().lower(), block


def open_mail(raw: bytes, size: int = 0) -> Opened | Unreadable:
    """Take a message apart. One beyond `HELD_BYTES` is read as far as its headers.

    `size` is that of the whole, where no more than its beginning was brought.
    """
    if b"\0" in raw[:HEAD_BYTES].partition(b"\n\n")[0]:
        return Unreadable("its header holds NUL bytes")
    whole = max(len(raw), size) <= HELD_BYTES
    if not whole:
        raw = _head(raw[:HEAD_BYTES])
    reason = _too_much(raw)
    if reason:
        return Unreadable(reason)
    try:
        message = message_from_bytes(raw, policy=_POLICY)
        return _opened(message, whole=whole)
    except RecursionError:
        return Unreadable("its parts stand too deep in each other")
    except _TooMuch as error:
        return Unreadable(str(error))


class _TooMuch(Exception):
    """A bound was passed."""


class _Cut(Compat32):
    """Headers are cut before anybody looks inside: the library splits parameters in squared time."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_HEADER]


_POLICY = _Cut()


def _head(raw: bytes) -> bytes:
    end = re.search(rb"\r?\n\r?\n", raw)
    return raw[: end.end()] if end else raw


def _too_much(raw: bytes) -> str:
    """Why a message costs more to parse than it is worth; empty where it does not."""
    head = _head(raw)
    if head.count(b"\n") - len(re.findall(rb"\n[ \t]", head)) > MOST_HEADERS:
        return f"it has more than {MOST_HEADERS} headers"
    if sum(1 for _ in _NESTING.finditer(raw)) > MOST_NESTINGS:
        return "it has too many parts that hold others"
    if raw.count(b"\n") > MOST_LINES:
        return f"it has more than {MOST_LINES} lines"
    if ":" not in head.split(b"\n", 1)[0].decode("latin-1") and not head.startswith(b"From "):
        return "it does not begin like a mail"
    return ""


@dataclass(slots=True)
class _Gathered:
    parts: list[Part] = field(default_factory=list)
    statuses: list[Fields] = field(default_factory=list)
    feedback: Fields = ()
    embedded: list[Fields] = field(default_factory=list)
    seen: int = 0


def _opened(message: Message, *, whole: bool) -> Opened:
    found = _Gathered()
    if whole:
        _gather(message, 0, found)
    return Opened(
        _fields(message),
        message.get_content_type(),
        _parameter(message, "report-type"),
        tuple(found.parts),
        tuple(found.statuses),
        found.feedback,
        tuple(found.embedded),
        whole,
    )


def _parameter(message: Message, name: str) -> str:
    try:
        value = message.get_param(name, "")
    except (ValueError, LookupError, TypeError):
        return ""
    return str(value).lower()[:40]


def _gather(message: Message, depth: int, found: _Gathered) -> None:
    found.seen += 1
    if depth > DEEPEST or found.seen > MOST_PARTS:
        raise _TooMuch(f"it has more than {MOST_PARTS} parts, or more than {DEEPEST} levels")
    kind = message.get_content_type()
    inner = message.get_payload()
    held = [one for one in inner if isinstance(one, Message)] if isinstance(inner, list) else []
    if kind == "message/delivery-status":
        found.statuses += [_fields(block) for block in held[:MOST_PARTS]]
    elif kind == "message/feedback-report":
        found.feedback = found.feedback or _block(message, held)
    elif kind in ("text/rfc822-headers", "message/rfc822-headers"):
        found.embedded.append(_block(message, []))
    elif kind in ("message/rfc822", "message/global"):
        for one in held[:1]:
            found.embedded.append(_fields(one))
            _gather(one, depth + 1, found)
    elif message.is_multipart():
        for one in held:
            _gather(one, depth + 1, found)
    else:
        _take(message, kind, found)


def _block(message: Message, held: list[Message]) -> Fields:
    """Header lines that stand in a part's body."""
    if held:
        return _fields(held[0])
    content = _decoded(message, HEAD_BYTES).replace(b"\r\n", b"\n").lstrip(b"\n")
    head = _head(content)
    if head.count(b"\n") > MOST_HEADERS:
        raise _TooMuch(f"a part has more than {MOST_HEADERS} headers")
    return _fields(message_from_bytes(head, policy=_POLICY))


def _take(message: Message, kind: str, found: _Gathered) -> None:
    name = _name(message)
    if kind.startswith("text/"):
        content = _decoded(message, FILE_BYTES if name else TEXT_BYTES)
        found.parts.append(Part(kind, name, _as_text(message, content)))
    elif kind in _FILE_TYPES and (kind != "application/octet-stream" or _is_report(name)):
        found.parts.append(Part(kind, name, _decoded(message, FILE_BYTES)))


def _is_report(name: str) -> bool:
    return name.lower().endswith((".json", ".jsonl", ".csv", ".xarf"))


def _name(message: Message) -> str:
    try:
        return (message.get_filename() or "")[:200]
    except (ValueError, LookupError, TypeError):
        return "?"


def _as_text(message: Message, content: bytes) -> bytes:
    said = str(message.get("Content-Type", ""))[:LONGEST_HEADER]
    return as_utf8(content, said.encode("ascii", "replace"))


def _decoded(message: Message, limit: int) -> bytes:
    """The first bytes of a part. Cut before it is decoded: 4 coded bytes hold 3."""
    payload = message.get_payload()
    if not isinstance(payload, str):
        return b""
    coded = str(message.get("Content-Transfer-Encoding", "")).strip().lower()
    most = limit * (3 if coded == "quoted-printable" else 2)
    if len(payload) > most:
        message.set_payload(payload[:most])
    try:
        content = message.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        content = payload.encode("ascii", "replace")
    return content[:limit] if isinstance(content, bytes) else b""


def _fields(message: Message) -> Fields:
    pairs = islice(message.raw_items(), MOST_HEADERS)
    return tuple((_utf8(name).strip().lower()[:80], _value(value)) for name, value in pairs)


def _utf8(value: object) -> str:
    """Bytes beyond ASCII come as surrogates; those who send any mean UTF-8."""
    raw = str(value)[:LONGEST_HEADER].encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "replace")


_ENCODED = re.compile(r"=\?[^?\s]{1,40}\?[bBqQ]\?")


def _value(value: object) -> str:
    """A header's value on one line, its encoded words decoded where they can be."""
    text = " ".join(_utf8(value).split())
    if not _ENCODED.search(text):
        return text
    try:
        return "".join(_word(word, charset) for word, charset in decode_header(text))
    except (HeaderParseError, ValueError, LookupError):
        return text


def _word(word: bytes | str, charset: str | None) -> str:
    if isinstance(word, str):
        return word
    named = b"text/plain; charset=" + (charset or "us-ascii").encode("ascii", "replace")
    return as_utf8(word, named).decode("utf-8", "replace")

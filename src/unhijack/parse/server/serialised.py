"""PHP's serialised values: read, and written again with lengths that fit.

``a:1:{s:3:"url";s:5:"/news";}``: lengths count bytes, so a search-and-replace breaks them, and
PHP then drops the whole value. Here a string is changed and everything round it stays.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MOST_BYTES = 16 * 1024 * 1024
MOST_DEPTH = 100
MOST_NODES = 1_000_000
NESTED = 4
"""A serialised value may be the text of another so many times."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `raw` is between its quotes."""

    raw: bytes
    escaped: bool = False
    """Written ``S:``, with ``\\hh`` for bytes: kept as it is written."""


@dataclass(frozen=True, slots=True)
class Plain:
    """Everything that has no text to change, as it is written: ``N;``, ``b:1;``, ``r:2;``."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Listing:
    """An array, or an object with the head ``O:N:"Class":``."""

    head: bytes
    pairs: tuple[tuple["Node", "Node"], ...]


@dataclass(frozen=True, slots=True)
class Foreign:
    """``C:N:"Class":M:{...}``: an object in words of its own, whose length is written again."""

    name: bytes
    raw: bytes


Node = Text | Plain | Listing | Foreign

_PLAIN = re.compile(rb'(?:N|[biRr]:-?\d{1,20}|d:[0-9A-Za-z.+-]{1,40});|E:\d{1,6}:"[^"]{1,1000}";')
_TEXT = re.compile(rb'([sS]):(\d{1,10}):"')
_LISTING = re.compile(rb'(?:a|O:\d{1,6}:"([^"]{1,1000})"):(\d{1,10}):\{')
_FOREIGN = re.compile(rb'C:\d{1,6}:"([^"]{1,1000})":(\d{1,10}):\{')
_TEXT_END = re.compile(rb'";(?=[abdisSOCNRrE]:|N;|\}|\Z)')
_LOOKS = re.compile(rb'\s*(?:a:\d{1,10}:\{|O:\d{1,6}:"|s:\d{1,10}:"|C:\d{1,6}:"|[bi]:-?\d|d:|N;)')


class _NoValueError(Exception):
    """It is no serialised value, or not one that is read here."""


def looks_serialised(data: bytes) -> bool:
    """Whether it is worth the attempt to read it."""
    return _LOOKS.match(data[:64]) is not None


def read(data: bytes) -> Node | None:
    """A value, lengths that do not fit forgiven; None where it is none. Never raises."""
    if len(data) > MOST_BYTES or not looks_serialised(data):
        return None
    reader = _Reader(data.strip())
    try:
        node = reader.node(0)
    except _NoValueError:
        return None
    return node if reader.at == len(reader.data) else None


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self._nodes = 0

    def node(self, depth: int) -> Node:
        self._nodes += 1
        if depth > MOST_DEPTH or self._nodes > MOST_NODES:
            raise _NoValueError
        if match := _TEXT.match(self.data, self.at):
            return self._text(match)
        if match := _PLAIN.match(self.data, self.at):
            self.at = match.end()
            return Plain(match[0])
        if match := _LISTING.match(self.data, self.at):
            return self._listing(match, depth)
        if match := _FOREIGN.match(self.data, self.at):
            return self._foreign(match)
        raise _NoValueError

    def _text(self, match: re.Match[bytes]) -> Text:
        start, escaped = match.end(), match[1] == b"S"
        end = start + int(match[2])
        if escaped or self.data[end : end + 2] != b'";':
            found = _TEXT_END.search(self.data, start)
            if found is None:
                raise _NoValueError
            end = found.start()
        self.at = end + 2
        return Text(self.data[start:end], escaped)

    def _listing(self, match: re.Match[bytes], depth: int) -> Listing:
        self.at = match.end()
        pairs: list[tuple[Node, Node]] = []
        while self.data[self.at : self.at + 1] != b"}":
            pairs.append((self.node(depth + 1), self.node(depth + 1)))
        self.at += 1
        return Listing(b"" if match[1] is None else match[1], tuple(pairs))

    def _foreign(self, match: re.Match[bytes]) -> Foreign:
        start = match.end()
        end = start + int(match[2])
        if self.data[end : end + 1] != b"}":
            raise _NoValueError
        self.at = end + 1
        return Foreign(match[1], self.data[start:end])


def write(node: Node) -> bytes:
    """The value with true lengths: PHP reads it."""
    parts: list[bytes] = []
    _write(node, parts)
    return b"".join(parts)


def _write(node: Node, parts: list[bytes]) -> None:
    if isinstance(node, Plain):
        parts.append(node.raw)
    elif isinstance(node, Text):
        length = len(_unescaped(node.raw)) if node.escaped else len(node.raw)
        parts.append(b'%s:%d:"%s";' % (b"S" if node.escaped else b"s", length, node.raw))
    elif isinstance(node, Foreign):
        parts.append(b'C:%d:"%s":%d:{%s}' % (len(node.name), node.name, len(node.raw), node.raw))
    else:
        name = b'O:%d:"%s"' % (len(node.head), node.head) if node.head else b"a"
        parts.append(b"%s:%d:{" % (name, len(node.pairs)))
        for key, value in node.pairs:
            _write(key, parts)
            _write(value, parts)
        parts.append(b"}")


_HEX = re.compile(rb"\\([0-9a-fA-F]{2})")


def _unescaped(raw: bytes) -> bytes:
    return _HEX.sub(lambda match: bytes([int(match[1], 16)]), raw)


def texts(data: bytes, nested: int = NESTED) -> Iterator[bytes]:
    """Every string in a value that is no key, those in values inside strings too.

    What is no serialised value is one string: itself.
    """
    node = read(data) if nested > 0 else None
    if node is None:
        yield data
        return
    for text in _texts(node):
        if looks_serialised(text):
            yield from texts(text, nested - 1)
        else:
            yield text


def _texts(node: Node) -> Iterator[bytes]:
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, Text):
            yield _unescaped(one.raw) if one.escaped else one.raw
        elif isinstance(one, Foreign):
            yield one.raw
        elif isinstance(one, Listing):
            stack.extend(value for _, value in reversed(one.pairs))


def keyed_texts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The strings of a value with the nearest key that is a string: ``("content", ...)``."""
    node = read(data)
    stack: list[tuple[bytes, Node]] = [(b"", node)] if node is not None else []
    while stack:
        name, one = stack.pop()
        if isinstance(one, Text):
            yield name, _unescaped(one.raw) if one.escaped else one.raw
        elif isinstance(one, Listing):
            for key, value in reversed(one.pairs):
                stack.append((key.raw if isinstance(key, Text) else name, value))


def change(data: bytes, edit: Callable[[bytes], bytes], nested: int = NESTED) -> bytes:
    """The value with `edit` done to every string that is no key; lengths fit again.

    What is no serialised value is edited as the one string that it is.
    """
    node = read(data) if nested > 0 else None
    return edit(data) if node is None else write(_changed(node, edit, nested))


def _changed(node: Node, edit: Callable[[bytes], bytes], nested: int) -> Node:
    if isinstance(node, Text) and not node.escaped:
        if looks_serialised(node.raw):
            return Text(change(node.raw, edit, nested - 1))
        return Text(edit(node.raw))
    if isinstance(node, Listing):
        pairs = tuple((key, _changed(value, edit, nested)) for key, value in node.pairs)
        return Listing(node.head, pairs)
    return node

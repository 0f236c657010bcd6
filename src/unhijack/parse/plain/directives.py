"""The directives of Apache, nginx and PHP's ini files, with the bytes at which they stand.

Linear in the text and bounded in count and depth; nothing here raises on any bytes. Text is read
as Latin-1, so that a character is a byte.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MOST_BYTES = 1_000_000
MOST_DIRECTIVES = 20_000
MOST_DEPTH = 40
MOST_ARGUMENTS = 200
LONGEST = 20_000
"""Characters of one directive's arguments."""


class Section(NamedTuple):
    """What directives stand in: ``<FilesMatch x>``, or ``location x {``."""

    name: str
    """In lower case."""
    args: tuple[str, ...]
    start: int
    number: int
    """Its place among all sections, from 0."""


class Directive(NamedTuple):
    """One line, or one statement."""

    name: str
    """In lower case."""
    args: tuple[str, ...]
    start: int
    """Of the line, padding and all; of the name in nginx."""
    end: int
    """With the newline, or the semicolon."""
    indent: int
    """Blank characters before the name in its line."""
    sections: tuple[Section, ...]
    """Outermost first."""


class Reading(NamedTuple):
    """All of one file."""

    directives: tuple[Directive, ...]
    comments: tuple[tuple[int, int], ...]
    spans: dict[int, tuple[int, int]]
    """From start to end of each section that was closed, by its number."""


_WORD = re.compile(
    r"[^\s\"']\S*|\"[^\"\\]*(?:\\.[^\"\\]*)*\\?\"?|'[^'\\]*(?:\\.[^'\\]*)*\\?'?", re.DOTALL
)


def words(text: str) -> tuple[str, ...]:
    """Arguments as Apache splits them: quoted or not, quotes taken off."""
    found = []
    for match in _WORD.finditer(text[:LONGEST]):
        word = match.group()
        quote = word[0]
        if quote in "\"'":
            word = word[1:-1] if len(word) > 1 and word[-1] == quote else word[1:]
            word = word.replace("\\" + quote, quote)
        found.append(word)
        if len(found) == MOST_ARGUMENTS:
            break
    return tuple(found)


def _lines(text: str) -> list[tuple[int, int, str]]:
    """Start, end and text of each line, those that end in a backslash joined with the next."""
    lines = []
    start, size = 0, len(text)
    parts: list[str] = []
    at = 0
    while at < size:
        end = text.find("\n", at)
        end = size if end < 0 else end + 1
        line = text[at:end].rstrip("\r\n")
        at = end
        if line.endswith("\\"):
            parts.append(line[:-1])
            if end < size:
                continue
        else:
            parts.append(line)
        lines.append((start, end, "".join(parts)))
        parts, start = [], end
        if len(lines) == MOST_DIRECTIVES * 4:
            break
    return lines


class _Reader:
    """What has been read of one file so far."""

    def __init__(self) -> None:
        self.found: list[Directive] = []
        self.comments: list[tuple[int, int]] = []
        self.spans: dict[int, tuple[int, int]] = {}
        self.open: list[Section] = []
        self.number = 0

    def reading(self) -> Reading:
        return Reading(tuple(self.found), tuple(self.comments), self.spans)

    def add(self, name: str, args: tuple[str, ...], start: int, end: int, indent: int = 0) -> None:
        if len(self.found) < MOST_DIRECTIVES:
            self.found.append(Directive(name, args, start, end, indent, tuple(self.open)))

    def enter(self, name: str, args: tuple[str, ...], start: int) -> None:
        if len(self.open) < MOST_DEPTH:
            self.open.append(Section(name, args, start, self.number))
            self.number += 1

    def leave(self, end: int) -> None:
        section = self.open.pop()
        self.spans[section.number] = (section.start, end)

    def leave_named(self, name: str, end: int) -> None:
        if any(section.name == name for section in self.open):
            while self.open[-1].name != name:
                self.open.pop()
            self.leave(end)


def read_apache(content: bytes) -> Reading:
    """The directives of a ``.htaccess`` or a part of a server's configuration."""
    text = content[:MOST_BYTES].decode("latin-1")
    if text.startswith(_MARKED):
        text = "   " + text[3:]
    reader = _Reader()
    for start, end, line in _lines(text):
        body = line.strip()
        if body.startswith("#"):
            reader.comments.append((start, end))
        elif body.startswith("</"):
            reader.leave_named(body[2:].rstrip("> \t").lower(), end)
        elif body.startswith("<") and body[1:2].isalpha():
            name, *rest = body[1:].rstrip(">").split(None, 1)
            reader.enter(name.lower(), words("".join(rest)), start)
        elif body:
            name, *rest = body.split(None, 1)
            indent = len(line) - len(line.lstrip())
            reader.add(name.lower(), words("".join(rest)), start, end, indent)
    return reader.reading()


_MARKED = "\xef\xbb\xbf"
"""The mark that some editors put before UTF-8, as Latin-1."""


def read_ini(content: bytes) -> Reading:
    """The settings of a ``php.ini`` or ``.user.ini``; the value is the one argument."""
    text = content[:MOST_BYTES].decode("latin-1")
    found: list[Directive] = []
    comments: list[tuple[int, int]] = []
    at = 0
    while at < len(text) and len(found) < MOST_DIRECTIVES and len(comments) < MOST_DIRECTIVES:
        newline = text.find("\n", at)
        start, end = at, len(text) if newline < 0 else newline + 1
        at = end
        line = text[start:end]
        body = line.strip().lstrip("\xef\xbb\xbf")
        if not body or body[0] == "[":
            continue
        if body[0] in ";#":
            comments.append((start, end))
            continue
        name, equals, value = body.partition("=")
        if equals:
            indent = len(line) - len(line.lstrip())
            found.append(
                Directive(name.strip().lower(), (_ini_value(value),), start, end, indent, ())
            )
    return Reading(tuple(found), tuple(comments), {})


def _ini_value(text: str) -> str:
    value = text.strip()[:LONGEST]
    if value[:1] in ("'", '"'):
        return value[1:].partition(value[0])[0]
    return value.partition(";")[0].strip()


_NGINX = re.compile(
    r"(?P<space>\s+)|(?P<comment>\#[^\n]*)|(?P<mark>[{};])"
    r"|(?P<word>\"[^\"\\]*(?:\\.[^\"\\]*)*\\?\"?|'[^'\\]*(?:\\.[^'\\]*)*\\?'?"
    r"|(?:[^\s{};\"'\\$]|\\.|\$\{[^}\s]{0,200}\}|\$)(?:[^\s{};\\$]|\\.|\$\{[^}\s]{0,200}\}|\$)*)"
    r"|(?P<rest>.)",
    re.DOTALL,
)


def read_nginx(content: bytes) -> Reading:
    """The statements of nginx's language; a block's own line counts as a directive before it.

    The body of a ``..._by_lua_block`` is one argument of it.
    """
    text = content[:MOST_BYTES].decode("latin-1")
    reader = _Reader()
    pending: list[str] = []
    start = at = 0
    while at < len(text) and len(reader.found) < MOST_DIRECTIVES:
        match = _NGINX.match(text, at)
        if match is None:
            break
        at, what, piece = match.end(), match.lastgroup, match.group()
        if what == "comment":
            reader.comments.append((match.start(), at))
        elif what in ("word", "rest"):
            start = match.start() if not pending else start
            if len(pending) <= MOST_ARGUMENTS:
                pending.append(_unquoted(piece)[:LONGEST])
        elif what == "mark":
            at = _marked(reader, piece, pending, start, at, text)
            pending = []
    return reader.reading()


def _marked(reader: _Reader, mark: str, pending: list[str], start: int, at: int, text: str) -> int:
    """What a semicolon or brace does; where reading goes on."""
    if mark == "}":
        if reader.open:
            reader.leave(at)
        return at
    if not pending:
        return at
    name, args = pending[0].lower(), tuple(pending[1:])
    if mark == "{" and name.endswith("_by_lua_block"):
        end = _lua_end(text, at)
        reader.add(name, (*args, text[at:end][:LONGEST]), start, end)
        return end
    reader.add(name, args, start, at)
    if mark == "{":
        reader.enter(name, args, start)
    return at


def _unquoted(word: str) -> str:
    if word[0] in "\"'":
        return word[1:-1] if len(word) > 1 and word[-1] == word[0] else word[1:]
    return word


_BRACE = re.compile(r"[{}]")


def _lua_end(text: str, at: int) -> int:
    depth = 1
    for match in _BRACE.finditer(text, at):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.end()
    return len(text)

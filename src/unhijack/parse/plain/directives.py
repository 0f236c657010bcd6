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


def read_apache(content: bytes) -> Reading:
    """The directives of a ``.htaccess`` or a part of a server's configuration."""
    text = content[:MOST_BYTES].decode("latin-1")
    found: list[Directive] = []
    comments: list[tuple[int, int]] = []
    spans: dict[int, tuple[int, int]] = {}
    open_: list[Section] = []
    number = 0
    if text.startswith("\xef\xbb\xbf"):
        text = "   " + text[3:]
    for start, end, line in _lines(text):
        body = line.strip()
        if not body:
            continue
        if body[0] == "#":
            comments.append((start, end))
        elif body.startswith("</"):
            closed = body[2:].rstrip("> \t").lower()
            if any(section.name == closed for section in open_):
                while open_ and open_[-1].name != closed:
                    open_.pop()
                section = open_.pop()
                spans[section.number] = (section.start, end)
        elif body[0] == "<" and len(body) > 1 and body[1].isalpha():
            name, _, rest = body[1:].rstrip().rstrip(">").partition(" ")
            name, _, more = name.partition("\t")
            if len(open_) < MOST_DEPTH:
                open_.append(Section(name.lower(), words(more + " " + rest), start, number))
                number += 1
        elif len(found) < MOST_DIRECTIVES:
            pieces = body.split(None, 1)
            args = words(pieces[1]) if len(pieces) > 1 else ()
            indent = len(line) - len(line.lstrip())
            found.append(Directive(pieces[0].lower(), args, start, end, indent, tuple(open_)))
    return Reading(tuple(found), tuple(comments), spans)


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
    found: list[Directive] = []
    comments: list[tuple[int, int]] = []
    spans: dict[int, tuple[int, int]] = {}
    open_: list[Section] = []
    pending: list[str] = []
    start = number = at = 0
    while at < len(text) and len(found) < MOST_DIRECTIVES:
        match = _NGINX.match(text, at)
        if match is None:
            break
        at = match.end()
        token = match.group()
        if match.lastgroup == "comment":
            comments.append((match.start(), at))
        elif match.lastgroup in ("word", "rest"):
            start = match.start() if not pending else start
            if len(pending) <= MOST_ARGUMENTS:
                pending.append(_unquoted(token)[:LONGEST])
        elif token == ";" and pending:
            found.append(_statement(pending, start, at, open_))
            pending = []
        elif token == "{" and pending:
            if pending[0].endswith("_by_lua_block"):
                at = _lua_end(text, at)
                pending.append(text[match.end() : at][:LONGEST])
                found.append(_statement(pending, start, at, open_))
            elif len(open_) < MOST_DEPTH:
                found.append(_statement(pending, start, at, open_))
                open_.append(Section(pending[0].lower(), tuple(pending[1:]), start, number))
                number += 1
            pending = []
        elif token == "}" and open_:
            section = open_.pop()
            spans[section.number] = (section.start, at)
            pending = []
    return Reading(tuple(found), tuple(comments), spans)


def _statement(words_: list[str], start: int, end: int, open_: list[Section]) -> Directive:
    return Directive(words_[0].lower(), tuple(words_[1:]), start, end, 0, tuple(open_))


def _unquoted(token: str) -> str:
    if token[0] in "\"'":
        return token[1:-1] if len(token) > 1 and token[-1] == token[0] else token[1:]
    return token


_BRACE = re.compile(r"[{}]")


def _lua_end(text: str, at: int) -> int:
    depth = 1
    for match in _BRACE.finditer(text, at):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.end()
    return len(text)

"""PHP as a flat run of tokens: tolerant, linear and bounded, on bytes.

Comments and white space are left out. What cannot be PHP becomes a one-byte token, never an error.
"""

from __future__ import annotations

import re
from typing import NamedTuple

HTML, OPEN, CLOSE, VARIABLE, NAME, STRING, TEMPLATE, BACKTICK, NUMBER, OPERATOR = range(10)

MAX_TOKENS = 150_000
"""Of one file; what lies behind is not read."""


_UNCLOSED = 16
"""After so many heredocs that never end, no more are looked for: each look costs the whole file."""


class Token(NamedTuple):
    """One token; `text` is as it stands in the file, quotes included."""

    kind: int
    text: bytes
    start: int
    end: int


_OPEN = re.compile(
    rb"<\?(?:php(?![a-z0-9_])|=|(?!xml|php|mso|import))|<script[^>]{1,60}\bphp\b[^>]{0,20}>", re.I
)

_CODE = re.compile(
    rb"""
    [ \t\r\n\f\v\x00]*
    (?:
      (?P<remark>(?:\#(?!\[)|//)[^\r\n?]*(?:\?(?!>)[^\r\n?]*)*
          | /\*.*?(?:\*/|\Z))
    | (?P<close>\?>(?:\r?\n)?|</script\s{0,9}>)
    | (?P<variable>\$[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)
    | (?P<name>\\?[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff\\]*)
    | (?P<single>'[^'\\]*(?:\\.[^'\\]*)*(?:'|\\?\Z))
    | (?P<double>"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z))
    | (?P<backtick>`[^`\\]*(?:\\.[^`\\]*)*(?:`|\\?\Z))
    | (?P<heredoc><<<[ \t]*(?P<quote>['"]?)(?P<label>[A-Za-z_]\w*)(?P=quote)\r?(?=\n))
    | (?P<number>0[xX][0-9a-fA-F_]+|0[bB][01_]+|(?:[0-9][0-9_]*)?\.?[0-9]+(?:[eE][+-]?[0-9]+)?)
    | (?P<operator>\?->|\?\?=?|->|::|=>|\.=|\^=|\|=|&=|\+=|-=|\*=|/=|%=|\+\+|--|&&|\|\|
          |===?|!==?|<=|>=|<<|>>|.)
    | \Z)
    """,
    re.S | re.X,
)

_REMARK, _HEREDOC = 10, 11
"""Beside the kinds of tokens: what is left out, and what is looked at more closely."""
_KIND_OF_GROUP = {
    "remark": _REMARK,
    "close": CLOSE,
    "variable": VARIABLE,
    "name": NAME,
    "single": STRING,
    "double": TEMPLATE,
    "backtick": BACKTICK,
    "heredoc": _HEREDOC,
    "number": NUMBER,
    "operator": OPERATOR,
}
_KINDS = {_CODE.groupindex[group]: kind for group, kind in _KIND_OF_GROUP.items()}


def tokenize(content: bytes, limit: int = MAX_TOKENS, *, inside: bool = False) -> list[Token]:
    """The tokens of a PHP file; `inside`: it begins as code, without an opening tag."""
    tokens: list[Token] = []
    position = 0
    while position < len(content) and len(tokens) < limit:
        if not inside:
            opening = _OPEN.search(content, position)
            if opening is None:
                tokens.append(Token(HTML, content[position:], position, len(content)))
                break
            if opening.start() > position:
                html = content[position : opening.start()]
                tokens.append(Token(HTML, html, position, opening.start()))
            position = opening.end()
            tokens.append(Token(OPEN, opening[0].lower(), opening.start(), position))
        inside = False
        position = _code(content, position, tokens, limit)
    return tokens


def _code(content: bytes, position: int, tokens: list[Token], limit: int) -> int:
    """Read code up to and with its closing tag; where it ended."""
    append = tokens.append
    room = limit - len(tokens)
    unclosed = 0
    scan = _CODE.match
    new = tuple.__new__  # what `Token(...)` does, in half the time
    while room > 0:
        match = scan(content, position)
        group = match.lastindex if match is not None else None
        if match is None or group is None:
            return len(content)
        start, position = match.span(group)
        kind = _KINDS[group]
        if kind == _REMARK:
            continue
        room -= 1
        if kind == CLOSE:
            append(Token(CLOSE, b"?>", start, position))
            return position
        text = match[group]
        if kind == _HEREDOC:
            ending = _heredoc_end(content, position, match["label"]) if unclosed < _UNCLOSED else 0
            unclosed += not ending
            position = ending or start + 1
            text = content[start:position]
            kind = STRING if match["quote"] == b"'" else TEMPLATE
            kind = kind if ending else OPERATOR
        append(new(Token, (kind, text, start, position)))
    return len(content)


def _heredoc_end(content: bytes, position: int, label: bytes) -> int:
    """Where the heredoc whose body begins at `position` ends, its label included; 0 if nowhere."""
    match = re.compile(rb"\n[ \t]*" + label + rb"(?![A-Za-z0-9_])").search(content, position)
    return match.end() if match else 0


_ESCAPE = re.compile(
    rb"\\(?:(?P<simple>[nrtvef\\$\"'`])|(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9a-fA-F]{1,2})"
    rb"|u\{(?P<unicode>[0-9a-fA-F]{1,6})\})"
)
_SIMPLE = {
    b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"e": b"\x1b", b"f": b"\f",
    b"\\": b"\\", b"$": b"$", b'"': b'"', b"`": b"`", b"'": b"\\'",
}  # fmt: skip
_SINGLE = re.compile(rb"\\([\\'])")


def _unescape(match: re.Match[bytes]) -> bytes:
    kind = match.lastgroup
    if kind == "simple":
        return _SIMPLE[match["simple"]]
    if kind == "octal":
        return bytes((int(match["octal"], 8) & 255,))
    if kind == "hex":
        return bytes((int(match["hex"], 16),))
    point = int(match["unicode"], 16)
    return chr(point).encode("utf-8", "replace") if point < 0x110000 else b"?"


def string_value(token: Token) -> bytes:
    """What a string token says, with its escapes undone; variables in it stay as written."""
    text = token.text
    if text[:1] == b"<":
        first = text.find(b"\n") + 1
        last = max(text.rfind(b"\n"), first)
        body = text[first:last].rstrip(b"\r")
        return body if token.kind == STRING else _ESCAPE.sub(_unescape, body)
    if token.kind == STRING:
        return _SINGLE.sub(rb"\1", text[1:-1]) if b"\\" in text else text[1:-1]
    return unescape(text[1:-1])


def unescape(text: bytes) -> bytes:
    """Undo the escapes of a double-quoted string."""
    return _ESCAPE.sub(_unescape, text) if b"\\" in text else text

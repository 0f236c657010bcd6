"""Exactly which bytes an injector added to a file, so that without them it is what it was."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from unhijack.parse.plain.tokens import CLOSE, HTML, NAME, OPEN, OPERATOR, VARIABLE, Token

Cut = tuple[int, int]

_COMMENT = re.compile(rb"[ \t]*(?://|\#|/\*)[^\n]{0,200}(?:\r?\n|\Z)")
_WORD = re.compile(rb"[A-Za-z0-9_]{4,60}")


class Region(NamedTuple):
    """Code between an opening tag and its closing tag, both included, as tokens and bytes."""

    first: int
    last: int
    """Index of the last token that belongs to it."""
    start: int
    end: int
    closed: bool


def regions(tokens: Sequence[Token], size: int) -> list[Region]:
    """The stretches of code of a file."""
    found: list[Region] = []
    first = -1
    for number, token in enumerate(tokens):
        if token.kind == OPEN:
            first = number
        elif token.kind == CLOSE and first >= 0:
            found.append(Region(first, number, tokens[first].start, token.end, closed=True))
            first = -1
    if first >= 0:
        found.append(Region(first, len(tokens) - 1, tokens[first].start, size, closed=False))
    return found


def block(content: bytes, tokens: Sequence[Token], start: int) -> Cut | None:
    """The block that was added around the byte `start`; None if that cannot be told."""
    parts = regions(tokens, len(content))
    number = next(
        (n for n, part in enumerate(parts) if part.start <= start < max(part.end, part.start + 1)),
        -1,
    )
    if number < 0:
        return None
    part = parts[number]
    before, after = content[: part.start], content[part.end :]
    if len(parts) > 1 or before.strip() or (part.closed and after.strip()):
        whole = _own_region(content, parts, number)
        if whole is not None:
            return whole
    return _statements(content, tokens, part, start)


def _own_region(content: bytes, parts: list[Region], number: int) -> Cut | None:
    """A region of its own before, behind or between what was there."""
    part = parts[number]
    following = parts[number + 1] if number + 1 < len(parts) else None
    first = not content[: part.start].strip()
    if part.closed and following and first and not content[part.end : following.start].strip():
        return part.start, following.start
    short = _lines_of(content, part) <= 3 or part.last - part.first < 80
    if part.closed and short and first and content[part.end :].strip():
        return part.start, part.end
    if not content[part.end :].strip() and part.start > 0:
        return part.start, len(content)
    if part.closed and _lines_of(content, part) <= 3:
        return part.start, part.end
    return None


def _lines_of(content: bytes, part: Region) -> int:
    return content.count(b"\n", part.start, part.end)


def _statements(content: bytes, tokens: Sequence[Token], part: Region, start: int) -> Cut | None:
    """The statement at `start`, with what stands on its lines, inside somebody's code."""
    at = next((n for n in range(part.first, part.last + 1) if tokens[n].end > start), part.last)
    depths = _depths(tokens, part)
    top = _outermost(tokens, part, at, depths)
    if top is None:
        return None
    first, last = top
    first = _with_helpers(content, tokens, part, first, last, depths)
    begin, end = tokens[first].start, tokens[last].end
    line = content.rfind(b"\n", 0, begin) + 1
    stop = content.find(b"\n", end)
    stop = len(content) if stop < 0 else stop
    opening = tokens[part.first]
    if line <= opening.start < begin:
        return _behind_tag(content, opening, end, stop)
    if _only_comments(content[line:begin]) and _only_comments(content[end:stop].rstrip(b" \t\r;")):
        return _marked(content, line, min(stop + 1, len(content)))
    if content[line:begin].strip() or content[end:stop].strip(b" \t\r;"):
        if content.count(b"\n", begin, end) == 0 and stop - line > 200:
            return _marked(content, line, min(stop + 1, len(content)))
        return begin, end
    return _marked(content, line, min(stop + 1, len(content)))


def _behind_tag(content: bytes, opening: Token, end: int, stop: int) -> Cut:
    """Code put on the line of the opening tag: the tag and its line end stay."""
    tag = (
        opening.start + 5
        if content[opening.start : opening.start + 5].lower() == b"<?php"
        else opening.end
    )
    rest = content[end:stop].strip(b" \t\r")
    if rest and not rest.startswith((b"/*", b"//", b"#")):
        return tag, end
    stop -= content[stop - 1 : stop] == b"\r"
    return tag, (end if rest.startswith(b"/**") else stop)


_ONLY_COMMENTS = re.compile(
    rb"\s{0,400}(?:/\*[^*]{0,400}\*/\s{0,400}){1,4}|\s{0,400}(?:\#|//)[^\n]{0,200}|\s{0,4000}"
)


def _only_comments(text: bytes) -> bool:
    return _ONLY_COMMENTS.fullmatch(text) is not None


def _with_helpers(
    content: bytes, tokens: Sequence[Token], part: Region, first: int, last: int, depths: list[int]
) -> int:
    """Where the block begins with the statements before it that serve it alone."""
    names = _uses(tokens, first, last)
    for _ in range(MAX_HELPERS):
        if first - 1 <= part.first:
            break
        before = first - 1
        base = depths[first - part.first]
        if tokens[before].text not in (b";", b"}"):
            break
        begin = _begin(tokens, part, before, depths, base)
        named = _defines(tokens, begin)
        if not named or named not in names:
            break
        outside = content[: tokens[begin].start] + b" " + content[tokens[last].end :]
        if re.search(rb"(?<![A-Za-z0-9_$])" + re.escape(named) + rb"(?![A-Za-z0-9_])", outside):
            break
        first = begin
        names |= _uses(tokens, begin, before)
    return first


MAX_HELPERS = 24


def _uses(tokens: Sequence[Token], first: int, last: int) -> set[bytes]:
    return {token.text for token in tokens[first : last + 1] if token.kind in (NAME, VARIABLE)}


def _defines(tokens: Sequence[Token], first: int) -> bytes:
    """The function that a statement defines or the variable that it sets; else nothing."""
    if first + 1 >= len(tokens):
        return b""
    token, following = tokens[first], tokens[first + 1]
    if token.kind == NAME and token.text.lower() == b"function" and following.kind == NAME:
        return following.text
    if token.kind == VARIABLE and following.text in (b"=", b".=", b"["):
        return token.text
    return b""


def _depths(tokens: Sequence[Token], part: Region) -> list[int]:
    """How many braces are open before each token of a region."""
    depth, depths = 0, []
    for token in tokens[part.first : part.last + 1]:
        depths.append(depth)
        if token.kind == OPERATOR:
            if token.text == b"{":
                depth += 1
            elif token.text == b"}":
                depth -= 1
    return depths


def _outermost(
    tokens: Sequence[Token], part: Region, at: int, depths: list[int]
) -> tuple[int, int] | None:
    """First and last token of the outermost statement around `at`, or of the one in a function."""
    base = 0
    first = _begin(tokens, part, at, depths, base)
    if _is_definition(tokens, first):
        base = depths[at - part.first]
        first = _begin(tokens, part, at, depths, base)
    last = _finish(tokens, part, at, depths, base)
    return (first, last) if last >= first else None


def _begin(tokens: Sequence[Token], part: Region, at: int, depths: list[int], base: int) -> int:
    number = at
    if tokens[number].text == b"}":
        number -= 1
    while number > part.first + 1:
        previous = tokens[number - 1]
        outside = depths[number - part.first] <= base
        if outside and previous.kind == OPERATOR and previous.text in (b";", b"}", b"{"):
            break
        number -= 1
    return number


def _finish(tokens: Sequence[Token], part: Region, at: int, depths: list[int], base: int) -> int:
    number = at
    while number < part.last:
        token = tokens[number]
        if token.kind == CLOSE:
            return number - 1
        inside = depths[number - part.first]
        if token.text == b";" and token.kind == OPERATOR and inside <= base:
            return number
        if token.text == b"}" and token.kind == OPERATOR and inside == base + 1:
            following = tokens[number + 1].text.lower() if number + 1 <= part.last else b""
            if following not in (b"else", b"elseif", b"catch", b"finally", b")", b",", b";"):
                return number
        number += 1
    return number if tokens[number].kind != CLOSE else number - 1


def _is_definition(tokens: Sequence[Token], first: int) -> bool:
    words = [token.text.lower() for token in tokens[first : first + 4]]
    return any(
        word in (b"class", b"function", b"interface", b"trait", b"namespace") for word in words
    )


def _marked(content: bytes, begin: int, end: int) -> Cut:
    """With the two comments between which an injector put its block, if they are alike."""
    above = content.rfind(b"\n", 0, max(begin - 1, 0)) + 1
    head = _COMMENT.fullmatch(content, above, begin)
    tail = _COMMENT.match(content, end)
    if head and tail:
        words = set(_WORD.findall(head[0])) & set(_WORD.findall(tail[0]))
        if words:
            return above, tail.end()
    return begin, end


def without(content: bytes, cuts: Sequence[Cut]) -> bytes:
    """The file without these blocks."""
    kept, position = [], 0
    for start, end in merged(cuts):
        kept.append(content[position:start])
        position = end
    kept.append(content[position:])
    return b"".join(kept)


def merged(cuts: Sequence[Cut]) -> list[Cut]:
    """The same bytes as blocks that do not touch each other, in order."""
    out: list[Cut] = []
    for start, end in sorted(cuts):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def is_empty(content: bytes, tokens: Sequence[Token]) -> bool:
    """Whether nothing is left that does anything: tags, blanks and comments alone."""
    return (
        all(
            token.kind in (OPEN, CLOSE) or (token.kind == HTML and not token.text.strip())
            for token in tokens
        )
        or not content.strip()
    )

"""The exact bytes of an injected block: cut, they leave the file as it was. Unsure is None."""

import re

from unhijack.parse.server.php.layout import Block, Statement, blocks_of, names_of, related
from unhijack.parse.server.php.purity import planted_whole
from unhijack.parse.server.php.tree import Code, Piece

Cut = tuple[int, int]

_BOM = b"\xef\xbb\xbf"
_BLANKS = b" \t\r\n"
_MARKER = re.compile(
    rb"/\*\s?[\w#=@!+.-]{3,48}\s?\*/|(?://|#)\s?(?=[^\n]{0,30}[#=@*~+-]{2})[\w#=@*~:+ -]{4,80}"
)
_NEUTRAL = re.compile(
    rb"@?(?:error_reporting|ini_set|set_time_limit|ignore_user_abort|ini_restore|ob_start"
    rb"|date_default_timezone_set|@)\s{0,3}\([^;]{0,80};?\s*$",
    re.IGNORECASE,
)
_FRONT = frozenset({"namespace_definition", "namespace_use_declaration", "declare_statement"})
_TYPES = frozenset({"class_declaration", "trait_declaration", "interface_declaration"})
_MOST_ROUNDS = 40
_LEAST_LINE = 40
"""Bytes of a block on the line of the opening tag: less may be anything."""
_CONSTANT = re.compile(
    rb"\$\w{1,64}\s{0,5}=\s{0,5}(?:[\"'][^\"'$\\]{0,200}[\"']|\d{1,12})"
    rb"(?:\s{0,5}\.\s{0,5}[\"'][^\"'$\\]{0,200}[\"']){0,40}\s{0,5};"
)
"""A variable that is set and that nothing needs: `related` sees to the latter."""


def cut_of(code: Code, shown: list[Cut]) -> tuple[Cut | None, bool]:
    """The block that holds all of `shown`, or None; and whether nothing else is in the file."""
    if code.bare or code.partial or not shown:
        return None, False
    blocks = blocks_of(code)
    first, last = min(start for start, _ in shown), max(end for _, end in shown)
    marked = _between_markers(code, blocks, first, last)
    if marked is not None:
        return marked, False
    block = next((b for b in blocks if b.start <= first and last <= b.end), None)
    if block is None or not block.statements:
        return None, False
    run = _run(code.content, block, shown)
    if run is None:
        return None, False
    chosen = block.statements[run[0] : run[1] + 1]
    first, last = chosen[0].start, chosen[-1].end
    others = [s for b in blocks for s in b.statements if s.end <= first or last <= s.start]
    if related(chosen, others):
        return None, False
    if len(chosen) == len(block.statements) and not others and not _page(code, block):
        return None, _put_whole(code, chosen, shown)
    alone = len(chosen) == len(block.statements) and _put_before(code.content, block)
    if not alone and (code.broken or not _all_planted(code, chosen, shown)):
        return None, False
    return _cut_of_run(code.content, block, run), False


def out_of_place(code: Code, cut: Cut) -> bool:
    """Whether a block lies where nobody writes: in tags of its own before the file's own, between
    twin markers, or on the line of the opening tag.
    """
    content = code.content
    start, end = cut
    body = content[start:end].strip()
    if not content[:start].strip(_BOM) and body.startswith(b"<?"):
        return body.endswith(b"?>") and content[end : end + 5].lower() == b"<?php"
    marker = _MARKER.match(body)
    if marker is not None and body.endswith(marker[0].strip()) and len(body) > 2 * len(marker[0]):
        return True
    tag = content[:start].rstrip(b" ")[-5:].lower() == b"<?php"
    return tag and len(body) >= _LEAST_LINE and b"\n" not in content[start:end].rstrip(b"\r\n")


def _cut_of_run(content: bytes, block: Block, run: tuple[int, int]) -> Cut | None:
    chosen = block.statements[run[0] : run[1] + 1]
    if len(chosen) == len(block.statements):
        first, last = chosen[0].start, chosen[-1].end
        remarks = [c for c in block.comments if c.end <= first or last <= c.start]
        if not remarks:
            return _whole_block(content, block)
        return _at_start(content, block, run) if last <= remarks[0].start else None
    if run[1] == len(block.statements) - 1:
        return _at_end(content, block, run[0])
    if all(s.kind in _FRONT for s in block.statements[: run[0]]):
        return _at_start(content, block, run)
    return None


def _put_whole(code: Code, chosen: list[Statement], shown: list[Cut]) -> bool:
    if any(s.kind in _FRONT for s in chosen):
        return False
    return _all_planted(code, [s for s in chosen if s.kind not in _TYPES], shown)


def _put_before(content: bytes, block: Block) -> bool:
    """Whether the file's own opening tag follows at once: then this block was put before it."""
    outside = content[: block.start].strip(_BLANKS + _BOM)
    return not outside and content[block.end :].lstrip(_BLANKS)[:5].lower() == b"<?php"


def _all_planted(code: Code, chosen: list[Statement], shown: list[Cut]) -> bool:
    for statement in chosen:
        inside = [s for s in shown if statement.start <= s[0] and s[1] <= statement.end]
        if statement.kind in _TYPES or (not inside and b"?>" in _text(code, statement)):
            return False
        if inside and not planted_whole(code, statement.start, statement.end, inside):
            return False
    return True


def _text(code: Code, statement: Statement) -> bytes:
    return code.content[statement.start : statement.end]


def _page(code: Code, block: Block) -> bool:
    """Whether there is anything but blanks outside `block`."""
    content = code.content
    return bool(content[: block.start].strip(_BLANKS + _BOM) or content[block.end :].strip())


def _between_markers(code: Code, blocks: list[Block], first: int, last: int) -> Cut | None:
    """A pair of comments of the same odd text around it, and no other of that text."""
    content = code.content
    by_text: dict[bytes, list[Piece]] = {}
    for block in blocks:
        for piece in block.comments[:2_000]:
            text = content[piece.start : piece.end].strip()
            if len(text) <= 90 and _MARKER.fullmatch(text):
                by_text.setdefault(text, []).append(piece)
    for pair in by_text.values():
        if len(pair) == 2 and pair[0].end <= first and last <= pair[1].start:
            start, end = pair[0].start, pair[1].end
            every = [s for b in blocks for s in b.statements]
            inside = [s for s in every if start <= s.start and s.end <= end]
            outside = [s for s in every if not (start <= s.start and s.end <= end)]
            if outside and not related(inside, outside):
                return _own_tags(code, blocks, inside) or _lines(content, start, end, blocks)
    return None


def _own_tags(code: Code, blocks: list[Block], inside: list[Statement]) -> Cut | None:
    """The whole of a block in tags of its own before the file's, if the markers hold all of it."""
    first = blocks[0]
    if len(first.comments) != 2 or first.statements != inside:
        return None
    return _whole_block(code.content, first) if _put_before(code.content, first) else None


def _lines(content: bytes, start: int, end: int, blocks: list[Block]) -> Cut:
    """From a marker to its twin, with the line ends that came with them."""
    end = start + len(content[start:end].rstrip())
    for block in blocks:
        between = content[block.opened : start]
        if block.opened <= start and not between.strip() and b"\n" not in between:
            return block.opened, end
    before = content[:start].rstrip()
    if not content[end:].strip() and b"\n" in content[len(before) : start]:
        return _last_lines(content, len(before), start), len(content)
    return _own_lines(content, start, end)


def _last_lines(content: bytes, before: int, start: int) -> int:
    """Where what was put behind a file begins: with the blank line before it, if there is one."""
    last = content.rfind(b"\n", before, start)
    previous = content.rfind(b"\n", before, last)
    return previous + 1 if previous >= before else last + 1


def _own_lines(content: bytes, start: int, end: int) -> Cut:
    line = content.rfind(b"\n", 0, start) + 1
    after = _line_end(content, end)
    if not content[line:start].strip() and after is not None:
        return line, after
    return start, end


def _line_end(content: bytes, at: int) -> int | None:
    """Past the line end after `at`, if only blanks come first."""
    stop = at
    while stop < len(content) and content[stop : stop + 1] in {b" ", b"\t", b"\r"}:
        stop += 1
    if stop == len(content):
        return stop
    return stop + 1 if content[stop : stop + 1] == b"\n" else None


def _run(content: bytes, block: Block, shown: list[Cut]) -> tuple[int, int] | None:
    """First and last of the statements that belong to what was shown: all of them, no other."""
    statements = block.statements
    held = {
        i for i, s in enumerate(statements) if any(s.start <= a and b <= s.end for a, b in shown)
    }
    if not held:
        return None
    final = max(held)
    for _round in range(_MOST_ROUNDS):
        known = [statements[i] for i in held]
        uses, defines = names_of(known)
        more = {
            i
            for i, s in enumerate(statements)
            if i not in held
            and (not s.defines.isdisjoint(uses) or (i > final and not s.uses.isdisjoint(defines)))
        }
        if not more:
            break
        held |= more
    first, last = min(held), max(held)
    late = [statements[i] for i in range(final + 1, last + 1)]
    if any(not _belongs(content, s) for s in late):
        return None
    while first and _NEUTRAL.match(content, statements[first - 1].start, statements[first - 1].end):
        first -= 1
    if all(
        i in held or i < min(held) or _neutral(content, statements[i])
        for i in range(first, last + 1)
    ):
        return first, last
    return None


def _belongs(content: bytes, statement: Statement) -> bool:
    """After the last telling statement only its own functions, hooks and calls may follow."""
    if statement.kind == "function_definition":
        return True
    text = content[statement.start : statement.end]
    return len(text) < 200 and bool(
        re.match(
            rb"@?(?:add_action|add_filter|unset|curl_close|fclose|exit|die|ob_start|[a-z_]\w{0,40}\(\))",
            text,
        )
    )


def _neutral(content: bytes, statement: Statement) -> bool:
    start, end = statement.start, statement.end
    return bool(_NEUTRAL.match(content, start, end) or _CONSTANT.fullmatch(content, start, end))


def _whole_block(content: bytes, block: Block) -> Cut | None:
    """A block of its own, before, behind or within what was there."""
    if not content[: block.start].strip(_BLANKS + _BOM):
        if not block.has_end:
            return None
        start = len(_BOM) if content.startswith(_BOM) else 0
        after = content[block.end :]
        end = block.end + len(after) - len(after.lstrip(_BLANKS))
        return (start, end) if after.lstrip(_BLANKS).startswith((b"<", b"#!")) else None
    if not content[block.end :].strip():
        return _behind(content, block)
    if not block.has_end:
        return None
    return _own_lines(content, block.start, block.end)


def _behind(content: bytes, block: Block) -> Cut:
    """The last block of a file: one line end before it is the file's own."""
    before = content[: block.start]
    bare = before.rstrip(_BLANKS)
    if len(before) == len(bare):
        return block.start, len(content)
    own = _line_end(content, len(bare))
    return (own if own is not None else block.start), len(content)


def _at_start(content: bytes, block: Block, run: tuple[int, int]) -> Cut | None:
    """Statements put right behind the opening tag, or behind what has to come first."""
    start, end = block.statements[run[0]].start, block.statements[run[1]].end
    before = block.statements[run[0] - 1].end if run[0] else block.opened
    between = content[before:start]
    comments = [c for c in block.comments if before <= c.start < start]
    if not comments and between.strip():
        return None
    same_line = b"\n" not in between
    if same_line:
        following = content[end : end + 1]
        if following.strip() and not run[0]:
            return block.opened + len(between), end
        return before, end
    return _own_lines(content, start, end)


def _at_end(content: bytes, block: Block, index: int) -> Cut | None:
    """Statements put behind the last of the file's own."""
    start = block.statements[index].start
    before = block.statements[index - 1].end
    comments = [c for c in block.comments if before <= c.start < start]
    if comments:  # whose they are nobody knows: they stay
        before = comments[-1].start + len(content[comments[-1].start : comments[-1].end].rstrip())
    between = content[before:start]
    last = block.statements[-1].end
    if any(last <= c.start for c in block.comments):  # nor whose these are
        return _own_lines(content, start, last) if b"\n" in between else (before, last)
    if b"\n" not in between:
        return before, len(content.rstrip()) if not block.has_end else block.statements[-1].end
    own = _last_lines(content, before, start)
    if block.has_end:
        after = _line_end(content, last)
        return own, after if after is not None else last
    return own, len(content)

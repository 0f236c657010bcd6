"""A file as blocks of statements, and which of them belong together by the names they share."""

import re
from dataclasses import dataclass, field

from unhijack.parse.server.php.tree import Code, Piece

_VARIABLE = re.compile(rb"\$(\w{1,64})")
_CALLED = re.compile(
    rb"\b([A-Za-z_]\w{0,63})\s{0,5}(?=\()|[\"']([A-Za-z_]\w{0,63})[\"']|\bnew\s{1,5}([A-Za-z_]\w{0,63})"
)
_GLOBAL = re.compile(rb"\bglobal\s{1,5}([^;]{1,500});")
_DEFINED = re.compile(
    rb"(?:^|[^$>:\w])(?:function|class|interface|trait)\s{1,9}&?\s{0,3}([A-Za-z_]\w{0,63})",
    re.IGNORECASE,
)
_OF_ALL = frozenset(
    {
        b"_GET",
        b"_POST",
        b"_REQUEST",
        b"_COOKIE",
        b"_SERVER",
        b"_FILES",
        b"_ENV",
        b"_SESSION",
        b"GLOBALS",
        b"this",
    }
)
_MOST_STATEMENTS = 4_000


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement at the top of a file, and the names by which it hangs on others."""

    kind: str
    start: int
    end: int
    uses: frozenset[bytes]
    defines: frozenset[bytes]


@dataclass(slots=True)
class Block:
    """From an opening tag to what closes it."""

    start: int
    opened: int
    """Where the code begins, right after the tag."""
    closed: int
    """Where the closing tag begins, or the file ends."""
    end: int
    has_end: bool = False
    statements: list[Statement] = field(default_factory=list)
    comments: list[Piece] = field(default_factory=list)


def blocks_of(code: Code) -> list[Block]:
    """The blocks of `code`, in order. Empty where there are too many statements to compare."""
    content = code.content
    found: list[Block] = []
    if len(code.pieces) > _MOST_STATEMENTS:
        return found
    if code.bare:
        found.append(Block(0, 0, len(content), len(content)))
    for piece in code.pieces:
        if piece.kind == "php_tag":
            opened = piece.start + len(content[piece.start : piece.end].rstrip())
            found.append(Block(piece.start, opened, len(content), len(content)))
        elif piece.kind == "php_end_tag" and found:
            found[-1].closed = piece.start
            found[-1].end = piece.start + 2
            found[-1].has_end = True
        elif piece.kind == "comment" and found:
            found[-1].comments.append(piece)
        elif piece.kind not in {"text", "empty_statement"} and found:
            found[-1].statements.append(statement_of(content, piece))
    return found


def statement_of(content: bytes, piece: Piece) -> Statement:
    """A statement with its names. Variables inside a function are its own."""
    text = content[piece.start : piece.end]
    if piece.kind in {"function_definition", "class_declaration", "trait_declaration"}:
        shared = b" ".join(_GLOBAL.findall(text))
        variables = variables_of(shared)
        defines = set(_DEFINED.findall(text[:400])[:1])
    else:
        variables = variables_of(text)
        defines = set(_DEFINED.findall(text)) if b"function" in text or b"class" in text else set()
    called = {name.lower() for match in _CALLED.findall(text) for name in match if name}
    named = {name.lower() for name in defines}
    return Statement(
        piece.kind,
        piece.start,
        piece.end,
        frozenset({b"$" + name for name in variables} | called),
        frozenset({b"$" + name for name in variables} | named),
    )


def variables_of(text: bytes) -> set[bytes]:
    """Names of the variables in a piece of code, without those that are everyone's."""
    return set(_VARIABLE.findall(text)) - _OF_ALL


def names_of(statements: list[Statement]) -> tuple[set[bytes], set[bytes]]:
    """What all of them use, and what they define."""
    uses: set[bytes] = set()
    defines: set[bytes] = set()
    for statement in statements:
        uses |= statement.uses
        defines |= statement.defines
    return uses, defines


def related(some: list[Statement], others: list[Statement]) -> bool:
    """Whether some need what others define, or they share a variable."""
    uses, defines = names_of(some)
    other_uses, other_defines = names_of(others)
    return not (uses.isdisjoint(other_defines) and other_uses.isdisjoint(defines))

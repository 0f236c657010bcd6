"""PHP bytes as a small tree of our own: what the rules need, within limits.

Made iteratively and with a limit on nesting, so that whoever walks it may recurse.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from time import thread_time

import tree_sitter_php
from tree_sitter import Language, Parser, Point
from tree_sitter import Node as Raw

MOST_BYTES = 2 * 1024 * 1024
MOST_NODES = 150_000
MOST_WORK = 20_000
"""Of the parser, in its own reports: one for 80 bytes of data, 40 of code, 20 of nonsense.

Where it fails it works harder, so that counts more. Code of 800 KB is still read whole."""
MOST_SECOND = 128 * 1024
"""Bytes that are read of a file on which the parser gave up."""
MOST_SECONDS = 0.8
"""Of CPU, for the parser on one file, all its parts together: some nonsense costs it more a report
than any code does. Two MiB of code cost half of it."""
CLOCK_EVERY = 8
"""Reports of the parser from one look at the clock to the next."""
FIRST_TRY = 0.65
"""The share of that for all of the file, before its beginning is tried alone."""
MOST_NESTING = 70
"""Levels kept; what lies deeper is hung flat on the last one. Each costs three Python frames."""

_PAGE = Language(tree_sitter_php.language_php())
_BARE = Language(tree_sitter_php.language_php_only())
_KINDS = tuple(_PAGE.node_kind_for_id(i) or "" for i in range(_PAGE.node_kind_count))
_BARE_KINDS = tuple(_BARE.node_kind_for_id(i) or "" for i in range(_BARE.node_kind_count))

_CURLY_INDEX = re.compile(rb"(\$\w{1,64})\{(\d{1,6}|\$\w{1,64})\}")
"""``$text{3}``: an index until PHP 7.4, and unknown to the grammar."""

_SHORT_TAG = re.compile(rb"<\?(?!xml|=|php)(?=[\s$@\w(/'\"\x80-\xff])", re.IGNORECASE)
_SCRIPT_TAG = re.compile(
    rb"<script\s{1,9}language\s{0,9}=\s{0,9}[\"']?php[\"']?\s{0,9}>", re.IGNORECASE
)
_SCRIPT_END = re.compile(rb"</script\s{0,9}>", re.IGNORECASE)
_FULL_TAG = re.compile(rb"<\?(?:php|=)", re.IGNORECASE)

_DEEP = 1_000
_NO_BRACKETS = bytes(set(range(256)) - set(b"([{)]}"))
_BRACKET_STEPS = bytes(2 if c in b"([{" else 0 if c in b")]}" else 1 for c in range(256))
"""2 opens, 0 closes: one more than the step that it makes."""

_SKIPPED = frozenset(
    {
        *("comment", "visibility_modifier", "static_modifier", "final_modifier", "var_modifier"),
        *("abstract_modifier", "readonly_modifier", "attribute_list", "base_clause", "type_list"),
        *("class_interface_clause", "named_type", "primitive_type", "optional_type", "union_type"),
        *("cast_type", "heredoc_start", "heredoc_end", "php_end_tag", "empty_statement"),
        *("namespace_use_declaration", "reference_modifier", "bottom_type"),
    }
)
_LEAVES = frozenset(
    {
        *("string", "nowdoc", "integer", "float", "boolean", "null", "name", "qualified_name"),
        *("text", "php_tag", "namespace_name", "relative_scope", "string_content"),
        *("escape_sequence", "variable_name"),
    }
)
_TRANSPARENT = frozenset(
    {"argument", "parenthesized_expression", "expression_statement", "error_suppression_expression"}
)
_CHAINS = frozenset({".", "||", "&&", "or", "and"})
_QUOTED = frozenset({"encapsed_string", "heredoc", "shell_command_expression"})


class Node:
    """One thing that the rules can ask about."""

    __slots__ = ("end", "kids", "kind", "op", "start")

    def __init__(self, kind: str, start: int, end: int, op: str = "") -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.op = op
        self.kids: list[Node] = []


@dataclass(frozen=True, slots=True)
class Piece:
    """A thing at the top of a file: ``text``, ``php_tag``, ``php_end_tag``, ``comment`` or a statement."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Code:
    """A file that was read."""

    content: bytes
    root: Node
    pieces: tuple[Piece, ...]
    bare: bool
    """There is no opening tag: a layer that was decoded, all of it code."""
    broken: bool
    """The parser could not make sense of all of it."""
    partial: bool
    """Only the first part was read: what stands at its end is not known."""


class Patience:
    """Seconds of CPU that the parser may still take for a file and its parts."""

    def __init__(self, seconds: float = MOST_SECONDS) -> None:
        self.left = seconds

    def parse(self, content: bytes, language: Language, share: float) -> Raw | None:
        """The tree, or None where that costs too much."""
        started = thread_time()
        ends = started + self.left * share
        spent = reports = 0

        def too_much(_offset: int, failing: bool) -> bool:  # noqa: FBT001  # the library calls it
            nonlocal spent, reports
            reports += 1
            spent += 150 if failing else 1
            late = reports % CLOCK_EVERY == 0 and thread_time() > ends
            return late or spent > MOST_WORK

        try:
            tree = Parser(language).parse(_reader(content), progress_callback=too_much)
        except ValueError:
            return None
        finally:
            self.left -= thread_time() - started
        return tree.root_node


def read_code(content: bytes, patience: Patience | None = None) -> Code | None:
    """`content` as a tree, or None where it is too large or takes too long."""
    patience = Patience() if patience is None else patience
    if len(content) > MOST_BYTES or patience.left <= 0:
        return None
    whole = len(content)
    opened = _FULL_TAG.search(content)
    bare = opened is None
    if len(content) > _most_bytes(content, bare=bare):
        content = content[: (opened.start() if opened else 0) + MOST_SECOND]
    known = _CURLY_INDEX.sub(rb"\1[\2]", _old_tags_gone(content) if bare else content)
    top = _parsed(known, _BARE if bare else _PAGE, patience)
    if top is None:
        return None
    partial = len(content) < whole or top.end_byte < len(content.rstrip())
    builder = _Builder(content, _BARE_KINDS if bare else _KINDS)
    return Code(content, builder.build(top), builder.pieces(top), bare, top.has_error, partial)


def _most_bytes(content: bytes, *, bare: bool) -> int:
    """What is read of a file: less where it is hardly PHP, on which the parser works hard."""
    hard = bare or b"\0" in content[:MOST_SECOND] or _nested_deep(content)
    return MOST_SECOND if hard else MOST_BYTES


def _nested_deep(content: bytes) -> bool:
    """Whether brackets, also those in texts, nest as in no code: the parser slows with depth."""
    if sum(map(content.count, (b"(", b"[", b"{"))) <= _DEEP:
        return False
    steps = content.translate(_BRACKET_STEPS, _NO_BRACKETS)
    return max(accumulate(steps, lambda depth, step: max(0, depth + step - 1)), default=0) > _DEEP


def _parsed(content: bytes, language: Language, patience: Patience) -> Raw | None:
    top = patience.parse(content, language, FIRST_TRY)
    return patience.parse(content[:MOST_SECOND], language, 1.0) if top is None else top


def _reader(content: bytes) -> Callable[[int, Point], bytes]:
    return lambda offset, _point: content[offset : offset + 65_536]


def _old_tags_gone(content: bytes) -> bytes:
    """Code between ``<?`` or ``<script language="php">`` and its end; all else becomes blanks.

    The grammar knows neither. Every byte keeps its place. Without any tag all of it is code.
    """
    for opening, closing in ((_SCRIPT_TAG, _SCRIPT_END), (_SHORT_TAG, re.compile(rb"\?>"))):
        if opening.search(content):
            return _only_between(content, opening, closing)
    return content


def _only_between(content: bytes, opening: re.Pattern[bytes], closing: re.Pattern[bytes]) -> bytes:
    kept = []
    at = 0
    while (start := opening.search(content, at)) is not None:
        kept.append(b" " * (start.end() - at))
        end = closing.search(content, start.end())
        kept.append(content[start.end() : end.start() if end else len(content)])
        if end is None:
            return b"".join(kept)
        kept.append(b";" + b" " * (end.end() - end.start() - 1))
        at = end.end()
    kept.append(b" " * (len(content) - at))
    return b"".join(kept)


class _Builder:
    def __init__(self, content: bytes, kinds: tuple[str, ...]) -> None:
        self.content = content
        self.kinds = kinds

    def pieces(self, top: Raw) -> tuple[Piece, ...]:
        found: list[Piece] = []
        for child in top.children[:MOST_NODES]:
            kind = self.kind(child)
            parts = child.children if kind == "text_interpolation" else (child,)
            found += (Piece(self.kind(part), part.start_byte, part.end_byte) for part in parts)
        return tuple(found)

    def kind(self, raw: Raw) -> str:
        number = raw.kind_id
        return self.kinds[number] if number < len(self.kinds) else "ERROR"

    def build(self, top: Raw) -> Node:
        root = Node("program", top.start_byte, top.end_byte)
        waiting = [(child, root, 1) for child in reversed(top.named_children)]
        left = MOST_NODES
        while waiting and left:
            left -= 1
            raw, parent, depth = waiting.pop()
            kind = self.kind(raw)
            while kind in _TRANSPARENT:
                inner = raw.named_children
                if not inner:
                    break
                raw = inner[-1]
                kind = self.kind(raw)
            if kind in _SKIPPED:
                continue
            node = Node(kind, raw.start_byte, raw.end_byte)
            parent.kids.append(node)
            if kind in _LEAVES:
                continue
            below = node if depth < MOST_NESTING else parent
            waiting += [(child, below, depth + 1) for child in reversed(self.parts(raw, node))]
        return root

    def parts(self, raw: Raw, node: Node) -> list[Raw]:
        """What stands below, in the order of the source; long chains made flat."""
        kind = node.kind
        if kind == "binary_expression":
            return self.operands(raw, node)
        if kind == "if_statement":
            return self.branches(raw)
        if kind in _QUOTED and b"$" not in self.content[node.start : node.end]:
            return []
        if kind in {"unary_op_expression", "augmented_assignment_expression"}:
            operator = raw.child_by_field_name("operator")
            node.op = operator.type if operator is not None else ""
        elif kind == "heredoc":
            body = raw.child_by_field_name("value")
            return body.named_children if body is not None else []
        return raw.named_children

    def operands(self, raw: Raw, node: Node) -> list[Raw]:
        operator = raw.child_by_field_name("operator")
        node.op = operator.type.lower() if operator is not None else ""
        sides = [child for child in raw.named_children if self.kind(child) != "comment"]
        if node.op not in _CHAINS or len(sides) != 2:  # left and right
            return sides
        found = [sides[1]]
        left = sides[0]
        while self.kind(left) == "binary_expression":
            operator = left.child_by_field_name("operator")
            sides = [child for child in left.named_children if self.kind(child) != "comment"]
            if operator is None or operator.type.lower() != node.op or len(sides) != 2:
                break
            found.append(sides[1])
            left = sides[0]
        found.append(left)
        found.reverse()
        return found

    def branches(self, raw: Raw) -> list[Raw]:
        """Test, body, test, body, ..., and the last body where there is an ``else``."""
        found: list[Raw] = []
        waiting = list(reversed(raw.named_children))
        while waiting:
            child = waiting.pop()
            kind = self.kind(child)
            if kind in {"else_if_clause", "else_clause"}:
                inner = [part for part in child.named_children if self.kind(part) != "comment"]
                if kind == "else_clause" and len(inner) == 1:
                    chained = self.kind(inner[0]) == "if_statement"
                    inner = inner[0].named_children if chained else inner
                waiting += reversed(inner)
            elif kind != "comment":
                found.append(child)
        return found

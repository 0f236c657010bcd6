"""Whether a statement is planted as a whole, or the file's own with something put into it."""

import re
from collections.abc import Iterator

from unhijack.parse.server.php.layout import variables_of
from unhijack.parse.server.php.tree import Code, Node

Span = tuple[int, int]

_ENDS = frozenset(
    {
        "return_statement",
        "exit_statement",
        "break_statement",
        "continue_statement",
        "global_declaration",
    }
)
_DEFINED = re.compile(rb"if\s{0,9}\(\s{0,9}!?\s{0,9}(?:function_exists|defined)\b")
_ANSWERS = re.compile(
    rb"return\b(?!\s{0,9}(?:true|false|null|[01]|''|\"\"|\$\w{1,64})?\s{0,9};?$)", re.IGNORECASE
)
_TYPES = frozenset({"declaration_list", "class_declaration", "trait_declaration"})
_BODIES = frozenset({"compound_statement", "colon_block", "switch_block", "program"})
_HEADS = {
    "if_statement": 0,
    "while_statement": 1,
    "for_statement": 3,
    "foreach_statement": 2,
    "switch_statement": 1,
    "case_statement": 1,
    "do_statement": 0,
    "try_statement": 0,
    "catch_clause": 0,
    "finally_clause": 0,
    "default_statement": 0,
}
_PLAIN = re.compile(
    rb"@?(?:error_reporting|ini_set|set_time_limit|ignore_user_abort|setcookie|header|curl_\w{1,30}"
    rb"|status_header|nocache_headers|ob_\w{1,20}|session_start|exit|die|fclose|unset|update_option)\b"
)
_MOST = 2_000


def planted_whole(code: Code, start: int, end: int, shown: list[Span]) -> bool:
    """Whether all that is done within a statement hangs together with what was `shown`.

    An honest function into which a redirect was put does something else as well.
    """
    node = next((n for n in code.root.kids if n.start < end and start < n.end), None)
    if node is None:
        return False
    simple = list(_simple(node, 0))[:_MOST]
    content = code.content
    if _DEFINED.match(content, node.start):
        return False
    telling = [s for s in simple if _shows(s, shown)]
    names = (
        set().union(*(variables_of(content[a:b]) for _kind, a, b in telling)) if telling else set()
    )
    names -= _parameters(code, node)
    left = [s for s in simple if s not in telling]
    while True:
        near = [s for s in left if not names.isdisjoint(variables_of(content[s[1] : s[2]]))]
        if not near:
            break
        names |= set().union(*(variables_of(content[a:b]) for _kind, a, b in near))
        names -= _parameters(code, node)
        left = [s for s in left if s not in near]
    types = any(kind in _TYPES for kind, _start, _end in simple)
    return (
        bool(telling)
        and not types
        and all(
            (kind in _ENDS and not _ANSWERS.match(content, a, b)) or _PLAIN.match(content, a, b)
            for kind, a, b in left
        )
    )


def _shows(statement: tuple[str, int, int], shown: list[Span]) -> bool:
    return any(start < statement[2] and statement[1] < end for start, end in shown)


def _parameters(code: Code, node: Node) -> set[bytes]:
    found: set[bytes] = set()
    for kid in node.kids:
        if kid.kind == "formal_parameters":
            found |= variables_of(code.content[kid.start : kid.end])
    return found


def _simple(node: Node, depth: int) -> Iterator[tuple[str, int, int]]:
    """The statements within that hold no others."""
    if node.kind == "function_definition":
        for kid in node.kids:
            if kid.kind == "compound_statement":
                yield from _simple(kid, depth + 1)
    elif node.kind in _BODIES or node.kind in _HEADS:
        for index, kid in enumerate(node.kids):
            test = index % 2 == 0 and index + 1 < len(node.kids)
            if index < _HEADS.get(node.kind, 0) or (node.kind == "if_statement" and test):
                continue
            yield from _simple(kid, depth + 1)
    elif node.kind not in {"php_tag", "name", "formal_parameters"}:
        bodies = _nested(node)
        for body in bodies:
            yield from _simple(body, depth + 1)
        if not bodies:
            yield node.kind, node.start, node.end


def _nested(node: Node) -> list[Node]:
    """Bodies of closures within a statement; a class without a name is one thing of its own."""
    found: list[Node] = []
    waiting = list(node.kids)
    while waiting:
        kid = waiting.pop()
        if kid.kind in {"compound_statement", "declaration_list"}:
            found.append(kid)
        else:
            waiting += kid.kids
    return found

"""Whether a file is still what its program can read: faults before and after a cut are compared.

A count, no verdict: a file may have had faults before anybody cut it, and readers have gaps.
"""

import json
import re
from collections.abc import Callable
from functools import cache

import tree_sitter_php
from tree_sitter import Language, Node, Parser

MOST_BYTES = 2 * 1024 * 1024
"""Longer files are not judged."""
MOST_NODES = 200_000
MOST_STEPS = 4_000
"""Calls of the parser's progress, beside `STEPS_PER_KIB`: a guard against files made to be slow."""
STEPS_PER_KIB = 15
"""Large honest files need 5 to 15."""

_PHP = re.compile(r"\.(?:php[0-9]?|phtml|phps|pht|inc|module|install|theme|profile|engine)$", re.I)
_SCRIPT = re.compile(r"\.(?:m?js|cjs|json)$", re.I)
_APACHE = re.compile(r"(?:^|/)(?:\.ht[a-z]+|[^/]*httpd[^/]*\.conf|apache2\.conf)$", re.I)
_INI = re.compile(r"(?:^|/)[^/]*\.ini$", re.I)
_NGINX = re.compile(r"\.conf$|(?:^|/)nginx[^/]*$", re.I)
_SECTION = re.compile(rb"^[ \t]*<(/?)([A-Za-z][A-Za-z0-9_]*)\b", re.M)


def faults(path: str, content: bytes) -> int | None:
    """Places at which a file's own reader stumbles; None where nothing here can read it."""
    if len(content) > MOST_BYTES:
        return None
    return _reader(path, content)(content)


def judged(path: str, content: bytes) -> bool:
    """Whether something here reads this kind of file, were it not too long."""
    return _reader(path, content) is not _nothing


def _reader(path: str, content: bytes) -> Callable[[bytes], int | None]:
    for pattern, reader in _READERS:
        if pattern.search(path):
            return reader
    return php_faults if b"<?php" in content[:4096] else _nothing


def _nothing(_content: bytes) -> int | None:
    return 0


@cache
def _php() -> Parser:
    return Parser(Language(tree_sitter_php.language_php()))


def php_faults(content: bytes) -> int | None:
    """Nodes that PHP's grammar has no place for, and those that it misses."""
    steps, most = 0, MOST_STEPS + STEPS_PER_KIB * len(content) // 1024

    def give_up(*_: object) -> bool:
        nonlocal steps
        steps += 1
        return steps > most

    parser = _php()
    try:
        tree = parser.parse(lambda at, _: content[at : at + 65_536], progress_callback=give_up)
    except ValueError:  # it was given up
        parser.reset()
        return None
    return _count(tree.root_node) if tree.root_node.has_error else 0


def _count(root: Node) -> int | None:
    found, seen, waiting = 0, 0, [root]
    while waiting:
        node = waiting.pop()
        seen += 1
        if seen > MOST_NODES:
            return None
        if node.is_error or node.is_missing:
            found += 1
        if node.has_error:
            waiting.extend(node.children)
    return found


def apache_faults(content: bytes) -> int:
    """Sections that are opened and not closed, or the other way round."""
    open_: list[bytes] = []
    found = 0
    for match in _SECTION.finditer(content):
        name = match[2].lower()
        if not match[1]:
            open_.append(name)
        elif open_ and open_[-1] == name:
            open_.pop()
        else:
            found += 1
    return found + len(open_)


def ini_faults(content: bytes) -> int:
    """Lines that are no setting, as ``php.ini`` and ``.user.ini`` have them, and odd quotes."""
    found = 0
    for line in content.splitlines():
        line = line.strip()
        if line.startswith((b";", b"#")):
            continue
        found += line.startswith(b"=") or (line.startswith(b"[") and b"]" not in line)
        found += line.count(b'"') % 2
    return found


def brace_faults(content: bytes) -> int:
    """Braces, brackets and parentheses that do not pair, outside of strings and comments."""
    open_: list[bytes] = []
    found = 0
    for match in _PAIRED.finditer(content):
        sign = match[0]
        if sign in _CLOSES:
            if open_ and open_[-1] == _CLOSES[sign]:
                open_.pop()
            else:
                found += 1
        elif sign in _OPENS:
            open_.append(sign)
    return found + len(open_)


_OPENS = frozenset({b"{", b"[", b"("})
_CLOSES = {b"}": b"{", b"]": b"[", b")": b"("}
_PAIRED = re.compile(
    rb"""/\*.*?(?:\*/|\Z)|//[^\n]*|(?<![^\s;])\#[^\n]*"""
    rb"""|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|`(?:[^`\\]|\\.)*`?|[{}\[\]()]""",
    re.S,
)


def script_faults(content: bytes) -> int:
    """JSON by its own reader where the file is that; else what pairs."""
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return 1 + brace_faults(content)
    return 0


_READERS: tuple[tuple[re.Pattern[str], Callable[[bytes], int | None]], ...] = (
    (_PHP, php_faults),
    (_APACHE, apache_faults),
    (_INI, ini_faults),
    (_SCRIPT, script_faults),
    (_NGINX, brace_faults),
)

"""What a PHP file looks like, as named features: what it calls, says and hides."""

from __future__ import annotations

import re

from unhijack.parse.plain.clues import Clues, Texts
from unhijack.parse.plain.program import Program
from unhijack.parse.plain.rules import matched
from unhijack.parse.plain.tokens import (
    NAME,
    NUMBER,
    OPERATOR,
    STRING,
    TEMPLATE,
    VARIABLE,
    Token,
)
from unhijack.parse.plain.traits import GROUPS, WEIGHTS
from unhijack.parse.plain.values import HIDDEN, Event

_NAMES = {name for members in GROUPS.values() for name in members} | {name for name, _ in WEIGHTS}


def _after(prefix: str) -> list[str]:
    return sorted(name[len(prefix) :] for name in _NAMES if name.startswith(prefix))


CALLS = frozenset(name.encode() for name in _after("call:"))
_PHRASES = Texts(*(name.encode() for name in _after("says:")))
_STYLE = Texts(*(name.encode() for name in _after("style:")))
_WORDS = frozenset(word.encode() for word in _after("word:"))
_REQUESTS = Texts(b"$_post", b"$_get", b"$_request", b"$_cookie", b"$_files")

SHORT = 400
"""Bytes: so little may lack all words of everyday programs, and be honest."""
MAX_SAID = 1_000_000
"""Bytes of a file, and of what it hides, in which phrases are sought."""

_LONG = re.compile(rb"[A-Za-z0-9+/=\\%_-]{200}")


def features(clues: Clues, program: Program) -> set[str]:
    """Names of the features that this file has."""
    content = clues.content
    head = clues if len(content) <= MAX_SAID else Clues(content[:MAX_SAID])
    found: set[str] = set()
    called = _called(program)
    text = head
    if program.layers:
        deep = b"\n".join(layer.code for layer in program.layers)[:MAX_SAID].lower()
        text = Clues(head.low + b"\n" + deep)
        called |= {name for name in CALLS if name + b"(" in deep}
    if b"assert" in called and not any(map(_runs_assertion, program.events)):
        called.discard(b"assert")
    found.update("call:" + name.decode() for name in called & CALLS)
    found.update("says:" + phrase.decode("latin-1") for phrase in text.those(_PHRASES))
    found.update("style:" + phrase.decode() for phrase in head.those(_STYLE))
    found.update("word:" + word.decode() for word in clues.words & _WORDS)
    found.update("reads:" + name.decode() for name in text.those(_REQUESTS))
    found.update("does:" + rule.name for rule in matched(program) if rule is not None)
    if len(content) < SHORT:
        found.add("short")
    _looks(content, program, found)
    return found


def _runs_assertion(event: Event) -> bool:
    """Whether an assertion is more than a test, whose answer nobody could run."""
    return event.name == b"assert" and (event.flags != 0 or event.callee > 0)


def _called(program: Program) -> set[bytes]:
    tokens = program.tokens
    names = {
        token.text.lower().lstrip(b"\\")
        for token, following in zip(tokens, tokens[1:])
        if token.kind == NAME and following.text == b"("
    }
    return (
        names
        | {event.name for event in program.events if event.what == "call"}
        | ({b"eval"} if any(event.what == "eval" for event in program.events) else set())
    )


def _at_least(found: set[str], name: str, value: float, *steps: float) -> None:
    for step in steps:
        if value >= step:
            found.add(f"{name}>={step:g}")


def _looks(content: bytes, program: Program, found: set[str]) -> None:
    """Features of the shape of the text."""
    tokens = program.tokens
    count, size = max(len(tokens), 1), max(len(content), 1)
    lines = content.count(b"\n") + 1
    _at_least(found, "documented", content.count(b"/**\n") + content.count(b"/**\r"), 10, 40, 100)
    quiet = sum(1 for t in tokens if t.kind == OPERATOR and t.text == b"@")
    _at_least(found, "quiet", quiet, 3, 10, 30)
    _at_least(found, "quiet/token", quiet / count * 100, 0.5, 3)
    strings = [len(t.text) for t in tokens if t.kind in (STRING, TEMPLATE)]
    _at_least(found, "longest-string", max(strings, default=0), 1000, 5000, 20000)
    _at_least(found, "strings/size", sum(strings) / size, 0.7, 0.9)
    escapes = content.count(b"\\x") + sum(content.count(b"\\1%d" % n) for n in range(10))
    _at_least(found, "escapes", escapes, 10)
    _at_least(found, "escapes/size", escapes * 4 / size, 0.1)
    _at_least(found, "line", max(map(len, content[:400_000].split(b"\n"))), 1000, 5000)
    _at_least(found, "line-mean", size / lines, 200)
    high = len(content.translate(None, bytes(range(128))))
    _at_least(found, "high/size", high / size, 0.1)
    if _LONG.search(content):
        found.add("long-run")
    _odd_names(tokens, found)
    _odd_code(tokens, count, found)
    dynamic = sum(1 for e in program.events if e.what == "call" and e.callee >= 0)
    _at_least(found, "dynamic-calls", dynamic, 1, 3, 10)
    hidden = sum(
        1 for e in program.events if e.what == "call" and e.callee > 0 and e.callee & HIDDEN
    )
    _at_least(found, "hidden-calls", hidden, 1, 3)


def _odd_names(tokens: list[Token], found: set[str]) -> None:
    names = {t.text[1:] for t in tokens if t.kind == VARIABLE}
    odd = sum(1 for name in names if is_odd(name))
    if names:
        _at_least(found, "odd-names", odd / len(names), 0.2, 0.4, 0.7)
        _at_least(found, "odd-names-count", odd, 5, 20)
    functions = {
        b.text
        for a, b in zip(tokens, tokens[1:])
        if a.kind == NAME and b.kind == NAME and a.text.lower() == b"function"
    }
    _at_least(found, "odd-functions", sum(1 for name in functions if is_odd(name)), 1, 3)


def _odd_code(tokens: list[Token], count: int, found: set[str]) -> None:
    indexes = sum(
        1
        for a, b, c in zip(tokens, tokens[1:], tokens[2:])
        if b.kind == NUMBER and a.text in (b"[", b"{") and c.text in (b"]", b"}")
    )
    _at_least(found, "number-indexes/token", indexes / count * 100, 1, 4)
    dots = sum(1 for t in tokens if t.text == b".")
    _at_least(found, "dots/token", dots / count * 100, 10)
    gotos = sum(1 for t in tokens if t.kind == NAME and t.text.lower() == b"goto")
    _at_least(found, "gotos", gotos, 2, 10)


_VOWELS = frozenset(b"aeiouyAEIOUY")


def is_odd(name: bytes) -> bool:
    """Whether no person would choose this name: look-alike characters, no vowels, digits inside."""
    if len(name) < 4:
        return not name.strip(b"_")
    if not name.isascii() or name.strip(b"_Oo0") == b"" or name.strip(b"_Il1") == b"":
        return True
    digits = sum(1 for c in name if 48 <= c < 58)
    if (digits >= 3 and digits * 2 >= len(name)) or re.search(
        rb"\d[a-zA-Z]\d|[a-z]\d[a-z]\d", name
    ):
        return True
    if b"_" in name.strip(b"_") or len(name) < 5:
        return False
    vowels = sum(1 for c in name if c in _VOWELS)
    return vowels * 6 < len(name) or (
        name.islower() and len(name) > 6 and _HARD.search(name) is not None
    )


_HARD = re.compile(rb"[bcdfghjklmnpqrstvwxz]{5}|[aeiou]{4}|q[^u]|[bcdfgjkpqtvwxz]{4}")

"""A whole PHP file read statement by statement: its events, and the layers of code hidden in it."""

from __future__ import annotations

import re
from typing import NamedTuple

from unhijack.parse.plain import sources
from unhijack.parse.plain.cursor import MAX_DEEP, Budget, Summary
from unhijack.parse.plain.decoders import STRONG
from unhijack.parse.plain.fold import Folder
from unhijack.parse.plain.rule import Rule
from unhijack.parse.plain.sources import SUPERGLOBALS
from unhijack.parse.plain.tokens import (
    BACKTICK,
    HTML,
    NAME,
    OPERATOR,
    TEMPLATE,
    VARIABLE,
    Token,
    tokenize,
)
from unhijack.parse.plain.values import (
    PARAMETER,
    PARAMETERS,
    PIECED,
    SECRET,
    UNKNOWN,
    UPLOAD,
    WHOLE,
    Event,
    Layer,
    Value,
)

MAX_LAYERS = 24
MAX_NESTING = 10
MAX_FUNCTION_DEPTH = 6


_SHARED = frozenset(
    b"$_GET $_POST $_REQUEST $_COOKIE $_FILES $GLOBALS $HTTP_POST_VARS $HTTP_GET_VARS".split()
)


_TELLING = (
    sources.CODE | sources.COMMANDS | sources.CALLBACK_FIRST | sources.CALLBACK_LATER
    | sources.WRITERS | sources.MOVERS | sources.READERS | frozenset(sources.BRINGS) | STRONG
    | frozenset(
        b"include include_once require require_once mail chr ord strtr urldecode rawurldecode extract"
        b" parse_str unserialize reflectionfunction global goto getenv preg_replace".split()
    )
)  # fmt: skip
"""Names for which the body of a function is read in a file that does not ask for requests."""


class Program(NamedTuple):
    """What was found out about one file."""

    tokens: list[Token]
    events: list[Event]
    layers: list[Layer]
    dormant: list[tuple[int, int]]
    """Ranges of `events` of texts that look like code but are not seen to be run."""
    matched: list[Rule | None]
    """The rule that fits each event, once that was asked (`rules.matched`)."""


def read_program(content: bytes, budget: Budget | None = None) -> Program:
    """Read a PHP file; never raises, whatever the bytes."""
    reader = _Reader(tokenize(content, inside=_begins_as_code(content)), budget or Budget())
    reader.read()
    tokens = reader.tokens
    reader.read_texts()
    return Program(tokens, reader.events, reader.layers, reader.dormant, [])


def looks_like_code(text: bytes) -> bool:
    """Whether a text may be a program: it has a tag, or variables and statements."""
    head = text[:200_000]
    if head[:2] == b"#!" or b"<?php" in head or b"<?=" in head:
        return True
    return (
        b"$" in head
        and b";" in head
        and (b"(" in head)
        and head.isascii()
        and head.count(b"$") * 400 > len(head)
    )


_SETS = re.compile(rb"\$[A-Za-z_]\w{0,40}\s?=[^=>]")


def _begins_as_code(content: bytes) -> bool:
    """Whether this is code as it is sent to be run: its first opening tag stands in a text of it."""
    first = content.find(b"<?")
    if first < 20 or content[first - 1 : first] not in (b'"', b"'") or content[:1] == b"<":
        return False
    head = content[: min(first, 20_000)]
    return b";" in head and _SETS.search(head) is not None


class _Shape(NamedTuple):
    """Where the braces of a run of tokens close, and where its labels stand."""

    closing: dict[int, int]
    labels: dict[bytes, int]


def _shape(tokens: list[Token]) -> _Shape:
    closing: dict[int, int] = {}
    labels: dict[bytes, int] = {}
    opened: list[int] = []
    jumps = any(token.kind == NAME and token.text.lower() == b"goto" for token in tokens)
    for number, (kind, text, _, _) in enumerate(tokens):
        if kind != OPERATOR:
            continue
        if text == b"{":
            opened.append(number)
        elif text == b"}" and opened:
            closing[opened.pop()] = number
        elif jumps and text == b":" and number and tokens[number - 1].kind == NAME:
            labels.setdefault(tokens[number - 1].text, number + 1)
    return _Shape(closing, labels)


class _Reader(Folder):
    """Statements: functions, loops, jumps and layers."""

    def __init__(self, tokens: list[Token], budget: Budget) -> None:
        super().__init__(tokens, budget)
        self.shape = _shape(tokens)
        self.layers: list[Layer] = []
        self.nesting = 0
        self.function_depth = 0
        self.loop_end = -1
        self.seen_code: set[int] = set()
        self.asks = False
        self.telling: list[int] = []
        self.hoisted = False
        """Functions were read already, and their events are kept."""
        self.texts: list[tuple[Value, int, int]] = []
        self.dormant: list[tuple[int, int]] = []
        self.on_code = self._code
        self.on_function = self._function
        self.on_text = self._text

    def read(self) -> None:
        """Functions first, so that calls that stand before them know what they do."""
        self._count_telling()
        if any(t.kind == NAME and t.text.lower() == b"function" for t in self.tokens):
            self._hoist()
        self._statements(len(self.tokens))

    def _hoist(self) -> None:
        """Read each named function once; what it does with its parameters is kept."""
        half = self.budget.steps // 3
        reserve, self.budget.steps = self.budget.steps - half, half
        for place, token in enumerate(self.tokens):
            if token.kind != NAME or token.text.lower() != b"function" or self.budget.steps <= 0:
                continue
            self.at = place + 1
            if self.peek().kind == NAME or self.peek(1).kind == NAME:
                self._function()
        self.budget.steps = max(self.budget.steps, 0) + reserve
        self.at = 0
        self.hoisted = not self._worth_again()
        if not self.hoisted:
            self.events.clear()
            self.texts.clear()
            self.layers.clear()
            self.seen_code.clear()

    def _worth_again(self) -> bool:
        """Whether the functions, now that all are known, may say more when read a second time."""
        if any(summary.sinks for summary in self.functions.values()):
            return True
        return any(
            token.text in _SHARED if token.kind == VARIABLE else token.text == b"global"
            for token in self.tokens
        )

    # -- statements

    def _statements(self, end: int) -> None:
        taken: set[int] = set()
        labels = self.shape.labels
        while self.at < end and not self.done:
            self.in_loop = self.at < self.loop_end
            token = self.tokens[self.at]
            before = self.at
            self.depth = 0
            if token.kind == NAME:
                word = token.text.lower()
                if word == b"goto" and before not in taken and self.peek(1).text in labels:
                    taken.add(before)
                    self.at = labels[self.peek(1).text]
                    self.budget.steps -= 1
                    continue
                self._statement_word(word, end)
                if self.at != before:
                    continue
            elif token.kind == HTML:
                self.at += 1
                continue
            self.expression()
            if self.at <= before:
                self.at = before + 1

    def _statement_word(self, word: bytes, end: int) -> None:
        if word in (b"for", b"while", b"foreach", b"do"):
            if self.at >= self.loop_end:
                self.loop_end = self._loop_end(self.at, end)
            self.in_loop = True
            if word == b"foreach":
                self._foreach()
        elif word in (b"global", b"static"):
            self._global()

    def _loop_end(self, place: int, end: int) -> int:
        """The token behind a loop's body: of its braces, or of its one statement."""
        depth = 0
        limit = min(end, place + 20_000)
        for at in range(place, limit):
            token = self.tokens[at]
            if token.kind != OPERATOR:
                continue
            if token.text in (b"(", b"{", b"["):
                depth += 1
            elif token.text in (b")", b"}", b"]"):
                depth -= 1
                if depth <= 0 and token.text == b"}":
                    return at + 1
            elif token.text == b";" and depth == 0:
                return at + 1
        return limit

    def _foreach(self) -> None:
        self.at += 1
        if not self.accept(b"("):
            return
        value = self.expression()
        if self.peek().text.lower() != b"as":
            return
        self.at += 1
        for _ in range(12):
            token = self.take()
            if token.kind == VARIABLE:
                self.scope[token.text[1:]] = _each(value)
            if token.text in (b")", b";", b"{"):
                break

    def _global(self) -> None:
        """``global $a;`` inside a function: as the program left it."""
        if self.scope is self.globals or self.tokens[self.at].text.lower() != b"global":
            return
        for ahead in range(1, 40):
            token = self.peek(ahead)
            if token.text == b";":
                break
            if token.kind == VARIABLE:
                name = token.text[1:]
                self.scope[name] = self.globals.get(name, self.unset)

    # -- functions

    def _function(self) -> None:
        """A function or closure; we stand behind the word ``function``."""
        self.accept(b"&")
        name = self.take().text.lower() if self.peek().kind == NAME else b""
        if not self.accept(b"("):
            return
        parameters: dict[bytes, Value] = {}
        changed = self._parameters(parameters)
        self._uses(parameters)
        if not self.accept(b"{"):
            return
        end = self.shape.closing.get(self.at - 1, len(self.tokens))
        if name and self.nesting == 0 and self._says_nothing(self.at, end):
            self.at = end + 1
            return
        if name and self.hoisted and self.nesting == 0 and self.function_depth == 0:
            self.at = end + 1
            return
        if self.function_depth >= MAX_FUNCTION_DEPTH or self.deep > MAX_DEEP // 2:
            self.at = end
            return
        self._body(name, parameters, end, changed)

    def _says_nothing(self, first: int, end: int) -> bool:
        """Whether the body of a function has none of the words for which bodies are read at all."""
        if self.asks or end > len(self.telling) - 1:
            return False
        return self.telling[end] == self.telling[first]

    def _count_telling(self) -> None:
        """How many telling tokens stand before each token, unless the file asks for requests."""
        self.asks = any(t.text in _SHARED for t in self.tokens if t.kind == VARIABLE)
        if self.asks:
            return
        count, counts = 0, []
        previous = b""
        for kind, text, _, _ in self.tokens:
            counts.append(count)
            if kind == NAME:
                count += text.lower().lstrip(b"\\") in _TELLING
            elif kind == OPERATOR:
                called = text == b"(" and (previous[:1] == b"$" or previous in (b"]", b")", b"}"))
                count += (
                    called or text == b"^" or text == b"~" or (text == b"{" and previous == b"$")
                )
            elif kind in (BACKTICK, TEMPLATE):
                count += kind == BACKTICK or b"\\x" in text
            count += previous == b"$"
            previous = text
        counts.append(count)
        self.telling = counts

    def _parameters(self, parameters: dict[bytes, Value]) -> int:
        """Read the parameters; bits of those that are taken by reference."""
        depth, changed, previous = 1, 0, b""
        for _ in range(400):
            if self.done or depth == 0:
                break
            token = self.take()
            if token.text == b"(":
                depth += 1
            elif token.text == b")":
                depth -= 1
            elif token.kind == VARIABLE and depth == 1:
                number = min(len(parameters), PARAMETERS - 1)
                secret = SECRET if sources.is_secret(token.text[1:]) else 0
                parameters[token.text[1:]] = Value(None, PARAMETER << number | secret)
                changed |= (previous == b"&") << number
            previous = token.text
        return changed

    def _uses(self, parameters: dict[bytes, Value]) -> None:
        """``use (...)`` of a closure, and return types."""
        for _ in range(200):
            token = self.peek()
            if self.done or token.text in (b"{", b";", b"=>"):
                return
            if token.kind == VARIABLE:
                parameters[token.text[1:]] = self.scope.get(token.text[1:], self.unset)
            self.at += 1

    def _body(self, name: bytes, parameters: dict[bytes, Value], end: int, changed: int) -> None:
        kept = (
            self.scope,
            self.current,
            self.current_name,
            self.loop_end,
            self.in_loop,
            self.depth,
        )
        summary = self.functions.get(name) if name else None
        fresh = Summary()
        fresh.changed = changed
        if summary is not None:
            fresh.flags = summary.flags
        self.scope, self.current, self.current_name = parameters, fresh, name or b"{closure}"
        self.loop_end = -1
        self.function_depth += 1
        self._statements(end)
        self.function_depth -= 1
        if name and len(self.functions) < 5000:
            self.functions[name] = fresh
        self.scope, self.current, self.current_name, self.loop_end, self.in_loop, self.depth = kept
        self.at = max(self.at, end + 1)

    # -- layers

    def _text(self, value: Value, start: int) -> None:
        """A text that may be code, though nothing is seen to run it: kept for a second reading."""
        if (
            len(self.texts) < MAX_LAYERS
            and self.nesting <= MAX_NESTING
            and looks_like_code(value.text)
        ):
            where = self.origin or (start, start)
            self.texts.append((value, where[0], where[1]))

    def read_texts(self) -> None:
        """Read texts that look like code and were not run by what was read before."""
        while self.texts:
            value, start, end = self.texts.pop()
            if hash(value.text) in self.seen_code:
                continue
            first = len(self.events)
            self.at, self.tokens, self.unset = 0, [], UNKNOWN
            self.origin = (start, max(end, start))
            self._code(value, start, end, "text")
            self.dormant.append((first, len(self.events)))

    def _code(self, value: Value, start: int, end: int, by: str) -> None:
        """Code that the program runs from a text: read it as if it stood there."""
        text = value.text
        if (
            not text
            or self.nesting >= MAX_NESTING
            or self.deep > MAX_DEEP
            or len(self.layers) >= MAX_LAYERS
        ):
            return
        key = hash(text)
        if key in self.seen_code or not self.budget.spend(len(text)):
            return
        self.seen_code.add(key)
        undone = tuple(w for w in (by, value.function.decode("latin-1")) if w)
        where = self.origin or (start, end)
        self.layers.append(Layer(text, undone, where[0], where[1], self.nesting + 1))
        inside = text.lstrip()[:2] != b"<?"
        kept = (
            self.tokens,
            self.shape,
            self.at,
            self.origin,
            self.layer,
            self.loop_end,
            self.in_loop,
            self.depth,
        )
        self.tokens = tokenize(text, inside=inside)
        self.shape = _shape(self.tokens)
        self.at, self.origin, self.layer, self.loop_end = 0, where, len(self.layers), -1
        self.nesting += 1
        self._statements(len(self.tokens))
        self.nesting -= 1
        (
            self.tokens,
            self.shape,
            self.at,
            self.origin,
            self.layer,
            self.loop_end,
            self.in_loop,
            self.depth,
        ) = kept


def _each(value: Value) -> Value:
    """What a loop over this value gives: for a list that names requests, one of those."""
    if not isinstance(value.known, list) or not value.known:
        return Value(None, value.flags & ~WHOLE, value.function if value.flags & UPLOAD else b"")
    for item in value.known[:50]:
        if isinstance(item, bytes) and item in SUPERGLOBALS:
            return Value(item, value.flags)
    return Value(None, value.flags & ~WHOLE | PIECED)

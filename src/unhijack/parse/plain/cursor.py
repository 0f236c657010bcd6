"""A place in a run of PHP tokens, with the names that are known there and the events seen so far."""

from __future__ import annotations

from typing import Callable, Optional

from unhijack.parse.plain import sources
from unhijack.parse.plain.tokens import OPERATOR, Token
from unhijack.parse.plain.values import (
    EVERY_PARAMETER,
    UNKNOWN,
    Event,
    Value,
)

MAX_DEPTH = 48
MAX_DEEP = 90
"""Of functions and layers together: each costs some of Python's own stack."""
MAX_EVENTS = 4000


class Budget:
    """Steps and bytes that working out one file may cost, all its layers together."""

    def __init__(self, steps: int = 400_000, size: int = 24 << 20) -> None:
        self.steps = steps
        self.size = size

    def spend(self, size: int) -> bool:
        """Whether so many bytes may still be made."""
        self.size -= size
        return self.size > 0


class Summary:
    """What a function of the program does with its parameters."""

    def __init__(self) -> None:
        self.flags = 0
        self.changed = 0
        """Parameters that it takes by reference, and may set."""
        self.sinks: list[tuple[str, bytes, int]] = []
        """What it does, by which name, with the parameters of these bits."""


Target = tuple[bytes, Optional[bytes]]
"""What is assigned to: a variable (or ``->property``), and the key of its element, if it is one."""

_END = Token(OPERATOR, b";", 0, 0)


class Cursor:
    """Stands in a run of tokens, with what is known there; events are noted as it goes on."""

    def __init__(self, tokens: list[Token], budget: Budget) -> None:
        self.tokens = tokens
        self.at = 0
        self.budget = budget
        self.depth = 0
        self.deep = 0
        """Expressions that are open, those of functions and layers around included."""
        self.globals: dict[bytes, Value] = {}
        self.scope = self.globals
        self.constants: dict[bytes, Value] = {}
        self.functions: dict[bytes, Summary] = {}
        self.current: Summary | None = None
        self.current_name = b""
        self.in_loop = False
        self.passed: list[bytes] = []
        self.plain: list[bytes] = []
        """Of the arguments read last, those that are a variable alone; empty for others."""
        self.unset = UNKNOWN
        self.included = False
        self.events: list[Event] = []
        self.layer = 0
        self.origin: tuple[int, int] | None = None
        self.on_code: Callable[[Value, int, int, str], None] = lambda *_: None
        self.on_function: Callable[[], None] = lambda: None
        self.on_text: Callable[[Value, int], None] = lambda *_: None

    # -- tokens

    def peek(self, ahead: int = 0) -> Token:
        try:
            return self.tokens[self.at + ahead]
        except IndexError:
            return _END

    def take(self) -> Token:
        try:
            token = self.tokens[self.at]
        except IndexError:
            token = _END
        self.at += 1
        self.budget.steps -= 1
        return token

    def accept(self, text: bytes) -> bool:
        try:
            kind, said, _, _ = self.tokens[self.at]
        except IndexError:
            kind, said = OPERATOR, b";"
        if said == text and kind == OPERATOR:
            self.at += 1
            self.budget.steps -= 1
            return True
        return False

    @property
    def done(self) -> bool:
        return self.at >= len(self.tokens) or self.budget.steps <= 0

    # -- events

    def emit(
        self, what: str, name: bytes, arguments: tuple[Value, ...], start: int, callee: int = -1
    ) -> None:
        """Note an event that ends where we stand; sinks of parameters go into the summary."""
        end = self.tokens[min(self.at, len(self.tokens)) - 1].end if self.at else start
        if self.origin:
            start, end = self.origin
        if len(self.events) < MAX_EVENTS:
            event = Event(what, name, arguments, start, end, callee, self.layer, self.current_name)
            self.events.append(event)
        if self.current is not None and len(self.current.sinks) < 40:
            flags = max(callee, 0)
            for argument in arguments:
                flags |= argument.flags
            dangerous = name in sources.CODE or name in sources.COMMANDS or what != "call"
            if flags & EVERY_PARAMETER and (dangerous or name in sources.WRITERS):
                self.current.sinks.append((what, name, flags & EVERY_PARAMETER))

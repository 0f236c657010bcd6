"""The state of a walk through the code, shared by all that know what its nodes mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.facts import Fact
from unhijack.parse.server.php.scopes import Function, Scope
from unhijack.parse.server.php.tree import Code, Node
from unhijack.parse.server.php.values import NOTHING, Value

MOST_STEPS = 400_000
"""Nodes evaluated in both walks together."""
MOST_FACTS = 2_000


class Call(NamedTuple):
    """A call of a function whose name is known."""

    node: Node
    name: str
    """Lower case, without its namespace."""
    nodes: list[Node]
    values: list[Value]
    hidden: bool
    """The name was put together or decoded."""


class Walk:
    """Where the walk stands, and what it knows so far."""

    def __init__(
        self,
        code: Code,
        handlers: Mapping[str, Callable[[Walk, Node], Value]],
        by_name: Callable[[Walk, Call], Value],
    ) -> None:
        self.handlers = handlers
        """What each kind of node means."""
        self.by_name = by_name
        """What the call of a function means whose name is known."""
        self.content = code.content
        self.functions: dict[str, Function] = {}
        self.constants: dict[str, Value] = {}
        self.properties: dict[str, Value] = {}
        self.main = Scope("")
        self.later: list[Callable[[], None]] = []
        """What is noted at the end of the second walk."""
        self.constructed: set[str] = set()
        """Properties that a constructor sets."""
        self.scope = self.main
        self.labels: dict[str, int] = {}
        """The tests under which a label is jumped to."""
        self.closures: dict[str, str] = {}
        """By variable: the name under which the function that it holds is kept."""
        self.exits = 0
        """The tests in a loop's body under which what follows the loop is not reached."""
        self.keeps = 0
        """Origins of what is put into files and options, to be read back."""
        self.literals: dict[tuple[int, int], Value] = {}
        self.guard = 0
        self.steps = MOST_STEPS
        self.facts: list[Fact] = []
        self.emits = False
        self.round = 0
        """Which of the walks this is."""
        self.echoes = False
        self.unclosed = NOTHING
        """What was shown last, where it ends within an address or a script's text."""
        self.extracted = 0
        """Origins of what ``extract`` made variables of."""

    def start(self, *, emits: bool) -> None:
        """Before each walk."""
        self.emits = emits
        self.round += 1
        self.guard = 0
        self.scope = self.main
        self.echoes = False
        self.unclosed = NOTHING
        made = self.functions.get("::__construct")
        if self.round > 1 and made is not None and made.called:  # by now it is known with what
            for name in self.constructed:
                self.properties.pop(name, None)

    def evaluate(self, node: Node) -> Value:
        """What a node is worth; what it does becomes facts."""
        if self.steps <= 0:
            return NOTHING
        self.steps -= 1
        handler = self.handlers.get(node.kind)
        if handler is not None:
            return handler(self, node)
        last = NOTHING
        for kid in node.kids:
            last = self.evaluate(kid)
        return last

    def text_of(self, node: Node) -> str:
        """The source of a node."""
        return self.content[node.start : node.end].decode("latin-1")

    def opening(self, node: Node) -> str:
        """The source of a node, cut where nobody reads on."""
        end = min(node.end, node.start + v.MOST_READ)
        return self.content[node.start : end].decode("latin-1")

    def emit(self, what: str, node: Node, value: Value, **more: Any) -> None:
        """Notes what the code does, the second time round."""
        if not self.emits or len(self.facts) >= MOST_FACTS:
            return
        guard = self.guard
        inside = self.scope.name
        function = self.functions.get(inside)
        hooks = tuple(sorted(function.hooks)) if function is not None else ()
        fact = Fact(what, node.start, node.end, value, guard=guard, inside=inside, hooked=hooks)
        self.facts.append(fact._replace(**more) if more else fact)

    def cached(self, node: Node, make: Callable[[], Value]) -> Value:
        """A literal is read once, though it is walked twice."""
        key = (node.start, node.end)
        known = self.literals.get(key)
        if known is None:
            known = self.literals[key] = make()
        return known

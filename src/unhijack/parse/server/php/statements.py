"""Branches, loops, output: which tests lead where."""

import re

from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.names import ENDS
from unhijack.parse.server.php.tree import Node
from unhijack.parse.server.php.values import NOTHING, Value
from unhijack.parse.server.php.variables import store
from unhijack.parse.server.php.walk import Walk

_UNCLOSED = re.compile(
    r"(?:url\s{0,3}=|location[\w.\s]{0,12}[=(]|src\s{0,3}=)\s{0,3}\\?[\"']?(?:https?:)?/{0,2}[\w./-]{0,80}$",
    re.IGNORECASE,
)
"""Text whose address is to follow."""
_ENDERS = frozenset({"exit_statement", "return_statement", "throw_expression"})


def echo(walk: Walk, node: Node) -> Value:
    for kid in node.kids:
        kids = kid.kids if kid.kind == "sequence_expression" else [kid]
        for part in kids:
            value = continued(walk, walk.evaluate(part))
            walk.emit("output", part, value, name=node.kind.partition("_")[0])
    return NOTHING


def html(walk: Walk, node: Node) -> Value:
    value = walk.cached(node, lambda: v.literal(walk.opening(node)))
    if value.flags & v.MARKUP:
        walk.emit("output", node, value, name="html")
    walk.unclosed = NOTHING
    leave_open(
        walk, value, walk.content[max(node.start, node.end - 300) : node.end].decode("latin-1")
    )
    return NOTHING


def continued(walk: Walk, value: Value) -> Value:
    """What is shown, with what was shown just before it and ended within an address."""
    if walk.unclosed is not NOTHING:
        value = v.concat([walk.unclosed, value])
        walk.unclosed = NOTHING
    leave_open(walk, value, value.ending()[-300:])
    return value


def leave_open(walk: Walk, value: Value, last: str) -> None:
    """Notes text that ends where an address is to follow; `last` is the end of it."""
    if value.flags & (v.META | v.SCRIPT | v.FRAME | v.MOVES) and _UNCLOSED.search(last):
        walk.unclosed = Value(value.flags, text=last, head=last)


def tag(walk: Walk, node: Node) -> Value:
    walk.echoes = walk.content[node.start : node.end] == b"<?="
    return NOTHING


def branches(walk: Walk, node: Node) -> Value:
    before = walk.guard
    scope = walk.scope
    ends = 0
    scope.depth += 1
    kids = node.kids
    for i in range(0, len(kids) - 1, 2):
        walk.guard |= walk.evaluate(kids[i]).all()
        walk.evaluate(kids[i + 1])
        if leaves(walk, kids[i + 1]):
            ends |= walk.guard
    if len(kids) % 2:
        walk.evaluate(kids[-1])
        if leaves(walk, kids[-1]):
            ends |= walk.guard
    scope.depth -= 1
    walk.guard = before | ends
    walk.exits |= ends
    return NOTHING


def leaves(walk: Walk, body: Node) -> bool:
    """Whether what follows is reached only when this branch was not taken."""
    if body.kind in {"compound_statement", "colon_block"}:
        return any(leaves(walk, kid) for kid in body.kids[-2:])
    if body.kind in _ENDERS:
        return True
    if body.kind == "function_call_expression" and body.kids:
        return walk.text_of(body.kids[0]).lower() in ENDS
    return False


def jump(walk: Walk, node: Node) -> Value:
    if node.kids:
        name = walk.text_of(node.kids[0])
        walk.labels[name] = walk.labels.get(name, 0) | walk.guard
    return NOTHING


def label(walk: Walk, node: Node) -> Value:
    if node.kids:
        walk.guard |= walk.labels.get(walk.text_of(node.kids[0]), 0)
    return NOTHING


def loop(walk: Walk, node: Node) -> Value:
    before, outer = walk.guard, walk.exits
    walk.exits = 0
    walk.scope.depth += 1
    for kid in node.kids:
        walk.guard |= walk.evaluate(kid).all() if node.kind == "while_statement" else 0
        if node.kind != "while_statement":
            walk.evaluate(kid)
    walk.scope.depth -= 1
    walk.guard = before | walk.exits
    walk.exits |= outer
    return NOTHING


def foreach(walk: Walk, node: Node) -> Value:
    if len(node.kids) < 2:
        return NOTHING
    over = walk.evaluate(node.kids[0])
    each = Value(over.flags, seen=over.seen, hosts=over.hosts, after=over.flags)
    if over.items and len(over.items) == 1:
        each = next(iter(over.items.values()))
    before, outer = walk.guard, walk.exits
    walk.exits = 0
    store(walk, node.kids[1], each)
    walk.scope.depth += 1
    for kid in node.kids[2:]:
        walk.evaluate(kid)
    walk.scope.depth -= 1
    walk.guard = before | walk.exits
    walk.exits |= outer
    return NOTHING


def switch(walk: Walk, node: Node) -> Value:
    before = walk.guard
    walk.scope.depth += 1
    found = []
    for index, kid in enumerate(node.kids):
        value = walk.evaluate(kid)
        walk.guard |= value.all() if not index else 0
        found.append(value)
    walk.scope.depth -= 1
    walk.guard = before
    if node.kind == "match_expression":
        return v.joined(found[1:]).under(found[0].all() if found else 0)
    return v.mixed(found)


def matches(walk: Walk, node: Node) -> Value:
    """The arms of a ``match``: one of them."""
    return v.joined([walk.evaluate(kid) for kid in node.kids])


def arm(walk: Walk, node: Node) -> Value:
    """One arm, under the tests that stand before its arrow."""
    before, tested = walk.guard, 0
    for kid in node.kids[:-1]:
        tested |= v.mixed([walk.evaluate(part) for part in kid.kids or [kid]]).all()
    walk.guard |= tested
    value = walk.evaluate(node.kids[-1]) if node.kids else NOTHING
    walk.guard = before
    return value.under(tested)


def unset(walk: Walk, node: Node) -> Value:
    for kid in node.kids:
        walk.emit("unset", kid, NOTHING)
    return NOTHING


def block(walk: Walk, node: Node) -> Value:
    """Statements one after the other; what follows ``<?=`` is shown."""
    before = walk.guard
    for kid in node.kids:
        value = walk.evaluate(kid)
        if walk.echoes and kid.kind not in {"text_interpolation", "php_tag"}:
            walk.echoes = False
            walk.emit("output", kid, continued(walk, value), name="echo")
    walk.guard = before
    return NOTHING

"""The file's own functions: what they are given, what they answer."""

from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.scopes import Function, Scope, closure_key
from unhijack.parse.server.php.tree import Node
from unhijack.parse.server.php.values import NOTHING, Value
from unhijack.parse.server.php.walk import Walk

_SHOWN = ("::__tostring", "smarty_function_", "smarty_outputfilter_", "smarty_block_")
"""Functions whose answer is shown though none of the file's own code calls them."""


def definition(walk: Walk, node: Node) -> Value:
    kinds = {kid.kind: kid for kid in reversed(node.kids)}
    body = kinds.get("compound_statement")
    if body is None or "name" not in kinds:
        return NOTHING
    name = walk.text_of(kinds["name"]).lower()
    if node.kind == "method_declaration":
        name = "::" + name
    known = walk.functions.setdefault(name, Function(name))
    known.named_in_file = True
    inner = Scope(name)
    filled: dict[int, str] = {}
    parameters = kinds.get("formal_parameters")
    for index, parameter in enumerate(parameters.kids if parameters is not None else []):
        names = [kid for kid in parameter.kids if kid.kind == "variable_name"]
        if names:
            word = walk.text_of(names[0])[1:]
            inner.variables[word] = known.given(index)
            if b"&" in walk.content[parameter.start : names[0].start]:
                filled[index] = word
    inside(walk, inner, known.guard, body)
    if walk.round != known.renewed:
        known.renewed, known.answer = walk.round, NOTHING
    known.answer = v.either(known.answer, inner.answer)
    if name.startswith(_SHOWN) and walk.emits:  # wherever that is
        walk.later.append(lambda: _shown_itself(walk, node, inner, known))
    known.fills = {index: inner.variables.get(word, NOTHING) for index, word in filled.items()}
    return NOTHING


def _shown_itself(walk: Walk, node: Node, scope: Scope, known: Function) -> None:
    if known.answer.flags & v.MARKUP:
        walk.scope = scope
        walk.emit("output", node, known.answer, name="return", guard=known.answer.seen)


def closure(walk: Walk, node: Node) -> Value:
    inner = Scope(walk.scope.name)
    inner.variables.update(walk.scope.variables)
    known = walk.functions.get(closure_key(node.start))
    for kid in node.kids:
        if kid.kind == "formal_parameters":
            for index, parameter in enumerate(kid.kids):
                for part in parameter.kids:
                    if part.kind == "variable_name":
                        given = known.given(index) if known is not None else Value(v.UNKNOWN)
                        inner.variables[walk.text_of(part)[1:]] = given
    guard = walk.guard | (known.guard if known is not None else 0)
    last = NOTHING
    for kid in node.kids:
        if kid.kind not in {"formal_parameters", "anonymous_function_use_clause"}:
            last = inside(walk, inner, guard, kid)
    for kid in node.kids:
        if kid.kind == "anonymous_function_use_clause":
            _leave_behind(walk, inner, kid)
    answer = inner.answer if node.kind == "anonymous_function" else last
    return Value(answer.flags | v.CLOSURE, seen=answer.seen, hosts=answer.hosts)


def _leave_behind(walk: Walk, inner: Scope, uses: Node) -> None:
    """What a closure does to variables that it shares with the code around it."""
    for kid in uses.kids:
        if kid.kind == "by_ref" and kid.kids:
            name = walk.text_of(kid.kids[-1])[1:]
            if name in inner.variables:
                walk.scope.set(name, inner.variables[name], walk.main, weak=False)


def inside(walk: Walk, scope: Scope, guard: int, body: Node) -> Value:
    """Walks a body in its own scope."""
    outer, before, exits = walk.scope, walk.guard, walk.exits
    walk.scope, walk.guard = scope, guard
    value = walk.evaluate(body)
    walk.scope, walk.guard, walk.exits = outer, before, exits
    return value


def returned(walk: Walk, node: Node) -> Value:
    value = v.joined([walk.evaluate(kid) for kid in node.kids])
    walk.scope.answer = v.either(walk.scope.answer, value.under(walk.guard))
    return NOTHING

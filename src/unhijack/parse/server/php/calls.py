"""What a call means: by name, by a hidden name, of a method, of a class."""

from unhijack.parse.server.php import names
from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.acts import ACTS, sent
from unhijack.parse.server.php.answers import asked_for, fetched, plain_answer
from unhijack.parse.server.php.scopes import Function
from unhijack.parse.server.php.tree import Node
from unhijack.parse.server.php.values import NOTHING, Value
from unhijack.parse.server.php.variables import held_closure, store
from unhijack.parse.server.php.walk import Call, Walk

_CALLBACK_METHODS = frozenset({"uasort", "uksort", "createfunction", "sqlitecreatefunction"})
_INVOKES = frozenset({"invoke", "invokeargs"})
_HEADER_METHODS = frozenset({"withheader", "setheader", "addheader", "header", "set", "add"})
_SHOWING_METHODS = frozenset(
    {
        *(
            "setbody",
            "appendbody",
            "prependbody",
            "setoutput",
            "setcontent",
            "addcustomtag",
            "sethtml",
        ),
        *("addscriptdeclaration",),
    }
)
_ASSIGNING_METHODS = frozenset("assign assign_var setvar set_var setvariable".split())
"""Methods of templates that are given what is to stand in a place of the page."""
_CLIENTS = frozenset("request get post fetch send call query exec execute do".split())
"""Methods that may ask another server; one is when it is told of the visitor what such servers want."""
_KEYED = frozenset({"get", "has", "read", "check"})
_COOKIES = ("cookie", "cookies")
_OPTIONS = frozenset({"get_option", "get_site_option", "get_transient", "get_theme_mod"})


def arguments(walk: Walk, node: Node) -> tuple[list[Node], list[Value]]:
    """The arguments of a call, evaluated."""
    for kid in reversed(node.kids):
        if kid.kind == "arguments":
            return kid.kids, [walk.evaluate(part) for part in kid.kids]
    return [], []


def function(walk: Walk, node: Node) -> Value:
    """``name(...)``, ``$name(...)``, ``("na" . "me")(...)``."""
    if not node.kids:
        return NOTHING
    callee = node.kids[0]
    if callee.kind in {"name", "qualified_name"}:
        name = walk.text_of(callee).rpartition("\\")[2].lower()
        nodes, values = arguments(walk, node)
        return by_name(walk, Call(node, name, nodes, values, hidden=False))
    target = walk.evaluate(callee)
    nodes, values = arguments(walk, node)
    held = held_closure(walk, callee)
    if held is not None:
        walk.functions.setdefault(held, Function(held)).take(values, walk.guard, walk.round)
    walk.emit("call", node, target, other=v.mixed(values) if values else NOTHING)
    if target.text is not None:
        name = target.text.rpartition("\\")[2].lower()
        return by_name(walk, Call(node, name, nodes, values, hidden=True))
    if values and values[0].head[:9].lower() == "location:":
        sent(walk, node, values, "header", hidden=True)
    return v.mixed([target, *values], v.DECODED if target.flags & v.DECODED else 0)


def method(walk: Walk, node: Node) -> Value:
    """``$object->name(...)``, ``Class::name(...)``."""
    if len(node.kids) < 2:  # object and name
        return NOTHING
    holder = walk.evaluate(node.kids[0])
    name = walk.text_of(node.kids[1]).lower()
    _nodes, values = arguments(walk, node)
    if values:
        _sends_or_shows(walk, node, name, values)
    if name in _CALLBACK_METHODS and values:
        walk.emit("callback", node, values[-1], other=v.mixed([holder, *values[:-1]]), name=name)
    if name in _INVOKES and holder.flags & v.REFLECTED:
        walk.emit("call", node, holder, other=v.mixed(values))
    known = walk.functions.get("::" + name)
    own = walk.text_of(node.kids[0]).lower() in {"$this", "self", "static"} or (
        node.kind == "scoped_call_expression"
    )
    if own:
        known = walk.functions.setdefault("::" + name, Function(name))
    if known is not None:
        known.take(values, walk.guard, walk.round)
    if known is not None and known.named_in_file:
        told = holder.all() & (v.VISITOR | v.WORDS)
        return known.answer.under(told) if told else known.answer
    return _of_others(walk, node, name, [holder, *values], own=own)


def _of_others(walk: Walk, node: Node, name: str, values: list[Value], *, own: bool) -> Value:
    """What a method gives that does not stand in the file; the first value is its object."""
    magic = walk.functions.get("::__callstatic" if node.kind[0] == "s" else "::__call")
    if magic is not None and magic.named_in_file and own:
        return magic.answer
    given = v.mixed(values[1:]).flags
    if name in _CLIENTS and given & v.AGENT and given & (v.ADDRESS | v.REFERRER | v.HOST):
        return fetched(values[1:])
    asked = v.UNKNOWN | asked_for(name, values[1:])
    if name in _KEYED and walk.text_of(node.kids[0])[-10:].lower().endswith(_COOKIES):
        asked |= v.COOKIE
    return v.mixed(values, asked)


def _sends_or_shows(walk: Walk, node: Node, name: str, values: list[Value]) -> None:
    """Notes what a framework's answer is told: where to send the visitor, what to write."""
    if name in names.REDIRECT_METHODS:
        sent(walk, node, values, "method", hidden=False)
    if name == "header" and values[0].head[:9].lower() == "location:":
        sent(walk, node, values, "method", hidden=False)
    if name in _HEADER_METHODS and len(values) > 1 and _is_location(values[0]):
        sent(walk, node, values[1:], "method", hidden=False)
    if name in _ASSIGNING_METHODS and values[-1].flags & (v.META | v.SCRIPT | v.FRAME):
        walk.emit("output", node, values[-1], name=name)
    if name in _SHOWING_METHODS:
        code = v.SCRIPT if name == "addscriptdeclaration" else 0
        walk.emit("output", node, v.placed(values[0], code), name=name)
    elif name == "setmetadata" and (values[0].text or "").lower() == "refresh":
        walk.emit("output", node, v.placed(values[-1 if len(values) < 2 else 1], v.META), name=name)
    elif name == "addscript" and values[0].hosts:
        walk.emit("output", node, v.placed(values[0], v.SCRIPT | v.REMOTE_SCRIPT), name=name)


def _is_location(value: Value) -> bool:
    return (value.text or "").lower() == "location"


def creation(walk: Walk, node: Node) -> Value:
    """``new Class(...)``: values stay with the object."""
    _nodes, values = arguments(walk, node)
    kind = node.kids[0].kind if node.kids else ""
    if kind not in {"name", "qualified_name", "relative_scope", "arguments", ""}:
        walk.emit("new", node, walk.evaluate(node.kids[0]), other=v.mixed(values))
    elif values and walk.text_of(node.kids[0]).lstrip("\\").lower() == "reflectionfunction":
        first = values[0]
        return Value(first.flags | v.REFLECTED, text=first.text, after=first.after)
    elif values and kind in {"name", "qualified_name"}:
        if walk.text_of(node.kids[0]).rpartition("\\")[2].lower() in names.REDIRECT_CLASSES:
            sent(walk, node, values, "new", hidden=False)
        known = walk.functions.setdefault("::__construct", Function("::__construct"))
        known.take(values, walk.guard, walk.round)
    return v.mixed(values, v.UNKNOWN)


def by_name(walk: Walk, call: Call) -> Value:
    """A call of a function whose name is known."""
    name, values = call.name, call.values
    own = walk.functions.get(name)
    act = ACTS.get(name)
    if own is not None and own.named_in_file:
        own.take(values, walk.guard, walk.round)
        for index, left in own.fills.items():
            if index < len(call.nodes):
                store(walk, call.nodes[index], left)
        if act is None:
            return answer_of(own, values)
    if act is not None:
        special = act(walk, call)
        if special is not None:
            return special
    elif name in _OPTIONS and walk.keeps:
        return Value(v.STORED | walk.keeps, after=v.STORED | walk.keeps)
    elif name not in names.GIVES and name not in names.DECODERS:
        walk.functions.setdefault(name, Function(name)).take(values, walk.guard, walk.round)
        told = asked_for(name, [])
        return plain_answer(name, [*values, Value(told)] if told else values)
    return plain_answer(name, values)


def answer_of(own: Function, values: list[Value]) -> Value:
    """What the file's own function answers to these."""
    if own.answer.flags & v.UNKNOWN and values:
        return v.mixed([own.answer, *values])
    if own.answer.seen & v.UNKNOWN and values:  # it answers by a test of what it is given
        return own.answer.under(v.mixed(values).all())
    return own.answer

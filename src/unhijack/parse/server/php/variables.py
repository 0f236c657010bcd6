"""Variables, elements and properties: where values are kept."""

from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.answers import asked_of_property
from unhijack.parse.server.php.names import SUPERGLOBALS
from unhijack.parse.server.php.scopes import closure_key, server_value
from unhijack.parse.server.php.tree import Node
from unhijack.parse.server.php.values import NOTHING, Value
from unhijack.parse.server.php.walk import Walk

_OF_VISITORS = v.AGENT | v.ADDRESS | v.LANGUAGE
_ADDRESSES = frozenset({"url", "guid", "href", "permalink", "link"})
CLOSURES = frozenset({"anonymous_function", "arrow_function"})


def variable(walk: Walk, node: Node) -> Value:
    return look_up(walk, walk.text_of(node)[1:])


def look_up(walk: Walk, name: str) -> Value:
    """A variable's value, as far as it is known."""
    if name in SUPERGLOBALS:
        flags = SUPERGLOBALS[name]
        flags |= v.EVERYTHING if flags == v.SERVER else 0
        return Value(flags, after=flags)
    known = walk.scope.get(name, walk.main)
    if known is NOTHING and walk.extracted:
        return Value(walk.extracted, after=walk.extracted)
    return known


def dynamic_variable(walk: Walk, node: Node) -> Value:
    name = base_name(walk, node)
    if name:
        return look_up(walk, name)
    inner = v.joined([walk.evaluate(kid) for kid in node.kids])
    return v.mixed([inner, *list(walk.scope.variables.values())[:50]])


def subscript(walk: Walk, node: Node) -> Value:
    if len(node.kids) < 2:  # $list[] = ...
        return walk.evaluate(node.kids[0]) if node.kids else NOTHING
    key = walk.evaluate(node.kids[1])
    base = base_name(walk, node.kids[0])
    if base in {"_SERVER", "_ENV", "HTTP_SERVER_VARS"}:
        return server_value(key)
    if base == "GLOBALS" and key.text is not None:
        known = SUPERGLOBALS.get(key.text)
        return walk.main.get(key.text, walk.main) if known is None else Value(known, after=known)
    held = walk.evaluate(node.kids[0])
    if held.flags & v.EVERYTHING:
        return server_value(key)
    return element(held, key)


def base_name(walk: Walk, node: Node) -> str:
    """``_SERVER`` for ``$_SERVER`` and for ``${"_SER" . "VER"}``."""
    if node.kind == "variable_name":
        return walk.text_of(node)[1:]
    if node.kind == "dynamic_variable_name" and node.kids:
        if node.kids[0].kind == "name":
            return walk.text_of(node.kids[0])
        return walk.evaluate(node.kids[0]).text or ""
    return ""


def member(walk: Walk, node: Node) -> Value:
    for kid in node.kids[:-1]:
        held = walk.evaluate(kid)
    name = walk.text_of(node.kids[-1]).lstrip("$") if node.kids else ""
    known = walk.properties.get(name)
    if known is not None:
        return known
    magic = walk.functions.get("::__get")
    if magic is not None and magic.named_in_file:  # one of what it keeps, whichever
        return Value(magic.answer.flags & ~v.UNKNOWN, hosts=magic.answer.hosts)
    if len(node.kids) > 1 and held.flags & v.FETCHED:
        return held
    if len(node.kids) > 1 and held.flags & v.PARSED and not held.flags & v.OPAQUE:
        return Value(held.flags, seen=held.seen, hosts=held.hosts)
    if len(node.kids) > 1 and held.flags & _OF_VISITORS:  # a country, told by an address
        return Value(v.UNKNOWN | held.flags & _OF_VISITORS, seen=held.seen)
    if len(node.kids) > 1 and held.items and name in held.items:  # (object) [...]
        return held.items[name]
    asked = v.UNKNOWN | asked_of_property(name)
    if len(node.kids) > 1:
        asked |= held.flags & (v.STORED | v.FILE)
    return Value(asked, after=asked)


def store(walk: Walk, target: Node, value: Value) -> None:
    """Sets what stands left of an assignment."""
    if walk.guard:
        value = value.under(walk.guard)
    kind = target.kind
    if kind == "variable_name":
        walk.scope.set(walk.text_of(target)[1:], value, walk.main, weak=bool(walk.scope.depth))
    elif kind == "dynamic_variable_name":
        name = base_name(walk, target)
        if name:
            walk.scope.set(name, value, walk.main, weak=bool(walk.scope.depth))
    elif kind == "subscript_expression" and target.kids:
        store_element(walk, target, value)
    elif kind in {"list_literal", "array_creation_expression", "pair", "by_ref"}:
        skips = b",," in walk.content[target.start : target.end].replace(b" ", b"")
        items = {} if skips or value.items is None else value.items
        plain = Value(value.flags, seen=value.seen, hosts=value.hosts)
        for index, kid in enumerate(target.kids):
            known = items.get(str(index))
            store(walk, kid, plain if known is None else known.under(value.seen))
    elif kind == "array_element_initializer" and target.kids:
        store(walk, target.kids[-1], value)
    elif target.kids and kind.endswith("access_expression"):
        _store_property(walk, target, value)


def _relinks(walk: Walk, target: Node, value: Value) -> None:
    """Notes an address that strangers' menus and links are given, and only some strangers'."""
    told = v.CHANCE | v.MOBILE_TEST | v.REFERRER | v.AGENT | v.ADDRESS
    if not (walk.guard & v.STRANGER and walk.guard & told):
        return
    holder = walk.text_of(target.kids[0]).lower()
    if holder != "$this" and walk.text_of(target.kids[-1]).lower() in _ADDRESSES:
        walk.emit("redirect", target, value, name="property")


def _store_property(walk: Walk, target: Node, value: Value) -> None:
    name = walk.text_of(target.kids[-1]).lstrip("$")
    if value.hosts:
        _relinks(walk, target, value)
    walk.properties[name] = v.either(walk.properties.get(name, NOTHING), value)
    if walk.scope.name == "::__construct":
        walk.constructed.add(name)


def store_element(walk: Walk, target: Node, value: Value) -> None:
    key = walk.evaluate(target.kids[1]) if len(target.kids) > 1 else NOTHING
    inner = target.kids[0]
    if base_name(walk, inner) == "GLOBALS" and key.text is not None:
        walk.main.set(key.text, value, walk.main, weak=bool(walk.scope.depth))
        return
    while inner.kind == "subscript_expression" and inner.kids:
        inner = inner.kids[0]
    if base_name(walk, inner) == "_SESSION" and not value.flags & v.OPAQUE & ~v.STORED:
        walk.emit("session", target, value)
    old = walk.evaluate(inner)
    items = {key.text: value} if key.text is not None else None
    entry = Value(value.flags, seen=value.seen, hosts=value.hosts, items=items)
    merged = v.either(entry, old) if old is not NOTHING else entry
    if inner.kind == "variable_name":
        walk.scope.set(walk.text_of(inner)[1:], merged, walk.main, weak=False)
    elif inner.kids and inner.kind.endswith("access_expression"):
        store(walk, inner, merged)


def assignment(walk: Walk, node: Node) -> Value:
    if len(node.kids) < 2:
        return NOTHING
    value = walk.evaluate(node.kids[-1])
    if node.kids[0].kind == "variable_name":
        _hold_closures(walk, walk.text_of(node.kids[0]), node.kids[-1])
    store(walk, node.kids[0], value)
    return value


def _hold_closures(walk: Walk, name: str, made: Node) -> None:
    """Notes which functions without a name a variable or the elements of a list hold."""
    if made.kind in CLOSURES:
        walk.closures[name] = closure_key(made.start)
    elif made.kind == "array_creation_expression":
        for index, part in enumerate(made.kids[: v.MOST_ITEMS]):
            if part.kids and part.kids[-1].kind in CLOSURES:
                key = walk.evaluate(part.kids[0]).text if len(part.kids) > 1 else str(index)
                walk.closures[f"{name}[{key}]"] = closure_key(part.kids[-1].start)


def held_closure(walk: Walk, callee: Node) -> str | None:
    """The name under which the function is kept that is called by a variable or an element."""
    if callee.kind == "variable_name":
        return walk.closures.get(walk.text_of(callee))
    if callee.kind == "subscript_expression" and len(callee.kids) == 2 and walk.closures:
        return walk.closures.get(
            f"{walk.text_of(callee.kids[0])}[{walk.evaluate(callee.kids[1]).text}]"
        )
    return None


def augmented(walk: Walk, node: Node) -> Value:
    if len(node.kids) < 2:
        return NOTHING
    old, added = walk.evaluate(node.kids[0]), walk.evaluate(node.kids[1])
    if node.op == ".=":
        value = v.concat([old, added])
    elif node.op == "??=":
        value = v.either(old, added)
    else:
        value = v.mixed([old, added], v.BUILT if node.op == "^=" else 0)
    store(walk, node.kids[0], value)
    return value


def counted(walk: Walk, node: Node) -> Value:
    """``$score++``: what it counts are the tests under which it stands."""
    old = walk.evaluate(node.kids[0]) if node.kids else NOTHING
    if walk.guard and node.kids:
        store(walk, node.kids[0], v.mixed([old]))
    return old


def static_variable(walk: Walk, node: Node) -> Value:
    if len(node.kids) > 1:
        store(walk, node.kids[0], walk.evaluate(node.kids[1]))
    return NOTHING


def shared(walk: Walk, node: Node) -> Value:
    walk.scope.shared.update(walk.text_of(kid)[1:] for kid in node.kids)
    return NOTHING


def property_element(walk: Walk, node: Node) -> Value:
    if len(node.kids) > 1:
        name = walk.text_of(node.kids[0])[1:]
        old = walk.properties.get(name, NOTHING)
        walk.properties[name] = v.either(old, walk.evaluate(node.kids[-1]))
    return NOTHING


def const_element(walk: Walk, node: Node) -> Value:
    if len(node.kids) > 1:
        walk.constants[walk.text_of(node.kids[0])] = walk.evaluate(node.kids[-1])
    return NOTHING


def element(base: Value, key: Value) -> Value:
    """One element of an array, or one character of a text."""
    if key.text is not None:
        if base.items and key.text in base.items:
            return base.items[key.text]
        if base.text and key.text.isdigit() and int(key.text) < len(base.text):
            text = base.text[int(key.text)]
            return Value(base.flags | v.BUILT, text=text, head=text)
    flags = base.flags | (v.UNKNOWN if base.items else 0)
    if base.flags & v.UNKNOWN:  # $request->server["HTTP_REFERER"]
        flags |= v.named_origins(key.flags)
    seen, after = base.seen | key.all(), base.after or flags
    return Value(flags, seen=seen, head=_first_of(base), hosts=base.hosts, after=after)


def _first_of(base: Value) -> str:
    """How one of a list of constants begins: the first stands for all."""
    items = base.items
    if not items or any(item.text is None for item in items.values()):
        return ""
    return next(iter(items.values())).head

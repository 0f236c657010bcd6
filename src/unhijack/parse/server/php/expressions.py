"""Constants and operators: what an expression is worth."""

from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.folding import bitwise, unescape_double, unescape_single
from unhijack.parse.server.php.tree import Node
from unhijack.parse.server.php.values import NOTHING, Value
from unhijack.parse.server.php.walk import Walk

_HIDDEN_LETTERS = 4
_COMPARES = frozenset(
    {"==", "===", "!=", "!==", "<>", "<", ">", "<=", ">=", "<=>", "instanceof", "%"}
)


def string(walk: Walk, node: Node) -> Value:
    def make() -> Value:
        text = walk.opening(node)
        if node.kind == "string":
            text = unescape_single(text[text.find("'") + 1 :].removesuffix("'"))
        return v.literal(_between_labels(text))

    return walk.cached(node, make)


def _between_labels(text: str) -> str:
    """What stands between ``<<<LABEL`` and ``LABEL``; any other text as it is."""
    if not text.startswith("<<<"):
        return text
    return text.partition("\n")[2].rpartition("\n")[0]


def quoted(walk: Walk, node: Node) -> Value:
    if node.kids:
        return v.concat([walk.evaluate(kid) for kid in node.kids])

    def make() -> Value:
        text = walk.opening(node)
        if node.kind == "encapsed_string":
            text = text[text.find('"') + 1 :].removesuffix('"')
        text = _between_labels(text)
        plain, hidden = unescape_double(text)
        return v.literal(plain, v.ESCAPED if hidden >= _HIDDEN_LETTERS else 0)

    return walk.cached(node, make)


def raw_text(walk: Walk, node: Node) -> Value:
    return walk.cached(node, lambda: v.literal(walk.opening(node)))


def escape(walk: Walk, node: Node) -> Value:
    return Value(text=(text := unescape_double(walk.text_of(node))[0]), head=text)


def number(walk: Walk, node: Node) -> Value:
    text = walk.text_of(node)
    try:
        text = str(int(text, 16) if text[:2] in {"0x", "0X"} else int(text))
    except ValueError:
        return NOTHING
    return Value(text=text[:20], head=text[:20])


def constant(walk: Walk, node: Node) -> Value:
    name = walk.text_of(node).rpartition("\\")[2]
    if name in walk.constants:
        return walk.constants[name]
    if name in {"__FILE__", "__DIR__", "ABSPATH"}:
        return Value(v.FILE, after=v.FILE)
    if name[:1].isupper() or name.lower() in {"true", "false", "null"}:
        return Value(v.UNKNOWN, after=v.UNKNOWN) if len(name) > 5 else NOTHING
    return v.literal(name)  # a bare word is a text, with a warning that nobody reads


def class_constant(walk: Walk, node: Node) -> Value:
    name = walk.text_of(node.kids[-1]) if node.kids else ""
    return walk.constants.get(name, Value(v.UNKNOWN, after=v.UNKNOWN))


_RENDERED = frozenset({"#markup", "#children", "#prefix", "#suffix"})
"""Keys of what Drupal shows."""


def array_of(walk: Walk, node: Node) -> Value:
    values: list[Value] = []
    items: dict[str, Value] = {}
    for index, element_node in enumerate(node.kids):
        parts = [walk.evaluate(kid) for kid in element_node.kids]
        if not parts:
            continue
        values.append(parts[-1])
        key = parts[0].text if len(parts) > 1 else str(index)
        if len(parts) > 1 and parts[0].flags:
            values.append(Value(parts[0].flags, hosts=parts[0].hosts))
        if key is not None and len(items) < v.MOST_ITEMS:
            items[key] = parts[-1]
        if key is not None and key.lower() == "location" and len(parts) > 1:
            walk.emit("redirect", element_node, parts[-1], name="array")
        if key in _RENDERED and len(parts) > 1:
            walk.emit("output", element_node, parts[-1], name="render")
    found = v.mixed(values)
    return Value(found.flags, seen=found.seen, hosts=found.hosts, items=items, after=found.flags)


def binary(walk: Walk, node: Node) -> Value:
    op = node.op
    if op in {"&&", "||", "and", "or", "??"}:
        return short_circuit(walk, node)
    parts = [walk.evaluate(kid) for kid in node.kids]
    if op == ".":
        return v.concat(parts)
    if op in {"^", "|", "&"} and len(parts) == 2:
        made = bitwise(op, parts[0].text, parts[1].text)
        if made is not None:
            return v.literal(made, parts[0].flags | parts[1].flags | v.BUILT)
    return v.mixed(parts, v.BUILT if op == "^" else v.NUMBER if op in _COMPARES else 0)


def short_circuit(walk: Walk, node: Node) -> Value:
    before = walk.guard
    parts = []
    for kid in node.kids:
        parts.append(walk.evaluate(kid))
        walk.guard |= parts[-1].all()
    walk.guard = before
    return v.joined(parts) if node.op == "??" else v.mixed(parts, v.NUMBER)


def unary(walk: Walk, node: Node) -> Value:
    value = walk.evaluate(node.kids[0]) if node.kids else NOTHING
    if node.op == "~" and value.text is not None:
        turned = "".join(chr(255 - ord(c)) for c in value.text if ord(c) < 256)
        return v.literal(turned, v.BUILT)
    if node.op == "@":
        return value
    return v.mixed([value], v.NUMBER if node.op == "!" else 0)


def ternary(walk: Walk, node: Node) -> Value:
    if not node.kids:
        return NOTHING
    test = walk.evaluate(node.kids[0])
    before = walk.guard
    walk.guard |= test.all()
    walk.scope.depth += 1
    answers = [walk.evaluate(kid) for kid in node.kids[1:]]
    walk.scope.depth -= 1
    walk.guard = before
    if len(answers) == 1:
        answers.append(test)
    value = v.joined(answers)
    return value.under(test.all())


def shell(walk: Walk, node: Node) -> Value:
    command = v.concat([walk.evaluate(kid) for kid in node.kids])
    walk.emit("command", node, command, name="backtick")
    return Value(v.SERVER)


def included(walk: Walk, node: Node) -> Value:
    target = v.joined([walk.evaluate(kid) for kid in node.kids])
    walk.emit("include", node, target, name=node.kind.partition("_")[0])
    return Value(v.FILE)

"""One walk through the code in source order: values by origin, tests that lead to what is done.

An approximation on purpose: a variable set under a test keeps what it had before as well; a
loop's body is walked once; a method is found by its name alone. The file is walked twice: the
second time with what its functions answer and were given.
"""

from collections.abc import Callable

from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.calls import Calls
from unhijack.parse.server.php.facts import Fact
from unhijack.parse.server.php.folding import bitwise, unescape_double, unescape_single
from unhijack.parse.server.php.names import ENDS, SUPERGLOBALS
from unhijack.parse.server.php.scopes import Function, Scope, server_value
from unhijack.parse.server.php.tree import Code, Node
from unhijack.parse.server.php.values import NOTHING, Value

MOST_STEPS = 400_000
"""Nodes evaluated in both walks together."""

_FUNCTIONS = frozenset({"function_definition", "method_declaration"})
_CLOSURES = frozenset({"anonymous_function", "arrow_function"})
_ENDERS = frozenset({"exit_statement", "return_statement", "throw_expression"})
_HIDDEN_LETTERS = 4


def facts_of(code: Code) -> tuple[Fact, ...]:
    """What `code` does."""
    walk = Walk(code)
    for emits in (False, True):
        walk.start(emits=emits)
        walk.evaluate(code.root)
    return tuple(walk.facts)


class Walk:
    """The state of the walk, and what each kind of node means."""

    def __init__(self, code: Code) -> None:
        self.content = code.content
        self.functions: dict[str, Function] = {}
        self.constants: dict[str, Value] = {}
        self.properties: dict[str, Value] = {}
        self.main = Scope("")
        self.scope = self.main
        self.labels: dict[str, int] = {}
        """The tests under which a label is jumped to."""
        self.keeps = 0
        """Origins of what is put into files and options, to be read back."""
        self.literals: dict[tuple[int, int], Value] = {}
        self.guard = 0
        self.steps = MOST_STEPS
        self.facts: list[Fact] = []
        self.emits = False
        self.echoes = False
        self.extracted = 0
        """Origins of what ``extract`` made variables of."""
        self.calls = Calls(self)
        self.handlers: dict[str, Callable[[Node], Value]] = {
            "string": self.string,
            "nowdoc": self.string,
            "encapsed_string": self.quoted,
            "heredoc": self.quoted,
            "shell_command_expression": self.shell,
            "string_content": self.raw_text,
            "escape_sequence": self.escape,
            "integer": self.number,
            "name": self.constant,
            "qualified_name": self.constant,
            "class_constant_access_expression": self.class_constant,
            "variable_name": self.variable,
            "dynamic_variable_name": self.dynamic_variable,
            "subscript_expression": self.subscript,
            "member_access_expression": self.member,
            "nullsafe_member_access_expression": self.member,
            "scoped_property_access_expression": self.member,
            "binary_expression": self.binary,
            "unary_op_expression": self.unary,
            "conditional_expression": self.ternary,
            "assignment_expression": self.assignment,
            "reference_assignment_expression": self.assignment,
            "augmented_assignment_expression": self.augmented,
            "array_creation_expression": self.array,
            "function_call_expression": self.calls.function,
            "member_call_expression": self.calls.method,
            "nullsafe_member_call_expression": self.calls.method,
            "scoped_call_expression": self.calls.method,
            "object_creation_expression": self.calls.creation,
            "include_expression": self.included,
            "include_once_expression": self.included,
            "require_expression": self.included,
            "require_once_expression": self.included,
            "echo_statement": self.echo,
            "print_intrinsic": self.echo,
            "exit_statement": self.echo,
            "text": self.html,
            "php_tag": self.tag,
            "if_statement": self.branches,
            "while_statement": self.loop,
            "for_statement": self.loop,
            "foreach_statement": self.foreach,
            "switch_statement": self.switch,
            "match_expression": self.switch,
            "compound_statement": self.block,
            "colon_block": self.block,
            "function_definition": self.function,
            "method_declaration": self.function,
            "anonymous_function": self.closure,
            "arrow_function": self.closure,
            "return_statement": self.returned,
            "global_declaration": self.globals,
            "goto_statement": self.jump,
            "named_label_statement": self.label,
            "const_element": self.const_element,
            "property_element": self.property_element,
            "static_variable_declaration": self.static,
        }

    def start(self, *, emits: bool) -> None:
        """Before each walk."""
        self.emits = emits
        self.guard = 0
        self.scope = self.main
        self.echoes = False

    def evaluate(self, node: Node) -> Value:
        """What a node is worth; what it does becomes facts."""
        if self.steps <= 0:
            return NOTHING
        self.steps -= 1
        handler = self.handlers.get(node.kind)
        if handler is not None:
            return handler(node)
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

    def emit(self, what: str, node: Node, value: Value, **more: object) -> None:
        """Notes what the code does, the second time round."""
        if not self.emits or len(self.facts) >= 2_000:  # noqa: PLR2004  # far more than rules need
            return
        guard = self.guard
        inside = self.scope.name
        function = self.functions.get(inside)
        hooks = tuple(sorted(function.hooks)) if function is not None else ()
        fact = Fact(what, node.start, node.end, value, guard=guard, inside=inside, hooked=hooks)
        self.facts.append(fact._replace(**more) if more else fact)

    # constants

    def cached(self, node: Node, make: Callable[[], Value]) -> Value:
        """A literal is read once, though it is walked twice."""
        key = (node.start, node.end)
        known = self.literals.get(key)
        if known is None:
            known = self.literals[key] = make()
        return known

    def string(self, node: Node) -> Value:
        def make() -> Value:
            text = self.opening(node)
            if node.kind == "string":
                text = unescape_single(text[text.find("'") + 1 :].removesuffix("'"))
            return v.literal(text)

        return self.cached(node, make)

    def quoted(self, node: Node) -> Value:
        if node.kids:
            return v.concat([self.evaluate(kid) for kid in node.kids])

        def make() -> Value:
            text = self.opening(node)
            if node.kind == "encapsed_string":
                text = text[text.find('"') + 1 :].removesuffix('"')
            plain, hidden = unescape_double(text)
            return v.literal(plain, v.ESCAPED if hidden >= _HIDDEN_LETTERS else 0)

        return self.cached(node, make)

    def raw_text(self, node: Node) -> Value:
        return self.cached(node, lambda: v.literal(self.opening(node)))

    def escape(self, node: Node) -> Value:
        return Value(text=(text := unescape_double(self.text_of(node))[0]), head=text)

    def number(self, node: Node) -> Value:
        text = self.text_of(node)
        try:
            text = str(int(text, 16) if text[:2] in {"0x", "0X"} else int(text))
        except ValueError:
            return NOTHING
        return Value(text=text[:20], head=text[:20])

    def constant(self, node: Node) -> Value:
        name = self.text_of(node).rpartition("\\")[2]
        if name in self.constants:
            return self.constants[name]
        if name in {"__FILE__", "__DIR__", "ABSPATH"}:
            return Value(v.FILE, after=v.FILE)
        if name[:1].isupper() or name.lower() in {"true", "false", "null"}:
            return Value(v.UNKNOWN, after=v.UNKNOWN) if len(name) > 5 else NOTHING  # noqa: PLR2004
        return v.literal(name)  # a bare word is a text, with a warning that nobody reads

    def class_constant(self, node: Node) -> Value:
        name = self.text_of(node.kids[-1]) if node.kids else ""
        return self.constants.get(name, Value(v.UNKNOWN, after=v.UNKNOWN))

    def const_element(self, node: Node) -> Value:
        if len(node.kids) > 1:
            self.constants[self.text_of(node.kids[0])] = self.evaluate(node.kids[-1])
        return NOTHING

    # variables

    def variable(self, node: Node) -> Value:
        return self.look_up(self.text_of(node)[1:])

    def look_up(self, name: str) -> Value:
        """A variable's value, as far as it is known."""
        if name in SUPERGLOBALS:
            flags = SUPERGLOBALS[name]
            flags |= v.EVERYTHING if flags == v.SERVER else 0
            return Value(flags, after=flags)
        known = self.scope.get(name, self.main)
        if known is NOTHING and self.extracted:
            return Value(self.extracted, after=self.extracted)
        return known

    def dynamic_variable(self, node: Node) -> Value:
        name = self.base_name(node)
        if name:
            return self.look_up(name)
        inner = v.joined([self.evaluate(kid) for kid in node.kids])
        return v.mixed([inner, *list(self.scope.variables.values())[:50]])

    def subscript(self, node: Node) -> Value:
        if len(node.kids) < 2:  # noqa: PLR2004  # $list[] = ...
            return self.evaluate(node.kids[0]) if node.kids else NOTHING
        key = self.evaluate(node.kids[1])
        base = self.base_name(node.kids[0])
        if base in {"_SERVER", "_ENV", "HTTP_SERVER_VARS"}:
            return server_value(key)
        if base == "GLOBALS" and key.text is not None:
            known = SUPERGLOBALS.get(key.text)
            return self.main.get(key.text, self.main) if known is None else Value(known, after=known)
        held = self.evaluate(node.kids[0])
        if held.flags & v.EVERYTHING:
            return server_value(key)
        return element(held, key)

    def base_name(self, node: Node) -> str:
        """``_SERVER`` for ``$_SERVER`` and for ``${"_SER" . "VER"}``."""
        if node.kind == "variable_name":
            return self.text_of(node)[1:]
        if node.kind == "dynamic_variable_name" and node.kids:
            if node.kids[0].kind == "name":
                return self.text_of(node.kids[0])
            return self.evaluate(node.kids[0]).text or ""
        return ""

    def member(self, node: Node) -> Value:
        for kid in node.kids[:-1]:
            held = self.evaluate(kid)
        name = self.text_of(node.kids[-1]).lstrip("$") if node.kids else ""
        known = self.properties.get(name)
        if known is not None:
            return known
        if len(node.kids) > 1 and held.flags & v.FETCHED:
            return held
        return Value(v.UNKNOWN, after=v.UNKNOWN)

    def store(self, target: Node, value: Value) -> None:
        """Sets what stands left of an assignment."""
        if self.guard:
            value = value.under(self.guard)
        kind = target.kind
        if kind == "variable_name":
            self.scope.set(self.text_of(target)[1:], value, self.main, weak=bool(self.scope.depth))
        elif kind == "dynamic_variable_name":
            name = self.base_name(target)
            if name:
                self.scope.set(name, value, self.main, weak=bool(self.scope.depth))
        elif kind == "subscript_expression" and target.kids:
            self.store_element(target, value)
        elif kind in {"list_literal", "array_creation_expression", "pair", "by_ref"}:
            for kid in target.kids:
                self.store(kid, Value(value.flags, seen=value.seen, hosts=value.hosts))
        elif kind == "array_element_initializer" and target.kids:
            self.store(target.kids[-1], value)
        elif target.kids and kind.endswith("access_expression"):
            name = self.text_of(target.kids[-1]).lstrip("$")
            self.properties[name] = v.either(self.properties.get(name, NOTHING), value)

    def store_element(self, target: Node, value: Value) -> None:
        key = self.evaluate(target.kids[1]) if len(target.kids) > 1 else NOTHING
        inner = target.kids[0]
        if self.base_name(inner) == "GLOBALS" and key.text is not None:
            self.main.set(key.text, value, self.main, weak=bool(self.scope.depth))
            return
        while inner.kind == "subscript_expression" and inner.kids:
            inner = inner.kids[0]
        old = self.evaluate(inner)
        items = {key.text: value} if key.text is not None else None
        entry = Value(value.flags, seen=value.seen, hosts=value.hosts, items=items)
        merged = v.either(entry, old) if old is not NOTHING else entry
        if inner.kind == "variable_name":
            self.scope.set(self.text_of(inner)[1:], merged, self.main, weak=False)
        elif inner.kids and inner.kind.endswith("access_expression"):
            self.store(inner, merged)

    def assignment(self, node: Node) -> Value:
        if len(node.kids) < 2:  # noqa: PLR2004
            return NOTHING
        value = self.evaluate(node.kids[-1])
        self.store(node.kids[0], value)
        return value

    def augmented(self, node: Node) -> Value:
        if len(node.kids) < 2:  # noqa: PLR2004
            return NOTHING
        old, added = self.evaluate(node.kids[0]), self.evaluate(node.kids[1])
        if node.op == ".=":
            value = v.concat([old, added])
        elif node.op == "??=":
            value = v.either(old, added)
        else:
            value = v.mixed([old, added], v.BUILT if node.op == "^=" else 0)
        self.store(node.kids[0], value)
        return value

    def static(self, node: Node) -> Value:
        if len(node.kids) > 1:
            self.store(node.kids[0], self.evaluate(node.kids[1]))
        return NOTHING

    def property_element(self, node: Node) -> Value:
        if len(node.kids) > 1:
            name = self.text_of(node.kids[0])[1:]
            old = self.properties.get(name, NOTHING)
            self.properties[name] = v.either(old, self.evaluate(node.kids[-1]))
        return NOTHING

    def globals(self, node: Node) -> Value:
        self.scope.shared.update(self.text_of(kid)[1:] for kid in node.kids)
        return NOTHING

    def array(self, node: Node) -> Value:
        values: list[Value] = []
        items: dict[str, Value] = {}
        for index, element_node in enumerate(node.kids):
            parts = [self.evaluate(kid) for kid in element_node.kids]
            if not parts:
                continue
            values.append(parts[-1])
            key = parts[0].text if len(parts) > 1 else str(index)
            if len(parts) > 1 and parts[0].flags:
                values.append(Value(parts[0].flags, hosts=parts[0].hosts))
            if key is not None and len(items) < v.MOST_ITEMS:
                items[key] = parts[-1]
        found = v.mixed(values)
        return Value(found.flags, seen=found.seen, hosts=found.hosts, items=items, after=found.flags)

    # operators

    def binary(self, node: Node) -> Value:
        op = node.op
        if op in {"&&", "||", "and", "or", "??"}:
            return self.short_circuit(node)
        parts = [self.evaluate(kid) for kid in node.kids]
        if op == ".":
            return v.concat(parts)
        if op in {"^", "|", "&"} and len(parts) == 2:  # noqa: PLR2004
            made = bitwise(op, parts[0].text, parts[1].text)
            if made is not None:
                return v.literal(made, parts[0].flags | parts[1].flags | v.BUILT)
        return v.mixed(parts, v.BUILT if op == "^" else 0)

    def short_circuit(self, node: Node) -> Value:
        before = self.guard
        parts = []
        for kid in node.kids:
            parts.append(self.evaluate(kid))
            self.guard |= parts[-1].all()
        self.guard = before
        return v.joined(parts) if node.op == "??" else v.mixed(parts)

    def unary(self, node: Node) -> Value:
        value = self.evaluate(node.kids[0]) if node.kids else NOTHING
        if node.op == "~" and value.text is not None:
            turned = "".join(chr(255 - ord(c)) for c in value.text if ord(c) < 256)  # noqa: PLR2004
            return v.literal(turned, v.BUILT)
        return value if node.op == "@" else v.mixed([value])

    def ternary(self, node: Node) -> Value:
        if not node.kids:
            return NOTHING
        test = self.evaluate(node.kids[0])
        before = self.guard
        self.guard |= test.all()
        self.scope.depth += 1
        answers = [self.evaluate(kid) for kid in node.kids[1:]]
        self.scope.depth -= 1
        self.guard = before
        if len(answers) == 1:
            answers.append(test)
        value = v.joined(answers)
        return value.under(test.all())

    # what is done

    def included(self, node: Node) -> Value:
        target = v.joined([self.evaluate(kid) for kid in node.kids])
        self.emit("include", node, target, name=node.kind.partition("_")[0])
        return Value(v.FILE)

    def shell(self, node: Node) -> Value:
        command = v.concat([self.evaluate(kid) for kid in node.kids])
        self.emit("command", node, command, name="backtick")
        return Value(v.SERVER)

    def echo(self, node: Node) -> Value:
        for kid in node.kids:
            kids = kid.kids if kid.kind == "sequence_expression" else [kid]
            for part in kids:
                self.emit("output", part, self.evaluate(part), name=node.kind.partition("_")[0])
        return NOTHING

    def html(self, node: Node) -> Value:
        value = self.cached(node, lambda: v.literal(self.opening(node)))
        if value.flags & v.MARKUP:
            self.emit("output", node, value, name="html")
        self.echoes = False
        return NOTHING

    def tag(self, node: Node) -> Value:
        self.echoes = self.content[node.start : node.end] == b"<?="
        return NOTHING

    # control

    def branches(self, node: Node) -> Value:
        before = self.guard
        scope = self.scope
        ends = 0
        scope.depth += 1
        kids = node.kids
        for i in range(0, len(kids) - 1, 2):
            self.guard |= self.evaluate(kids[i]).all()
            self.evaluate(kids[i + 1])
            if self.ends(kids[i + 1]):
                ends |= self.guard
        if len(kids) % 2:
            self.evaluate(kids[-1])
            if self.ends(kids[-1]):
                ends |= self.guard
        scope.depth -= 1
        self.guard = before | ends
        return NOTHING

    def ends(self, body: Node) -> bool:
        """Whether what follows is reached only when this branch was not taken."""
        if body.kind in {"compound_statement", "colon_block"}:
            return any(self.ends(kid) for kid in body.kids[-2:])
        if body.kind in _ENDERS:
            return True
        if body.kind == "function_call_expression" and body.kids:
            return self.text_of(body.kids[0]).lower() in ENDS
        return False

    def jump(self, node: Node) -> Value:
        if node.kids:
            name = self.text_of(node.kids[0])
            self.labels[name] = self.labels.get(name, 0) | self.guard
        return NOTHING

    def label(self, node: Node) -> Value:
        if node.kids:
            self.guard |= self.labels.get(self.text_of(node.kids[0]), 0)
        return NOTHING

    def loop(self, node: Node) -> Value:
        before = self.guard
        self.scope.depth += 1
        for kid in node.kids:
            self.guard |= self.evaluate(kid).all() if node.kind == "while_statement" else 0
            if node.kind != "while_statement":
                self.evaluate(kid)
        self.scope.depth -= 1
        self.guard = before
        return NOTHING

    def foreach(self, node: Node) -> Value:
        if len(node.kids) < 2:  # noqa: PLR2004
            return NOTHING
        over = self.evaluate(node.kids[0])
        each = Value(over.flags, seen=over.seen, hosts=over.hosts, after=over.flags)
        if over.items and len(over.items) == 1:
            each = next(iter(over.items.values()))
        before = self.guard
        self.store(node.kids[1], each)
        self.scope.depth += 1
        for kid in node.kids[2:]:
            self.evaluate(kid)
        self.scope.depth -= 1
        self.guard = before
        return NOTHING

    def switch(self, node: Node) -> Value:
        before = self.guard
        self.scope.depth += 1
        found = []
        for index, kid in enumerate(node.kids):
            value = self.evaluate(kid)
            self.guard |= value.all() if not index else 0
            found.append(value)
        self.scope.depth -= 1
        self.guard = before
        return v.mixed(found)

    def block(self, node: Node) -> Value:
        before = self.guard
        for kid in node.kids:
            self.evaluate(kid)
        self.guard = before
        return NOTHING

    # functions

    def function(self, node: Node) -> Value:
        kinds = {kid.kind: kid for kid in reversed(node.kids)}
        body = kinds.get("compound_statement")
        if body is None or "name" not in kinds:
            return NOTHING
        name = self.text_of(kinds["name"]).lower()
        known = self.functions.setdefault(name, Function(name))
        known.named_in_file = True
        inner = Scope(name)
        parameters = kinds.get("formal_parameters")
        for index, parameter in enumerate(parameters.kids if parameters is not None else []):
            names = [kid for kid in parameter.kids if kid.kind == "variable_name"]
            if names:
                inner.variables[self.text_of(names[0])[1:]] = known.given(index)
        self.inside(inner, known.guard, body)
        known.answer = v.either(known.answer, inner.answer)
        return NOTHING

    def closure(self, node: Node) -> Value:
        inner = Scope(self.scope.name)
        inner.variables.update(self.scope.variables)
        for kid in node.kids:
            if kid.kind == "formal_parameters":
                for parameter in kid.kids:
                    for part in parameter.kids:
                        if part.kind == "variable_name":
                            inner.variables[self.text_of(part)[1:]] = Value(v.UNKNOWN)
        last = NOTHING
        for kid in node.kids:
            if kid.kind not in {"formal_parameters", "anonymous_function_use_clause"}:
                last = self.inside(inner, self.guard, kid)
        answer = inner.answer if node.kind == "anonymous_function" else last
        return Value(answer.flags | v.CLOSURE, seen=answer.seen, hosts=answer.hosts)

    def inside(self, scope: Scope, guard: int, body: Node) -> Value:
        """Walks a body in its own scope."""
        outer, before = self.scope, self.guard
        self.scope, self.guard = scope, guard
        value = self.evaluate(body)
        self.scope, self.guard = outer, before
        return value

    def returned(self, node: Node) -> Value:
        value = v.joined([self.evaluate(kid) for kid in node.kids])
        self.scope.answer = v.either(self.scope.answer, value.under(self.guard))
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
    return Value(flags, seen=base.seen | key.flags, hosts=base.hosts, after=base.after or flags)

"""What a call does: functions of PHP and WordPress by name, the file's own by what they answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unhijack.parse.server.php import names
from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.folding import fold
from unhijack.parse.server.php.scopes import Function, server_value
from unhijack.parse.server.php.values import NOTHING, Value

if TYPE_CHECKING:
    from unhijack.parse.server.php.flow import Walk
    from unhijack.parse.server.php.tree import Node

_ASKED = v.VISITOR | v.HOST | v.PLACE | v.SERVER | v.QUERY
_TELLS = re.compile(
    r"^(?:is|check|detect)_?(mobile|tablet|phone|smartphone|bot|crawler|robot|spider|crawl)"
    r"|^(?:get_?)?(user_?agent|referr?er)$"
)
_TOLD = {
    **dict.fromkeys(("mobile", "tablet", "phone", "smartphone"), v.AGENT | v.MOBILE),
    **dict.fromkeys(("bot", "crawler", "robot", "spider", "crawl"), v.AGENT | v.BOT),
    "useragent": v.AGENT,
    "referer": v.REFERRER,
    "referrer": v.REFERRER,
}
_OPTIONS = frozenset({"get_option", "get_site_option", "get_transient", "get_theme_mod"})
_PAGE_FILTERS = frozenset({"the_content", "the_excerpt", "wp_head", "wp_footer", "final_output"})
_CALLBACK_METHODS = frozenset({"uasort", "uksort", "createfunction", "sqlitecreatefunction"})
_INVOKES = frozenset({"invoke", "invokeargs"})
_REDIRECT_METHODS = frozenset({"redirect", "_redirect", "setredirect", "gotourl", "redirecttourl"})


class Calls:
    """The part of the walk that knows functions."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    def arguments(self, node: Node) -> tuple[list[Node], list[Value]]:
        """The arguments of a call, evaluated."""
        for kid in reversed(node.kids):
            if kid.kind == "arguments":
                return kid.kids, [self.walk.evaluate(part) for part in kid.kids]
        return [], []

    def function(self, node: Node) -> Value:
        """``name(...)``, ``$name(...)``, ``("na" . "me")(...)``."""
        walk = self.walk
        if not node.kids:
            return NOTHING
        callee = node.kids[0]
        if callee.kind in {"name", "qualified_name"}:
            name = walk.text_of(callee).rpartition("\\")[2].lower()
            nodes, values = self.arguments(node)
            return self.named(node, name, nodes, values, hidden=False)
        target = walk.evaluate(callee)
        nodes, values = self.arguments(node)
        walk.emit("call", node, target, other=v.mixed(values) if values else NOTHING)
        if target.text is not None:
            name = target.text.rpartition("\\")[2].lower()
            hidden = bool(target.flags & (v.DECODED | v.BUILT | v.ESCAPED)) or walk.text_of(
                callee
            ).startswith("(")
            return self.named(node, name, nodes, values, hidden=hidden or True)
        if values and values[0].head[:9].lower() == "location:":
            self.redirect(node, values, "header", hidden=True)
        return v.mixed([target, *values], v.DECODED if target.flags & v.DECODED else 0)

    def method(self, node: Node) -> Value:
        """``$object->name(...)``, ``Class::name(...)``."""
        walk = self.walk
        if len(node.kids) < 2:  # noqa: PLR2004  # object and name
            return NOTHING
        holder = walk.evaluate(node.kids[0])
        name = walk.text_of(node.kids[1]).lower()
        _nodes, values = self.arguments(node)
        if name in _REDIRECT_METHODS and values:
            self.redirect(node, values, "method", hidden=False)
        if name in _CALLBACK_METHODS and values:
            walk.emit("callback", node, values[-1], other=v.mixed([holder, *values[:-1]]), name=name)
        if name in _INVOKES and holder.flags & v.REFLECTED:
            walk.emit("call", node, holder, other=v.mixed(values))
        known = walk.functions.get(name)
        own = walk.text_of(node.kids[0]).lower() in {"$this", "self", "static"} or (
            node.kind == "scoped_call_expression"
        )
        if own:
            known = walk.functions.setdefault(name, Function(name))
        if known is not None:
            known.take(values, walk.guard)
        if known is not None and known.named_in_file:
            return known.answer
        return v.mixed([holder, *values], v.UNKNOWN | asked_for(name, values))

    def creation(self, node: Node) -> Value:
        """``new Class(...)``: values stay with the object."""
        walk = self.walk
        _nodes, values = self.arguments(node)
        kind = node.kids[0].kind if node.kids else ""
        if kind not in {"name", "qualified_name", "relative_scope", "arguments", ""}:
            walk.emit("new", node, walk.evaluate(node.kids[0]), other=v.mixed(values))
        elif values and walk.text_of(node.kids[0]).lstrip("\\").lower() == "reflectionfunction":
            first = values[0]
            return Value(first.flags | v.REFLECTED, text=first.text, after=first.after)
        elif values and kind in {"name", "qualified_name"}:
            known = walk.functions.setdefault("__construct", Function("__construct"))
            known.take(values, walk.guard)
        return v.mixed(values, v.UNKNOWN)

    def named(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], *, hidden: bool
    ) -> Value:
        """A call of the function `name`."""
        walk = self.walk
        own = walk.functions.get(name)
        if own is not None and own.named_in_file:
            own.take(values, walk.guard)
            return self.answer_of(own, values)
        if name in _KNOWN:
            special = _KNOWN[name](self, node, name, nodes, values, hidden)
            if special is not None:
                return special
        elif name not in names.GIVES and name not in names.DECODERS:
            walk.functions.setdefault(name, Function(name)).take(values, walk.guard)
            told = asked_for(name, [])
            return plain_answer(name, [*values, Value(told)]) if told else plain_answer(name, values)
        elif name in _OPTIONS and walk.keeps:
            return Value(v.STORED | walk.keeps, after=v.STORED | walk.keeps)
        return plain_answer(name, values)

    def answer_of(self, own: Function, values: list[Value]) -> Value:
        answer = own.answer
        """What the file's own function answers to these."""
        if own.answer.flags & v.UNKNOWN and values:
            return v.mixed([own.answer, *values])
        return own.answer

    def redirect(self, node: Node, values: list[Value], name: str, *, hidden: bool) -> None:
        """Notes that the visitor is sent elsewhere."""
        self.walk.emit("redirect", node, values[0], name=name, hidden=hidden)

    # functions that do something

    def header(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        if not values:
            return NOTHING
        start = values[0].head.lstrip()[:9].lower()
        if start in {"location:", "location "} or start.startswith("refresh:"):
            self.redirect(node, values, "header", hidden=hidden)
        elif start in "location:" or not values[0].head:
            self.walk.emit("header", node, values[0], name=name, hidden=hidden)
        elif values[0].text is not None and " 404" in values[0].text[:30]:
            self.walk.emit("missing", node, values[0], name=name)
        return NOTHING

    def redirects(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        if values:
            self.redirect(node, values, name, hidden=hidden)
        return NOTHING

    def evaluates(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        if values:
            code = values[1] if name == "create_function" and len(values) > 1 else values[0]
            self.walk.emit("run", node, code, name=name, hidden=hidden)
        return Value(v.mixed(values).flags | v.CLOSURE)

    def executes(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        if values:
            self.walk.emit("command", node, values[0], name=name, hidden=hidden)
        return Value(v.SERVER)

    def replaces(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        pattern = values[0].text if values else None
        if pattern and len(values) > 2 and pattern[0] in "/#~|@!%{(":  # noqa: PLR2004
            if "e" in pattern.rpartition({"{": "}", "(": ")"}.get(pattern[0], pattern[0]))[2]:
                self.walk.emit("run", node, v.mixed(values[1:3]), name="preg_replace")
        return None

    def callback(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        index = 1 if name in names.CALLBACK_SECOND else 0
        if name in names.CALLBACK_LAST:
            index = len(values) - 1
        if len(values) <= index or index < 0:
            return None
        called = values[index]
        if name in {"filter_var", "filter_var_array"}:
            called = (called.items or {}).get("options", NOTHING)
        rest = [value for i, value in enumerate(values) if i != index]
        self.walk.emit("callback", node, called, other=v.mixed(rest), name=name, hidden=hidden)
        if name == "ob_start":
            self.shown(node, called)
        if called.text is not None and called.text.lower() != name:
            inner = called.text.rpartition("\\")[2].lower()
            return self.named(node, inner, nodes, rest, hidden=True)
        return None

    def hook(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        if len(values) < 2:  # noqa: PLR2004
            return NOTHING
        hook, called = values[0].text or "", values[1]
        target = called.text
        if target is None and called.items:
            last = called.items.get("1")
            target = last.text if last is not None else None
        if target:
            key = target.rpartition("::")[2].lower()
            self.walk.functions.setdefault(key, Function(key)).hooks.add(hook)
        self.walk.emit("hook", node, called, other=values[0], name=name)
        if hook in _PAGE_FILTERS:
            self.shown(node, v.literal(target) if target else called)
        return NOTHING

    def shown(self, node: Node, called: Value) -> None:
        """Notes what a function answers whose answer becomes part of the page."""
        own = self.walk.functions.get((called.text or "").lower())
        answer = own.answer if own is not None and own.named_in_file else called
        if answer.flags & (v.MARKUP | v.FETCHED):
            self.walk.emit(
                "output", node, answer, name="return", guard=self.walk.guard | answer.seen
            )

    def fetches(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        if not values:
            return Value(v.SOCKET | v.FETCHED) if name == "curl_init" else None
        where = values[0]
        head = where.head.lstrip().lower()
        if head.startswith("php://input"):
            return Value(v.QUERY, after=v.QUERY)
        remote = name in names.ALWAYS_REMOTE or head.startswith(("http:", "https:", "ftp:", "//"))
        remote = remote or (bool(where.hosts) and not where.after & (v.UNKNOWN | v.FILE))
        if not remote and name not in {"copy"}:
            flags = v.FILE | (where.flags & (v.SENT | v.DECODED)) | self.walk.keeps
            handle = where.text if name == "fopen" else None
            return Value(flags, after=flags, text=handle, head=handle or "")
        answer = fetched(values)
        if where.text and name.endswith("sockopen"):
            host = where.text.rpartition("//")[2].lower()[:253]
            answer = Value(answer.flags, seen=answer.seen, hosts=(host,), after=answer.after)
        self.walk.emit("fetch", node, where, other=v.mixed(values[1:]), name=name, hidden=hidden)
        if name == "readfile":
            self.walk.emit("output", node, answer, name=name)
        if name == "copy" and len(values) > 1 and remote:
            self.walk.emit("write", node, answer, other=values[1], name=name)
        return answer

    def curl_setopt(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        if len(values) < 2:  # noqa: PLR2004
            return NOTHING
        option = self.walk.text_of(nodes[1])
        told = values[-1] if "FUNCTION" not in option else NOTHING
        self.walk.store(nodes[0], v.mixed([values[0], fetched([told])]))
        return NOTHING

    def reads(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        answer = v.mixed(values[:1])
        if not answer.flags & v.SOCKET:
            answer = Value((answer.flags & (v.FETCHED | v.SENT)) | v.FILE)
        elif answer.flags & _ASKED:
            answer = Value(answer.flags | v.ASKED, seen=answer.seen, hosts=answer.hosts)
        clean = answer.flags & (v.FETCHED | v.ASKED | v.SENT | v.FILE | v.DECODED | v.SOCKET)
        if name == "fpassthru":
            self.walk.emit("output", node, Value(clean), name=name)
        return Value(clean, seen=answer.seen, hosts=answer.hosts, after=clean)

    def writes(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        if len(values) < 2:  # noqa: PLR2004
            return NOTHING
        if values[0].flags & v.SOCKET:
            self.walk.store(nodes[0], v.mixed([values[0], fetched(values[1:])], v.SOCKET))
            return NOTHING
        where, what = values[0], values[1]
        if name == "move_uploaded_file":
            where, what = values[1], Value(v.UPLOAD)
        self.walk.emit("write", node, what, other=where, name=name, hidden=hidden)
        self.walk.keeps |= what.flags & (v.FETCHED | v.ASKED | v.TOLD_REFERRER)
        return NOTHING

    def keeps(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        """Notes what an option of the site is set to."""
        if len(values) > 1:
            self.walk.keeps |= values[1].flags & (v.FETCHED | v.ASKED | v.TOLD_REFERRER)
        return NOTHING

    def cookie(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        self.walk.emit("cookie", node, v.mixed(values), name=name)
        return NOTHING

    def makes_user(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        fields = values[0].items or {} if name == "wp_insert_user" and values else {}
        fixed = [fields.get("user_login", NOTHING), fields.get("user_pass", NOTHING)]
        if name == "wp_create_user":
            fixed = values[:2]
        if len(fixed) > 1 and all(value.text for value in fixed):
            self.walk.emit("user", node, v.mixed(values), name=name)
        return Value(v.UNKNOWN)

    def printed(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        for part, value in zip(nodes, values, strict=True):
            self.walk.emit("output", part, value, name=name, hidden=hidden)
        return NOTHING

    def environment(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        return server_value(values[-1] if values else NOTHING)

    def input(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        source = self.walk.text_of(nodes[0]).upper() if nodes else ""
        if source in {"INPUT_SERVER", "INPUT_ENV"} and len(values) > 1:
            return server_value(values[1])
        flags = v.COOKIE if source == "INPUT_COOKIE" else v.QUERY
        return Value(flags, after=flags)

    def matched(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        found = v.mixed(values[:2])
        if len(nodes) > 2:  # noqa: PLR2004
            self.walk.store(nodes[2], found)
        return found

    def parsed(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        if len(nodes) > 1:
            self.walk.store(nodes[1], v.mixed(values[:1]))
        return NOTHING

    def extracts(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        if values:
            self.walk.extracted |= values[0].flags & v.SENT
        return NOTHING

    def formatted(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        pattern = values[0].text if values else None
        if pattern is None:
            return None
        parts = re.split(r"%(?:\d\$)?s", pattern, maxsplit=20)
        if len(parts) != len(values) or "%" in "".join(parts):
            return None
        pieces = [v.literal(parts[0])]
        for part, value in zip(parts[1:], values[1:], strict=True):
            pieces += [value, v.literal(part)]
        return v.concat(pieces)

    def defines(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        if len(values) > 1 and values[0].text:
            self.walk.constants[values[0].text] = values[1]
        return NOTHING

    def imploded(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        arrays = [value for value in values if value.items]
        if not arrays or arrays[0].items is None:
            return v.mixed(values, v.BUILT)
        glue = next((value for value in values if value.text is not None), NOTHING)
        pieces: list[Value] = []
        for item in arrays[0].items.values():
            pieces += [glue, item] if pieces and glue.text else [item]
        built = v.concat(pieces)
        return Value(
            built.flags | arrays[0].flags | v.BUILT,
            seen=arrays[0].seen,
            text=built.text,
            head=built.head,
            after=built.after,
            hosts=built.hosts or arrays[0].hosts,
        )

    def exploded(
        self, node: Node, name: str, nodes: list[Node], values: list[Value], hidden: bool
    ) -> Value | None:
        whole = values[-1] if name == "str_split" and len(values) == 1 else v.mixed(values[1:2])
        text = values[1].text if len(values) > 1 else None
        glue = values[0].text if values else None
        items = None
        if name == "explode" and text and glue:
            parts = text.split(glue)[: v.MOST_ITEMS]
            items = {str(i): v.literal(part, whole.flags) for i, part in enumerate(parts)}
        return Value(whole.flags, seen=whole.seen, hosts=whole.hosts, items=items)


def asked_for(name: str, values: list[Value]) -> int:
    """What a function or method elsewhere tells of the visitor, by its name or what it is given."""
    flags = 0
    for value in values:
        flags |= value.flags
    origins = v.named_origins(flags)
    match = _TELLS.search(name)
    if match is not None:
        word = match[1] or match[2]
        origins |= _TOLD[word.replace("_", "")]
    return origins


def fetched(values: list[Value]) -> Value:
    """What another server answered, told `values`."""
    told = v.mixed(values)
    flags = v.FETCHED | v.SOCKET | (told.flags & (v.DECODED | v.WORDS | v.ASKED | v.STORED))
    if told.flags & _ASKED:
        flags |= v.ASKED
    if told.flags & (v.REFERRER | v.EVERYTHING | v.TOLD_REFERRER):
        flags |= v.TOLD_REFERRER
    return Value(flags, seen=told.seen, hosts=told.hosts, after=flags)


def plain_answer(name: str, values: list[Value]) -> Value:
    """What a function gives that does nothing else."""
    if name in names.DECODERS or name in {"chr", "pack", "strtr", "substr", "strtolower", "trim"}:
        folded = folded_answer(name, values)
        if folded is not None:
            return folded
    if name in {"str_replace", "ucfirst", "strtoupper", "stripslashes", "substr_replace"}:
        folded = folded_answer(name, values)
        if folded is not None:
            return folded
    if name in names.KEEPS_TEXT and values:
        first = values[0]
        rest = v.mixed(values)
        return Value(
            rest.flags,
            seen=rest.seen,
            text=first.text if len(values) == 1 else None,
            head=first.head.lstrip(),
            after=first.after or rest.flags,
            hosts=rest.hosts,
            items=first.items,
        )
    flags = names.GIVES.get(name, 0)
    if name in names.STRONG_DECODERS:
        flags |= v.DECODED
    if flags & v.NUMBER:
        found = v.mixed(values, flags)
        return Value(found.flags & ~v.MARKUP, seen=found.seen)
    return v.mixed(values, flags)


def folded_answer(name: str, values: list[Value]) -> Value | None:
    """The function on constants, or None."""
    texts = [value.text for value in values]
    if not texts or any(text is None for text in texts):
        return None
    made = fold(name, [text for text in texts if text is not None])
    if made is None:
        return None
    flags = v.mixed(values).flags & ~v.MARKUP
    if name in names.STRONG_DECODERS or name in {"strrev", "pack"}:
        flags |= v.DECODED
    elif name in {"chr", "substr", "str_replace", "strtr", "substr_replace"}:
        flags |= v.BUILT
    return v.literal(made, flags)


_KNOWN = {
    "header": Calls.header,
    "curl_setopt": Calls.curl_setopt,
    "curl_setopt_array": Calls.curl_setopt,
    "preg_replace": Calls.replaces,
    "setcookie": Calls.cookie,
    "setrawcookie": Calls.cookie,
    "getenv": Calls.environment,
    "filter_input": Calls.input,
    "preg_match": Calls.matched,
    "preg_match_all": Calls.matched,
    "parse_str": Calls.parsed,
    "extract": Calls.extracts,
    "preg_filter": Calls.replaces,
    "sprintf": Calls.formatted,
    **dict.fromkeys(("update_option", "add_option", "set_transient"), Calls.keeps),
    "define": Calls.defines,
    "implode": Calls.imploded,
    "join": Calls.imploded,
    "explode": Calls.exploded,
    "str_split": Calls.exploded,
    "printf": Calls.printed,
    "vprintf": Calls.printed,
    "print_r": Calls.printed,
    "die": Calls.printed,
    "exit": Calls.printed,
    "wp_die": Calls.printed,
    **dict.fromkeys(names.HOOKS, Calls.hook),
    **dict.fromkeys(names.MAKES_USER, Calls.makes_user),
    **dict.fromkeys(names.REDIRECTS, Calls.redirects),
    **dict.fromkeys(names.EVALUATES, Calls.evaluates),
    **dict.fromkeys(names.EXECUTES, Calls.executes),
    **dict.fromkeys(names.WRITES, Calls.writes),
    **dict.fromkeys(names.CALLBACK_FIRST | names.CALLBACK_SECOND | names.CALLBACK_LAST, Calls.callback),
    **dict.fromkeys(names.READS_HANDLE, Calls.reads),
    **dict.fromkeys(names.FETCHES, Calls.fetches),
}

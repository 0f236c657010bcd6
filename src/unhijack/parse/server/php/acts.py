"""Functions of PHP and WordPress that do something: what they do becomes facts."""

import re
from collections.abc import Callable

from unhijack.parse.server.php import names
from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.answers import ASKED_WITH, VISIT, fetched, folded_answer
from unhijack.parse.server.php.scopes import Function, closure_key, server_value
from unhijack.parse.server.php.tree import Node
from unhijack.parse.server.php.values import NOTHING, Value
from unhijack.parse.server.php.variables import CLOSURES, store
from unhijack.parse.server.php.walk import Call, Walk

_OF_ANSWERS = (
    v.FETCHED
    | v.ASKED
    | v.SENT
    | v.FILE
    | v.DECODED
    | v.SOCKET
    | v.TOLD_VISIT
    | v.TOLD_AGENT
    | v.TOLD_REFERRER
)
_LOOKED_AT = 20
"""Elements of a list that stand for all that a callback is given."""
_PAGE_FILTERS = frozenset({"the_content", "the_excerpt", "wp_head", "wp_footer", "final_output"})


def sent(walk: Walk, node: Node, values: list[Value], name: str, *, hidden: bool) -> None:
    """Notes that the visitor is sent elsewhere."""
    walk.emit("redirect", node, values[0], name=name, hidden=hidden)


def header(walk: Walk, call: Call) -> Value | None:
    if not call.values:
        return NOTHING
    start = call.values[0].head.lstrip()[:9].lower()
    if start in {"location:", "location "} or start.startswith("refresh:"):
        sent(walk, call.node, call.values, "header", hidden=call.hidden)
    elif start in "location:" or not call.values[0].head:
        walk.emit("header", call.node, call.values[0], name=call.name, hidden=call.hidden)
    elif call.values[0].text is not None and " 404" in call.values[0].text[:30]:
        walk.emit("missing", call.node, call.values[0], name=call.name)
    return NOTHING


def redirects(walk: Walk, call: Call) -> Value | None:
    if call.values:
        sent(walk, call.node, call.values, call.name, hidden=call.hidden)
    return NOTHING


def evaluates(walk: Walk, call: Call) -> Value | None:
    if call.values:
        code = (
            call.values[1]
            if call.name == "create_function" and len(call.values) > 1
            else call.values[0]
        )
        walk.emit("run", call.node, code, name=call.name, hidden=call.hidden)
    return Value(v.mixed(call.values).flags | v.CLOSURE)


def executes(walk: Walk, call: Call) -> Value | None:
    if call.values:
        walk.emit("command", call.node, call.values[0], name=call.name, hidden=call.hidden)
    return Value(v.SERVER)


def replaces(walk: Walk, call: Call) -> Value | None:
    pattern = call.values[0].text if call.values else None
    if pattern and len(call.values) > 2 and "e" in _modifiers(pattern):
        named = _CALLS_OWN.match(call.values[1].text or "")
        if named is None or named[1].lower() in _RUNNERS:  # else it calls what the program has
            walk.emit("run", call.node, v.mixed(call.values[1:3]), name="preg_replace")
    return None


_CALLS_OWN = re.compile(r"\s*([A-Za-z]\w{1,60})\(\s?['\"]?(?:\\|\$)\d['\"]?\s?\)\s*$")
"""A replacement that is a call with what was matched, and nothing else."""
_RUNNERS = frozenset(
    "eval assert create_function system exec passthru shell_exec popen proc_open pcntl_exec include"
    " include_once require require_once base64_decode gzinflate gzuncompress str_rot13 call_user_func"
    " call_user_func_array array_map unserialize print printf echo die exit".split()
)


def _modifiers(pattern: str) -> str:
    closing = {"{": "}", "(": ")", "[": "]", "<": ">"}.get(pattern[0], pattern[0])
    return "" if pattern[0].isalnum() else pattern.rpartition(closing)[2]


def callback(walk: Walk, call: Call) -> Value | None:
    index = 1 if call.name in names.CALLBACK_SECOND else 0
    if call.name in names.CALLBACK_LAST:
        index = len(call.values) - 1
    if len(call.values) <= index or index < 0:
        return None
    called = call.values[index]
    if call.name in {"filter_var", "filter_var_array"}:
        called = (called.items or {}).get("options", NOTHING)
    rest = [value for i, value in enumerate(call.values) if i != index]
    if call.nodes[index].kind in CLOSURES and rest:
        key = closure_key(call.nodes[index].start)
        each = v.mixed(list(rest[0].items.values())[:_LOOKED_AT]) if rest[0].items else rest[0]
        taken = [NOTHING, each] if call.name == "array_reduce" else [each]
        walk.functions.setdefault(key, Function(key)).take(taken, walk.guard, walk.round)
    walk.emit(
        "callback", call.node, called, other=v.mixed(rest), name=call.name, hidden=call.hidden
    )
    if call.name == "ob_start":
        shown(walk, call.node, called, name="ob_start")
    if called.text is not None and called.text.lower() != call.name:
        inner = called.text.rpartition("\\")[2].lower()
        given = [node for i, node in enumerate(call.nodes) if i != index]
        if call.name == "array_map" and len(rest) == 1 and rest[0].items:
            return mapped(inner, rest[0].items) or walk.by_name(
                walk, Call(call.node, inner, given, rest, hidden=True)
            )
        return walk.by_name(walk, Call(call.node, inner, given, rest, hidden=True))
    return None


def mapped(name: str, items: dict[str, Value]) -> Value | None:
    """What the function makes of each constant of a list, or None."""
    made = {key: folded_answer(name, [item]) for key, item in items.items()}
    known = {key: value for key, value in made.items() if value is not None}
    if len(known) < len(items):
        return None
    flags = v.mixed(list(known.values()), v.DECODED if name == "chr" else 0).flags
    return Value(flags, items=known)


def hook(walk: Walk, call: Call) -> Value | None:
    if len(call.values) < 2:
        return NOTHING
    hook, called = call.values[0].text or "", call.values[1]
    target = called.text
    if target is None and called.items:
        last = called.items.get("1")
        target = last.text if last is not None else None
    if target:
        key = target.rpartition("::")[2].lower()
        for name in (key, "::" + key):
            walk.functions.setdefault(name, Function(name)).hooks.add(hook)
    walk.emit("hook", call.node, called, other=call.values[0], name=call.name)
    if hook in _PAGE_FILTERS:
        shown(walk, call.node, v.literal(target) if target else called)
    elif hook in names.ADDRESS_FILTERS:
        answer = answered(walk, v.literal(target) if target else called)
        if answer.hosts or answer.flags & (v.DECODED | v.FETCHED):
            guard = walk.guard | answer.seen
            walk.emit("redirect", call.node, answer, name="filter", guard=guard)
    return NOTHING


def shortcode(walk: Walk, call: Call) -> Value | None:
    """Notes what stands in a page where a mark of WordPress stood."""
    if len(call.values) > 1:
        shown(walk, call.node, call.values[1])
    return NOTHING


def answers_script(walk: Walk, call: Call) -> Value | None:
    """Notes what a page's own script is answered."""
    if call.values:
        guard = walk.guard | call.values[0].seen
        walk.emit("output", call.node, call.values[0], name="answer", guard=guard)
    return NOTHING


def fetches(walk: Walk, call: Call) -> Value | None:
    if not call.values:
        return Value(v.SOCKET | v.FETCHED) if call.name == "curl_init" else None
    where = call.values[0]
    head = where.head.lstrip().lower()
    if head.startswith("php://input"):
        return Value(v.QUERY, after=v.QUERY)
    remote = call.name in names.ALWAYS_REMOTE or head.startswith(("http:", "https:", "ftp:", "//"))
    remote = remote or (bool(where.hosts) and not where.after & (v.UNKNOWN | v.FILE))
    if not remote and call.name not in {"copy"}:
        flags = v.FILE | (where.flags & (v.SENT | v.DECODED)) | walk.keeps
        handle = where.text if call.name == "fopen" else None
        held = Value(flags, after=flags, text=handle, head=handle or "", tail=where.ending()[-64:])
        if call.name == "readfile":
            walk.emit("output", call.node, held, name=call.name)
        return held
    answer = fetched(call.values)
    if where.text and call.name.endswith("sockopen"):
        host = where.text.rpartition("//")[2].lower()[:253]
        answer = Value(answer.flags, seen=answer.seen, hosts=(host,), after=answer.after)
    walk.emit(
        "fetch",
        call.node,
        where,
        other=v.mixed(call.values[1:]),
        name=call.name,
        hidden=call.hidden,
    )
    if call.name == "readfile":
        walk.emit("output", call.node, answer, name=call.name)
    if call.name == "copy" and len(call.values) > 1 and remote:
        walk.emit("write", call.node, answer, other=call.values[1], name=call.name)
    return answer


def curl_setopt(walk: Walk, call: Call) -> Value | None:
    if len(call.values) < 2:
        return NOTHING
    option = walk.text_of(call.nodes[1])
    told = call.values[-1] if "FUNCTION" not in option else NOTHING
    store(walk, call.nodes[0], v.mixed([call.values[0], fetched([told])]))
    return NOTHING


def reads(walk: Walk, call: Call) -> Value | None:
    answer = v.mixed(call.values[:1])
    if not answer.flags & v.SOCKET:
        answer = Value((answer.flags & (v.FETCHED | v.SENT)) | v.FILE)
    elif answer.flags & ASKED_WITH:
        told = v.ASKED | (v.TOLD_VISIT if answer.flags & VISIT else 0)
        answer = Value(answer.flags | told, seen=answer.seen, hosts=answer.hosts)
    clean = answer.flags & _OF_ANSWERS
    if call.name == "fpassthru":
        walk.emit("output", call.node, Value(clean), name=call.name)
    return Value(clean, seen=answer.seen, hosts=answer.hosts, after=clean)


def writes(walk: Walk, call: Call) -> Value | None:
    if len(call.values) < 2:
        return NOTHING
    if call.values[0].flags & v.SOCKET:
        store(walk, call.nodes[0], v.mixed([call.values[0], fetched(call.values[1:])], v.SOCKET))
        return NOTHING
    where, what = call.values[0], call.values[1]
    if where.head.startswith("php://output") or where.text == "php://stdout":
        walk.emit("output", call.node, what, name=call.name, hidden=call.hidden)
        return NOTHING
    if call.name == "move_uploaded_file":
        where, what = call.values[1], Value(v.UPLOAD)
    walk.emit("write", call.node, what, other=where, name=call.name, hidden=call.hidden)
    walk.keeps |= what.flags & (v.FETCHED | v.ASKED | v.TOLD_REFERRER | v.TOLD_VISIT | v.TOLD_AGENT)
    return NOTHING


def keeps(walk: Walk, call: Call) -> Value | None:
    """Notes what an option of the site is set to."""
    if len(call.values) > 1:
        walk.keeps |= call.values[1].flags & (
            v.FETCHED | v.ASKED | v.TOLD_REFERRER | v.TOLD_VISIT | v.TOLD_AGENT
        )
    return NOTHING


def cookie(walk: Walk, call: Call) -> Value | None:
    walk.emit("cookie", call.node, v.mixed(call.values), name=call.name)
    return NOTHING


def makes_user(walk: Walk, call: Call) -> Value | None:
    fields = call.values[0].items or {} if call.name == "wp_insert_user" and call.values else {}
    fixed = [fields.get("user_login", NOTHING), fields.get("user_pass", NOTHING)]
    if call.name == "wp_create_user":
        fixed = call.values[:2]
    if len(fixed) > 1 and all(value.text for value in fixed):
        walk.emit("user", call.node, v.mixed(call.values), name=call.name)
    return Value(v.UNKNOWN)


def printed(walk: Walk, call: Call) -> Value | None:
    if call.name == "print_r" and len(call.nodes) > 1 and "true" in walk.text_of(call.nodes[1]):
        return v.mixed(call.values[:1])  # for a log
    if call.name == "printf":
        whole = formatted(walk, call)
        if whole is not None:
            walk.emit("output", call.node, whole, name=call.name, hidden=call.hidden)
            return NOTHING
    for part, value in zip(call.nodes, call.values, strict=True):
        walk.emit("output", part, value, name=call.name, hidden=call.hidden)
    return NOTHING


def environment(walk: Walk, call: Call) -> Value | None:
    return server_value(call.values[-1] if call.values else NOTHING)


def inputs(walk: Walk, call: Call) -> Value | None:
    source = walk.text_of(call.nodes[0]).upper() if call.nodes else ""
    if source in {"INPUT_SERVER", "INPUT_ENV"} and len(call.values) > 1:
        return server_value(call.values[1])
    flags = v.COOKIE if source == "INPUT_COOKIE" else v.QUERY
    return Value(flags, after=flags)


def matched(walk: Walk, call: Call) -> Value | None:
    found = v.mixed(call.values[:2])
    if len(call.nodes) > 2:
        store(walk, call.nodes[2], found)
    return found


def parsed(walk: Walk, call: Call) -> Value | None:
    if len(call.nodes) > 1:
        store(walk, call.nodes[1], v.mixed(call.values[:1]))
    return NOTHING


def compacted(walk: Walk, call: Call) -> Value | None:
    """A list of variables by their names."""
    known = {name.text: walk.scope.get(name.text, walk.main) for name in call.values if name.text}
    found = v.mixed(list(known.values()))
    return Value(found.flags, seen=found.seen, hosts=found.hosts, items=known)


def extracts(walk: Walk, call: Call) -> Value | None:
    for name, value in (call.values[0].items or {}).items() if call.values else ():
        walk.scope.set(name, value, walk.main, weak=bool(walk.scope.depth))
    if call.values and not call.values[0].items:
        walk.extracted |= call.values[0].flags & v.SENT
    return NOTHING


def formatted(walk: Walk, call: Call) -> Value | None:
    pattern = call.values[0].text if call.values else None
    given = call.values[1:]
    if call.name == "vsprintf" and given and given[0].items:
        given = list(given[0].items.values())
    if pattern is None:
        return None
    parts = re.split(r"%(?:\d\$)?s", pattern, maxsplit=20)
    if len(parts) != len(given) + 1 or "%" in "".join(parts):
        return None
    pieces = [v.literal(parts[0])]
    for part, value in zip(parts[1:], given, strict=True):
        pieces += [value, v.literal(part)]
    return v.concat(pieces)


def defines(walk: Walk, call: Call) -> Value | None:
    if len(call.values) > 1 and call.values[0].text:
        walk.constants[call.values[0].text] = call.values[1]
    return NOTHING


def imploded(walk: Walk, call: Call) -> Value | None:
    arrays = [value for value in call.values if value.items]
    if not arrays or arrays[0].items is None:
        return v.mixed(call.values, v.BUILT)
    glue = next((value for value in call.values if value.text is not None), NOTHING)
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


def exploded(walk: Walk, call: Call) -> Value | None:
    whole = (
        call.values[-1]
        if call.name == "str_split" and len(call.values) == 1
        else v.mixed(call.values[1:2])
    )
    text = call.values[1].text if len(call.values) > 1 else None
    glue = call.values[0].text if call.values else None
    items = None
    if call.name == "explode" and text and glue:
        parts = text.split(glue)[: v.MOST_ITEMS]
        items = {str(i): v.literal(part, whole.flags) for i, part in enumerate(parts)}
    return Value(whole.flags, seen=whole.seen, hosts=whole.hosts, items=items)


def prepends(walk: Walk, call: Call) -> Value | None:
    """Notes the file that is loaded before every page."""
    option = (call.values[0].text or "").lower() if call.values else ""
    if len(call.values) > 1 and option in {"auto_prepend_file", "auto_append_file"}:
        walk.emit("prepend", call.node, call.values[1], name=call.name, hidden=call.hidden)
    return NOTHING


def enqueues(walk: Walk, call: Call) -> Value | None:
    """Notes a script that WordPress is to write into the page."""
    if len(call.values) > 1:
        value = call.values[1]
        inline = call.name == "wp_add_inline_script"
        if inline or value.hosts:
            flags = v.SCRIPT if inline else v.SCRIPT | v.REMOTE_SCRIPT
            walk.emit("output", call.node, v.placed(value, flags), name=call.name)
    return NOTHING


def adds_script(walk: Walk, call: Call) -> Value | None:
    """Notes a script that Drupal is to write into the page: its text, or where it lies."""
    if call.values:
        value = call.values[0]
        inline = any("inline" in walk.text_of(node) for node in call.nodes[1:])
        if inline or value.hosts:
            flags = v.SCRIPT if inline else v.SCRIPT | v.REMOTE_SCRIPT
            walk.emit("output", call.node, v.placed(value, flags), name=call.name)
    return NOTHING


def answered(walk: Walk, called: Value) -> Value:
    """What a function answers that was handed on by its name, or made where it is handed on."""
    method = (called.items or {}).get("1")
    key = (called.text or "").lower() if method is None else "::" + (method.text or "").lower()
    own = walk.functions.get(key)
    return own.answer if own is not None and own.named_in_file else called


def shown(walk: Walk, node: Node, called: Value, name: str = "return") -> None:
    """Notes what a function answers whose answer becomes part of the page, once all is read."""
    guard, scope = walk.guard, walk.scope

    def note() -> None:
        answer = answered(walk, called)
        if answer.flags & (v.MARKUP | v.FETCHED):
            walk.scope = scope
            walk.emit("output", node, answer, name=name, guard=guard | answer.seen)

    if walk.emits:
        walk.later.append(note)


ACTS: dict[str, Callable[[Walk, Call], Value | None]] = {
    "header": header,
    "curl_setopt": curl_setopt,
    "curl_setopt_array": curl_setopt,
    "preg_replace": replaces,
    "setcookie": cookie,
    "setrawcookie": cookie,
    "getenv": environment,
    "filter_input": inputs,
    "preg_match": matched,
    "preg_match_all": matched,
    "parse_str": parsed,
    "extract": extracts,
    "compact": compacted,
    "preg_filter": replaces,
    "sprintf": formatted,
    "vsprintf": formatted,
    **dict.fromkeys(("wp_enqueue_script", "wp_register_script", "wp_add_inline_script"), enqueues),
    "drupal_add_js": adds_script,
    **dict.fromkeys(("ini_set", "ini_alter"), prepends),
    **dict.fromkeys(("update_option", "add_option", "set_transient"), keeps),
    "define": defines,
    "implode": imploded,
    "join": imploded,
    "explode": exploded,
    "str_split": exploded,
    "printf": printed,
    "vprintf": printed,
    "print_r": printed,
    "die": printed,
    "exit": printed,
    "wp_die": printed,
    **dict.fromkeys(names.HOOKS, hook),
    "add_shortcode": shortcode,
    **dict.fromkeys(("wp_send_json", "wp_send_json_success"), answers_script),
    **dict.fromkeys(names.MAKES_USER, makes_user),
    **dict.fromkeys(names.REDIRECTS, redirects),
    **dict.fromkeys(names.EVALUATES, evaluates),
    **dict.fromkeys(names.EXECUTES, executes),
    **dict.fromkeys(names.WRITES, writes),
    **dict.fromkeys(names.CALLBACK_FIRST | names.CALLBACK_SECOND | names.CALLBACK_LAST, callback),
    **dict.fromkeys(names.READS_HANDLE, reads),
    **dict.fromkeys(names.FETCHES, fetches),
}

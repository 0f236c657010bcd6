"""Rules on code that runs, loads or writes what a stranger sends or what is hidden."""

import re
from collections.abc import Sequence

from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.facts import Fact
from unhijack.parse.server.php.values import Value

_NOT_CODE = re.compile(
    r"\.(?:ico|jpe?g|png|gif|bmp|svg|css|zip|gz|log|txt|dat|tmp|bak|swf|pdf|woff2?|ttf|eot|otf|webp|mp3)$",
    re.IGNORECASE,
)
_CODE_NAME = re.compile(r"\.(?:php\d?|phtml|htaccess|user\.ini)$", re.IGNORECASE)
_SENDER = re.compile(r"\$_(?:GET|POST|REQUEST|COOKIE|SERVER\[.HTTP)")
_PLANTS = re.compile(
    r"<\?.{0,200}?(?:\beval|\bassert|\bsystem|\bpassthru|\bmove_uploaded_file).{0,80}?\$_(?:GET|POST|REQUEST|COOKIE|FILES)",
    re.DOTALL,
)
_REWRITES = re.compile(
    r"RewriteCond\s{1,9}%\{HTTP_(?:REFERER|USER_AGENT)\}.{0,2000}?RewriteRule\s.{0,80}?https?://",
    re.DOTALL | re.IGNORECASE,
)
_PLANTS_REDIRECT = re.compile(
    r"<\?.{0,300}?HTTP_(?:REFERER|USER_AGENT).{0,400}?(?:location|<script|http-equiv|refresh)",
    re.DOTALL | re.IGNORECASE,
)
_ODD_PATH = re.compile(
    r"^/(?:tmp|var/tmp|dev/shm)/|/\.[\w-]|\.(?:ico|jpe?g|png|gif|css|zip|log|txt|dat|tmp|bak)$",
    re.IGNORECASE,
)
_SETS_PREPEND = re.compile(
    r"auto_(?:prepend|append)_file\s{0,5}=?\s{0,5}[\"']?([^\s\"';%$]{3,200})", re.IGNORECASE
)
_NAMES_PREPEND = re.compile(r"auto_(?:prepend|append)_file", re.IGNORECASE)
_SETTINGS = (".user.ini", "php.ini", ".htaccess")
_RUNS = frozenset({"eval", "assert", "system", "exec", "shell_exec", "passthru", "create_function"})


def planted_marks(facts: Sequence[Fact]) -> list[Mark]:
    """What the facts say, one rule a kind of fact."""
    rules = {
        "run": _run,
        "include": _include,
        "prepend": _prepend,
        "call": _call,
        "callback": _callback,
        "new": _call,
        "command": _command,
        "write": _write,
    }
    marks = []
    for fact in facts:
        rule = rules.get(fact.what)
        mark = rule(fact) if rule is not None else None
        if mark is not None:
            marks.append(mark)
    return marks + _fetched_includes(facts) + _users(facts) + _hiding(facts)


def _run(fact: Fact) -> Mark | None:
    flags = fact.value.flags
    if flags & v.SENT and not flags & v.NUMBER:
        through = flags & v.UNKNOWN and fact.inside.startswith("::")  # a template engine, perhaps
        confidence = 0.6 if through and fact.value.head else 0.95
        return _mark(
            "php-run-request", "backdoor", confidence, "It runs what a request brings", fact
        )
    if flags & v.FETCHED and not flags & v.NUMBER:
        return _mark("php-run-fetched", "backdoor", 0.88, "It runs what another server says", fact)
    if fact.hidden and fact.name in _RUNS:
        return _mark("php-run-hidden", "backdoor", 0.9, "It runs code by a hidden name", fact)
    if flags & v.DECODED and not flags & (v.UNKNOWN | v.STORED):
        return _mark("php-run-decoded", "backdoor", 0.9, "It runs code that it decodes", fact)
    if flags & v.STORED and flags & v.DECODED:
        return _mark("php-run-stored", "backdoor", 0.8, "It runs code from the database", fact)
    if fact.value.text is not None and _SENDER.search(fact.value.text):
        confidence = 0.9 if "eval" in fact.value.text or fact.value.flags & v.BUILT else 0.75
        return _mark(
            "php-run-constant", "backdoor", confidence, "It runs a text that reads a request", fact
        )
    if flags & (v.AGENT | v.REFERRER | v.LANGUAGE):
        return _mark(
            "php-run-request", "backdoor", 0.9, "It runs what a request's header brings", fact
        )
    return None


def _include(fact: Fact) -> Mark | None:
    value = fact.value
    flags = value.flags
    if flags & v.FETCHED or value.head.lower().startswith(
        ("http://", "ftp://", "data:", "php://input")
    ):
        made = flags & v.UNKNOWN and not flags & (v.SENT | v.FETCHED) and "data:" in value.head
        confidence = 0.45 if made and fact.inside.startswith("::") else 0.9  # by a template engine
        reason = "It loads code from elsewhere"
        return _mark("php-include-remote", "backdoor", confidence, reason, fact)
    if flags & v.ESCAPED:
        return _mark(
            "php-include-hidden", "injection", 0.95, "It loads a file by a scrambled path", fact
        )
    if flags & v.DECODED and not flags & (v.UNKNOWN | v.STORED):
        return _mark(
            "php-include-hidden", "injection", 0.9, "It loads a file by a decoded path", fact
        )
    named = not value.head and value.after & (v.QUERY | v.COOKIE)
    if named and not flags & (v.UNKNOWN | v.FILE):
        return _mark(
            "php-include-request", "backdoor", 0.6, "It loads the file that a request names", fact
        )
    if flags & v.UPLOAD:
        return _mark(
            "php-include-request", "backdoor", 0.8, "It loads a file that was just sent", fact
        )
    return _odd_include(fact)


def _odd_include(fact: Fact) -> Mark | None:
    if fact.guard & v.ASKED and fact.guard & v.TOLD_AGENT and not fact.guard & v.POSTED:
        reason = "Another server says which page a visitor is shown"
        return _mark("php-include-controlled", "redirect", 0.6, reason, fact)
    if not _NOT_CODE.search(fact.value.ending()):
        return None
    confidence = 0.75 if fact.guard & (v.AGENT | v.REFERRER) else 0.6
    return _mark(
        "php-include-odd", "injection", confidence, "It loads as code a file that is none", fact
    )


def _prepend(fact: Fact) -> Mark | None:
    """A file that every page is to load: honest firewalls name theirs in a file of settings."""
    value = fact.value
    if value.text is not None and not value.text.strip():
        return None  # switched off
    odd = value.flags & (v.DECODED | v.ESCAPED) or _ODD_PATH.search(value.text or value.tail)
    confidence = 0.8 if odd else 0.55
    return _mark(
        "php-prepends", "injection", confidence, "It has every page load another file first", fact
    )


def _fetched_includes(facts: Sequence[Fact]) -> list[Mark]:
    """Files that are loaded as code, and were written with what another server says."""
    written = [f.other for f in facts if f.what == "write" and f.value.flags & v.FETCHED]
    return [
        _mark(
            "php-include-fetched", "backdoor", 0.8, "It loads code that another server says", fact
        )
        for fact in facts
        if fact.what == "include" and any(_same(fact.value, other) for other in written[:50])
    ]


def _same(one: Value, other: Value) -> bool:
    """Whether two paths are one: the same variable, or the same text."""
    return one is other or (bool(one.text) and one.text == other.text)


def _call(fact: Fact) -> Mark | None:
    target = fact.value
    flags = target.flags
    if flags & v.CLOSURE:
        return None
    if flags & v.SENT and not flags & (v.UNKNOWN | v.STORED) and target.items is None:
        if fact.other.flags & v.SENT:
            direct = not target.seen and not flags & ~v.SENT and not fact.guard & v.NUMBER
            return _mark(
                "php-call-request",
                "backdoor",
                0.9 if direct else 0.6,
                "It calls the function that a request names",
                fact,
            )
        return _mark(
            "php-call-request", "backdoor", 0.45, "It calls the function that a request names", fact
        )
    given = fact.other.flags
    if flags & given & (v.BUILT | v.DECODED) and not (flags | given) & v.OPAQUE and not target.head:
        reason = "It calls a function whose name and arguments it works out"
        return _mark("php-call-hidden", "backdoor", 0.6, reason, fact)
    name = (target.text or "").lower()
    if name in _RUNS and not flags & v.OPAQUE:
        return _mark(
            "php-call-hidden",
            "backdoor",
            0.85,
            "It calls a dangerous function by a hidden name",
            fact,
        )
    return None


def _callback(fact: Fact) -> Mark | None:
    called = fact.value
    flags = called.flags
    if flags & v.CLOSURE:
        return None
    if flags & v.SENT and not flags & (v.UNKNOWN | v.STORED):
        confidence = 0.93 if fact.other.flags & v.SENT else 0.55
        return _mark(
            "php-callback-request",
            "backdoor",
            confidence,
            "A request names the function that it calls",
            fact,
        )
    if (called.text or "").lower() in _RUNS and fact.other.flags & (v.SENT | v.DECODED | v.FETCHED):
        return _mark(
            "php-callback-runs",
            "backdoor",
            0.92,
            "It runs what a request brings, through a callback",
            fact,
        )
    return None


def _command(fact: Fact) -> Mark | None:
    flags = fact.value.flags
    if flags & (v.SENT | v.AGENT | v.REFERRER) and not flags & v.NUMBER:
        direct = not fact.value.head and fact.value.after & v.SENT
        confidence = 0.9 if direct else 0.6
        return _mark(
            "php-command-request",
            "webshell",
            confidence,
            "It runs commands that a request brings",
            fact,
        )
    if flags & v.FETCHED:
        return _mark(
            "php-command-fetched",
            "backdoor",
            0.8,
            "It runs commands that another server says",
            fact,
        )
    return None


def _write(fact: Fact) -> Mark | None:
    return _written_settings(fact) or _written_code(fact)


def _written_settings(fact: Fact) -> Mark | None:
    """By the text that is written."""
    text = fact.value.text or fact.value.head
    if _REWRITES.search(text):
        return _mark(
            "php-write-rewrite",
            "dropper",
            0.85,
            "It writes rules that send some visitors elsewhere",
            fact,
        )
    if _PLANTS_REDIRECT.search(text[: v.MOST_TEXT]):
        return _mark(
            "php-write-redirector",
            "dropper",
            0.8,
            "It writes code that sends some visitors elsewhere",
            fact,
        )
    if _NAMES_PREPEND.search(text[: v.MOST_TEXT]) and fact.other.ending().endswith(_SETTINGS):
        return _mark(
            "php-write-prepend",
            "dropper",
            0.55,
            "It writes settings that have every page load another file",
            fact,
        )
    prepended = _SETS_PREPEND.search(text[: v.MOST_TEXT])
    if prepended is not None and _ODD_PATH.search(prepended[1]):
        return _mark(
            "php-write-prepend",
            "dropper",
            0.8,
            "It writes settings that have every page load a hidden file",
            fact,
        )
    return None


def _written_code(fact: Fact) -> Mark | None:
    """By where it comes from."""
    flags = fact.value.flags
    code = bool(_CODE_NAME.search(fact.other.ending()))
    if flags & v.UPLOAD and fact.other.flags & v.SENT:
        return None
    if fact.value.text is not None and _PLANTS.search(fact.value.text):
        return _mark(
            "php-write-backdoor",
            "dropper",
            0.92,
            "It writes code that runs what a request brings",
            fact,
        )
    if flags & v.FETCHED and code:
        certain = fact.hidden or flags & (v.DECODED | v.ASKED) or fact.name == "copy"
        return _mark(
            "php-write-fetched",
            "dropper",
            0.8 if certain else 0.55,
            "It writes code that another server says",
            fact,
        )
    if flags & v.SENT and (code or fact.other.flags & v.SENT) and flags & v.DECODED:
        return _mark("php-write-request", "dropper", 0.8, "It writes what a request brings", fact)
    if flags & v.SENT and code:
        return _mark(
            "php-write-request", "dropper", 0.7, "It writes a request's content as code", fact
        )
    if flags & v.DECODED and code and not flags & v.OPAQUE:
        return _mark("php-write-decoded", "dropper", 0.85, "It writes code that it decodes", fact)
    return None


def _users(facts: Sequence[Fact]) -> list[Mark]:
    # not `OPAQUE` alone: a password from a form is somebody's own
    hides = any(f.what == "hook" and f.other.text == "pre_user_query" for f in facts)
    marks = []
    for fact in facts:
        if fact.what == "user" and not fact.value.flags & v.OPAQUE:
            confidence = 0.9 if hides else 0.7
            marks.append(
                _mark(
                    "php-makes-user",
                    "backdoor",
                    confidence,
                    "It makes a user with a fixed password",
                    fact,
                )
            )
    return marks


def _hiding(facts: Sequence[Fact]) -> list[Mark]:
    """Functions on hooks that hide: weak alone, with something else on the page telling."""
    acts = any(
        fact.what in {"user", "fetch", "redirect"}
        or (
            fact.what == "output" and fact.value.flags & (v.REMOTE_SCRIPT | v.FRAME) and fact.hooked
        )
        for fact in facts
    )
    return [
        _mark(
            "php-hides-itself",
            "injection",
            0.8 if acts else 0.45,
            "It keeps a plugin or user out of the lists",
            fact,
        )
        for fact in facts
        if fact.what == "hook" and (fact.other.text == "pre_user_query" or _takes_out(fact, facts))
    ]


def _takes_out(hook: Fact, facts: Sequence[Fact]) -> bool:
    """Whether what hangs on the list of plugins leaves one out: honest code adds words to it."""
    return hook.other.text == "all_plugins" and any(
        "all_plugins" in fact.hooked or hook.start <= fact.start < hook.end
        for fact in facts
        if fact.what == "unset" or fact.name in {"array_filter", "array_diff_key"}
    )


def _mark(rule: str, kind: str, confidence: float, reason: str, fact: Fact) -> Mark:
    return Mark(rule, kind, confidence, reason, fact.start, fact.end)

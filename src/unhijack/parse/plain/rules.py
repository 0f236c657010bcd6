"""The rules for what a PHP program does, one a row: readable data, tried in order on each event."""

from __future__ import annotations

import re

from unhijack.parse.plain import sources
from unhijack.parse.plain.decoders import STRONG
from unhijack.parse.plain.deeds import DEEDS
from unhijack.parse.plain.program import Program
from unhijack.parse.plain.rule import (
    DATA_ENDINGS,
    Rule,
    argument,
    path_is_code,
    path_is_data,
    path_is_picture,
    writes,
)
from unhijack.parse.plain.thefts import THEFTS
from unhijack.parse.plain.values import (
    DECODED,
    ENCODED,
    FETCHED,
    HIDDEN,
    OPAQUE,
    PIECED,
    PROGRAM,
    READ,
    REQUEST,
    SECRET,
    UNKNOWN,
    UNSET,
    UPLOAD,
    WHOLE,
    Event,
    Value,
)

CODE = sources.CODE | {b"preg_replace", b"mb_ereg_replace", b"ereg_replace"}


def runs_code(event: Event) -> bool:
    """Whether its argument is run as PHP."""
    return event.what == "eval" or (event.what == "call" and event.name in sources.CODE)


def runs_command(event: Event) -> bool:
    return event.what == "command" or (event.what == "call" and event.name in sources.COMMANDS)


def command_flags(event: Event) -> int:
    """Flags of the command that is run."""
    return argument(event, 0).flags | (event.flags if event.name == b"pcntl_exec" else 0)


def code_flags(event: Event) -> int:
    """Flags of the text that is run."""
    if event.name == b"create_function":
        return argument(event, 1).flags | argument(event, 0).flags & REQUEST
    if event.name == b"assert":
        return argument(event, 0).flags
    return event.flags


def callback(event: Event) -> Value:
    """The function that a call hands on to be called; UNKNOWN for other calls."""
    if event.what != "call":
        return UNKNOWN
    if event.name in sources.CALLBACK_FIRST:
        return argument(event, 0)
    if event.name in sources.CALLBACK_LATER and len(event.arguments) > 1:
        later = argument(event, len(event.arguments) - 1)
        if event.name in (b"array_walk", b"array_walk_recursive", b"array_filter", b"array_reduce",
                          b"preg_replace_callback", b"usort", b"uasort", b"uksort"):  # fmt: skip
            later = argument(event, 1)
        return later
    return UNKNOWN


def _named(value: Value) -> bytes:
    return value.text.lower().lstrip(b"\\")[:60]


def _hands_request_to_code(event: Event) -> bool:
    name = _named(callback(event))
    others = 0
    for value in event.arguments:
        if value is not callback(event):
            others |= value.flags
    return (name in sources.CODE or name in sources.COMMANDS) and bool(others & (REQUEST | FETCHED))


def _request_chooses_callback(event: Event) -> bool:
    chosen = callback(event)
    if not chosen.flags & REQUEST or chosen.known is not None:
        return False
    others = [value for value in event.arguments if value is not chosen]
    return any(value.flags & REQUEST for value in others)


def _hidden_callback_of_request(event: Event) -> bool:
    chosen = callback(event)
    if not chosen.flags & HIDDEN or _NAMED.fullmatch(chosen.text):
        return False
    return any(value.flags & R for value in event.arguments if value is not chosen)


def _reflects(event: Event) -> Value:
    """The function that a reflection is made of."""
    return (
        argument(event, 0)
        if event.what == "new" and event.name == b"reflectionfunction"
        else UNKNOWN
    )


def _runs(name: bytes) -> bool:
    return name in sources.CODE or name in sources.COMMANDS


def _hides_callback(event: Event) -> bool:
    chosen = callback(event)
    return bool(chosen.flags & HIDDEN) and _named(chosen) in sources.DANGEROUS


def _dynamic(event: Event) -> bool:
    return event.what == "call" and not event.name and event.callee >= 0


def _includes(event: Event) -> Value:
    return argument(event, 0) if event.what == "include" else UNKNOWN


def _hidden_include(event: Event) -> bool:
    value = _includes(event)
    return (
        bool(value.flags & (PIECED | DECODED | OPAQUE))
        and value.text[:1] in (b"/", b".")
        and (value.function in STRONG or (value.function == b"" and value.flags & PIECED != 0))
        and value.text.lower().endswith(DATA_ENDINGS)
    )


R = REQUEST
_SETTING = re.compile(
    rb"^(?:joined|template):.{0,40}['\")\]]\s?[;,)\]](?:\s|\?>|[)\];]){0,20}$", re.S
)
"""How a program ends that an installer puts together: behind a value that stands in quotes or brackets."""
_NAMED = re.compile(rb"[A-Za-z_][A-Za-z0-9_:\\]{2,60}")

EVENT_RULES: tuple[Rule, ...] = (
    Rule("php-code-from-request", "backdoor", 0.97,
         "Runs what a request brings as PHP.",
         lambda e: runs_code(e) and bool(code_flags(e) & R)),
    Rule("php-code-fetched", "dropper", 0.93,
         "Fetches something over the network and runs it as PHP.",
         lambda e: runs_code(e) and bool(code_flags(e) & FETCHED)),
    Rule("php-code-decoded", "backdoor", 0.88,
         "Runs as PHP what it has decoded from a text.",
         lambda e: runs_code(e) and bool(code_flags(e) & DECODED)),
    Rule("php-code-assembled", "backdoor", 0.45,
         "Runs as PHP what it has put together from pieces.",
         lambda e: e.what == "eval" and bool(code_flags(e) & OPAQUE)),
    Rule("php-function-from-request", "backdoor", 0.95,
         "Calls whatever function a request names, with what the request brings.",
         lambda e: _dynamic(e) and bool(e.callee & R) and bool(e.flags & R)),
    Rule("php-callback-runs-request", "backdoor", 0.95,
         "Hands what a request brings to a function that runs it.",
         _hands_request_to_code),
    Rule("php-callback-from-request", "backdoor", 0.85,
         "A request names the function and brings its arguments.",
         _request_chooses_callback),
    Rule("php-hidden-callback-of-request", "backdoor", 0.85,
         "Hands what a request brings to a function whose name it hides.",
         _hidden_callback_of_request),
    Rule("php-reflection", "backdoor", 0.85,
         "Calls a function that runs code or commands through a reflection of it.",
         lambda e: _runs(_named(_reflects(e))) or _reflects(e).flags & (R | DECODED | OPAQUE) != 0),
    Rule("php-command-from-request", "webshell", 0.93,
         "Runs what a request brings as a command of the server.",
         lambda e: runs_command(e) and bool(command_flags(e) & R)),
    Rule("php-hidden-code-function", "backdoor", 0.92,
         "Hides that it calls a function that runs code or commands.",
         lambda e: e.what == "call" and e.callee & HIDDEN != 0 and e.callee > 0
         and (e.name in sources.CODE or e.name in sources.COMMANDS)),
    Rule("php-hidden-callback", "backdoor", 0.9,
         "Hands on a function whose name it hides.",
         _hides_callback),
    Rule("php-callback-runs", "backdoor", 0.8,
         "Hands on a function that runs code or commands as a callback.",
         lambda e: _runs(_named(callback(e)))),
    Rule("php-hidden-function", "backdoor", 0.7,
         "Hides the name of the function that it calls.",
         lambda e: e.what == "call" and e.callee > 0 and e.callee & HIDDEN != 0 and e.name in sources.DANGEROUS),
    Rule("php-call-of-decoded", "backdoor", 0.8,
         "Calls a function whose name it decodes.",
         lambda e: _dynamic(e) and bool(e.callee & (DECODED | OPAQUE))),
    Rule("php-function-named-by-request", "backdoor", 0.6,
         "Calls whatever function a request names.",
         lambda e: _dynamic(e) and bool(e.callee & R)),
    Rule("php-call-of-fetched", "dropper", 0.7,
         "Calls what it fetched over the network.",
         lambda e: _dynamic(e) and bool(e.callee & FETCHED)),
    Rule("php-hidden-superglobal", "backdoor", 0.85,
         "Hides that it reads what a request brings.",
         lambda e: e.what == "hidden-name" and e.flags & HIDDEN != 0 and e.name != b""),
    Rule("php-hidden-variable", "backdoor", 0.6,
         "Works out the name of a variable by decoding.",
         lambda e: e.what == "hidden-name" and e.flags & (DECODED | OPAQUE) != 0),
    Rule("php-pattern-from-outside", "backdoor", 0.85,
         "Both a pattern and its replacement come from outside: under old PHP that runs code.",
         lambda e: e.what == "pattern"),
    Rule("php-code-unset", "backdoor", 0.75,
         "Runs as PHP or as a command a variable that nothing sets: under old PHP a visitor did.",
         lambda e: not e.function and bool(
             (runs_code(e) and code_flags(e) & UNSET) or (runs_command(e) and command_flags(e) & UNSET))),
    Rule("php-floods", "webshell", 0.85,
         "Sends packets to a host that a request names.",
         lambda e: e.what == "call" and e.name in (b"fsockopen", b"pfsockopen", b"stream_socket_client")
         and bool(e.flags & R) and argument(e, 0).text[:4] == b"udp:"),
    Rule("php-command-decoded", "backdoor", 0.85,
         "Runs a command that it has decoded from a text.",
         lambda e: runs_command(e) and bool(command_flags(e) & DECODED)),
    Rule("php-hidden-include", "backdoor", 0.92,
         "Includes a file whose name it hides.",
         _hidden_include),
    Rule("php-include-upload", "backdoor", 0.9,
         "Includes an uploaded file.",
         lambda e: bool(_includes(e).flags & UPLOAD)),
    Rule("php-include-data", "backdoor", 0.6,
         "Includes a file that is no program by its name.",
         lambda e: _includes(e).text.lower().endswith(DATA_ENDINGS[:6])),
    Rule("php-include-program", "backdoor", 0.4,
         "Includes whatever program a request names.",
         lambda e: bool(_includes(e).flags & R) and _includes(e).known is None and path_is_code(_includes(e))),
    Rule("php-include-request", "backdoor", 0.55,
         "Includes whatever file a request names.",
         lambda e: bool(_includes(e).flags & R) and _includes(e).known is None),
    Rule("php-writes-settings", "dropper", 0.6,
         "Writes values of a request into a program that it makes.",
         lambda e: writes(e) and bool(argument(e, 1).flags & R) and path_is_code(argument(e, 0))
         and _SETTING.search(argument(e, 1).function) is not None),
    Rule("php-writes-request-to-program", "dropper", 0.93,
         "Writes what a request brings into a program.",
         lambda e: writes(e) and bool(argument(e, 1).flags & R) and path_is_code(argument(e, 0))),
    Rule("php-writes-fetched-program", "dropper", 0.8,
         "Writes what it fetched over the network into a program.",
         lambda e: writes(e) and argument(e, 1).flags & (FETCHED | READ) == FETCHED and path_is_code(argument(e, 0))
         and not argument(e, 0).function.lower().endswith(b"config.php")),
    Rule("php-writes-decoded-program", "dropper", 0.9,
         "Writes what it has decoded into a program.",
         lambda e: writes(e) and bool(argument(e, 1).flags & DECODED) and path_is_code(argument(e, 0))),
    Rule("php-writes-as-request-says", "dropper", 0.85,
         "Writes what a request brings into a file that the request names.",
         lambda e: writes(e) and bool(argument(e, 1).flags & R) and bool(argument(e, 0).flags & R)
         and not path_is_data(argument(e, 0))),
    Rule("php-copies-fetched", "dropper", 0.8,
         "Copies a file from the network over a program.",
         lambda e: e.what == "call" and e.name == b"copy" and b"://" in argument(e, 0).text
         and path_is_code(argument(e, 1))),
    Rule("php-unserializes-request", "backdoor", 0.3,
         "Makes objects of what a request brings.",
         lambda e: e.what == "call" and e.name == b"unserialize" and bool(argument(e, 0).flags & R)),
    Rule("php-hoards-in-picture", "injection", 0.85,
         "Hoards what requests bring in a file that poses as a picture.",
         lambda e: writes(e) and bool(argument(e, 1).flags & (R | ENCODED)) and path_is_picture(argument(e, 0))),
    Rule("php-mails-away", "injection", 0.8,
         "Mails what a request brings to an address that it hides.",
         lambda e: e.what == "call" and e.name == b"mail" and bool(argument(e, 0).flags & HIDDEN)
         and not argument(e, 0).flags & R),
    *THEFTS,
    Rule("php-mails-whole-request", "injection", 0.6,
         "Mails everything that a request brings to one address.",
         lambda e: e.what == "call" and e.name in sources.MAILERS and b"@" in argument(e, 0).text and bool(e.flags & WHOLE)),
    Rule("php-mails-fixed", "injection", 0.35,
         "Mails what a request brings to one address.",
         lambda e: e.what == "call" and e.name == b"mail" and b"@" in argument(e, 0).text),
    Rule("php-sends-encoded-request", "injection", 0.85,
         "Encodes everything that a request brings and sends it elsewhere.",
         lambda e: e.what == "call" and e.name in (b"curl_setopt", b"file_get_contents", b"fsockopen", b"fwrite",
                                                   b"stream_context_create", b"curl_setopt_array")
         and bool(e.flags & WHOLE) and bool(e.flags & ENCODED)),
    Rule("php-sends-request", "injection", 0.35,
         "Sends everything that a request brings elsewhere.",
         lambda e: e.what == "call" and e.name == b"curl_setopt" and bool(e.flags & WHOLE)),
    Rule("php-moves-upload-anywhere", "webshell", 0.55,
         "Puts an uploaded file wherever the request says.",
         lambda e: e.what == "call" and e.name in sources.MOVERS and bool(argument(e, 0).flags & UPLOAD)
         and bool(argument(e, 1).flags & R) and not argument(e, 1).flags & UPLOAD),
    Rule("php-moves-upload", "webshell", 0.3,
         "Takes any uploaded file under the name that it came with.",
         lambda e: e.what == "call" and e.name in sources.MOVERS and bool(argument(e, 0).flags & (UPLOAD | UNSET))
         and bool(argument(e, 1).flags & (R | UPLOAD) or path_is_code(argument(e, 1)))),
    Rule("php-mails-whom-request-says", "spam", 0.5,
         "Sends mail to whom a request names, and does nothing to see who asks.",
         lambda e: e.what == "call" and e.name == b"mail" and not e.function
         and argument(e, 0).known is None and bool(argument(e, 0).flags & R)),
    Rule("php-mails-request", "spam", 0.3,
         "Sends mail to whom a request names.",
         lambda e: e.what == "call" and e.name == b"mail" and bool(argument(e, 0).flags & R)),
    *DEEDS,
)  # fmt: skip


def rule_for(event: Event) -> Rule | None:
    """The first rule that fits an event; most events are of no interest, and that is seen at once."""
    plain = event.callee <= 0 and event.what in ("call", "method", "new")
    if plain and event.name not in _TELLING and not event.flags & _TELLING_FLAGS:
        return None
    for test, rule in _TESTS:
        if test(event):
            return rule
    return None


_TESTS = tuple((rule.test, rule) for rule in EVENT_RULES)
"""By the order of the rules."""


def matched(program: Program) -> list[Rule | None]:
    """The rule that fits each event of a program, if any does."""
    if len(program.matched) < len(program.events):
        program.matched[:] = map(rule_for, program.events)
    return program.matched


_TELLING = (
    sources.CODE | sources.COMMANDS | sources.CALLBACK_FIRST | sources.CALLBACK_LATER
    | frozenset((b"", b"copy", b"reflectionfunction", b"unlink", b"wp_set_password", b"set_role", b"error_log", b"chmod", b"com", b"wp_create_user", b"wp_insert_user"))
    | frozenset((b"wp_set_auth_cookie", b"wp_set_current_user", b"add_action", b"add_filter")) | sources.MAILERS | sources.READERS
)  # fmt: skip
_TELLING_FLAGS = R | FETCHED | UPLOAD | HIDDEN | UNSET | ENCODED | SECRET | PROGRAM

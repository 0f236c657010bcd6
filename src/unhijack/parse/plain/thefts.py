"""Rules for what planted code steals, sends and opens, as rows like those of `rules`."""

from __future__ import annotations

from unhijack.parse.plain import sources
from unhijack.parse.plain.rule import DATA_ENDINGS, Rule, argument, path_is_code, writes
from unhijack.parse.plain.values import (
    ADDRESS,
    DECODED,
    ENCODED,
    FETCHED,
    HIDDEN,
    OPAQUE,
    PROGRAM,
    READ,
    REQUEST,
    SECRET,
    UNSET,
    UPLOAD,
    WHOLE,
    Event,
    Value,
)


def _calls(event: Event, names: frozenset[bytes]) -> bool:
    return event.what == "call" and event.name in names


def _mail_body(event: Event) -> int:
    """Flags of subject, text and headers of a mail."""
    flags = 0
    for value in event.arguments[1:]:
        flags |= value.flags
    return flags


def _mails(event: Event) -> bool:
    return _calls(event, sources.MAILERS)


def _to_stranger(value: Value) -> bool:
    """Whether a mail goes to an address that the program itself has."""
    return b"@" in value.text and not value.flags & REQUEST


def _hoards(event: Event) -> bool:
    """Whether something is added to a file that grows, or that poses as what is no program."""
    path = argument(event, 0)
    opened = path.function if path.function.startswith(b"fopen:") else b""
    if event.name == b"error_log":
        return argument(event, 1).known == 3
    if event.name == b"file_put_contents":
        mode = argument(event, 2).text in (b"FILE_APPEND", b"8") or len(event.arguments) > 2
        return mode or path.text.lower().endswith(DATA_ENDINGS)
    return opened.startswith(b"fopen:+") or opened.lower().endswith(DATA_ENDINGS)


def _written(event: Event) -> Value:
    """What is written, by whichever function."""
    return argument(event, 0 if event.name == b"error_log" else 1)


def _aside(value: Value) -> bool:
    """Whether a path leads to a temporary folder or a hidden file."""
    path = value.text or value.function.partition(b":")[2]
    name = path.rpartition(b"/")[2]
    return path.startswith((b"/tmp/", b"/var/tmp/", b"/dev/shm/")) or (
        b"/" in path
        and name[:1] == b"."
        and len(name) > 3
        and name[1:2].isalnum()
        and not name.endswith(b".php")
    )


def _sends(event: Event) -> bool:
    return _calls(event, sources.OPENERS)


def _made_account(event: Event) -> bool:
    """Whether a user of WordPress is made whose name and password stand in the program."""
    first, second = argument(event, 0), argument(event, 1)
    if event.name == b"wp_create_user":
        return bool(first.text and second.text)
    known = first.known
    return (
        event.name == b"wp_insert_user"
        and isinstance(known, dict)
        and isinstance(known.get(b"user_login"), bytes)
        and isinstance(known.get(b"user_pass"), bytes)
    )


def _number(value: Value) -> int:
    return value.known if isinstance(value.known, int) else 0


def _raises(event: Event) -> bool:
    role = argument(event, 1).text
    return event.what == "method" and event.name == b"set_role" and role == b"administrator"


def _itself(value: Value) -> bool:
    return value.function == b"__file__"


_INVOKES = frozenset((b"newinstance", b"newinstanceargs", b"invoke", b"invokeargs"))
_UNLINK = frozenset((b"unlink",))
_LOGS_IN = frozenset((b"wp_set_auth_cookie", b"wp_set_current_user"))
_HOOKS = frozenset((b"add_action", b"add_filter"))
_CONNECTS = frozenset((b"fsockopen", b"pfsockopen", b"socket_connect"))
_OBJECTS = (b"wscript.", b"shell.", b"iis:", b"winmgmts", b"adodb.stream")
_STORED = frozenset(
    b"get_option get_site_option get_transient get_site_transient get_post_meta get_theme_mod variable_get".split()
)
_LOGINS = (b"wp_authenticate", b"authenticate", b"check_password", b"wp_login")
_RAW = frozenset((b"", b"stripslashes", b"trim", b"urldecode", b"base64_decode"))

THEFTS: tuple[Rule, ...] = (
    Rule("php-mails-secrets", "injection", 0.75,
         "Mails passwords or card numbers to an address of its own.",
         lambda e: _mails(e) and bool(_mail_body(e) & SECRET) and _to_stranger(argument(e, 0))),
    Rule("php-mails-secrets-away", "injection", 0.6,
         "Mails passwords or card numbers that a request brings.",
         lambda e: e.what == "call" and e.name == b"mail" and _mail_body(e) & SECRET != 0
         and _mail_body(e) & REQUEST != 0 and not argument(e, 0).flags & REQUEST),
    Rule("php-hoards-secrets", "injection", 0.75,
         "Adds passwords or card numbers to a file.",
         lambda e: _calls(e, sources.LOGS) and bool(_written(e).flags & SECRET) and _hoards(e)),
    Rule("php-sends-whole-request", "injection", 0.6,
         "Sends everything that a request brings to an address of its own.",
         lambda e: e.what == "call" and e.name in (b"file_get_contents", b"wp_remote_post", b"fopen")
         and b"://" in argument(e, 0).text and bool(e.flags & WHOLE)),
    Rule("php-includes-from-aside", "backdoor", 0.7,
         "Includes a hidden file, or one from where programs only keep what they need for a moment.",
         lambda e: e.what == "include" and _aside(argument(e, 0))),
    Rule("php-includes-decoded", "backdoor", 0.85,
         "Includes a file whose name it decodes.",
         lambda e: e.what == "include" and argument(e, 0).text != b""
         and bool(argument(e, 0).flags & (DECODED | OPAQUE))),
    Rule("php-sends-secrets", "injection", 0.75,
         "Sends passwords or card numbers to an address of its own.",
         lambda e: _sends(e) and bool(e.flags & SECRET) and bool(e.flags & ADDRESS)),
    Rule("php-sends-encoded-secrets", "injection", 0.75,
         "Encodes passwords or card numbers and sends them elsewhere.",
         lambda e: _sends(e) and bool(e.flags & SECRET) and bool(e.flags & ENCODED)),
    Rule("php-hoards-requests", "injection", 0.6,
         "Adds everything that requests bring to a file.",
         lambda e: writes(e) and bool(argument(e, 1).flags & REQUEST) and _hoards(e)
         and not argument(e, 0).flags & REQUEST and not path_is_code(argument(e, 0))),
    Rule("php-makes-account", "backdoor", 0.75,
         "Makes a user whose name and password stand in the program.", _made_account),
    Rule("php-sets-password", "backdoor", 0.7,
         "Gives a user a password that stands in the program.",
         lambda e: e.what == "call" and e.name == b"wp_set_password" and argument(e, 0).text != b""),
    Rule("php-raises-user", "backdoor", 0.6,
         "Makes whomever a request names an administrator.",
         lambda e: _raises(e) and bool(argument(e, 0).flags & REQUEST)),
    Rule("php-makes-administrator", "backdoor", 0.3,
         "Makes somebody an administrator.", _raises),
    Rule("php-hooks-logins", "injection", 0.3,
         "Takes part in each login.",
         lambda e: _calls(e, _HOOKS) and argument(e, 0).text in _LOGINS),
    Rule("php-logs-in", "backdoor", 0.6,
         "Logs in as a user that stands in the program, or that a request names.",
         lambda e: _calls(e, _LOGS_IN) and (_number(argument(e, 0)) > 0
         or bool(argument(e, 0).flags & REQUEST))),
    Rule("php-hides-users", "backdoor", 0.4,
         "Changes which users an administrator is shown.",
         lambda e: _calls(e, _HOOKS) and argument(e, 0).text in (b"pre_user_query", b"views_users")),
    Rule("php-hides-plugins", "backdoor", 0.4,
         "Changes which plugins an administrator is shown.",
         lambda e: _calls(e, _HOOKS) and argument(e, 0).text == b"all_plugins"),
    Rule("php-puts-code-into-files", "dropper", 0.75,
         "Puts PHP code into files that it has read.",
         lambda e: writes(e) and bool(argument(e, 1).flags & PROGRAM)
         and argument(e, 1).flags & (READ | DECODED) == READ | DECODED),
    Rule("php-writes-hidden-program", "dropper", 0.7,
         "Writes a program that it has decoded, fetched or been sent.",
         lambda e: writes(e) and bool(argument(e, 1).flags & PROGRAM)
         and bool(argument(e, 1).flags & (DECODED | FETCHED | REQUEST | OPAQUE))),
    Rule("php-code-from-options", "backdoor", 0.75,
         "Runs as PHP what the site's database holds.",
         lambda e: e.what == "eval" and argument(e, 0).function in _STORED),
    Rule("php-deletes-itself", "dropper", 0.5,
         "Deletes its own file.",
         lambda e: _calls(e, _UNLINK) and _itself(argument(e, 0))),
    Rule("php-own-password", "webshell", 0.5,
         "Asks for a password that stands in the program.",
         lambda e: e.what == "own-password"),
    Rule("php-query-from-request", "webshell", 0.55,
         "Runs what a request brings in a database.",
         lambda e: _calls(e, sources.QUERIES) and any(
             value.flags & REQUEST and value.known is None and value.function in _RAW
             for value in e.arguments[:2])),
    Rule("php-invokes-request", "backdoor", 0.7,
         "Hands what a request brings to a reflection.",
         lambda e: e.what == "method" and e.name in _INVOKES and bool(e.flags & REQUEST)),
    Rule("php-emulates-globals", "backdoor", 0.3,
         "Makes variables of everything that a request brings.",
         lambda e: e.what == "hidden-name" and not e.flags & HIDDEN and e.name[:1] == b"_"),
    Rule("php-mails-as-request-says", "spam", 0.6,
         "Sends mail to whom, about what and with the text that a request says.",
         lambda e: _mails(e) and len(e.arguments) > 2
         and all(value.flags & REQUEST for value in e.arguments[:3])),
    Rule("php-moves-upload-by-name", "webshell", 0.55,
         "Takes any uploaded file under the name that it came with.",
         lambda e: _calls(e, sources.MOVERS) and bool(argument(e, 0).flags & UPLOAD)
         and argument(e, 1).flags & (REQUEST | UPLOAD) == REQUEST | UPLOAD
         and argument(e, 1).function.startswith((b"_FILES", b"HTTP_POST_FILES", b"joined:", b"template:"))),
    Rule("php-code-in-text", "webshell", 0.6,
         "Runs a command from a text that it runs as PHP.",
         lambda e: e.layer > 0 and _calls(e, sources.COMMANDS)),
    Rule("php-calls-unknown-with-request", "backdoor", 0.5,
         "Hands what a request brings to a function whose name nobody sees.",
         lambda e: e.what == "call" and not e.name and e.callee & ~UNSET == 0 and not e.function
         and bool(e.flags & REQUEST)),
    Rule("php-makes-account-as-request-says", "backdoor", 0.45,
         "Makes a user as a request says.",
         lambda e: e.what == "call" and e.name == b"wp_create_user" and bool(argument(e, 1).flags & REQUEST)),
    Rule("php-opens-file-to-all", "webshell", 0.5,
         "Opens a file that a request names to everybody.",
         lambda e: e.what == "call" and e.name == b"chmod" and bool(argument(e, 0).flags & REQUEST)
         and argument(e, 1).known == 0o777),
    Rule("php-reads-accounts", "webshell", 0.55,
         "Reads the accounts of the server.",
         lambda e: _calls(e, sources.READERS) and argument(e, 0).text in (b"/etc/passwd", b"/etc/shadow")),
    Rule("php-windows-objects", "webshell", 0.6,
         "Makes an object by which Windows is commanded.",
         lambda e: e.what == "new" and e.name == b"com" and argument(e, 0).text.lower().startswith(_OBJECTS)),
    Rule("php-connects-as-request-says", "webshell", 0.5,
         "Connects to a host and a port that a request names.",
         lambda e: _calls(e, _CONNECTS) and sum(1 for value in e.arguments[:3] if value.flags & REQUEST) > 1),
)  # fmt: skip

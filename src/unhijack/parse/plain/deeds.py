"""Rules for what planted programs do to a server at a request's bidding: rows like those of `rules`.

Each is short of certain, for a careless program of the site's own may do the same.
"""

from __future__ import annotations

import re

from unhijack.parse.plain import sources
from unhijack.parse.plain.rule import Rule, argument, path_is_code, writes
from unhijack.parse.plain.values import (
    ADDRESS,
    DECODED,
    ENCODED,
    FETCHED,
    READ,
    REQUEST,
    UNSET,
    UPLOAD,
    Event,
    Value,
)

_LISTS = frozenset(b"opendir scandir glob dir".split())
_SHOWS = frozenset(
    b"curl_init readfile show_source highlight_file file_get_contents fopen file".split()
)
_UNDOES = frozenset(b"unlink rmdir chmod".split())
_CONNECTS = frozenset(b"fsockopen pfsockopen socket_connect stream_socket_client".split())
_FETCHES = frozenset(b"curl_init file_get_contents fopen readfile fsockopen".split())
_COPIES = frozenset(b"copy rename".split())
_RAW = frozenset((b"", b"stripslashes", b"trim", b"urldecode", b"base64_decode", b"rawurldecode"))
_SPIES = re.compile(
    rb"\s{0,5}(?:id|whoami|uname|ls|cat\s{1,5}/|pwd|wget|curl|lwp-|ps|netstat|ifconfig|killall|pkill|rm\s{1,5}-[rf]"
    rb"|chmod\s{1,5}(?:0?777|\+x)|perl|gcc|crontab|find\s{1,5}/|net\s{1,5}user|/bin/(?:ba)?sh|nc|uptime|dir)(?![\w.:-])"
)
LONG = 80
"""Characters of a text that somebody packed for a purpose."""


def _calls(event: Event, names: frozenset[bytes]) -> bool:
    return event.what == "call" and event.name in names


def _asked(value: Value) -> bool:
    """Whether a request alone says what this is."""
    raw = value.known is None and value.function in _RAW
    return raw and bool(value.flags & REQUEST) and not value.flags & UPLOAD


def _spies(event: Event) -> bool:
    runs = event.what == "command" or _calls(event, sources.COMMANDS)
    return runs and not event.function and _SPIES.match(argument(event, 0).text) is not None


DEEDS: tuple[Rule, ...] = (
    Rule("php-lists-as-request-says", "webshell", 0.5,
         "Lists whatever folder a request names.",
         lambda e: _calls(e, _LISTS) and _asked(argument(e, 0))),
    Rule("php-deletes-as-request-says", "webshell", 0.5,
         "Deletes or opens up whatever file a request names.",
         lambda e: _calls(e, _UNDOES) and _asked(argument(e, 0))),
    Rule("php-fetches-where-request-says", "webshell", 0.5,
         "Fetches what a request names in a hidden way, as a relay for others.",
         lambda e: _calls(e, _FETCHES) and argument(e, 0).flags & (REQUEST | DECODED) == REQUEST | DECODED),
    Rule("php-reads-as-request-says", "webshell", 0.5,
         "Reads whatever file or address a request names.",
         lambda e: _calls(e, _SHOWS) and _asked(argument(e, 0))),
    Rule("php-copies-as-request-says", "dropper", 0.6,
         "Copies whatever a request names to where it says.",
         lambda e: _calls(e, _COPIES) and _asked(argument(e, 0)) and bool(argument(e, 1).flags & REQUEST)),
    Rule("php-reports-what-it-fetched", "webshell", 0.55,
         "Encodes what it fetched from other servers and sends it to one of its own.",
         lambda e: _calls(e, _FETCHES) and e.flags & (FETCHED | ENCODED | ADDRESS) == FETCHED | ENCODED | ADDRESS),
    Rule("php-connects-where-request-says", "webshell", 0.5,
         "Connects to a host that a request names.",
         lambda e: _calls(e, _CONNECTS) and any(_asked(value) for value in e.arguments[:2])),
    Rule("php-writes-packed-text", "dropper", 0.6,
         "Writes into a file what was packed in a text of it.",
         lambda e: writes(e) and bool(argument(e, 1).flags & DECODED) and len(argument(e, 1).text) >= LONG),
    Rule("php-unpacks-files", "dropper", 0.5,
         "Decodes texts that stand in it and writes them into files.",
         lambda e: writes(e) and not e.function and bool(argument(e, 1).flags & DECODED)
         and not argument(e, 1).flags & (FETCHED | READ | REQUEST | UPLOAD | UNSET)),
    Rule("php-writes-fetched-file", "dropper", 0.5,
         "Writes what it fetched from a server of its own choice into a file of the site.",
         lambda e: writes(e) and argument(e, 1).flags & (FETCHED | READ | REQUEST) == FETCHED and not e.function
         and not path_is_code(argument(e, 0)) and not argument(e, 0).text.startswith(b"php:")),
    Rule("php-spies", "webshell", 0.55,
         "Runs a command by which one looks round a server, and does so for whoever asks.", _spies),
    Rule("php-document-calls", "backdoor", 0.6,
         "Lets a document that a request brings call functions.",
         lambda e: e.what == "call" and e.name == b"yaml_parse" and len(e.arguments) > 3 and bool(e.flags & REQUEST)),
    Rule("php-calls-unset", "backdoor", 0.5,
         "Calls a function whose name and arguments nothing in it sets: a visitor did.",
         lambda e: e.what == "call" and not e.name and not e.function and e.callee > 0 and e.callee & ~UNSET == 0
         and bool(e.flags & UNSET)),
)  # fmt: skip

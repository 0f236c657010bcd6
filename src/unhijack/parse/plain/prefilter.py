"""Whether a file needs a closer look, found out within microseconds: searches of bytes first.

Each search of a whole file costs, so few words are looked for, and a pattern only behind its word.
"""

from __future__ import annotations

import re
from re import Pattern

Clue = tuple[bytes, Pattern[bytes]]
"""A word, and the pattern that has to fit where the word is there at all."""


def _clue(word: bytes, pattern: bytes) -> Clue:
    return word, re.compile(pattern)


REQUEST = (
    b"$_post", b"$_get", b"$_request", b"$_cookie", b"$_files", b"$globals", b"php://input", b"getallheaders", b"get_defined_vars",
)  # fmt: skip
REQUEST_CLUES = (
    _clue(b"http_", rb"\[['\"]http_|http_(?:post|get|cookie|raw)_|apache_request"),
    _clue(b"query_string", rb"['\"]query_string"),
)
RUN = (
    _clue(b"eval", rb"eval[\s(/$'\"]"),
    _clue(b"assert", rb"assert['\"\s(]"),
    _clue(b"create_function", rb"create_function"),
    _clue(b"exec", rb"exec(?:['\"]|\s?\()"),
    _clue(b"system", rb"system(?:['\"]|\s?\()"),
    _clue(b"passthru", rb"passthru"),
    _clue(b"popen", rb"popen"),
    _clue(b"proc_open", rb"proc_open"),
    _clue(b"`", rb"[=(]\s?`|echo\s?`|`\s?\$"),
    _clue(b"preg_replace", rb"/[a-z]{0,5}e[a-z]{0,5}['\"]"),
)
HAND_ON = (
    b"call_user_func", b"array_map", b"array_filter", b"array_walk", b"usort", b"uasort", b"uksort", b"array_reduce",
    b"array_diff_u", b"array_udiff", b"array_uintersect", b"array_intersect_u", b"preg_replace", b"ob_start", b"register_shutdown",
    b"](", b")(", b"reflectionfunction", b"${", b"$$", b"mb_ereg", b"->invoke", b"extract(", b"parse_str", b"unserialize", b"->{",
)  # fmt: skip
HIDE = (
    b"base64_decode", b"gzinflate", b"gzuncompress", b"gzdecode", b"rot13", b"strrev", b"\\x", b"hex2bin", b"pack(",
    b"chr(", b"urldecode", b"uudecode", b"openssl_decrypt", b"\\1", b"getdoccomment",
)  # fmt: skip
HIDE_CLUES = (
    _clue(b"^", rb"[$\])'\"]\s?\^|\^\s?[$'\"(]"),
    _clue(b"~", rb"[=(.]\s?~\s?[$'\"(]"),
    _clue(b"goto ", rb"goto \w{1,40};"),
    _clue(
        b"str_replace", rb"str_replace\s?\(\s?['\"][^'\"]{1,12}['\"]\s?,\s?['\"]['\"]\s?,\s?['\"]"
    ),
    _clue(b"$", rb"(?:\$\w{1,40}[\[{]\d{1,3}[\]}]\s?\.\s?){2}"),
    _clue(b'"."', rb"\w\"\.\"\w"),
    _clue(b"'.'", rb"\w'\.'\w"),
)
NETWORK = (
    b"curl_exec",
    b"fsockopen",
    b"file_get_contents",
    b"stream_socket",
    b"wp_remote",
    b"socket_",
)
WRITE = (b"file_put_contents", b"fwrite", b"fputs", b"move_uploaded", b"copy(", b"rename(")

_INCLUDES_VARIABLE = re.compile(rb"(?:include|require)(?:_once)?\s?\(?\s?[\"']?\$")
_HIDDEN_PATH = re.compile(
    rb"(?:include|require)(?:_once)?\s?\(?\s?(?:\"[^\"\n]{0,60}\\[0-9x]"
    rb"|(?:base64_decode|str_rot13|strrev|chr|urldecode|hex2bin|pack|rawurldecode)\()"
)
_MAILS = re.compile(rb"(?<![a-z0-9_>:$])mail\(")
_CALLS_VARIABLE = re.compile(rb"\$[a-z0-9_\x80-\xff]{1,60}\s?\(|\]\(|\)\(")

SMALL = 1200
LONG_RUN = 600
_IN_RUNS = bytes(
    97 if (chr(n).isalnum() and n < 128) or n in b"+/=%\\_-\r\n" else 32 for n in range(256)
)
"""Maps what a long encoded text is made of to ``a``, all else to a blank."""
_RUN = b"a" * LONG_RUN
_BLANKS = b" " * 120


def _any(text: bytes, words: tuple[bytes, ...]) -> bool:
    return any(word in text for word in words)


def _fits(text: bytes, clues: tuple[Clue, ...]) -> bool:
    return any(word in text and pattern.search(text) for word, pattern in clues)


def has_long_run(content: bytes) -> bool:
    """Whether there is a run of `LONG_RUN` bytes without a break, as encoded texts have."""
    return _RUN in content.translate(_IN_RUNS)


def is_php(content: bytes) -> bool:
    """Whether there is PHP in it by its tags."""
    at = content.find(b"<?")
    while at >= 0:
        following = content[at + 2 : at + 5].lower()
        if following == b"php" or following[:1] in (
            b"=",
            b" ",
            b"\n",
            b"\t",
            b"\r",
            b"@",
            b"$",
            b"/",
        ):
            return True
        at = content.find(b"<?", at + 2)
    return b"<script" in content and b"php" in content


def needs_look(low: bytes) -> bool:
    """Whether a PHP file, given in small letters, may be planted as a whole: it takes and does
    something, wherever in it that stands.
    """
    asks = _any(low, REQUEST) or _fits(low, REQUEST_CLUES)
    if len(low) < SMALL and (asks or (b"namespace " not in low and b"class " not in low)):
        return True
    runs = _fits(low, RUN)
    if asks and (runs or _any(low, HAND_ON) or _INCLUDES_VARIABLE.search(low)):
        return True
    calls = _CALLS_VARIABLE.search(low) is not None
    writes = _any(low, WRITE)
    if b"mail(" in low and _MAILS.search(low):
        asks, writes = asks or b"$_server" in low or b"getenv(" in low, True
    if runs or calls or writes:
        if asks or _any(low, HIDE) or _fits(low, HIDE_CLUES):
            return True
        if (runs or writes) and _any(low, NETWORK):
            return True
    if (b"include" in low or b"require" in low) and _HIDDEN_PATH.search(low):
        return True
    return _BLANKS in low or has_long_run(low)

"""Small things that honest programs hardly ever have: for which a file is read as a whole, and some
that are marks by themselves.
"""

from __future__ import annotations

import re
from re import Pattern
from typing import NamedTuple

from unhijack.parse.plain.marks import Mark

MANY_ESCAPES = 20

_STIRS = (
    b"unlink(__file__",
    b"error_reporting(0)",
    b"set_time_limit(0)",
    b"@ini_set(",
    b"ignore_user_abort",
    b"@opendir",
    b"file_append",
    b"wp_create_user(",
    b"wp_insert_user(",
    b"wp_set_auth_cookie(",
    b"pre_user_query",
    b"new reflectionclass(",
    b"public_html",
    b"/etc/passwd",
    b"shell.application",
    b"wscript.shell",
    b"http_user_agent",
    b"php_uname",
)
_SLICES = re.compile(rb"substr\(([\"'])[^\"'\n$]{5,60}\1\s?,\s?-?\d{1,3}")
_SEAMS = (b'"."', b"'.'", b'" . "', b"' . '")
_SEAM = re.compile(rb"[a-z_]{2}([\"'])\s?\.\s?\1[a-z_]{2}")


def stirs(low: bytes) -> bool:
    """Whether a file, in lower case, has something for which it is worth reading as a program."""
    if any(word in low for word in _STIRS) or low.count(b"\\x") >= MANY_ESCAPES:
        return True
    if (b'substr("' in low or b"substr('" in low) and _SLICES.search(low):
        return True
    return any(seam in low for seam in _SEAMS) and _SEAM.search(low) is not None


class Tell(NamedTuple):
    """A thing told by the bytes: all `words` are there, and the pattern fits."""

    name: str
    kind: str
    confidence: float
    reason: str
    words: tuple[bytes, ...]
    """In lower case; the rarest first."""
    pattern: Pattern[bytes]
    """Of lower case text; bounded; its group is where the planted code begins."""


TELLS: tuple[Tell, ...] = (
    Tell("php-logs-in-beside", "backdoor", 0.65,
         "Starts WordPress by itself and logs a visitor in.",
         (b"wp_set_auth_cookie", b"require"),
         re.compile(rb"require(?:_once)?\s{0,3}\(?[^;\n]{0,80}wp-(?:load|blog-header|config)\.php")),
    Tell("php-hides-users-by-query", "backdoor", 0.75,
         "Leaves a user out of the list that an administrator is shown.",
         (b"pre_user_query", b"user_login"),
         re.compile(rb"user_login\s{0,5}(?:!=|<>|not\s{1,3}(?:in|like))")),
    Tell("php-reads-shop-config", "backdoor", 0.5,
         "Reads the shop's configuration from outside of the shop's own program.",
         (b"app/etc/local.xml", b"document_root"),
         re.compile(rb"document_root['\"]?\]?[^;\n]{0,40}app/etc/local\.xml")),
    Tell("php-skims-fields", "injection", 0.75,
         "Picks the fields of a payment out of what visitors send.",
         (b"file_put_contents", b"$_post", b"preg_match"),
         re.compile(rb"preg_match(?:_all)?\s{0,5}\([^;\n]{0,60}?(?:cc_|cvv|card_?num|billing|checkout)[^;\n]{0,200}\$_(?:post|request|server)")),
    Tell("php-finds-configs", "webshell", 0.6,
         "Goes through other customers' sites for their configuration.",
         (b"wp-config.php", b"configuration.php", b"public_html"),
         re.compile(rb"/home\d{0,2}/|/etc/passwd|/var/www")),
    Tell("php-fills-spaces", "injection", 0.6,
         "Hides code behind so many blanks that an editor does not show it.",
         (b"<?php                                        ",),
         re.compile(rb"<\?php {100,2000}([^\s?/#])")),
)  # fmt: skip


def tell_marks(low: bytes) -> list[Mark]:
    """Marks of what the bytes of a PHP file, in lower case, tell by themselves."""
    marks: list[Mark] = []
    for tell in TELLS:
        if not all(word in low for word in tell.words):
            continue
        match = tell.pattern.search(low)
        if match:
            start = match.start(match.lastindex or 0)
            marks.append(
                Mark(tell.name, tell.kind, tell.confidence, tell.reason, start, match.end())
            )
    return marks

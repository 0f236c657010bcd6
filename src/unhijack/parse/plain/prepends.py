"""Files that PHP runs before or after every page: a firewall's own, or a planted one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

_NONE = frozenset(("", "none", "off", "0", "null", "no"))
_STREAM = re.compile(
    r"(?:data|php|https?|ftp|phar|zip|expect|glob|compress\.[a-z0-9]+):", re.IGNORECASE
)
_TEMPORARY = re.compile(
    r"(?:^|/)(?:tmp|temp|dev/shm|proc/self|var/spool|var/lib/php)(?:/|$)", re.IGNORECASE
)
_FIREWALL = re.compile(
    r"(?:wordfence-waf|malcare-waf|aios-bootstrap|ninjafirewall|patchstack[\w-]*|crowdsec[\w-]*"
    r"|bulletproof[\w-]*|siteground[\w-]*|rsfirewall[\w-]*|admintools-waf|sitelock[\w-]*"
    r"|firewall|waf|nfw_?prepend|xhprof[\w-]*|newrelic[\w-]*|phpids|mcdatapath\w*)\.php",
    re.IGNORECASE,
)
_PHP = re.compile(r"\.(?:php[0-9]?|inc|phtml)$", re.IGNORECASE)
_UPLOADED = re.compile(
    r"/(?:uploads?|cache|images?|imgs?|pictures|media|fonts?|css|js|\.[^/.][^/]*)(?:/|$)",
    re.IGNORECASE,
)


class Judged(NamedTuple):
    """What a target says."""

    rule: str
    confidence: float
    reason: str


def judge_prepend(target: str, path: str, exists: Callable[[str], bool]) -> Judged | None:
    """What is wrong with a file that runs with every page; None where nothing is."""
    text = target.strip().strip("\"'")
    if text.lower() in _NONE:
        return None
    clean = text.replace("\\", "/")
    name = clean.rsplit("/", 1)[-1]
    there = exists(_found(clean, path)) or exists(clean)
    if _FIREWALL.fullmatch(name) and not (_STREAM.match(text) or _TEMPORARY.search(clean)):
        return None if there else _judged("missing", 0.3, "a firewall's file that is not there")
    return _by_name(text, clean, name, path) or (
        _judged("unknown", 0.45, "a file")
        if there
        else _judged("missing", 0.5, "a file that is not in the site")
    )


def _by_name(text: str, clean: str, name: str, path: str) -> Judged | None:
    if _STREAM.match(text):
        return _judged("stream", 0.96, "code from an address")
    if name.lower() in (path.rsplit("/", 1)[-1].lower(), ".htaccess", ".user.ini"):
        return _judged("self", 0.96, "a configuration file")
    if _TEMPORARY.search(clean):
        return _judged("temporary", 0.95, "a file in a temporary folder")
    if not _PHP.search(name):
        return _judged("no-php", 0.93, "a file that is not named as PHP")
    if name.startswith("."):
        return _judged("hidden", 0.92, "a hidden file")
    if _UPLOADED.search(clean):
        return _judged("in-uploads", 0.85, "a file among uploads")
    return None


def _judged(rule: str, confidence: float, what: str) -> Judged:
    return Judged("prepend-" + rule, confidence, f"PHP is told to run {what} with every page")


def _found(target: str, path: str) -> str:
    folder = path.rpartition("/")[0]
    return target if target.startswith("/") or not folder else folder + "/" + target

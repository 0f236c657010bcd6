"""Files that PHP runs before or after every page: a firewall's own, or a planted one."""

from __future__ import annotations

import re
from typing import Callable, NamedTuple, Optional

_NONE = frozenset(("", "none", "off", "0", "null", "no"))
_STREAM = re.compile(r"(?:data|php|https?|ftp|phar|zip|expect|glob|compress\.[a-z0-9]+):", re.IGNORECASE)
_TEMPORARY = re.compile(r"(?:^|/)(?:tmp|temp|dev/shm|proc/self|var/spool|var/lib/php)(?:/|$)", re.IGNORECASE)
_FIREWALL = re.compile(
    r"(?:wordfence-waf|malcare-waf|aios-bootstrap|ninjafirewall|patchstack[\w-]*|crowdsec[\w-]*"
    r"|bulletproof[\w-]*|siteground[\w-]*|rsfirewall[\w-]*|admintools-waf|sitelock[\w-]*"
    r"|firewall|waf|nfw_?prepend|xhprof[\w-]*|newrelic[\w-]*|phpids|mcdatapath\w*)\.php",
    re.IGNORECASE,
)
_PHP = re.compile(r"\.(?:php[0-9]?|inc|phtml)$", re.IGNORECASE)
_UPLOADED = re.compile(
    r"/(?:uploads?|cache|images?|imgs?|pictures|media|fonts?|css|js|\.[^/.][^/]*)(?:/|$)", re.IGNORECASE
)


class Judged(NamedTuple):
    """What a target says."""

    rule: str
    confidence: float
    reason: str


def judge_prepend(
    target: str, path: str, exists: Callable[[str], bool]
) -> Optional[Judged]:
    """What is wrong with a file that runs with every page; None where nothing is."""
    text = target.strip().strip("\"'")
    if text.lower() in _NONE:
        return None
    if _STREAM.match(text):
        return Judged("prepend-stream", 0.96, "PHP is told to run code from an address with every page")
    clean = text.replace("\\", "/")
    name = clean.rsplit("/", 1)[-1]
    if name.lower() in (path.rsplit("/", 1)[-1].lower(), ".htaccess", ".user.ini"):
        return Judged("prepend-self", 0.96, "PHP is told to run a configuration file with every page")
    if _TEMPORARY.search(clean):
        return Judged("prepend-temporary", 0.95, "PHP is told to run a file in a temporary folder with every page")
    if not _PHP.search(name):
        return Judged("prepend-no-php", 0.93, "PHP is told to run a file that is not named as PHP with every page")
    if name.startswith("."):
        return Judged("prepend-hidden", 0.92, "PHP is told to run a hidden file with every page")
    if _FIREWALL.fullmatch(name):
        if exists(_found(clean, path)) or exists(clean):
            return None
        return Judged("prepend-missing", 0.3, "A firewall's file that runs with every page is not there")
    if _UPLOADED.search(clean):
        return Judged("prepend-in-uploads", 0.85, "PHP is told to run a file among uploads with every page")
    if not (exists(_found(clean, path)) or exists(clean)):
        return Judged("prepend-missing", 0.5, "PHP is told to run a file that is not in the site with every page")
    return Judged("prepend-unknown", 0.45, "PHP is told to run a file with every page")


def _found(target: str, path: str) -> str:
    folder = path.rpartition("/")[0]
    return target if target.startswith("/") or not folder else folder + "/" + target

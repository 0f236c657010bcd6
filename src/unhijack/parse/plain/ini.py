"""Planted settings of PHP: ``.user.ini`` and ``php.ini`` in a site's folders."""

from __future__ import annotations

import re
from typing import Callable, Iterable, Optional

from unhijack.parse.plain.directives import Reading, read_ini
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.prepends import judge_prepend
from unhijack.parse.plain.runs import Sign, marks_of

_MAY = (
    *(b"prepend_file", b"append_file", b"extension", b"allow_url", b"disable_functions"),
    *(b"disable_classes", b"sendmail_path", b"open_basedir", b"exec", b"include_path", b"blacklist"),
    *(b"safe_mode", b"error_log", b"session.save"),
)
_ON = frozenset(("on", "1", "true", "yes"))
_OFF = frozenset(("off", "0", "false", "no"))
_NOTHING = frozenset(("", "none", "null", "no", "off", "-"))
_WHOLE_FILE = 60
"""From this many settings on, a file is PHP's own, as the distributor ships it."""
_FUNCTIONS = frozenset("exec shell_exec system passthru popen proc_open eval".split())
_MAILERS = re.compile(r"^(?:[\w./-]*/)?(?:sendmail|msmtp|ssmtp|exim4?|postfix|qmail-inject|mhsendmail|nullmailer-inject|catchmail|true|mailhog|mailpit|opensmtpd|esmtp)\b")


def _absent(_path: str) -> bool:
    return False


def ini_signs(
    content: bytes, path: str = ".user.ini", exists: Callable[[str], bool] = _absent
) -> list[Mark]:
    """What of PHP's settings in a folder looks planted."""
    lowered = content.lower()
    if not any(word in lowered for word in _MAY):
        return []
    reading = read_ini(content)
    return marks_of(list(_signs(reading, path, exists)), reading, content)


def _signs(reading: Reading, path: str, exists: Callable[[str], bool]) -> Iterable[Sign]:
    small = len(reading.directives) < _WHOLE_FILE
    loose = {one.name for one in reading.directives if one.args[0].lower() in _OFF}
    for index, one in enumerate(reading.directives):
        name, value = one.name, one.args[0]
        low = value.lower()
        found = None
        if name in ("auto_prepend_file", "auto_append_file"):
            judged = judge_prepend(value, path, exists)
            if judged is not None:
                found = (judged.rule, judged.confidence, judged.reason)
        elif name == "allow_url_include" and low in _ON:
            found = ("url-include", 0.8 if small else 0.5, "PHP may run code from other hosts")
        elif name in ("disable_functions", "suhosin.executor.func.blacklist", "disable_classes"):
            found = _freed(low, small=small, more="safe_mode" in loose)
        elif name == "open_basedir" and low in ("none", "/", "null", "no"):
            found = ("basedir", 0.6, "PHP may read files of other sites")
        elif name == "sendmail_path" and low not in _NOTHING and not _MAILERS.match(low):
            found = _mailer(low)
        elif name in ("extension", "zend_extension"):
            found = _extension(low)
        elif name in _FUNCTIONS and low in _ON:
            found = ("functions", 0.8, "Functions that start programs are asked for")
        elif name == "include_path" and re.search(r"https?://|/tmp|data:", low):
            found = ("include-path", 0.8, "PHP looks for its files in a strange place")
        elif name == "error_log" and re.search(r"\.ph(?:p\d?|tml)$", low):
            found = ("log-runs", 0.8, "PHP writes what a request brings into a file that it runs")
        elif name == "safe_mode" and low in _OFF and len(reading.directives) < 8:
            found = ("safe-mode", 0.4, "PHP's old guard is switched off")
        if found is not None:
            yield Sign((index,), "ini-" + found[0], "config", found[1], found[2])


def _freed(low: str, *, small: bool, more: bool) -> Optional[tuple[str, float, str]]:
    if low not in _NOTHING or not small:
        return None
    sure = 0.85 if more else 0.75 if low else 0.5
    return "functions", sure, "Functions that the hoster forbade are allowed again"


def _mailer(low: str) -> tuple[str, float, str]:
    odd = re.search(r"/tmp|/dev/shm|\bcurl\b|\bwget\b|\bsh\b|\|\s*|\.ph[pt]|base64|/home/[^ ]{0,200}/public_html", low)
    return "mailer", 0.85 if odd else 0.4, "Mail goes through a strange program"


def _extension(low: str) -> Optional[tuple[str, float, str]]:
    if re.search(r"^/(?:tmp|var/tmp|dev/shm)/|/(?:uploads?|cache|images|public_html|htdocs|www/html)/|\.\./|^https?:", low):
        return "extension", 0.88, "PHP loads a module from a place where visitors' files lie"
    return None

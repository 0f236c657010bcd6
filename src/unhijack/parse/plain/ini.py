"""Planted settings of PHP: ``.user.ini`` and ``php.ini`` in a site's folders."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple, Optional

from unhijack.parse.plain.directives import Reading, read_ini
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.prepends import judge_prepend
from unhijack.parse.plain.runs import LIKELY, Sign, marks_of

_MAY = (
    *(b"prepend_file", b"append_file", b"extension", b"allow_url", b"disable_functions"),
    *(
        b"disable_classes",
        b"sendmail_path",
        b"open_basedir",
        b"exec",
        b"include_path",
        b"blacklist",
    ),
    *(b"safe_mode", b"error_log", b"session.save"),
)
WEAK = 0.4
_ON = frozenset(("on", "1", "true", "yes"))
_OFF = frozenset(("off", "0", "false", "no"))
_NOTHING = frozenset(("", "none", "null", "no", "off", "-"))
_WHOLE_FILE = 60
"""From this many settings on, a file is PHP's own, as the distributor ships it."""
_FUNCTIONS = frozenset("exec shell_exec system passthru popen proc_open eval".split())
_MAILERS = re.compile(
    r"^(?:[\w./-]*/)?(?:sendmail|msmtp|ssmtp|exim4?|postfix|qmail-inject|mhsendmail|nullmailer-inject|catchmail|true|mailhog|mailpit|opensmtpd|esmtp)\b"
)


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
    signs = list(_signs(reading, path, exists))
    if any(sign.confidence >= LIKELY for sign in signs):  # then the weak ones were planted with it
        signs = [
            s._replace(confidence=LIKELY) if WEAK <= s.confidence < LIKELY else s for s in signs
        ]
    return marks_of(signs, reading, content)


class _File(NamedTuple):
    """The file whose settings are judged."""

    path: str
    exists: Callable[[str], bool]
    small: bool
    """Written by hand, not the whole file as PHP's makers ship it."""
    loose: frozenset[str]
    """Settings that are switched off."""


_Found = Optional[tuple[str, float, str]]  # known at run time, by 3.9 too


def _signs(reading: Reading, path: str, exists: Callable[[str], bool]) -> Iterable[Sign]:
    loose = frozenset(one.name for one in reading.directives if one.args[0].lower() in _OFF)
    file = _File(path, exists, len(reading.directives) < _WHOLE_FILE, loose)
    for index, one in enumerate(reading.directives):
        judge = _JUDGES.get(one.name, _function if one.name in _FUNCTIONS else None)
        found = judge(one.args[0], file) if judge is not None else None
        if found is not None:
            yield Sign((index,), "ini-" + found[0], "config", found[1], found[2])


def _prepended(value: str, file: _File) -> _Found:
    return judge_prepend(value, file.path, file.exists)


def _url_include(value: str, file: _File) -> _Found:
    sure = 0.8 if file.small else 0.5
    return ("url-include", sure, "PHP may run code from other hosts") if _is_on(value) else None


def _basedir(value: str, _file: _File) -> _Found:
    if value.lower() not in ("none", "/", "null", "no"):
        return None
    return "basedir", 0.6, "PHP may read files of other sites"


def _include_path(value: str, _file: _File) -> _Found:
    odd = re.search(r"https?://|/tmp|data:", value.lower())
    return ("include-path", 0.8, "PHP looks for its files in a strange place") if odd else None


def _error_log(value: str, _file: _File) -> _Found:
    if not re.search(r"\.ph(?:p\d?|tml)$", value.lower()):
        return None
    return "log-runs", 0.8, "PHP writes what a request brings into a file that it runs"


def _safe_mode(value: str, file: _File) -> _Found:
    if value.lower() not in _OFF or not file.small:
        return None
    return "safe-mode", WEAK, "PHP's old guard is switched off"


def _function(value: str, _file: _File) -> _Found:
    return (
        ("functions", 0.8, "Functions that start programs are asked for") if _is_on(value) else None
    )


def _is_on(value: str) -> bool:
    return value.lower() in _ON


def _freed(value: str, file: _File) -> _Found:
    low = value.lower()
    if low not in _NOTHING or not file.small:
        return None
    sure = 0.85 if "safe_mode" in file.loose else 0.75 if low else 0.5
    return "functions", sure, "Functions that the hoster forbade are allowed again"


def _mailer(value: str, _file: _File) -> _Found:
    low = value.lower()
    if low in _NOTHING or _MAILERS.match(low):
        return None
    sure = 0.85 if _ODD_MAILER.search(low) else WEAK
    return "mailer", sure, "Mail goes through a strange program"


def _extension(value: str, _file: _File) -> _Found:
    if not _ODD_MODULE.search(value.lower()):
        return None
    return "extension", 0.88, "PHP loads a module from a place where visitors' files lie"


_ODD_MAILER = re.compile(
    r"/tmp|/dev/shm|\b(?:curl|wget|sh)\b|\||\.ph[pt]|base64|/home/[^ ]{0,200}/public_html"  # noqa: S108  # read in somebody's file, never opened
)
_ODD_MODULE = re.compile(
    r"^/(?:tmp|var/tmp|dev/shm)/|/(?:uploads?|cache|images|public_html|htdocs|www/html)/"
    r"|\.\./|^https?:"
)
_JUDGES: dict[str, Callable[[str, _File], _Found]] = {
    "auto_prepend_file": _prepended,
    "auto_append_file": _prepended,
    "allow_url_include": _url_include,
    "open_basedir": _basedir,
    "include_path": _include_path,
    "error_log": _error_log,
    "safe_mode": _safe_mode,
    "safe_mode_gid": _safe_mode,
    "disable_functions": _freed,
    "disable_classes": _freed,
    "suhosin.executor.func.blacklist": _freed,
    "sendmail_path": _mailer,
    "extension": _extension,
    "zend_extension": _extension,
}

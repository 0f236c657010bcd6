"""Planted directives of Apache: what ``.htaccess`` files of hijacked servers make visitors meet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from unhijack.parse.plain.apache_handlers import access, handlers, shown
from unhijack.parse.plain.apache_rewrites import rewrites
from unhijack.parse.plain.directives import Directive, Reading, read_apache
from unhijack.parse.plain.hosts import host_of, is_foreign
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.prepends import judge_prepend
from unhijack.parse.plain.runs import Sign, marks_of
from unhijack.parse.plain.where import Where, absent, foreign_host

_MAY = (
    *(b"rewrite", b"redirect", b"errordocument", b"prepend", b"append_file", b"handler"),
    *(b"addtype", b"forcetype", b"engine", b"header", b"substitute", b"proxypass", b"filter"),
    *(b"execcgi", b"include", b"disable_functions", b"open_basedir", b"<?", b"<%", b"#exec"),
    *(
        b"authremote",
        b"/bin/",
        b"cmd.exe",
        b"<files",
        b"/etc/",
        b"secfilter",
        b"secrule",
        b"sethandler",
        b"lua",
    ),
)


_PLANTED_PLACE = re.compile(
    r"(?:^|/)(?:uploads?|cache|images?|img|tmp|temp|media|files|fonts?|css|\.[^/]+)/", re.IGNORECASE
)


_SOURCE = re.compile(
    r"<\?(?:php|=|\s)|<%[@=!\s]|<jsp:|<!--#(?:exec|include|set)|<\?\s*if\s*\{", re.IGNORECASE
)
_SHELLS = re.compile(
    r"(?:^|[/\s\"'=|])(?:/bin/(?:ba|da|z|k|c)?sh|/(?:usr/)?bin/(?:nc|ncat|netcat|perl|python\d?|wget|curl)|cmd\.exe|powershell)\b"
    r"|/dev/tcp/|\bnc\s+-",
    re.IGNORECASE,
)

_INJECTS = re.compile(r"<script|<iframe|document\.write|<meta[^>]{0,40}refresh", re.IGNORECASE)


_PADDED = 60


def apache_signs(
    content: bytes,
    path: str = ".htaccess",
    own_hosts: frozenset[str] = frozenset(),
    exists: Callable[[str], bool] = absent,
) -> list[Mark]:
    """What of a ``.htaccess``, or a part of a server's configuration, looks planted."""
    lowered = content.lower()
    if not any(word in lowered for word in _MAY):
        return []
    reading = read_apache(content)
    where = Where(path, own_hosts | _named_hosts(reading.directives), exists)
    signs = [sign for look in _LOOKS for sign in look(reading, where)]
    signs += _code_in_comments(content, reading)
    signs += _padding(reading, signs)
    return marks_of(signs, reading, content)


def _named_hosts(directives: Iterable[Directive]) -> frozenset[str]:
    """Hosts that the file itself calls its own: tested by the host asked for, or its ServerName."""
    found: set[str] = set()
    for one in directives:
        if one.name in ("servername", "serveralias"):
            found.update(arg.lower().lstrip("*.") for arg in one.args)
        elif one.name == "rewritecond" and _tests_host(one):
            plain = re.sub(r"\(\??:?\|?(?:www)?\\?\.\)\??", "", one.args[1]).replace("\\.", ".")
            found.update(re.findall(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", plain.lower()))
    return frozenset(found)


# --- redirects and error pages


def _tests_host(one: Directive) -> bool:
    found = re.search("HTTP_HOST|SERVER_NAME", one.args[0], re.IGNORECASE) if one.args else None
    return found is not None and len(one.args) > 1


def _redirects(reading: Reading, where: Where) -> Iterable[Sign]:
    errors = []
    for index, one in enumerate(reading.directives):
        if one.name == "errordocument" and len(one.args) > 1:
            if is_foreign(host_of(one.args[1]), where.own):
                errors.append(index)
            elif _INJECTS.search(" ".join(one.args)):
                yield Sign(
                    (index,),
                    "apache-error-script",
                    "injection",
                    0.85,
                    "An error page brings a script or frame of its own",
                )
        elif one.name.startswith("redirect") and _sends_all(one, where):
            reason = "All visitors are sent to another host"
            yield Sign((index,), "apache-redirect-all", "redirect", 0.45, reason)
    if errors:
        codes = {reading.directives[index].args[0] for index in errors}
        sure = 0.85 if len(codes) > 2 else 0.6
        if where.own and "404" in codes:
            sure += 0.1
        for index in errors:
            yield Sign(
                (index,),
                "apache-error-foreign",
                "redirect",
                sure,
                "Visitors who meet an error are sent to another host",
            )


def _sends_all(one: Directive, where: Where) -> bool:
    """Whether a move of the whole site leads to an address that counts its visitors."""
    counted = re.search(
        r"\.(?:php|html?)\?|[?&](?:q|s|sid|id|key|cid|aff|ref)=", " ".join(one.args)
    )
    every = bool(one.args) and one.args[0] in ("/", "302", "^/$", "(.*)")
    return counted is not None and every and _foreign_last(one, where)


def _foreign_last(one: Directive, where: Where) -> bool:
    return bool(one.args) and is_foreign(host_of(one.args[-1]), where.own)


# --- PHP's settings

_PHP_SETTING = frozenset(("php_value", "php_admin_value", "php_flag", "php_admin_flag"))


def _settings(reading: Reading, where: Where) -> Iterable[Sign]:
    for index, one in enumerate(reading.directives):
        if one.name not in _PHP_SETTING or not one.args:
            continue
        name = one.args[0].lower()
        value = one.args[1] if len(one.args) > 1 else ""
        if name in ("auto_prepend_file", "auto_append_file"):
            judged = judge_prepend(value, where.path, where.exists)
            if judged is not None:
                yield Sign(
                    (index,), "apache-" + judged.rule, "config", judged.confidence, judged.reason
                )
        elif name == "allow_url_include" and value.lower() in ("on", "1", "true"):
            yield Sign(
                (index,), "apache-url-include", "config", 0.8, "PHP may run code from other hosts"
            )
        elif name == "disable_functions" and value.lower() in ("none", "", "null"):
            yield Sign(
                (index,),
                "apache-functions",
                "config",
                0.75,
                "Functions that the hoster forbade are allowed again",
            )
        elif name == "safe_mode" and value.lower() in ("off", "0") and where.is_htaccess:
            reason = "PHP's old guard is switched off"
            yield Sign((index,), "apache-safe-mode", "config", 0.45, reason)
        elif name == "open_basedir" and value.lower() in ("none", "/", "null"):
            yield Sign(
                (index,), "apache-basedir", "config", 0.5, "PHP may read files of other sites"
            )
        elif (
            name == "engine" and value.lower() in ("on", "1") and _PLANTED_PLACE.search(where.path)
        ):
            yield Sign(
                (index,), "apache-engine-uploads", "config", 0.8, "PHP is switched on among uploads"
            )


# --- whatever else brings foreign code


def _foreign_code(reading: Reading, where: Where) -> Iterable[Sign]:
    for index, one in enumerate(reading.directives):
        text = " ".join(one.args)
        if one.name in ("header", "requestheader", "substitute", "setenvif", "setenv"):
            if _INJECTS.search(text) and one.name != "setenvif":
                sure = 0.9 if foreign_host(text, where) else 0.6
                yield Sign(
                    (index,),
                    "apache-injects",
                    "injection",
                    sure,
                    "A script or frame is put into every page",
                )
            elif (
                one.name == "header"
                and re.search(r"\brefresh\b", text, re.IGNORECASE)
                and foreign_host(text, where)
            ):
                yield Sign(
                    (index,),
                    "apache-refresh",
                    "redirect",
                    0.85,
                    "Every page is told to send its visitor to another host",
                )
        elif (
            one.name in ("proxypass", "proxypassmatch")
            and where.is_htaccess
            and foreign_host(text, where)
        ):
            yield Sign(
                (index,),
                "apache-proxy",
                "redirect",
                0.5,
                "Pages are fetched from another host for visitors",
            )
        elif _SHELLS.search(text) and one.name not in ("rewriterule", "rewritecond", "secrule"):
            yield Sign(
                (index,),
                "apache-runs-shell",
                "backdoor",
                0.88,
                "A directive starts a command of the system",
            )
        elif re.search(
            r"/etc/(?:passwd|shadow|group|hosts)\b|/proc/(?:self|version|cpuinfo)", text
        ) and not one.name.startswith(("rewrite", "redirect", "sec")):
            yield Sign(
                (index,),
                "apache-reads-system",
                "config",
                0.85,
                "A directive shows a file of the system",
            )
        elif one.name in ("extfilterdefine", "scriptinterpretersource") and "cmd=" in text.lower():
            yield Sign(
                (index,),
                "apache-runs-shell",
                "backdoor",
                0.7,
                "A directive starts a command of the system",
            )


def _guards(reading: Reading, _where: Where) -> Iterable[Sign]:
    """Guards switched off: many do, but a file that does nothing else was put there for it."""
    off = [
        index
        for index, one in enumerate(reading.directives)
        if one.name in _GUARDS and one.args[:1] and one.args[0].lower() == "off"
    ]
    sure = 0.5 if len(off) == len(reading.directives) > 1 else 0.4
    for index in off:
        reason = "The server's firewall is switched off"
        yield Sign((index,), "apache-no-firewall", "config", sure, reason)


_GUARDS = frozenset(("secfilterengine", "secruleengine", "secfilterscanpost", "secfilterchecku"))


def _disclosure(reading: Reading, where: Where) -> Iterable[Sign]:
    """Answers that tell a stranger which modules there are; a password asked for by another host."""
    telling = []
    for index, one in enumerate(reading.directives):
        if one.name == "header" and one.sections and one.sections[-1].name == "ifmodule":
            module = " ".join(one.sections[-1].args).lower()
            if len(module) > 5 and module in " ".join(one.args).lower():
                telling.append(index)
        elif one.name.startswith("auth") and one.name not in _AUTH_TEXT and where.is_htaccess:
            bare = any(
                is_foreign(arg.lower(), where.own) and _HOST.fullmatch(arg) for arg in one.args
            )
            if bare or ("remote" in one.name and foreign_host(" ".join(one.args), where)):
                yield Sign(
                    (index,),
                    "apache-password-elsewhere",
                    "config",
                    0.7,
                    "Passwords are sent to another host",
                )
        elif one.name == "rewriterule" and len(one.args) > 1 and one.args[1].endswith(".htaccess"):
            yield Sign(
                (index,),
                "apache-runs-itself",
                "webshell",
                0.9,
                "Requests are led to the configuration file itself",
            )
    if len(telling) > 1:
        yield Sign(
            tuple(telling),
            "apache-tells-modules",
            "config",
            0.7,
            "Every answer tells which parts the server is made of",
        )


_AUTH_TEXT = frozenset(
    ("authname", "authuserfile", "authgroupfile", "authdigestdomain", "authldapurl")
)
_HOST = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}\.[a-z]{2,24}", re.IGNORECASE)


def _code_in_comments(content: bytes, reading: Reading) -> list[Sign]:
    """A comment is what Apache passes over and PHP runs, once the file is handed to it."""
    found: list[Sign] = []
    text = content[:1_000_000].decode("latin-1")
    for start, end in reading.comments:
        line = text[start:end]
        if start == 0 and re.match(r"#!\s*(?:/|[A-Za-z]:\\)", line):
            found.append(
                Sign(
                    (),
                    "apache-script",
                    "backdoor",
                    0.9,
                    "The configuration file is also a script",
                    span=(start, end),
                )
            )
        match = _SOURCE.search(line)
        if match and re.search(r"\(|exec|\{|<jsp", line[match.end() :]):
            found.append(
                Sign(
                    (),
                    "apache-holds-code",
                    "webshell",
                    0.93,
                    "A comment of the configuration holds a program",
                    span=(start, end),
                )
            )
            if len(found) > 20:
                break
    return found


def _padding(reading: Reading, signs: list[Sign]) -> list[Sign]:
    """Pushed out of the window of an editor."""
    flagged = {member for sign in signs for member in sign.members}
    padded = [
        index
        for index, one in enumerate(reading.directives)
        if one.indent >= _PADDED
        and one.name.startswith(("rewrite", "redirect", "php_", "error", "add", "set"))
    ]
    return [
        Sign(
            (index,), "apache-padded", "config", 0.7, "A directive is pushed out of sight by blanks"
        )
        for index in padded
        if index not in flagged
    ][:50]


_LOOKS = (
    rewrites,
    _redirects,
    _settings,
    handlers,
    access,
    shown,
    _foreign_code,
    _guards,
    _disclosure,
)

"""Planted statements of nginx: visitors tested and sent away, pages written into, PHP prepended."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from unhijack.parse.plain.directives import Directive, Reading, read_nginx
from unhijack.parse.plain.hosts import host_of, is_foreign
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.prepends import judge_prepend
from unhijack.parse.plain.runs import Sign, marks_of

_MAY = (
    *(b"return", b"rewrite", b"sub_filter", b"proxy_pass", b"prepend_file", b"append_file"),
    *(b"fastcgi_pass", b"_by_lua", b"js_content", b"add_header", b"error_page", b"add_after_body"),
    *(b"add_before_body", b"php_value", b"echo"),
)
_VISITOR = re.compile(
    r"\$(?:http_(?:referer|user_agent|cookie|accept_language|x_[a-z_]+|cf_[a-z_]+|sec_[a-z_]+)|cookie_\w+|remote_addr"
    r"|geoip\w*|invalid_referer|time_\w+|date_\w+|msec)"
)
_ENGINES = re.compile(
    r"google|yahoo|bing|baidu|yandex|duckduckgo|\bask\b|\baol\b|facebook|twitter|instagram|naver|sogou|search|t\.co|tiktok",
    re.IGNORECASE,
)
_MOBILE = re.compile(
    r"android|iphone|ipad|ipod|mobile|blackberry|midp|windows.?phone", re.IGNORECASE
)
_MOBILE_HOST = re.compile(r"^(?:m|mobil|mobile|wap|touch|amp|app)\d?\.")
_BOTS = re.compile(r"bot|crawl|spider|slurp", re.IGNORECASE)
_INJECTS = re.compile(
    r"<script|<iframe|document\.write|<meta[^>]{0,40}refresh|atob\(|eval\(", re.IGNORECASE
)
_PICTURES = re.compile(
    r"\b(?:jpe?g\??|png|gif|ico|bmp|webp|svg|txt|css|pdf|woff2?)\b", re.IGNORECASE
)
_LUA_MOVES = re.compile(
    r"ngx\.(?:redirect|exec|location)|header\s?[.\[][\"']?location|r\.return\(\s*30", re.IGNORECASE
)
_LUA_TESTS = re.compile(
    r"http_referer|http_user_agent|user-agent|referer|cookie_|remote_addr|headersIn", re.IGNORECASE
)
_LUA_RUNS = re.compile(
    r"io\.popen|os\.execute|loadstring|\bload\(|child_process|require\(.http|decode_base64",
    re.IGNORECASE,
)
_TESTS = frozenset(("if", "map", "geo", "split_clients"))


class Where(NamedTuple):
    """What is known of the file's place, and what the file itself says of its hosts."""

    path: str
    own: frozenset[str]
    exists: Callable[[str], bool]
    decided: frozenset[str]
    """Variables that a ``map`` or ``set`` derives from who the visitor is."""
    foreign: frozenset[str]
    """Variables that hold an address of another host."""


def _absent(_path: str) -> bool:
    return False


def nginx_signs(
    content: bytes,
    path: str = "nginx.conf",
    own_hosts: frozenset[str] = frozenset(),
    exists: Callable[[str], bool] = _absent,
) -> list[Mark]:
    """What of a part of nginx's configuration looks planted."""
    lowered = content.lower()
    if not any(word in lowered for word in _MAY):
        return []
    reading = read_nginx(content)
    own = own_hosts | _server_names(reading)
    where = _derived(reading, Where(path, own, exists, frozenset(), frozenset()))
    signs = [sign for look in _LOOKS for sign in look(reading, where)]
    return marks_of([_with_variables(sign, reading, where) for sign in signs], reading, content)


def _with_variables(sign: Sign, reading: Reading, where: Where) -> Sign:
    """With what sets the variables that nothing but the planted statements uses: to leave the
    use and take the setting away would keep nginx from starting.
    """
    members = set(sign.members)
    for name in where.decided | where.foreign:
        makers = _makers(name, reading)
        used = {i for i, one in enumerate(reading.directives) if name in " ".join(one.args)}
        if used & members and makers and not used - members - makers:
            members |= makers
    return sign._replace(members=tuple(sorted(members)))


def _makers(name: str, reading: Reading) -> set[int]:
    """The statements that set a variable: ``set`` with the test round it, or all of a ``map``."""
    makers: set[int] = set()
    for index, one in enumerate(reading.directives):
        if one.name == "set" and one.args and one.args[0] == name:
            makers.update(_members(reading, index))
        elif (one.name in _TESTS and one.args and one.args[-1] == name) or (
            one.sections
            and one.sections[-1].name in ("map", "geo")
            and one.sections[-1].args[-1:] == (name,)
        ):
            makers.add(index)
    return makers


def _server_names(reading: Reading) -> frozenset[str]:
    named = (arg for one in reading.directives if one.name == "server_name" for arg in one.args)
    return frozenset(arg.lower().lstrip("*.") for arg in named if "." in arg and "$" not in arg)


def _derived(reading: Reading, where: Where) -> Where:
    """Variables that stand for a test of the visitor, or for a foreign address."""
    decided: set[str] = set()
    foreign: set[str] = set()
    for one in reading.directives:
        if one.name in ("map", "geo", "split_clients") and one.args:
            source = one.args[0] if len(one.args) > 1 else "$remote_addr"
            if _VISITOR.search(source) or source in decided:
                decided.add(one.args[-1])
        elif one.name == "set" and len(one.args) > 1:
            if _foreign(one.args[1:], where):
                foreign.add(one.args[0])
            tests = " ".join(" ".join(s.args) for s in one.sections if s.name == "if")
            if _VISITOR.search(tests + one.args[1]) or any(name in tests for name in decided):
                decided.add(one.args[0])
        elif one.sections and one.sections[-1].name == "map" and _foreign(one.args, where):
            foreign.add(one.sections[-1].args[-1] if one.sections[-1].args else "")
    return where._replace(decided=frozenset(decided), foreign=frozenset(foreign - {""}))


def _foreign(args: Iterable[str], where: Where) -> str:
    for arg in args:
        host = host_of(arg)
        if host and is_foreign(host, where.own):
            return host
        if any(name in arg for name in where.foreign):
            return "elsewhere"
    return ""


def _tests(one: Directive, reading: Reading, where: Where) -> str:
    """What of the visitor is tested on the way to a statement, as text."""
    tests = " ".join(" ".join(s.args) for s in one.sections if s.name == "if")
    used = {name for name in where.decided if name in tests or name in " ".join(one.args)}
    for other in reading.directives if used else ():
        last = other.sections[-1] if other.sections else None
        if (
            last is not None
            and last.name in _TESTS
            and (
                (last.args and last.args[-1] in used)
                or (other.name == "set" and other.args[0] in used)
            )
        ):
            tests += " " + " ".join((*last.args, other.name, *other.args))
    return tests


def _moves(reading: Reading, where: Where) -> Iterable[Sign]:
    for index, one in enumerate(reading.directives):
        if one.name in ("return", "rewrite", "proxy_pass", "error_page"):
            target = one.args[-1:] if one.name != "rewrite" else one.args[1:2]
            host = _foreign(target, where)
            tests = _tests(one, reading, where)
            visited = _VISITOR.search(tests) is not None
            if host and visited:
                rule, sure, reason = _judged(tests, host, one.name)
                if rule:
                    yield Sign(_members(reading, index), rule, "redirect", sure, reason)
            elif host and one.name == "error_page":
                yield Sign(
                    (index,),
                    "nginx-error-foreign",
                    "redirect",
                    0.6,
                    "Visitors who meet an error are sent to another host",
                )


def _judged(tests: str, host: str, name: str) -> tuple[str, float, str]:
    negated = re.search(r"!~", tests) is not None
    if "invalid_referer" in tests:
        return "", 0.0, ""
    if "http_referer" in tests and _ENGINES.search(tests):
        return (
            "nginx-referrer",
            0.93,
            "Visitors who come from search engines are sent to another host",
        )
    if negated and _BOTS.search(tests):
        return "nginx-no-crawlers", 0.92, "Visitors other than crawlers are sent to another host"
    if "user_agent" in tests and _MOBILE.search(tests):
        if _MOBILE_HOST.match(host):
            return "", 0.0, ""
        return "nginx-mobile", 0.75, "Visitors with telephones are sent to another host"
    if _BOTS.search(tests):
        if "prerender" in host:
            return "", 0.0, ""
        return (
            "nginx-crawlers",
            0.6 if name == "proxy_pass" else 0.5,
            "Crawlers are shown another host's pages",
        )
    if "cookie" in tests:
        return (
            "nginx-cookie",
            0.6,
            "Visitors without a mark of an earlier visit are sent to another host",
        )
    return "nginx-some", 0.4, "Some visitors are sent to another host"


def _members(reading: Reading, index: int) -> tuple[int, ...]:
    """The statement, and the line of the test round it."""
    one = reading.directives[index]
    if one.sections and one.sections[-1].name == "if":
        start = one.sections[-1].start
        heads = [at for at, other in enumerate(reading.directives[:index]) if other.start == start]
        return (*heads, index)
    return (index,)


def _writes(reading: Reading, where: Where) -> Iterable[Sign]:
    for index, one in enumerate(reading.directives):
        text = " ".join(one.args)
        if one.name in (
            "sub_filter",
            "add_header",
            "echo",
            "more_set_headers",
            "echo_after_body",
            "subs_filter",
        ):
            if _INJECTS.search(text):
                host = re.search(r"(?:https?:)?//[^\s\"'<>/]{4,253}", text)
                sure = 0.9 if host and is_foreign(host_of(host.group()), where.own) else 0.65
                yield Sign(
                    (index,),
                    "nginx-injects",
                    "injection",
                    sure,
                    "A script or frame is put into every page",
                )
            elif (
                one.name == "add_header"
                and re.match("refresh", text, re.IGNORECASE)
                and "//" in text
            ):
                yield Sign(
                    (index,),
                    "nginx-refresh",
                    "redirect",
                    0.85,
                    "Every page is told to send its visitor elsewhere",
                )


def _php(reading: Reading, where: Where) -> Iterable[Sign]:
    for index, one in enumerate(reading.directives):
        if (
            one.name == "fastcgi_param"
            and len(one.args) > 1
            and re.match("PHP_(?:ADMIN_)?VALUE", one.args[0], re.IGNORECASE)
        ):
            for match in re.finditer(
                r"auto_(?:prepend|append)_file\s*=\s*[\"']?([^\s\"';]{1,500})", one.args[1]
            ):
                judged = judge_prepend(match.group(1), where.path, where.exists)
                if judged is not None:
                    yield Sign(
                        (index,), "nginx-" + judged.rule, "config", judged.confidence, judged.reason
                    )
            if re.search(r"allow_url_include\s*=\s*(?:on|1)", one.args[1], re.IGNORECASE):
                yield Sign(
                    (index,),
                    "nginx-url-include",
                    "config",
                    0.8,
                    "PHP may run code from other hosts",
                )
        elif one.name in ("fastcgi_pass", "uwsgi_pass", "scgi_pass"):
            pattern = next(
                (" ".join(s.args) for s in reversed(one.sections) if s.name == "location"), ""
            )
            if _PICTURES.search(pattern) and "~" in pattern and "try_files" not in pattern:
                honest = "php" in pattern.lower()
                yield Sign(
                    (index,),
                    "nginx-runs-pictures",
                    "config",
                    0.9,
                    "Pictures or texts are run as programs",
                    mend=not honest,
                )


def _scripts(reading: Reading, where: Where) -> Iterable[Sign]:
    for index, one in enumerate(reading.directives):
        if "_by_lua" not in one.name:
            continue
        text = " ".join(one.args)
        if _LUA_RUNS.search(text) and re.search(r"get_uri_args|arg_|http_|cookie_", text):
            yield Sign(
                (index,),
                "nginx-lua-runs",
                "backdoor",
                0.85,
                "A script in the configuration runs what a request brings",
            )
        elif _LUA_MOVES.search(text) and _LUA_TESTS.search(text):
            hosts = re.findall(r"https?://[^\s\"'<>/]{4,253}", text[:20_000])
            far = any(is_foreign(host_of(host), where.own) for host in hosts)
            sure = 0.9 if far and _ENGINES.search(text) else 0.75 if far else 0.4
            yield Sign(
                (index,),
                "nginx-lua-redirect",
                "redirect",
                sure,
                "A script in the configuration sends some visitors elsewhere",
            )
        elif re.search("ngx.(?:arg|print|say)", text) and _INJECTS.search(text):
            yield Sign(
                (index,),
                "nginx-injects",
                "injection",
                0.8,
                "A script or frame is put into every page",
            )


_LOOKS = (_moves, _writes, _php, _scripts)

"""Planted statements of nginx: visitors tested and sent away, pages written into, PHP prepended."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

from unhijack.parse.plain.directives import Reading, read_nginx
from unhijack.parse.plain.hosts import host_of, is_foreign
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.nginx_variables import VISITOR, Variables
from unhijack.parse.plain.prepends import judge_prepend
from unhijack.parse.plain.runs import MOST_MARKS, Sign, marks_of
from unhijack.parse.plain.where import Where, absent

MOST_STEPS = 4
"""From a variable to those that it is made of."""
_MAY = (
    *(b"return", b"rewrite", b"sub_filter", b"proxy_pass", b"prepend_file", b"append_file"),
    *(b"fastcgi_pass", b"_by_lua", b"js_content", b"add_header", b"error_page", b"add_after_body"),
    *(b"add_before_body", b"php_value", b"echo"),
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


class _File(NamedTuple):
    """The file whose statements are judged."""

    reading: Reading
    where: Where
    variables: Variables


def nginx_signs(
    content: bytes,
    path: str = "nginx.conf",
    own_hosts: frozenset[str] = frozenset(),
    exists: Callable[[str], bool] = absent,
) -> list[Mark]:
    """What of a part of nginx's configuration looks planted."""
    lowered = content.lower()
    if not any(word in lowered for word in _MAY):
        return []
    reading = read_nginx(content)
    own = own_hosts | _server_names(reading)
    file = _File(reading, Where(path, own, exists), Variables(reading, own))
    signs = [
        _with_variables(sign, file) for look in _LOOKS for sign in islice(look(file), MOST_MARKS)
    ]
    return marks_of(signs, reading, content)


def _with_variables(sign: Sign, file: _File) -> Sign:
    members = set(sign.members)
    for _ in range(MOST_STEPS):
        more = file.variables.used_only_by(members) - members
        if not more:
            break
        members |= more
    return sign._replace(members=tuple(sorted(members)))


def _server_names(reading: Reading) -> frozenset[str]:
    named = (arg for one in reading.directives if one.name == "server_name" for arg in one.args)
    return frozenset(arg.lower().lstrip("*.") for arg in named if "." in arg and "$" not in arg)


def _moves(file: _File) -> Iterable[Sign]:
    for index, one in enumerate(file.reading.directives):
        if one.name in ("return", "rewrite", "proxy_pass", "error_page"):
            target = one.args[-1:] if one.name != "rewrite" else one.args[1:2]
            host = file.variables.foreign_host(target)
            tests = file.variables.tests_of(one)
            visited = VISITOR.search(tests) is not None
            if host and visited:
                rule, sure, reason = _judged(tests, host, one.name)
                if rule:
                    yield Sign(file.variables.with_head(index), rule, "redirect", sure, reason)
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


def _writes(file: _File) -> Iterable[Sign]:
    for index, one in enumerate(file.reading.directives):
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
                sure = 0.9 if host and is_foreign(host_of(host.group()), file.where.own) else 0.65
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


def _php(file: _File) -> Iterable[Sign]:
    for index, one in enumerate(file.reading.directives):
        if (
            one.name == "fastcgi_param"
            and len(one.args) > 1
            and re.match("PHP_(?:ADMIN_)?VALUE", one.args[0], re.IGNORECASE)
        ):
            for match in re.finditer(
                r"auto_(?:prepend|append)_file\s*=\s*[\"']?([^\s\"';]{1,500})", one.args[1]
            ):
                judged = judge_prepend(match.group(1), file.where.path, file.where.exists)
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


def _scripts(file: _File) -> Iterable[Sign]:
    for index, one in enumerate(file.reading.directives):
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
            far = any(is_foreign(host_of(host), file.where.own) for host in hosts)
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

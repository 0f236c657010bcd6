"""Rewrites that send some visitors elsewhere: who is tested, and where they are sent."""

from __future__ import annotations

import re
from collections.abc import Iterable

from unhijack.parse.plain.directives import Directive, Reading
from unhijack.parse.plain.hosts import host_of, is_foreign
from unhijack.parse.plain.runs import Sign
from unhijack.parse.plain.where import Where

_VISITOR = re.compile(
    r"HTTP_REFERER|HTTP_USER_AGENT|HTTP_COOKIE|REMOTE_(?:ADDR|HOST)|TIME(?:_|\})|HTTP_ACCEPT"
    r"|HTTP:\s?(?:Referer|User-Agent|Cookie|Accept|X-|CF-|Sec-CH|From|Via)|GEOIP|HTTP_FORWARDED|HTTP_X_",
    re.IGNORECASE,
)

_ENGINES = re.compile(
    r"google|yahoo|bing|baidu|yandex|duckduckgo|\bask\b|\baol\b|altavista|lycos|excite|\bmsn\b"
    r"|facebook|twitter|youtube|instagram|linkedin|pinterest|reddit|wikipedia|rambler|\bqq\b"
    r"|search|mail\.ru|\bok\.ru|vkontakte|\bvk\b|naver|sogou|ecosia|live\.com|\bt\.co\b|webalta|tiktok",
    re.IGNORECASE,
)

_MOBILE = re.compile(
    r"android|iphone|ipad|ipod|mobile|blackberry|symbian|midp|opera.?mini|windows.?(?:ce|phone)|palm|nokia",
    re.IGNORECASE,
)

_BOTS = re.compile(
    r"bot\b|bots\b|crawl|spider|slurp|googlebot|bingbot|yandex|baidu|facebookexternalhit",
    re.IGNORECASE,
)

_MOBILE_HOST = re.compile(r"^(?:m|mobil|mobile|wap|touch|amp|app|i)\d?\.")

_APPS = re.compile(
    r"(?:play\.google\.com|(?:itunes|apps)\.apple\.com|[a-z0-9.-]*prerender\.[a-z]+|[a-z.]*google\.[a-z.]+"
    r"|(?:www\.)?(?:fbi\.gov|youtube\.com|facebook\.com|microsoft\.com|bing\.com|yahoo\.com|example\.(?:com|org|net)))"
)

_PICTURE_PATTERN = re.compile(
    r"\b(?:gif|jpe?g|png|bmp|webp|mp3|mp4|avi|css|js|swf|flv)\b", re.IGNORECASE
)

_PLANTED_PLACE = re.compile(
    r"(?:^|/)(?:uploads?|cache|images?|img|tmp|temp|media|files|fonts?|css|\.[^/]+)/", re.IGNORECASE
)

_BOMB = re.compile(r"(?:\.\*\|){3}|(?:\([^()]{1,20}[+*]\)[+*]){2}|[+*]\)[+*]\)[+*]")


def rewrites(reading: Reading, where: Where) -> Iterable[Sign]:
    conditions: list[tuple[int, Directive]] = []
    for index, one in enumerate(reading.directives):
        if one.name == "rewritecond":
            conditions.append((index, one))
        elif one.name == "rewriterule":
            verdict = _rewrite(one, [cond for _, cond in conditions], where)
            if verdict is not None:
                rule, confidence, reason = verdict
                members = (*(at for at, _ in conditions), index)
                yield Sign(members, f"apache-{rule}", "redirect", confidence, reason)
            conditions = []
        else:
            conditions = conditions if one.name.startswith("rewrite") else []


def _rewrite(
    rule: Directive, conditions: list[Directive], where: Where
) -> tuple[str, float, str] | None:
    if any(_BOMB.search(arg) for arg in rule.args[:1]):
        return "regex-bomb", 0.85, "A rewrite whose pattern would stall the server"
    if len(rule.args) < 2:
        return None
    target = rule.args[1]
    flags = rule.args[2].lower() if len(rule.args) > 2 else ""
    tests = [cond for cond in conditions if cond.args and _VISITOR.search(cond.args[0])]
    host = host_of(target)
    proxied = re.search(r"\bp\b|\bproxy\b", flags) is not None
    if host and is_foreign(host, where.own):
        if _APPS.fullmatch(host):
            return None
        if tests:
            return _foreign_by_test(rule, tests, host, proxied=proxied)
        if proxied and where.is_htaccess:
            return "proxy-foreign", 0.5, "Pages are fetched from another host for visitors"
        return None
    if tests and not host and re.search(r"\.(?:php[0-9]?|cgi|pl|phtml)(?:\?|$)", target):
        return _script_by_test(target, tests)
    return None


def _says(tests: list[Directive], variable: str) -> list[str]:
    """The patterns that are wanted (not negated) of a variable, those refused marked with ``!``."""
    return [
        " ".join(test.args[1:2])
        for test in tests
        if re.search(variable, test.args[0], re.IGNORECASE) and len(test.args) > 1
    ]


def _wanted(patterns: list[str]) -> str:
    return " ".join(pattern for pattern in patterns if not pattern.startswith("!"))


def _refused(patterns: list[str]) -> str:
    return " ".join(pattern for pattern in patterns if pattern.startswith("!"))


def _engines(text: str) -> int:
    return len({name.lower() for name in _ENGINES.findall(text)})


def _foreign_by_test(
    rule: Directive, tests: list[Directive], host: str, *, proxied: bool
) -> tuple[str, float, str] | None:
    referrers, agents = _says(tests, "referer"), _says(tests, "user.?agent")
    wanted, refused = _wanted(referrers), _refused(referrers)
    if _PICTURE_PATTERN.search(rule.args[0]) and (refused or not wanted):
        return None  # pictures kept from other people's pages
    engines = _engines(wanted)
    if engines:
        sure = 0.95 if engines > 1 or agents or len(tests) > 1 else 0.92
        return (
            "rewrite-referrer",
            sure,
            "Visitors who come from search engines or social networks are sent to another host",
        )
    by_agent = _by_agent(tests, host, proxied=proxied)
    return by_agent if by_agent is not None else _by_other(tests, wanted, host)


def _by_agent(tests: list[Directive], host: str, *, proxied: bool) -> tuple[str, float, str] | None:
    agents = _says(tests, "user.?agent")
    phones, crawlers = _wanted(agents), _refused(agents)
    if _BOTS.search(crawlers) or (crawlers and phones):
        return "rewrite-no-crawlers", 0.92, "Visitors other than crawlers are sent to another host"
    if _MOBILE.search(phones) and not _MOBILE_HOST.match(host):
        sure = 0.85 if len({test.args[0].lower() for test in tests}) > 1 else 0.7
        return "rewrite-mobile", sure, "Visitors with telephones are sent to another host"
    if _BOTS.search(phones):
        sure = 0.6 if proxied else 0.5
        return "rewrite-crawlers", sure, "Crawlers are shown another host's pages"
    if _BROWSERS.search(phones) and not _MOBILE.search(phones):
        return "rewrite-agent", 0.7, "Visitors with ordinary browsers are sent to another host"
    return None


def _by_other(tests: list[Directive], wanted: str, host: str) -> tuple[str, float, str] | None:
    if _MOBILE_HOST.match(host):
        return None
    if _says(tests, "cookie") and len(tests) > 1:
        reason = "Visitors without a mark of an earlier visit are sent to another host"
        return "rewrite-cookie", 0.75, reason
    if _says(tests, r"\btime"):
        return "rewrite-time", 0.65, "At some hours visitors are sent to another host"
    if wanted:
        return "rewrite-some-referrer", 0.45, "Visitors from some sites are sent to another host"
    return "rewrite-some", 0.35, "Some visitors are sent to another host"


_BROWSERS = re.compile(
    r"windows|mozilla|chrome|firefox|msie|safari|linux|macintosh|\.\*|^\.\+", re.IGNORECASE
)


def _script_by_test(target: str, tests: list[Directive]) -> tuple[str, float, str] | None:
    engines = _engines(_wanted(_says(tests, "referer")))
    hidden = (
        _PLANTED_PLACE.search(target) is not None or re.search(r"/\.[^/]+$", target) is not None
    )
    if engines:
        sure = 0.9 if hidden else 0.8
        return (
            "rewrite-referrer-script",
            sure,
            "Visitors who come from search engines are sent through a script",
        )
    if hidden and _wanted(_says(tests, "agent")):
        return "rewrite-agent-script", 0.7, "Some visitors are sent through a script among uploads"
    if _BOTS.search(_wanted(_says(tests, "agent"))) and not re.search(
        "index.php|prerender|og|share", target
    ):
        return "rewrite-agent-script", 0.5, "Crawlers are shown what a script makes for them"
    return None

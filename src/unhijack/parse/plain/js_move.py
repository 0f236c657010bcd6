"""Scripts that send visitors away, or bring another host in before their eyes."""

from __future__ import annotations

import re
from itertools import islice

from unhijack.parse.plain.hosts import host_of
from unhijack.parse.plain.js_script import (
    BUNDLE,
    LOADS,
    MOST_PLACES,
    Deed,
    Script,
    is_strange,
    masked_hosts,
    near,
    places,
)
from unhijack.parse.plain.stretches import matches, round_words

_TESTS_REFERRER = re.compile(r"\breferrer\b")

_TESTS_AGENT = re.compile(
    r"\buseragent\b|navigator\.(?:platform|vendor|appversion)|maxtouchpoints|ontouchstart"
)

_PHONES = re.compile(r"android|iphone|ipad|ipod|blackberry|iemobile|opera mini|mobile")

_ENGINES = re.compile(
    r"google|yahoo|\bbing|baidu|yandex|duckduckgo|facebook|instagram|twitter|\bask\b|\baol\b|sogou|naver"
)

_BOTS = re.compile(r"googlebot|bingbot|crawler|spider|\bbot\b|webdriver|headless")

_ONCE = re.compile(r"document\.cookie|localstorage|sessionstorage")

_ZONE = re.compile(
    r"timezone\b|gettimezoneoffset|navigator\.languages?\b|screen\.(?:width|height)|innerwidth"
)

_MOVES = re.compile(
    r"\blocation\s{0,3}(?:\.\s{0,3}href\s{0,3})?=(?![=>])\s{0,3}|\blocation\s{0,3}\.\s{0,3}(?:replace|assign)\s{0,3}\(\s{0,3}"
    r"|\blocation\s{0,3}\)\s{0,3}\.\s{0,3}(?:attr|prop)\s{0,3}\(\s{0,3}[\"']href[\"']\s{0,3},\s{0,3}|\bwindow\s{0,3}\.\s{0,3}open\s{0,3}\(\s{0,3}|http-equiv.{0,12}refresh[^>]{0,20}url=",
)

_ABSOLUTE_NEXT = re.compile(r"[^;\n]{0,60}?(?:[\"'`]|url=)((?:https?:)?\\?/\\?/[^\s\"'`<>]{4,300})")

_VARIABLE_NEXT = re.compile(r"[\"'`]?([a-za-z_$][\w$]{0,40})")


def _moved_to(script: Script) -> tuple[list[int], list[str]]:
    """Where the visitor is sent to a foreign address, and to which hosts."""
    text = script.text
    found, hosts = [], []
    masked = masked_hosts(script) if len(text) < BUNDLE else []
    around = round_words(("location", "open", "http-equiv"), text)
    for match in islice(matches(_MOVES, text, around), MOST_PLACES):
        target = _ABSOLUTE_NEXT.match(text, match.end())
        host = host_of(target.group(1).replace("\\/", "/")) if target else ""
        if not target:
            host = _held(text, match.end()) or next(iter(masked), "")
        if is_strange(host, script.own):
            found.append(match.start())
            hosts.append(host)
    return found, hosts


def _held(text: str, at: int) -> str:
    """The host of the address that a variable holds, if one is put into it nearby."""
    name = _VARIABLE_NEXT.match(text, at)
    if name is None:
        return ""
    holds = re.compile(
        r"(?<![\w$.])"
        + re.escape(name.group(1))
        + r"\s{0,3}[=:]\s{0,3}\[?\s{0,9}[\"'`]((?:https?:)?\\?/\\?/[^\s\"'`<>]{4,300})"
    )
    match = holds.search(text, max(0, at - 20_000), at + 20_000)
    return host_of(match.group(1).replace("\\/", "/")) if match else ""


_MOBILE_HOST = re.compile(r"^(?:m|mobil|mobile|wap|touch|amp|app|play|apps|itunes)\d?\.")


_ASKED_FOR = re.compile(r"click|submit|keyup|keydown|change|touch|function\s{1,9}\w")


def sent_away(script: Script) -> Deed | None:
    """The visitor is tested, then sent to a foreign address."""
    text = script.text
    moves, hosts = _moved_to(script) if script.far else ([], [])
    if not moves:
        return None
    referrer = near(moves, places(_TESTS_REFERRER, text), 1_500)
    agent = near(moves, places(_TESTS_AGENT, text), 1_500)
    once = near(moves, places(_ONCE, text), 1_500)
    zone = near(moves, places(_ZONE, text), 800)
    phones = agent and _PHONES.search(text) is not None
    if phones and not referrer and all(_MOBILE_HOST.match(host) for host in hosts):
        return None
    hidden = bool(script.steps - {"join", "junk"}) and any(
        h in script.hidden or "location" in script.hidden for h in hosts
    )
    if referrer and near(moves, places(_ENGINES, text), 1_500):
        return Deed(
            "js-referrer",
            "redirect",
            0.93,
            "Visitors who come from search engines are sent to another host",
        )
    if (agent or referrer) and near(moves, places(_BOTS, text), 1_500):
        return Deed(
            "js-no-crawlers",
            "redirect",
            0.88,
            "Visitors other than crawlers are sent to another host",
        )
    if hidden:
        return Deed(
            "js-hidden-redirect",
            "redirect",
            0.92,
            "Visitors are sent to another host by code that is hidden",
        )
    if phones:
        sure = 0.82 if once or referrer else 0.65
        return Deed(
            "js-mobile", "redirect", sure, "Visitors with telephones are sent to another host"
        )
    if referrer or (once and len(text) < 4_000) or (zone and once):
        sure = 0.65 if len(text) < 4_000 else 0.5
        return Deed("js-once", "redirect", sure, "Some visitors are sent to another host")
    if len(text) < 800 and not _ASKED_FOR.search(text):
        return Deed("js-redirect", "redirect", 0.55, "Every visitor is sent to another host")
    return None


_FRAME_MADE = re.compile(r"createelement\s{0,3}\(\s{0,3}[\"']iframe[\"']|<iframe")

_UNSEEN = re.compile(
    r"display\s{0,3}[=:]\s{0,3}[\"']?none|visibility\s{0,3}[=:]\s{0,3}[\"']?hidden|(?:width|height)[\"']?\s{0,3}[=:,]\s{0,3}[\"']?[01](?:px)?\b|(?:left|top)\s{0,3}[=:]\s{0,3}[\"']?-\d{3}"
)


def hidden_frame(script: Script) -> Deed | None:
    text = script.text
    frames = places(_FRAME_MADE, text) if "iframe" in text else []
    if (
        frames
        and len(text) < 6_000
        and near(frames, places(_UNSEEN, text), 600)
        and near(frames, script.far, 600)
    ):
        sure = 0.85 if script.steps else 0.7
        return Deed(
            "js-hidden-frame",
            "injection",
            sure,
            "An unseen frame of another host is put into the page",
        )
    return None


_WRITTEN = re.compile(
    r"\bdocument\s{0,3}\.\s{0,3}write(?:ln)?\s{0,3}\([^;\n]{0,60}<\s?(?:script|iframe|scr)"
)


def loads(script: Script) -> Deed | None:
    """Another host's script, in plain sight: by itself hardly a sign."""
    text = script.text
    if not script.far or len(text) > BUNDLE:
        return None
    if "write" in text and near(places(_WRITTEN, text), script.far, 200):
        sure = 0.55 if len(text) < 1_500 else 0.4
        return Deed("js-loader", "injection", sure, "Another host's script is put into the page")
    if len(text) < 1_500 and near(places(LOADS, text), script.far, 300):
        return Deed("js-loader", "injection", 0.4, "Another host's script is put into the page")
    return None

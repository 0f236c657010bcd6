"""Planted things in pages: scripts, frames, links and refreshes that a site's owner never sees.

By its own scan of tags, which knows at which byte each stands; linear, bounded, and good for pages
inside PHP too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from unhijack.parse.plain.hosts import host_of, is_foreign, site
from unhijack.parse.plain.js import script_signs
from unhijack.parse.plain.js_script import KNOWN
from unhijack.parse.plain.marks import Mark

MOST_BYTES = 4_000_000
MOST_TAGS = 3_000
MOST_MARKS = 60
MOST_OF_A_RULE = 10
SMALL = 4_000
LIKELY = 0.5

_MAY = (
    b"<script",
    b"<iframe",
    b"http-equiv",
    b"href",
    b"onload",
    b"onerror",
    b"hacked by",
    b"<object",
    b"&#60",
)
_ATTRIBUTE = re.compile(
    r"([a-z][a-z0-9_:-]{0,40})\s{0,9}=\s{0,9}(?:\\?\"([^\"]{0,8000}?)\\?\"|\\?'([^']{0,8000}?)\\?'|([^\s\"'>]{1,8000}))",
    re.IGNORECASE,
)
_NO_SCRIPT = re.compile(
    r"json|template|text/html|text/x|ld\+|importmap|speculation|x-|handlebars|mustache|babel|less|shader|plain",
    re.IGNORECASE,
)


class Tag(NamedTuple):
    """One tag, as it stands."""

    name: str
    start: int
    end: int
    attributes: dict[str, str]


class Page(NamedTuple):
    """One page."""

    content: bytes
    text: str
    low: str
    own: frozenset[str]
    begin: int
    """Where ``<html`` or the doctype stands; -1 where there is none."""
    close: int
    """Behind the last ``</html>``; -1 where there is none."""
    php: int
    """Where PHP begins; -1 where there is none."""


def html_signs(content: bytes, own_hosts: frozenset[str] = frozenset()) -> list[Mark]:
    """What of a page looks planted. Never raises."""
    body = content[:MOST_BYTES]
    lowered = body.lower()
    if not any(word in lowered for word in _MAY):
        return []
    low = lowered.decode("latin-1")
    heads = [at for at in (low.find("<!doctype"), low.find("<html")) if at >= 0]
    close = low.rfind("</html>")
    own = own_hosts | _own_hosts(low)
    page = Page(
        *(body, body.decode("latin-1"), low, own, min(heads, default=-1)),
        *(close + 7 if close >= 0 else -1, low.find("<?php")),
    )
    marks = _few_of_each(mark for look in _LOOKS for mark in look(page))
    return [_wholly(mark, page) for mark in marks[:MOST_MARKS]]


def _few_of_each(marks: Iterable[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    count: dict[str, int] = {}
    for mark in marks:
        count[mark.rule] = count.get(mark.rule, 0) + 1
        if count[mark.rule] <= MOST_OF_A_RULE:
            kept.append(mark)
    return kept


_SELF = re.compile(r"<(?:link|meta|base|img|form)\b([^<>]{5,600})>")
_NAMED = re.compile(r"canonical|og:url|<base|shortlink|pingback|api\.w\.org")
_URL = re.compile(r"(?:https?:)?//[a-z0-9.-]{4,253}")


def _own_hosts(low: str) -> frozenset[str]:
    """Hosts that the page calls its own: its canonical address, and where its pictures lie."""
    found, seen = set(), Counter[str]()
    for match in islice(_SELF.finditer(low), 2_000):
        url = _URL.search(match.group(1))
        if url is None or "refresh" in match.group(1):
            continue
        host = host_of(url.group())
        if _NAMED.search(match.group()):
            found.add(host)
        elif not match.group().startswith("<meta"):
            seen[site(host)] += 1
    most = [(name, count) for name, count in seen.most_common(1) if count > 2]
    return frozenset(found | {name for name, count in most})


def _wholly(mark: Mark, page: Page) -> Mark:
    """A file of which nothing is left after the cut was planted as a whole."""
    if mark.whole:
        return mark._replace(whole=False, cut=mark.cut or (mark.start, mark.end))._replace(
            whole=_nothing_but(mark.start, mark.end, page)
        )
    if mark.cut is not None and _nothing_but(*mark.cut, page):
        return mark._replace(cut=None, whole=True)
    return mark


def _nothing_but(start: int, end: int, page: Page) -> bool:
    """Whether the rest of the page shows and loads nothing."""
    rest = page.low[:start] + page.low[end:]
    if len(rest) > SMALL or "<?" in rest:
        return not rest.strip()
    return not _TAGS.sub("", rest).strip() and "src" not in rest and "href" not in rest


_TAGS = re.compile(r"<!--[^>]{0,1000}-->|<title>[^<]{0,200}</title>|<[a-z!/][^<>]{0,1000}>")


def tags(page: Page, name: str) -> Iterable[Tag]:
    """All tags of a name, in order."""
    opener = "<" + name
    at, seen = page.low.find(opener), 0
    while at >= 0 and seen < MOST_TAGS:
        seen += 1
        after = page.low[at + len(opener) : at + len(opener) + 1]
        end = page.low.find(">", at, at + 20_000)
        if end >= 0 and not after.isalnum() and after != "-":
            yield Tag(name, at, end + 1, _attributes(page.text[at + len(opener) : end]))
        at = page.low.find(opener, at + len(opener))


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in islice(_ATTRIBUTE.finditer(text), 60):
        value = match.group(2) or match.group(3) or match.group(4) or ""
        found.setdefault(match.group(1).lower(), value)
    return found


def _unknown(address: str, page: Page) -> str:
    """The host of an address on another, unknown site."""
    host = host_of(_plain(address))
    return host if is_foreign(host, page.own) and site(host) not in KNOWN else ""


_ENTITY = re.compile(r"&#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));?")


def _plain(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = int(match.group(1), 16) if match.group(1) else int(match.group(2))
        return chr(code) if 32 <= code < 127 else ""

    return _ENTITY.sub(one, text).replace("\\/", "/") if "&#" in text or "\\" in text else text


def _line(start: int, end: int, page: Page) -> tuple[int, int]:
    """With its newline, where it fills its lines."""
    begun = page.text.rfind("\n", 0, start) + 1
    if page.text[begun:start].strip():
        return start, end
    stop = page.text.find("\n", end)
    stop = len(page.text) if stop < 0 else stop + 1
    return (begun, stop) if not page.text[end:stop].strip() else (start, end)


# --- scripts


def _scripts(page: Page) -> Iterable[Mark]:
    lone: list[tuple[Tag, int]] = []
    seen = 0
    for tag in tags(page, "script"):
        if tag.start < seen:
            continue  # a word in the script before it
        close = page.low.find("</script", tag.end)
        stop = len(page.low) if close < 0 else page.low.find(">", close) + 1 or len(page.low)
        inner = len(page.low) if close < 0 else close
        seen = stop
        if _NO_SCRIPT.search(tag.attributes.get("type", "")):
            continue
        if "src" in tag.attributes:
            if _unknown(tag.attributes["src"], page):
                lone.append((tag, stop))
            continue
        for mark in script_signs(page.content, page.own, tag.end, inner):
            whole = mark.whole or (mark.start <= tag.end and mark.end >= inner)
            cut = _line(tag.start, stop, page) if whole and mark.confidence >= LIKELY else mark.cut
            yield mark._replace(cut=cut, whole=False)
    yield from _sources(page, lone)


def _sources(page: Page, lone: list[tuple[Tag, int]]) -> Iterable[Mark]:
    """Scripts of unknown hosts that stand where no page has scripts."""
    for tag, stop in lone:
        found = _misplaced(page, tag.start, stop)
        if found is not None:
            rule, sure, reason = found
            yield Mark(
                "html-" + rule,
                "injection",
                sure,
                reason,
                tag.start,
                stop,
                _line(tag.start, stop, page),
            )


def _misplaced(page: Page, start: int, stop: int) -> tuple[str, float, str] | None:
    before, after = page.text[:start].strip(), page.text[stop:].strip()
    if page.php >= 0:
        if not before and start < page.php:
            return (
                "script-before-php",
                0.8,
                "Another host's script stands before the program begins",
            )
        return None
    if 0 <= start < page.begin:
        return "script-before-page", 0.85, "Another host's script stands before the page begins"
    if 0 <= page.close <= start:
        return "script-after-page", 0.7, "Another host's script stands after the end of the page"
    if page.begin < 0 and not before and (not after or len(after) < 200):
        return "lone-script", 0.55, "The file does little but load another host's script"
    return None


_HANDLER = re.compile(
    r"\bon(?:load|error|mouseover|focus|pageshow)\s{0,9}=\s{0,9}(?:\"([^\"]{20,20000})\"|'([^']{20,20000})')",
    re.IGNORECASE,
)


def _handlers(page: Page) -> Iterable[Mark]:
    if "onload" not in page.low and "onerror" not in page.low and "onmouseover" not in page.low:
        return
    for match in islice(_HANDLER.finditer(page.text), 200):
        group = 1 if match.group(1) else 2
        code = _plain(match.group(group)).encode("latin-1", "replace")
        for mark in script_signs(code, page.own):
            if mark.confidence >= LIKELY:
                cut = _bearer(match.start(), match.end(), page)
                yield mark._replace(start=match.start(), end=match.end(), cut=cut, whole=False)


def _bearer(start: int, end: int, page: Page) -> tuple[int, int] | None:
    """The tag that was put in only to bear code; None for one that the page needs."""
    begun = page.low.rfind("<", max(0, start - 2_000), start)
    stop = page.low.find(">", end, end + 2_000)
    if (
        begun < 0
        or stop < 0
        or not re.match(
            r"<(?:img|svg|object|audio|video|source|input)\b", page.low[begun : begun + 8]
        )
    ):
        return None
    return _line(begun, stop + 1, page)


# --- frames

_UNSEEN = re.compile(
    r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden|opacity\s{0,3}:\s{0,3}0(?:\.0+)?(?![.0-9])|(?:left|top|text-indent|margin-left|margin-top)\s{0,3}:\s{0,3}-\d{3,}"
    r"|(?:^|[^-\w])(?:width|height|font-size|line-height)\s{0,3}:\s{0,3}[01](?:px|pt|em)?\s{0,3}(?:;|!|$)|clip\s{0,3}:\s{0,3}rect\(\s{0,3}[01]",
    re.IGNORECASE,
)
_TINY = re.compile(r"\s{0,3}[012](?:px|%)?\s{0,3}")


def _frames(page: Page) -> Iterable[Mark]:
    for tag in tags(page, "iframe"):
        if (
            not _unknown(tag.attributes.get("src", ""), page)
            or "noscript" in page.low[max(0, tag.start - 40) : tag.start]
        ):
            continue
        tiny = sum(
            bool(_TINY.fullmatch(tag.attributes.get(side, ""))) for side in ("width", "height")
        )
        wrapped = re.search(
            r"<(?:div|span|p|td|font)\b[^>]{0,300}$",
            page.low[max(0, tag.start - 320) : tag.start - 1]
            if page.low[tag.start - 1 : tag.start] == ">"
            else "",
        )
        hidden = _UNSEEN.search(tag.attributes.get("style", "")) or (
            wrapped and _UNSEEN.search(wrapped.group())
        )
        if tiny < 2 and not hidden:
            continue
        close = page.low.find("</iframe>", tag.end, tag.end + 2_000)
        stop = close + 9 if close >= 0 else tag.end
        outside = 0 <= page.close <= tag.start or 0 <= tag.start < page.begin
        yield Mark(
            "html-hidden-frame",
            "injection",
            0.9 if outside else 0.8,
            "An unseen frame shows another host's page",
            tag.start,
            stop,
            _line(tag.start, stop, page),
        )


# --- links for search engines

_LINK = re.compile(
    r"<a\b[^<>]{0,200}?\bhref\s{0,3}=\s{0,3}\\?[\"']?\s{0,3}((?:https?:)?//[^\s\"'<>]{4,300})"
)
_HIDER = re.compile(
    r"<(div|span|p|font|marquee|ul|section|td|table|li|b|i|u|noindex|h\d|small|em|strong|a)\b([^<>]{3,400})>"
)
_WARES = re.compile(
    r"viagra|cialis|levitra|casino|porn|payday|loan|replica|slot|gacor|togel|judi|betting|essay|pharma|pills|escort|xanax|louis vuitton|jersey|poker|jackpot|sbobet|nike|ugg|oakley|rolex|tramadol"
)
_ENOUGH = 5


def _spam(page: Page) -> Iterable[Mark]:
    if page.low.count("href") < _ENOUGH:
        return
    links = [
        (m.start(), _unknown(m.group(1), page)) for m in islice(_LINK.finditer(page.low), MOST_TAGS)
    ]
    far = [(at, site(host)) for at, host in links if host]
    if len(far) < _ENOUGH:
        return
    seen = 0
    for match in islice(_HIDER.finditer(page.low), 5_000):
        if match.start() < seen or not _hides(match.group(1), match.group(2)):
            continue
        stop = _closing(page, match.group(1), match.end())
        inside = [name for at, name in far if match.start() <= at < stop]
        wares = len(set(_WARES.findall(page.low[match.start() : stop])))
        if len(inside) >= _ENOUGH or (len(inside) > 1 and wares > 1):
            sure = 0.9 if (len(inside) >= 10 and wares) or wares > 2 else 0.75
            yield Mark(
                "html-hidden-links",
                "spam",
                sure,
                "Links to other sites are shown to search engines alone",
                match.start(),
                stop,
                _line(match.start(), stop, page),
            )
            seen = stop
    yield from _links_outside(page, far)


def _links_outside(page: Page, far: list[tuple[int, str]]) -> Iterable[Mark]:
    after = [at for at, _ in far if 0 <= page.close <= at]
    mostly = len(page.text) - page.close < 400 * len(after)
    if len(after) >= _ENOUGH and mostly and page.php < 0:
        end = len(page.text)
        start = page.close + (page.text[page.close : page.close + 1] == "\n")
        yield Mark(
            "html-links-after-page",
            "spam",
            0.85,
            "Links to other sites stand after the end of the page",
            start,
            end,
            (start, end),
        )


def _hides(name: str, inside: str) -> bool:
    attributes = _attributes(inside)
    if name == "marquee":
        return any(
            _TINY.fullmatch(attributes.get(side, ""))
            for side in ("width", "height", "scrollamount")
        )
    return _UNSEEN.search(attributes.get("style", "")) is not None or name == "noindex"


def _closing(page: Page, name: str, at: int) -> int:
    """Behind the end tag that closes an element which was opened before `at`."""
    pattern = re.compile(rf"<(/?){name}\b[^>]{{0,2000}}>")
    depth = 1
    for match in islice(pattern.finditer(page.low, at, at + 300_000), 2_000):
        depth += -1 if match.group(1) else 1
        if depth == 0:
            return match.end()
    return min(len(page.low), at + 300_000)


# --- refreshes, defacements

_REFRESH = re.compile(
    r"\s{0,9}([0-9]{0,6})[^;,]{0,9}[;,]\s{0,9}(?:url\s{0,9}=)?\s{0,9}[\"']?\s{0,9}(\S{4,400})",
    re.IGNORECASE,
)


def _refreshes(page: Page) -> Iterable[Mark]:
    if "refresh" not in page.low:
        return
    for tag in tags(page, "meta"):
        if _plain(tag.attributes.get("http-equiv", "")).strip().lower() != "refresh":
            continue
        match = _REFRESH.match(_plain(tag.attributes.get("content", "")))
        host = _unknown(match.group(2), page) if match else ""
        if not match or not host:
            continue
        sure, rule = _refresh_weight(page, tag, host)
        if sure:
            cut = _line(tag.start, tag.end, page)
            yield Mark(
                rule,
                "redirect",
                sure,
                "The page sends its visitors to another host",
                tag.start,
                tag.end,
                cut,
            )


def _refresh_weight(page: Page, tag: Tag, host: str) -> tuple[float, str]:
    if 0 <= tag.start < page.begin or 0 <= page.close <= tag.start:
        return 0.88, "html-refresh-outside"
    if page.php >= 0:
        return 0.4, "html-refresh"
    told = page.low.count(host) > 1 or "canonical" in page.low
    if len(page.low) < SMALL:
        return (0.35 if told else 0.6), "html-refresh"
    return 0.6, "html-refresh"


_DEFACED = re.compile(
    r"<(?:title|h\d|center|font|b|p|meta)[^<>]{0,200}>?[^<]{0,80}\b(?:hacked|defaced|pwned|h4ck3d|hax0red|0wned)\s{1,3}by\b"
)


def _defaced(page: Page) -> Iterable[Mark]:
    if " by" not in page.low or page.php >= 0:
        return
    match = (
        _DEFACED.search(page.low)
        if re.search("hacked|defaced|pwned|h4ck3d|0wned", page.low)
        else None
    )
    if match is not None:
        sure = 0.75 if len(page.low) < 60_000 else 0.5
        yield Mark(
            "html-defaced",
            "injection",
            sure,
            "The page boasts of a break-in",
            match.start(),
            match.end(),
        )


_LOOKS = (_scripts, _handlers, _frames, _spam, _refreshes, _defaced)

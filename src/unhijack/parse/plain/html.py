"""Planted things in pages: scripts, frames, links and refreshes that a site's owner never sees.

By its own scan of tags, which knows at which byte each stands; linear, bounded, and good for pages
inside PHP too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice

from unhijack.parse.plain.hosts import host_of, site
from unhijack.parse.plain.html_links import hidden_links
from unhijack.parse.plain.html_page import (
    MOST_BYTES,
    SHOWN,
    SMALL,
    TINY,
    UNSEEN,
    Page,
    Tag,
    plain,
    tags,
    unknown_host,
    whole_lines,
)
from unhijack.parse.plain.js import script_signs
from unhijack.parse.plain.js_cut import outline
from unhijack.parse.plain.marks import Mark

MOST_MARKS = 60

MOST_OF_A_RULE = 10

NEXT_TO_NOTHING = 60
"""Characters."""

LIKELY = 0.5

_NO_SCRIPT = re.compile(
    r"json|template|text/html|text/x|ld\+|importmap|speculation|x-|handlebars|mustache|babel|less|shader|plain",
    re.IGNORECASE,
)


def html_signs(content: bytes, own_hosts: frozenset[str] = frozenset()) -> list[Mark]:
    """What of a page looks planted. Never raises."""
    body = content[:MOST_BYTES]
    lowered = body.lower()
    if not any(word in lowered for word in SHOWN):
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
            if unknown_host(tag.attributes["src"], page):
                lone.append((tag, stop))
            continue
        for mark in script_signs(page.content, page.own, tag.end, inner):
            whole = mark.whole or _hardly_more(mark, tag.end, inner, page)
            cut = (
                whole_lines(tag.start, stop, page)
                if whole and mark.confidence >= LIKELY
                else mark.cut
            )
            yield mark._replace(cut=cut, whole=False)
    yield from _sources(page, lone)


def _hardly_more(mark: Mark, start: int, end: int, page: Page) -> bool:
    """Whether a script does next to nothing beside what is planted in it."""
    first, last = mark.cut or (mark.start, mark.end)
    rest = outline(page.text[start : max(start, first)] + page.text[min(end, last) : end])
    return len(rest) <= NEXT_TO_NOTHING


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
                whole_lines(tag.start, stop, page),
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
        code = plain(match.group(group)).encode("latin-1", "replace")
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
    name = page.low[begun + 1 : begun + 7].rstrip("/> \t\n").split()[0]
    closing = f"</{name}>"
    stop += 1 + (len(closing) if page.low.startswith(closing, stop + 1) else 0)
    return whole_lines(begun, stop, page)


def _frames(page: Page) -> Iterable[Mark]:
    for tag in tags(page, "iframe"):
        if (
            not unknown_host(tag.attributes.get("src", ""), page)
            or "noscript" in page.low[max(0, tag.start - 40) : tag.start]
        ):
            continue
        tiny = sum(
            bool(TINY.fullmatch(tag.attributes.get(side, ""))) for side in ("width", "height")
        )
        wrapped = re.search(
            r"<(?:div|span|p|td|font)\b[^>]{0,300}$",
            page.low[max(0, tag.start - 320) : tag.start - 1]
            if page.low[tag.start - 1 : tag.start] == ">"
            else "",
        )
        hidden = UNSEEN.search(tag.attributes.get("style", "")) or (
            wrapped and UNSEEN.search(wrapped.group())
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
            whole_lines(tag.start, stop, page),
        )


# --- refreshes, defacements

_REFRESH = re.compile(
    r"\s{0,9}([0-9]{0,6})[^;,]{0,9}[;,]\s{0,9}(?:url\s{0,9}=)?\s{0,9}[\"']?\s{0,9}(\S{4,400})",
    re.IGNORECASE,
)


def _refreshes(page: Page) -> Iterable[Mark]:
    if "refresh" not in page.low:
        return
    for tag in tags(page, "meta"):
        if plain(tag.attributes.get("http-equiv", "")).strip().lower() != "refresh":
            continue
        match = _REFRESH.match(plain(tag.attributes.get("content", "")))
        host = unknown_host(match.group(2), page) if match else ""
        if not match or not host:
            continue
        sure, rule = _refresh_weight(page, tag, host)
        if sure:
            cut = whole_lines(tag.start, tag.end, page)
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


_LOOKS = (_scripts, _handlers, _frames, hidden_links, _refreshes, _defaced)

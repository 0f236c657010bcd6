"""Links that a page shows to search engines alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from unhijack.parse.plain.hosts import site
from unhijack.parse.plain.html_page import (
    MOST_TAGS,
    TINY,
    UNSEEN,
    Page,
    attributes_of,
    unknown_host,
    whole_lines,
)
from unhijack.parse.plain.marks import Mark

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


def hidden_links(page: Page) -> Iterable[Mark]:
    if page.low.count("href") < _ENOUGH:
        return
    links = [
        (m.start(), unknown_host(m.group(1), page))
        for m in islice(_LINK.finditer(page.low), MOST_TAGS)
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
                whole_lines(match.start(), stop, page),
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
    attributes = attributes_of(inside)
    if name == "marquee":
        return any(
            TINY.fullmatch(attributes.get(side, "")) for side in ("width", "height", "scrollamount")
        )
    return UNSEEN.search(attributes.get("style", "")) is not None or name == "noindex"


def _closing(page: Page, name: str, at: int) -> int:
    """Behind the end tag that closes an element which was opened before `at`."""
    pattern = re.compile(rf"<(/?){name}\b[^>]{{0,2000}}>")
    depth = 1
    for match in islice(pattern.finditer(page.low, at, at + 300_000), 2_000):
        depth += -1 if match.group(1) else 1
        if depth == 0:
            return match.end()
    return min(len(page.low), at + 300_000)

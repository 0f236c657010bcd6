"""Visitors who were sent away: pages that answer some with a page and others with a redirect.

A log shows no destination. What it shows: the same address gave 200 to visitors who typed it, and
30x to those who came from a search engine, or by phone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from unhijack.parse.logs import Hit

MOST_PAGES = 50_000
MOST_VISITORS = 100_000
MOST_PROOFS = 5
LEAST = 3
"""Requests below which a difference is chance."""
MOSTLY = 0.2
"""Share of others who may be redirected too: what redirects everybody is the site's own."""

_SEARCH = re.compile(
    r"https?://(?:[\w-]{1,60}\.){0,4}(?:google|bing|yahoo|duckduckgo|yandex|baidu|ecosia|qwant|startpage"
    r"|search|naver|sogou|seznam|ask|aol|brave)\.",
    re.IGNORECASE,
)
_PHONE = re.compile(r"Android|iPhone|iPad|Mobile|Opera Mini|IEMobile")
_ROBOT = re.compile(r"bot\b|crawl|spider|slurp|preview|monitor|curl/|wget/|python", re.IGNORECASE)
_STATIC = re.compile(r"\.(?:css|js|png|jpe?g|gif|svg|ico|woff2?|webp|mp4|pdf|txt|xml)$", re.I)
_AWAY = frozenset({301, 302, 303, 307, 308})
_GROUPS = ("from a search engine", "by phone")


@dataclass(slots=True)
class _Page:
    """How one address answered: ordinary visitors, then each group."""

    shown: int = 0
    moved: int = 0
    group_moved: list[int] = field(default_factory=lambda: [0, 0])
    group_shown: list[int] = field(default_factory=lambda: [0, 0])


@dataclass(slots=True)
class _Group:
    visitors: dict[str, set[str]] = field(default_factory=dict)
    """Page to addresses."""
    moved: dict[str, list[tuple[datetime, str, int]]] = field(default_factory=dict)
    """Page to its first redirects: when, file, line."""
    last: dict[str, datetime] = field(default_factory=dict)
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Away:
    """Visitors of one kind who were redirected where others saw a page."""

    who: str
    """``from a search engine``, ``by phone``."""
    requests: int
    visitors: int
    pages: int
    since: datetime
    last: datetime
    proofs: tuple[tuple[str, int], ...]
    """File and line of the first."""


class SentAway:
    """Counts answers while a log is read."""

    def __init__(self) -> None:
        self._pages: dict[str, _Page] = {}
        self._groups = tuple(_Group() for _ in _GROUPS)

    def note(self, file: str, line: int, hit: Hit) -> None:
        """Take one request into account."""
        status = hit.status
        if hit.method != "GET" or (status != 200 and status not in _AWAY):
            return
        target = hit.target
        if _STATIC.search(target.partition("?")[0][-8:]) or _ROBOT.search(hit.agent[:300]):
            return
        page = self._pages.get(target)
        if page is None:
            if len(self._pages) >= MOST_PAGES:
                return
            page = self._pages[target] = _Page()
        group = self._group(hit)
        if group is None:
            page.shown += status == 200
            page.moved += status != 200
        elif status == 200:
            page.group_shown[group] += 1
        else:
            page.group_moved[group] += 1
            self._note_moved(self._groups[group], target, file, line, hit)

    @staticmethod
    def _group(hit: Hit) -> int | None:
        if hit.referrer and _SEARCH.match(hit.referrer):
            return 0
        return 1 if _PHONE.search(hit.agent) else None

    @staticmethod
    def _note_moved(group: _Group, target: str, file: str, line: int, hit: Hit) -> None:
        firsts = group.moved.setdefault(target, [])
        firsts.append((hit.when, file, line))
        if len(firsts) > 4 * MOST_PROOFS:
            firsts.sort()
            del firsts[MOST_PROOFS:]
        group.last[target] = max(hit.when, group.last.get(target, hit.when))
        visitors = group.visitors.setdefault(target, set())
        if group.kept < MOST_VISITORS and hit.address not in visitors:
            visitors.add(hit.address)
            group.kept += 1

    def judge(self) -> Iterator[Away]:
        """Each kind of visitor who was treated otherwise than the rest."""
        for number, (name, group) in enumerate(zip(_GROUPS, self._groups, strict=True)):
            pages = [target for target in group.moved if self._differs(target, number)]
            requests = sum(self._pages[target].group_moved[number] for target in pages)
            if requests >= LEAST:
                firsts = sorted(one for target in pages for one in group.moved[target])
                yield Away(
                    name,
                    requests,
                    len(set().union(*(group.visitors[target] for target in pages))),
                    len(pages),
                    firsts[0][0],
                    max(group.last[target] for target in pages),
                    tuple((file, line) for _, file, line in firsts[:MOST_PROOFS]),
                )

    def _differs(self, target: str, number: int) -> bool:
        page = self._pages[target]
        others = page.shown + page.moved
        return page.shown > 0 and page.moved <= MOSTLY * others

"""A page as its readers see it: its tags, with the bytes at which they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from unhijack.parse.plain.hosts import host_of, is_foreign, site
from unhijack.parse.plain.js_script import KNOWN

MOST_BYTES = 4_000_000

MOST_TAGS = 3_000

SHOWN = (
    b"<script",
    b"<iframe",
    b"http-equiv",
    b"href",
    b"onload",
    b"onerror",
    b"hacked by",
    b"pwned by",
    b"defaced by",
)
"""One of these is in all that is worth reading as a page; in small letters."""

SMALL = 4_000

_ATTRIBUTE = re.compile(
    r"([a-z][a-z0-9_:-]{0,40})\s{0,9}=\s{0,9}(?:\\?\"([^\"]{0,8000}?)\\?\"|\\?'([^']{0,8000}?)\\?'|([^\s\"'>]{1,8000}))",
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


def tags(page: Page, name: str) -> Iterable[Tag]:
    """All tags of a name, in order."""
    opener = "<" + name
    at, seen = page.low.find(opener), 0
    while at >= 0 and seen < MOST_TAGS:
        seen += 1
        after = page.low[at + len(opener) : at + len(opener) + 1]
        end = page.low.find(">", at, at + 20_000)
        if end >= 0 and not after.isalnum() and after != "-":
            yield Tag(name, at, end + 1, attributes_of(page.text[at + len(opener) : end]))
        at = page.low.find(opener, at + len(opener))


def attributes_of(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in islice(_ATTRIBUTE.finditer(text), 60):
        value = match.group(2) or match.group(3) or match.group(4) or ""
        found.setdefault(match.group(1).lower(), value)
    return found


def unknown_host(address: str, page: Page) -> str:
    """The host of an address on another, unknown site."""
    host = host_of(plain(address))
    return host if is_foreign(host, page.own) and site(host) not in KNOWN else ""


_ENTITY = re.compile(r"&#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));?")


def plain(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = int(match.group(1), 16) if match.group(1) else int(match.group(2))
        return chr(code) if 32 <= code < 127 else ""

    return _ENTITY.sub(one, text).replace("\\/", "/") if "&#" in text or "\\" in text else text


def whole_lines(start: int, end: int, page: Page) -> tuple[int, int]:
    """With its newline, where it fills its lines."""
    begun = page.text.rfind("\n", 0, start) + 1
    if page.text[begun:start].strip():
        return start, end
    stop = page.text.find("\n", end)
    stop = len(page.text) if stop < 0 else stop + 1
    return (begun, stop) if not page.text[end:stop].strip() else (start, end)


# --- frames

UNSEEN = re.compile(
    r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden|opacity\s{0,3}:\s{0,3}0(?:\.0+)?(?![.0-9])|(?:left|top|text-indent|margin-left|margin-top)\s{0,3}:\s{0,3}-\d{3,}"
    r"|(?:^|[^-\w])(?:width|height|font-size|line-height)\s{0,3}:\s{0,3}[01](?:px|pt|em)?\s{0,3}(?:;|!|$)|clip\s{0,3}:\s{0,3}rect\(\s{0,3}[01]",
    re.IGNORECASE,
)

TINY = re.compile(r"\s{0,3}[012](?:px|%)?\s{0,3}")

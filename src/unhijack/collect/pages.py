"""The pages of one examination: equal ones are parsed once, and kept once."""

import hashlib
from dataclasses import replace

from unhijack.core.evidence import Page
from unhijack.parse.glance import glance
from unhijack.parse.html import may_refresh, read_page
from unhijack.parse.redirects import Redirect, from_page
from unhijack.parse.triage import script_marks
from unhijack.ports import Response

COMPARED = 64 * 1024
"""Bytes of a page up to which it is compared with the others itself, and by its digest beyond."""
MOST_EVIDENCE = 512 * 1024
"""Bytes of different pages that one examination keeps: many examinations share the memory."""

_PageKey = tuple[str, bytes | None, bool, bytes]


class PageCache:
    """Equal pages are parsed once, and kept once: most personas see the same.

    Small bodies are compared, not hashed: pages of one site are few, and mostly differ in length.
    """

    __slots__ = ("_kept", "_known", "_room", "home")

    def __init__(self, home: str) -> None:
        self.home = home
        self._known: list[tuple[_PageKey, Page, Redirect | None]] = []
        self._kept: dict[bytes, bytes] = {}
        self._room = MOST_EVIDENCE

    def keep(self, response: Response) -> Response:
        """The answer as evidence has it: cut where there is no room left."""
        if not response.body:
            return response
        digest = hashlib.sha256(response.body).digest()
        kept = self._kept.get(digest)
        if kept is None:
            kept = self._kept[digest] = response.body[: self._room]
            self._room -= len(kept)
        if len(kept) == len(response.body):
            return replace(response, body=kept)
        return replace(response, body=kept or None, truncated=True)

    def read(self, url: str, response: Response) -> tuple[Page, Redirect | None]:
        """What the page is, and where it sends its visitor."""
        body = response.body or b""
        kind = _header(response, "content-type")
        content = body if len(body) <= COMPARED else hashlib.sha256(body).digest()
        key = (url, kind, response.truncated, content)
        for known, page, onward in self._known:
            if known == key:
                return page, onward
        glanced = None if may_refresh(body) else glance(body)
        parts = glanced or read_page(body, kind)
        page = Page(
            size=len(body),
            scripts=script_marks(parts, url, self.home),
            truncated=response.truncated or parts.too_deep,
        )
        onward = from_page(url, parts)
        self._known.append((key, page, onward))
        return page, onward


def _header(response: Response, name: str) -> bytes | None:
    return next((value for key, value in response.headers if key == name), None)

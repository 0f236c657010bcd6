"""The pages of one examination: equal ones are parsed once, and kept once."""

import hashlib
from dataclasses import replace

from unhijack.core.evidence import Page
from unhijack.parse.forms import may_submit
from unhijack.parse.frames import may_cover
from unhijack.parse.glance import glance
from unhijack.parse.html import may_refresh, read_page
from unhijack.parse.links import inner_link, notice_of, outward_links
from unhijack.parse.redirects import Redirect, from_forms, from_frames, from_page
from unhijack.parse.triage import script_marks
from unhijack.ports import Response, first_header

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
        self._known: list[tuple[_PageKey, bool | None, Page, Redirect | None]] = []
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

    def read(
        self, url: str, response: Response, *, scripting: bool = True
    ) -> tuple[Page, Redirect | None]:
        """What the page is, and where it sends its visitor."""
        body = response.body or b""
        kind = first_header(response.headers, "content-type")
        content = body if len(body) <= COMPARED else hashlib.sha256(body).digest()
        key = (url, kind, response.truncated, content)
        for known, which, page, onward in self._known:
            if known == key and which in (None, scripting):
                return page, onward
        lowered = body.lower()
        refreshes = may_refresh(body)
        glanced = None if refreshes or may_cover(lowered) or may_submit(lowered) else glance(body)
        parts = glanced or read_page(body, kind, scripting=scripting)
        page = Page(
            size=len(body),
            scripts=script_marks(parts, url, self.home),
            truncated=response.truncated or parts.too_deep,
            links=outward_links(lowered, self.home),
            inner=inner_link(body),
            notice=notice_of(lowered, response.status),
        )
        onward = (
            from_page(url, parts)
            or from_frames(url, parts, self.home)
            or from_forms(url, parts, self.home)
        )
        differs = scripting if refreshes and b"<noscript" in lowered else None
        self._known.append((key, differs, page, onward))
        return page, onward

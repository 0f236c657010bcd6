"""Scripts and pages as they lie on a server's disk."""

import re

from unhijack.parse.plain.html import html_signs
from unhijack.parse.plain.js import script_signs
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.place import Place
from unhijack.parse.triage import would_decide

MOST_RUN = 1_000_000
"""Bytes of a script that may be worth running in the sandbox."""

_TAGGED = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,2000}(?:<!--[^>]{0,400}-->\s{0,200})?<(?:script|html|!doctype|iframe|div|meta)",
    re.IGNORECASE,
)
_INLINE = re.compile(rb"<script\b[^>]{0,2000}>(.{1,400000}?)</script", re.IGNORECASE | re.DOTALL)
_NOWHERE = "site.invalid"
"""A home that no address lies on: on disk, a site's own name may be unknown."""


def script_marks(content: bytes, place: Place) -> list[Mark]:
    """What of a script looks planted; of a page that only bears a script's name, too."""
    if _TAGGED.match(content):
        return html_signs(content, place.own_hosts)
    return script_signs(content, place.own_hosts)


def html_marks(content: bytes, place: Place) -> list[Mark]:
    """What of a page, or of the pages inside a PHP file or template, looks planted."""
    return html_signs(content, place.own_hosts)


def wants_running(content: bytes) -> bool:
    """Whether a script, or a script of a page, could send its visitor elsewhere by a test whose
    outcome reading alone does not show: something for the sandbox.
    """
    if len(content) > MOST_RUN:
        return False
    if not _TAGGED.match(content):
        return would_decide(content.decode("latin-1"), _NOWHERE)
    inline = _INLINE.findall(content)[:200]
    return any(would_decide(text.decode("latin-1"), _NOWHERE) for text in inline)

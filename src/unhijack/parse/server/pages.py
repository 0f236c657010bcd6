"""Scripts and pages as they lie on a server's disk."""

import re
from collections.abc import Iterator

from unhijack.parse.plain.html import html_signs
from unhijack.parse.plain.js import script_signs
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.place import Place
from unhijack.parse.triage import would_decide

MOST_RUN = 1_000_000
"""Bytes of a script that may be worth running in the sandbox."""

BIG = 128 * 1024
END = 16 * 1024
MOST_PARTS = 12
"""Parts of a big script round one word that are looked at."""

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
        return any(would_decide(_as_text(part), _NOWHERE) for part in _parts(content))
    inline = _INLINE.findall(content)[:200]
    return any(would_decide(_as_text(text), _NOWHERE) for text in inline)


def _parts(content: bytes) -> Iterator[bytes]:
    """A script; of a big one the ends, and what stands round words that are rare in honest ones."""
    if len(content) <= BIG:
        yield content
        return
    yield content[:END]
    yield content[-END:]
    for word in (b"referrer", b"eval(", b"atob(", b"_0x"):
        at, seen = content.find(word), 0
        while at >= 0 and seen < MOST_PARTS:
            yield content[max(0, at - END // 2) : at + END // 2]
            seen += 1
            at = content.find(word, at + END // 4)


_ASCII = bytes(n if n < 128 else ord("?") for n in range(256))


def _as_text(content: bytes) -> str:
    """Without other letters, which no sign needs: lower case of ASCII is made ten times faster."""
    return content.translate(_ASCII).decode("ascii")

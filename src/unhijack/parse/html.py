"""A page's bytes, and the few parts of it that can send a visitor elsewhere."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from unhijack.parse.charset import as_utf8
from unhijack.parse.forms import may_submit, submits
from unhijack.parse.frames import FramePart, covers
from unhijack.parse.media import strip_media
from unhijack.parse.reduce import bounded

__all__ = ["PageParts", "ScriptPart", "may_redirect", "may_refresh", "read_page", "strip_media"]

MOST_SCRIPTS = 2_000
MOST_REFRESHES = 100
MOST_FRAMES = 100
MOST_FORMS = 100
MOST_SCRIPT_TEXT = 2 * 1024 * 1024
"""Characters of inline scripts, over all of a page."""

_EQUIV = re.compile(rb"http-equiv[\t\n\f\r ]*+=[\t\n\f\r ]*+[\"']?[r&]")
_SCRIPT_TYPES = frozenset(
    f"{kind}/{name}"
    for kind, names in {
        "application": ("ecmascript", "javascript", "x-ecmascript", "x-javascript"),
        "text": (
            *("ecmascript", "javascript", "jscript", "livescript", "x-ecmascript", "x-javascript"),
            *(f"javascript1.{n}" for n in range(6)),
        ),
    }.items()
    for name in names
)
_FRAMES = frozenset({"iframe", "frame", "object", "embed"})
_PAGES = frozenset({"", "text/html", "application/xhtml+xml"})
_NO_PAGE = re.compile(
    r"\.(?:pdf|swf|svgz?|png|jpe?g|gif|webp|mp4|webm|mp3|ogg|wav|mov)(?:[?#]|$)", re.IGNORECASE
)
_WHITESPACE = "\t\n\f\r "


@dataclass(frozen=True, slots=True)
class ScriptPart:
    """A script element, as it stands in the page."""

    src: str | None
    """As written; None for an inline script. An empty one loads nothing and runs nothing."""
    text: str
    """The text of an inline script; empty where there is a src, since no browser runs it then."""
    javascript: bool
    """Whether a browser of today would run it: no data block, and no ``nomodule``."""
    based: bool
    """It stands after the page's base, and is resolved against it."""
    late: bool = False
    """It is run after the page was read: deferred, or a module."""
    module: bool = False


@dataclass(frozen=True, slots=True)
class PageParts:
    """What of a page can send a visitor elsewhere."""

    base: str | None
    """The first ``<base href>``, as written."""
    refreshes: tuple[str, ...]
    """The content of each meta refresh that fires with scripting on: none within noscript,
    template, or an iframe's own text; in document order."""
    early: int
    """How many of the refreshes stand before the base, and are resolved without it."""
    scripts: tuple[ScriptPart, ...]
    too_deep: bool
    """The page has more structure than is parsed: what came after was not read."""
    frames: tuple[FramePart, ...] = ()
    """Those that cover the page, in document order."""
    forms: tuple[str, ...] = ()
    """Actions of the forms, as written, where the page sends one by itself."""


_WANTED = (
    "script,meta[http-equiv],base[href],iframe[src],frame[src],object[data],embed[src],"
    "form[action],body[onload]"
)


def may_refresh(body: bytes) -> bool:
    """Whether a page can hold a meta refresh at all; False is certain, in any encoding we read.

    An attribute's name knows no character references, its value does, from the first letter on.
    NUL stands for UTF-16, ESC, SO and SI for ISO-2022-JP: there other bytes can spell the same.
    """
    return _may_refresh(body, body.lower())


def may_redirect(body: bytes) -> bool:
    """Whether a page can hold a meta refresh, a script, a frame over it, or a form that sends
    itself; False is certain.
    """
    if b"<script" in body:
        return True
    lowered = body.lower()
    framed = b"frame" in lowered or b"<object" in lowered or b"<embed" in lowered
    return b"<script" in lowered or framed or may_submit(lowered) or _may_refresh(body, lowered)


def _may_refresh(body: bytes, lowered: bytes) -> bool:
    return (
        (b"http-equiv" in lowered and _EQUIV.search(lowered) is not None)
        or b"\0" in body
        or b"\x1b" in body
        or b"\x0e" in body
        or b"\x0f" in body
    )


def read_page(body: bytes, content_type: bytes | None, *, scripting: bool = True) -> PageParts:
    """The parts of a page, as a browser with scripting on, or off, would find them. Never raises.

    With scripting off a refresh within ``noscript`` fires, unless the page is so large that it is
    reduced first.
    Time is linear in the body, for every body.
    """
    if not may_redirect(body):
        return PageParts(None, (), 0, (), too_deep=False)
    html, cut = bounded(as_utf8(body, content_type))
    tree = LexborHTMLParser(html, options=LexborDocumentOptions.WO_EVENTS, scripting=scripting)
    found = _Found()
    for node in tree.css(_WANTED):
        found.take(node)
    return PageParts(
        found.base,
        tuple(found.refreshes),
        found.early,
        tuple(found.scripts),
        cut or found.full,
        tuple(found.frames),
        tuple(found.forms) if found.submits else (),
    )


class _Found:
    """What the walk through one page has met so far."""

    def __init__(self) -> None:
        self.base: str | None = None
        self.refreshes: list[str] = []
        self.early = 0
        self.scripts: list[ScriptPart] = []
        self.frames: list[FramePart] = []
        self.forms: list[str] = []
        self.submits = False
        self.room = MOST_SCRIPT_TEXT
        self.full = False

    def take(self, node: LexborNode) -> None:
        attributes = node.attributes
        if node.tag == "base":
            if self.base is None:
                self.base, self.early = attributes.get("href") or "", len(self.refreshes)
        elif node.tag == "meta":
            self._take_meta(attributes)
        elif node.tag in _FRAMES:
            self._take_frame(node.tag, attributes)
        elif node.tag == "form":
            self.forms += [attributes.get("action") or ""] if len(self.forms) < MOST_FORMS else []
        elif node.tag == "body":
            self.submits = self.submits or submits(attributes.get("onload") or "")
        elif len(self.scripts) < MOST_SCRIPTS:
            self._take_script(node, attributes)
        else:
            self.full = True

    def _take_meta(self, attributes: dict[str, str | None]) -> None:
        if not _is_refresh(attributes.get("http-equiv")):
            return
        content = attributes.get("content")
        if not content:
            return
        if len(self.refreshes) == MOST_REFRESHES:
            self.full = True
            return
        self.refreshes.append(content)

    def _take_frame(self, tag: str, attributes: dict[str, str | None]) -> None:
        """A frameset's frame is all that its page shows."""
        if tag in ("object", "embed") and not _shows_a_page(attributes):
            return
        if tag == "frame" or covers(attributes):
            if len(self.frames) == MOST_FRAMES:
                self.full = True
                return
            src = attributes.get("data" if tag == "object" else "src") or ""
            self.frames.append(FramePart(src, based=self.base is not None))

    def _take_script(self, node: LexborNode, attributes: dict[str, str | None]) -> None:
        src = _source(attributes)
        text = node.text() if src is None else ""
        if len(text) > self.room:
            text, self.full = text[: self.room], True
        self.room -= len(text)
        self.submits = self.submits or submits(text)
        javascript = is_javascript(attributes)
        based = self.base is not None
        module = (attributes.get("type") or "").strip(_WHITESPACE).lower() == "module"
        late = module or (src is not None and ("defer" in attributes or "async" in attributes))
        self.scripts.append(ScriptPart(src, text, javascript, based, late, module))


def _is_refresh(value: str | None) -> bool:
    """ASCII letters only: str.lower() would let a Kelvin sign or a long s through."""
    return value is not None and value.isascii() and value.lower() == "refresh"


def _shows_a_page(attributes: dict[str, str | None]) -> bool:
    """Whether an object or embed is a frame: no document to read, film or picture."""
    kind = (attributes.get("type") or "").partition(";")[0].strip(_WHITESPACE).lower()
    address = attributes.get("data") or attributes.get("src") or ""
    return kind in _PAGES and not _NO_PAGE.search(address)


def _source(attributes: dict[str, str | None]) -> str | None:
    for name in ("src", "href", "xlink:href"):  # the latter two in SVG
        if name in attributes:
            return attributes[name] or ""
    return None


def is_javascript(attributes: dict[str, str | None]) -> bool:
    """Whether a script element with these attributes is run, by the standard's rules of type.

    A type with parameters (``text/javascript; charset=utf-8``) makes a data block: it is not run.
    """
    if "type" in attributes:
        kind = (attributes["type"] or "text/javascript").strip(_WHITESPACE).lower()
    elif attributes.get("language"):
        kind = f"text/{attributes['language']}".lower()
    else:
        kind = "text/javascript"
    if kind == "module":
        return True
    return kind in _SCRIPT_TYPES and "nomodule" not in attributes

"""One response, and where it sends its visitor: by the rules that browsers follow."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import ada_url

from unhijack.core.evidence import Via, is_offsite
from unhijack.core.site import LONGEST_URL, NotAnAddress, parse_address
from unhijack.parse.html import PageParts

FOLLOWED = frozenset({301, 302, 303, 307, 308})
"""Statuses whose Location browsers follow; Chromium shows the body of a 300, as of a 200."""

LONGEST_DELAY = 1e9
"""Seconds; a longer delay is this."""

PATIENCE = 60.0
"""Seconds: a refresh that waits longer than a visitor does is not followed."""

_SHOWN_FROM = 200
_NOT_SHOWN = frozenset({204, 205, 304})
_SPACE = "\t\n\f\r "
_DELAY = re.compile(r"[\t\n\f\r ]*+([0-9]*+)(?:(?<=[0-9])|(?=\.))[0-9.]*+")
_SEPARATOR = re.compile(r"(?=[;,\t\n\f\r ])[\t\n\f\r ]*+[;,]?+[\t\n\f\r ]*+")
_URL = re.compile(r"[uU][rR][lL][\t\n\f\r ]*+=[\t\n\f\r ]*+")


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where a response sends its visitor."""

    target: str
    """An absolute http(s) address as a browser writes it; else the text, cut, as it was found.
    May be the document itself: a gate can refresh a page once its cookie is set. The caller
    compares."""
    via: Via
    delay: float
    """Seconds, up to LONGEST_DELAY; which are too long to matter is the caller's business."""
    wrong: str | None
    """Why the target can't be followed, or None."""


def from_headers(url: str, status: int, headers: tuple[tuple[str, bytes], ...]) -> Redirect | None:
    """Where status and headers of the answer for `url` send the visitor; a Location comes first.

    Of several Location headers the first that is not empty counts, as in Chromium, which
    moreover refuses the answer when they differ: what the server attempted is recorded still.
    """
    if status in FOLLOWED:
        location = _first(headers, "location")
        if location is not None:
            return _located(url, location)
    if status < _SHOWN_FROM or status in _NOT_SHOWN:
        return None
    refresh = _first(headers, "refresh")
    if refresh is None:
        return None
    # "isomorphic decode", says the standard: a byte a character
    return _refreshed([(refresh.decode("latin-1"), url)], url, Via.REFRESH)


def from_page(url: str, parts: PageParts) -> Redirect | None:
    """Where the page at `url` sends the visitor by meta refresh: the first that parses wins.

    The standard parses a refresh's address relative to the document, hence against its base at
    the time: a base counts for what stands after it.
    """
    base = document_base(url, parts)
    pairs = [
        (content, url if number < parts.early else base)
        for number, content in enumerate(parts.refreshes)
    ]
    return _refreshed(pairs, url, Via.META)


def from_frames(url: str, parts: PageParts, home: str) -> Redirect | None:
    """The first site other than `home` that a frame over the page at `url` shows."""
    base = document_base(url, parts)
    for frame in parts.frames:
        try:
            address = parse_address(frame.src.strip(_SPACE), base if frame.based else url)
        except NotAnAddress:
            continue
        if is_offsite(address.host, home):
            return Redirect(address.href, Via.FRAME, 0.0, None)
    return None


def from_forms(url: str, parts: PageParts, home: str) -> Redirect | None:
    """The first site other than `home` to which the page at `url` sends a form by itself."""
    base = document_base(url, parts)
    for action in parts.forms:
        try:
            address = parse_address(action.strip(_SPACE), base)
        except NotAnAddress:
            continue
        if is_offsite(address.host, home):
            return Redirect(address.href, Via.FORM, 0.0, None)
    return None


def document_base(url: str, parts: PageParts) -> str:
    """What relative addresses after the page's base are relative to.

    A base that is no http(s) address does not count, as data: and javascript: don't by the
    standard; no other scheme could bear an address that is followed.
    """
    if parts.base is None:
        return url
    try:
        return parse_address(parts.base.strip(_SPACE), url).href
    except NotAnAddress:
        return url


def _first(headers: tuple[tuple[str, bytes], ...], name: str) -> bytes | None:
    for key, value in headers:
        if key.lower() == name and value.strip():
            return value
    return None


def _located(url: str, location: bytes) -> Redirect:
    """Bytes beyond ASCII are percent-encoded one by one, as browsers do, in whatever encoding."""
    cut = location[: LONGEST_URL + 1]
    if cut.isascii():
        text = cut.decode("ascii")
    else:
        text = "".join(f"%{byte:02X}" if byte & 0x80 else chr(byte) for byte in cut)
    target, wrong = _resolved(text, url)
    return Redirect(target, Via.LOCATION, 0.0, wrong)


def _resolved(text: str, base: str) -> tuple[str, str | None]:
    try:
        return parse_address(text, base).href, None
    except NotAnAddress as error:
        return text[:LONGEST_URL], str(error)


def _refreshed(pairs: Iterable[tuple[str, str]], url: str, via: Via) -> Redirect | None:
    for content, base in pairs:
        parsed = parse_refresh(content)
        if parsed is None:
            continue
        delay, text = parsed
        address = url if text is None else text
        if _is_ignored(address, base):
            continue
        target, wrong = _resolved(address, base)
        return Redirect(target, via, delay, wrong)
    return None


def _is_ignored(text: str, base: str) -> bool:
    """Whether browsers pass over such an address and the next refresh may win: no URL at all, or
    a script. Other schemes win, and lead nowhere.
    """
    if len(text) > LONGEST_URL:
        return False
    try:
        return str(ada_url.URL(text, base).protocol) == "javascript:"
    except (ValueError, UnicodeError):
        return True


def parse_refresh(content: str) -> tuple[float, str | None] | None:
    """Delay and address text of a refresh by the standard's "shared declarative refresh steps".

    None where the standard gives up. The text is None where there is none: the document itself.
    """
    delay = _DELAY.match(content)
    if delay is None:
        return None
    seconds = min(float(delay[1] or "0"), LONGEST_DELAY)  # float() has no limit of digits
    if delay.end() == len(content):
        return seconds, None
    separator = _SEPARATOR.match(content, delay.end())
    if separator is None:
        return None
    if separator.end() == len(content):
        return seconds, None
    return seconds, _address_text(content, separator.end())


def _address_text(content: str, start: int) -> str:
    named = _URL.match(content, start)
    if named is not None:
        start = named.end()
    quote = content[start : start + 1]
    if quote not in {'"', "'"}:
        return content[start:]
    return content[start + 1 :].partition(quote)[0]

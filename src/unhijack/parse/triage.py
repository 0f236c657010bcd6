"""Which scripts would have to be run to know what they do: a triage by pattern, no verdict.

Patterns find few of the forms that a navigation can take, and an attacker reads this file too.
What it says is "looks like a gate": `suspicious` at most, never `hijacked`. Every pattern is
linear: bounded repeats, no nesting.
"""

import re
from bisect import bisect_left
from itertools import islice

from unhijack.core.evidence import Script, is_offsite
from unhijack.core.site import NotAnAddress, parse_address, site_of
from unhijack.parse.html import PageParts, ScriptPart
from unhijack.parse.redirects import document_base

NEAR = 4_000
"""Characters within which the parts of a gate stand together; a bundle has them far apart."""

_MOST_MARKS = 2_000
_NAMES_NO_PLACE = frozenset({"w3.org", "schema.org"})
"""Sites whose addresses are names of vocabularies in ordinary scripts."""

_READS = re.compile(
    r"\breferrer\b|\buserAgent(?:Data)?\b|\bmaxTouchPoints\b|\bontouchstart\b|\bwebdriver\b"
    r"|\bnavigator\s{0,9}[.\[]\s{0,9}[\"']?(?:platform|languages?|vendor|plugins)\b"
    r"|\bscreen\s{0,9}\.\s{0,9}(?:avail)?(?:width|height)\b|\btimeZone\b|\bgetTimezoneOffset\b"
    r"|\bdocument\s{0,9}(?:\.\s{0,9}cookie|\[\s{0,9}[\"']cookie[\"'])"
    r"|\b(?:local|session)Storage\b"
)
_NAVIGATES = re.compile(
    r"\blocation\s{0,9}(?:\.\s{0,9}href\s{0,9}|\[\s{0,9}[\"']href[\"']\s{0,9}\]\s{0,9})?=(?![=>])"
    r"|\blocation\s{0,9}(?:\.\s{0,9}|\[\s{0,9}[\"'])(?:replace|assign)\b"
    r"|\[\s{0,9}[\"']location[\"']\s{0,9}\]"
    r"|\bwindow\s{0,9}\.\s{0,9}open\s{0,9}\("
    r"|\bcreateElement\s{0,9}\(\s{0,9}[\"']meta[\"']|http-equiv.{0,9}refresh",
    re.IGNORECASE,
)
_LOADS = re.compile(
    r"\bcreateElement\s{0,9}\(\s{0,9}[\"'](?:script|iframe)[\"']"
    r"|\bdocument\s{0,9}\.\s{0,9}write(?:ln)?\s{0,9}\(.{0,40}<\s{0,3}(?:scr|ifr)"
    r"|\bsetAttribute\s{0,9}\(\s{0,9}[\"']src[\"']",
    re.IGNORECASE,
)
_TESTS = re.compile(  # the visitor decides; counters merely pass the referrer on
    r"\breferrer\b.{0,9}(?:[=!]==?|\.\s{0,9}(?:match|indexOf|search|includes|split|toLowerCase))"
    r"|\b(?:test|exec)\s{0,9}\(.{0,30}\breferrer\b"
    r"|[\w$]\s{0,9}=\s{0,9}(?:window\s{0,9}\.\s{0,9})?document\s{0,9}\.\s{0,9}referrer\s{0,9}[;,\n]"
    r"|\b(?:android|iphone|googlebot|bingbot|yandexbot)\b"
    r"|\bwebdriver\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:[\"'`]|url=)(?:https?:)?(?:\\?/){2}([a-z0-9][a-z0-9.-]{0,252}\.[a-z0-9-]{2,63})(?=[:/\\?#\"'`])",
    re.IGNORECASE,
)
_DENSE = re.compile(  # no flag, no \b: then the search skips to the first character that fits
    r"(?:\\x[0-9A-Fa-f]{2}){8}|(?:\\u00[0-9A-Fa-f]{2}){8}|(?:%[0-9A-Fa-f]{2}){8}"
    r"|(?:%u[0-9A-Fa-f]{4}){8}|[0-9]{2,3}\s?,(?:\s?[0-9]{2,3}\s?,){11}"
)
_DECODES = re.compile(
    r"\batob\s{0,9}\(|\bfromCharCode\s{0,9}\(|\beval\s{0,9}\(|\bFunction\s{0,9}\(\s{0,9}[\"'\w]"
    r"|\.\s{0,9}reverse\s{0,9}\(\s{0,9}\)\s{0,9}\.\s{0,9}join\b"
)
_RUNS_TEXT = re.compile(
    r"\beval\s{0,9}\(|\bnew\s{1,9}Function\s{0,9}\(|\bFunction\s{0,9}\(\s{0,9}[\"'\w]"
    r"|\bdocument\s{0,9}\.\s{0,9}write(?:ln)?\s{0,9}\("
)
_DECODED_AT_ONCE = re.compile(
    r"\b(?:eval|Function|write|writeln)\s{0,9}\(\s{0,9}(?:window\s{0,9}\.\s{0,9})?"
    r"(?:atob|String\s{0,9}\.\s{0,9}fromCharCode)\b"
)
_PACKED = re.compile(
    r"\beval\s{0,9}\(\s{0,9}function\s{0,9}\(\s{0,9}p\s{0,9},\s{0,9}a\s{0,9},\s{0,9}c"
)
_BLOB = re.compile(r"[A-Za-z0-9+/=]{160}")
_HEX_NAME = re.compile(r"\b_0x[0-9a-f]{2,8}\b")
_MANY_HEX_NAMES = 10
_HEX_NEEDS = ("location", "createElement", "atob", "fromCharCode", "decodeURIComponent", "referrer")


_READ_WORDS = (
    *("referrer", "agent", "touch", "webdriver", "navigator", "screen", "timezone"),
    *("cookie", "storage"),
)
_HIDE_WORDS = ("eval", "Function", "write", "_0x")
"""Without one of these no pattern can match; looking for words is twenty times faster."""


def would_decide(text: str, home: str) -> bool:
    """Whether an inline script looks as if it decided who is sent off the site `home`.

    It reads who the visitor is, can send them elsewhere, and names an address off `home` or
    decodes something, all near each other; or it hides so hard that this can't be told.
    """
    if any(word in text for word in _HIDE_WORDS) and _is_obfuscated(text):
        return True
    lowered = text.lower()
    return any(word in lowered for word in _READ_WORDS) and _is_gate(text, home)


def script_marks(parts: PageParts, url: str, home: str) -> tuple[Script, ...]:
    """The scripts that a browser would run on the page at `url`, as evidence has them.

    Loaded ones are not fetched by the wire tier, hence never said to decide. A ``data:`` source
    has no host: it is as good as inline.
    """
    base = document_base(url, parts)
    marks = (_mark(part, base if part.based else url, home) for part in parts.scripts)
    return tuple(mark for mark in marks if mark is not None)


def _mark(part: ScriptPart, base: str, home: str) -> Script | None:
    if not part.javascript:
        return None
    if part.src is None:
        return Script(None, would_decide(part.text, home))
    src = part.src.strip("\t\n\f\r ")
    if not src:
        return None
    try:
        address = parse_address(src, base)
    except NotAnAddress:
        return Script(None, would_decide=False)
    return Script(address.host, would_decide=False)


def _is_gate(text: str, home: str) -> bool:
    reads = _places(_READS, text)
    if not reads:
        return False
    navigates = _places(_NAVIGATES, text)
    loads = _places(_LOADS, text)
    if not navigates and not loads:
        return False
    targets = sorted([*_offsite(text, home), *_places(_DECODES, text), *_places(_DENSE, text)])
    if any(_near(place, reads) and _near(place, targets) for place in navigates):
        return True
    tests = _places(_TESTS, text) if loads and targets else []
    return any(
        _near(place, reads) and _near(place, tests) and _near(place, targets) for place in loads
    )


def _is_obfuscated(text: str) -> bool:
    if _PACKED.search(text) or _DECODED_AT_ONCE.search(text):
        return True
    if _RUNS_TEXT.search(text) and _hides_text(text):
        return True
    names = sum(1 for _ in islice(_HEX_NAME.finditer(text), _MANY_HEX_NAMES))
    return names == _MANY_HEX_NAMES and any(word in text for word in _HEX_NEEDS)


def _hides_text(text: str) -> bool:
    """A long payload, and the means to decode it."""
    if _DENSE.search(text):
        return True
    return ("atob" in text or "fromCharCode" in text) and _BLOB.search(text) is not None


def _places(pattern: re.Pattern[str], text: str) -> list[int]:
    return [match.start() for match in islice(pattern.finditer(text), _MOST_MARKS)]


def _near(place: int, others: list[int]) -> bool:
    """Whether one of `others`, in ascending order, is within reach of `place`."""
    index = bisect_left(others, place - NEAR)
    return index < len(others) and others[index] <= place + NEAR


def _offsite(text: str, home: str) -> list[int]:
    """Where a string begins with the address of another site."""
    places = []
    for match in islice(_ADDRESS.finditer(text), _MOST_MARKS):
        host = match[1].lower()
        if is_offsite(host, home) and site_of(host) not in _NAMES_NO_PLACE:
            places.append(match.start())
    return places

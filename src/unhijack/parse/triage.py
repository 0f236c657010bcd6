"""Which scripts would have to be run to know what they do: a triage by pattern, no verdict.

Patterns find few of the forms that a navigation can take, and an attacker reads this file too.
What it says is "looks like a gate": `suspicious` at most, never `hijacked`. Every pattern is
linear: bounded repeats, no nesting.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice

from unhijack.core.evidence import Script, is_offsite
from unhijack.core.site import NotAnAddress, parse_address, site_of
from unhijack.parse.html import PageParts, ScriptPart
from unhijack.parse.plain.stretches import (
    Stretch,
    any_match,
    joined,
    matches,
    round_runs,
    round_words,
)
from unhijack.parse.redirects import document_base

NEAR = 4_000
"""Characters within which the parts of a gate stand together; a bundle has them far apart."""

_MOST_MARKS = 2_000
_LONGEST = 350
"""Characters that an address may be long."""
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
_ESCAPED = re.compile(
    r"(?:\\x[0-9A-Fa-f]{2}){8}|(?:\\u00[0-9A-Fa-f]{2}){8}|(?:%[0-9A-Fa-f]{2}){8}"
    r"|(?:%u[0-9A-Fa-f]{4}){8}"
)
_LISTED = re.compile(r",(?<=[0-9]{2},|[0-9]\s,)(?:\s?[0-9]{2,3}\s?,){11}")
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
_BLOB_SIZE = 160
_BLOB = re.compile(rf"[A-Za-z0-9+/=]{{{_BLOB_SIZE}}}")
_HEX_NAME = re.compile(r"\b_0x[0-9a-f]{2,8}\b")
_MANY_HEX_NAMES = 10
_HEX_NEEDS = ("location", "createElement", "atob", "fromCharCode", "decodeURIComponent", "referrer")


_READ_WORDS = (
    *("referrer", "agent", "touch", "webdriver", "navigator", "screen", "timezone"),
    *("cookie", "storage"),
)
_HIDE_WORDS = ("eval", "Function", "write", "_0x")
_MOVE_WORDS = ("location", ".open", "http-equiv")
_LOAD_WORDS = ("createelement", "setattribute", ".write")
_TEST_WORDS = ("referrer", "android", "iphone", "googlebot", "bingbot", "yandexbot", "webdriver")
_DECODERS = ("atob", "fromCharCode", "eval", "Function", "reverse")
_ESCAPES = ("\\x", "\\u00", "%")
_READ_NAMES = (
    *("referrer", "userAgent", "maxTouchPoints", "ontouchstart", "webdriver", "navigator"),
    *("screen", "timeZone", "getTimezoneOffset", "cookie", "Storage"),
)
"""Without one of these no pattern can match; looking for words is twenty times faster."""


def would_decide(text: str, home: str) -> bool:
    """Whether an inline script looks as if it decided who is sent off the site `home`.

    It reads who the visitor is, can send them elsewhere, and names an address off `home` or
    decodes something, all near each other; or it hides so hard that this can't be told.
    """
    text = text.replace("\u0130", "I")  # alone of all letters, it is two in lower case
    if any(word in text for word in _HIDE_WORDS) and _is_obfuscated(text):
        return True
    lowered = text.lower()
    return any(word in lowered for word in _READ_WORDS) and _is_gate(text, lowered, home)


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


def _is_gate(text: str, lowered: str, home: str) -> bool:
    """The means to send away are sought first, by their words: few scripts have them, and of the
    rest only what stands near them is read.
    """
    making = round_words(_LOAD_WORDS, lowered)
    metas = [stretch for stretch in making if "meta" in lowered[slice(*stretch)]]
    moving = joined(sorted([*round_words(_MOVE_WORDS, lowered), *metas]), len(text))
    navigates, loads = _places(_NAVIGATES, text, moving), _places(_LOADS, text, making)
    around = [Stretch(at - NEAR, at + NEAR + _LONGEST) for at in sorted(navigates + loads)]
    near_them = joined(around, len(text))
    reads = _places(_READS, text, round_words(_READ_NAMES, text, near_them))
    navigates = [place for place in navigates if _near(place, reads)]
    loads = [place for place in loads if _near(place, reads)]
    if not navigates and not loads:
        return False
    near_them = joined(
        [Stretch(at - NEAR, at + NEAR + _LONGEST) for at in sorted(navigates + loads)], len(text)
    )
    targets = _targets(text, home, near_them)
    if any(_near(place, targets) for place in navigates):
        return True
    loads = [place for place in loads if _near(place, targets)]
    tests = _places(_TESTS, text, round_words(_TEST_WORDS, lowered, near_them)) if loads else []
    return any(_near(place, tests) for place in loads)


def _targets(text: str, home: str, within: Sequence[Stretch]) -> list[int]:
    """Where another site is named, or something is decoded that may name it."""
    found = _offsite(text, home, round_words(("//", "\\/"), text, within, _LONGEST))
    found += _places(_DECODES, text, round_words(_DECODERS, text, within))
    found += _places(_ESCAPED, text, round_words(_ESCAPES, text, within))
    found += _places(_LISTED, text, within)
    return sorted(found)


def _is_obfuscated(text: str) -> bool:
    evals = round_words(("eval",), text)
    if any_match(_PACKED, text, evals):
        return True
    decoders = round_words(("atob", "fromCharCode"), text)
    if decoders and any_match(_DECODED_AT_ONCE, text, decoders):
        return True
    running = any_match(_RUNS_TEXT, text, evals) or any_match(
        _RUNS_TEXT, text, round_words(("Function", "write"), text)
    )
    if running and _hides_text(text):
        return True
    if text.count("_0x") < _MANY_HEX_NAMES:
        return False
    names = sum(1 for _ in islice(_HEX_NAME.finditer(text), _MANY_HEX_NAMES))
    return names == _MANY_HEX_NAMES and any(word in text for word in _HEX_NEEDS)


def _hides_text(text: str) -> bool:
    """A long payload, and the means to decode it."""
    if any_match(_ESCAPED, text, round_words(_ESCAPES, text)) or _LISTED.search(text):
        return True
    if "atob" not in text and "fromCharCode" not in text:
        return False
    return any_match(_BLOB, text, round_runs(text.encode("latin-1", "replace"), _BLOB_SIZE))


def _near(place: int, others: list[int]) -> bool:
    """Whether one of `others`, in ascending order, is within reach of `place`."""
    index = bisect_left(others, place - NEAR)
    return index < len(others) and others[index] <= place + NEAR


def _offsite(text: str, home: str, within: Sequence[Stretch]) -> list[int]:
    """Where a string begins with the address of another site."""
    found = []
    for match in islice(matches(_ADDRESS, text, within), _MOST_MARKS):
        host = match[1].lower()
        if is_offsite(host, home) and site_of(host) not in _NAMES_NO_PLACE:
            found.append(match.start())
    return found


def _places(pattern: re.Pattern[str], text: str, within: Sequence[Stretch]) -> list[int]:
    return [match.start() for match in islice(matches(pattern, text, within), _MOST_MARKS)]

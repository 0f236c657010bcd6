"""Scripts that take what visitors pay with."""

from __future__ import annotations

import re
from itertools import islice

from unhijack.parse.plain.js_script import (
    BUNDLE,
    LOADS,
    MOST_PLACES,
    NEAR,
    SEND_WORDS,
    SENDS,
    Deed,
    Script,
    near,
    places,
)

PAYS = (
    "cvv",
    "cvc",
    "card",
    "cc_",
    "cc-",
    "ccnum",
    "billing",
    "expir",
    "checkout",
    "onepage",
    "payment",
)
"""Without one of these words no script takes what visitors pay with."""

_CARD = re.compile(
    r"\bcc[_-]?(?:number|num\b|cid|cvc|cvv|exp\w{0,12}|owner|no\b|type|month|year|save)|card[_-]?(?:number|num\b|no\b|cvc|cvv|holder|exp\w{0,12}|code)"
    r"|\bcvv2?\b|\bcvc2?\b|cvv2?[\"'\]=_]|expiration_?(?:yr|year|month)|payment\[|credit_?card|security_?code|billing[:\[_][a-z]{1,12}|cc-exp",
)

_CARD_WORDS = ("cc", "card", "cvv", "cvc", "expir", "payment", "security", "billing")

_CHECKOUT = re.compile(
    r"one-?page|one-?step|fire-?checkout|simple-?checkout|(?:location|href|url|pathname)[^;{}]{0,80}(?:checkout|/cart|payment|kasse|order)"
    r"|(?:regexp|match|search|test|indexof|includes)\s{0,3}\(\s{0,3}[/\"'][^\"'/]{0,60}(?:checkout|payment|\bcart\b)[^;{}]{0,120}(?:location|href)",
)

_PLACE = re.compile(r"\blocation\b|\bhref\b|document\.url")

_HARVEST = re.compile(
    r"[\"'](?:[^\"']{0,60}[ ,])?input\b[^\"']{0,80}\b(?:select|textarea)\b|getelementsbytagname\s{0,3}\(\s{0,3}[\"'](?:input|form)[\"']"
    r"|\.\s{0,3}serialize(?:array)?\b|[\"']serialize[\"']|new\s{1,3}formdata|queryselectorall\s{0,3}\(\s{0,3}[\"'][^\"']{0,80}(?:input|form)"
    r"|document\.forms\b",
)

_VALUES = re.compile(r"\.\s{0,3}value\b|\.val\(\)|[\"']val(?:ue)?[\"']")

_KEEPS = re.compile(
    r"btoa\s{0,3}\(|localstorage|sessionstorage|document\.cookie|encodeuricomponent|json\.stringify|\[0-9\]\{1[36]"
)

_LISTENS = re.compile(
    r"\b(?:keyup|keydown|keypress|blur|change|mousedown|onchange|onclick|setinterval|settimeout|submit|click)\b"
)


def _wide(script: Script) -> bool:
    """Whether much, or what matters, was hidden; a few escapes in a large bundle are not."""
    enough = max(80, len(script.raw) // 50)
    return len(script.hidden) > enough and bool(script.steps - {"join", "junk"})


def stolen(script: Script) -> Deed | None:
    """Card numbers, or all that is typed at the checkout, sent to a stranger.

    In a large bundle the parts have to stand together: round one of the stranger's addresses.
    """
    if len(script.text) <= BUNDLE or _wide(script):
        return _stolen_here(script)
    parts = (_around(script, place) for place in script.far[:MOST_PARTS])
    return next((deed for deed in map(_stolen_here, parts) if deed is not None), None)


MOST_PARTS = 60


def _around(script: Script, place: int) -> Script:
    start = max(0, place - NEAR)
    part = script.text[start : place + NEAR]
    far = tuple(at - start for at in script.far if start <= at < place + NEAR)
    return script._replace(text=part, raw=part, hidden="", steps=frozenset(), far=far)


def _stolen_here(script: Script) -> Deed | None:
    text, wide = script.text, _wide(script)
    if not (script.far or wide) or not any(word in text for word in PAYS):
        return None
    sends = places(SENDS, text, SEND_WORDS)
    cards = places(_CARD, text, _CARD_WORDS)
    checkout = _PLACE.search(text) is not None and near(places(_CHECKOUT, text), sends)
    if not sends or not (cards or checkout):
        return None
    targets = [at for at in script.far if wide or near([at], cards) or checkout]
    told = near(targets, sends)
    if not told and not wide:
        return None
    kinds = len({match.group().lower() for match in islice(_CARD.finditer(text), MOST_PLACES)})
    harvest = near(places(_HARVEST, text), sends) or (kinds > 2 and len(places(_VALUES, text)) > 3)
    if not harvest and not (kinds > 2 and _VALUES.search(text)):
        return None
    score = min(kinds, 3) * 0.8 + 1.5 * checkout + harvest + 2 * told + 1.0 * wide
    score += 0.3 * bool(_KEEPS.search(text)) + 0.3 * bool(_LISTENS.search(text))
    sure = _how_sure(
        score, told=told, gated=checkout or wide, own_fields=kinds > 4 and "billing" in text
    )
    reason = "What visitors type when they pay is sent to another host"
    return Deed("js-card-skimmer", "injection", sure, reason) if sure else None


def _how_sure(score: float, *, told: bool, gated: bool, own_fields: bool) -> float:
    if score >= 5.8 and told and gated:
        return 0.93
    if score >= 4.6:
        return 0.8 if gated else 0.7 if own_fields else 0.55
    return 0.6 if score >= 3.8 and gated else 0.0


def checkout_loader(script: Script) -> Deed | None:
    """A stranger's script, but only where people pay."""
    text = script.text
    if not (script.far or script.steps) or not any(word in text for word in PAYS):
        return None
    loads = places(LOADS, text, ("script", "iframe"))
    tests = places(_CHECKOUT, text) if loads and _PLACE.search(text) else []
    if loads and not tests and re.search(r"checkout|onepage", text) and "pathname" in text:
        tests = places(_PLACE, text)
    if not near(tests, loads, 1_000):
        return None
    if near(loads, script.far, 1_000):
        sure = 0.93 if script.steps else 0.85
        return Deed(
            "js-checkout-loader",
            "injection",
            sure,
            "Another host's script is loaded where visitors pay",
        )
    if script.steps & {"base64", "charcodes", "hex", "cipher"} and len(text) < 5_000:
        return Deed(
            "js-checkout-loader",
            "injection",
            0.75,
            "A script from a hidden address is loaded where visitors pay",
        )
    return None

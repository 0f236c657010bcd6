"""Scripts that hide what they do, and what it is where it can be spelled out."""

from __future__ import annotations

import re
from itertools import islice

from unhijack.parse.plain.hosts import host_of
from unhijack.parse.plain.js_script import (
    LOADS,
    MOST_PLACES,
    Deed,
    Script,
    is_strange,
    masked_hosts,
    near,
    places,
)
from unhijack.parse.plain.stretches import Stretch, joined, matches, round_words

_LOADS_ADDRESS = re.compile(
    r"<\s?(?:script|iframe|embed)\b[^>]{0,300}\bsrc\s{0,3}=\s{0,3}\\?[\"']?\s{0,3}((?:https?:)?\\?/\\?/[^\s\"'<>]{4,300})"
)

_RUNS_LITERAL = re.compile(
    r"(?:\beval|\bfunction|\bsettimeout|\bexecscript)\s{0,3}[)\]]?\s{0,3}\(\s{0,3}(?:window\s{0,3}\.\s{0,3}|this\s{0,3}\.\s{0,3}|decodeuricomponent\s{0,3}\(\s{0,3}(?:escape\s{0,3}\(\s{0,3})?){0,2}"
    r"(atob|string\s{0,3}\.\s{0,3}fromcharcode|unescape|decodeuricomponent|decodeuri)"
    r"\s{0,3}\(\s{0,3}(?:[\"'`][^\"'`]{20}|[0-9x]{2,6}\s?,(?:\s?[0-9a-fx]{2,6}\s?,){8})"
    r"|\beval\s{0,3}\(\s{0,3}[\"'`][^\"'`]{60,20000}[\"'`]\s{0,3}\.\s{0,3}(?:replace|split|map)\s{0,3}\("
)

_WRITES = re.compile(
    r"\bdocument\s{0,3}\.\s{0,3}write(?:ln)?\b|\.(?:innerhtml|outerhtml|insertadjacenthtml)\b|\.append(?:child)?\b|\.html\s{0,3}\(|insertbefore"
)


def hidden_loader(script: Script) -> Deed | None:
    """Another host's script or frame, by code that hides it."""
    steps = script.steps
    if not steps:
        return None
    shown = [m.group(1) for m in islice(_LOADS_ADDRESS.finditer(script.text), MOST_PLACES)]
    masked = [
        a
        for a in shown
        if a not in script.raw and is_strange(host_of(a.replace("\\/", "/")), script.own)
    ]
    if masked and _WRITES.search(script.text):
        sure = 0.93 if steps - {"percent", "packer", "join", "junk"} else 0.82
        return Deed(
            "js-hidden-loader",
            "injection",
            sure,
            "Another host's script or frame is put into the page by code that is hidden",
        )
    if masked_hosts(script) and near(places(LOADS, script.text), script.far, 1_500):
        if script.raw.count("http") > 20 or len(script.raw) > 60_000:
            return None
        sure = 0.9 if steps - {"percent", "packer", "array", "escapes", "join", "junk"} else 0.75
        return Deed(
            "js-hidden-loader",
            "injection",
            sure,
            "Another host's script is loaded by code that hides its address",
        )
    return None


def runs_decoded(script: Script) -> Deed | None:
    """A literal that is decoded and run at once: nobody who may be seen writes that."""
    match = next(matches(_RUNS_LITERAL, script.early, _decoders(script.early)), None)
    if match is None:
        return None
    sure = 0.9 if match.group(1) in ("atob",) or "from" in (match.group(1) or "") else 0.8
    return Deed(
        "js-runs-decoded",
        "injection",
        sure,
        "Code is spelled in numbers or letters, decoded and run at once",
    )


def _decoders(text: str) -> list[Stretch]:
    """What stands round what decodes; behind ``eval``, its whole text."""
    around = round_words(("atob", "fromcharcode", "unescape", "decodeuri"), text, reach=200)
    evals = round_words(("eval",), text, reach=20_100)
    return joined(sorted(around + evals), len(text))


_HEX_NAME = re.compile(r"\b_0x[0-9a-f]{2,8}\b")

_ROTATES = re.compile(
    r"while\s{0,3}\(\s{0,3}(?:!!\[\]|true|--)|\bpush\b.{0,12}\bshift\b|'push'\]\(.{0,12}'shift'",
    re.DOTALL,
)

_MANY = 12

_FUCK = re.compile(r"(?:\[\]|\(!\[\]|\+!!\[\]|\(\+\[\]|!\+\[\]|\[!\[\]\]){6}[\[\]()!+]{200}")

_SIGNS = ("![]", "+[]", "[][", "~[]", "\xef\xbe")

_SYMBOLS = re.compile(
    r"\$=~\[\];\$=\{___:\+\+\$|\xef\xbe\x9f[\xcf\xef]\x89\xef\xbe\x9f|(?:[\[\]()!+]{400})"
)

_ENCIPHERED = re.compile(
    r"decodeuri\w{0,9}\s{0,3}\(\s{0,3}(?:\"[^\"\n]{0,400}|'[^'\n]{0,400})%(?:0[0-9b-f]|1[0-9a-f])"
)

_BACKWARDS = re.compile(r"[\"'`]={1,2}[a-z0-9+/]{200}")

_SELF_TURNING = re.compile(
    r"while\s{0,3}\(\s{0,3}!!\[\]\s{0,3}\)\s{0,3}\{\s{0,3}try\s{0,3}\{[^{}]{0,200}parseint\("
)

_LETTERS = re.compile(r"\\(?:x[46-7][0-9a-fa-f]|u00[46-7][0-9a-fa-f])")


def obfuscated(script: Script) -> Deed | None:
    """Hidden by a tool, and what it does does not show."""
    raw = script.raw
    signs = any(word in raw for word in _SIGNS)
    if signs and (_SYMBOLS.search(raw) or _FUCK.search(raw)):
        return Deed(
            "js-symbols",
            "injection",
            0.8,
            "The script is written in signs alone, to hide what it does",
        )
    if _SELF_TURNING.search(raw):
        reason = "The script was put through a tool that hides what it does"
        return Deed("js-obfuscated", "injection", 0.6, reason)
    names = "_0x" in raw and sum(1 for _ in islice(_HEX_NAME.finditer(raw), _MANY)) == _MANY
    letters = sum(1 for _ in islice(_LETTERS.finditer(raw), 60)) if "\\" in raw else 0
    if names and _ROTATES.search(raw):
        dense = len(_HEX_NAME.findall(raw[:200_000])) * 60 > min(len(raw), 200_000)
        return Deed(
            "js-obfuscated",
            "injection",
            0.6 if dense else 0.5,
            "The script was put through a tool that hides what it does",
        )
    if letters == 60 and len(raw) < 100_000:
        return Deed(
            "js-escaped-letters",
            "injection",
            0.55,
            "Plain letters of the script are spelled in numbers",
        )
    if _BACKWARDS.search(raw):
        return Deed("js-backwards", "injection", 0.75, "The script's words are spelled backwards")
    if (
        "^" in raw
        and "charcodeat" in script.text
        and "fromcharcode" in script.text
        and _ENCIPHERED.search(raw)
    ):
        return Deed("js-cipher", "injection", 0.7, "The script's words are enciphered")
    return None

"""One file, by every reader of this folder that it is for: what the one-file scanner finds."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Any, Callable

from unhijack.parse.plain import named
from unhijack.parse.plain.apache import apache_signs
from unhijack.parse.plain.cloaks import second_opinion
from unhijack.parse.plain.clues import Clues
from unhijack.parse.plain.files import plain_marks
from unhijack.parse.plain.html import html_signs
from unhijack.parse.plain.ini import ini_signs
from unhijack.parse.plain.js import script_signs
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.nginx import nginx_signs
from unhijack.parse.plain.prefilter import bears_php, is_page_or_script

REPORTED = 0.5
"""Weaker marks are not reported: alone they say too little."""
SURE = 0.9
MOST = 3
"""Marks of one file that are reported."""
SHOWN = 120

_TAGGED = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,2000}<(?:script|html|!doctype|iframe|div|meta)", re.I)
_ADDRESS = re.compile(r"://|(?<=[A-Za-z0-9])\.(?=[A-Za-z])")
_DANGEROUS = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def _nowhere(_path: str) -> bool:
    return False


def every_mark(path: str, content: bytes, exists: Callable[[str], bool] = _nowhere) -> list[Mark]:
    """Marks of one file. `path` is relative to what is scanned, with ``/``; so is what `exists`
    is asked for.
    """
    name = path.rpartition("/")[2].lower()
    marks: list[Mark] = []
    known = True
    if named.APACHE.search(name):
        marks += apache_signs(content, path, frozenset(), exists)
    elif named.INI.search(name):
        marks += ini_signs(content, path, exists)
    elif name.endswith(".conf"):
        reader = nginx_signs if named.NGINX.search(content[:65536]) else apache_signs
        marks += reader(content, path, frozenset(), exists)
    elif named.SCRIPT.search(name) and not _TAGGED.match(content):
        marks += script_signs(content)
    elif named.PAGE.search(name) or named.SCRIPT.search(name):
        marks += html_signs(content)
    else:
        known = False
    if _bears_php(name, content):
        clues = Clues(content)
        marks += plain_marks(path, content, clues)
        marks += second_opinion(clues, marks)
        if not named.PAGE.search(name):
            marks += html_signs(content)
    elif named.SERVER_PAGE.search(name) or (
        not known and (named.OTHER.search(name) or content.startswith(b"#!"))
    ):
        marks += plain_marks(path, content)
    elif not known and is_page_or_script(name, content):
        marks += html_signs(content) if _TAGGED.match(content) else script_signs(content)
    return marks


def _bears_php(name: str, content: bytes) -> bool:
    """By its name, or by what stands in it: a picture with PHP in it is what an include may run."""
    if named.PHP.search(name):
        return b"<?" in content or b"<script" in content.lower()
    return bears_php(content)


def reported(marks: list[Mark]) -> list[Mark]:
    """The strongest marks, none of which overlaps another."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda one: -one.confidence):
        if mark.confidence >= REPORTED and all(
            mark.start >= other.end or mark.end <= other.start for other in kept
        ):
            kept.append(mark)
    return kept[:MOST]


def as_data(path: str, content: bytes, mark: Mark) -> dict[str, Any]:
    """A mark as a line of ``--json``; `path` as it is to be shown."""
    excerpt = content[mark.start : mark.start + 2 * SHOWN].decode("utf-8", "replace")
    data: dict[str, Any] = {
        "path": path,
        "line": content.count(b"\n", 0, mark.start) + 1,
        "kind": mark.kind,
        "rule": mark.rule,
        "confidence": round(min(mark.confidence, 0.99), 3),
        "reason": mark.reason,
        "excerpt": printable(_ADDRESS.sub(_defanged, " ".join(excerpt.split())), SHOWN),
        "sha256": hashlib.sha256(content).hexdigest(),
        "repair": "review",
    }
    if mark.cut is not None:
        data["repair"], data["span"] = "remove-block", list(mark.cut)
    elif mark.whole and mark.confidence >= SURE:
        data["repair"] = "quarantine"
    return data


def _defanged(match: re.Match[str]) -> str:
    return "[:]//" if match.group() == "://" else "[.]"


def printable(text: str, limit: int) -> str:
    """`text` on one line, without control, format or direction characters, cut at `limit`."""
    shown = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in _DANGEROUS else c
        for c in text[:limit]
    )
    return shown[: limit - 1] + "…" if len(text) > limit else shown

"""Signs of one file, weighed together."""

import re
from collections.abc import Sequence

from unhijack.core.finding import SURE, Finding, Kind, Mend, Sign, Span
from unhijack.core.text import printable

REPORTED = 0.5
MOST = 3


def findings(path: str, content: bytes, marks: Sequence[Sign], sha256: str) -> list[Finding]:
    """At most three findings, the strongest first."""
    kept: list[Sign] = []
    for mark in sorted(marks, key=lambda one: -one.confidence):
        if mark.confidence >= REPORTED and all(
            mark.start >= other.end or mark.end <= other.start for other in kept
        ):
            kept.append(mark)
    return [_finding(path, content, mark, sha256) for mark in kept[:MOST]]


def _finding(path: str, content: bytes, mark: Sign, sha256: str) -> Finding:
    excerpt = content[mark.start : mark.start + 200].decode("utf-8", "replace")
    excerpt = printable(" ".join(re.sub(r"(?<=\w)\.(?=[a-z])", "[.]", excerpt).split()), 119)
    repair, span = Mend.REVIEW, None
    if mark.cut is not None:
        repair, span = Mend.REMOVE_BLOCK, Span(*mark.cut)
    elif mark.whole and mark.confidence >= SURE:
        repair = Mend.QUARANTINE
    line = content.count(b"\n", 0, mark.start) + 1
    return Finding(
        path,
        line,
        Kind(mark.kind),
        mark.rule,
        min(mark.confidence, 0.99),
        mark.reason,
        excerpt,
        sha256,
        repair,
        span,
    )

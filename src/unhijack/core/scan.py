"""A scan as it was handed in: what ``unhijack scan --json`` printed."""

import json
import re
from collections import Counter
from dataclasses import dataclass

from unhijack.core.errors import WrongUse
from unhijack.core.finding import Finding, Kind, finding_from

MOST_BYTES = 64 * 1024 * 1024
MOST_FINDINGS = 100_000
MOST_AWAY = 1_000_000
"""Requests a day: more is no reading of a log."""
_WAY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found, and the lines themselves, which are evidence."""

    findings: tuple[Finding, ...]
    files: int
    """Looked at."""
    content: bytes
    way: str = ""
    """Through what it probably came, by the logs; empty where none were read, or they do not tell."""
    away_a_day: float | None = None
    """Requests a day that were sent away, by the logs."""

    @property
    def kinds(self) -> Counter[Kind]:
        """How many of each."""
        return Counter(one.kind for one in self.findings)


def read_scan(content: bytes) -> Scan:
    """Read the lines. Raises WrongUse, also for a scan that did not come to its end."""
    if len(content) > MOST_BYTES:
        raise WrongUse(f"that is more than {MOST_BYTES >> 20} MB: no scan")
    findings: list[Finding] = []
    summary: dict[str, object] | None = None
    for number, line in enumerate(content.splitlines(), 1):
        try:
            data = json.loads(line)
            if not isinstance(data, dict):
                raise TypeError("no object")
            if "summary" in data:
                summary = dict(data["summary"])
            else:
                findings.append(finding_from(data))
        except (ValueError, TypeError, KeyError, RecursionError):
            raise WrongUse(f"line {number} is no line of unhijack scan --json") from None
        if len(findings) > MOST_FINDINGS:
            raise WrongUse(f"that has more than {MOST_FINDINGS} findings")
    files = summary.get("files") if summary else None
    if not isinstance(files, int):
        raise WrongUse("its summary is missing: the scan did not come to its end")
    if not findings and (not files or _failed(summary)):
        raise WrongUse("that scan could not look at everything: it shows nothing of being clean")
    return Scan(tuple(findings), files, content, _way(summary), _away(summary))


def _way(summary: dict[str, object] | None) -> str:
    name = (summary or {}).get("way")
    return name if isinstance(name, str) and _WAY.fullmatch(name) else ""


def _away(summary: dict[str, object] | None) -> float | None:
    rate = (summary or {}).get("away_a_day")
    sane = isinstance(rate, int | float) and not isinstance(rate, bool) and 0 <= rate <= MOST_AWAY
    return float(rate) if sane and isinstance(rate, int | float) else None


def _failed(summary: dict[str, object] | None) -> bool:
    skipped = (summary or {}).get("skipped")
    return isinstance(skipped, dict) and any(
        skipped.get(code) for code in ("unreadable", "changed", "too-deep", "crashed")
    )

"""Planted code inside a server: what a scan finds, and what can be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from unhijack.core.data import Json
from unhijack.core.text import SHORT


class Kind(StrEnum):
    """What was planted."""

    REDIRECT = "redirect"
    """It sends visitors, or some of them, to another site."""
    WEBSHELL = "webshell"
    """A page with which a stranger runs commands and changes files."""
    BACKDOOR = "backdoor"
    """A few lines that run what a request brings."""
    INJECTION = "injection"
    """Something put into a page or file that was there before."""
    CONFIG = "config"
    """A directive of the web server or of PHP."""
    DROPPER = "dropper"
    """It fetches or writes planted code."""
    SPAM = "spam"
    """Text or links for search engines."""
    MODIFIED_CORE = "modified-core"
    """A file of a known release that is not as it was released."""
    UNEXPECTED_FILE = "unexpected-file"
    """A file where a known release has none."""


class Mend(StrEnum):
    """What would repair it."""

    REMOVE_BLOCK = "remove-block"
    """Cut one exact span; the rest of the file stays."""
    RESTORE = "restore"
    """Put the released file back."""
    QUARANTINE = "quarantine"
    """The whole file is planted: set it aside."""
    REVIEW = "review"
    """A person has to look."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of a file, from `start` up to but without `end`."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"no span: {self.start} to {self.end}")


class Sign(Protocol):
    """What a reader says of the bytes that it was given: `parse.plain.marks.Mark`, by its shape.

    Readers that also make the one-file scanner import nothing of ours, so they cannot name this.
    """

    @property
    def rule(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def reason(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def cut(self) -> tuple[int, int] | None: ...
    @property
    def whole(self) -> bool: ...


SURE = 0.9
"""From here on a finding counts as confident: `clean` plans a repair without being told to."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was planted, and the bytes that show it."""

    path: str
    """As the scan was given the root, joined with the name inside; undecodable bytes as
    surrogates (``os.fsdecode``), so that it names the file exactly."""
    line: int
    """From 1; 0 where no line of a file shows it."""
    kind: Kind
    rule: str
    """Stable name of what matched."""
    confidence: float
    """0 to 1."""
    reason: str
    """For people: one sentence, harmless, hosts defanged."""
    excerpt: str
    """Defanged, harmless, at most 120 characters."""
    sha256: str
    """Of the whole file, or of the row's value."""
    repair: Mend
    span: Span | None = None
    """The planted bytes, exactly: what `REMOVE_BLOCK` cuts."""


def finding_data(finding: Finding) -> dict[str, Json]:
    """A finding as JSON lines have it: the contract of ``scan --json``."""
    data: dict[str, Json] = {
        "path": finding.path,
        "line": finding.line,
        "kind": str(finding.kind),
        "rule": finding.rule,
        "confidence": round(finding.confidence, 3),
        "reason": finding.reason,
        "excerpt": finding.excerpt[:SHORT],
        "sha256": finding.sha256,
        "repair": str(finding.repair),
    }
    if finding.span is not None:
        data["span"] = [finding.span.start, finding.span.end]
    return data


def finding_from(data: Mapping[str, Json]) -> Finding:
    """A finding out of its data. Raises KeyError, ValueError or TypeError for what is none."""
    span = data.get("span")
    return Finding(
        path=str(data["path"]),
        line=_whole(data["line"]),
        kind=Kind(str(data["kind"])),
        rule=str(data["rule"]),
        confidence=_number(data["confidence"]),
        reason=str(data["reason"]),
        excerpt=str(data["excerpt"]),
        sha256=str(data["sha256"]),
        repair=Mend(str(data["repair"])),
        span=Span(*(_whole(end) for end in span)) if isinstance(span, list) else None,
    )


def _whole(value: Json) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError("no whole number")


def _number(value: Json) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise TypeError("no number from 0 to 1")

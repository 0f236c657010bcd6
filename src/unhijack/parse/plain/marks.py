"""What a reader of files says of the bytes that it was given."""

from __future__ import annotations

from typing import NamedTuple


class Mark(NamedTuple):
    """One sign of planted code in one file."""

    rule: str
    """Stable name: ``php-eval-decoded``."""
    kind: str
    """A value of `core.finding.Kind`."""
    confidence: float
    """0 to 1, alone. Marks of one file are weighed together (`assess.findings`)."""
    reason: str
    """For people: one sentence in our own words. Never text of the file."""
    start: int
    """Byte offset of what shows it."""
    end: int
    cut: tuple[int, int] | None = None
    """The planted block, exactly: without these bytes the file is what it was before."""
    whole: bool = False
    """The file is nothing but planted code: there is nothing to save in it."""

"""What running a page's scripts comes to: where they would take its visitor."""

from dataclasses import dataclass

from unhijack.core.evidence import Cause, Via


@dataclass(frozen=True, slots=True)
class Intent:
    """One place where a page's scripts would take its visitor."""

    target: str
    """An absolute http(s) address; else the text, cut, as it was found."""
    wrong: str | None
    """Why the target can't be followed, or None."""
    via: Via
    cause: Cause


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of running a page's scripts."""

    intents: tuple[Intent, ...]
    """Away from the page, in the order in which they came."""
    cut: str | None
    """Why it was cut short, for people; None where it was not."""

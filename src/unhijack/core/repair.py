"""What is to be done about planted code: a plan, step by step, that a person reads and edits."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from unhijack.core.data import Data, Json, items
from unhijack.core.errors import WrongUse
from unhijack.core.finding import Finding, Span
from unhijack.core.text import printable

MOST_REASONS = 12
"""Reasons that stand beside one step."""


class Act(StrEnum):
    """What a step does."""

    RESTORE = "restore"
    """Put the released file back, whole."""
    CUT = "cut"
    """Take exact spans out of a file; every other byte stays."""
    QUARANTINE = "quarantine"
    """Keep the whole file in the journal's folder, and take it out of the site."""
    MEND_ROW = "mend-row"
    """Take planted code out of a row of a database."""
    DROP_TRIGGER = "drop-trigger"
    """Drop a trigger, procedure or event of a database, kept in the journal."""


IN_DATABASE = frozenset({Act.MEND_ROW, Act.DROP_TRIGGER})


@dataclass(frozen=True, slots=True)
class Why:
    """A finding, as the step says it."""

    confidence: float
    rule: str
    """Without spaces and colons."""
    reason: str
    """One harmless line."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One step of a plan."""

    act: Act
    path: str
    """Relative to the root, undecodable bytes as surrogates; of a database, how its mender names
    the row or trigger."""
    sha256: str
    """Of the file, or the row's value, as it was scanned: if it is another by now, nothing is done."""
    after: str
    """SHA-256 of what is there afterwards; empty where nothing is, or only a mender can say it."""
    spans: tuple[Span, ...] = ()
    """What `CUT` takes out, ascending, apart from each other."""
    device: int = 0
    inode: int = 0
    """Which file it was, 0 and 0 where that is not known."""
    why: tuple[Why, ...] = ()
    needs: tuple[str, ...] = ()
    """Paths whose steps must be done before: files that load this one, and fail without it."""
    note: str = field(default="", compare=False)
    """What a person is told above the step; a comment, lost when the plan is read back."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is not done by itself, and why not."""

    path: str
    note: str
    """For people: one harmless line."""
    repair: Repair | None = None
    """The step, if a person decides for it."""
    why: tuple[Why, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in the order in which they are done."""

    root: str
    steps: tuple[Repair, ...]
    held: tuple[Held, ...] = ()
    """Commented out in the text; a plan that was read back has none."""


def why_of(findings: list[Finding]) -> tuple[Why, ...]:
    """The reasons of findings, the surest first."""
    ranked = sorted(findings, key=lambda one: -one.confidence)[:MOST_REASONS]
    return tuple(
        Why(round(one.confidence, 3), _rule(one.rule), printable(" ".join(one.reason.split()), 300))
        for one in ranked
    )


def _rule(name: str) -> str:
    return printable("-".join(name.replace(":", " ").split()), 100) or "unnamed"


def without(content: bytes, spans: tuple[Span, ...]) -> bytes:
    """`content` with `spans` cut out. Raises ValueError where they lie outside or overlap."""
    parts, at = [], 0
    for span in spans:
        if not at <= span.start <= span.end <= len(content):
            raise ValueError("spans lie outside of the file, or in one another")
        parts.append(content[at : span.start])
        at = span.end
    return b"".join((*parts, content[at:]))


def merged(spans: list[Span]) -> tuple[Span, ...]:
    """The same bytes as spans that ascend and lie apart."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if result and span.start <= result[-1].end:
            result[-1] = Span(result[-1].start, max(result[-1].end, span.end))
        elif span.start < span.end:
            result.append(span)
    return tuple(result)


def repair_data(repair: Repair) -> dict[str, Json]:
    """A step as the journal has it."""
    return {
        "act": str(repair.act),
        "path": repair.path,
        "sha256": repair.sha256,
        "after": repair.after,
        "spans": [[span.start, span.end] for span in repair.spans],
        "device": repair.device,
        "inode": repair.inode,
        "why": [[why.confidence, why.rule, why.reason] for why in repair.why],
        "needs": list(repair.needs),
    }


def repair_from(data: Data) -> Repair:
    """The step that a journal has. Raises WrongUse for anything else."""
    try:
        return Repair(
            Act(str(data["act"])),
            _a_text(data["path"]),
            _a_text(data["sha256"]),
            _a_text(data["after"]),
            tuple(Span(*map(_a_number, items(pair))) for pair in items(data["spans"])),
            _a_number(data["device"]),
            _a_number(data["inode"]),
            tuple(_a_why(*items(parts)) for parts in items(data["why"])),
            tuple(_a_text(path) for path in items(data["needs"])),
        )
    except (KeyError, TypeError, ValueError):
        raise WrongUse("the journal holds a step that is none: it was changed") from None


def _a_why(confidence: Json, rule: Json, reason: Json) -> Why:
    if not isinstance(confidence, int | float):
        raise TypeError
    return Why(float(confidence), _a_text(rule), _a_text(reason))


def _a_text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _a_number(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def as_quarantine(repair: Repair) -> Repair:
    """The same file, set aside whole."""
    return replace(repair, act=Act.QUARANTINE, after="", spans=())

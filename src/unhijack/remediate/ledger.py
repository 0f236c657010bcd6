"""What a journal says of each step: a fold over its records."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from unhijack.core.data import Data, Json, items
from unhijack.core.errors import WrongUse
from unhijack.core.repair import Repair, repair_from
from unhijack.ports import Original


class What(StrEnum):
    """What a record is about."""

    BEGIN = "begin"
    EVIDENCE = "evidence"
    INTENT = "intent"
    DONE = "done"
    FAILED = "failed"
    UNDO_INTENT = "undo-intent"
    UNDO_DONE = "undo-done"
    UNDO_FAILED = "undo-failed"
    END = "end"


class State(StrEnum):
    """How far a step came."""

    OPEN = "open"
    """It was about to be done when we were killed."""
    DONE = "done"
    FAILED = "failed"
    """Nothing was changed."""
    UNDOING = "undoing"
    """It was about to be undone when we were killed."""
    UNDONE = "undone"


_AFTER = {
    What.DONE: State.DONE,
    What.FAILED: State.FAILED,
    What.UNDO_INTENT: State.UNDOING,
    What.UNDO_DONE: State.UNDONE,
    What.UNDO_FAILED: State.DONE,
}
_FROM = {
    What.DONE: {State.OPEN},
    What.FAILED: {State.OPEN},
    What.UNDO_INTENT: {State.DONE},
    What.UNDO_DONE: {State.UNDOING},
    What.UNDO_FAILED: {State.UNDOING},
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step, as the journal has it."""

    number: int
    repair: Repair
    kept: str
    """SHA-256 of the original that was kept; of a row, of what its mender needs."""
    original: Original | None
    """None for a row."""
    draft: str
    """Name under which the next content was written first."""
    state: State


def steps_of(records: Iterable[Data]) -> list[Step]:
    """The steps in the order in which they were done. Raises WrongUse for records that cannot be."""
    steps: dict[int, Step] = {}
    for record in records:
        what = _what(record)
        if what is What.INTENT:
            step = _intended(record, len(steps))
            steps[step.number] = step
        elif what in _AFTER:
            known = steps.get(_number(record))
            if known is None or known.state not in _FROM[what]:
                raise WrongUse("the journal tells of a step that was never begun: it was changed")
            draft = str(record["draft"]) if what is What.UNDO_INTENT else known.draft
            steps[known.number] = replace(known, state=_AFTER[what], draft=draft)
    return list(steps.values())


def root_of(records: Iterable[Data]) -> str:
    """The folder that a journal is about. Raises WrongUse."""
    for record in records:
        if record.get("what") == What.BEGIN:
            return str(record.get("root"))
    raise WrongUse("this journal has no beginning: nothing was done under it")


def _what(record: Data) -> What:
    try:
        return What(str(record.get("what")))
    except ValueError:
        raise WrongUse("the journal was written by a newer program, or was changed") from None


def _number(record: Data) -> int:
    number = record.get("step")
    if not isinstance(number, int):
        raise WrongUse("the journal holds a record without its step: it was changed")
    return number


def _intended(record: Data, expected: int) -> Step:
    repair, original = record.get("repair"), record.get("original")
    if _number(record) != expected or not isinstance(repair, dict):
        raise WrongUse("the journal's steps are not in order: it was changed")
    return Step(
        expected,
        repair_from(repair),
        str(record.get("kept")),
        original_from(original) if isinstance(original, dict) else None,
        str(record.get("draft") or ""),
        State.OPEN,
    )


_NUMBERS = tuple(one.name for one in fields(Original) if one.name not in ("sha256", "xattrs"))


def original_data(original: Original) -> dict[str, Json]:
    """What is known of a file, as the journal and the evidence have it."""
    return {
        "sha256": original.sha256,
        **{name: getattr(original, name) for name in _NUMBERS},
        "xattrs": [[name, b64encode(value).decode()] for name, value in original.xattrs],
    }


def original_from(data: Data) -> Original:
    """Read it back. Raises WrongUse."""
    try:
        numbers = {name: data[name] for name in _NUMBERS}
        if not all(isinstance(value, int) for value in numbers.values()):
            raise TypeError
        xattrs = tuple(
            (str(name), b64decode(str(value), validate=True))
            for name, value in (items(pair) for pair in items(data["xattrs"]))
        )
        return Original(str(data["sha256"]), xattrs=xattrs, **numbers)  # type: ignore[arg-type]  # checked above
    except (KeyError, TypeError, ValueError):
        raise WrongUse(
            "the journal describes a file in no way that we write: it was changed"
        ) from None

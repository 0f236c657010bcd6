"""A plan, done: journal first, one step after the other, each whole or not at all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from unhijack.core.data import Json
from unhijack.core.errors import WrongUse
from unhijack.core.repair import IN_DATABASE, Act, Plan, Repair, repair_data, without
from unhijack.core.text import printable
from unhijack.ports import (
    CannotMend,
    Clock,
    DatabaseMender,
    Mender,
    Original,
    Releases,
    RepairJournal,
)
from unhijack.remediate.decide import breaks
from unhijack.remediate.house import has_password, is_config
from unhijack.remediate.ledger import What, original_data


class Fate(StrEnum):
    """What became of a step."""

    DONE = "done"
    REFUSED = "refused"
    """Nothing was changed."""
    UNKNOWN = "unknown"
    """What is there now is neither what was, nor what was to be: somebody else was faster."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A step, and what became of it."""

    repair: Repair
    fate: Fate
    text: str = ""
    """For people: one harmless line; may be empty where it was done."""


def _no_lint(_path: str, _before: bytes, _after: bytes) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a repair works with."""

    mender: Mender
    journal: RepairJournal
    clock: Clock
    known: Releases | None = None
    database: DatabaseMender | None = None
    lint: Callable[[str, bytes, bytes], str | None] = _no_lint
    """A further reader (path, before, after): why the file would no longer be read, or None."""

    def record(self, what: What, **more: Json) -> None:
        """Write a record, with its time."""
        self.journal.write({"what": what, "at": self.clock.now().isoformat(), **more})


def apply(plan: Plan, bench: Workbench) -> Iterator[Outcome]:
    """Do every step, in order; what cannot be done is an outcome, and the rest goes on.

    Where the journal can no longer be written, nothing more is done.
    """
    done: set[str] = set()
    number = 0
    for at, step in enumerate(plan.steps):
        missing = next((path for path in step.needs if path not in done), None)
        if missing is not None:
            yield Outcome(step, Fate.REFUSED, _loaded_by(missing))
            continue
        try:
            prepared = _prepare(step, bench)
            number = _intend(step, prepared, number, bench)
        except CannotMend as error:
            yield Outcome(step, Fate.REFUSED, str(error))
            continue
        except WrongUse as error:
            yield from (Outcome(left, Fate.REFUSED, str(error)) for left in plan.steps[at:])
            return
        outcome = _do(step, prepared, number - 1, bench)
        if outcome.fate is Fate.DONE:
            done.add(step.path)
        yield outcome


def _loaded_by(path: str) -> str:
    return (
        f"{printable(path)} still loads it, and was not mended: without this file pages would fail"
    )


@dataclass(frozen=True, slots=True)
class _Prepared:
    """All that a step needs, worked out before the first change."""

    kept: str
    original: Original | None
    content: bytes | None
    """The file's next content; None for none, and for rows."""
    draft: str


def _prepare(step: Repair, bench: Workbench) -> _Prepared:
    if step.act in IN_DATABASE:
        return _prepare_row(step, bench)
    looked = bench.mender.look(step.path)
    if looked is None:
        raise CannotMend("it is gone since the scan")
    original, before = looked
    if original.sha256 != step.sha256:
        raise CannotMend("it changed since the scan: left alone; scan again")
    if (step.device, step.inode) not in ((0, 0), (original.device, original.inode)):
        raise CannotMend("another file took its place since the scan: left alone; scan again")
    after = _next_content(step, before, bench)
    if step.act is Act.CUT and after is not None:
        trouble = breaks(step.path, before, after) or bench.lint(step.path, before, after)
        if trouble is not None:
            raise CannotMend(trouble)
    draft = bench.mender.draft_for(step.path) if after is not None else ""
    return _Prepared(bench.journal.keep(before), original, after, draft)


def _prepare_row(step: Repair, bench: Workbench) -> _Prepared:
    if bench.database is None:
        raise CannotMend("it is in a database, and none was named: name it by --database")
    return _Prepared(bench.journal.keep(bench.database.original(step)), None, None, "")


def _next_content(step: Repair, before: bytes, bench: Workbench) -> bytes | None:
    """What the file will be. Raises CannotMend where that is not what the plan says."""
    if step.act is Act.QUARANTINE:
        if is_config(step.path) and has_password(before):
            raise CannotMend("the site's database password stands in it: it is never set aside")
        return None
    if step.act is Act.RESTORE:
        after = bench.known.content(step.path) if bench.known else None
        if after is None:
            raise CannotMend("the released file is not at hand: name the release with --known")
    else:
        try:
            after = without(before, step.spans)
        except ValueError:
            raise CannotMend("the plan cuts bytes that the file does not have") from None
    if sha256(after).hexdigest() != step.after:
        raise CannotMend("the result would be another than the plan says: left alone")
    return after


def _intend(step: Repair, prepared: _Prepared, number: int, bench: Workbench) -> int:
    bench.record(
        What.INTENT,
        step=number,
        repair=repair_data(step),
        kept=prepared.kept,
        original=original_data(prepared.original) if prepared.original else None,
        draft=prepared.draft,
    )
    return number + 1


def _do(step: Repair, prepared: _Prepared, number: int, bench: Workbench) -> Outcome:
    try:
        text = _change(step, prepared, bench)
    except CannotMend as error:
        return _noted(step, What.FAILED, number, Fate.REFUSED, str(error), bench)
    return _noted(step, What.DONE, number, Fate.DONE, text, bench)


def _noted(
    step: Repair, what: What, number: int, fate: Fate, text: str, bench: Workbench
) -> Outcome:
    try:
        bench.record(what, step=number, text=text)
    except WrongUse as error:
        text = f"{text}; {error} (the next run will find out how far this came)".lstrip("; ")
    return Outcome(step, fate, text)


def _change(step: Repair, prepared: _Prepared, bench: Workbench) -> str:
    """The change itself; what a person should know of it."""
    original = prepared.original
    if original is None:
        if bench.database is not None:
            bench.database.mend(step)
        return ""
    told = []
    if prepared.content is None:
        bench.mender.remove(step.path, original)
    else:
        # a mended file is younger than the planted one, whatever the latter's times say
        told.append(
            bench.mender.replace(step.path, original, original, prepared.content, prepared.draft)
        )
    if original.links > 1:
        told.append(
            f"the same file has {original.links - 1} more name(s) elsewhere, unmended: find them "
            f"with `find / -xdev -inum {original.inode}`"
        )
    return "; ".join(filter(None, told))

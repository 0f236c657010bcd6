"""A repair, undone; and what was interrupted, found out. Both are journaled, and repeatable."""

from collections.abc import Iterator

from unhijack.core.errors import WrongUse
from unhijack.core.repair import IN_DATABASE, Repair
from unhijack.ports import CannotMend, Original
from unhijack.remediate.apply import Fate, Outcome, Workbench
from unhijack.remediate.ledger import State, Step, What, steps_of


def resume(bench: Workbench) -> Iterator[Outcome]:
    """Find out how far the steps came that were interrupted: old or new, the file says it."""
    for step in steps_of(bench.journal.records()):
        if step.state not in (State.OPEN, State.UNDOING):
            continue
        try:
            yield _found_out(step, bench)
        except CannotMend as error:
            yield Outcome(step.repair, Fate.REFUSED, f"interrupted, and still unknown: {error}")


def _found_out(step: Step, bench: Workbench) -> Outcome:
    now = _now(step, bench)
    if step.draft and step.repair.act not in IN_DATABASE:
        bench.mender.discard(step.repair.path, step.draft)
    if step.state is State.UNDOING:
        back = now == step.repair.sha256
        bench.record(What.UNDO_DONE if back else What.UNDO_FAILED, step=step.number, text=_RESUMED)
        text = "undone before the interruption" if back else "not undone yet: undo it again"
        return Outcome(step.repair, Fate.DONE if back else Fate.REFUSED, text)
    if now == step.repair.sha256:
        bench.record(What.FAILED, step=step.number, text=_RESUMED)
        return Outcome(step.repair, Fate.REFUSED, "interrupted before anything was changed")
    # what is neither old nor new was changed by somebody after us: undoing will say so
    bench.record(What.DONE, step=step.number, text=_RESUMED)
    if _as_meant(step.repair, now):
        return Outcome(step.repair, Fate.DONE, "done before the interruption")
    return Outcome(step.repair, Fate.UNKNOWN, "interrupted, then changed by somebody: look at it")


_NO_DATABASE = "it is in a database, and none was named: name it by --database"
_RESUMED = "found out after an interruption"


def _as_meant(repair: Repair, now: str) -> bool:
    return now == repair.after


def _now(step: Step, bench: Workbench) -> str:
    """SHA-256 of what is there now; empty for nothing."""
    if step.original is None:
        if bench.database is None:
            raise CannotMend(_NO_DATABASE)
        return bench.database.digest(step.repair, bench.journal.kept(step.kept))
    looked = bench.mender.look(step.repair.path)
    return looked[0].sha256 if looked else ""


def undo(bench: Workbench, *, even_changed: bool = False) -> Iterator[Outcome]:
    """Put back every step that was done, the last first. What somebody changed after our repair is
    left alone, unless `even_changed`: then what they made of it is kept in the journal too.

    Call `resume` before. Where the journal can no longer be written, nothing more is done.
    """
    done = [step for step in steps_of(bench.journal.records()) if step.state is State.DONE]
    for step in reversed(done):
        try:
            yield _undo(step, bench, even_changed=even_changed)
        except CannotMend as error:
            yield Outcome(step.repair, Fate.REFUSED, str(error))
        except WrongUse as error:
            yield Outcome(step.repair, Fate.REFUSED, str(error))
            if not _writable(bench):
                return


def _writable(bench: Workbench) -> bool:
    """Whether the journal takes records: an original may be damaged, and the rest goes on."""
    try:
        bench.record(What.END)
    except WrongUse:
        return False
    return True


def _undo(step: Step, bench: Workbench, *, even_changed: bool) -> Outcome:
    repair = step.repair
    if step.original is None:  # a database refuses by itself what somebody changed
        return _undo_row(step, bench)
    now = _now(step, bench)
    if now == repair.sha256 and now != repair.after:
        _begin(step, "", bench)
        bench.record(What.UNDO_DONE, step=step.number, text="it was as before already")
        return Outcome(repair, Fate.DONE, "it was as before already")
    if not _as_meant(repair, now) and not even_changed:
        raise CannotMend(
            "somebody changed it after the repair: left alone (--even-changed undoes it)"
        )
    return _undo_file(step, step.original, bench.journal.kept(step.kept), bench)


def _undo_row(step: Step, bench: Workbench) -> Outcome:
    if bench.database is None:
        raise CannotMend(_NO_DATABASE)
    kept = bench.journal.kept(step.kept)
    _begin(step, "", bench)
    try:
        bench.database.put_back(step.repair, kept)
    except CannotMend as error:
        return _failed(step, error, bench)
    bench.record(What.UNDO_DONE, step=step.number)
    return Outcome(step.repair, Fate.DONE)


def _undo_file(step: Step, original: Original, kept: bytes, bench: Workbench) -> Outcome:
    path = step.repair.path
    looked = bench.mender.look(path)
    if looked is not None:
        bench.journal.keep(looked[1])
    draft = bench.mender.draft_for(path)
    _begin(step, draft, bench)
    try:
        told = bench.mender.replace(path, looked[0] if looked else None, original, kept, draft)
    except CannotMend as error:
        return _failed(step, error, bench)
    if original.links > 1:
        told = "; ".join(
            filter(None, (told, "it was one file under several names, and is its own now"))
        )
    bench.record(What.UNDO_DONE, step=step.number, text=told)
    return Outcome(step.repair, Fate.DONE, told)


def _begin(step: Step, draft: str, bench: Workbench) -> None:
    bench.record(What.UNDO_INTENT, step=step.number, draft=draft)


def _failed(step: Step, error: CannotMend, bench: Workbench) -> Outcome:
    bench.record(What.UNDO_FAILED, step=step.number, text=str(error))
    return Outcome(step.repair, Fate.REFUSED, str(error))

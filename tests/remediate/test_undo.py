"""What was interrupted is found out; what cannot be put back as it was is said."""

import os
from pathlib import Path

import pytest

from tests.support.repairs import Site
from unhijack.adapters.tree.journal import FolderJournal
from unhijack.core.data import Data
from unhijack.core.errors import WrongUse
from unhijack.remediate.apply import Fate, Outcome
from unhijack.remediate.ledger import State, What, root_of, steps_of
from unhijack.remediate.undo import resume, undo

BLOCK = b"<?php /* planted */ ?>"
PAGE = b"<?php echo 'bread';\n"


def repaired(site: Site) -> tuple[FolderJournal, Path]:
    site.write("d/a.php", BLOCK + PAGE)
    _, folder = site.repair(site.plan(site.found("d/a.php", (0, len(BLOCK)))))
    return FolderJournal(folder), folder


def interrupted(site: Site, until: What, *, undone: bool = False) -> FolderJournal:
    """A journal that ends with a record, as after ``kill -9``."""
    journal, folder = repaired(site)
    if undone:
        list(undo(site.bench(journal)))
    records = list(journal.records())
    journal.close()
    last = max(at for at, one in enumerate(records) if one["what"] == until)
    (folder / "journal.jsonl").write_bytes(b"")
    journal = FolderJournal(folder)
    for record in records[: last + 1]:
        journal.write(bare(record))
    return journal


def bare(record: Data) -> Data:
    return {key: value for key, value in record.items() if key not in ("number", "previous")}


def found_out(site: Site, journal: FolderJournal) -> tuple[Outcome, State]:
    (outcome,) = resume(site.bench(journal))
    (step,) = steps_of(journal.records())
    assert list(resume(site.bench(journal))) in ([], [outcome])
    return outcome, step.state


def test_a_step_that_was_done(site: Site):
    outcome, state = found_out(site, interrupted(site, What.INTENT))
    assert (outcome.fate, state) == (Fate.DONE, State.DONE)


def test_a_step_that_was_not_done(site: Site):
    journal = interrupted(site, What.INTENT)
    site.write("d/a.php", BLOCK + PAGE)
    outcome, state = found_out(site, journal)
    assert (outcome.fate, state) == (Fate.REFUSED, State.FAILED)


def test_a_file_that_somebody_changed_meanwhile_is_told(site: Site):
    journal = interrupted(site, What.INTENT)
    site.write("d/a.php", b"<?php // mine")
    outcome, state = found_out(site, journal)
    assert (outcome.fate, state) == (Fate.UNKNOWN, State.DONE)
    (refused,) = undo(site.bench(journal))
    assert "--even-changed" in refused.text


def test_an_undoing_that_was_done_or_not(site: Site):
    journal = interrupted(site, What.UNDO_INTENT, undone=True)
    outcome, state = found_out(site, journal)
    assert (outcome.fate, state) == (Fate.DONE, State.UNDONE)


def test_an_undoing_that_was_not_done_is_done_again(site: Site):
    journal = interrupted(site, What.UNDO_INTENT, undone=True)
    site.write("d/a.php", PAGE)
    outcome, state = found_out(site, journal)
    assert (outcome.fate, state) == (Fate.REFUSED, State.DONE)
    assert [one.fate for one in undo(site.bench(journal))] == [Fate.DONE]


def test_what_cannot_be_found_out_stays_open(site: Site):
    journal = interrupted(site, What.INTENT)
    (site.root / "d").rename(site.root / "aside")
    (site.root / "d").symlink_to(site.root / "aside")
    (outcome,) = resume(site.bench(journal))
    assert (outcome.fate, "still unknown" in outcome.text) == (Fate.REFUSED, True)
    assert steps_of(journal.records())[0].state is State.OPEN


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_owner_who_cannot_be_given_back_is_told(site: Site):
    site.write("d/p.php", BLOCK)
    os.chown(site.root / "d/p.php", 12345, 23456)
    _, folder = site.repair(site.plan(site.found("d/p.php")))
    (site.root / "d").chmod(0o777)

    def humbled(what: str) -> None:
        os.seteuid(54321 if what in ("create", "write", "sync", "rename") else 0)

    journal = FolderJournal(folder)
    try:
        (outcome,) = undo(site.bench(journal, humbled))
    finally:
        os.seteuid(0)
    assert outcome.fate is Fate.DONE
    assert "its owner (12345:23456) could not be given back" in outcome.text
    assert site.read("d/p.php") == BLOCK


def test_an_undoing_that_fails_is_on_record_and_can_be_repeated(site: Site):
    journal, _ = repaired(site)

    def full(what: str) -> None:
        if what == "write":
            raise OSError(28, "No space left on device")

    (outcome,) = undo(site.bench(journal, full))
    assert (outcome.fate, "the disk is full" in outcome.text) == (Fate.REFUSED, True)
    assert journal.records()[-1]["what"] == What.UNDO_FAILED
    assert [one.fate for one in undo(site.bench(journal))] == [Fate.DONE]
    assert site.read("d/a.php") == BLOCK + PAGE


def test_an_undoing_that_cannot_be_journaled_changes_nothing(site: Site):
    journal, _ = repaired(site)

    def full(what: str) -> None:
        if what == "sync-record":
            raise OSError(28, "No space left on device")

    journal._before = full
    before = journal.records()
    (outcome,) = undo(site.bench(journal))
    assert (outcome.fate, "No space left" in outcome.text) == (Fate.REFUSED, True)
    assert site.read("d/a.php") == PAGE
    journal.close()
    assert len(FolderJournal(Path(journal.name)).records()) == len(before)


@pytest.mark.parametrize(
    "records",
    [
        [{"what": "done", "step": 0}],
        [{"what": "dance"}],
        [{"what": "intent", "step": 1, "repair": {}}],
        [{"what": "intent", "step": 0, "repair": {"act": "cut"}}],
        [{"what": "done"}],
    ],
)
def test_records_that_cannot_be(records: list[Data]):
    with pytest.raises(WrongUse):
        steps_of(records)


def test_a_journal_without_a_beginning():
    with pytest.raises(WrongUse, match="no beginning"):
        root_of([{"what": "end"}])

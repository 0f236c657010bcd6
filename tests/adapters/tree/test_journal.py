"""A journal: records chained, originals by their digest, and nobody can change it unseen."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.repairs import AT
from unhijack.adapters.tree.journal import RECORDS, FolderJournal, journals, new_journal
from unhijack.core.errors import WrongUse
from unhijack.remediate.ledger import steps_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    journal = new_journal(tmp_path / "j", AT)
    for number in range(4):
        journal.write({"what": "begin", "n": number, "text": "a\nb \udcff"})
    journal.close()
    return Path(journal.name)


def numbers(folder: Path) -> list[object]:
    journal = FolderJournal(folder)
    try:
        return [record["n"] for record in journal.records()]
    finally:
        journal.close()


def test_what_was_written_is_read_back(folder: Path):
    assert numbers(folder) == [0, 1, 2, 3]
    assert journals(folder.parent) == [folder]


def test_a_record_that_was_cut_off_never_came_to_be(folder: Path):
    path = folder / RECORDS
    whole = path.read_bytes()
    last = whole[:-1].rfind(b"\n") + 1
    for end in (last, last + 1, len(whole) - 1):
        path.write_bytes(whole[:end])
        assert numbers(folder) == [0, 1, 2]
        journal = FolderJournal(folder)
        journal.write({"what": "end", "n": 9})
        journal.close()
        assert numbers(folder) == [0, 1, 2, 9]


@pytest.mark.parametrize("line", range(4))
def test_a_changed_line_is_seen(folder: Path, line: int):
    path = folder / RECORDS
    lines = path.read_bytes().splitlines(keepends=True)
    record = json.loads(lines[line])
    record["n"] = 77
    lines[line] = json.dumps(record, separators=(",", ":"), sort_keys=True).encode() + b"\n"
    path.write_bytes(b"".join(lines))
    if line == 3:  # the last line has no successor that vouches for it
        assert numbers(folder) == [0, 1, 2, 77]
        return
    with pytest.raises(WrongUse, match=f"is damaged at line {line + 2}"):
        FolderJournal(folder)


def test_a_line_that_was_taken_out_is_seen(folder: Path):
    path = folder / RECORDS
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:1] + lines[2:]))
    with pytest.raises(WrongUse, match="is damaged at line 2"):
        FolderJournal(folder)


def test_one_process_works_with_a_journal(folder: Path):
    first = FolderJournal(folder)
    with pytest.raises(WrongUse, match="another process"):
        FolderJournal(folder)
    first.close()


def test_originals_are_kept_by_their_digest_and_checked(folder: Path):
    journal = FolderJournal(folder)
    digest = journal.keep(b"bread")
    assert journal.keep(b"bread") == digest
    assert journal.kept(digest) == b"bread"
    (folder / "originals" / digest).write_bytes(b"cake")
    with pytest.raises(WrongUse, match="is damaged"):
        journal.kept(digest)
    for name in ("../journal.jsonl", "0" * 64):
        with pytest.raises(WrongUse):
            journal.kept(name)
    journal.close()


def test_no_journal_is_one_line(tmp_path: Path):
    with pytest.raises(WrongUse, match="No such file"):
        FolderJournal(tmp_path / "none")


@given(st.binary(max_size=400))
def test_any_bytes_are_no_journal_or_one(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    folder = tmp_path_factory.mktemp("j")
    (folder / RECORDS).write_bytes(content)
    try:
        journal = FolderJournal(folder)
    except WrongUse:
        return
    assert journal.records() == ()
    journal.close()


values = st.recursive(
    st.none() | st.integers(-5, 5) | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)
)
records = st.dictionaries(
    st.sampled_from(["what", "step", "repair", "original", "kept", "draft", "text"]),
    values
    | st.sampled_from(["intent", "done", "failed", "undo-intent", "undo-done", "begin"])
    | st.dictionaries(st.sampled_from(["act", "path", "sha256", "spans", "why"]), values),
)


@given(st.lists(records, max_size=4))
def test_any_records_are_steps_or_refused(found: list[dict[str, object]]):
    with suppress(WrongUse):
        steps_of(found)  # type: ignore[arg-type]  # hostile on purpose

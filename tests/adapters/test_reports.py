"""The folder of reports: one run at a time, and a record that outlives it."""

import stat
from pathlib import Path

import pytest

from unhijack.core.errors import WrongUse
from unhijack.wiring.scans import make_reports


def test_it_is_its_owners_alone(tmp_path: Path):
    make_reports(tmp_path / "reports").close()
    assert stat.S_IMODE((tmp_path / "reports").stat().st_mode) == 0o700


def test_two_runs_do_not_write_to_one_folder(tmp_path: Path):
    first = make_reports(tmp_path)
    with pytest.raises(WrongUse, match="another scan"):
        make_reports(tmp_path)
    first.close()
    make_reports(tmp_path).close()


def test_the_record_is_gone_on_with_behind_its_last_whole_line(tmp_path: Path):
    reports = make_reports(tmp_path)
    reports.begin(keep=False)
    reports.record({"customer": "c1\n"})
    reports.close()
    with (tmp_path / "state.jsonl").open("ab") as file:
        file.write(b'{"customer": "c2')  # killed in the middle of the line

    again = make_reports(tmp_path)
    again.begin(keep=True)
    again.record({"customer": "c3"})

    assert again.records() == [{"customer": "c1\n"}, {"customer": "c3"}]
    again.begin(keep=False)
    assert again.records() == []
    again.close()


@pytest.mark.parametrize("junk", [b"\0\xff\n", b"[]\n", b"7\n", b'{"a": 1}'])
def test_a_damaged_record_is_none(tmp_path: Path, junk: bytes):
    (tmp_path / "state.jsonl").write_bytes(junk)
    reports = make_reports(tmp_path)
    assert reports.records() == []
    reports.close()


def test_a_file_is_written_read_and_taken_away(tmp_path: Path):
    reports = make_reports(tmp_path)
    assert reports.read("c1.json") is None
    reports.write("c1.json", b"1")
    assert reports.read("c1.json") == b"1"
    reports.remove("c1.json")
    reports.remove("c1.json")
    assert reports.read("c1.json") is None
    reports.close()


def test_a_folder_that_cannot_be_is_said_in_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongUse, match="cannot be written"):
        make_reports(tmp_path / "file" / "reports")

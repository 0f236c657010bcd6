"""Logs in a folder: rotated, packed, broken, and far too large."""

import bz2
import gzip
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.adapters.logs import LONGEST, LogFolder, _lines


def test_a_series_is_read_from_its_oldest_file_on(tmp_path: Path):
    for name in ("access.log", "access.log.1", "access.log.10.gz", "access.log.2.gz", "notes.txt"):
        (tmp_path / name).write_bytes(b"x\n")
    for name in ("error.log-20260102", "error.log", "error.log-20260101.gz", "logo.php"):
        (tmp_path / name).write_bytes(b"x\n")
    assert [Path(name).name for name in LogFolder([tmp_path]).names()] == [
        *("access.log.10.gz", "access.log.2.gz", "access.log.1", "access.log"),
        *("error.log-20260101.gz", "error.log-20260102", "error.log"),
    ]


def test_packed_files_are_known_by_what_they_begin_with(tmp_path: Path):
    text = b"one\ntwo\n" * 100_000
    packed = {
        "access.1": gzip.compress(text) + gzip.compress(b"three\n"),
        "access.2": bz2.compress(text) + bz2.compress(b"three\n"),
        "access.3": lzma.compress(text) + lzma.compress(b"three\n"),
        "access.4": text + b"three",
    }
    for name, content in packed.items():
        (tmp_path / name).write_bytes(content)
        logs = LogFolder([tmp_path / name])
        lines = list(logs.lines(str(tmp_path / name)))
        assert (len(lines), lines[0], lines[-1]) == (200_001, b"one", b"three")
        assert logs.unread() == []


@pytest.mark.parametrize(
    "content",
    [gzip.compress(b"one\ntwo\n" * 1000)[:-20], gzip.compress(b"one\n")[:12] + b"\xff" * 90],
    ids=["cut", "spoilt"],
)
def test_a_broken_file_ends_early_and_is_said(tmp_path: Path, content: bytes):
    path = tmp_path / "access.log.1.gz"
    path.write_bytes(content)
    logs = LogFolder([path])
    assert all(line in (b"one", b"two", b"o", b"on", b"t", b"tw") for line in logs.lines(str(path)))
    assert [one.reason for one in logs.unread()] == ["it is broken, or ends early"]


def test_a_bomb_is_left_at_its_bound(tmp_path: Path):
    path = tmp_path / "access.log.gz"
    path.write_bytes(gzip.compress(b"0" * 30_000_000))
    logs = LogFolder([path], most_bytes=1_000_000)
    assert [len(line) for line in logs.lines(str(path))] == []
    assert "only its first" in logs.unread()[0].reason


def test_a_folder_that_is_not_there_is_said(tmp_path: Path):
    assert [one.reason for one in LogFolder([tmp_path / "no"]).unread()] == ["there is no log"]


@given(st.lists(st.binary(max_size=20), max_size=9))
def test_lines_do_not_depend_on_how_they_arrive(pieces: list[bytes]):
    whole = b"".join(pieces)
    expected = whole.removesuffix(b"\n").split(b"\n") if whole else []
    assert list(_lines(pieces)) == expected


def test_a_line_without_an_end_takes_no_more_than_its_bound():
    (line,) = _lines(b"x" * 50_000 for _ in range(50))
    assert len(line) == LONGEST

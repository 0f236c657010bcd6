"""SQLite: read without a trace, mended value by value."""

import sqlite3
from pathlib import Path

import pytest

from unhijack.adapters.database.doors import open_database, open_mend
from unhijack.core.errors import WrongUse
from unhijack.core.rows import Routine, RoutineKind, Row
from unhijack.parse.server.sql import read_dump
from unhijack.ports import ValueChange

SCHEMA = """
CREATE TABLE wp_options (option_id INTEGER PRIMARY KEY, option_name TEXT, option_value);
CREATE TABLE "odd ""name" (a, b);
CREATE VIEW v AS SELECT 1;
INSERT INTO wp_options VALUES (1, 'home', 'https://bakery.test'), (2, 'logo', X'00ff'), (3, NULL, 7);
CREATE TRIGGER again AFTER INSERT ON wp_options BEGIN DELETE FROM wp_options WHERE 0; END;
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "a site?.db"
    connection = sqlite3.connect(file)
    connection.executescript(SCHEMA)
    connection.close()
    return file


def url(path: Path) -> str:
    return f"sqlite://{str(path).replace('?', '%3f')}"


def change(value: bytes, old: bytes = b"https://bakery.test") -> ValueChange:
    return ValueChange("wp_options", (("option_id", b"1"),), "option_value", old, value)


def test_tables_rows_and_triggers_are_read_as_they_are_stored(path: Path):
    before = path.read_bytes()
    database = open_database(url(path))
    tables = {table.name: table for table in database.tables()}
    assert set(tables) == {"wp_options", 'odd "name'}
    assert tables["wp_options"].key == ("option_id",)
    assert [row.values for row in database.rows(tables["wp_options"])] == [
        (b"1", b"home", b"https://bakery.test"),
        (b"2", b"logo", b"\x00\xff"),
        (b"3", None, b"7"),
    ]
    (trigger,) = database.routines()
    assert (trigger.kind, trigger.name, trigger.table) == (
        RoutineKind.TRIGGER,
        "again",
        "wp_options",
    )
    database.close()
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_file_with_a_write_ahead_log_is_read_without_a_trace(path: Path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("INSERT INTO wp_options VALUES (5, 'new', 'row')")
    connection.commit()
    busy = open_database(url(path))
    assert sum(1 for _ in busy.rows(busy.tables()[1])) == 4  # what is in the log counts
    busy.close()
    connection.close()
    quiet = open_database(url(path))
    assert sum(1 for _ in quiet.rows(quiet.tables()[1])) == 4
    quiet.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_dump_of_the_file_says_the_same_as_the_file(path: Path):
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO wp_options VALUES (4, 'a''b\\', 'two\nlines; -- \r\n')")
    connection.commit()
    dump = "\n".join(connection.iterdump()).encode()
    database = open_database(url(path))
    live = [row.values for table in database.tables() for row in database.rows(table)]
    read = list(read_dump([dump]))
    assert [one.values for one in read if isinstance(one, Row)] == live
    assert next(one for one in read if isinstance(one, Routine)).name == "again"


def test_a_value_is_changed_and_changed_back(path: Path):
    mend = open_mend(url(path))
    undo = mend.replace(change(b"https://new.test"))
    with pytest.raises(WrongUse, match="not what it was"):
        mend.replace(change(b"https://other.test"))
    mend.replace(undo)
    mend.replace(ValueChange("wp_options", (("option_id", b"2"),), "option_value", b"\0\xff", b"x"))
    mend.close()
    found = sqlite3.connect(path).execute("SELECT option_value FROM wp_options").fetchall()
    assert found == [("https://bakery.test",), (b"x",), (7,)]


def test_a_change_that_would_meet_two_rows_changes_none(path: Path):
    mend = open_mend(url(path))
    sqlite3.connect(path).executescript('INSERT INTO "odd ""name" VALUES (1, 2), (1, 2)')
    with pytest.raises(WrongUse, match="more than one"):
        mend.replace(ValueChange('odd "name', (("a", b"1"),), "b", b"2", b"3"))
    with pytest.raises(WrongUse, match="no key"):
        mend.replace(ValueChange('odd "name', (), "b", b"2", b"3"))
    rows = sqlite3.connect(path).execute('SELECT b FROM "odd ""name"').fetchall()
    assert rows == [(2,), (2,)]


def test_a_trigger_is_saved_dropped_and_brought_back(path: Path):
    database, mend = open_database(url(path)), open_mend(url(path))
    (trigger,) = database.routines()
    saved = mend.saved(trigger)
    dropped = mend.drop(saved)
    assert database.routines() == []
    with pytest.raises(WrongUse, match="no trigger"):
        mend.drop(saved)
    mend.create(dropped)
    assert database.routines() == [trigger]


def test_no_file_and_no_database_are_said_in_one_line(tmp_path: Path):
    (tmp_path / "text").write_bytes(b"hello" * 300)
    for name in ("missing", "text"):
        with pytest.raises(WrongUse, match=r"^(there is no database file|the database cannot be)"):
            open_database(f"sqlite://{tmp_path}/{name}")

"""A real MariaDB: read in sessions that cannot write, mended value by value."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pymysql  # type: ignore[import-untyped]  # ships no types
import pytest

from tests.support.mariadb import MariaDb, mariadb
from unhijack.adapters.database.doors import open_database, open_mend
from unhijack.adapters.database.mysql import MysqlDatabase
from unhijack.core.errors import WrongUse
from unhijack.core.rows import Routine, RoutineKind, Row
from unhijack.parse.server.sql import read_dump
from unhijack.ports import ValueChange

DUMP = "/usr/bin/mariadb-dump"
PASSWORD = "kept-secret"
STATEMENTS = (
    "CREATE DATABASE site CHARACTER SET utf8mb4",
    f"CREATE USER anna IDENTIFIED BY '{PASSWORD}'",
    "GRANT ALL ON site.* TO anna",
    "USE site",
    "CREATE TABLE wp_options (option_id INT PRIMARY KEY, option_name VARCHAR(50), option_value LONGTEXT)",
    "CREATE TABLE old (a VARCHAR(9) CHARACTER SET latin1 PRIMARY KEY, b BLOB, c DATETIME, d DECIMAL(5,2))",
    "INSERT INTO wp_options VALUES (1, 'home', 'https://bäckerei.test'), (2, NULL, '')",
    "INSERT INTO old VALUES (X'e4', X'00ff27', '2026-01-02 03:04:05', 1.50)",
    "CREATE VIEW v AS SELECT 1",
    "CREATE TRIGGER again AFTER INSERT ON wp_options FOR EACH ROW"
    " BEGIN DELETE FROM old WHERE a = 'ä'; END",
    "CREATE DEFINER = anna PROCEDURE p() SELECT 1",
    "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
)


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDb]:
    with mariadb() as running:
        yield running


@pytest.fixture
def url(server: MariaDb) -> str:
    server.run("DROP DATABASE IF EXISTS site", "DROP USER IF EXISTS anna", *STATEMENTS)
    return f"mysql://anna@127.0.0.1:{server.port}/site"


def test_rows_come_as_the_bytes_that_are_stored(url: str):
    database = open_database(url, PASSWORD)
    tables = {table.name: table for table in database.tables()}
    assert set(tables) == {"wp_options", "old"}
    assert tables["old"].key == ("a",)
    assert [row.values for row in database.rows(tables["wp_options"])] == [
        (b"1", b"home", "https://bäckerei.test".encode()),
        (b"2", None, b""),
    ]
    assert [row.values for row in database.rows(tables["old"])] == [
        (b"\xe4", b"\x00\xff'", b"2026-01-02 03:04:05", b"1.50")
    ]
    database.close()


def test_triggers_procedures_and_events_come_whole(url: str):
    found = {one.name: one for one in open_database(url, PASSWORD).routines()}
    assert {name: one.kind for name, one in found.items()} == {
        "again": RoutineKind.TRIGGER,
        "p": RoutineKind.PROCEDURE,
        "e": RoutineKind.EVENT,
    }
    assert found["again"].table == "wp_options"
    assert all(one.text.startswith(b"CREATE") for one in found.values())


def test_a_program_that_this_user_may_not_see_is_said_to_be_unread(server: MariaDb, url: str):
    server.run("CREATE PROCEDURE hidden() SELECT 1", database="site")
    found = {one.name: one for one in open_database(url, PASSWORD).routines()}
    assert (found["hidden"].cut, found["hidden"].text) == (True, b"")
    with pytest.raises(WrongUse, match="may not see procedure hidden"):
        open_mend(url, PASSWORD).saved(found["hidden"])


@pytest.mark.parametrize(
    "options",
    [(), ("--hex-blob",), ("--complete-insert", "--skip-extended-insert"), ("--compact",)],
)
def test_a_dump_of_the_server_says_the_same_as_the_server(
    server: MariaDb, url: str, options: tuple[str, ...]
):
    if not Path(DUMP).exists():
        pytest.skip(f"{DUMP} is missing: `make system` installs mariadb-client")
    server.run(
        "ALTER TABLE old MODIFY a VARBINARY(9)",  # a dump is UTF-8; so that bytes stay bytes
        "INSERT INTO wp_options VALUES (3, 'odd', 'it''s \\\\ \\n; -- no /* remark')",
        database="site",
    )
    words = [DUMP, "--no-defaults", f"--socket={server.socket}", "--user=root", *options]
    words += ["--triggers", "--routines", "--events", "--default-character-set=utf8mb4", "site"]
    dump = subprocess.run(words, capture_output=True, check=True).stdout
    database = open_database(f"mysql://root@/site?socket={server.socket}")
    live = [row for table in database.tables() for row in database.rows(table)]
    read = list(read_dump([dump]))
    rows = [one for one in read if isinstance(one, Row)]
    assert sorted(map(_facts, rows)) == sorted(map(_facts, live))
    found = {(one.kind, one.name, one.table) for one in read if isinstance(one, Routine)}
    assert found == {(one.kind, one.name, one.table) for one in database.routines()}


def _facts(row: Row) -> tuple[str, str, str]:
    return row.table.name, repr(row.table.columns), repr(row.values)


def test_the_server_refuses_a_write_in_a_session_that_reads(url: str):
    database = open_database(url, PASSWORD)
    assert isinstance(database, MysqlDatabase)
    with pytest.raises(pymysql.err.Error, match="READ ONLY"):
        database._connection.cursor().execute("DELETE FROM wp_options")


def test_who_stops_reading_early_leaves_nothing_open(server: MariaDb, url: str):
    server.run("INSERT INTO old SELECT seq, 'x', NULL, 1 FROM seq_1_to_5000", database="site")
    database = open_database(url, PASSWORD)
    table = next(one for one in database.tables() if one.name == "old")
    rows = database.rows(table)
    next(rows)
    rows.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(list(database.rows(table))) == 5001


def test_a_value_is_changed_and_changed_back_byte_for_byte(server: MariaDb, url: str):
    mend = open_mend(url, PASSWORD)
    old = "https://bäckerei.test".encode()
    key = (("option_id", b"1"),)
    undo = mend.replace(ValueChange("wp_options", key, "option_value", old, b"new"))
    with pytest.raises(WrongUse, match="not what it was"):
        mend.replace(ValueChange("wp_options", key, "option_value", old, b"other"))
    assert mend.replace(undo).new == b"new"
    latin = ValueChange("old", (("a", b"\xe4"),), "a", b"\xe4", b"\xf6")
    mend.replace(latin)
    shown = server.run(
        "SELECT HEX(option_value), (SELECT HEX(a) FROM old) FROM wp_options", database="site"
    )
    assert shown[0] == (old.hex().upper(), "F6")


def test_a_program_is_saved_dropped_and_brought_back_as_it_was(server: MariaDb, url: str):
    root = f"mysql://root@/site?socket={server.socket}"
    database, mend = open_database(root), open_mend(root)
    before = database.routines()
    dropped = [mend.drop(mend.saved(one)) for one in before]
    assert database.routines() == []
    for one in dropped:
        mend.create(one)
    assert sorted(one.text for one in database.routines()) == sorted(one.text for one in before)
    assert [mend.saved(one) for one in before] == dropped


def test_what_goes_wrong_is_one_line_without_the_password(server: MariaDb, url: str):
    wrong = [
        (url, "not-the-password"),
        (f"mysql://anna@127.0.0.1:{server.port}/other", PASSWORD),
        (f"mysql://anna@/site?socket={server.folder}/none", PASSWORD),
    ]
    for address, password in wrong:
        with pytest.raises(WrongUse, match="the database cannot be opened: ") as refused:
            open_database(address, password)
        assert "password" not in str(refused.value).replace("(using password: YES)", "")
        assert "\n" not in str(refused.value)

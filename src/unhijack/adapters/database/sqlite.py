"""SQLite files, by the standard library."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from unhijack.adapters.database.address import SqliteAddress
from unhijack.core.errors import WrongUse
from unhijack.core.rows import Routine, RoutineKind, Row, Table, Value
from unhijack.core.text import printable
from unhijack.ports import Dropped, ValueChange

MOST_VALUE = 16 * 1024 * 1024
BATCH = 200
"""Rows in memory at a time."""
BUSY_SECONDS = 10.0


class SqliteDatabase:
    """Read-only: the file is opened so that it cannot be written."""

    def __init__(self, address: SqliteAddress) -> None:
        self._connection = _connect(address, "ro")

    def tables(self) -> Sequence[Table]:
        """Real tables alone: a virtual table or a view runs code of the file's choosing."""
        with _explained("read"):
            names = self._connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
                " AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
            ).fetchall()
            return [self._table(_text(name)) for (name,) in names]

    def _table(self, name: str) -> Table:
        columns = self._connection.execute(
            "SELECT name, pk FROM pragma_table_info(CAST(? AS TEXT)) ORDER BY cid", (_bytes(name),)
        ).fetchall()
        keys = sorted((key, _text(column)) for column, key in columns if key)
        return Table(
            name, tuple(_text(column) for column, _ in columns), tuple(key for _, key in keys)
        )

    def rows(self, table: Table) -> Iterator[Row]:
        """In the file's own order."""
        names = ", ".join(_quoted(name) for name in table.columns)
        with _explained("read"):
            cursor = self._connection.execute(
                f"SELECT {names} FROM {_quoted(table.name)}"  # noqa: S608 (names are quoted)
            )
            while batch := cursor.fetchmany(BATCH):
                for values in batch:
                    yield _row(table, values)

    def routines(self) -> Sequence[Routine]:
        """Triggers: SQLite has nothing else."""
        with _explained("read"):
            found = self._connection.execute(
                "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
            ).fetchall()
        return [
            Routine(RoutineKind.TRIGGER, _text(name), sql or b"", _text(table))
            for name, table, sql in found
        ]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class SqliteMend:
    """Changes one value or trigger at a time."""

    def __init__(self, address: SqliteAddress) -> None:
        self._connection = _connect(address, "rw")
        self._connection.isolation_level = None

    def replace(self, change: ValueChange) -> ValueChange:
        """Text stays text, and bytes stay bytes."""
        if not change.key:
            raise WrongUse(f"a row of {printable(change.table)} has no key to be found by")
        column = _quoted(change.column)
        where = " AND ".join(f"CAST({_quoted(name)} AS BLOB) IS ?" for name, _ in change.key)
        with _explained("changed"), self._transaction():
            done = self._connection.execute(
                f"UPDATE {_quoted(change.table)} SET {column} = CASE typeof({column})"  # noqa: S608
                f" WHEN 'blob' THEN ? ELSE CAST(? AS TEXT) END"
                f" WHERE {where} AND CAST({column} AS BLOB) = ?",
                (change.new, change.new, *(value for _, value in change.key), change.old),
            )
            if done.rowcount != 1:
                raise WrongUse(_not_as_seen(change))
        return ValueChange(change.table, change.key, change.column, change.new, change.old)

    def saved(self, routine: Routine) -> Dropped:
        """The statement as the file keeps it."""
        with _explained("read"):
            found = self._connection.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = CAST(? AS TEXT)",
                (_bytes(routine.name),),
            ).fetchone()
        if found is None or not found[0]:
            raise WrongUse(f"there is no trigger {printable(routine.name)}")
        return Dropped(RoutineKind.TRIGGER, routine.name, found[0])

    def drop(self, saved: Dropped) -> Dropped:
        """A trigger that changed since is left alone."""
        with _explained("changed"), self._transaction():
            now = self.saved(Routine(saved.kind, saved.name, b""))
            if now.create != saved.create:
                raise WrongUse(f"trigger {printable(saved.name)} changed since it was seen")
            self._connection.execute(f"DROP TRIGGER {_quoted(saved.name)}")
        return saved

    def create(self, dropped: Dropped) -> None:
        """One statement, and no other."""
        with _explained("changed"), self._transaction():
            self._connection.execute(dropped.create.decode("utf-8", "surrogateescape"))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def _not_as_seen(change: ValueChange) -> str:
    return (
        f"{printable(change.table)}.{printable(change.column)} is not what it was when it was"
        " seen, or more than one row fits: nothing was changed"
    )


def _connect(address: SqliteAddress, mode: str) -> sqlite3.Connection:
    path = Path(address.path)
    if not path.is_file():
        raise WrongUse(f"there is no database file {printable(address.path, 300)}")
    with _explained("opened"):
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?{_way(path, mode)}", uri=True, timeout=BUSY_SECONDS
        )
        connection.text_factory = bytes
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 2 * MOST_VALUE)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return connection


def _way(path: Path, mode: str) -> str:
    """A reader of a file with a write-ahead log makes two files beside it, and leaves them there.

    Nobody has it open where there is no such log: then it is read as what does not change.
    """
    with path.open("rb") as file:
        ahead = file.read(20)[18:20] == b"\x02\x02"
    alone = ahead and mode == "ro" and not path.with_name(path.name + "-wal").exists()
    return "mode=ro&immutable=1" if alone else f"mode={mode}"


@contextmanager
def _explained(act: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise WrongUse(f"the database cannot be {act}: {printable(str(error))}") from None


def _row(table: Table, values: Sequence[Any]) -> Row:
    read = [_value(value) for value in values]
    cut = any(value is not None and len(value) > MOST_VALUE for value in read)
    return Row(table, tuple(value and value[:MOST_VALUE] for value in read), cut=cut)


def _value(value: Any) -> Value:
    return value if value is None or isinstance(value, bytes) else str(value).encode("ascii")


def _text(name: bytes | str) -> str:
    return name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

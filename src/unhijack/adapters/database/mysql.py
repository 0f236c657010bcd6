"""MariaDB and MySQL, by PyMySQL. Values come and go as the bytes that are stored."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pymysql  # type: ignore[import-untyped]  # ships no types
from pymysql.cursors import SSCursor  # type: ignore[import-untyped]  # ships no types

from unhijack.adapters.database.address import MysqlAddress
from unhijack.core.errors import WrongUse
from unhijack.core.rows import Routine, RoutineKind, Row, Table, Value
from unhijack.core.text import printable
from unhijack.ports import Dropped, ValueChange

MOST_VALUE = 16 * 1024 * 1024
CONNECT_SECONDS = 10
READ_SECONDS = 120

_TABLES = """
SELECT c.TABLE_NAME, c.COLUMN_NAME, c.COLUMN_KEY = 'PRI'
FROM information_schema.COLUMNS c JOIN information_schema.TABLES t
  ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE'
ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION
"""
_ROUTINES = """
SELECT 'trigger', TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_STATEMENT
FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
UNION ALL SELECT LOWER(ROUTINE_TYPE), ROUTINE_NAME, '', ROUTINE_DEFINITION
FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()
UNION ALL SELECT 'event', EVENT_NAME, '', EVENT_DEFINITION
FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()
"""
_KINDS = {b"trigger", b"procedure", b"function", b"event"}


class MysqlDatabase:
    """Read-only: the server itself refuses a write in these sessions."""

    def __init__(self, address: MysqlAddress) -> None:
        self._address = address
        self._connection = _read_only(address)

    def tables(self) -> Sequence[Table]:
        """Tables of this database; no views."""
        columns: dict[str, list[str]] = {}
        keys: dict[str, list[str]] = {}
        for name, column, key in _all(self._connection, _TABLES):
            columns.setdefault(_text(name), []).append(_text(column))
            if key == b"1":
                keys.setdefault(_text(name), []).append(_text(column))
        return [Table(name, tuple(of), tuple(keys.get(name, ()))) for name, of in columns.items()]

    def rows(self, table: Table) -> Iterator[Row]:
        """One at a time from the server, over a connection of their own."""
        names = ", ".join(_quoted(name) for name in table.columns)
        connection = _read_only(self._address)
        cursor = _Stream(connection)
        try:
            with _explained("read"):
                cursor.execute(f"SELECT {names} FROM {_quoted(table.name)}")  # noqa: S608 (quoted)
                while (values := cursor.fetchone()) is not None:
                    yield _row(table, values)
        finally:
            cursor.abandon()
            connection.close()

    def routines(self) -> Sequence[Routine]:
        """With the whole statement where this user may see it, else the body, else `cut`."""
        found = []
        for kind, name, table, body in _all(self._connection, _ROUTINES):
            if kind in _KINDS:
                routine_kind = RoutineKind(kind.decode("ascii"))
                try:
                    text, _ = _create_statement(self._connection, routine_kind, _text(name))
                except WrongUse:
                    text = b""
                text = text or body or b""
                found.append(Routine(routine_kind, _text(name), text, _text(table), cut=not text))
        return found

    def close(self) -> None:
        """Say goodbye to the server."""
        self._connection.close()


class _Stream(SSCursor):  # type: ignore[misc]  # its base has no types
    """Rows that the server still sends."""

    def abandon(self) -> None:
        """Whoever stops reading early does not wait for the rest of a large table."""
        if self._result is not None:
            self._result.unbuffered_active = False


class MysqlMend:
    """Changes one value or stored program at a time."""

    def __init__(self, address: MysqlAddress) -> None:
        self._connection = _connect(address)

    def replace(self, change: ValueChange) -> ValueChange:
        """Bytes for bytes, whatever the column's character set."""
        if not change.key:
            raise WrongUse(f"a row of {printable(change.table)} has no key to be found by")
        column = _quoted(change.column)
        where = " AND ".join(_equals(name, value) for name, value in change.key)
        with _explained("changed"), self._transaction() as cursor:
            done = cursor.execute(
                f"UPDATE {_quoted(change.table)} SET {column} = {_hex(change.new)}"  # noqa: S608
                f" WHERE {where} AND CAST({column} AS BINARY) = {_hex(change.old)}"
            )
            if done != 1:
                raise WrongUse(
                    f"{printable(change.table)}.{printable(change.column)} is not what it was when"
                    " it was seen, or more than one row fits: nothing was changed"
                )
        return ValueChange(change.table, change.key, change.column, change.new, change.old)

    def saved(self, routine: Routine) -> Dropped:
        """As the server would make it again."""
        text, mode = _create_statement(self._connection, routine.kind, routine.name)
        if not text:
            raise WrongUse(f"this user may not see {routine.kind} {printable(routine.name)}")
        return Dropped(routine.kind, routine.name, text, mode)

    def drop(self, saved: Dropped) -> Dropped:
        """A program that changed since is left alone."""
        now = self.saved(Routine(saved.kind, saved.name, b""))
        if now.create != saved.create:
            raise WrongUse(f"{saved.kind} {printable(saved.name)} changed since it was seen")
        with _explained("changed"):
            self._connection.cursor().execute(f"DROP {saved.kind.upper()} {_quoted(saved.name)}")
        return saved

    def create(self, dropped: Dropped) -> None:
        """Under the mode that it was made in. One of another definer needs SET USER or SUPER."""
        with _explained("changed"):
            cursor = self._connection.cursor()
            cursor.execute("SET @kept = @@sql_mode")
            cursor.execute("SET sql_mode = %s", (dropped.sql_mode,))
            try:
                cursor.execute(dropped.create.decode("utf-8", "surrogateescape"))
            finally:
                cursor.execute("SET sql_mode = @kept")

    def close(self) -> None:
        """Say goodbye to the server."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        self._connection.begin()
        try:
            yield self._connection.cursor()
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()


def _read_only(address: MysqlAddress) -> Any:
    connection = _connect(address)
    with _explained("opened"):
        cursor = connection.cursor()
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.execute("SET character_set_results = binary")  # what is stored, not a translation
    return connection


def _connect(address: MysqlAddress) -> Any:
    with _explained("opened"):
        return pymysql.connect(
            user=address.user,
            password=address.password.encode(),
            host=address.host,
            port=address.port,
            unix_socket=address.socket or None,
            database=address.name,
            charset="utf8mb4",
            use_unicode=False,
            conv={**pymysql.converters.encoders},  # numbers and times stay the text that was sent
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            write_timeout=READ_SECONDS,
            local_infile=False,
        )


@contextmanager
def _explained(act: str) -> Iterator[None]:
    """Errors of the server as one clear line; it never repeats a password."""
    try:
        yield
    except (pymysql.err.Error, OSError, UnicodeError) as error:
        words = error.args[-1] if error.args else error
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        raise WrongUse(f"the database cannot be {act}: {printable(text, 200)}") from None


def _all(connection: Any, statement: str) -> Sequence[Sequence[Any]]:
    with _explained("read"):
        cursor = connection.cursor()
        cursor.execute(statement)
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
        return rows


def _create_statement(connection: Any, kind: RoutineKind, name: str) -> tuple[bytes, str]:
    """CREATE statement and sql_mode; empty where this user may not see them."""
    with _explained("read"):
        cursor = connection.cursor()
        cursor.execute(f"SHOW CREATE {kind.upper()} {_quoted(name)}")
        row = cursor.fetchone()
        titles = [_text(column[0]).lower() for column in cursor.description or ()]
    shown = dict(zip(titles, row or (), strict=False))
    text = shown.get("sql original statement") or shown.get(f"create {kind}") or b""
    return text, _text(shown.get("sql_mode") or b"")


def _row(table: Table, values: Sequence[Value]) -> Row:
    cut = any(value is not None and len(value) > MOST_VALUE for value in values)
    return Row(table, tuple(value and value[:MOST_VALUE] for value in values), cut=cut)


def _equals(name: str, value: Value) -> str:
    if value is None:
        return f"{_quoted(name)} IS NULL"
    same = f"CAST({_quoted(name)} AS BINARY) = {_hex(value)}"
    if value.isdigit() and len(value) < 19:  # a number finds the row by its index
        return f"{_quoted(name)} = {int(value)} AND {same}"
    return same


def _hex(value: bytes) -> str:
    return f"X'{value.hex()}'"


def _text(name: bytes | str) -> str:
    return name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"

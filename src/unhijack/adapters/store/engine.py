"""Opening the database: durable, one writer, at the version that this program knows."""

import contextlib
import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from unhijack.core.errors import WrongUse

BUSY_SECONDS = 20
NAME = "unhijack.sqlite3"


def open_sqlite(folder: Path, migrations: Path) -> sa.Engine:
    """The database in a folder, made or brought up to date. Raises WrongUse."""
    path = folder / NAME
    engine = sa.create_engine(
        f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )
    sa.event.listen(engine, "connect", _durable)
    sa.event.listen(engine, "begin", _begin_immediate)
    with _alone(folder), explained(path):
        _migrate(engine, migrations, path)
    return engine


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One opens at a time: SQLite waits for no one when it turns the log on.

    What cannot be made here is explained when the database is opened.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            lock = stack.enter_context((folder / ".opening").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
            (folder / NAME).touch(mode=0o600)
        yield


def _durable(connection: Any, _record: object) -> None:
    """A commit that returned is on the disk; readers do not block the writer."""
    connection.isolation_level = None  # transactions are ours to begin
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: sa.Connection) -> None:
    """Take the write lock at once, so that a transaction never fails half-way for want of it."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(engine: sa.Engine, migrations: Path, path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
        foreign = not current and sa.inspect(connection).get_table_names()
    if current == (script.get_current_head(),):
        return
    if foreign:
        raise WrongUse(f"database {path}: it is no unhijack database")
    unknown = set(current) - {revision.revision for revision in script.walk_revisions()}
    if unknown:
        raise WrongUse(
            f"{path} was written by a newer unhijack (schema {min(unknown)[:40]!r}): "
            "update the program"
        )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def empty_log(engine: sa.Engine) -> None:
    """Move what was committed into the database itself, so that no older page is left beside it."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy = any(row[0] for row in cursor.fetchall())
        cursor.close()
    finally:
        raw.close()
    if busy:
        raise WrongUse("somebody is reading what was erased just now: do it again in a moment")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Database errors that a person can mend, in one line."""
    try:
        yield
    except OverflowError:
        raise WrongUse("there is no case with so large a number") from None
    except sa.exc.DatabaseError as error:
        cause = error.orig
        if not isinstance(cause, sqlite3.Error):
            raise
        hint = {
            sqlite3.SQLITE_FULL: "the disk is full: free some space and try again",
            sqlite3.SQLITE_IOERR: "it cannot be read or written: look at the disk",
            sqlite3.SQLITE_CANTOPEN: "it cannot be opened: does the folder exist, and may you write?",
            sqlite3.SQLITE_READONLY: "it may not be written",
            sqlite3.SQLITE_BUSY: "another process is writing to it: try again",
            sqlite3.SQLITE_NOTADB: "it is no unhijack database",
            sqlite3.SQLITE_CORRUPT: "it is damaged: restore a backup",
        }.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
        if hint is None:
            raise
        raise WrongUse(f"database {path}: {hint}") from None

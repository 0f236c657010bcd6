"""The embedded database: durable, one writer, one worker, in a folder."""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from unhijack.adapters.store.migrate import migrate
from unhijack.adapters.store.sql import Place
from unhijack.core.errors import WrongUse

BUSY_SECONDS = 20
NAME = "unhijack.sqlite3"


def open_sqlite(folder: Path, migrations: Path) -> Place:
    """The database in a folder, made or brought up to date. Raises WrongUse.

    An older one is copied beside itself before it is changed.
    """
    path = folder / NAME
    engine = sa.create_engine(
        f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )
    sa.event.listen(engine, "connect", _durable)
    sa.event.listen(engine, "begin", _begin_immediate)
    with _alone(folder), explained(path):
        migrate(engine, migrations, str(path), lambda version: _back_up(path, version))
    return Place(
        engine,
        lambda: explained(path),
        lambda: _become_only(folder),
        lambda: empty_log(engine),
    )


def _back_up(path: Path, version: str) -> None:
    """A whole copy, by the database's own means: it may be in use."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    copy = path.with_name(f"{path.name}.{version}-{stamp}.backup")
    copy.touch(mode=0o600)
    with (
        contextlib.closing(sqlite3.connect(path)) as old,
        contextlib.closing(sqlite3.connect(copy)) as new,
    ):
        old.backup(new)


def _become_only(folder: Path) -> Callable[[], None]:
    """Held by an open file: it ends with this process, however that dies."""
    path = folder / "worker.lock"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise WrongUse(f"{path} cannot be opened: {error.strerror}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise WrongUse(f"another worker is at work in {folder}: stop it first") from None
    return lambda: os.close(handle)


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

"""What earlier scans found: by file as it stood there, and by content wherever it stands."""

import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from unhijack.core.errors import WrongUse
from unhijack.core.finding import Finding, finding_data, finding_from
from unhijack.ports import Entry, LookUp

SCHEMA = 1

_TABLES = """
CREATE TABLE root (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, context BLOB NOT NULL);
CREATE TABLE file (root INTEGER, path BLOB, stamp TEXT NOT NULL, findings TEXT,
  PRIMARY KEY (root, path)) WITHOUT ROWID;
CREATE TABLE verdict (key BLOB PRIMARY KEY, findings TEXT) WITHOUT ROWID;
"""


class ScanCache:
    """The ScanMemory port: one SQLite file."""

    def __init__(self, path: Path) -> None:
        """Raises WrongUse where it cannot be opened. A damaged or older one begins anew."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = _opened(path)
        except (OSError, sqlite3.Error) as error:
            raise WrongUse(f"{path} cannot be used as cache: {error}; try --no-cache") from None

    def close(self) -> None:
        """See the port."""
        self._db.commit()
        self._db.close()

    def folder(self, path: str, context: bytes, prefix: str) -> "RootCache":
        """See the port."""
        name = os.fsencode(path)
        row = self._db.execute("SELECT id, context FROM root WHERE path=?", (name,)).fetchone()
        if row is None:
            added = "INSERT INTO root (path, context) VALUES (?, ?)"
            number = self._db.execute(added, (name, context)).lastrowid
        else:
            number = row[0]
            if row[1] != context:
                self._db.execute("DELETE FROM file WHERE root=?", (number,))
                self._db.execute("UPDATE root SET context=? WHERE id=?", (context, number))
        assert number is not None
        return RootCache(self._db, number, prefix)

    def verdict(self, key: bytes) -> list[Finding] | None:
        """See the port."""
        row = self._db.execute("SELECT findings FROM verdict WHERE key=?", (key,)).fetchone()
        return _from_json(row[0]) if row else None


class RootCache:
    """The FolderMemory port."""

    def __init__(self, db: sqlite3.Connection, number: int, prefix: str) -> None:
        self._db = db
        self._number = number
        self._prefix = prefix
        rows = db.execute("SELECT path, stamp, findings FROM file WHERE root=?", (number,))
        self._files = {os.fsdecode(path): (stamp, found) for path, stamp, found in rows}

    def recall(self, entry: Entry) -> list[Finding] | None:
        """See the port."""
        stamp, found = self._files.get(entry.path, (None, None))
        if stamp != _stamp(entry):
            return None
        return [replace(one, path=self._prefix + one.path) for one in _from_json(found)]

    def note(self, entry: Entry, found: Sequence[Finding]) -> None:
        """See the port."""
        inner = [replace(one, path=one.path[len(self._prefix) :]) for one in found]
        row = (self._number, os.fsencode(entry.path), _stamp(entry), _to_json(inner))
        self._db.execute("REPLACE INTO file VALUES (?, ?, ?, ?)", row)

    def learn(self, verdicts: Sequence[LookUp]) -> None:
        """See the port."""
        rows = [(key, _to_json(found)) for key, found in verdicts]
        self._db.executemany("REPLACE INTO verdict VALUES (?, ?)", rows)

    def forget_all_but(self, paths: Iterable[str]) -> None:
        """See the port."""
        gone = [(self._number, os.fsencode(path)) for path in self._files.keys() - set(paths)]
        self._db.executemany("DELETE FROM file WHERE root=? AND path=?", gone)

    def keep(self) -> None:
        """See the port."""
        self._db.commit()


def _stamp(entry: Entry) -> str:
    """A file as it stood there. Nobody but the kernel sets the time of its last change."""
    return f"{entry.inode}.{entry.device}.{entry.size}.{entry.mtime_ns}.{entry.ctime_ns}"


def _to_json(found: Sequence[Finding]) -> str | None:
    """Findings as the cache has them; None for none."""
    return json.dumps([finding_data(one) for one in found]) if found else None


def _from_json(text: str | None) -> list[Finding]:
    """The other way round."""
    return [finding_from(data) for data in json.loads(text)] if text else []


def _opened(path: Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(path, timeout=30)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        if db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA:
            return db
    except sqlite3.DatabaseError as error:
        if "not a database" not in str(error) and "malformed" not in str(error):
            raise
    db.close()
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path, timeout=30)
    db.execute("PRAGMA journal_mode=WAL")
    db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version={SCHEMA}; COMMIT;")
    path.chmod(0o600)
    return db

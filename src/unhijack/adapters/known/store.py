"""The store: which file, with which digest, stood where in which releases. One SQLite file."""

import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from unhijack.core.errors import WrongUse
from unhijack.core.known_good import (
    Digests,
    KnownFile,
    Release,
    ReleasedFile,
    Standing,
    version_order,
)

SCHEMA = 1
MOST_VERSIONS = 3
MOST_CONTENT = 32 * 1024 * 1024

_TABLES = """
CREATE TABLE release (id INTEGER PRIMARY KEY, product INTEGER NOT NULL, version TEXT NOT NULL,
  UNIQUE (product, version));
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE file (product INTEGER, path INTEGER, md5 INTEGER, digest BLOB, releases BLOB,
  PRIMARY KEY (product, path, md5, digest)) WITHOUT ROWID;
CREATE INDEX file_digest ON file (digest);
CREATE TABLE content (digest BLOB PRIMARY KEY, body BLOB) WITHOUT ROWID;
"""


class KnownStore:
    """Opened for reading, or to be filled."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        """Raises WrongUse where it cannot be opened, or is no store."""
        self.path = path
        try:
            if write:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._db = sqlite3.connect(path)
            else:
                self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
            self._prepare(write=write)
        except (OSError, sqlite3.Error) as error:
            raise WrongUse(f"{path} is no store of known releases: {error}") from None
        self._products: dict[str, int] | None = None

    def _prepare(self, *, write: bool) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and write:
            self._db.executescript(_TABLES)
            self._db.execute(f"PRAGMA user_version={SCHEMA}")
        elif version != SCHEMA:
            raise sqlite3.DatabaseError(f"its version is {version}, not {SCHEMA}")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def releases(self) -> list[Release]:
        """Every release in the store."""
        rows = self._db.execute(
            "SELECT text, version FROM release JOIN name ON name.id = product ORDER BY 1, release.id"
        )
        return [Release(*row) for row in rows]

    def standing(self, release: Release, path: str, digests: Digests) -> KnownFile:
        """See the port."""
        product, here = self._name(release.product), self._name(path)
        rows = self._db.execute(
            "SELECT md5, digest, releases FROM file WHERE product=? AND path=?", (product, here)
        ).fetchall()
        number = self._number(product, release.version)
        placed = False
        for md5, digest, releases in rows:
            if digest == (digests.md5 if md5 else digests.blake3):
                return KnownFile(Standing.RELEASED, release.product, self._versions(releases))
            placed = placed or (number is not None and number in _numbers(releases))
        if placed:
            return KnownFile(Standing.DIFFERENT, release.product, (release.version,))
        elsewhere = self.anywhere(digests)
        if elsewhere.standing is Standing.ELSEWHERE or number is None:
            return elsewhere
        return KnownFile(Standing.UNEXPECTED, release.product, (release.version,))

    def anywhere(self, digests: Digests) -> KnownFile:
        """See the port."""
        row = self._db.execute(
            "SELECT text, releases FROM file JOIN name ON name.id = product"
            " WHERE digest=? AND md5=0 LIMIT 1",
            (digests.blake3,),
        ).fetchone()
        if row is None:
            return KnownFile(Standing.UNKNOWN)
        return KnownFile(Standing.ELSEWHERE, row[0], self._versions(row[1]))

    def holds(self, release: Release) -> bool:
        """See the port."""
        return self._number(self._name(release.product), release.version) is not None

    def newest(self, product: str) -> str:
        """See the port."""
        rows = self._db.execute(
            "SELECT version FROM release WHERE product=?", (self._name(product),)
        )
        return max((row[0] for row in rows), key=version_order, default="")

    def content(self, release: Release, path: str) -> bytes | None:
        """See the port."""
        product, here = self._name(release.product), self._name(path)
        number = self._number(product, release.version)
        rows = self._db.execute(
            "SELECT releases, body FROM file JOIN content USING (digest)"
            " WHERE product=? AND path=? AND md5=0",
            (product, here),
        )
        for releases, body in rows:
            if number in _numbers(releases):
                return zlib.decompressobj().decompress(body, MOST_CONTENT)
        return None

    def add(self, product: str, versions: Sequence[str], files: Iterable[ReleasedFile]) -> int:
        """Take in releases of a product. Returns how many files; raises WrongUse.

        What was in the store stays; nothing is taken in where not all can be.
        """
        try:
            with self._db:
                return self._add(product, versions, files)
        except sqlite3.Error as error:
            raise WrongUse(f"{self.path} cannot be written: {error}") from None

    def _add(self, product: str, versions: Sequence[str], files: Iterable[ReleasedFile]) -> int:
        named = self._name(product, new=True)
        numbers = [self._number(named, version, new=True) for version in versions]
        count = 0
        for file in files:
            key = (named, self._name(file.path, new=True), int(file.md5), file.digest)
            row = self._db.execute(
                "SELECT releases FROM file WHERE product=? AND path=? AND md5=? AND digest=?", key
            ).fetchone()
            had = _numbers(row[0]) if row else set()
            packed = _packed(had | {n for i in file.versions if (n := numbers[i]) is not None})
            self._db.execute("REPLACE INTO file VALUES (?, ?, ?, ?, ?)", (*key, packed))
            if file.body is not None:
                self._db.execute(
                    "INSERT OR IGNORE INTO content VALUES (?, ?)",
                    (file.digest, zlib.compress(file.body, 9)),
                )
            count += 1
        return count

    def tidy(self) -> None:
        """Make the file as small as it can be. Raises WrongUse where the disk has no room."""
        try:
            self._db.commit()
            self._db.execute("VACUUM")
        except sqlite3.Error as error:
            raise WrongUse(f"{self.path} cannot be written: {error}") from None

    def _name(self, text: str, *, new: bool = False) -> int | None:
        row = self._db.execute("SELECT id FROM name WHERE text=?", (_storable(text),)).fetchone()
        if row is not None:
            return int(row[0])
        if not new:
            return None
        return self._db.execute("INSERT INTO name (text) VALUES (?)", (_storable(text),)).lastrowid

    def _number(self, product: int | None, version: str, *, new: bool = False) -> int | None:
        if new:
            self._db.execute(
                "INSERT OR IGNORE INTO release (product, version) VALUES (?, ?)", (product, version)
            )
        row = self._db.execute(
            "SELECT id FROM release WHERE product=? AND version=?", (product, version)
        ).fetchone()
        return row[0] if row else None

    def _versions(self, releases: bytes) -> tuple[str, ...]:
        numbers = sorted(_numbers(releases))[-MOST_VERSIONS:]
        marks = ",".join("?" * len(numbers))
        rows = self._db.execute(f"SELECT version FROM release WHERE id IN ({marks})", numbers)  # noqa: S608  # marks are question marks
        return tuple(row[0] for row in rows)


def _storable(text: str) -> str:
    """SQLite takes no lone surrogates: a name with undecodable bytes is kept in an escaped form."""
    return text.encode("utf-8", "backslashreplace").decode()


def _numbers(packed: bytes) -> set[int]:
    """Numbers of releases: varint pairs, the gap since the last run and the run's length."""
    values, value, shift = [], 0, 0
    for byte in packed:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            values.append(value)
            value, shift = 0, 0
    numbers: set[int] = set()
    at = 0
    for gap, length in zip(values[::2], values[1::2], strict=True):
        numbers.update(range(at + gap, at + gap + length))
        at += gap + length
    return numbers


def _packed(numbers: set[int]) -> bytes:
    """The other way round."""
    out = bytearray()
    at, ordered = 0, sorted(numbers)
    while ordered:
        start = ordered[0]
        length = next((i for i, n in enumerate(ordered) if n != start + i), len(ordered))
        out += _varint(start - at) + _varint(length)
        at = start + length
        ordered = ordered[length:]
    return bytes(out)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)

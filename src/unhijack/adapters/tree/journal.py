"""The RepairJournal port: a folder with chained records, originals and sealed evidence."""

import contextlib
import fcntl
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from unhijack.adapters.tree.mend import LARGEST
from unhijack.core.data import Data, Json
from unhijack.core.errors import WrongUse

RECORDS = "journal.jsonl"
ORIGINALS = "originals"
MOST_BYTES = 4 * 1024 * 1024 * 1024
_GENESIS = "0" * 64
_HEX = re.compile(r"[0-9a-f]{64}")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def _nothing(_what: str) -> None:
    """Nobody waits for our writes."""


class FolderJournal:
    """One journal, held open and locked."""

    def __init__(self, folder: Path, before: Callable[[str], None] = _nothing) -> None:
        """Open the journal that lies in a folder; `before` as for the mender. Raises WrongUse."""
        self.name = str(folder)
        self._folder = folder
        self._before = before
        with _told(folder):
            flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            self._fd = os.open(folder / RECORDS, flags)
        try:
            self._lock()
            self._records, self._last = self._read()
        except BaseException:
            os.close(self._fd)
            raise

    def close(self) -> None:
        """See the port."""
        os.close(self._fd)

    def records(self) -> Sequence[Data]:
        """See the port."""
        return tuple(self._records)

    def write(self, record: Data) -> None:
        """See the port."""
        data: dict[str, Json] = {"number": len(self._records), "previous": self._last, **record}
        line = json.dumps(data, separators=(",", ":"), sort_keys=True).encode() + b"\n"
        with _told(self._folder):
            end = os.fstat(self._fd).st_size
            try:
                self._before("record")
                _write_all(self._fd, line)
                self._before("sync-record")
                os.fsync(self._fd)
            except OSError:
                os.ftruncate(self._fd, end)  # half a record is none
                raise
        self._records.append(data)
        self._last = sha256(line).hexdigest()

    def keep(self, content: bytes) -> str:
        """See the port."""
        name = sha256(content).hexdigest()
        if not (self._folder / ORIGINALS / name).exists():
            self.add(f"{ORIGINALS}/{name}", content)
        return name

    def kept(self, sha256_: str) -> bytes:
        """See the port."""
        if not _HEX.fullmatch(sha256_):
            raise WrongUse(f"{self.name}: the journal names an original that can be none")
        path = self._folder / ORIGINALS / sha256_
        with _told(path):
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(fd, "rb") as file:
                content = file.read(LARGEST + 1)
        if sha256(content).hexdigest() != sha256_:
            raise WrongUse(f"{path} is damaged: it is not what was kept")
        return content

    def add(self, name: str, content: bytes) -> None:
        """A file in the journal's folder, readable by its owner alone: there whole, or not at all."""
        path = self._folder / name
        draft = path.with_name(f".{path.name[:80]}.{secrets.token_hex(6)}")
        with _told(path):
            self._before("create-kept")
            fd = os.open(draft, _NEW, 0o600)
            try:
                try:
                    self._before("write-kept")
                    _write_all(fd, content)
                    self._before("sync-kept")
                    os.fsync(fd)
                finally:
                    os.close(fd)
                self._before("rename-kept")
                draft.rename(path)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
            self._before("sync-kept-folder")
            _sync(path.parent)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise WrongUse(f"another process works with the journal {self.name}") from None

    def _read(self) -> tuple[list[Data], str]:
        """Records after the chain was checked; a last line that was cut off never came to be."""
        with _told(self._folder):
            size = os.fstat(self._fd).st_size
            if size > MOST_BYTES:
                raise WrongUse(f"journal {self.name} is too large to be one")
            content = os.pread(self._fd, size, 0)
            while len(content) < size and (more := os.pread(self._fd, 1 << 24, len(content))):
                content += more
            whole = content.rfind(b"\n") + 1
            if whole < len(content):
                os.ftruncate(self._fd, whole)
                os.fsync(self._fd)
        records: list[Data] = []
        last = _GENESIS
        for number, line in enumerate(content[:whole].splitlines(keepends=True)):
            record = _record(line)
            if record is None or record.get("number") != number or record.get("previous") != last:
                raise WrongUse(
                    f"journal {self.name} is damaged at line {number + 1}: it was changed after it "
                    "was written; restore the journal's folder from a backup"
                )
            records.append(record)
            last = sha256(line).hexdigest()
        return records, last


def _record(line: bytes) -> Data | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def new_journal(
    base: Path, at: datetime, before: Callable[[str], None] = _nothing
) -> FolderJournal:
    """A journal in a folder of its own below `base`. Raises WrongUse."""
    folder = base / f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    with _told(folder):
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        (folder / ORIGINALS).mkdir(mode=0o700)
        os.close(os.open(folder / RECORDS, _NEW, 0o600))
        _sync(folder)
        _sync(base)
    return FolderJournal(folder, before)


def journals(base: Path) -> list[Path]:
    """Folders of journals below `base`, the oldest first."""
    try:
        found = [path for path in base.iterdir() if (path / RECORDS).is_file()]
    except OSError:
        return []
    return sorted(found, key=lambda path: path.name)


def _write_all(fd: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the system refuses, as one line."""
    try:
        yield
    except OSError as error:
        raise WrongUse(f"journal {path}: {error.strerror or error}") from None

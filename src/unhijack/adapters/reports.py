"""The Reports port: a folder with a report a customer, and the record of who is done."""

import fcntl
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from unhijack.core.data import Data
from unhijack.core.errors import WrongUse

RECORD = "state.jsonl"
LOCK = ".lock"
MOST_RECORDS = 1024 * 1024 * 1024
"""Bytes of a record that are read."""


class ReportFolder:
    """A folder that its owner alone may read: who was broken into is nobody else's business."""

    def __init__(self, folder: Path, write: Callable[[Path, bytes], None]) -> None:
        """`write` makes a file that is there whole or not at all.

        Raises WrongUse where the folder cannot be written, or another run has it.
        """
        self._folder = folder
        self._write = write
        self._record: BinaryIO | None = None
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = (folder / LOCK).open("ab")
        except OSError as error:
            raise WrongUse(f"{folder} cannot be written: {error.strerror}") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise WrongUse(f"another scan writes its reports to {folder}: wait for it") from None

    def records(self) -> Sequence[Data]:
        """See the port. A line that was being written when the run was killed is none."""
        try:
            with (self._folder / RECORD).open("rb") as file:
                content = file.read(MOST_RECORDS)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._failed(RECORD, error) from None
        found: list[Data] = []
        for line in content.splitlines(keepends=True):
            data = _record(line)
            if data is None:
                break
            found.append(data)
        return found

    def begin(self, *, keep: bool) -> None:
        """See the port."""
        lines = [_line(one) for one in self.records()] if keep else []
        self.write(RECORD, b"".join(lines))
        try:
            self._record = (self._folder / RECORD).open("ab", buffering=0)
        except OSError as error:
            raise self._failed(RECORD, error) from None

    def record(self, data: Data) -> None:
        """See the port. What the power took with it is done again: that costs time alone."""
        assert self._record is not None
        try:
            self._record.write(_line(data))
        except OSError as error:
            raise self._failed(RECORD, error) from None

    def write(self, name: str, content: bytes) -> None:
        """See the port."""
        self._write(self._folder / name, content)

    def read(self, name: str) -> bytes | None:
        """See the port."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed(name, error) from None

    def remove(self, name: str) -> None:
        """See the port."""
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._failed(name, error) from None

    def close(self) -> None:
        """See the port."""
        if self._record is not None:
            self._record.close()
        self._lock.close()

    def _failed(self, name: str, error: OSError) -> WrongUse:
        return WrongUse(f"{self._folder / name}: {error.strerror}")


def _line(data: Data) -> bytes:
    return json.dumps(dict(data)).encode("ascii") + b"\n"


def _record(line: bytes) -> Data | None:
    if not line.endswith(b"\n"):
        return None
    try:
        data = json.loads(line)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None

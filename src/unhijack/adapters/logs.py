"""Logs as they lie in a folder: the current one, and those that were rotated and packed."""

import bz2
import lzma
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from unhijack.core.text import printable
from unhijack.ports import Unread

CHUNK = 256 * 1024
LONGEST = 64 * 1024
"""Bytes of a line that are kept."""
MOST_BYTES = 4 * 1024 * 1024 * 1024
"""Of one file, inflated."""
MOST_FILES = 10_000
MOST_MEMORY = 256 * 1024 * 1024
"""That unpacking may take (xz)."""

_LOG = re.compile(r"log|access|error", re.IGNORECASE)
_NO_LOG = re.compile(r"\.(?:zip|tar|tgz|sql|php|html?|js|css|db|json)(?:\.|$)", re.IGNORECASE)
_ROTATED = re.compile(r"^(.*?)(?:[.-](\d{8,10}|\d{4}-\d\d-\d\d)|\.(\d{1,4}))?(?:\.(?:gz|bz2|xz))?$")
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)


class LogFolder:
    """Files, and folders of files, that a person named."""

    def __init__(self, paths: Sequence[Path], most_bytes: int = MOST_BYTES) -> None:
        self._files = {str(file): file for path in paths for file in _within(path)}
        self._most = most_bytes
        self._unread: dict[str, Unread] = {
            str(path): Unread(str(path), "there is no log") for path in paths if not _within(path)
        }

    def names(self) -> Sequence[str]:
        """``access.log.2.gz``, ``access.log.1``, ``access.log``."""
        return sorted(self._files, key=_age)

    def lines(self, name: str) -> Iterator[bytes]:
        """Unpacked by what the file begins with, whatever it is called."""
        try:
            with self._files[name].open("rb") as file:
                yield from _lines(_inflated(file, self._most))
        except _TooMuchError:
            self._unread[name] = Unread(name, f"only its first {self._most} bytes were read")
        except _BROKEN as error:
            words = error.strerror if isinstance(error, OSError) else None
            self._unread[name] = Unread(name, printable(words or "it is broken, or ends early"))

    def unread(self) -> Sequence[Unread]:
        """In no order that means anything."""
        return list(self._unread.values())


class _TooMuchError(Exception):
    """More bytes than one file may have."""


def _within(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    try:
        found = [
            file
            for file in path.iterdir()
            if _LOG.search(file.name) and not _NO_LOG.search(file.name) and file.is_file()
        ]
    except OSError:
        return []
    return sorted(found)[:MOST_FILES]


def _age(name: str) -> tuple[str, int, str]:
    """Series, then the oldest first: higher numbers are older, later dates are younger."""
    found = _ROTATED.match(name)
    assert found is not None  # every part of it is optional
    stem, date, number = found.groups()
    if number:
        return stem, 1, f"{9999 - int(number):04d}"
    return (stem, 0, date.replace("-", "")) if date else (stem, 2, "")


class _Gzip:
    """zlib, in the manner of the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data


def _unpacker(head: bytes) -> "_Gzip | bz2.BZ2Decompressor | lzma.LZMADecompressor | None":
    if head.startswith(b"\x1f\x8b"):
        return _Gzip()
    if head.startswith(b"BZh"):
        return bz2.BZ2Decompressor()
    if head.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMADecompressor(memlimit=MOST_MEMORY)
    return None


def _inflated(file: BinaryIO, most: int) -> Iterator[bytes]:
    """The file's text in pieces of a bounded size."""
    head = file.read(6)
    file.seek(0)
    pieces = _plain(file) if _unpacker(head) is None else _unpacked(file, head)
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            yield piece[: len(piece) - (size - most)]
            raise _TooMuchError
        yield piece


def _plain(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _unpacked(file: BinaryIO, head: bytes) -> Iterator[bytes]:
    """Member by member: files that were packed apart may lie one behind the other."""
    unpacker = _unpacker(head)
    waiting = b""
    while unpacker is not None:
        if not waiting and unpacker.needs_input:
            waiting = file.read(CHUNK)
            if not waiting:
                raise EOFError
        piece = unpacker.decompress(waiting, CHUNK)
        waiting = b""
        if piece:
            yield piece
        if unpacker.eof:
            waiting = unpacker.unused_data or file.read(CHUNK)
            unpacker = _unpacker(waiting[:6])


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()[: LONGEST + 1]
        for line in lines:
            yield line[:LONGEST]
    if rest:
        yield rest[:LONGEST]

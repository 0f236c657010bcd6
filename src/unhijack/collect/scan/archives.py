"""Looking into archives, within limits: backups of a site often carry what was planted in it."""

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from unhijack.ports import Skipped

MOST_MEMBERS = 20_000
MOST_MEMBER = 4 * 1024 * 1024
MOST_INFLATED = 256 * 1024 * 1024
MOST_DEPTH = 2
"""Archives in archives."""
BETWEEN = "!"
"""Stands between an archive's path and that of what lies in it."""

_MEDIA = (
    ".jpg",
    ".jpeg",
    ".png",
    ".gif",
    ".webp",
    ".mp4",
    ".mp3",
    ".woff",
    ".woff2",
    ".ttf",
    ".avif",
)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive."""

    path: str
    content: bytes


class _Spent(Exception):
    """An archive has had what it may cost."""


@dataclass(slots=True)
class _Purse:
    """What is left for one archive and everything in it."""

    inflated: int
    members: int

    def take(self, size: int) -> None:
        self.inflated -= size
        self.members -= 1
        if self.inflated < 0 or self.members < 0:
            raise _Spent


def is_archive(content: bytes) -> bool:
    """Whether it begins as an archive does, or is a tar."""
    return (
        content[:4] == b"PK\x03\x04" or content[:2] == b"\x1f\x8b" or content[257:262] == b"ustar"
    )


def members(path: str, content: bytes) -> Iterator[Member | Skipped]:
    """What lies in an archive, pictures and films left out. Never raises for what it holds."""
    try:
        yield from _members(path, content, _Purse(MOST_INFLATED, MOST_MEMBERS), MOST_DEPTH)
    except _Spent:
        yield Skipped(path, "archive", "it holds more than is looked into")


def _members(path: str, content: bytes, purse: _Purse, depth: int) -> Iterator[Member | Skipped]:
    try:
        for name, body in _opened(path, content, purse):
            inner = f"{path}{BETWEEN}{name}"
            if is_archive(body) and depth > 1:
                yield from _members(inner, body, purse, depth - 1)
            else:
                yield Member(inner, body)
    except (
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,  # zipfile's word for a password
        zlib.error,
        zipfile.BadZipFile,
        tarfile.TarError,
    ):
        yield Skipped(path, "archive", "it is damaged, or of a kind that is not looked into")


def _opened(path: str, content: bytes, purse: _Purse) -> Iterator[tuple[str, bytes]]:
    if content[:2] == b"PK":
        return _zipped(content, purse)
    if content[:2] == b"\x1f\x8b":
        return _gzipped(path, content, purse)
    return _tarred(content, purse)


def _zipped(content: bytes, purse: _Purse) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for info in archive.infolist():
            if info.is_dir() or info.filename.lower().endswith(_MEDIA) or info.flag_bits & 1:
                continue
            with archive.open(info) as file:
                body = file.read(MOST_MEMBER)
            purse.take(len(body))
            yield info.filename, body


def _tarred(content: bytes, purse: _Purse) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=BytesIO(content), mode="r:") as archive:
        for member in archive:
            purse.take(0)
            if not member.isfile() or member.name.lower().endswith(_MEDIA):
                continue
            file = archive.extractfile(member)
            if file is not None:
                body = file.read(MOST_MEMBER)
                purse.take(len(body))
                yield member.name, body


def _gzipped(path: str, content: bytes, purse: _Purse) -> Iterator[tuple[str, bytes]]:
    most = min(purse.inflated, MOST_INFLATED // 4)
    with gzip.GzipFile(fileobj=BytesIO(content)) as file:
        body = file.read(most)
    purse.take(len(body))
    if body[257:262] == b"ustar":
        yield from _tarred(body, purse)
    else:
        name = path.rpartition("/")[2].rpartition(BETWEEN)[2]
        yield name[: -len(".gz")] if name.lower().endswith(".gz") else name, body

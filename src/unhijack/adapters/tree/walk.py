"""The Tree port: every ordinary file below a root, and what it holds."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from unhijack.adapters.tree.rooted import FOLDER, Root, open_folder, read_up_to
from unhijack.adapters.tree.straight import open_straight
from unhijack.ports import Entry, Skipped

MOST_DEPTH = 128
"""Folders within folders. Each one on the way is held open."""


class FolderTree:
    """A folder on a disk; `only` is the one file of it that was meant, if one was."""

    def __init__(self, path: Path, only: str | None = None, *, strangers: bool = False) -> None:
        """Raises WrongUse where there is no such folder, or it may not be read.

        A folder of `strangers` is opened by `open_straight`.
        """
        self._root = Root(path, open_straight if strangers else open_folder)
        self._only = only

    def walk(self) -> Iterator[Entry | Skipped]:
        """See the port: folder by folder, names in the order of their bytes."""
        if self._only is not None:
            yield _look(self._root.fd, self._only, self._only)
        else:
            yield from _walk(self._root.fd)

    def read(self, entry: Entry, limit: int) -> bytes | Skipped:
        """See the port."""
        try:
            with self._root.file(entry.path) as fd:
                if not _same(entry, os.fstat(fd)):
                    return Skipped(entry.path, "changed", "it was changed while it was scanned")
                return read_up_to(fd, limit)
        except OSError as error:
            return _unreadable(entry.path, error)

    def chunks(self, entry: Entry, limit: int) -> Iterator[bytes]:
        """See the port."""
        with contextlib.suppress(OSError), self._root.file(entry.path) as fd:
            while limit > 0 and (chunk := os.read(fd, min(limit, 1 << 20))):
                limit -= len(chunk)
                yield chunk

    def exists(self, path: str) -> bool:
        """See the port."""
        try:
            with self._root.file(path):
                return True
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        """See the port."""
        self._root.close()


def _walk(root: int) -> Iterator[Entry | Skipped]:
    """Depth first, without recursion: what is open are the folders on the way, no more."""
    open_folders = [(os.dup(root), "", iter(_names(root)))]
    try:
        while open_folders:
            folder, prefix, names = open_folders[-1]
            name = next(names, None)
            if name is None:
                os.close(open_folders.pop()[0])
                continue
            path = prefix + name
            seen = _look(folder, name, path)
            if not (isinstance(seen, Skipped) and seen.code == _FOLDER_CODE):
                yield seen
            elif len(open_folders) > MOST_DEPTH:
                yield Skipped(path, "too-deep", f"more than {MOST_DEPTH} folders deep")
            else:
                below = _enter(folder, name, path)
                if isinstance(below, Skipped):
                    yield below
                else:
                    open_folders.append((below[0], path + "/", iter(below[1])))
    finally:
        for folder, _, _ in open_folders:
            os.close(folder)


_FOLDER_CODE = "folder"


def _names(folder: int) -> list[str]:
    return sorted(os.listdir(folder), key=os.fsencode)


def _enter(folder: int, name: str, path: str) -> tuple[int, list[str]] | Skipped:
    try:
        below = os.open(name, FOLDER, dir_fd=folder)
    except OSError as error:
        return _unreadable(path, error)
    try:
        return below, _names(below)
    except OSError as error:
        os.close(below)
        return _unreadable(path, error)


def _look(folder: int, name: str, path: str) -> Entry | Skipped:
    try:
        seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        return _unreadable(path, error)
    if stat.S_ISREG(seen.st_mode):
        return _entry(path, seen)
    if stat.S_ISDIR(seen.st_mode):
        return Skipped(path, _FOLDER_CODE, "a folder")
    if stat.S_ISLNK(seen.st_mode):
        return Skipped(path, "link", "a link: what it leads to is not followed")
    return Skipped(path, "special", "a device, pipe or socket")


def _entry(path: str, seen: os.stat_result) -> Entry:
    return Entry(
        path,
        seen.st_size,
        seen.st_mtime_ns,
        seen.st_ctime_ns,
        seen.st_ino,
        seen.st_dev,
        seen.st_mode,
        seen.st_uid,
        seen.st_gid,
    )


def _same(entry: Entry, seen: os.stat_result) -> bool:
    return _entry(entry.path, seen) == entry


def _unreadable(path: str, error: OSError) -> Skipped:
    return Skipped(path, "unreadable", f"cannot be read: {error.strerror or error}")

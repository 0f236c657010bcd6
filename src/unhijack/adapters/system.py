"""A machine's own files, under its root or under a copy of it."""

import errno
import os
import stat
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from unhijack.core.text import printable
from unhijack.ports import Unread

MOST_FILES = 20_000
"""For one pattern."""


class RootFiles:
    """Files below a root folder; no link leads out of it."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root.resolve()

    def glob(self, pattern: str) -> Sequence[str]:
        """Names as on that machine; a folder that cannot be read has none."""
        try:
            found = list(islice(self._root.glob(pattern.lstrip("/")), MOST_FILES))
        except (OSError, ValueError):
            return []
        return sorted("/" + str(path.relative_to(self._root)) for path in found)

    def real(self, path: str) -> str:
        """Links followed as long as they stay below the root."""
        inside = self._inside(path)
        return path if inside is None else "/" + str(inside.relative_to(self._root))

    def _inside(self, path: str) -> Path | None:
        try:
            resolved = (self._root / path.lstrip("/")).resolve()
        except (OSError, RuntimeError, ValueError):
            return None
        return resolved if resolved.is_relative_to(self._root) else None

    def read(self, path: str, limit: int) -> bytes | Unread:
        """Plain files alone; a user's link to somebody else's file is not followed."""
        inside = self._inside(path)
        if inside is None:
            return Unread(path, "it leads out of the machine")
        try:
            link = os.lstat(self._root / path.lstrip("/"))
            descriptor = os.open(inside, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            return Unread(path, _why(error))
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return Unread(path, "no plain file")
            if stat.S_ISLNK(link.st_mode) and link.st_uid not in (0, status.st_uid):
                return Unread(path, "a link to somebody else's file")
            return _read(descriptor, limit)
        except OSError as error:
            return Unread(path, _why(error))
        finally:
            os.close(descriptor)


def _read(descriptor: int, limit: int) -> bytes:
    parts: list[bytes] = []
    while limit > 0 and (part := os.read(descriptor, min(limit, 1024 * 1024))):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)


def _why(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "a link"
    return printable(error.strerror or "it cannot be read")

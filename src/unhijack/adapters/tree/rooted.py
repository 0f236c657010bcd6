"""Files below a root, opened step by step, so that no link that anybody makes leads out of it.

Whoever owns the folder may swap files for links while we work, and we may be root. So a path is
never given to the kernel whole: each folder is opened from the one above it, by ``openat`` with
``O_NOFOLLOW``, and what was opened is looked at (``fstat``), not what stands under the name.
"""

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from unhijack.core.errors import WrongUse

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def open_folder(path: Path) -> int:
    """A folder by its name, as the kernel finds it. Raises OSError."""
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


class Root:
    """A folder, held open. Its own path may be a link: the person who named it meant that."""

    def __init__(self, path: Path, opener: Callable[[Path], int] = open_folder) -> None:
        """Raises WrongUse where there is no such folder, or it may not be read."""
        self.path = path
        self._last: tuple[str, int] | None = None
        try:
            self.fd = opener(path)
        except OSError as error:
            raise WrongUse(f"{path} cannot be opened: {error.strerror}") from None

    def close(self) -> None:
        """Let go of the folder."""
        if self._last is not None:
            os.close(self._last[1])
            self._last = None
        os.close(self.fd)

    @contextlib.contextmanager
    def folder(self, path: str) -> Iterator[int]:
        """The folder `path` (relative; empty for the root) as a descriptor. Raises OSError."""
        held = os.dup(self.fd)
        try:
            for name in _steps(path):
                below = os.open(name, FOLDER, dir_fd=held)
                os.close(held)
                held = below
            yield held
        finally:
            os.close(held)

    @contextlib.contextmanager
    def file(self, path: str) -> Iterator[int]:
        """The ordinary file `path`, for reading. Raises OSError; for a link or device too."""
        above, _, name = path.rpartition("/")
        fd = os.open(_step(name), _FILE, dir_fd=self._kept(above))
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise OSError(0, "no ordinary file")
            yield fd
        finally:
            os.close(fd)

    def _kept(self, path: str) -> int:
        """A folder that stays open until another is wanted: files of one are read in a row."""
        if self._last is None or self._last[0] != path:
            with self.folder(path) as folder:
                fd = os.dup(folder)
            if self._last is not None:
                os.close(self._last[1])
            self._last = (path, fd)
        return self._last[1]


def _steps(path: str) -> list[str]:
    return [_step(name) for name in path.split("/")] if path else []


def _step(name: str) -> str:
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise OSError(0, "no name of a file")
    return name


def read_up_to(fd: int, limit: int) -> bytes:
    """What a descriptor has, `limit` bytes at most. Raises OSError."""
    parts = []
    while limit > 0 and (part := os.read(fd, min(limit, 1 << 20))):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)

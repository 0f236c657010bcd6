"""Looks for planted code in the files of a website. One file, Python 3.9 or newer, nothing else.

It reads, and changes nothing. It follows no link, leaves no folder that it was given, and opens
ordinary files alone.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from unhijack.parse.plain.every import SURE, as_data, every_mark, printable, reported

MOST_BYTES = 4 * 1024 * 1024
MOST_DEPTH = 128
FILE_SECONDS = 20
MOST_NAMED = 1000

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
FAILED = ("unreadable", "too-deep", "crashed", "time")

EPILOG = """\
What it cannot do, and `unhijack scan` can: follow data through functions and files of PHP; compare
files with the releases that they came from, so that a changed file of WordPress is known and can
be put back; run scripts; look into databases, dumps, archives, cron tables and server modules;
remember what it has seen; take anything out (`unhijack clean`).

Exit code: 1 if anything was found; else 2 if something could not be looked at; else 0.
"""

REPAIRS = {
    "remove-block": "cut the block, keep the file",
    "quarantine": "set the whole file aside",
    "review": "look at it",
}


class Skipped(NamedTuple):
    """What was not looked at, and why."""

    path: str
    code: str
    text: str


class Found(NamedTuple):
    """A file as it was read, or a part of it."""

    path: str
    content: bytes
    whole: bool


class TooLong(BaseException):
    """A file took longer than it may. No reader catches this."""


def main() -> int:
    """What was planted in the files below the paths given?"""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    options = arguments()
    until = time.monotonic() + options.seconds if options.seconds else float("inf")
    scan = Scan(options.as_json, options.max_bytes, until)
    for path in options.paths:
        if not os.path.lexists(path):
            sys.stderr.write(f"unhijack-scan: {printable(path, 400)} is not there\n")
            return 2
    for path in options.paths:
        scan.path(path)
    scan.sum_up()
    sys.stdout.flush()
    return 1 if scan.findings else 2 if any(scan.skipped.get(code) for code in FAILED) else 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="unhijack-scan",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a folder, or a file")
    parser.add_argument("--json", dest="as_json", action="store_true", help="one object a line")
    parser.add_argument(
        "--max-bytes",
        type=int,
        default=MOST_BYTES,
        metavar="N",
        help="bytes of a file that are looked at (default: %(default)s)",
    )
    parser.add_argument(
        "--seconds", type=float, default=0, metavar="N", help="stop after this time (default: none)"
    )
    return parser.parse_args()


class Scan:
    """A scan under way, and what it came to so far."""

    def __init__(self, as_json: bool, max_bytes: int, until: float) -> None:  # noqa: FBT001 (an option)
        self._as_json = as_json
        self._max_bytes = max_bytes
        self._until = until
        self._began = time.monotonic()
        self.files = 0
        self.size = 0
        self.findings = 0
        self.skipped: dict[str, int] = {}
        self._named: list[Skipped] = []
        signal.signal(signal.SIGALRM, _too_long)

    def path(self, path: str) -> None:
        """Everything below a folder, or one file."""
        single = not Path(path).is_dir()
        folder, name = os.path.split(path) if single else (path, "")
        prefix = "" if single and not folder else folder.rstrip("/") + "/"
        try:
            root = os.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            self._skip(prefix, Skipped("", "unreadable", error.strerror or "cannot be read"))
            return
        try:
            seen = _read(root, name, name, self._max_bytes) if single else None
            for one in [seen] if seen is not None else walk(root, self._max_bytes):
                if time.monotonic() > self._until:
                    self._skip(prefix, Skipped(one.path, "time", "the time was up"))
                    break
                if isinstance(one, Skipped):
                    self._skip(prefix, one)
                else:
                    self._look(prefix, one, _exists(root, folder))
        finally:
            os.close(root)

    def _look(self, prefix: str, file: Found, exists: Callable[[str], bool]) -> None:
        self.files += 1
        self.size += len(file.content)
        if not file.whole:
            text = f"what comes after {self._max_bytes} bytes was not looked at"
            self._skip(prefix, Skipped(file.path, "partial", text))
        signal.alarm(FILE_SECONDS)
        try:
            marks = reported(every_mark(file.path, file.content, exists))
        except TooLong:
            self._skip(prefix, Skipped(file.path, "crashed", "it took too long"))
            return
        except Exception as error:  # noqa: BLE001 (one file is not to end the scan)
            self._skip(prefix, Skipped(file.path, "crashed", type(error).__name__))
            return
        finally:
            signal.alarm(0)
        for mark in marks:
            self.findings += 1
            self._print(as_data(prefix + file.path, file.content, mark))

    def _skip(self, prefix: str, one: Skipped) -> None:
        self.skipped[one.code] = self.skipped.get(one.code, 0) + 1
        if len(self._named) < MOST_NAMED and one.code != "link":
            self._named.append(one._replace(path=prefix + one.path))

    def _print(self, data: dict[str, Any]) -> None:
        if self._as_json:
            say(json.dumps(data))
            return
        doubt = "" if data["confidence"] >= SURE else " (not certain)"
        place = f"{printable(data['path'], 400)}:{data['line']}"
        say(f"{data['kind'].upper():<16}{place}")
        say(f"    because: {data['reason']}{doubt} [{data['rule']}]")
        say(f"    shown by: {data['excerpt']}")
        say(f"    repair:  {REPAIRS[data['repair']]}")

    def sum_up(self) -> None:
        """The last line, or lines."""
        seconds = time.monotonic() - self._began
        if self._as_json:
            summary = {
                "files": self.files,
                "bytes": self.size,
                "seconds": round(seconds, 3),
                "findings": self.findings,
                "skipped": self.skipped,
                "skipped_files": [one._asdict() for one in self._named],
            }
            say(json.dumps({"summary": summary}))
            return
        for code, count in sorted(self.skipped.items()):
            named = [one for one in self._named if one.code == code][:1]
            for one in named:
                more = f", and {count - 1} more" if count > 1 else ""
                say(f"not looked at: {printable(one.path, 200)}: {one.text}{more}")
        found = f"{self.findings} findings" if self.findings else "nothing"
        say(f"{found} in {self.files} files, {self.size / 1e6:.1f} MB, {seconds:.1f} s")


def say(line: str) -> None:
    """A line for whoever started the scan."""
    sys.stdout.write(line + "\n")


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise TooLong


def walk(root: int, limit: int) -> Iterator[Found | Skipped]:
    """Every ordinary file below an open folder, depth first, in the order of their names.

    Each folder is opened from the one above it, so nobody's link leads out, whenever it is made.
    """
    open_folders = [(os.dup(root), "", iter(_names(root)))]
    try:
        while open_folders:
            folder, prefix, names = open_folders[-1]
            name = next(names, None)
            if name is None:
                os.close(open_folders.pop()[0])
                continue
            path = prefix + name
            seen = _read(folder, name, path, limit)
            if not isinstance(seen, Skipped) or seen.code != "folder":
                yield seen
            elif len(open_folders) > MOST_DEPTH:
                yield Skipped(path, "too-deep", f"more than {MOST_DEPTH} folders deep")
            else:
                try:
                    below = os.open(name, FOLDER, dir_fd=folder)
                except OSError as error:
                    yield Skipped(path, "unreadable", error.strerror or "cannot be read")
                    continue
                open_folders.append((below, path + "/", iter(_names(below))))
    finally:
        for folder, _, _ in open_folders:
            os.close(folder)


def _names(folder: int) -> list[str]:
    return sorted(os.listdir(folder), key=os.fsencode)


def _read(folder: int, name: str, path: str, limit: int) -> Found | Skipped:
    """The first bytes of an ordinary file; what is none is not opened."""
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            return Skipped(path, "folder", "a folder")
        if stat.S_ISLNK(mode):
            return Skipped(path, "link", "a link: what it leads to is not followed")
        if not stat.S_ISREG(mode):
            return Skipped(path, "special", "a device, pipe or socket")
        fd = os.open(name, FILE, dir_fd=folder)
    except OSError as error:
        return Skipped(path, "unreadable", error.strerror or "cannot be read")
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return Skipped(path, "special", "a device, pipe or socket")
        content = _up_to(fd, limit + 1)
    except OSError as error:
        return Skipped(path, "unreadable", error.strerror or "cannot be read")
    finally:
        os.close(fd)
    return Found(path, content[:limit], len(content) <= limit)


def _up_to(fd: int, limit: int) -> bytes:
    parts = []
    while limit > 0:
        part = os.read(fd, min(limit, 1 << 20))
        if not part:
            break
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)


def _exists(root: int, given: str) -> Callable[[str], bool]:
    """Whether there is an ordinary file below the root; nothing is followed out of it."""
    home = os.path.realpath(given or ".").rstrip("/") + "/"

    def there(path: str) -> bool:
        steps = (path[len(home) :] if path.startswith(home) else path).split("/")
        if any(step in ("", ".", "..") or "\0" in step for step in steps):
            return False
        held = os.dup(root)
        try:
            for step in steps[:-1]:
                below = os.open(step, FOLDER, dir_fd=held)
                os.close(held)
                held = below
            return stat.S_ISREG(os.stat(steps[-1], dir_fd=held, follow_symlinks=False).st_mode)
        except OSError:
            return False
        finally:
            os.close(held)

    return there

"""A process of a scan's crew: what it is given, what it works with, and what it answers."""

import gc
import os
import resource
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import NamedTuple

from unhijack.collect.scan.look import Looked, Scanner
from unhijack.core.errors import WrongUse
from unhijack.core.finding import Finding
from unhijack.ports import Entry, LookUp, ScanMemory, Skipped
from unhijack.wiring.scans import ScanSpec, Tools, make_memory, make_scanner, make_tools

MOST_MEMORY = 2 * 1024 * 1024 * 1024
MOST_VERDICTS = 20_000
"""Contents whose verdict a process keeps in mind, before it asks the cache."""

MADE_BEFORE_A_LOOK = 50_000
"""Objects; a look costs a few milliseconds, and saves little: a twentieth of a scan's time."""


class Piece(NamedTuple):
    """One file to be looked at. The pieces of a batch share their spec, also on the way."""

    number: int
    """Of the folder, in this run."""
    spec: ScanSpec
    entry: Entry


Answer = tuple[int, Entry, Looked, Sequence[LookUp]]


def worker(pipe: Connection, niceness: int) -> None:
    """A process of the crew: batches of pieces in, one answer for each piece out."""
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    bench = Bench()
    collect_seldom()
    try:
        while True:
            for piece in pipe.recv():
                pipe.send(bench.look(piece))
    except (EOFError, OSError):
        sys.exit(0)  # whoever gave the work is gone


def collect_seldom() -> None:
    """Garbage in circles is seldom: reading programs makes much else, for which nobody need look.

    What was loaded stays, and is not gone through again and again.
    """
    gc.freeze()
    gc.set_threshold(MADE_BEFORE_A_LOOK)


class Bench:
    """What a process works with: made once, but for the folder that it is at."""

    def __init__(self) -> None:
        self._number = -1
        self._scanner: Scanner | None = None
        self._tools: Tools | None = None
        self._verdicts: _Verdicts | None = None

    def look(self, piece: Piece) -> Answer:
        """One file. A folder that is gone meanwhile is the answer for each of its files."""
        if self._tools is None or self._verdicts is None:  # the same for every folder of a run
            self._tools = make_tools(piece.spec, _quiet)
            self._verdicts = _Verdicts(make_memory(piece.spec))
        if self._number != piece.number:
            if self._scanner is not None:
                self._scanner.tree.close()
            self._number, self._scanner = piece.number, None
        if self._scanner is None:
            try:
                self._scanner = make_scanner(piece.spec, self._verdicts, self._tools)
            except WrongUse as error:
                return not_looked(piece, "unreadable", str(error))
        looked = self._scanner.look(piece.entry)
        return piece.number, piece.entry, looked, self._verdicts.new()


def _quiet(_text: str) -> None:
    """Warnings about rules are printed once, by the process that was started by a person."""


class _Verdicts:
    """Verdicts on contents, in a worker: those of the cache, and those that are new."""

    def __init__(self, cache: ScanMemory | None) -> None:
        self._cache = cache
        self._new: list[LookUp] = []
        self._lately: dict[bytes, list[Finding]] = {}

    def __call__(self, key: bytes, judged: Callable[[], list[Finding]]) -> list[Finding]:
        found = self._lately.get(key)
        if found is not None:
            return found
        found = self._cache.verdict(key) if self._cache else None
        if found is None:
            found = judged()
            self._new.append((key, found))
        if len(self._lately) >= MOST_VERDICTS:
            self._lately.clear()
        self._lately[key] = found
        return found

    def new(self) -> Sequence[LookUp]:
        """Those since the last time."""
        fresh, self._new = self._new, []
        return fresh


def not_looked(piece: Piece, code: str, why: str) -> Answer:
    """The answer for a piece that nobody could look at."""
    path = piece.entry.path
    looked = Looked(path, 0, skipped=(Skipped(path, code, why),), lasting=False)
    return piece.number, piece.entry, looked, ()

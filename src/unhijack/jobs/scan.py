"""A folder scanned by several processes; what an earlier scan of it found is not sought again."""

import hashlib
import os
import re
import resource
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from unhijack.assess.findings import findings
from unhijack.collect.scan.look import Installed, Looked, Surroundings
from unhijack.collect.scan.rows import LIVE, MOST_DUMP, database_findings, is_dump
from unhijack.collect.system import system_marks
from unhijack.core.finding import Finding
from unhijack.core.known_good import Release
from unhijack.jobs.crew import Crew
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.cms import MOST_HEAD, Product, recognised
from unhijack.parse.server.content import content_marks
from unhijack.parse.server.place import Place
from unhijack.ports import Entry, FolderMemory, LookUp, ScanMemory, Skipped, Tree, Unread
from unhijack.wiring.scans import (
    ScanSpec,
    make_database,
    make_known,
    make_memory,
    make_scanner,
    make_system_files,
    make_tree,
)

BATCH_FILES = 128
BATCH_BYTES = 4 * 1024 * 1024
FILE_SECONDS = 20.0
"""Wall time after which a file is given up; a dump of a database gets more by its size."""
DUMP_BYTES_A_SECOND = 2_000_000
MOST_MEMORY = 2 * 1024 * 1024 * 1024
KEEP_EVERY = 2_000
"""Files after which the cache is made durable: a scan that was killed goes on from there."""

Answer = tuple[Entry, Looked, Sequence[LookUp]]

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Watching:
    """What the person who scans wants to be told meanwhile."""

    progress: Callable[[int, int], None] = lambda _done, _of: None
    products: Callable[[Sequence[Product]], None] = lambda _products: None


def scan(
    spec: ScanSpec,
    *,
    hands: int,
    niceness: int = 0,
    watching: Watching = Watching(),
) -> Iterator[Looked]:
    """Look at every file of a folder. Findings come as they are found. Raises WrongUse."""
    tree = make_tree(spec)
    try:
        entries: list[Entry] = []
        for seen in tree.walk():
            if isinstance(seen, Skipped):
                yield Looked(seen.path, 0, skipped=(seen,))
            else:
                entries.append(seen)
        products, around = _surroundings(spec, tree, entries)
    finally:
        tree.close()
    watching.products(products)
    spec = replace(spec, around=around)
    cache = make_memory(spec)
    try:
        memory = cache.folder(os.path.realpath(spec.root), spec.key, spec.prefix) if cache else None
        todo = list(entries)
        if memory is not None:
            todo = []
            for entry in entries:
                found = memory.recall(entry)
                if found is None:
                    todo.append(entry)
                else:
                    yield Looked(entry.path, entry.size, tuple(found))
            if spec.only is None:
                memory.forget_all_but(entry.path for entry in entries)
        yield from _scanned(spec, todo, memory, hands, niceness, len(entries), watching)
    finally:
        if cache is not None:
            cache.close()


def _surroundings(
    spec: ScanSpec, tree: Tree, entries: Sequence[Entry]
) -> tuple[Sequence[Product], Surroundings]:
    """What the folder holds, before its files are judged."""
    by_path = {entry.path: entry for entry in entries}

    def head(path: str) -> bytes:
        content = tree.read(by_path[path], MOST_HEAD)
        return b"" if isinstance(content, Skipped) else content

    products = recognised(by_path, head)
    known = make_known(spec)
    installed = []
    if known is not None:
        for product in products:
            release = Release(product.name, product.version)
            if known.holds(release):
                root = f"{product.root}/" if product.root else ""
                installed.append(Installed(root, release))
        known.close()
    installed.sort(key=lambda one: -len(one.root))
    hosts = {name.lower() for name in Path(spec.root).absolute().parts if _HOST.fullmatch(name)}
    cms = next((product.name for product in products if ":" not in product.name), "")
    own = spec.around.own_hosts | hosts
    return products, Surroundings(tuple(installed), own, cms)


def look_at_database(address: str, own_hosts: Iterable[str]) -> Looked:
    """A live database, read-only. Raises WrongUse."""
    own = frozenset(own_hosts)

    def look(name: str, content: bytes) -> list[Mark]:
        return content_marks(name, content, Place(name, own))

    database = make_database(address)
    try:
        return Looked(LIVE, 0, tuple(database_findings(database, own, look)))
    finally:
        database.close()


def look_at_system() -> Iterator[Looked]:
    """What this machine runs by itself."""
    for seen in system_marks(make_system_files()):
        if isinstance(seen, Unread):
            skipped = Skipped(seen.path, "unreadable", seen.reason)
            yield Looked(seen.path, 0, skipped=(skipped,))
        else:
            sha256 = hashlib.sha256(seen.content).hexdigest()
            found = findings(seen.path, seen.content, seen.marks, sha256)
            yield Looked(seen.path, len(seen.content), tuple(found))


def _scanned(
    spec: ScanSpec,
    todo: list[Entry],
    memory: FolderMemory | None,
    hands: int,
    niceness: int,
    total: int,
    watching: Watching,
) -> Iterator[Looked]:
    done = total - len(todo)
    watching.progress(done, total)
    crew: Crew[Entry, Answer] = Crew(worker, (spec, niceness), hands, _seconds, _given_up)
    for entry, looked, verdicts in crew.work(_batches(todo)):
        done += 1
        if memory is not None:
            memory.learn(verdicts)
            if looked.lasting:
                memory.note(entry, looked.findings)
            if done % KEEP_EVERY == 0:
                memory.keep()
        watching.progress(done, total)
        yield looked


def _seconds(entry: Entry) -> float:
    dump = min(entry.size, MOST_DUMP) if is_dump(entry.path) else 0
    return FILE_SECONDS + dump / DUMP_BYTES_A_SECOND


def _given_up(entry: Entry, why: str) -> Answer:
    skipped = Skipped(entry.path, "crashed", f"it could not be looked at: {why}")
    return entry, Looked(entry.path, 0, skipped=(skipped,), lasting=False), ()


def _batches(entries: list[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        batch.append(entry)
        size += entry.size
        if len(batch) >= BATCH_FILES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def worker(pipe: Connection, spec: ScanSpec, niceness: int) -> None:
    """A process of the crew: batches of entries in, one answer for each entry out."""
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    remember = _Verdicts(make_memory(spec))
    scanner = make_scanner(spec, remember, _quiet)
    try:
        while True:
            for entry in pipe.recv():
                looked = scanner.look(entry)
                pipe.send((entry, looked, remember.new()))
    except (EOFError, OSError):
        sys.exit(0)  # whoever gave the work is gone


def _quiet(_text: str) -> None:
    """Warnings about rules are printed once, by the process that was started by a person."""


class _Verdicts:
    """Verdicts on contents, in a worker: those of the cache, and those that are new."""

    def __init__(self, cache: ScanMemory | None) -> None:
        self._cache = cache
        self._new: list[LookUp] = []

    def __call__(self, key: bytes, judged: Callable[[], list[Finding]]) -> list[Finding]:
        known = self._cache.verdict(key) if self._cache else None
        if known is not None:
            return known
        found = judged()
        self._new.append((key, found))
        return found

    def new(self) -> Sequence[LookUp]:
        """Those since the last time."""
        fresh, self._new = self._new, []
        return fresh

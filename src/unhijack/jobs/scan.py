"""Folders scanned by several processes; what an earlier scan of them found is not sought again."""

import asyncio
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from unhijack.assess.findings import findings
from unhijack.collect.scan.look import Installed, Looked, Surroundings
from unhijack.collect.scan.rows import LIVE, MOST_DUMP, database_findings, is_dump
from unhijack.collect.system import system_marks
from unhijack.core.errors import WrongUse
from unhijack.core.finding import Finding
from unhijack.core.known_good import Release
from unhijack.jobs.crew import Crew
from unhijack.jobs.scan_bench import Answer, Piece, not_looked, worker
from unhijack.jobs.scripts import run_all
from unhijack.jobs.survey import survey
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.cms import MOST_HEAD, Product, recognised
from unhijack.parse.server.content import content_marks
from unhijack.parse.server.place import Place
from unhijack.ports import (
    Entry,
    FolderMemory,
    KnownGood,
    ScanMemory,
    Skipped,
    Tree,
    Unread,
)
from unhijack.remediate.harden import Facts
from unhijack.wiring.scans import (
    ScanSpec,
    make_database,
    make_known,
    make_memory,
    make_system_files,
    make_tree,
)

BATCH_FILES = 128
BATCH_BYTES = 4 * 1024 * 1024
FILE_SECONDS = 20.0
"""Wall time after which a file is given up; a dump of a database gets more by its size."""
DUMP_BYTES_A_SECOND = 2_000_000
RUN_AT_ONCE = 200
"""Scripts that wait at most before they are run together."""
KEEP_EVERY = 2_000
"""Files after which the cache is made durable: a scan that was killed goes on from there."""
FAILED = frozenset({"unreadable", "changed", "too-deep", "crashed"})
"""Reasons why something was not looked at that should have been."""


_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Watching:
    """What the person who scans wants to be told meanwhile."""

    progress: Callable[[int, int], None] = lambda _done, _of: None
    surveyed: Callable[[Sequence[Product], Facts], None] = lambda _products, _facts: None
    """What the folder holds, and what a look at its names and rights tells."""


@dataclass(frozen=True, slots=True)
class Walked:
    """A folder's files are known; what each gave comes after this."""

    files: int
    products: Sequence[Product]
    facts: Facts
    """What a look at names and rights tells."""


@dataclass(frozen=True, slots=True)
class Done:
    """Every file of a folder was looked at."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A folder could not be opened, and why, in harmless words."""

    why: str


Seen = tuple[int, Looked | Walked | Done | Failed]
"""The number of a folder, and what happened to it. Each ends with `Done` or `Failed`."""


def scan(
    spec: ScanSpec,
    *,
    hands: int,
    niceness: int = 0,
    watching: Watching = Watching(),
) -> Iterator[Looked]:
    """Look at every file of a folder. Findings come as they are found. Raises WrongUse."""
    done, total = 0, None
    for _, seen in scan_folders([spec], hands=hands, niceness=niceness):
        if isinstance(seen, Failed):
            raise WrongUse(seen.why)
        if isinstance(seen, Walked):
            watching.surveyed(seen.products, seen.facts)
            total = seen.files
        elif isinstance(seen, Looked):
            yield seen
            if total is not None:
                done += 1
                watching.progress(done, total)


def scan_folders(specs: Iterable[ScanSpec], *, hands: int, niceness: int = 0) -> Iterator[Seen]:
    """Look at every file of many folders, one after the other, with the same processes.

    No more is kept in mind than the files of the folders that the processes are at. Folders
    are numbered from 0 in the order of `specs`. Raises WrongUse where the cache or the rules
    cannot be used.
    """
    run = _Run(hands, niceness)
    try:
        for number, spec in enumerate(specs):
            yield from run.folder(number, spec)
        yield from run.rest()
    finally:
        run.close()


@dataclass(slots=True)
class _Open:
    """A folder that is being scanned."""

    spec: ScanSpec
    memory: FolderMemory | None
    left: int
    """Files that are still to come."""


class _Run:
    """Folders on their way through one crew."""

    def __init__(self, hands: int, niceness: int) -> None:
        self._crew: Crew[Piece, Answer] = Crew(worker, (niceness,), hands, _seconds, _given_up)
        self._open: dict[int, _Open] = {}
        self._caches: dict[str, ScanMemory] = {}
        self._answered = 0
        self._unclear: list[tuple[int, Entry, Looked]] = []
        """Scripts that are yet to be run."""

    def folder(self, number: int, spec: ScanSpec) -> Iterator[Seen]:
        """Walk a folder and give out its files."""
        try:
            tree = make_tree(spec)
        except WrongUse as error:
            yield number, Failed(str(error))
            return
        try:
            entries: list[Entry] = []
            for seen in tree.walk():
                if isinstance(seen, Skipped):
                    yield number, Looked(seen.path, 0, skipped=(seen,))
                else:
                    entries.append(seen)
            products, facts, around = _surroundings(spec, tree, entries)
        finally:
            tree.close()
        yield number, Walked(len(entries), products, facts)
        yield from self._files(number, replace(spec, around=around), entries)

    def _files(self, number: int, spec: ScanSpec, entries: list[Entry]) -> Iterator[Seen]:
        memory = self._memory(spec)
        todo = entries
        if memory is not None:
            todo = []
            for entry in entries:
                found = memory.recall(entry)
                if found is None:
                    todo.append(entry)
                else:
                    yield number, _remembered(entry, found)
            if spec.only is None:
                memory.forget_all_but(entry.path for entry in entries)
        self._open[number] = _Open(spec, memory, len(todo))
        if not todo:
            yield self._closed(number)
        for batch in _batches(todo):
            for answer in self._crew.take([Piece(number, spec, entry) for entry in batch]):
                yield from self._answer(answer)

    def rest(self) -> Iterator[Seen]:
        """What the processes are still at."""
        for answer in self._crew.rest():
            yield from self._answer(answer)
        yield from self._run_unclear()

    def _answer(self, answer: Answer) -> Iterator[Seen]:
        number, entry, looked, verdicts = answer
        memory = self._open[number].memory
        if memory is not None:
            memory.learn(verdicts)
        if looked.unclear:
            self._unclear.append((number, entry, looked))
            if len(self._unclear) >= RUN_AT_ONCE:
                yield from self._run_unclear()
        else:
            yield from self._settle(number, entry, looked)

    def _run_unclear(self) -> Iterator[Seen]:
        """Run the scripts that reading left unclear; where they cannot be run, say so."""
        waiting, self._unclear = self._unclear, []
        if waiting:
            specs = [self._open[number].spec for number, _, _ in waiting]
            files = [(spec, entry) for spec, (_, entry, _) in zip(specs, waiting, strict=True)]
            for (number, entry, _), ran in zip(waiting, asyncio.run(run_all(files)), strict=True):
                yield from self._settle(number, entry, ran)

    def _settle(self, number: int, entry: Entry, looked: Looked) -> Iterator[Seen]:
        folder = self._open[number]
        folder.left -= 1
        self._answered += 1
        if folder.memory is not None:
            if looked.lasting:
                folder.memory.note(entry, looked.findings)
            if self._answered % KEEP_EVERY == 0:
                folder.memory.keep()
        yield number, looked
        if folder.left == 0:
            yield self._closed(number)

    def _closed(self, number: int) -> Seen:
        memory = self._open.pop(number).memory
        if memory is not None:
            memory.keep()
        return number, Done()

    def _memory(self, spec: ScanSpec) -> FolderMemory | None:
        if spec.cache is None:
            return None
        cache = self._caches.get(spec.cache) or make_memory(spec)
        assert cache is not None
        self._caches[spec.cache] = cache
        return cache.folder(os.path.realpath(spec.root), spec.key, spec.prefix)

    def close(self) -> None:
        """End the processes, and keep what is known."""
        self._crew.close()
        for cache in self._caches.values():
            cache.close()


def _remembered(entry: Entry, found: Sequence[Finding]) -> Looked:
    return Looked(
        entry.path,
        entry.size,
        tuple(found),
        changed_ns=entry.mtime_ns,
        touched_ns=entry.ctime_ns,
    )


def _surroundings(
    spec: ScanSpec, tree: Tree, entries: Sequence[Entry]
) -> tuple[Sequence[Product], Facts, Surroundings]:
    """What the folder holds, before its files are judged."""
    by_path = {entry.path: entry for entry in entries}

    def head(path: str) -> bytes:
        content = tree.read(by_path[path], MOST_HEAD)
        return b"" if isinstance(content, Skipped) else content

    products = recognised(by_path, head)
    known = make_known(spec)
    try:
        installed = _installed(products, known) if known is not None else []
        facts = survey(entries, products, head, known)
    finally:
        if known is not None:
            known.close()
    hosts = {name.lower() for name in Path(spec.root).absolute().parts if _HOST.fullmatch(name)}
    cms = next((product.name for product in products if ":" not in product.name), "")
    own = spec.around.own_hosts | hosts
    return products, facts, Surroundings(tuple(installed), own, cms)


def _installed(products: Sequence[Product], known: KnownGood) -> list[Installed]:
    """Products of which the store has the very release, the innermost first."""
    found = [
        Installed(f"{product.root}/" if product.root else "", release)
        for product in products
        if known.holds(release := Release(product.name, product.version))
    ]
    return sorted(found, key=lambda one: -len(one.root))


def look_at_database(address: str, own_hosts: Iterable[str]) -> Looked:
    """A live database, read-only. Raises WrongUse."""
    own = frozenset(own_hosts)

    def look(name: str, content: bytes) -> list[Mark]:
        return content_marks(name, content, Place(name, own))

    database = make_database(address)
    try:
        seen = list(database_findings(database, own, look))
        found = tuple(one for one in seen if isinstance(one, Finding))
        skipped = [
            Skipped(one.path, "unreadable", one.reason) for one in seen if isinstance(one, Unread)
        ]
        return Looked(LIVE, 0, found, tuple(skipped))
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


def _seconds(piece: Piece) -> float:
    dump = min(piece.entry.size, MOST_DUMP) if is_dump(piece.entry.path) else 0
    return FILE_SECONDS + dump / DUMP_BYTES_A_SECOND


def _given_up(piece: Piece, why: str) -> Answer:
    return not_looked(piece, "crashed", f"it could not be looked at: {why}")


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

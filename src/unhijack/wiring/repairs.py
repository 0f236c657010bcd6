"""Repairs: their adapters."""

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from unhijack.collect.scan.rows import LIVE, row_path
from unhijack.config.places import state_folder
from unhijack.core.errors import WrongUse
from unhijack.core.known_good import Release
from unhijack.core.rows import Routine
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.cms import MOST_HEAD, recognised
from unhijack.parse.server.content import content_marks
from unhijack.parse.server.place import Place
from unhijack.parse.server.rows import RowMark
from unhijack.ports import Clock, Entry, Mender, Releases, RepairJournal, Secrets, Skipped
from unhijack.remediate.apply import Workbench
from unhijack.remediate.rows import DatabaseRepairs
from unhijack.wiring.scans import ScanSpec, make_database, make_known, make_tree

LOG_CHUNK = 32 * 1024 * 1024
MOST_LOG_FILES = 10_000


def make_mender(root: Path) -> Mender:
    """The write side of a folder. Raises WrongUse."""
    from unhijack.adapters.tree.mend import TreeMender
    from unhijack.adapters.tree.rooted import Root

    return TreeMender(Root(root))


def installed(spec: ScanSpec) -> Releases | None:
    """What the folder's products were when they were released; None without a store."""
    from unhijack.remediate.releases import InstalledReleases

    known = make_known(spec)
    if known is None:
        return None
    tree = make_tree(spec)
    try:
        entries = {seen.path: seen for seen in tree.walk() if isinstance(seen, Entry)}

        def head(path: str) -> bytes:
            content = tree.read(entries[path], MOST_HEAD)
            return b"" if isinstance(content, Skipped) else content

        found = recognised(entries, head)
    finally:
        tree.close()
    releases = [(product.root, Release(product.name, product.version)) for product in found]
    return InstalledReleases(known, [one for one in releases if known.holds(one[1])])


def make_database_mender(address: str, own_hosts: Iterable[str]) -> DatabaseRepairs:
    """The write side of a live database. Reads it once. Raises WrongUse."""
    from unhijack.adapters.database.doors import open_mend

    own = frozenset(own_hosts)

    def look(name: str, content: bytes) -> list[Mark]:
        return content_marks(name, content, Place(name, own))

    def named(one: RowMark | Routine) -> str:
        return row_path(one) if isinstance(one, RowMark) else routine_path(one)

    password = os.environ.get("UNHIJACK_DATABASE_PASSWORD", "")
    return DatabaseRepairs(
        make_database(address), lambda: open_mend(address, password), look, named, own
    )


def routine_path(one: Routine) -> str:
    """The name that findings have for a stored program."""
    return f"{LIVE}{one.kind}/{quote(one.name)}"


def journal_base(given: Path | None, root: Path) -> Path:
    """The folder that journals lie in: checked to be none that the site serves. Raises WrongUse."""
    from unhijack.adapters.tree.safe_place import check_place, repairs_folder

    base = given or repairs_folder()
    check_place(base, root)
    return base


def new_journal(base: Path, at: datetime) -> RepairJournal:
    """A new journal. Raises WrongUse."""
    from unhijack.adapters.tree.journal import new_journal as make

    return make(base, at)


def open_journal(folder: Path) -> RepairJournal:
    """One that was written before. Raises WrongUse."""
    from unhijack.adapters.tree.journal import FolderJournal

    return FolderJournal(folder)


def journal_folders(base: Path) -> list[Path]:
    """The journals that lie in a folder, the oldest first."""
    from unhijack.adapters.tree.journal import journals

    return journals(base)


def repair_secrets() -> Secrets:
    """The house's keys, without its other settings. Raises WrongUse."""
    from unhijack.adapters.secrets import FileSecrets

    return FileSecrets(state_folder() / "keys")


def make_workbench(
    mender: Mender,
    journal: RepairJournal,
    releases: Releases | None = None,
    database: DatabaseRepairs | None = None,
) -> Workbench:
    """What a repair works with on this machine."""
    from unhijack.adapters.clock import SystemClock
    from unhijack.adapters.php_lint import PhpLint

    return Workbench(mender, journal, SystemClock(), releases, database, PhpLint())


def make_clock() -> Clock:
    """The machine's."""
    from unhijack.adapters.clock import SystemClock

    return SystemClock()


def log_files(given: Sequence[Path]) -> list[Path]:
    """Log files that were named, those of named folders among them. Raises WrongUse."""
    found: list[Path] = []
    for path in given:
        if not path.exists():
            raise WrongUse(f"log {path} is not there")
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [one for one in inside if one.is_file()]
    if len(found) > MOST_LOG_FILES:
        raise WrongUse(f"more than {MOST_LOG_FILES} log files: name those that matter")
    return found


def log_chunks(path: Path) -> Iterator[bytes]:
    """A log, in pieces. Raises WrongUse."""
    try:
        with path.open("rb") as file:
            while chunk := file.read(LOG_CHUNK):
                yield chunk
    except OSError as error:
        raise WrongUse(f"log {path} cannot be read: {error.strerror}") from None

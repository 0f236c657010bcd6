"""Scans: their adapters, from plain values that a process can be started with."""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from unhijack import __version__
from unhijack.collect.scan.look import Remember, Scanner, Surroundings
from unhijack.core.finding import Finding
from unhijack.parse.plain.marks import Mark
from unhijack.ports import (
    Accounts,
    Database,
    KnownGood,
    Logs,
    Reports,
    ScanMemory,
    SystemFiles,
    Tree,
)

if TYPE_CHECKING:  # few scans have a script that is run
    from unhijack.collect.scan.running import Runner

_RULES = ("parse/plain", "parse/server", "parse", "assess", "collect/scan", "data/rules")
"""Folders whose files say what is found."""


@dataclass(frozen=True, slots=True)
class ScanSpec:
    """What is scanned, and with what."""

    root: str
    only: str | None = None
    """The one file of the root that was meant, if one was."""
    prefix: str = ""
    """What findings have before the path inside: the root as it was given."""
    known: str | None = None
    """A store of known releases."""
    rules: tuple[str, ...] = ()
    """Folders of the operator's own rules."""
    cache: str | None = None
    around: Surroundings = field(default_factory=Surroundings)
    strangers: bool = False
    """The folder's owner did not ask for the scan: see `adapters.tree.straight`."""
    stamp: str = ""
    """Of the rules, where it was worked out before (`stamped`): many folders share it."""

    @property
    def shared_key(self) -> bytes:
        """Changes with what decides what is found in a content, whosever folder it lies in."""
        return _digest(self.stamp or rules_stamp(self), self.around.cms)

    @property
    def key(self) -> bytes:
        """Changes with everything that decides what is found in a given content."""
        own = sorted(self.around.own_hosts)
        return _digest(self.stamp or rules_stamp(self), self.around.cms, *own)


def rules_stamp(spec: ScanSpec) -> str:
    """Changes with the program, its rules, the operator's, and the store of known releases."""
    parts = [__version__]
    for folder in _RULES:
        parts += _stamps(Path(str(files("unhijack"))) / folder)
    for name in (spec.known, *spec.rules):
        if name is not None:
            parts += _stamps(Path(name))
    return _digest(*parts).hex()


def _digest(*parts: str) -> bytes:
    text = "\0".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()[:16]


def _stamps(path: Path) -> list[str]:
    if path.is_dir():
        inside: Iterable[Path] = sorted(one for one in path.iterdir() if one.is_file())
    else:
        inside = [path]
    seen = []
    for one in inside:
        try:
            about = one.stat()
        except OSError:
            continue
        seen.append(f"{one.name} {about.st_size} {about.st_mtime_ns}")
    return seen


def target(path: Path) -> ScanSpec:
    """What a path on a command line means: a folder, or one file in its folder."""
    given = str(path)
    if path.is_dir():
        return ScanSpec(given, prefix=given.rstrip("/") + "/")
    folder = str(path.parent)
    return ScanSpec(
        folder,
        path.name,
        prefix="" if folder == "." and "/" not in given else f"{folder.rstrip('/')}/",
    )


def make_tree(spec: ScanSpec) -> Tree:
    """The folder. Raises WrongUse."""
    from unhijack.adapters.tree.walk import FolderTree

    return FolderTree(Path(spec.root), spec.only, strangers=spec.strangers)


def make_known(spec: ScanSpec) -> KnownGood | None:
    """The store of known releases, if there is one. Raises WrongUse."""
    if spec.known is None:
        return None
    from unhijack.adapters.known.store import KnownStore

    return KnownStore(Path(spec.known))


def make_memory(spec: ScanSpec) -> ScanMemory | None:
    """What earlier scans found, if it is wanted. Raises WrongUse."""
    if spec.cache is None:
        return None
    from unhijack.adapters.scan_cache import ScanCache

    return ScanCache(Path(spec.cache))


def make_accounts(path: Path) -> Accounts:
    """Customers, out of a list or a panel."""
    from unhijack.adapters.accounts import AccountList

    return AccountList(path)


def make_reports(folder: Path) -> Reports:
    """Where a run over many customers reports. Raises WrongUse."""
    from unhijack.adapters.files import write_whole
    from unhijack.adapters.reports import ReportFolder

    return ReportFolder(folder, write_whole)


def make_database(address: str) -> Database:
    """A site's own database, for reading. Raises WrongUse."""
    from unhijack.adapters.database.doors import open_database

    return open_database(address, os.environ.get("UNHIJACK_DATABASE_PASSWORD", ""))


def make_logs(paths: Sequence[Path]) -> Logs:
    """A web server's logs."""
    from unhijack.adapters.logs import LogFolder

    return LogFolder(paths)


def make_system_files() -> SystemFiles:
    """This machine's own files."""
    from unhijack.adapters.system import RootFiles

    return RootFiles()


@dataclass(frozen=True, slots=True)
class Tools:
    """What the scanners of many folders share, because it takes long to make."""

    matches: Callable[[bytes], Sequence[Mark]]
    known: KnownGood | None


def make_tools(spec: ScanSpec, warn: Callable[[str], None]) -> Tools:
    """Rules and releases. Raises WrongUse."""
    from unhijack.adapters.matcher import make_matcher

    own = files("unhijack.data").joinpath("rules/own.yar").read_text("utf-8")
    return Tools(make_matcher(spec.rules, warn, own), make_known(spec))


def make_scanner(spec: ScanSpec, remember: Remember, tools: Tools) -> Scanner:
    """Everything that looks at the files of a folder. Raises WrongUse."""
    return Scanner(
        make_tree(spec),
        spec.prefix,
        tools.matches,
        tools.known,
        spec.around,
        remember,
        spec.key,
        spec.shared_key,
    )


def make_runner(warn: Callable[[str], None]) -> "Runner":
    """What runs scripts whose aim reading does not show. Whoever has it closes its sandbox."""
    from unhijack.collect.scan.running import Runner
    from unhijack.wiring.sandbox import known_libraries, make_sandbox

    return Runner(make_sandbox(warn), known_libraries())


def forgetful(_key: bytes, judged: Callable[[], list[Finding]]) -> list[Finding]:
    """Remembers nothing."""
    return judged()

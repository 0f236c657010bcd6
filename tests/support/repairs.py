"""A site that was broken into, and all that a repair of it works with."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from unhijack.adapters.tree.journal import FolderJournal, new_journal
from unhijack.adapters.tree.mend import TreeMender
from unhijack.adapters.tree.rooted import Root
from unhijack.core.finding import Finding, Kind, Mend, Span
from unhijack.core.repair import Plan
from unhijack.remediate.apply import Outcome, Workbench, apply
from unhijack.remediate.ledger import What
from unhijack.remediate.plan import make_plan
from unhijack.remediate.undo import undo

AT = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)


class StillClock:
    """Always five in the morning."""

    def now(self) -> datetime:
        return AT


class Book:
    """Releases, by path."""

    def __init__(self, files: dict[str, bytes], *, digests_only: bool = False) -> None:
        self._files = files
        self._digests_only = digests_only

    def content(self, path: str) -> bytes | None:
        return None if self._digests_only else self._files.get(path)

    def is_released(self, path: str, content: bytes) -> bool:
        return self._files.get(path) == content


def nobody(_what: str) -> None:
    pass


@dataclass
class Site:
    """A docroot, with the folder of its journals beside it."""

    root: Path
    base: Path

    def write(self, path: str, content: bytes, mode: int = 0o644) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(mode)
        return file

    def read(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    def found(
        self,
        path: str,
        span: tuple[int, int] | None = None,
        *,
        repair: Mend | None = None,
        kind: Kind = Kind.INJECTION,
        confidence: float = 0.95,
        reason: str = "it sends visitors away",
    ) -> Finding:
        """A finding of the file as it is now."""
        digest = sha256(self.read(path)).hexdigest()
        mend = repair or (Mend.REMOVE_BLOCK if span else Mend.QUARANTINE)
        cut = Span(*span) if span else None
        where = f"{self.root}/{path}"
        return Finding(where, 1, kind, "test-rule", confidence, reason, "", digest, mend, cut)

    def mender(self, before: Callable[[str], None] = nobody) -> TreeMender:
        return TreeMender(Root(self.root), before)

    def plan(self, *findings: Finding, known: Book | None = None) -> Plan:
        return make_plan(str(self.root), findings, self.mender(), known)

    def bench(
        self,
        journal: FolderJournal | None = None,
        before: Callable[[str], None] = nobody,
        known: Book | None = None,
    ) -> Workbench:
        if journal is None:
            journal = new_journal(self.base, AT, before)
            journal.write({"what": What.BEGIN, "root": str(self.root)})
        return Workbench(self.mender(before), journal, StillClock(), known)

    def repair(self, plan: Plan, known: Book | None = None) -> tuple[list[Outcome], Path]:
        """Do a plan; what became of it, and the journal's folder."""
        bench = self.bench(known=known)
        outcomes = list(apply(plan, bench))
        bench.journal.close()
        return outcomes, Path(bench.journal.name)

    def take_back(self, folder: Path, *, even_changed: bool = False) -> list[Outcome]:
        journal = FolderJournal(folder)
        try:
            return list(undo(self.bench(journal), even_changed=even_changed))
        finally:
            journal.close()

    def snapshot(self) -> dict[str, object]:
        """Everything of every file that a repair may not lose."""
        return {
            str(path.relative_to(self.root)): state(path)
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }


def make_site(folder: Path) -> Site:
    """An empty docroot."""
    root = folder / "site"
    root.mkdir()
    return Site(root, folder / "journals")


def state(path: Path) -> tuple[object, ...]:
    """A file as it has to come back; the time of its last reading is not part of it."""
    about = path.stat()
    attributes = tuple((name, os.getxattr(path, name)) for name in sorted(os.listxattr(path)))
    return (
        path.read_bytes(),
        about.st_mode,
        about.st_uid,
        about.st_gid,
        about.st_mtime_ns,
        attributes,
    )

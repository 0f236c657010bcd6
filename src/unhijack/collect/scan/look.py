"""One file of a folder: read, compared with what was released, and judged by what stands in it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import blake3

from unhijack.assess.findings import findings
from unhijack.assess.known_good import (
    is_renamed,
    renamed_finding,
    same_release_differently,
    standing_finding,
)
from unhijack.collect.scan.archives import is_archive, members
from unhijack.collect.scan.rows import MOST_DUMP, dump_findings, is_dump
from unhijack.core.finding import Finding, Mend
from unhijack.core.known_good import DIGEST_BYTES, Digests, KnownFile, Release, Standing
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.content import (
    content_marks,
    depends_on_place,
    runs_as_php,
    unclear_script,
)
from unhijack.parse.server.place import Place
from unhijack.ports import Entry, KnownGood, Skipped, Tree

MOST_READ = 16 * 1024 * 1024
"""Bytes of one file that are looked at. What comes after is said to be unread."""

Remember = Callable[[bytes, Callable[[], list[Finding]]], list[Finding]]
"""Findings for a key: as they are remembered, or as the function has them now."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A product of the folder, of which the store has this very release."""

    root: str
    """Its folder, relative, with ``/`` at the end; empty for the scanned root itself."""
    release: Release


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the folder as a whole before its files are looked at."""

    installed: tuple[Installed, ...] = ()
    """The innermost first."""
    own_hosts: frozenset[str] = frozenset()
    cms: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What one file gave."""

    path: str
    """Relative to the root."""
    size: int
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    lasting: bool = True
    """The same file gives the same again, whatever lies around it."""
    changed_ns: int = 0
    """When its content last changed, as the file system says (``st_mtime_ns``)."""
    touched_ns: int = 0
    """When its inode last changed, which nobody sets (``st_ctime_ns``)."""
    unclear: bool = False
    """It could send visitors away by a test that reading does not see through."""

    def __reduce__(self) -> tuple[type["Looked"], tuple[Any, ...]]:
        """Each file's goes from one process to another: so that is three times faster."""
        return Looked, (
            *(self.path, self.size, self.findings, self.skipped, self.lasting),
            *(self.changed_ns, self.touched_ns, self.unclear),
        )


@dataclass(frozen=True, slots=True)
class Scanner:
    """Looks at the files of one folder."""

    tree: Tree
    prefix: str
    """What findings have before the path inside, as the root was given."""
    matches: Callable[[bytes], Sequence[Mark]]
    """The rules of the matcher, as marks."""
    known: KnownGood | None
    around: Surroundings
    remember: Remember
    key: bytes
    """Of this scanner's rules: what was found by others is not remembered for it."""
    shared_key: bytes
    """Of its rules without the folder's own names: what all folders remember together."""

    def look(self, entry: Entry) -> Looked:
        """Read a file and say what was planted in it."""
        if is_dump(entry.path):
            return self._dump(entry)
        content = self.tree.read(entry, MOST_READ)
        if isinstance(content, Skipped):
            return Looked(entry.path, 0, skipped=(content,), lasting=False)
        skipped = []
        if entry.size > len(content):
            text = f"longer than {MOST_READ >> 20} MB: what comes after was not looked at"
            skipped.append(Skipped(entry.path, "partial", text))
        found = []
        archive = is_archive(content)
        if not archive or runs_as_php(entry.path):
            found += self._file(entry.path, content)
        if archive:
            inside, more = self._inside(entry.path, content)
            found += inside
            skipped += more
        unclear = not found and not archive and unclear_script(entry.path, content)
        return Looked(
            entry.path,
            len(content),
            tuple(found),
            tuple(skipped),
            not depends_on_place(entry.path),
            entry.mtime_ns,
            entry.ctime_ns,
            unclear,
        )

    def _dump(self, entry: Entry) -> Looked:
        """A dump of a database: as long as it is, row by row."""
        path = self.prefix + entry.path
        chunks = self.tree.chunks(entry, MOST_DUMP)
        found = dump_findings(path, chunks, self.around.own_hosts, self._text)
        size = min(entry.size, MOST_DUMP)
        return Looked(entry.path, size, tuple(found))

    def _text(self, name: str, content: bytes) -> list[Mark]:
        """What a text out of a database shows."""
        return content_marks(name, content, Place(name, self.around.own_hosts))

    def _file(self, path: str, content: bytes) -> list[Finding]:
        known = self._standing(path, content)
        if known.standing in (Standing.RELEASED, Standing.ELSEWHERE):
            return self._renamed(path, content, known)
        found = self._content(path, content)
        if known.standing is not Standing.UNKNOWN:
            found = self._compared(path, content, known, found)
        return found

    def _renamed(self, path: str, content: bytes, known: KnownFile) -> list[Finding]:
        """A released file that a plugin's folder hides under another name, if it is one."""
        if not is_renamed(path, known):
            return []
        sha256 = hashlib.sha256(content).hexdigest()
        return [renamed_finding(self.prefix + path, known, sha256)]

    def _compared(
        self, path: str, content: bytes, known: KnownFile, found: list[Finding]
    ) -> list[Finding]:
        """What the content shows, and what the comparison with the release adds to it."""
        installed = self._installed(path)
        assert installed is not None
        inner = path[len(installed.root) :]
        store = self.known

        def restorable() -> bool:
            return store is not None and store.content(installed.release, inner) is not None

        sha256 = hashlib.sha256(content).hexdigest()
        finding = standing_finding(self.prefix + path, inner, known, sha256, restorable)
        if finding is None:
            return found
        if finding.repair is Mend.RESTORE:  # better than any cut
            found = [replace(one, repair=Mend.RESTORE) for one in found]
        return [*found, finding]

    def _content(self, path: str, content: bytes) -> list[Finding]:
        if depends_on_place(path):
            found = self._judged(path, content, self.around.own_hosts)
        else:
            found = self._remembered(path, content)
        return [replace(one, path=self.prefix + path) for one in found]

    def _remembered(self, path: str, content: bytes) -> list[Finding]:
        """Nearly every content shows nothing, whosever it is: all folders remember that together.

        Where something shows, it is judged again by whoever knows the folder's own names, for
        what leads to these leads nowhere else. To know more names is never to find more.
        """

        def anybodys() -> list[Finding]:
            return self._judged(path, content, frozenset())

        def ours() -> list[Finding]:
            return self._judged(path, content, self.around.own_hosts)

        found = self.remember(_key(self.shared_key, path, content), anybodys)
        if found and self.around.own_hosts:
            found = self.remember(_key(self.key, path, content), ours)
        return found

    def _judged(self, path: str, content: bytes, own_hosts: frozenset[str]) -> list[Finding]:
        place = Place(path, own_hosts, self.tree.exists, self.around.cms)
        marks = [*content_marks(path, content, place), *self.matches(content)]
        if not marks:
            return []
        return findings("", content, marks, hashlib.sha256(content).hexdigest())

    def _installed(self, path: str) -> Installed | None:
        return next((one for one in self.around.installed if path.startswith(one.root)), None)

    def _standing(self, path: str, content: bytes) -> KnownFile:
        if self.known is None:
            return KnownFile(Standing.UNKNOWN)
        installed = self._installed(path)
        digests = _digests(content)
        if installed is None:
            return self.known.anywhere(digests)
        inner = path[len(installed.root) :]
        known = self.known.standing(installed.release, inner, digests)
        if known.standing is Standing.DIFFERENT:
            for other in same_release_differently(path, content):
                again = self.known.standing(installed.release, inner, _digests(other))
                if again.standing is Standing.RELEASED:
                    return again
        return known

    def _inside(self, path: str, content: bytes) -> tuple[list[Finding], list[Skipped]]:
        """What lies in an archive: found, but for a person to look at. No server runs it there."""
        found: list[Finding] = []
        skipped: list[Skipped] = []
        for member in members(path, content):
            if isinstance(member, Skipped):
                skipped.append(member)
            elif is_dump(member.path):
                inner = self.prefix + member.path
                chunks = iter((member.content,))
                found += dump_findings(inner, chunks, self.around.own_hosts, self._text)
            elif self.known is None or not self._released(member.content):
                found += [
                    replace(
                        one, repair=Mend.REVIEW, span=None, reason=f"in an archive: {one.reason}"
                    )
                    for one in self._content(member.path, member.content)
                ]
        return found, skipped

    def _released(self, content: bytes) -> bool:
        assert self.known is not None
        return self.known.anywhere(_digests(content)).standing is Standing.ELSEWHERE


def _key(rules: bytes, path: str, content: bytes) -> bytes:
    """Of the content, and of the one thing that a path says to those who read it: the suffix."""
    suffix = path.rpartition("/")[2].partition(".")[2].lower().encode("utf-8", "surrogateescape")
    digest = blake3.blake3(rules + suffix + b"\0")
    digest.update(content)
    return digest.digest(DIGEST_BYTES)


def _digests(content: bytes) -> Digests:
    return Digests(
        blake3.blake3(content).digest(DIGEST_BYTES),
        hashlib.md5(content, usedforsecurity=False).digest(),
    )

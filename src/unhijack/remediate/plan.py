"""Findings -> Plan: what would be done about each file, in the right order, and what not."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from unhijack.core.finding import SURE, Finding, Mend
from unhijack.core.repair import Act, Held, Plan, Repair, why_of, without
from unhijack.core.text import printable
from unhijack.ports import CannotMend, DatabaseMender, Mender, Releases
from unhijack.remediate.decide import Patient, decide, not_sure
from unhijack.remediate.house import DIRECTIVES, TURNS, folders_of, turn

MOST_NAMED = 1024 * 1024
"""Bytes of planted code that are looked through for names of other planted files."""
_FILE_NAME = re.compile(rb"[A-Za-z0-9_.\-\x80-\xff]{3,255}")
"""What may be the name of a file, in planted code."""
IN_LIVE_DATABASE = "database:"
"""What findings in a live database have before their path."""
_LIVE = "It is in a database: look at it there; no repair of it is certain to do no harm."


def make_plan(
    root: str,
    findings: Iterable[Finding],
    mender: Mender,
    known: Releases | None = None,
    database: DatabaseMender | None = None,
) -> Plan:
    """What would be done, and what a person has to decide. Changes nothing.

    Below `SURE` nothing is done by itself. Several cuts in a file are one step. A file of a known
    release is restored, never set aside.
    """
    planner = _Planner(root, mender, known, database)
    for finding in findings:
        planner.take(finding)
    return planner.plan()


class _Planner:
    def __init__(
        self,
        root: str,
        mender: Mender,
        known: Releases | None,
        database: DatabaseMender | None,
    ) -> None:
        self._root = root
        self._mender = mender
        self._known = known
        self._database = database
        self._files: dict[str, list[Finding]] = {}
        self._steps: list[tuple[int, Repair]] = []
        self._held: list[Held] = []
        self._directives: dict[str, bytes] = {}
        self._planted_names: dict[str, set[bytes]] = {}
        """By the path of a planned step: what its planted bytes may name."""

    def take(self, finding: Finding) -> None:
        row = self._database.plan(finding) if self._database else None
        if row is not None:
            self._take_row(row, finding)
            return
        live = finding.path.startswith(IN_LIVE_DATABASE)
        path = None if live else relative(self._root, finding.path)
        if path is None:
            note = _LIVE if live else "It lies outside of what was scanned."
            self._held.append(Held(finding.path, note, why=why_of([finding])))
            return
        self._files.setdefault(path, []).append(finding)

    def _take_row(self, row: Repair, finding: Finding) -> None:
        if any(step.path == row.path for _, step in self._steps):
            return  # another finding of the same value, whose step mends both
        if finding.confidence >= SURE and finding.repair is not Mend.REVIEW:
            urgent = 0 if row.act is Act.DROP_TRIGGER else turn(row.path, [finding])
            self._steps.append((urgent, row))
        else:
            self._held.append(Held(row.path, not_sure([finding]), row, row.why))

    def plan(self) -> Plan:
        for path in sorted(self._files):
            self._decide(path, self._files[path])
        self._look_for_loaders()
        steps: list[Repair] = []
        first = 0
        for number, step in sorted(self._steps, key=lambda one: one[0]):
            heading = TURNS[number] if number >= first else ""
            first = number + 1 if heading else first
            steps.append(replace(step, note=" ".join(filter(None, (heading, step.note)))))
        return Plan(self._root, tuple(steps), tuple(self._held))

    def _decide(self, path: str, findings: list[Finding]) -> None:
        try:
            looked = self._mender.look(path)
        except CannotMend as error:
            self._held.append(Held(path, str(error), why=why_of(findings)))
            return
        if looked is None:
            # what a person has to look at may lie in an archive: no file has its name
            review = all(finding.repair is Mend.REVIEW for finding in findings)
            note = not_sure(findings) if review else "It is gone since the scan."
            self._held.append(Held(path, note, why=why_of(findings)))
            return
        original, content = looked
        released = self._known.content(path) if self._known else None
        decided = decide(Patient(path, findings, original, content, released, self._known))
        if isinstance(decided, Held):
            self._held.append(decided)
            return
        planted = content if decided.act is not Act.CUT else _cut_bytes(content, decided)
        self._planted_names[path] = set(_FILE_NAME.findall(planted, 0, MOST_NAMED))
        self._steps.append((turn(path, findings), decided))

    def _look_for_loaders(self) -> None:
        """Make what is set aside wait for the steps of the files that load it."""
        steps = {
            step.path: (number, step) for number, step in self._steps if step.path in self._files
        }
        loaders = self._loaders(steps)
        aside = [path for path, (_, step) in steps.items() if step.act is Act.QUARANTINE]
        for path in aside:
            name = path.rpartition("/")[2].encode(errors="surrogateescape")
            directive = self._directive_that_stays(path, name, steps)
            if directive is None:
                _wait(steps, path, [other for other in loaders[name] if other != path])
                continue
            note = (
                f"{printable(directive)} names this file: every page would fail without it. Mend "
                "that first."
            )
            step = steps.pop(path)[1]
            self._held.append(Held(path, note, step, step.why))
        order = {other: at for at, other in enumerate(_needs_first(steps))}
        rows = [(number, step) for number, step in self._steps if step.path not in self._files]
        self._steps = [*rows, *sorted(steps.values(), key=lambda one: order[one[1].path])]

    def _loaders(self, steps: dict[str, tuple[int, Repair]]) -> dict[bytes, list[str]]:
        """Files that stay, by the names in what is planted in them."""
        found: dict[bytes, list[str]] = defaultdict(list)
        for path, names in self._planted_names.items():
            if steps[path][1].act is not Act.QUARANTINE:
                for name in names:
                    found[name].append(path)
        return found

    def _directive_that_stays(
        self, path: str, name: bytes, steps: dict[str, tuple[int, Repair]]
    ) -> str | None:
        for folder in folders_of(path):
            for base in DIRECTIVES:
                directive = f"{folder}/{base}" if folder else base
                content = self._afterwards(directive, steps) if directive != path else b""
                if name in content and _loads(content, name):
                    return directive
        return None

    def _afterwards(self, path: str, steps: dict[str, tuple[int, Repair]]) -> bytes:
        """What a directive will say, once its own step is done."""
        if path not in self._directives:
            try:
                looked = self._mender.look(path)
            except CannotMend:
                looked = None
            self._directives[path] = looked[1] if looked else b""
        content = self._directives[path]
        step = steps[path][1] if path in steps else None
        if step is None:
            return content
        try:
            return without(content, step.spans) if step.act is Act.CUT else b""
        except ValueError:  # changed since: its step will be refused
            return content


def _wait(steps: dict[str, tuple[int, Repair]], path: str, needs: list[str]) -> None:
    """Let a step wait for those of its loaders, which go with the files that all visits run."""
    if not needs:
        return
    for other in needs:
        number, loading = steps[other]
        steps[other] = (min(number, 2), loading)
    number, step = steps[path]
    latest = max(steps[other][0] for other in needs)
    steps[path] = (max(number, latest), replace(step, needs=tuple(needs)))


def _loads(content: bytes, name: bytes) -> bool:
    """Whether a directive has this file loaded before or after every page."""
    lines = (line.strip().lower() for line in content.splitlines() if name in line)
    return any(
        b"auto_prepend_file" in line or b"auto_append_file" in line
        for line in lines
        if not line.startswith((b"#", b";"))
    )


def _needs_first(steps: dict[str, tuple[int, Repair]]) -> list[str]:
    """Paths in order of turn, none before what it needs; a circle is broken somewhere."""
    done: dict[str, None] = {}
    for path in sorted(steps, key=lambda one: steps[one][0]):
        for needed in steps[path][1].needs:
            done.setdefault(needed)
        done.setdefault(path)
    return list(done)


def relative(root: str, path: str) -> str | None:
    """A finding's path below the root; None where it is not below."""
    prefix = root.rstrip("/") + "/"
    if path.startswith(prefix):
        path = path[len(prefix) :]
    elif path.startswith("/"):
        return None
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return "/".join(parts) if parts and ".." not in parts else None


def _cut_bytes(content: bytes, step: Repair) -> bytes:
    return b"\n".join(content[span.start : span.end] for span in step.spans)

"""Findings -> Plan: what would be done about each file, in the right order, and what not."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from unhijack.core.finding import SURE, Finding, Mend, Span
from unhijack.core.repair import Act, Held, Plan, Repair, merged, why_of, without
from unhijack.core.text import printable
from unhijack.parse.server.sound import faults
from unhijack.ports import CannotMend, DatabaseMender, Mender, Original, Releases
from unhijack.remediate.house import (
    DIRECTIVES,
    TURNS,
    folders_of,
    has_password,
    is_config,
    is_entry,
    turn,
)

_FILE_NAME = re.compile(rb"[A-Za-z0-9_.\-\x80-\xff]{3,255}")
"""What may be the name of a file, in planted code."""
MOST_TAG = 64
_OPENED = re.compile(rb"<\?(?:php)?\s{0,40}\Z")
_CLOSED = re.compile(rb"\s{0,40}\?>")
_MARK = b"\xef\xbb\xbf"
MOST_EDGE = 3
"""Bytes of white space at which a cut may begin or end differently."""


IN_LIVE_DATABASE = "database:"
"""What findings in a live database have before their path."""
_LIVE = "It is in a database: look at it there; no repair of it is certain to do no harm."


@dataclass(frozen=True, slots=True)
class _Patient:
    """A file, what was found in it, and what it was when it was released."""

    path: str
    findings: list[Finding]
    original: Original
    content: bytes
    released: bytes | None
    known: Releases | None = None

    def step(self, act: Act, content: bytes | None, findings: list[Finding]) -> Repair:
        after = sha256(content).hexdigest() if content is not None else ""
        spans = self.spans(findings) if act is Act.CUT else ()
        file = self.original
        why = why_of(findings)
        return Repair(act, self.path, file.sha256, after, spans, file.device, file.inode, why)

    def spans(self, findings: list[Finding]) -> tuple[Span, ...]:
        """What is cut: never the byte order mark, which was the file's own."""
        found = [one.span for one in findings if one.span is not None]
        if self.content.startswith(_MARK):
            length = len(_MARK)
            found = [Span(max(one.start, length), max(one.end, length)) for one in found]
        return merged([_with_tags(self.content, span) for span in found])

    def hold(self, note: str, step: Repair | None = None) -> Held:
        return Held(self.path, note, step, why_of(self.findings))


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
            self._held.append(Held(row.path, _not_sure([finding]), row, row.why))

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
            self._held.append(Held(path, "It is gone since the scan.", why=why_of(findings)))
            return
        original, content = looked
        released = self._known.content(path) if self._known else None
        decided = decide(_Patient(path, findings, original, content, released, self._known))
        if isinstance(decided, Held):
            self._held.append(decided)
            return
        planted = content if decided.act is not Act.CUT else _cut_bytes(content, decided)
        self._planted_names[path] = set(_FILE_NAME.findall(planted))
        self._steps.append((turn(path, findings), decided))

    def _look_for_loaders(self) -> None:
        """Make what is set aside wait for the steps of the files that load it."""
        steps = {
            step.path: (number, step) for number, step in self._steps if step.path in self._files
        }
        for path, (number, step) in list(steps.items()):
            if step.act is not Act.QUARANTINE:
                continue
            name = path.rpartition("/")[2].encode(errors="surrogateescape")
            loader = self._directive_that_stays(path, name, steps)
            if loader is not None:
                note = f"{printable(loader)} names this file: every page would fail without it. Mend that first."
                self._held.append(Held(path, note, step, step.why))
                del steps[path]
                continue
            needs = [
                other
                for other, names in self._planted_names.items()
                if other != path and name in names and steps[other][1].act is not Act.QUARANTINE
            ]
            latest = max((steps[other][0] for other in needs), default=0)
            for other in needs:  # whatever loads a planted file goes with the files all visits run
                rank, loading = steps[other]
                steps[other] = (min(rank, 2), loading)
            steps[path] = (max(number, min(latest, 2)), replace(step, needs=tuple(needs)))
        order = {other: at for at, other in enumerate(_needs_first(steps))}
        rows = [(number, step) for number, step in self._steps if step.path not in self._files]
        mended = sorted(steps.values(), key=lambda one: order[one[1].path])
        self._steps = [*rows, *mended]

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
        try:
            looked = self._mender.look(path)
        except CannotMend:
            return b""
        if looked is None:
            return b""
        step = steps[path][1] if path in steps else None
        if step is None:
            return looked[1]
        return without(looked[1], step.spans) if step.act is Act.CUT else b""


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


def decide(patient: _Patient) -> Repair | Held:
    """What is to be done about one file."""
    if any(finding.sha256 != patient.original.sha256 for finding in patient.findings):
        return patient.hold("It changed since the scan: scan again.")
    if patient.released == patient.content:
        return patient.hold("It is exactly as it was released: nothing is to be done.")
    own = is_config(patient.path) and has_password(patient.content)
    if patient.released is not None and not own:
        return _restore(patient, patient.released)
    proven = _proven_cut(patient)
    if proven is not None:
        return proven
    sure = _sure(patient.findings)
    if not sure:
        return patient.hold(_not_sure(patient.findings), _candidate(patient))
    whole = [one for one in sure if one.repair is Mend.QUARANTINE]
    cuts = [one for one in sure if one.repair is Mend.REMOVE_BLOCK and one.span is not None]
    if whole and _must_stay(patient) is None:
        return _set_aside(patient, whole)
    if cuts:
        return _cut(patient, cuts)
    if whole:
        return patient.hold(str(_must_stay(patient)), patient.step(Act.QUARANTINE, None, whole))
    return patient.hold(
        "The released file is needed to put it right: name the release with --known, or put it "
        "there by hand."
    )


def _proven_cut(patient: _Patient) -> Repair | None:
    """The cut that leaves exactly the released file, where digests of it are known. That makes
    certain what was only suspected, and finds which line ends belong to the block.
    """
    cuts = [one for one in patient.findings if one.repair is not Mend.REVIEW and one.span]
    if patient.known is None or not cuts:
        return None
    for spans in _edges(patient.content, patient.spans(cuts)):
        content = without(patient.content, spans)
        if patient.known.is_released(patient.path, content):
            step = patient.step(Act.CUT, content, patient.findings)
            return replace(step, spans=spans, note="What is left is exactly the released file.")
    return None


def _with_tags(content: bytes, span: Span) -> Span:
    """A span with the tags around it, where they would be left with nothing between them."""
    before = _OPENED.search(content, max(0, span.start - MOST_TAG), span.start)
    after = _CLOSED.match(content, span.end, span.end + MOST_TAG)
    return Span(before.start(), after.end()) if before and after else span


def _edges(content: bytes, spans: tuple[Span, ...]) -> Iterator[tuple[Span, ...]]:
    """The spans, and the same with the white space before or after them, more or less of it."""
    if not spans or spans[-1].end > len(content):
        return
    seen = set()
    for before in range(-MOST_EDGE, MOST_EDGE + 1):
        for after in range(-MOST_EDGE, MOST_EDGE + 1):
            moved = [_moved(content, span, before, after) for span in spans]
            found = merged([span for span in moved if span is not None])
            if None not in moved and found not in seen:
                seen.add(found)
                yield found


def _moved(content: bytes, span: Span, before: int, after: int) -> Span | None:
    """A span whose ends moved outwards (or inwards, below 0) over white space alone."""
    start, end = span.start - before, span.end + after
    if not 0 <= start < end <= len(content):
        return None
    passed = (
        content[min(start, span.start) : max(start, span.start)]
        + content[min(end, span.end) : max(end, span.end)]
    )
    return None if passed.strip() else Span(start, end)


def _sure(findings: Sequence[Finding]) -> list[Finding]:
    return [one for one in findings if one.confidence >= SURE and one.repair is not Mend.REVIEW]


def _not_sure(findings: Sequence[Finding]) -> str:
    if all(one.repair is Mend.REVIEW for one in findings):
        return "A person has to look: there is no repair that is certain to do no harm."
    best = max(one.confidence for one in findings)
    return f"Only {best:.0%} sure: look at it, and take the # away if it is planted."


def _restore(patient: _Patient, released: bytes) -> Repair | Held:
    sure = [one for one in patient.findings if one.confidence >= SURE]
    step = patient.step(Act.RESTORE, released, patient.findings)
    if sure:
        return step
    return patient.hold(_not_sure(patient.findings), step)


def _must_stay(patient: _Patient) -> str | None:
    """Why a file is never set aside whole, however sure a finding is."""
    if is_config(patient.path) and has_password(patient.content):
        return (
            "The site's own settings and its database password stand in it: set aside, the site "
            "would be gone. Take the planted lines out by hand."
        )
    if patient.released is not None:
        return "It belongs to a known release: it is mended, never set aside."
    return None


def _set_aside(patient: _Patient, whole: list[Finding]) -> Repair:
    step = patient.step(Act.QUARANTINE, None, whole)
    if not is_entry(patient.path):
        return step
    note = (
        "Nothing of the site is left in this file. The site may need one of this name: put it "
        "back from the release or a backup."
    )
    return replace(step, note=note)


def _cut(patient: _Patient, cuts: list[Finding]) -> Repair | Held:
    try:
        content = without(patient.content, patient.spans(cuts))
    except ValueError:
        return patient.hold("What was found does not lie in this file: scan again.")
    if has_password(patient.content) and not has_password(content):
        return patient.hold(
            "The site's database password would be cut out too: take the lines out by hand."
        )
    step = patient.step(Act.CUT, content, cuts)
    trouble = breaks(patient.path, patient.content, content)
    if trouble is not None:
        return patient.hold(trouble, step)
    if patient.path.endswith(".user.ini"):
        step = replace(step, note="PHP goes on by the old settings for up to five minutes.")
    others = [one for one in patient.findings if one not in cuts]
    if others:
        reasons = "; ".join(why.reason for why in why_of(others)[:3])
        step = replace(step, note=f"Look at the rest of this file afterwards: {reasons}")
    return step


def _candidate(patient: _Patient) -> Repair | None:
    """What a person may choose, where nothing is done by itself."""
    cuts = [one for one in patient.findings if one.repair is Mend.REMOVE_BLOCK and one.span]
    if cuts:
        cut = _cut(patient, cuts)
        return cut.repair if isinstance(cut, Held) else cut
    whole = [one for one in patient.findings if one.repair is Mend.QUARANTINE]
    if whole and not is_entry(patient.path) and _must_stay(patient) is None:
        return patient.step(Act.QUARANTINE, None, whole)
    return None


def breaks(path: str, before: bytes, after: bytes) -> str | None:
    """Why a file would no longer be read by its own program; None where it would."""
    left = faults(path, after)
    if left == 0:
        return None
    was = faults(path, before)
    if left is None or was is None:
        return "It is too long or too tangled to be checked after the cut: mend it by hand."
    if left <= was:
        return None
    return "Without these bytes the file could no longer be read by its own program."


def _cut_bytes(content: bytes, step: Repair) -> bytes:
    return b"\n".join(content[span.start : span.end] for span in step.spans)

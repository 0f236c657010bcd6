"""What is to be done about one file: cut, restored, set aside, or left for a person."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from unhijack.core.finding import SURE, Finding, Kind, Mend, Span
from unhijack.core.repair import Act, Held, Repair, merged, why_of, without
from unhijack.parse.server.sound import faults
from unhijack.ports import Original, Releases
from unhijack.remediate.house import has_password, is_config, is_entry
from unhijack.remediate.search import proven_span

_PROVEN = "What is left is exactly the released file."
MOST_TAG = 64
_OPENED = re.compile(rb"<\?(?:php)?\s{0,40}\Z")
_CLOSED = re.compile(rb"\s{0,40}\?>")
_MARK = b"\xef\xbb\xbf"
MOST_EDGE = 3
"""Bytes of white space at which a cut may begin or end differently."""


@dataclass(frozen=True, slots=True)
class Patient:
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


def decide(patient: Patient) -> Repair | Held:
    """What is to be done about one file."""
    acted_on = [one for one in patient.findings if one.repair is not Mend.REVIEW]
    if any(finding.sha256 != patient.original.sha256 for finding in acted_on):
        return patient.hold("It changed since the scan: scan again.")
    if patient.released == patient.content:
        return patient.hold("It is exactly as it was released: nothing is to be done.")
    own = is_config(patient.path) and has_password(patient.content)
    if patient.released is not None and not own:
        return _restore(patient, patient.released)
    proven = _proven_cut(patient) or _searched_cut(patient)
    if proven is not None:
        return proven
    sure = _sure(patient.findings)
    if not sure:
        return patient.hold(not_sure(patient.findings), _candidate(patient))
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


def _proven_cut(patient: Patient) -> Repair | None:
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
            return replace(step, spans=spans, note=_PROVEN)
    return None


def _searched_cut(patient: Patient) -> Repair | None:
    """The same, where nobody knows which bytes were planted, only that the file is another."""
    known = patient.known
    if known is None or all(one.kind is not Kind.MODIFIED_CORE for one in patient.findings):
        return None
    lines = [one.line for one in sorted(patient.findings, key=lambda one: -one.confidence)]
    span = proven_span(
        patient.content, lines, lambda content: known.is_released(patient.path, content)
    )
    if span is None:
        return None
    content = without(patient.content, (span,))
    step = patient.step(Act.CUT, content, patient.findings)
    return replace(step, spans=(span,), note=_PROVEN)


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


def not_sure(findings: Sequence[Finding]) -> str:
    if all(one.repair is Mend.REVIEW for one in findings):
        return "A person has to look: there is no repair that is certain to do no harm."
    best = max(one.confidence for one in findings)
    return f"Only {best:.0%} sure: look at it, and take the # away if it is planted."


def _restore(patient: Patient, released: bytes) -> Repair | Held:
    sure = [one for one in patient.findings if one.confidence >= SURE]
    step = patient.step(Act.RESTORE, released, patient.findings)
    if sure:
        return step
    return patient.hold(not_sure(patient.findings), step)


def _must_stay(patient: Patient) -> str | None:
    """Why a file is never set aside whole, however sure a finding is."""
    if is_config(patient.path) and has_password(patient.content):
        return (
            "The site's own settings and its database password stand in it: set aside, the site "
            "would be gone. Take the planted lines out by hand."
        )
    if patient.released is not None:
        return "It belongs to a known release: it is mended, never set aside."
    return None


def _set_aside(patient: Patient, whole: list[Finding]) -> Repair:
    step = patient.step(Act.QUARANTINE, None, whole)
    if not is_entry(patient.path):
        return step
    note = (
        "Nothing of the site is left in this file. The site may need one of this name: put it "
        "back from the release or a backup."
    )
    return replace(step, note=note)


def _cut(patient: Patient, cuts: list[Finding]) -> Repair | Held:
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


def _candidate(patient: Patient) -> Repair | None:
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

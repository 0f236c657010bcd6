"""What was found, as it was before anybody mended it: archives with a manifest, to be sealed."""

import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePath

from unhijack.core.data import Json
from unhijack.core.finding import Finding, finding_data
from unhijack.core.plan_text import plan_text
from unhijack.core.repair import IN_DATABASE, Plan, Repair
from unhijack.core.text import printable
from unhijack.ports import CannotMend, DatabaseMender, Mender, Secrets
from unhijack.remediate.apply import Workbench
from unhijack.remediate.ledger import What, original_data

PART_BYTES = 64 * 1024 * 1024
"""Content of one archive: it is sealed as a whole, in memory."""
FORMAT = "unhijack-evidence 1"
SUFFIX = ".tar.sealed"

_ABOUT = (
    "Files as they were found, before anything was mended, under their SHA-256; the manifest says "
    "where each lay, whose it was, and when it was changed (times in ns since 1970, UTC). Hostile: "
    "never run, open or upload them. Large files and logs are split: parts of one name, joined in "
    "order, are the file."
)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One piece of evidence: a file, or a part of a log."""

    name: str
    """In the archive: ours, harmless."""
    content: bytes
    about: dict[str, Json] = field(default_factory=dict)


def exhibits(
    plan: Plan,
    findings: Iterable[Finding],
    mender: Mender,
    logs: Iterable[Exhibit],
    database: DatabaseMender | None = None,
) -> Iterator[Exhibit]:
    """Findings, plan, every file and row that either names, and logs. What cannot be read is said
    so.
    """
    lines = (json.dumps(finding_data(one), sort_keys=True) + "\n" for one in findings)
    yield Exhibit("findings.jsonl", "".join(lines).encode())
    yield Exhibit("plan.txt", plan_text(plan).encode())
    rows = {step.path: step for step in plan.steps if step.act in IN_DATABASE}
    if database is not None:
        yield from (_row(step, database) for step in rows.values())
    paths = {step.path for step in plan.steps} | {held.path for held in plan.held}
    taken: set[str] = set()
    for path in sorted(paths - rows.keys()):
        exhibit = _file(path, mender)
        if exhibit.name in taken:  # the same content at another place
            exhibit = Exhibit("", b"", {**exhibit.about, "same_as": exhibit.name})
        taken.add(exhibit.name)
        yield exhibit
    yield from logs


def _file(path: str, mender: Mender) -> Exhibit:
    try:
        looked = mender.look(path)
    except CannotMend as error:
        return Exhibit("", b"", {"path": path, "not_taken": str(error)})
    if looked is None:
        return Exhibit("", b"", {"path": path, "not_taken": "it is not there"})
    original, content = looked
    about: dict[str, Json] = {"path": path, "original": original_data(original)}
    return Exhibit(f"files/{original.sha256}", content, about)


def _row(step: Repair, database: DatabaseMender) -> Exhibit:
    try:
        content = database.original(step)
    except CannotMend as error:
        return Exhibit("", b"", {"path": step.path, "not_taken": str(error)})
    return Exhibit(f"rows/{sha256(content).hexdigest()}.json", content, {"path": step.path})


def log_exhibits(number: int, path: str, chunks: Iterable[bytes]) -> Iterator[Exhibit]:
    """A log, in parts; its name in the archive is harmless, its path stands in the manifest."""
    base = printable(PurePath(path).name, 80).replace("\N{REPLACEMENT CHARACTER}", "_")
    for part, chunk in enumerate(chunks):
        yield Exhibit(f"logs/{number:04}-{base}.part{part:05}", chunk, {"path": path, "part": part})


def archives(parts: Iterable[Exhibit], root: str, made: str) -> Iterator[bytes]:
    """Archives of at most about `PART_BYTES`, each with its own manifest; equal input, equal bytes."""
    number, size = 1, 0
    waiting: list[Exhibit] = []
    for exhibit in parts:
        if waiting and size + len(exhibit.content) > PART_BYTES:
            yield _archive(waiting, root, made, number)
            number, size, waiting = number + 1, 0, []
        waiting.append(exhibit)
        size += len(exhibit.content)
    yield _archive(waiting, root, made, number)


def _archive(parts: list[Exhibit], root: str, made: str, number: int) -> bytes:
    members: list[Json] = [
        {
            **part.about,
            **(
                {
                    "name": part.name,
                    "size": len(part.content),
                    "sha256": sha256(part.content).hexdigest(),
                }
                if part.name
                else {}
            ),
        }
        for part in parts
    ]
    manifest = {
        "format": FORMAT,
        "about": _ABOUT,
        "root": root,
        "made": made,
        "part": number,
        "members": members,
    }
    text = json.dumps(manifest, indent=1, sort_keys=True).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for part in (Exhibit("manifest.json", text), *(one for one in parts if one.name)):
            info = tarfile.TarInfo(part.name)
            info.size, info.mode, info.mtime = len(part.content), 0o400, 0
            tar.addfile(info, io.BytesIO(part.content))
    return out.getvalue()


def seal_evidence(
    parts: Iterable[Exhibit], root: str, secrets: Secrets, bench: Workbench
) -> list[str]:
    """Write the archives, sealed, into the journal's folder, and record their digests; their names.

    Raises WrongUse: then nothing may be mended.
    """
    made = bench.clock.now().isoformat()
    names: list[str] = []
    told: list[Json] = []
    for number, plain in enumerate(archives(parts, root, made), start=1):
        sealed = secrets.seal(plain)
        name = f"evidence-{number:04}{SUFFIX}"
        bench.journal.add(name, sealed)
        names.append(name)
        told.append(
            {
                "name": name,
                "sealed_sha256": sha256(sealed).hexdigest(),
                "plain_sha256": sha256(plain).hexdigest(),
            }
        )
    bench.record(What.EVIDENCE, files=told)
    return names

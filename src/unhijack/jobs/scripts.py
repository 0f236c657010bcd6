"""Scripts off a disk whose aim reading does not show, run in the sandbox."""

import hashlib
from collections.abc import Sequence

from unhijack.assess.findings import findings
from unhijack.collect.scan.look import MOST_READ, Looked
from unhijack.collect.scan.running import Runner
from unhijack.parse.server.content import is_script
from unhijack.ports import Entry, Skipped
from unhijack.wiring.scans import ScanSpec, make_runner, make_tree


async def run_all(files: Sequence[tuple[ScanSpec, Entry]]) -> list[Looked]:
    """What each file gave. Never raises for what a script does."""
    warnings: list[str] = []
    runner = make_runner(warnings.append)
    try:
        return [await _run(runner, spec, entry) for spec, entry in files]
    finally:
        await runner.sandbox.close()


async def _run(runner: Runner, spec: ScanSpec, entry: Entry) -> Looked:
    tree = make_tree(spec)
    try:
        content = tree.read(entry, MOST_READ)
    finally:
        tree.close()
    if isinstance(content, Skipped):
        return Looked(entry.path, 0, skipped=(content,), lasting=False)
    marks = await runner.marks(content, is_script=is_script(entry.path), own=spec.around.own_hosts)
    sha256 = hashlib.sha256(content).hexdigest()
    found = findings(spec.prefix + entry.path, content, marks, sha256)
    return Looked(
        entry.path,
        len(content),
        tuple(found),
        changed_ns=entry.mtime_ns,
        touched_ns=entry.ctime_ns,
    )

"""What `unhijack clean` makes of files with a planted block: exact repairs, damage, roll-back.

Blocks of our own, inert, in many styles, go into clean files: WordPress's, where
``UNHIJACK_SAMPLES`` names a folder of git mirrors (``<owner>+<name>/repo``) or of trees, else our
own. The scanner has to find the span, and the plan is done as it stands: a file that a person
would have to decide on counts as not repaired. A further row tells what would be repaired if that
person took every step that the plan suggests.
"""

import hashlib
import os
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.planting import Planted, clean_files, plant, planted_files
from bench.report import CannotRun, Goal, Report
from unhijack.adapters.known.sources import Named, open_source
from unhijack.adapters.known.store import KnownStore
from unhijack.core.errors import WrongUse
from unhijack.core.finding import Finding
from unhijack.jobs.scan import scan
from unhijack.ports import RepairJournal
from unhijack.remediate.apply import apply
from unhijack.remediate.ledger import What
from unhijack.remediate.plan import make_plan
from unhijack.remediate.undo import undo
from unhijack.wiring import repairs
from unhijack.wiring.scans import ScanSpec, target

FILES = 45
QUICK_FILES = 15
MOST_MISSED = 11
"""Of 45, without a store: 34 are to be exact."""
LEAST_BYTES, MOST_BYTES = 200, 120_000
MIRROR = "johnpbloch+wordpress-core"
VERSION = ("wp-includes/version.php", b"<?php\n$wp_version = '6.1.9';\n")
"""The release is recognised by this file."""
BARE, STORED = "without a store", "with a hash store"
PASSES = 3
"""Scans and repairs, one after the other: what is left is looked at again."""


@dataclass(slots=True)
class Result:
    """What became of the files of one run."""

    fates: Counter[str] = field(default_factory=Counter)
    """``exact``, ``partial`` (part of the block stayed), ``untouched``, ``damaged``."""
    missed: list[str] = field(default_factory=list)
    not_back: int = 0
    """Files that the undoing did not bring back byte for byte."""
    seconds: float = 0.0


def run(*, quick: bool) -> Report:
    """Measure. Raises CannotRun."""
    planted, origin = _planted(QUICK_FILES if quick else FILES)
    results: dict[str, Result] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = _store(planted, Path(folder))
        for name, known, accept in (
            (BARE, None, False),
            ("without, suggestions taken", None, True),
            ("with digests alone", _store(planted, Path(folder), bodies=False), False),
            (STORED, store, False),
        ):
            place = Path(folder) / str(len(results))
            results[name] = _measured(planted, place, known, accept=accept)
    return _report(results, len(planted), origin, quick=quick)


def _report(results: dict[str, Result], count: int, origin: str, *, quick: bool) -> Report:
    report = Report(
        f"Repairs of {count} files with one planted block each ({origin})",
        ("", "exact", "partial", "untouched", "damaged", "not rolled back", "seconds"),
    )
    for name, result in results.items():
        fates = [result.fates[fate] for fate in ("exact", "partial", "untouched", "damaged")]
        cells = [*map(str, fates), str(result.not_back), f"{result.seconds:.1f}"]
        report.rows.append((name, *cells))
        key = name.replace(",", "").replace(" ", "_")
        report.figures[f"exact_{key}"] = result.fates["exact"]
        report.figures[f"files_{key}"] = count
        report.figures[f"damaged_{key}"] = result.fates["damaged"]
        report.figures[f"not_rolled_back_{key}"] = result.not_back
        report.figures[f"seconds_{key}"] = result.seconds
        if result.missed:
            print(f"not exact {name}: {', '.join(result.missed)}")
    bare, stored = results[BARE], results[STORED]
    damaged = sum(one.fates["damaged"] for one in results.values())
    back = sum(one.not_back for one in results.values())
    report.goals = {
        "not exact without a store, of 45": Goal(
            None if quick else count - bare.fates["exact"], MOST_MISSED
        ),
        "not exact with a store": Goal(count - stored.fates["exact"], 0),
        "files damaged": Goal(damaged, 0),
        "files not rolled back byte for byte": Goal(back, 0),
    }
    return report


def _measured(planted: list[Planted], folder: Path, known: Path | None, *, accept: bool) -> Result:
    """Plant, clean, compare, undo, compare."""
    root, result = folder / "site", Result()
    _write(root, {one.path: one.content for one in planted})
    _write(root, dict([VERSION]))
    began = time.perf_counter()
    journals = [_cleaned(root, folder / "journals", known, accept=accept) for _ in range(PASSES)]
    result.seconds = time.perf_counter() - began
    for one in planted:
        fate = _fate(root / one.path, one)
        result.fates[fate] += 1
        if fate != "exact":
            result.missed.append(f"{one.path} ({one.style}: {fate})")
    for journal in reversed(journals):
        if journal is not None:
            _undone(root, journal)
    result.not_back = sum(_content(root / one.path) != one.content for one in planted)
    return result


def _fate(file: Path, one: Planted) -> str:
    content = _content(file)
    if content == one.clean:
        return "exact"
    if content == one.content:
        return "untouched"
    before, after = one.clean[: one.start], one.clean[one.start :]
    whole = content is not None and len(content) > len(one.clean)
    if content is not None and whole and content.startswith(before) and content.endswith(after):
        return "partial"
    return "damaged"


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def _spec(root: Path, known: Path | None) -> ScanSpec:
    spec = target(root)
    return ScanSpec(spec.root, spec.only, spec.prefix, str(known) if known else None)


def _found(spec: ScanSpec) -> list[Finding]:
    return [one for looked in scan(spec, hands=1) for one in looked.findings]


def _cleaned(root: Path, base: Path, known: Path | None, *, accept: bool) -> Path | None:
    """One scan and one repair; the journal's folder, if anything was done."""
    spec = _spec(root, known)
    releases = repairs.installed(spec)
    mender = repairs.make_mender(root)
    plan = make_plan(str(root), _found(spec), mender, releases)
    if accept:
        suggested = tuple(held.repair for held in plan.held if held.repair is not None)
        plan = replace(plan, steps=plan.steps + suggested)
    if not plan.steps:
        return None
    journal = repairs.new_journal(base, repairs.make_clock().now())
    bench = repairs.make_workbench(mender, journal, releases)
    bench.record(What.BEGIN, root=str(root))
    for _ in apply(plan, bench):
        pass
    journal.close()
    return Path(journal.name)


def _undone(root: Path, folder: Path) -> None:
    journal: RepairJournal = repairs.open_journal(folder)
    for _ in undo(repairs.make_workbench(repairs.make_mender(root), journal)):
        pass
    journal.close()


def _write(root: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _store(planted: list[Planted], folder: Path, *, bodies: bool = True) -> Path:
    """A store with the release that the clean files are, or with digests of them."""
    _write(folder / "release", {one.path: one.clean for one in planted})
    _write(folder / "release", dict([VERSION]))
    try:
        source = open_source(folder / "release", Named("wordpress", "6.1.9"))
        path = folder / f"known-{bodies}.sqlite"
        store = KnownStore(path, write=True)
        files = (file if bodies else replace(file, body=None) for file in source.files)
        store.add(source.product, source.versions, files)
        store.close()
    except WrongUse as error:
        raise CannotRun(str(error)) from None
    return path


def _planted(count: int) -> tuple[list[Planted], str]:
    given = os.environ.get("UNHIJACK_SAMPLES")
    if given is None:
        every = list(planted_files(clean_files()))
        return every[:: len(every) // count][:count], "files of our own"
    chosen = sorted(
        _mirrored(Path(given)), key=lambda one: hashlib.sha256(one[0].encode()).digest()
    )
    if len(chosen) < count:
        raise CannotRun(f"{given} has no {MIRROR} with {count} files of PHP")
    # each block at each place where it fits: 45 files, 15 blocks, three places
    return [plant(path, clean, n) for n, (path, clean) in enumerate(chosen[:count])], "WordPress"


def _mirrored(samples: Path) -> Iterator[tuple[str, bytes]]:
    """PHP files of WordPress: from a git mirror, or from a tree."""
    folder = next(iter(samples.rglob(MIRROR)), None)
    if folder is None:
        raise CannotRun(f"{samples} has no {MIRROR}")
    mirror = folder / "repo"
    if mirror.is_dir():
        yield from _from_git(mirror)
        return
    for file in folder.rglob("*.php"):
        if LEAST_BYTES <= file.stat().st_size <= MOST_BYTES:
            yield str(file.relative_to(folder)), file.read_bytes()


def _from_git(mirror: Path) -> Iterator[tuple[str, bytes]]:
    listed = _git(mirror, "ls-tree", "-r", "-l", "-z", "HEAD").decode("utf-8", "replace")
    for line in listed.split("\0"):
        about, _, path = line.partition("\t")
        words = about.split()
        script = path.endswith(".php") and words[1] == "blob" and path != VERSION[0]
        if script and LEAST_BYTES <= int(words[3]) <= MOST_BYTES:
            yield path, _git(mirror, "cat-file", "blob", words[2])


def _git(mirror: Path, *words: str) -> bytes:
    try:
        return subprocess.run(
            ["git", f"--git-dir={mirror}", *words], check=True, capture_output=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotRun(f"{mirror} cannot be read by git: {error}") from None

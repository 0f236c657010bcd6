"""How fast a whole folder is scanned, for the first time and again."""

import os
import random
import resource
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from bench.report import CannotRun
from bench.samples import VARIABLE, Selection, blobs, samples
from unhijack.jobs.scan import scan
from unhijack.wiring.scans import ScanSpec, target

SITE = "johnpbloch+wordpress-core"
PICTURES = 400
"""In ``uploads``, of half a megabyte each: a site that people use is mostly pictures."""
PICTURE = 500_000


@dataclass(frozen=True, slots=True)
class Timed:
    """One scan: wall time, and CPU of this process and those it started."""

    wall: float
    cpu: float
    files: int
    size: int
    findings: int


def docroot_times() -> tuple[Timed, Timed, Timed]:
    """A site in a folder, scanned by one process, then once more; and by two. Raises CannotRun."""
    git = Path(os.environ.get(VARIABLE, "")) / SITE / "repo"
    if not git.is_dir():
        raise CannotRun(f"no samples: {VARIABLE} holds no {SITE}")
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        _make(git, site)
        spec = replace(target(site), cache=str(Path(folder) / "cache"))
        return _timed(spec), _timed(spec), _timed(replace(spec, cache=None), hands=2)


def php_times(every: int) -> Timed:
    """Each `every`-th file of the clean frameworks in a folder, scanned by two processes."""
    with tempfile.TemporaryDirectory() as folder:
        for sample in samples("benign", every):
            path = Path(folder, sample.collection, sample.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sample.content)
        return _timed(replace(target(Path(folder)), cache=None), hands=2)


def _make(git: Path, site: Path) -> None:
    for path, content in blobs(git, Selection(SITE, "docroot", r"^wp-", must="any")):
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(content)
    dice = random.Random(7)
    uploads = site / "wp-content" / "uploads"
    uploads.mkdir(parents=True, exist_ok=True)
    for number in range(PICTURES):
        body = b"\xff\xd8\xff\xe0" + dice.randbytes(PICTURE)
        (uploads / f"{number}.jpg").write_bytes(body)


def _timed(spec: ScanSpec, hands: int = 1) -> Timed:
    wall, cpu = time.monotonic(), _cpu()
    looks = list(scan(spec, hands=hands))
    return Timed(
        time.monotonic() - wall,
        _cpu() - cpu,
        len(looks),
        sum(look.size for look in looks),
        sum(len(look.findings) for look in looks),
    )


def _cpu() -> float:
    own, others = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime

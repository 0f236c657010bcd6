"""What a scan finds in public collections, what it accuses in clean frameworks, and how fast.

Figures are given apart for the part that the rules were made on and for the part that was held back.
"""

import hashlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.report import Goal, Report
from bench.samples import Sample, samples
from bench.scan_docroot import docroot_times, php_times
from bench.scan_peers import Peer, peers
from unhijack.assess.findings import findings
from unhijack.core.finding import SURE, Finding
from unhijack.jobs.scan_bench import collect_seldom
from unhijack.parse.plain.every import every_mark, reported
from unhijack.parse.server.content import content_marks
from unhijack.parse.server.place import Place

QUICK_EVERY = 12
"""Of the quick run: each so manieth file."""
BENIGN = "benign"
MISSED_AT_MOST = {
    "shells": 7.0,
    "honeypot": 15.0,
    "redirectors": 10.0,
    "infected core": 5.0,
    "config": 20.0,
    "page scripts": 40.0,
}
"""Of each class, per cent of the files held back."""


@dataclass(slots=True)
class Tally:
    """What was said of the files of one class, in one of the two parts."""

    files: int = 0
    found: int = 0
    sure: int = 0
    plain: int = 0
    """Found by the one-file scanner's readers alone."""
    size: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    peers: Counter[str] = field(default_factory=Counter)
    """Found by each of the public rule sets."""

    def add(self, sample: Sample, said: Sequence[Finding], seconds: float, *, plain: bool) -> None:
        self.files += 1
        self.found += bool(said)
        self.sure += any(finding.confidence >= SURE for finding in said)
        self.plain += plain
        self.size += len(sample.content)
        self.seconds += seconds
        self.slowest = max(self.slowest, seconds)


@dataclass(slots=True)
class Measured:
    """Tallies by class and part: True is the part held back."""

    tallies: dict[tuple[str, bool], Tally] = field(default_factory=dict)

    def of(self, what: str, *, held: bool) -> Tally:
        return self.tallies.setdefault((what, held), Tally())

    def together(self, begins: str, parts: Sequence[bool] = (False, True)) -> Tally:
        """Classes whose names begin so, in these parts, as one."""
        whole = Tally()
        for (what, held), tally in self.tallies.items():
            if what.startswith(begins) and held in parts:
                whole.files += tally.files
                whole.found += tally.found
                whole.sure += tally.sure
                whole.plain += tally.plain
                whole.size += tally.size
                whole.seconds += tally.seconds
                whole.slowest = max(whole.slowest, tally.slowest)
                whole.peers.update(tally.peers)
        return whole


def said_of(sample: Sample) -> list[Finding]:
    """What a scan of this file alone says, as of any file of a server."""
    marks = content_marks(sample.path, sample.content, Place(sample.path))
    return findings(sample.path, sample.content, marks, hashlib.sha256(sample.content).hexdigest())


def _measure(every: int, note: Callable[[str], None], others: Sequence[Peer]) -> Measured:
    measured = Measured()
    last = ""
    for sample in samples(every=every):
        if sample.collection != last:
            last = sample.collection
            note(last)
        start = time.process_time()
        said = said_of(sample)
        seconds = time.process_time() - start
        plain = bool(reported(every_mark(sample.path, sample.content)))
        tally = measured.of(sample.what, held=sample.held)
        tally.add(sample, said, seconds, plain=plain)
        tally.peers.update(peer.name for peer in others if peer.finds(sample.content))
    return measured


def run(*, quick: bool) -> Report:
    """Found per class, false alarms per framework, speed. Raises CannotRun without samples."""
    others = list(peers())
    collect_seldom()  # as the processes of a scan do
    every = QUICK_EVERY if quick else 1
    measured = _measure(every, lambda name: print(name, file=sys.stderr), others)
    names = [peer.name for peer in others]
    columns = ("", "part", "files", "found", "%", "sure", "one-file %", "MB/s", "slowest s")
    report = Report(
        "unhijack scan: public collections, files made on and files held back",
        (*columns, *(f"{name} %" for name in names)),
    )
    for (what, held), tally in sorted(measured.tallies.items()):
        report.rows.append(_row(what, "held" if held else "dev", tally, names))
    for held in (False, True):
        everything = measured.together(BENIGN, (held,))
        report.rows.append(_row("all benign", "held" if held else "dev", everything, names))
    for peer in others:
        report.figures[f"mb_per_second_{peer.name}"] = peer.size / 1e6 / max(peer.seconds, 1e-9)
    _judge(report, measured, quick=quick)
    _time_docroot(report)
    php = php_times(3 * every)
    report.figures["php_mb_per_second_on_two_cores"] = php.size / 1e6 / php.wall
    return report


def _time_docroot(report: Report) -> None:
    """A whole site with its pictures, scanned by one process, once more, and by two."""
    first, again, both = docroot_times()
    speed = first.size / 1e6 / first.cpu
    report.figures["docroot_mb_per_cpu_second"] = speed
    report.figures["docroot_wall_seconds"] = first.wall
    report.figures["docroot_mb_per_second_on_two_cores"] = both.size / 1e6 / both.wall
    report.figures["docroot_again_times_faster"] = first.wall / again.wall
    report.goals["CPU milliseconds per MB of a site with its pictures"] = Goal(
        1000 / speed, 1000 / 60
    )
    report.goals["per cent of its time for a site that did not change"] = Goal(
        100 * again.wall / first.wall, 5.0
    )


def _row(what: str, part: str, tally: Tally, others: Sequence[str]) -> tuple[str, ...]:
    files = max(tally.files, 1)
    return (
        what,
        part,
        str(tally.files),
        str(tally.found),
        f"{100 * tally.found / files:.1f}",
        str(tally.sure),
        f"{100 * tally.plain / files:.1f}",
        f"{tally.size / 1e6 / max(tally.seconds, 1e-9):.1f}",
        f"{tally.slowest:.2f}",
        *(f"{100 * tally.peers[name] / files:.1f}" for name in others),
    )


def _judge(report: Report, measured: Measured, *, quick: bool) -> None:
    for what, most in MISSED_AT_MOST.items():
        tally = measured.of(what, held=True)
        missed = 100 * (tally.files - tally.found) / tally.files if tally.files else None
        report.figures[f"found_{what.replace(' ', '_')}_held"] = (
            0.0 if missed is None else 100 - missed
        )
        report.goals[f"{what} held back, missed, %"] = Goal(None if quick else missed, most)
    for what in ("lookalikes", "smallsites"):
        honest = measured.of(what, held=True)
        report.figures[f"{what}_accused_held"] = 100 * honest.found / max(honest.files, 1)
    benign = measured.together(BENIGN, (True,))
    files = max(benign.files, 1)
    for name, count, most in (("confident", benign.sure, 1.0), ("all", benign.found, 15.0)):
        rate = 10_000 * count / files
        report.figures[f"alarms_{name}_per_10000_held"] = rate
        report.goals[f"false alarms per 10,000 benign files held back, {name}"] = Goal(
            None if quick else rate, most
        )
    both = measured.together(BENIGN)
    report.figures["benign_mb_per_second"] = both.size / 1e6 / max(both.seconds, 1e-9)
    slow = 1000 * both.seconds / max(both.size / 1e6, 1e-9)
    report.goals["CPU milliseconds per MB of PHP"] = Goal(slow, 100.0)
    slowest = measured.together("").slowest
    report.goals["seconds for the slowest file"] = Goal(slowest, 2.0)

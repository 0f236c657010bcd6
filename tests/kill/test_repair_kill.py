"""`kill -9` at any write of a repair, or of its undoing: old or new, and the journal finds out."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.support.command import surroundings, unwatched
from tests.support.repairs import Book, Site, make_site
from unhijack.adapters.tree.journal import FolderJournal, journals
from unhijack.core.errors import WrongUse
from unhijack.core.repair import Plan
from unhijack.remediate.apply import Fate, apply
from unhijack.remediate.ledger import State, steps_of
from unhijack.remediate.undo import resume, undo

BLOCK = b"<?php /* planted */ ?>"
PAGE = b"<?php echo 'bread';\n"
RELEASED = b"<?php echo 'released';\n"
BOOK = Book({"r.php": RELEASED})
AT_ANY_MOMENT = 12
"""Kills by the clock, of a process that repairs in a circle."""

pytestmark = pytest.mark.timeout(180)


def broken_into(site: Site) -> Plan:
    """A file of each kind of step."""
    for path in ("a.php", "d/p.php", "r.php"):
        site.write(path, BLOCK + PAGE, 0o640)
    return site.plan(
        site.found("a.php", (0, len(BLOCK))),
        site.found("d/p.php"),
        site.found("r.php", (0, len(BLOCK))),
        known=BOOK,
    )


def dies(at: int, work: Callable[[Callable[[str], None]], None]) -> bool:
    """Do something in a process that is killed before its write number `at`; whether it was."""
    child = os.fork()
    if child == 0:
        writes = count()

        def before(_what: str) -> None:
            if next(writes) == at:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            work(before)
            os._exit(0)
        finally:
            os._exit(99)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


AFTER = {"a.php": PAGE, "d/p.php": None, "r.php": RELEASED}


def old_or_new(site: Site) -> None:
    """Each file is as it was, or as it is to be; drafts apart, nothing else is there."""
    for path, new in AFTER.items():
        now = (site.root / path).read_bytes() if (site.root / path).exists() else None
        assert now in (BLOCK + PAGE, new), path
    others = {str(one.relative_to(site.root)) for one in site.root.rglob("*") if one.is_file()}
    assert {one for one in others - set(AFTER) if ".htunhijack-" not in one} == set()


def found_out(site: Site) -> None:
    """After the next run the journal knows of each step how far it came, and no draft is left."""
    for folder in journals(site.base):
        journal = FolderJournal(folder)
        list(resume(site.bench(journal)))
        for step in steps_of(journal.records()):
            path = site.root / step.repair.path
            there = path.read_bytes() if path.exists() else None
            assert step.state in (State.DONE, State.FAILED, State.UNDONE)
            assert (there == BLOCK + PAGE) is (step.state is not State.DONE), step
        journal.close()
    assert list(site.root.rglob(".htunhijack-*")) == []


def test_at_every_write_of_a_repair(tmp_path: Path):
    died = 0
    for at in count():
        (tmp_path / str(at)).mkdir()
        site = make_site(tmp_path / str(at))
        plan = broken_into(site)
        before = site.snapshot()

        def work(hook: Callable[[str], None], site: Site = site, plan: Plan = plan) -> None:
            list(apply(plan, site.bench(before=hook, known=BOOK)))

        killed = dies(at, work)
        died += killed
        old_or_new(site)
        found_out(site)
        for folder in journals(site.base):
            outcomes = site.take_back(folder)
            assert all(outcome.fate is Fate.DONE for outcome in outcomes)
        assert site.snapshot() == before
        if not killed:
            break
    assert died > 30


def test_at_every_write_of_an_undoing(tmp_path: Path):
    died = 0
    for at in count():
        (tmp_path / str(at)).mkdir()
        site = make_site(tmp_path / str(at))
        plan = broken_into(site)
        before = site.snapshot()
        _, folder = site.repair(plan, BOOK)

        def work(hook: Callable[[str], None], site: Site = site, folder: Path = folder) -> None:
            list(undo(site.bench(FolderJournal(folder, hook), hook)))

        killed = dies(at, work)
        died += killed
        old_or_new(site)
        found_out(site)
        assert all(outcome.fate is Fate.DONE for outcome in site.take_back(folder))
        assert site.snapshot() == before
        if not killed:
            break
    assert died > 20


_CIRCLE = """
import sys
from pathlib import Path
from tests.kill.test_repair_kill import BOOK, broken_into
from tests.support.repairs import Site
site = Site(Path(sys.argv[1]), Path(sys.argv[2]))
print("ready", flush=True)
while True:
    _, folder = site.repair(broken_into(site), BOOK)
    site.take_back(folder)
"""


def test_at_any_moment_of_a_process_that_repairs_in_a_circle(tmp_path: Path):
    dice = random.Random(20260301)
    for number in range(AT_ANY_MOMENT):
        (tmp_path / str(number)).mkdir()
        site = make_site(tmp_path / str(number))
        broken_into(site)
        before = site.snapshot()
        process = subprocess.Popen(
            [sys.executable, "-c", _CIRCLE, str(site.root), str(site.base)],
            cwd=Path(__file__).parents[2],
            env=unwatched(surroundings()),
            stdout=subprocess.PIPE,
        )
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        time.sleep(dice.uniform(0.0, 0.15))
        process.kill()
        process.wait()
        process.stdout.close()
        for folder in reversed(journals(site.base)):
            finish(site, folder)
        contents = {path: content[0] for path, content in site.snapshot().items()}  # type: ignore[index]  # a state begins with the content
        # whoever was planting anew when it was killed may have left a file half planted
        assert set(contents) <= set(before)
        for path, content in contents.items():
            assert (BLOCK + PAGE).startswith(content) or content in (PAGE, RELEASED), path


def finish(site: Site, folder: Path) -> None:
    try:
        journal = FolderJournal(folder)
    except WrongUse:  # killed before its first record
        return
    list(resume(site.bench(journal)))
    assert {step.state for step in steps_of(journal.records())} <= {
        State.DONE, State.FAILED, State.UNDONE,
    }  # fmt: skip
    journal.close()

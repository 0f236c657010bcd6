"""Whoever owns the folder swaps files and folders for links meanwhile: nothing outside is changed."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.repairs import Site
from unhijack.core.repair import Plan
from unhijack.ports import CannotMend
from unhijack.remediate.apply import apply
from unhijack.remediate.undo import undo

BLOCK = b"<?php /* planted */ ?>"
PAGE = b"<?php echo 'bread';\n"
MOST_ROUNDS = 400
"""Until one comes through between two swaps, which is a matter of chance."""
ROUNDS = 60


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that is not the site's, with files of the same names and content."""
    folder = tmp_path / "outside"
    folder.mkdir()
    for name in ("a.php", "p.php"):
        (folder / name).write_bytes(BLOCK + PAGE)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@contextmanager
def meanwhile(act: Callable[[], None]) -> Iterator[None]:
    """Another thread that does something again and again."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            act()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def swap_folder(site: Site, outside: Path) -> Callable[[], None]:
    inside, aside = site.root / "d", site.root / "aside"

    def act() -> None:
        inside.rename(aside)
        inside.symlink_to(outside)
        time.sleep(0.0005)
        inside.unlink()
        aside.rename(inside)
        time.sleep(0.0005)

    return act


def swap_file(site: Site, outside: Path) -> Callable[[], None]:
    file, aside = site.root / "d" / "a.php", site.root / "d" / "aside.php"

    def act() -> None:
        try:
            file.rename(aside)
            file.symlink_to(outside / "a.php")
            time.sleep(0.0005)
            file.unlink()
            aside.rename(file)
        except FileNotFoundError:  # it was set aside, or mended, at this moment
            if not file.exists() and aside.exists():
                aside.rename(file)
        time.sleep(0.0005)

    return act


def plan_of(site: Site) -> Plan:
    for name in ("a.php", "p.php"):
        site.write(f"d/{name}", BLOCK + PAGE)
    return site.plan(site.found("d/a.php", (0, len(BLOCK))), site.found("d/p.php"))


@pytest.mark.parametrize("swap", [swap_folder, swap_file])
def test_nothing_outside_is_changed_while_links_come_and_go(
    site: Site, outside: Path, swap: Callable[[Site, Path], Callable[[], None]]
):
    before = contents(outside)
    rounds = done = 0
    while rounds < ROUNDS or (not done and rounds < MOST_ROUNDS):
        rounds += 1
        plan = plan_of(site)
        bench = site.bench()
        with meanwhile(swap(site, outside)):
            outcomes = list(apply(plan, bench))
            list(undo(bench))
        bench.journal.close()
        done += any(outcome.fate == "done" for outcome in outcomes)
        assert contents(outside) == before
    assert done > 0  # some came through between two swaps


@pytest.mark.parametrize("step", ["create", "write", "sync", "rename", "unlink", "sync-folder"])
def test_a_folder_swapped_at_each_write(site: Site, outside: Path, step: str):
    plan = plan_of(site)
    before = contents(outside)

    def swap(what: str) -> None:
        if what == step and not (site.root / "d").is_symlink():
            (site.root / "d").rename(site.root / "aside")
            (site.root / "d").symlink_to(outside)

    list(apply(plan, site.bench(before=swap)))
    assert contents(outside) == before
    assert not list(site.root.rglob(".htunhijack*"))


@pytest.mark.parametrize("step", ["rename", "unlink"])
def test_a_file_swapped_for_a_link_at_the_last_moment(site: Site, outside: Path, step: str):
    plan = plan_of(site)
    before = contents(outside)

    def swap(what: str) -> None:
        if what == step:
            for name in ("a.php", "p.php"):
                (site.root / "d" / name).unlink(missing_ok=True)
                (site.root / "d" / name).symlink_to(outside / name)

    list(apply(plan, site.bench(before=swap)))
    assert contents(outside) == before


@pytest.mark.parametrize(
    "path", ["", "..", "../x", "a/../../x", "/etc/passwd", "a//b", "a\0b", "."]
)
def test_paths_that_lead_out_are_no_files(site: Site, path: str):
    site.write("a/b", b"")
    with pytest.raises(CannotMend):
        site.mender().look(path)


def test_pipes_and_folders_are_no_files(site: Site):
    os.mkfifo(site.root / "pipe")
    (site.root / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(CannotMend, match=r"no ordinary file|directory"):
            site.mender().look(name)


def test_a_draft_of_a_journal_that_was_changed_is_not_discarded(site: Site):
    site.write("wp-config.php", PAGE)
    for draft in ("wp-config.php", "../site/wp-config.php", ".htunhijack-/../wp-config.php"):
        with pytest.raises(CannotMend):
            site.mender().discard("a.php", draft)
    assert site.read("wp-config.php") == PAGE


def test_a_draft_is_never_served_as_text(site: Site):
    assert site.mender().draft_for("d/wp-config.php").startswith(".ht")
    assert site.mender().draft_for("d/wp-config.php").endswith(".php")
    assert "/" not in site.mender().draft_for("d/x.a/b")

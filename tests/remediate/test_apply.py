"""A plan, done: each step whole or not at all, and everything can be put back."""

import os
import resource
import signal
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.repairs import Book, Site, state
from unhijack.adapters.tree.journal import FolderJournal
from unhijack.core.finding import Finding, Span
from unhijack.core.repair import Act, Repair
from unhijack.ports import CannotMend
from unhijack.remediate.apply import Fate, Outcome, apply
from unhijack.remediate.undo import undo

BLOCK = b"<?php /* planted */ ?>"
PAGE = b"<?php echo 'bread';\n"
NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: it mounts a disk")


def infected(site: Site, path: str = "a.php", mode: int = 0o644) -> Finding:
    site.write(path, BLOCK + PAGE, mode)
    return site.found(path, (0, len(BLOCK)))


def planted(site: Site, path: str) -> Finding:
    site.write(path, b"<?php /* all planted */")
    return site.found(path)


def only(outcomes: list[Outcome]) -> Outcome:
    (outcome,) = outcomes
    return outcome


def drafts(site: Site) -> list[Path]:
    return [path for path in site.root.rglob("*") if path.name.startswith(".htunhijack")]


# What is kept


def test_mode_owner_and_attributes_stay_and_come_back_with_the_times(site: Site):
    finding = infected(site, mode=0o2741)
    file = site.root / "a.php"
    if os.geteuid() == 0:
        os.chown(file, 12345, 23456)
        file.chmod(0o6741)
    os.setxattr(file, "user.shop", b"\0bread")
    os.utime(file, ns=(1_600_000_000_123_456_789, 1_500_000_000_987_654_321))
    before = state(file)
    _, journal = site.repair(site.plan(finding))
    after = state(file)
    assert after[0] == PAGE
    assert after[1:4] == before[1:4]
    assert after[5] == before[5]
    site.take_back(journal)
    assert state(file) == before
    assert file.stat().st_atime_ns >= 1_600_000_000_123_456_789


def test_an_access_list_stays(site: Site):
    finding = infected(site)
    file = site.root / "a.php"
    # version 2; rw- owner, user 4242 r--, group r--, mask r--, others ---
    entries = [
        (1, 6, 0xFFFFFFFF),
        (2, 4, 4242),
        (4, 4, 0xFFFFFFFF),
        (16, 4, 0xFFFFFFFF),
        (32, 0, 0xFFFFFFFF),
    ]
    acl = b"\x02\0\0\0" + b"".join(
        tag.to_bytes(2, "little") + perm.to_bytes(2, "little") + who.to_bytes(4, "little")
        for tag, perm, who in entries
    )
    try:
        os.setxattr(file, "system.posix_acl_access", acl)
    except OSError:
        pytest.skip("this disk has no access lists")
    before = state(file)
    _, journal = site.repair(site.plan(finding))
    assert state(file)[1:4] == before[1:4]
    assert state(file)[5] == before[5]
    site.take_back(journal)
    assert state(file) == before


def test_a_file_set_aside_comes_back(site: Site):
    finding = planted(site, "uploads/x.php")
    before = site.snapshot()
    outcomes, journal = site.repair(site.plan(finding))
    assert only(outcomes).fate is Fate.DONE
    assert site.snapshot() == {}
    assert only(site.take_back(journal)).fate is Fate.DONE
    assert site.snapshot() == before


def test_a_file_is_restored_from_its_release(site: Site):
    finding = infected(site)
    book = Book({"a.php": b"<?php echo 'released';\n"})
    before = site.snapshot()
    _, journal = site.repair(site.plan(finding, known=book), book)
    assert site.read("a.php") == b"<?php echo 'released';\n"
    site.take_back(journal)
    assert site.snapshot() == before


@pytest.mark.parametrize("name", ["a\nb.php", "\x1b]0;x\x07.php", os.fsdecode(b"\xff\xfe.php"), "ä 'x' \"y\".php", "-rf", "#x"])  # fmt: skip
def test_any_name(site: Site, name: str):
    finding = infected(site, f"d {name}/{name}")
    before = site.snapshot()
    outcomes, journal = site.repair(site.plan(finding))
    assert only(outcomes).fate is Fate.DONE
    assert only(site.take_back(journal)).fate is Fate.DONE
    assert site.snapshot() == before


def test_the_journal_is_for_its_owner_alone(site: Site):
    _, journal = site.repair(site.plan(infected(site)))
    assert stat.S_IMODE(journal.stat().st_mode) == 0o700
    files = [path for path in journal.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert (journal / "originals" / sha256(BLOCK + PAGE).hexdigest()).read_bytes() == BLOCK + PAGE


# What is refused


def test_what_changed_since_the_scan_is_left_alone(site: Site):
    plan = site.plan(infected(site))
    site.write("a.php", BLOCK + PAGE + b"// the owner's own line\n")
    outcome = only(site.repair(plan)[0])
    assert (outcome.fate, "changed since the scan" in outcome.text) == (Fate.REFUSED, True)
    assert site.read("a.php").endswith(b"own line\n")


def test_another_file_with_the_same_content_is_left_alone(site: Site):
    plan = site.plan(infected(site))
    copy = site.write("copy.php", BLOCK + PAGE)
    copy.rename(site.root / "a.php")
    outcome = only(site.repair(plan)[0])
    assert (outcome.fate, "another file took its place" in outcome.text) == (Fate.REFUSED, True)


def test_a_file_that_changes_at_the_last_moment_is_left_alone(site: Site):
    plan = site.plan(infected(site))

    def meddle(what: str) -> None:
        if what == "sync":
            site.write("a.php", b"<?php // saved by the owner just now")

    bench = site.bench(before=meddle)
    outcome = only(list(apply(plan, bench)))
    assert (outcome.fate, "changed while we worked" in outcome.text) == (Fate.REFUSED, True)
    assert site.read("a.php") == b"<?php // saved by the owner just now"
    assert drafts(site) == []


def test_a_plan_that_was_edited_to_cut_other_bytes_is_refused(site: Site):
    plan = site.plan(infected(site))
    wrong = replace(plan, steps=(replace(plan.steps[0], after="0" * 64),))
    assert "another than the plan says" in only(site.repair(wrong)[0]).text
    assert site.read("a.php") == BLOCK + PAGE


def test_a_cut_after_which_php_cannot_be_read_is_refused(site: Site):
    content = b"<?php if ($a) { echo 1; }\n"
    file = site.write("a.php", content)
    after = sha256(content[:6] + content[16:]).hexdigest()
    step = Repair(Act.CUT, "a.php", sha256(content).hexdigest(), after, (Span(6, 16),))
    plan = replace(site.plan(), steps=(step,))
    assert "no longer be read" in only(site.repair(plan)[0]).text
    assert file.read_bytes() == content


def test_a_further_reader_may_refuse(site: Site):
    bench = replace(site.bench(), lint=lambda *_: "PHP says no.")
    outcome = only(list(apply(site.plan(infected(site)), bench)))
    assert (outcome.fate, outcome.text) == (Fate.REFUSED, "PHP says no.")


def test_settings_with_a_password_are_not_set_aside_even_by_an_edited_plan(site: Site):
    content = b"<?php define('DB_PASSWORD', 'x');"
    site.write("wp-config.php", content)
    step = Repair(Act.QUARANTINE, "wp-config.php", sha256(content).hexdigest(), "")
    plan = replace(site.plan(), steps=(step,))
    assert only(site.repair(plan)[0]).fate is Fate.REFUSED
    assert site.read("wp-config.php") == content


def test_a_file_stays_while_its_loader_does(site: Site):
    loader = site.write("l.php", b"<?php require 'p.php'; ?>" + PAGE)
    plan = site.plan(site.found("l.php", (0, 25)), planted(site, "p.php"))
    loader.write_bytes(b"<?php require 'p.php'; // changed")
    first, second = site.repair(plan)[0]
    assert (first.fate, second.fate) == (Fate.REFUSED, Fate.REFUSED)
    assert "l.php still loads it" in second.text
    assert (site.root / "p.php").exists()


def test_one_refusal_does_not_stop_the_rest(site: Site):
    plan = site.plan(infected(site, "a.php"), infected(site, "b.php"))
    site.write("a.php", b"changed")
    assert [one.fate for one in site.repair(plan)[0]] == [Fate.REFUSED, Fate.DONE]


def test_a_huge_sparse_file_is_not_read(site: Site):
    file = site.write("a.php", b"<?php")
    with file.open("r+b") as handle:
        handle.truncate(10 * 1024**3)
    with pytest.raises(CannotMend, match="larger than 64 MiB"):
        site.mender().look("a.php")


def test_a_small_sparse_file_comes_back_byte_for_byte(site: Site):
    file = site.write("a.bin", BLOCK)
    with file.open("r+b") as handle:
        handle.truncate(1024**2)
    finding = site.found("a.bin", (0, len(BLOCK)))
    before = site.snapshot()
    outcomes, journal = site.repair(site.plan(finding))
    assert only(outcomes).fate is Fate.DONE
    site.take_back(journal)
    assert site.snapshot() == before


def test_other_names_of_a_file_are_told_of_and_not_changed(site: Site, tmp_path: Path):
    finding = infected(site)
    other = tmp_path / "elsewhere.php"
    os.link(site.root / "a.php", other)
    outcomes, journal = site.repair(site.plan(finding))
    assert "1 more name(s) elsewhere" in only(outcomes).text
    assert (site.read("a.php"), other.read_bytes()) == (PAGE, BLOCK + PAGE)
    assert "its own now" in only(site.take_back(journal)).text
    assert site.read("a.php") == BLOCK + PAGE


def test_both_names_inside_of_the_site_are_mended(site: Site):
    finding = infected(site)
    os.link(site.root / "a.php", site.root / "b.php")
    plan = site.plan(finding, site.found("b.php", (0, len(BLOCK))))
    site.repair(plan)
    assert site.read("a.php") == site.read("b.php") == PAGE


# Disks


@pytest.fixture
def small_disk(site: Site) -> Iterator[Path]:
    """The site on a disk of its own, of 64 KiB."""
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(site.root)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield site.root
    subprocess.run(["umount", "-l", str(site.root)], check=True)


@NEEDS_ROOT
def test_a_full_disk_leaves_everything_as_it_was(site: Site, small_disk: Path):
    site.write("a.php", BLOCK + PAGE + b"#" * 9_000 + b"\n")
    finding = site.found("a.php", (0, len(BLOCK)))
    plan = site.plan(finding)
    before = site.snapshot()
    free = os.statvfs(small_disk)
    site.write("ballast", b"x" * (free.f_bavail - 1) * free.f_bsize)
    outcome = only(site.repair(plan)[0])
    assert (outcome.fate, "the disk is full" in outcome.text) == (Fate.REFUSED, True)
    (small_disk / "ballast").unlink()
    assert site.snapshot() == before
    assert drafts(site) == []
    assert only(site.repair(plan)[0]).fate is Fate.DONE


@NEEDS_ROOT
@pytest.mark.usefixtures("small_disk")
def test_a_disk_that_may_only_be_read(site: Site):
    plan = site.plan(infected(site), planted(site, "p.php"))
    remount = ["mount", "-o", "remount,ro", str(site.root)]
    subprocess.run(remount, check=True)
    before = site.snapshot()
    outcomes, _ = site.repair(plan)
    assert [one.fate for one in outcomes] == [Fate.REFUSED, Fate.REFUSED]
    assert all("may only be read" in one.text for one in outcomes)
    assert site.snapshot() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("mode", [0o555, 0o777])
def test_somebody_else_s_folder_and_somebody_else_s_file(site: Site, mode: int):
    """Neither may be written: or the file would change its owner."""
    plan = site.plan(infected(site, "d/a.php"))
    (site.root / "d").chmod(mode)
    before = site.snapshot()

    def humbled(what: str) -> None:
        os.seteuid(54321 if what in ("create", "write", "sync", "rename") else 0)

    try:
        outcome = only(list(apply(plan, site.bench(before=humbled))))
    finally:
        os.seteuid(0)
    assert (outcome.fate, "not permitted" in outcome.text) == (Fate.REFUSED, True)
    assert site.snapshot() == before
    assert drafts(site) == []


@NEEDS_ROOT
def test_a_file_that_was_made_unchangeable(site: Site):
    plan = site.plan(infected(site), planted(site, "p.php"))
    files = [str(site.root / name) for name in ("a.php", "p.php")]
    if subprocess.run(["chattr", "+i", *files], capture_output=True, check=False).returncode:
        pytest.skip("this disk knows no unchangeable files")
    try:
        outcomes, _ = site.repair(plan)
    finally:
        subprocess.run(["chattr", "-i", *files], check=True)
    assert [one.fate for one in outcomes] == [Fate.REFUSED, Fate.REFUSED]
    assert all("chattr -i" in one.text for one in outcomes)
    assert drafts(site) == []


def test_a_file_that_may_grow_no_more(site: Site):
    """Where no disk can be mounted, a limit on the size of files stands for a full one."""
    site.write("a.php", BLOCK + PAGE + b"#" * 9_000 + b"\n")
    plan = site.plan(site.found("a.php", (0, len(BLOCK))))
    bench = site.bench()
    prepared = bench.journal.keep(site.read("a.php"))  # what the journal needs is there already
    assert prepared
    before = site.snapshot()
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, old[1]))
        outcome = only(list(apply(plan, bench)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    assert outcome.fate is Fate.REFUSED
    assert "may not grow so large" in outcome.text
    assert site.snapshot() == before
    assert drafts(site) == []


def test_a_journal_that_cannot_be_written_stops_everything(site: Site):
    def full(what: str) -> None:
        if what == "record":
            raise OSError(28, "No space left on device")

    plan = site.plan(infected(site, "a.php"), infected(site, "b.php"))
    before = site.snapshot()
    bench = site.bench()
    bench.journal._before = full  # type: ignore[attr-defined]  # the disk fills after the beginning
    outcomes = list(apply(plan, bench))
    assert [one.fate for one in outcomes] == [Fate.REFUSED, Fate.REFUSED]
    assert "No space left on device" in outcomes[0].text
    assert site.snapshot() == before


# Undoing


def test_undoing_twice_is_undoing_once(site: Site):
    findings = [infected(site, "a.php"), planted(site, "p.php")]
    before = site.snapshot()
    _, journal = site.repair(site.plan(*findings))
    assert len(site.take_back(journal)) == 2
    assert site.take_back(journal) == []
    assert site.snapshot() == before


def test_the_last_step_is_undone_first(site: Site):
    plan = site.plan(infected(site, "a.php"), infected(site, "index.php"), planted(site, "p.php"))
    _, journal = site.repair(plan)
    undone = [one.repair.path for one in site.take_back(journal)]
    assert undone == [step.path for step in reversed(plan.steps)]


def test_what_was_changed_after_the_repair_is_left_alone_unless_told(site: Site):
    plan = site.plan(infected(site, "a.php"), planted(site, "p.php"))
    _, journal = site.repair(plan)
    site.write("a.php", b"<?php // the owner's new page")
    site.write("p.php", b"<?php // the owner's new file")
    outcomes = site.take_back(journal)
    assert [one.fate for one in outcomes] == [Fate.REFUSED, Fate.REFUSED]
    assert all("--even-changed" in one.text for one in outcomes)
    assert site.read("a.php") == b"<?php // the owner's new page"
    assert {one.fate for one in site.take_back(journal, even_changed=True)} == {Fate.DONE}
    assert site.read("a.php") == BLOCK + PAGE
    kept = journal / "originals" / sha256(b"<?php // the owner's new page").hexdigest()
    assert kept.exists()


def test_what_is_as_before_already_counts_as_undone(site: Site):
    _, journal = site.repair(site.plan(infected(site)))
    site.write("a.php", BLOCK + PAGE)
    assert "already" in only(site.take_back(journal)).text
    assert site.take_back(journal) == []


def test_a_damaged_original_is_told_and_the_rest_comes_back(site: Site):
    site.write("b.php", b"<?php /* other */ ?>" + PAGE)
    plan = site.plan(infected(site, "a.php"), site.found("b.php", (0, 20)))
    _, journal = site.repair(plan)
    (journal / "originals" / sha256(BLOCK + PAGE).hexdigest()).write_bytes(b"x")
    outcomes = {one.repair.path: one for one in site.take_back(journal)}
    assert outcomes["a.php"].fate is Fate.REFUSED
    assert "is damaged" in outcomes["a.php"].text
    assert outcomes["b.php"].fate is Fate.DONE
    assert site.read("a.php") == PAGE


def test_a_folder_that_is_gone_is_told(site: Site):
    _, journal = site.repair(site.plan(planted(site, "d/p.php")))
    (site.root / "d").rmdir()
    assert only(site.take_back(journal)).fate is Fate.REFUSED


def test_a_file_that_appears_while_it_is_put_back_is_not_overwritten(site: Site):
    _, folder = site.repair(site.plan(planted(site, "p.php")))

    def meddle(what: str) -> None:
        if what == "rename":
            site.write("p.php", b"the owner was faster")

    journal = FolderJournal(folder)
    outcome = only(list(undo(site.bench(journal, meddle))))
    journal.close()
    assert outcome.fate is Fate.REFUSED
    assert site.read("p.php") == b"the owner was faster"
    assert drafts(site) == []

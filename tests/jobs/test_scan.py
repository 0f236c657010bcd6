"""A folder is scanned by several processes, and an unchanged one is not read twice."""

import os
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.adapters.known.test_known import filled, release
from unhijack.adapters.known.sources import Named
from unhijack.collect.scan.look import Looked
from unhijack.core.finding import Kind, Mend
from unhijack.jobs import scan as scanning
from unhijack.jobs import scan_bench
from unhijack.jobs.scan import scan
from unhijack.wiring.scans import ScanSpec, target

PLANTED = (
    b"<?php if (strpos($_SERVER['HTTP_REFERER'], 'google') !== false)"
    b" { header('Location: http://elsewhere.test/x'); exit; } ?>\n"
)
HONEST = b"<?php\nfunction greet($name) { return 'Hello ' . htmlspecialchars($name); }\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "inc").mkdir(parents=True)
    (folder / "index.php").write_bytes(PLANTED + HONEST)
    for number in range(300):
        (folder / "inc" / f"{number}.php").write_bytes(HONEST + b"// %d\n" % number)
    return folder


def found(looks: list[Looked]) -> list[tuple[str, str]]:
    return sorted((one.path, str(one.kind)) for look in looks for one in look.findings)


def run(spec: ScanSpec) -> list[Looked]:
    return list(scan(spec, hands=1))


def test_the_one_planted_file_is_found_and_named_as_it_was_given(site: Path):
    looks = run(target(site))
    assert found(looks) == [(f"{site}/index.php", "redirect")]
    assert len(looks) == 301


def test_one_file_is_scanned_alone(site: Path):
    assert found(run(target(site / "index.php"))) == [(f"{site}/index.php", "redirect")]


def test_an_unchanged_folder_is_answered_from_memory(site: Path, tmp_path: Path, monkeypatch):
    spec = replace(target(site), cache=str(tmp_path / "cache"))
    first = run(spec)

    monkeypatch.setattr(scanning, "worker", lambda *_: None)  # one that would answer nothing
    assert found(run(spec)) == found(first)


def test_a_changed_file_is_looked_at_again_even_where_its_time_was_set_back(
    site: Path, tmp_path: Path
):
    spec = replace(target(site), cache=str(tmp_path / "cache"))
    run(spec)
    old = (site / "inc" / "7.php").stat()
    length = old.st_size
    (site / "inc" / "7.php").write_bytes(PLANTED.ljust(length)[: max(length, len(PLANTED))])
    os.utime(site / "inc" / "7.php", ns=(old.st_atime_ns, old.st_mtime_ns))
    assert (f"{site}/inc/7.php", "redirect") in found(run(spec))


def test_what_was_found_is_said_again_under_the_name_that_is_used_now(
    site: Path, tmp_path: Path, monkeypatch
):
    run(replace(target(site), cache=str(tmp_path / "cache")))
    monkeypatch.chdir(site.parent)
    again = run(replace(target(Path("site")), cache=str(tmp_path / "cache")))
    assert found(again) == [("site/index.php", "redirect")]


def test_a_damaged_cache_begins_anew(site: Path, tmp_path: Path):
    (tmp_path / "cache").write_bytes(b"no database at all" * 1000)
    assert len(found(run(replace(target(site), cache=str(tmp_path / "cache"))))) == 1


def test_files_that_are_gone_are_forgotten(site: Path, tmp_path: Path):
    spec = replace(target(site), cache=str(tmp_path / "cache"))
    run(spec)
    (site / "index.php").unlink()
    assert found(run(spec)) == []
    with sqlite3.connect(tmp_path / "cache") as db:
        assert db.execute("SELECT count(*) FROM file").fetchone() == (300,)


def test_the_same_content_elsewhere_is_not_judged_twice(site: Path, tmp_path: Path, monkeypatch):
    """A hoster's docroots hold the same files a thousand times over."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "start.php").write_bytes(PLANTED + HONEST)
    run(replace(target(site), cache=str(tmp_path / "cache")))
    with sqlite3.connect(tmp_path / "cache") as db:
        before = db.execute("SELECT count(*) FROM verdict").fetchone()
    looks = run(replace(target(other), cache=str(tmp_path / "cache")))
    with sqlite3.connect(tmp_path / "cache") as db:
        assert db.execute("SELECT count(*) FROM verdict").fetchone() == before
    assert found(looks) == [(f"{other}/start.php", "redirect")]


def test_archives_are_looked_into_and_left_to_a_person(tmp_path: Path):
    folder = tmp_path / "site"
    folder.mkdir()
    with zipfile.ZipFile(folder / "backup.zip", "w") as archive:
        archive.writestr("www/index.php", PLANTED)
    (look,) = run(target(folder))
    (finding,) = look.findings
    assert finding.path == f"{folder}/backup.zip!www/index.php"
    assert finding.repair is Mend.REVIEW
    assert finding.reason.startswith("in an archive: ")


def test_an_unreadable_file_is_named(site: Path):
    (site / "gone").symlink_to(site / "nowhere")
    skipped = [one for look in run(target(site)) for one in look.skipped]
    assert [(one.path, one.code) for one in skipped] == [("gone", "link")]


class TestKnownGood:
    """With a store, a changed file of a release needs no sign of its own."""

    @pytest.fixture
    def spec(self, tmp_path: Path) -> ScanSpec:
        folder = tmp_path / "site"
        with zipfile.ZipFile(tmp_path / "w.zip", "w") as archive:
            for name, content in release("6.4.2").items():
                archive.writestr(name, content)
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content)
        filled(tmp_path / "known", tmp_path / "w.zip").close()
        return replace(target(folder), known=str(tmp_path / "known"))

    def test_released_files_say_nothing(self, spec: ScanSpec):
        assert found(run(spec)) == []

    def test_a_changed_one_can_be_put_back(self, spec: ScanSpec):
        path = Path(spec.root) / "wp-includes" / "same.php"
        path.write_bytes(b"<?php // changed, and harmless to look at")
        (finding,) = [one for look in run(spec) for one in look.findings]
        assert (finding.kind, finding.repair) == (Kind.MODIFIED_CORE, Mend.RESTORE)
        assert "wordpress 6.4.2" in finding.reason

    def test_one_more_among_them_is_unexpected(self, spec: ScanSpec):
        (Path(spec.root) / "wp-includes" / "more.php").write_bytes(HONEST)
        assert [kind for _, kind in found(run(spec))] == ["unexpected-file"]

    def test_elsewhere_one_more_file_is_nobody_s_business(self, spec: ScanSpec):
        (Path(spec.root) / "wp-content").mkdir()
        (Path(spec.root) / "wp-content" / "mine.php").write_bytes(HONEST)
        assert found(run(spec)) == []

    def test_a_package_in_another_language_is_no_change(self, spec: ScanSpec):
        path = Path(spec.root) / "wp-includes" / "version.php"
        path.write_bytes(path.read_bytes() + b"$wp_local_package = 'de_DE';\n")
        assert found(run(spec)) == []

    def test_a_plugin_under_another_name_is_named(self, spec: ScanSpec, tmp_path: Path):
        files = {"good.php": b"<?php // Version: 1.2\n", "inc/more.php": HONEST}
        with zipfile.ZipFile(tmp_path / "good-1.2.zip", "w") as archive:
            for name, content in files.items():
                archive.writestr(f"good/{name}", content)
                path = Path(spec.root) / "wp-content" / "plugins" / "seo-helper" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        named = Named("wordpress-plugin:good", "1.2")
        filled(tmp_path / "known", tmp_path / "good-1.2.zip", named=named).close()
        (finding,) = [one for look in run(spec) for one in look.findings]
        assert (finding.rule, finding.path.rpartition("/")[2]) == ("known-renamed", "good.php")
        assert "the plugin good" in finding.reason

    def test_line_ends_turned_by_a_transfer_are_no_change(self, spec: ScanSpec):
        path = Path(spec.root) / "wp-includes" / "version.php"
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert found(run(spec)) == []

    def test_a_release_that_the_store_has_not_is_not_compared(self, spec: ScanSpec):
        path = Path(spec.root) / "wp-includes" / "version.php"
        path.write_bytes(b"<?php\n$wp_version = '9.9';\n")
        assert found(run(spec)) == []


def test_a_file_that_kills_its_process_costs_itself(site: Path, monkeypatch):
    """Not one file of a hundred thousand may end a scan."""
    monkeypatch.setattr(scanning, "worker", dying_worker)
    looks = run(target(site))
    (crashed,) = [one for look in looks for one in look.skipped]
    assert (crashed.path, crashed.code) == ("inc/77.php", "crashed")
    assert found(looks) == [(f"{site}/index.php", "redirect")]


def dying_worker(pipe, niceness) -> None:
    from unhijack.collect.scan.look import Scanner

    look = Scanner.look

    def deadly(scanner, entry):
        if entry.path.endswith("/77.php"):
            os._exit(1)
        return look(scanner, entry)

    Scanner.look = deadly  # type: ignore[method-assign]
    scanning_worker(pipe, niceness)


scanning_worker = scan_bench.worker

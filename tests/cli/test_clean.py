"""`unhijack clean` as its user has it: the real command, on a site with inert planted code."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.remediate.test_rows import SCHEMA
from tests.support.command import unhijack
from tests.support.repairs import Site, make_site

LINE = b"auto_prepend_file = /tmp/.font-cache/favicon.ico\n"
RULES = (
    b"RewriteCond %{HTTP_REFERER} (google|bing|yahoo) [NC]\n"
    b"RewriteRule ^.*$ http://casino.example/win [R=302,L]\n"
)
INI = b"memory_limit = 128M\n"
ACCESS = (
    b"# BEGIN WordPress\nRewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-f\n"
    b"RewriteRule . /index.php [L]\n# END WordPress\n"
)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path)
    site.write(".user.ini", LINE + INI)
    site.write("blog/.htaccess", ACCESS + RULES, 0o640)
    site.write("index.php", b"<?php echo 'bread';\n")
    return site


def clean(site: Site, *words: str, path: str = "") -> subprocess.CompletedProcess[bytes]:
    state = site.base.parent / "state"
    where = str(site.root / path) if path else str(site.root)
    return unhijack("clean", where, *words, state=state, env={"XDG_STATE_HOME": str(state)})


def journal_of(site: Site) -> Path:
    folders = sorted((site.base.parent / "state" / "unhijack" / "repairs").iterdir())
    return folders[-1]


def lines(done: subprocess.CompletedProcess[bytes]) -> Sequence[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_without_apply_nothing_is_changed(site: Site):
    before = site.snapshot()
    for words in ((), ("--dry-run",)):
        done = clean(site, *words)
        assert done.returncode == 1, done.stderr
        said = done.stdout.decode()
        assert "cut the planted block (49 bytes) out of .user.ini" in said
        assert "Nothing was changed yet." in said
        assert f"unhijack clean {site.root} --apply" in said
        assert site.snapshot() == before


def test_from_infected_to_verified_and_back(site: Site):
    before = site.snapshot()
    done = clean(site, "--apply", "--host", "bakery.example")
    said = done.stdout.decode()
    assert done.returncode == 0, said
    assert site.read(".user.ini") == INI
    assert site.read("blog/.htaccess") == ACCESS
    assert "Scanned again: nothing is left." in said
    assert "unhijack check https://bakery.example/" in said
    assert f"--undo {journal_of(site)}" in said
    assert (journal_of(site) / "evidence-0001.tar.sealed").is_file()
    undone = clean(site, "--undo", str(journal_of(site)))
    assert undone.returncode == 0, undone.stderr
    assert b"2 put back, byte for byte" in undone.stdout
    assert site.snapshot() == before
    again = clean(site, "--undo", str(journal_of(site)))
    assert again.returncode == 0
    assert b"nothing to undo" in again.stdout


def test_a_clean_site_is_left_alone(site: Site):
    clean(site, "--apply")
    before = site.snapshot()
    done = clean(site, "--apply")
    assert done.returncode == 0
    assert site.snapshot() == before
    assert clean(site).stdout.decode().startswith("Nothing was found")


def test_one_file_alone(site: Site):
    done = clean(site, "--apply", path=".user.ini")
    assert done.returncode == 0, done.stderr
    assert site.read(".user.ini") == INI
    assert site.read("blog/.htaccess") == ACCESS + RULES
    assert clean(site, "--undo", str(journal_of(site)), path=".user.ini").returncode == 0
    assert site.read(".user.ini") == LINE + INI


def test_a_plan_is_edited_and_done(site: Site, tmp_path: Path):
    plan = tmp_path / "plan.txt"
    assert clean(site, "--plan", str(plan)).returncode == 1
    text = plan.read_text()
    plan.write_text("\n".join(one for one in text.split("\n") if "blog/" not in one))
    done = clean(site, "--apply", "--plan", str(plan))
    assert done.returncode == 1  # what was taken out of the plan is left
    assert site.read(".user.ini") == INI
    assert site.read("blog/.htaccess") == ACCESS + RULES


def test_a_plan_is_not_overwritten(site: Site, tmp_path: Path):
    plan = tmp_path / "plan.txt"
    plan.write_text("edited for an hour")
    done = clean(site, "--plan", str(plan))
    assert done.returncode == 2
    assert b"is there already" in done.stderr
    assert plan.read_text() == "edited for an hour"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda text: text.replace("cut ", "heal ", 1), "is no step"),
        (lambda text: text.replace("root /", "root /elsewhere/", 1), "this plan is for"),
        (lambda _: "hello", "this is no plan"),
    ],
)
def test_a_plan_with_mistakes_changes_nothing(site: Site, tmp_path: Path, edit, said: str):
    plan = tmp_path / "plan.txt"
    clean(site, "--plan", str(plan))
    plan.write_text(edit(plan.read_text()))
    before = site.snapshot()
    done = clean(site, "--apply", "--plan", str(plan))
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1
    assert site.snapshot() == before


def test_json_is_one_object_a_line(site: Site):
    planned = lines(clean(site, "--json"))
    assert [one["state"] for one in planned[:-1]] == ["planned", "planned"]
    done = lines(clean(site, "--apply", "--json"))
    assert [one["state"] for one in done[:-1]] == ["done", "done"]
    summary = done[-1]["summary"]
    assert isinstance(summary, dict)
    assert summary == {"planned": 2, "held": 0, "done": 2, "refused": 0, "left": 0,
                       "journal": str(journal_of(site))}  # fmt: skip
    undone = lines(clean(site, "--undo", str(journal_of(site)), "--json"))
    assert undone[-1]["summary"] == {"undone": 2, "refused": 0, "journal": str(journal_of(site))}


def test_what_was_changed_since_the_repair_is_left_unless_told(site: Site):
    clean(site, "--apply")
    site.write(".user.ini", b"memory_limit = 256M\n")
    refused = clean(site, "--undo", str(journal_of(site)))
    assert refused.returncode == 2
    assert b"left alone" in refused.stdout
    assert site.read(".user.ini") == b"memory_limit = 256M\n"
    assert clean(site, "--undo", str(journal_of(site)), "--even-changed").returncode == 0
    assert site.read(".user.ini") == LINE + INI


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--apply", "--undo", "x"), "exclude each other"),
        (("--undo", "/nonexistent"), "No such file or directory"),
        (("--apply", "--journal", "{site}/j"), "inside of the site"),
        (("--apply", "--logs", "/nonexistent.log"), "log /nonexistent.log is not there"),
        (("--apply", "--plan", "/nonexistent.txt"), "cannot be read"),
    ],
)
def test_wrong_use_is_one_line_and_changes_nothing(site: Site, words: Sequence[str], said: str):
    before = site.snapshot()
    done = clean(site, *(word.format(site=site.root) for word in words))
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1
    assert site.snapshot() == before


def test_a_journal_of_another_site(site: Site, tmp_path: Path):
    clean(site, "--apply")
    other = tmp_path / "other"
    other.mkdir()
    done = unhijack("clean", str(other), "--undo", str(journal_of(site)), state=tmp_path / "state")
    assert done.returncode == 2
    assert b"this journal is about" in done.stderr


def test_logs_go_into_the_sealed_evidence(site: Site, tmp_path: Path):
    log = tmp_path / "access.log"
    log.write_bytes(b"192.0.2.7 - - GET /\n" * 10_000)
    assert clean(site, "--apply", "--logs", str(log)).returncode == 0
    sealed = (journal_of(site) / "evidence-0001.tar.sealed").read_bytes()
    assert len(sealed) > 200_000
    assert b"192.0.2.7" not in sealed


def test_names_are_harmless_in_a_terminal(site: Site):
    name = "x\x1b]0;owned\x07\n\u202e"
    site.write(f"{name}/.user.ini", LINE)
    for words in ((), ("--json",), ("--apply",)):
        done = clean(site, *words)
        assert b"\x1b" not in done.stdout
        assert "\u202e".encode() not in done.stdout


def test_an_interrupted_repair_is_found_out_at_the_next_run(site: Site):
    clean(site, "--apply")
    records = journal_of(site) / "journal.jsonl"
    whole = records.read_bytes().splitlines(keepends=True)
    at = max(n for n, line in enumerate(whole) if b'"what":"intent"' in line)
    records.write_bytes(b"".join(whole[: at + 1]))  # as if killed right after the change
    done = clean(site, "--apply")
    assert b"was interrupted" in done.stdout
    assert b"done before the interruption" in done.stdout
    first = sorted((site.base.parent / "state" / "unhijack" / "repairs").iterdir())[0]
    assert clean(site, "--undo", str(first)).returncode == 0
    assert site.read("blog/.htaccess") == ACCESS + RULES


def test_a_database_is_mended_with_the_files(site: Site, tmp_path: Path):
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    connection.close()
    before = sorted(sqlite3.connect(path).iterdump())
    url = f"sqlite://{path}"
    done = clean(site, "--apply", "--database", url)
    assert done.returncode == 0, done.stdout
    assert b"DONE     drop database:trigger/back" in done.stdout
    assert "casino" not in "".join(sqlite3.connect(path).iterdump())
    assert clean(site, "--undo", str(journal_of(site))).returncode == 2
    assert clean(site, "--undo", str(journal_of(site)), "--database", url).returncode == 0
    assert sorted(sqlite3.connect(path).iterdump()) == before


_HEAVY = ("pydantic", "sqlalchemy", "wreq", "py_mini_racer", "uvloop", "litestar")


def test_neither_network_nor_database_nor_engine_is_imported(site: Site):
    code = (
        "import sys; sys.argv = ['unhijack', 'clean', sys.argv[1], '--apply']\n"
        "from unhijack.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {_HEAVY!r} if name in sys.modules])"
    )
    state = str(site.base.parent / "state")
    done = subprocess.run(
        [sys.executable, "-c", code, str(site.root)],
        env={**os.environ, "UNHIJACK_STATE": state, "XDG_STATE_HOME": state},
        capture_output=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == b"[]"

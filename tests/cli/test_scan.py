"""``unhijack scan`` as scripts and people use it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PLANTED = (
    b"<?php if (strpos($_SERVER['HTTP_REFERER'], 'google') !== false)"
    b" { header('Location: http://elsewhere.test/x'); exit; } ?>\n"
)


def unhijack(state: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from unhijack.cli import main; main()", *words],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"UNHIJACK_STATE": str(state)},
        check=False,
    )


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.php").write_bytes(PLANTED)
    (folder / "style.css").write_bytes(b"body { color: red }")
    return folder


FIELDS = {
    *("path", "line", "kind", "rule", "confidence", "reason", "excerpt", "sha256", "repair"),
}


def test_one_json_object_a_line_and_the_summary_last(site: Path, tmp_path: Path):
    done = unhijack(tmp_path / "state", "scan", "--json", site)
    *findings, summary = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 1
    assert done.stderr == ""
    (finding,) = findings
    assert FIELDS <= finding.keys() <= FIELDS | {"span"}
    assert finding["path"] == f"{site}/index.php"
    assert (finding["line"], finding["kind"]) == (1, "redirect")
    assert "elsewhere.test" not in finding["excerpt"]
    assert len(finding["excerpt"]) <= 120
    assert {"files", "bytes", "seconds", "skipped"} <= summary["summary"].keys()
    assert summary["summary"]["files"] == 2


def test_a_person_is_told_where_why_and_what_to_do(site: Path, tmp_path: Path):
    done = unhijack(tmp_path / "state", "scan", site)
    assert f"REDIRECT        {site}/index.php:1" in done.stdout
    assert "because: " in done.stdout
    assert "repair: " in done.stdout
    assert "1 finding in 2 files" in done.stdout


def test_nothing_found_is_said_so_and_exits_with_0(site: Path, tmp_path: Path):
    (site / "index.php").unlink()
    done = unhijack(tmp_path / "state", "scan", site)
    assert (done.returncode, done.stdout.splitlines()[-1][:18]) == (0, "nothing in 1 files")


def test_what_could_not_be_looked_at_exits_with_2(site: Path, tmp_path: Path):
    (site / "index.php").unlink()
    deep = site
    for _ in range(140):
        deep = deep / "d"
        deep.mkdir()
    done = unhijack(tmp_path / "state", "scan", site)
    assert done.returncode == 2
    assert "not looked at: " in done.stdout


def test_names_of_files_reach_no_terminal_as_they_are(site: Path, tmp_path: Path):
    (site / "a\x1b[2J\nb.php").write_bytes(PLANTED)
    (site / os.fsdecode(b"\xff.php")).write_bytes(PLANTED)
    done = unhijack(tmp_path / "state", "scan", site)
    assert "\x1b" not in done.stdout
    assert "a\N{REPLACEMENT CHARACTER}[2J" in done.stdout
    asjson = unhijack(tmp_path / "state", "scan", "--json", site)
    names = {os.fsencode(json.loads(line).get("path", "")) for line in asjson.stdout.splitlines()}
    assert {os.fsencode(site) + b"/a\x1b[2J\nb.php", os.fsencode(site) + b"/\xff.php"} < names


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "nothing to scan given"),
        (("/nowhere/at/all",), "is not there"),
        (("--known", "/etc/passwd", "."), "no store"),
        (("--database", "nonsense://x"), "database"),
        (("--rules", "/nowhere", "."), "--rules"),
    ],
)
def test_wrong_use_is_one_line(words: tuple[str, ...], says: str, tmp_path: Path):
    done = unhijack(tmp_path / "state", "scan", *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_rules_of_one_s_own_find_and_name_their_author_and_broken_ones_are_said(
    site: Path, tmp_path: Path
):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "mine.yar").write_text(
        'rule Red { meta: author = "A. N. Other" strings: $a = "color: red" condition: $a }'
    )
    (rules / "broken.yar").write_text("rule Nonsense { condition: nowhere }")
    done = unhijack(tmp_path / "state", "scan", "--json", "--rules", rules, site)
    named = [
        one for one in map(json.loads, done.stdout.splitlines()) if "Red" in one.get("rule", "")
    ]
    assert [Path(one["path"]).name for one in named] == ["style.css"]
    assert "A. N. Other" in named[0]["reason"]
    assert "broken.yar" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_scan_needs_neither_network_nor_browser_engine_nor_casework(site: Path, tmp_path: Path):
    """It runs as root on the servers of others: what it does not load cannot be turned against it."""
    code = (
        "import sys, unhijack.cli as c\n"
        "try: c.cli.main(['scan', sys.argv[1], '--no-cache'], standalone_mode=False)\n"
        "finally:\n"
        "    bad = {'wreq', 'py_mini_racer', 'sqlalchemy', 'pydantic', 'aiosmtplib', 'aiosmtpd',"
        " 'pymysql', 'uvloop', 'alembic'}\n"
        "    print('LOADED', sorted(bad & {name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, site],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"UNHIJACK_STATE": str(tmp_path)},
        check=True,
    )
    assert "LOADED []" in done.stdout

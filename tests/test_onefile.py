"""The one-file scanner: what the oldest Python of the machine makes of it is what we make of it."""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from scripts.onefile import build
from tests.support.hosting import PLANTED
from tests.support.pythons import OLDEST, Python, pythons
from unhijack.core.data import Json
from unhijack.core.finding import finding_from
from unhijack.parse.plain.every import as_data, every_mark, reported

GOLDEN = Path(__file__).parent / "parse" / "server" / "golden"
HTACCESS = (
    "RewriteEngine On\nRewriteCond %{HTTP_REFERER} (google|bing) [NC]\n"
    "RewriteRule ^(.*)$ http://kestrel.example/in.php [R=302,L]\n"
)
PREPEND = "auto_prepend_file = /tmp/.x/a.jpg\n"


@pytest.fixture(scope="session")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onefile") / "unhijack-scan.pyz"
    path.write_bytes(build())
    return path


def run(
    scanner: Path, *words: str, python: str = "", cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """In isolated mode and with an empty environment: nothing of ours can be imported."""
    return subprocess.run(
        [python or pythons()[0].path, "-I", str(scanner), *words],
        capture_output=True,
        text=True,
        cwd=cwd or scanner.parent,
        env={"PATH": os.environ["PATH"]},
        timeout=50,
        check=False,
    )


def lines(done: subprocess.CompletedProcess[str]) -> tuple[list[dict[str, Json]], dict[str, Json]]:
    *found, last = [json.loads(line) for line in done.stdout.splitlines()]
    return found, last["summary"]


def site(folder: Path) -> Path:
    """One file of each kind that is read."""
    files = {
        "index.php": "<?php echo 'hello';",
        "up/planted.php": PLANTED,
        "up/picture.jpg": "GIF89a" + PLANTED,
        ".htaccess": HTACCESS,
        ".user.ini": PREPEND,
        "app.js": "var app = {};",
        "page.html": "<html><body>hello</body></html>",
        "nginx.conf": "server { listen 80; }",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def in_process(folder: Path) -> list[dict[str, Json]]:
    found: list[dict[str, Json]] = []
    for path in sorted(folder.rglob("*"), key=lambda one: os.fsencode(str(one))):
        if not path.is_file():
            continue
        content, inner = path.read_bytes(), str(path.relative_to(folder))
        marks = reported(every_mark(inner, content, lambda name: (folder / name).is_file()))
        found += [as_data(str(path), content, mark) for mark in marks]
    return found


def by_path(found: list[dict[str, Json]]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True) for one in found)


def test_the_oldest_python_is_tried_or_it_is_said_which():
    oldest = pythons()[0]
    if oldest.version > OLDEST:
        warnings.warn(f"no Python 3.9 on this machine: tried with {oldest.name}", stacklevel=1)
    assert oldest.version >= OLDEST


@pytest.mark.parametrize("python", pythons(), ids=lambda one: one.name)
def test_every_python_finds_what_we_find(scanner: Path, tmp_path: Path, python: Python):
    folder = site(tmp_path / "site")

    found, summary = lines(run(scanner, "--json", str(folder), python=python.path))

    assert by_path(found) == by_path(in_process(folder))
    assert {Path(str(one["path"])).name for one in found} >= {"planted.php", ".htaccess"}
    assert summary["files"] == 8


def test_it_finds_the_same_in_all_specimens(scanner: Path):
    found, summary = lines(run(scanner, "--json", str(GOLDEN)))
    assert by_path(found) == by_path(in_process(GOLDEN))
    assert summary["skipped"] == {}


def test_a_line_is_a_finding_like_any_other(scanner: Path, tmp_path: Path):
    (tmp_path / "a.php").write_text(PLANTED)
    found, _ = lines(run(scanner, "--json", str(tmp_path)))
    assert finding_from(found[0]).path == f"{tmp_path}/a.php"


def test_nothing_found_is_0_something_1_unreadable_2(scanner: Path, tmp_path: Path):
    (tmp_path / "a.php").write_text("<?php echo 1;")
    assert run(scanner, str(tmp_path)).returncode == 0
    deep = tmp_path / "deep"
    for _ in range(140):
        deep.mkdir()
        deep = deep / "d"
    assert run(scanner, str(tmp_path)).returncode == 2
    (tmp_path / "b.php").write_text(PLANTED)
    assert run(scanner, str(tmp_path)).returncode == 1
    assert run(scanner, str(tmp_path / "gone")).returncode == 2
    assert run(scanner).returncode == 2


def test_one_file_is_named_as_it_was_given(scanner: Path, tmp_path: Path):
    (tmp_path / "a.php").write_text(PLANTED)
    found, summary = lines(run(scanner, "--json", "a.php", cwd=tmp_path))
    assert [one["path"] for one in found] == ["a.php"]
    assert summary["files"] == 1
    assert run(scanner, str(tmp_path / "a.php")).stdout.startswith("BACKDOOR")


def test_it_follows_no_link_and_opens_no_pipe(scanner: Path, tmp_path: Path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.php").write_text(PLANTED)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "folder").symlink_to(tmp_path / "outside")
    (inside / "file.php").symlink_to(tmp_path / "outside" / "a.php")
    os.mkfifo(inside / "pipe.php")

    done = run(scanner, "--json", str(inside))

    found, summary = lines(done)
    assert (done.returncode, found) == (0, [])
    assert summary["skipped"] == {"link": 2, "special": 1}


def test_long_files_and_long_scans_are_cut_and_that_is_said(scanner: Path, tmp_path: Path):
    with (tmp_path / "sparse.php").open("wb") as file:
        file.truncate(10 * 1024**3)
    done = run(scanner, "--json", "--max-bytes", "1000", str(tmp_path))
    assert lines(done)[1]["skipped"] == {"partial": 1}
    assert lines(done)[1]["bytes"] == 1000

    done = run(scanner, "--json", "--seconds", "0.000001", str(tmp_path))
    assert done.returncode == 2
    assert lines(done)[1]["skipped"] == {"time": 1}


def test_no_name_reaches_the_terminal_raw(scanner: Path, tmp_path: Path):
    (tmp_path / "a\x1b[31m\nb\udcff.php").write_text(
        PLANTED + " // \x1b]0;x\x07 http://kestrel.example"
    )
    done = run(scanner, str(tmp_path))
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout
    assert "kestrel.example" not in done.stdout


def test_help_says_what_it_cannot_do(scanner: Path):
    said = run(scanner, "--help").stdout
    for what in ("follow data", "releases", "databases", "Exit code"):
        assert what in said


def test_an_older_python_is_told():
    """By the file that is read first, as an older one would read it."""
    start = (Path(__file__).parents[1] / "scripts" / "onefile_start.py").read_text()
    told = start.replace("import sys\n", "import sys\nsys.version_info = (3, 6)\n", 1)
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "this scanner needs Python 3.9 or newer; this is 3.6\n"


def test_the_same_sources_give_the_same_bytes():
    assert build() == build()

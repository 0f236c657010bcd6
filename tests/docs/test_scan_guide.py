"""Every command in the scan guide is run, in order, as a reader would: on a site that was broken into."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.onefile import build
from tests.docs.test_guides import ROOT, commands
from tests.support.command import surroundings
from tests.support.hosting import PLANTED, Machine

GUIDE = "docs/scan-guide.md"
REDIRECT = (
    "<?php if (preg_match('/google|bing/', $_SERVER['HTTP_REFERER'])) "
    "{ header('Location: http://kestrel.example/in'); exit; } ?>\n"
)
INDEX = '<?php\nrequire "wp-includes/general-template.php";\nwp_head();\n'
LOG = (
    '192.0.2.7 - - [20/Nov/2026:10:00:00 +0000] "POST /wp-content/uploads/cache.php HTTP/1.1" '
    '200 5 "-" "Mozilla/5.0"\n'
)
FOUND = re.compile(
    r"unhijack scan (?:site|--accounts)|unhijack-scan\.pyz|unhijack clean site(?: --plan plan.txt)?$"
)
"""Commands that find something, and say so by their exit code."""


def written(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def broken_into(folder: Path) -> None:
    """A site, the release that it was made from, its log and database; customers of a hoster."""
    released = {
        "wp-includes/version.php": '<?php\n$wp_version = "6.4";\n',
        "wp-includes/general-template.php": '<?php\nfunction wp_head() {\n    do_action("x");\n}\n',
    }
    written(folder / "release", released)
    planted = {"index.php": REDIRECT + INDEX, "wp-content/uploads/cache.php": PLANTED}
    written(folder / "site", {**released, **planted})
    written(folder / "logs", {"access.log": LOG})
    database = sqlite3.connect(folder / "shop.sqlite")
    database.execute("CREATE TABLE wp_posts (ID INTEGER PRIMARY KEY, post_content TEXT)")
    database.execute("INSERT INTO wp_posts VALUES (1, 'hello')")
    database.commit()
    database.close()
    machine = Machine(folder)
    machine.site("bakery", planted=True)
    machine.site("school")
    assert machine.accounts == folder / "accounts.csv"
    (folder / "unhijack-scan.pyz").write_bytes(build())


@pytest.mark.timeout(240)
def test_the_guide_does_what_it_says(tmp_path: Path):
    found = commands(GUIDE)
    assert len(found) > 10
    work = tmp_path / "work"
    broken_into(work)
    env = surroundings(
        PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        UNHIJACK_STATE=str(tmp_path / "state"),
        XDG_STATE_HOME=str(tmp_path / "repairs"),
    )
    for command in found:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=work,
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        expected = 1 if FOUND.search(command) else 0
        assert done.returncode == expected, (command, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        if "--apply" in command:
            assert (work / "site" / "index.php").read_text() == INDEX

    assert (work / "site" / "index.php").read_text() == REDIRECT + INDEX, "it was undone"
    assert (work / "reports" / "bakery.xarf.json").exists()


def test_every_option_of_scan_and_every_kind_is_in_the_guide():
    from unhijack.cli.scan import scan
    from unhijack.core.finding import Kind

    text = (ROOT / GUIDE).read_text()
    options = [option for parameter in scan.params for option in parameter.opts]
    assert [one for one in options if one.startswith("--") and one not in text] == []
    assert [kind for kind in Kind if f"`{kind.upper()}`" not in text] == []

"""What `pip install .` puts on a machine works without this folder."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.command import surroundings, unwatched

ROOT = Path(__file__).parents[1]


@pytest.mark.timeout(120)
def test_the_wheel_holds_all_that_a_report_needs(tmp_path: Path):
    built, installed = tmp_path / "built", tmp_path / "installed"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    env = {
        **unwatched(surroundings()),
        "PYTHONPATH": str(installed),
        "UNHIJACK_STATE": str(tmp_path / "state"),
    }

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, unhijack.cli as c; print(c.__file__);"
            "sys.argv = ['unhijack', 'report', 'http://shop.test/']; c.main()",
        ],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    place, receipt = done.stdout.splitlines()
    assert place.startswith(str(installed)), "the wheel was tried, not this folder"
    assert receipt.startswith("R-")

    languages = subprocess.run(
        [
            sys.executable,
            "-c",
            "from unhijack.compose.tongue import LANGUAGES; from unhijack.wiring.locales import tongue;"
            "print(len({tongue(tag).text('Do this first') for tag in LANGUAGES}))",
        ],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert languages.stdout.strip() == "27", "letters are written in every language"

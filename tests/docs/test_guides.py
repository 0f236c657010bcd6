"""Every command in the guides is run, in order, as a reader would: against a hijacked site."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.lab import running_lab

ROOT = Path(__file__).parents[2]
GUIDES = ("README.md", "docs/user-guide.md", "docs/operator-guide.md")
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(guide: str) -> list[str]:
    """The lines of a guide's console blocks that begin with a prompt."""
    text = (ROOT / guide).read_text()
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


@pytest.mark.parametrize("guide", GUIDES)
@pytest.mark.timeout(240)
def test_a_guide_does_what_it_says(guide: str, tmp_path: Path):
    found = commands(guide)
    assert found, "a guide without commands is none"
    with running_lab(tmp_path) as lab:
        site = lab.server.url(lab.town.hijacked[0].host)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        env = {**os.environ, **lab.environment(tmp_path / "state"), "SITE": site, "PATH": path}
        work = tmp_path / "work"
        work.mkdir()
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
            expected = 1 if "unhijack check" in command else 0
            assert done.returncode == expected, (command, done.stdout, done.stderr)
            assert "Traceback" not in done.stderr


def test_the_settings_that_are_documented_are_the_settings_that_there_are():
    from unhijack.config.settings import Settings

    documented = set(re.findall(r"UNHIJACK_([A-Z_]+)", (ROOT / GUIDES[2]).read_text()))

    assert documented == {name.upper() for name in Settings.model_fields}


def test_every_command_and_option_of_check_is_in_the_guide():
    from unhijack.cli.check import check

    text = (ROOT / GUIDES[1]).read_text() + (ROOT / GUIDES[2]).read_text()
    missing = [
        option
        for parameter in check.params
        for option in parameter.opts
        if option.startswith("--") and option not in text
    ]
    assert missing == []

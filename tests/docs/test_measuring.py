"""The goals for life, and how to measure them, stand in the guide; what it says is run."""

import re
from pathlib import Path

import pytest

from tests.support.command import unhijack
from unhijack.cli.stats import stats
from unhijack.compose.stats_texts import GOAL_RECEIPT, GOAL_RELAPSE, GOALS
from unhijack.core.figures import DAYS, RECEIPT_DAYS

GUIDE = (Path(__file__).parents[2] / "docs/measuring.md").read_text()


def goal_rows() -> list[list[str]]:
    table = GUIDE.split("## Goals\n")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


def test_each_goal_stands_there_with_a_command():
    said = {row[0]: row[1] for row in goal_rows()}
    assert said.keys() == {
        f"{GOAL_RECEIPT:.0%} of notices received".replace("%", " %"),
        *(f"{share:.0%} clean on day {day}".replace("%", " %") for day, share in GOALS.items()),
        f"fewer than {GOAL_RELAPSE:.0%} hijacked again in 30 days".replace("%", " %"),
    }
    assert set(said.values()) == {"`unhijack stats`"}


def test_the_goals_are_those_of_the_design():
    assert (GOAL_RECEIPT, GOALS, GOAL_RELAPSE) == (0.40, {1: 0.32, 16: 0.62}, 0.12)


def test_where_a_goal_stands_is_where_the_command_prints_it(tmp_path: Path):
    done = unhijack("stats", state=tmp_path)
    printed = done.stdout.decode()
    for title in re.findall(r'"([^"]+)"', " ".join(row[2] for row in goal_rows())):
        assert title in printed


@pytest.mark.parametrize(
    "command", [line[2:] for line in GUIDE.splitlines() if line.startswith("$ ")]
)
def test_every_command_runs(command: str, tmp_path: Path):
    words = command.replace("what-works.html", str(tmp_path / "page.html")).split()
    assert words[0] == "unhijack"
    done = unhijack(*words[1:], state=tmp_path / "state")
    assert done.returncode == 0, done.stderr


def test_days_and_options_are_those_that_there_are():
    assert ", ".join(map(str, DAYS)) in GUIDE
    assert f"{RECEIPT_DAYS} days" in GUIDE
    named = set(re.findall(r"--([a-z]+)", GUIDE))
    options = {option.lstrip("-") for one in stats.params for option in one.opts}
    assert named <= options | {"logs"}, "logs is of scan"


def test_every_name_of_the_object_that_is_promised_is_there(tmp_path: Path):
    import json

    promised = GUIDE.split("Its names stay:")[1].split(". Each rate")[0]
    found = json.loads(unhijack("stats", "--json", state=tmp_path).stdout)
    assert set(re.findall(r"`(\w+)`", promised)) <= found.keys()

"""The unit that scans every night may read, and do nothing else."""

import configparser
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner

from unhijack.cli.scan import scan

UNITS = Path(str(files("unhijack.data"))) / "systemd"
SERVICE = UNITS / "unhijack-scan.service"
TIMER = UNITS / "unhijack-scan.timer"


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    parser.read_string(path.read_text())
    return parser


def test_systemd_takes_both_without_a_word(tmp_path: Path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is missing: apt-get install systemd")
    for path in (SERVICE, TIMER):
        here = path.read_text().replace("/usr/local/bin/unhijack", shutil.which("true") or "")
        (tmp_path / path.name).write_text(here)

    done = subprocess.run(
        [analyze, "verify", str(tmp_path / SERVICE.name), str(tmp_path / TIMER.name)],
        capture_output=True,
        text=True,
        check=False,
    )

    ours = [line for line in done.stderr.splitlines() if "unhijack" in line]
    assert (done.returncode, ours) == (0, [])


def test_it_may_write_its_state_and_nothing_else():
    service = unit(SERVICE)["Service"]

    assert service["ProtectSystem"] == "strict"
    assert service["ProtectHome"] == "read-only"
    assert service["StateDirectory"] == "unhijack"
    assert service["StateDirectoryMode"] == "0700"
    assert "ReadWritePaths" not in service
    for place in ("UNHIJACK_STATE=/var/lib/unhijack", "--reports /var/lib/unhijack/"):
        assert place in SERVICE.read_text()


def test_it_may_read_everything_and_has_no_other_right():
    service = unit(SERVICE)["Service"]

    assert service["AmbientCapabilities"] == "CAP_DAC_READ_SEARCH"
    assert service["CapabilityBoundingSet"] == "CAP_DAC_READ_SEARCH"
    assert service["DynamicUser"] == "yes"
    assert service["RestrictAddressFamilies"] == "AF_UNIX"
    for (
        wall
    ) in "PrivateTmp PrivateDevices PrivateNetwork NoNewPrivileges RestrictNamespaces".split():
        assert service[wall] == "yes", wall


def test_it_waits_for_everybody_and_is_bounded():
    service = unit(SERVICE)["Service"]

    assert service["Nice"] == "19"
    assert service["IOSchedulingClass"] == "idle"
    assert service["MemoryMax"].endswith("G")


def test_something_found_is_no_failure_of_the_unit():
    assert unit(SERVICE)["Service"]["SuccessExitStatus"] == "1"


def test_it_runs_a_command_that_there_is(tmp_path: Path):
    """The command of the unit, with its paths turned to a folder of ours."""
    words = unit(SERVICE)["Service"]["ExecStart"].split()
    assert words[:2] == ["/usr/local/bin/unhijack", "scan"]
    (tmp_path / "site").mkdir()
    (tmp_path / "accounts").write_text(f"somebody,{tmp_path / 'site'}\n")
    turned = [
        word.replace("/etc/unhijack", str(tmp_path)).replace("/var/lib/unhijack", str(tmp_path))
        for word in words[2:]
    ]

    done = CliRunner().invoke(
        scan, turned, env={"UNHIJACK_STATE": str(tmp_path)}, standalone_mode=False
    )

    assert done.return_value == 0, done.output
    assert (tmp_path / "reports" / "index.json").exists()


def test_the_timer_starts_it_every_night_also_after_the_machine_was_off():
    timer = unit(TIMER)

    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Timer"]["OnCalendar"]
    assert timer["Install"]["WantedBy"] == "timers.target"
    assert TIMER.stem == SERVICE.stem

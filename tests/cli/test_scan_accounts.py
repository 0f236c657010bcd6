"""A hoster scans the folders of all customers, and each who needs it gets a report."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.command import UNHIJACK, surroundings, unhijack, unwatched
from tests.support.hosting import Machine
from unhijack.core.data import Json

CUSTOMERS = 300
SIGNED = ("--organisation", "Hosting Ltd", "--contact", "abuse@hosting.test")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def scan(
    machine: Machine, *options: str, under: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[bytes]:
    words = ["scan", "--accounts", str(machine.accounts), "--reports", str(machine.reports)]
    return unhijack(*words, *SIGNED, *options, state=machine.folder / "state", under=under)


def lines(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Json]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def summary(done: subprocess.CompletedProcess[bytes]) -> dict[str, Json]:
    last = lines(done)[-1]["summary"]
    assert isinstance(last, dict)
    return last


def test_a_customer_with_findings_gets_reports_and_nobody_else(machine: Machine):
    machine.site("bakery", planted=True)
    machine.site("school")

    done = scan(machine, "--json")

    assert done.returncode == 1, done.stderr
    found = [line for line in lines(done) if "summary" not in line]
    assert {line["customer"] for line in found} == {"bakery"}
    assert {line["path"] for line in found} == {f"{machine.docroot('bakery')}/planted.php"}
    assert machine.written() == {"bakery.json", "bakery.html", "bakery.xarf.json"}
    xarf = json.loads((machine.reports / "bakery.xarf.json").read_text())
    assert xarf["url"] == "http://bakery.test/"
    assert xarf["sender"]["contact"] == "abuse@hosting.test"
    assert machine.index()["school"]["findings"] == 0
    assert summary(done)["customers"] == 2


def test_nothing_found_is_0_and_prints_one_line(machine: Machine):
    machine.site("school", files=3)

    done = scan(machine)

    assert done.returncode == 0
    assert b"no findings with 0 of 1 customers, 3 files" in done.stdout
    assert done.stderr == b"", "no bar where there is no terminal"


def test_a_customer_with_two_folders_gets_one_report_on_both(machine: Machine):
    machine.site("shop", customer="smith", planted=True)
    machine.site("blog", customer="smith", planted=True)
    machine.site("other")

    scan(machine)

    data = json.loads((machine.reports / "smith.json").read_text())
    assert [one["domains"] for one in data["docroots"]] == [["blog.test"], ["shop.test"]]
    assert data["summary"]["files"] == 42
    assert machine.written() == {
        "smith.json",
        "smith.html",
        "smith.xarf.json",
        "smith.2.xarf.json",
    }


def test_a_folder_that_is_gone_is_said_and_the_rest_is_scanned(machine: Machine):
    machine.site("school", files=2)
    machine.listed("gone", machine.docroot("gone"))
    machine.listed("file", machine.docroot("school") / "page1.php")
    machine.listed("relative", "web")

    done = scan(machine, "--json")

    assert done.returncode == 2
    index = machine.index()
    assert "No such file" in str(index["gone"]["errors"])
    assert "Not a directory" in str(index["file"]["errors"])
    assert index["school"]["files"] == 2
    assert summary(done)["incomplete"] == 2
    assert summary(done)["refused"] == 1


def test_a_folder_that_may_not_be_read_is_said(machine: Machine):
    machine.site("school", files=2)
    machine.site("closed", files=2).chmod(0)
    powerless = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")

    done = scan(machine, under=powerless if os.geteuid() == 0 else ())

    assert done.returncode == 2
    assert "Permission denied" in str(machine.index()["closed"]["errors"])
    assert machine.index()["school"]["files"] == 2


def test_a_customers_link_into_a_neighbours_folder_is_not_followed(machine: Machine):
    if os.geteuid() != 0:
        pytest.skip("only root gives files to others")
    neighbour = machine.site("neighbour", planted=True)
    thief = machine.docroot("thief")
    thief.parent.mkdir()
    thief.symlink_to(neighbour)
    os.lchown(thief, 54_321, 54_321)
    machine.listed("thief", thief)

    scan(machine)

    assert "somebody else" in str(machine.index()["thief"]["errors"])
    assert machine.index()["thief"]["findings"] == 0
    assert "thief.json" not in machine.written()


@pytest.mark.parametrize(
    "name", ["../../escaped", "=cmd()", "<script>x</script>", "\x1b[31mred", 'say "it"', "index"]
)
def test_a_customer_may_be_called_anything(machine: Machine, name: str):
    machine.site("site", customer=name, planted=True)

    done = scan(machine)

    assert b"\x1b" not in done.stdout
    assert list(machine.index()) == [name]
    page, data, xarf = sorted(machine.written())
    assert (machine.reports / page).read_text().count("<script") == 0
    assert json.loads((machine.reports / data).read_text())["customer"] == name
    assert "/" not in page + data + xarf
    assert not (machine.folder.parent / "escaped.json").exists()


def test_a_customer_who_is_clean_again_has_no_report_any_more(machine: Machine):
    machine.site("bakery", planted=True)
    machine.site("moved", planted=True)
    scan(machine)
    (machine.docroot("bakery") / "planted.php").unlink()
    machine.rows.pop()

    done = scan(machine)

    assert done.returncode == 0
    assert machine.written() == set()
    assert list(machine.index()) == ["bakery"]


def test_killed_in_the_middle_it_goes_on_where_it_was(machine: Machine):
    planted = {f"c{number}" for number in range(CUSTOMERS) if number % 25 == 3}
    for number in range(CUSTOMERS):
        name = f"c{number}"
        machine.site(name, planted=name in planted)
    machine.site("second", customer="c150")
    words = ["scan", "--accounts", str(machine.accounts), "--reports", str(machine.reports)]

    _kill_when(lambda: len(machine.state()) >= 60, machine, words)
    before = {str(one["customer"]) for one in machine.state()}
    assert 60 <= len(before) < CUSTOMERS, "it was killed in the middle"

    done = scan(machine, "--resume", "--json")

    assert done.returncode == 1, done.stderr
    assert summary(done)["resumed"] == len(before)
    assert summary(done)["customers"] == CUSTOMERS
    assert summary(done)["files"] == 20 * (CUSTOMERS + 1) + len(planted)
    index = machine.index()
    assert {name for name, one in index.items() if one["findings"]} == planted
    assert {name.partition(".")[0] for name in machine.written()} == planted
    named = [str(one["customer"]) for one in machine.state() if "customer" in one]
    assert sorted(named) == sorted(index), "each customer was done once"


def _kill_when(ready: object, machine: Machine, words: list[str]) -> None:
    env = unwatched(surroundings(UNHIJACK_STATE=str(machine.folder / "state")))
    running = subprocess.Popen([UNHIJACK, *words], env=env, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 40
    assert callable(ready)
    while not ready() and running.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.wait()


def test_to_resume_after_a_whole_run_begins_anew(machine: Machine):
    machine.site("bakery")
    scan(machine)
    (machine.docroot("bakery") / "planted.php").write_text("<?php eval($_POST['harmless']);")

    done = scan(machine, "--resume", "--json")

    assert done.returncode == 1
    assert summary(done)["resumed"] == 0


def test_without_a_mailbox_there_is_no_xarf_and_that_is_said(machine: Machine):
    machine.site("bakery", planted=True)

    done = unhijack(
        *("scan", "--accounts", str(machine.accounts), "--reports", str(machine.reports)),
        state=machine.folder / "state",
    )

    assert b"no XARF" in done.stderr
    assert machine.written() == {"bakery.json", "bakery.html"}


def test_reports_are_optional(machine: Machine):
    machine.site("bakery", planted=True)
    done = unhijack(
        *("scan", "--json", "--accounts", str(machine.accounts)), state=machine.folder / "state"
    )
    assert done.returncode == 1
    assert lines(done)[0]["customer"] == "bakery"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--accounts", "LIST", "."), b"--accounts says what is scanned"),
        (("--reports", "r", "."), b"go with --accounts"),
        (("--resume", "."), b"go with --accounts"),
        (("--accounts", "LIST", "--resume"), b"name it by --reports"),
        (("--accounts", "LIST", "--reports", "INSIDE"), b"lies in a customer's folder"),
        (("--accounts", "LIST", "--contact", "nobody"), b"plain mail address"),
        (("--accounts", "EMPTY"), b"names no customer's folder"),
    ],
)
def test_wrong_use_is_one_line(machine: Machine, words: tuple[str, ...], said: bytes):
    web = machine.site("bakery", files=1)
    (machine.folder / "empty").write_text("\n")
    places = {
        "LIST": str(machine.accounts),
        "INSIDE": str(web / "reports"),
        "EMPTY": str(machine.folder / "empty"),
    }
    done = unhijack("scan", *(places.get(word, word) for word in words), state=machine.folder / "s")
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count(b"\n") == 1

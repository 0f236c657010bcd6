"""The repository check finds what it is for; the pins are whole and answer pyproject.toml."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from scripts.check_repository import faults

ROOT = Path(__file__).parent.parent


@pytest.fixture
def repository(tmp_path):
    """An empty repository; what a test writes there counts as about to be committed."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


def test_an_empty_repository_has_no_fault(repository):
    assert list(faults(repository)) == []


# Each is put together here, so that this file does not carry what it looks for.
@pytest.mark.parametrize(
    "text",
    [
        "https://" + ".".join(["pypi", "org"]) + "/simple",
        "https://" + ".".join(["files", "pythonhosted", "org"]) + "/packages/x.whl",
        "deb http://" + ".".join(["deb", "debian", "org"]) + "/debian bookworm main",
        '"resolved": "https://' + ".".join(["registry", "npmjs", "org"]) + '/left-pad"',
        "find-links = " + "/".join(["", "opt", "wheels"]),
        "cd " + "/".join(["", "work", "main"]),
        '"' + "/".join(["", "root", ".pyenv"]) + '"',
        "file://x " + "/".join(["", "home", "anna"]),
    ],
)
def test_an_address_of_a_package_host_or_a_machine_is_found(repository, text):
    (repository / "notes.txt").write_text(f"fine\n{text}\n")
    assert [fault.split(": ")[0] for fault in faults(repository)] == ["notes.txt:2"]


@pytest.mark.parametrize(
    "text",
    [
        "https://parish.example/work/index.html",
        "https://parish.example/home/anna",
        "framework/root/x",
        "pypiXorg is no host",
    ],
)
def test_a_page_that_only_looks_like_a_machine_path_is_not(repository, text):
    (repository / "notes.txt").write_text(text)
    assert list(faults(repository)) == []


def test_a_dead_link_is_found_and_a_living_one_is_not(repository):
    (repository / "docs").mkdir()
    (repository / "docs/guide.md").write_text("[home](../README.md#top) [gone](gone.md)\n")
    (repository / "README.md").write_text(
        "[docs](docs) [docs](docs/) [guide](docs/guide.md#a) [web](https://example.test/x) [here](#a)\n"
        "```\n[in code](nowhere.md)\n```\n`[and](here.md)`\n[dead](docs/none.md)\n"
    )
    assert list(faults(repository)) == [
        "README.md:6: dead link: docs/none.md",
        "docs/guide.md:1: dead link: gone.md",
    ]


def test_a_link_to_what_is_not_committed_is_dead(repository):
    (repository / ".gitignore").write_text("built.html\n")
    (repository / "built.html").write_text("")
    (repository / "README.md").write_text("[built](built.html)")
    assert list(faults(repository)) == ["README.md:1: dead link: built.html"]


def test_a_decision_that_is_not_listed_is_found(repository):
    records = repository / "docs/adr"
    records.mkdir(parents=True)
    (records / "0001-one.md").write_text("# One\n")
    (records / "0002-two.md").write_text("# Two\n")
    (records / "README.md").write_text("- [One](0001-one.md)\n")
    assert list(faults(repository)) == ["docs/adr/0002-two.md: not listed in docs/adr/README.md"]


@pytest.mark.parametrize("name", ["base.txt", "dev.txt", "uv.txt"])
def test_every_pin_carries_a_hash(name):
    pins = re.split(r"\n(?=\S)", (ROOT / "requirements" / name).read_text())
    assert [pin for pin in pins if not pin.startswith("#") and "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize(
    ("name", "groups"), [("base.txt", []), ("dev.txt", ["dev", "build"]), ("uv.txt", ["bootstrap"])]
)
def test_the_pins_answer_pyproject(name, groups):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [entry for group in groups for entry in project["dependency-groups"][group]]
    if name != "uv.txt":
        wanted += project["project"]["dependencies"]
    pinned = dict(
        re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements" / name).read_text(), re.M)
    )
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pinned[requirement.name]), requirement

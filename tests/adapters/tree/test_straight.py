"""A customer who puts a link where their folder was learns nothing of a neighbour's."""

import os
from pathlib import Path

import pytest

from unhijack.adapters.tree.straight import open_straight

CUSTOMER, NEIGHBOUR = 54_321, 54_322

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")


@pytest.fixture
def homes(tmp_path: Path) -> Path:
    for name, owner in (("customer", CUSTOMER), ("neighbour", NEIGHBOUR)):
        (tmp_path / name / "web").mkdir(parents=True)
        (tmp_path / name / name).write_text("")
        for path in (tmp_path / name, tmp_path / name / "web"):
            os.chown(path, owner, owner)
    return tmp_path


def link(path: Path, target: str | Path, owner: int) -> None:
    path.symlink_to(target)
    os.lchown(path, owner, owner)


def opened() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def names(path: Path) -> list[str]:
    fd = open_straight(path)
    try:
        return sorted(os.listdir(fd))  # noqa: PTH208 (no path leads to a descriptor)
    finally:
        os.close(fd)


def test_a_folder_is_opened(homes: Path):
    assert names(homes / "customer") == ["customer", "web"]


@pytest.mark.parametrize("target", ["../../neighbour", "../web/../../neighbour"])
def test_a_customers_link_to_a_neighbour_is_not_followed(homes: Path, target: str):
    link(homes / "customer" / "web" / "shop", target, CUSTOMER)
    with pytest.raises(OSError, match="somebody else"):
        open_straight(homes / "customer" / "web" / "shop")


def test_nor_to_a_folder_of_the_machine(homes: Path):
    link(homes / "customer" / "shop", "/etc", CUSTOMER)
    with pytest.raises(OSError, match="somebody else"):
        open_straight(homes / "customer" / "shop")


def test_nor_on_the_way(homes: Path):
    link(homes / "customer" / "shop", homes / "neighbour", CUSTOMER)
    with pytest.raises(OSError, match="somebody else"):
        open_straight(homes / "customer" / "shop" / "web")


def test_a_customers_link_to_their_own_folder_is(homes: Path):
    link(homes / "customer" / "shop", "web", CUSTOMER)
    assert names(homes / "customer" / "shop") == []


def test_the_machines_own_link_is(homes: Path):
    link(homes / "home", homes / "customer", 0)
    assert names(homes / "home") == ["customer", "web"]


def test_links_in_a_circle_end(homes: Path):
    link(homes / "one", homes / "two", 0)
    link(homes / "two", homes / "one", 0)
    with pytest.raises(OSError, match=r"[Ll]evels"):
        open_straight(homes / "one")


def test_what_is_no_folder_is_said(homes: Path):
    with pytest.raises(NotADirectoryError):
        open_straight(homes / "customer" / "customer")
    with pytest.raises(FileNotFoundError):
        open_straight(homes / "gone")


def test_no_descriptor_is_left_open(homes: Path):
    link(homes / "customer" / "shop", "/etc", CUSTOMER)
    before = opened()
    with pytest.raises(OSError, match="somebody else"):
        open_straight(homes / "customer" / "shop")
    assert opened() == before

"""A folder is walked and read, and nothing leads out of it."""

import os
import socket
import threading
from pathlib import Path

import pytest

from unhijack.adapters.tree.rooted import Root
from unhijack.adapters.tree.walk import MOST_DEPTH, FolderTree
from unhijack.core.errors import WrongUse
from unhijack.ports import Entry, Skipped


def paths(tree: FolderTree) -> list[str]:
    return [seen.path for seen in tree.walk() if isinstance(seen, Entry)]


def skipped(tree: FolderTree) -> dict[str, str]:
    return {seen.path: seen.code for seen in tree.walk() if isinstance(seen, Skipped)}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "index.php").write_bytes(b"<?php echo 1;")
    (folder / "a" / "one.txt").write_bytes(b"one")
    (folder / "a" / "b" / "two.txt").write_bytes(b"two")
    return folder


def test_every_file_in_the_same_order_each_time(site: Path):
    tree = FolderTree(site)
    assert paths(tree) == ["a/b/two.txt", "a/one.txt", "index.php"]
    assert paths(tree) == paths(tree)


def test_names_of_any_bytes_are_walked_and_read(site: Path):
    names = [b"new\nline.php", b"\x1b[31mred.php", b"\xff\xfe.php", b" .php"]
    for name in names:
        (site / os.fsdecode(name)).write_bytes(name)
    tree = FolderTree(site)
    read = {
        seen.path: tree.read(seen, 100)
        for seen in tree.walk()
        if isinstance(seen, Entry) and "/" not in seen.path
    }
    assert {os.fsencode(path): content for path, content in read.items()} == {
        **{name: name for name in names},
        b"index.php": b"<?php echo 1;",
    }


def test_links_pipes_and_sockets_are_named_and_not_opened(site: Path, tmp_path: Path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("secret")
    (site / "out").symlink_to(tmp_path / "outside")
    (site / "file").symlink_to(tmp_path / "outside" / "secret.txt")
    os.mkfifo(site / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(site / "socket"))
    tree = FolderTree(site)
    assert skipped(tree) == {
        "out": "link",
        "file": "link",
        "pipe": "special",
        "socket": "special",
    }
    assert not tree.exists("out/secret.txt")
    listener.close()


def test_a_path_that_climbs_is_no_path(site: Path, tmp_path: Path):
    (tmp_path / "secret.txt").write_text("secret")
    root = Root(site)
    for path in ("../secret.txt", "a/../../secret.txt", "/etc/passwd", "a//one.txt", "", "a/\0"):
        with pytest.raises((OSError, ValueError)), root.file(path):
            pytest.fail(f"{path!r} was opened")


def test_a_file_swapped_for_a_link_between_the_look_and_the_reading_is_not_read(
    site: Path, tmp_path: Path
):
    (tmp_path / "secret.txt").write_text("secret")
    tree = FolderTree(site)
    entry = next(seen for seen in tree.walk() if seen.path == "index.php")
    assert isinstance(entry, Entry)
    (site / "index.php").unlink()
    (site / "index.php").symlink_to(tmp_path / "secret.txt")
    assert isinstance(tree.read(entry, 100), Skipped)
    (site / "index.php").unlink()
    (site / "index.php").write_bytes(b"another")
    answer = tree.read(entry, 100)
    assert isinstance(answer, Skipped)
    assert answer.code == "changed"


def test_while_folders_are_swapped_for_links_nothing_outside_is_ever_read(
    site: Path, tmp_path: Path
):
    """The owner of the folder works against us as fast as it can."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "one.txt").write_bytes(b"SECRET")
    (site / "real").mkdir()
    (site / "real" / "one.txt").write_bytes(b"ours")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            (site / "real").rename(site / "away")
            (site / "real").symlink_to(outside)
            (site / "real").unlink()
            (site / "away").rename(site / "real")

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        seen = set()
        for _ in range(300):
            tree = FolderTree(site)
            for entry in tree.walk():
                content = tree.read(entry, 100) if isinstance(entry, Entry) else b""
                seen.add(content if isinstance(content, bytes) else b"")
            tree.close()
    finally:
        stop.set()
        swapper.join()
    assert b"SECRET" not in seen
    assert b"ours" in seen


def test_a_sparse_file_costs_what_is_read_of_it(site: Path):
    with (site / "huge.bin").open("wb") as file:
        file.truncate(10 * 1024**3)
    tree = FolderTree(site)
    entry = next(seen for seen in tree.walk() if seen.path == "huge.bin")
    assert isinstance(entry, Entry)
    content = tree.read(entry, 4096)
    assert isinstance(content, bytes)
    assert len(content) == 4096


def test_folders_deeper_than_the_limit_are_named(site: Path):
    deep = site / "deep"
    fd = os.open(site, os.O_RDONLY)
    for number in range(MOST_DEPTH + 5):
        os.mkdir(f"d{number}" if number else "deep", dir_fd=fd)
        below = os.open(f"d{number}" if number else "deep", os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    os.close(fd)
    assert deep.exists()
    assert "too-deep" in skipped(FolderTree(site)).values()


def test_descriptors_are_given_back(site: Path):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        tree = FolderTree(site)
        for entry in tree.walk():
            assert isinstance(entry, Entry)
            tree.read(entry, 10)
        tree.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_no_folder_is_said_in_one_line(tmp_path: Path):
    with pytest.raises(WrongUse, match="cannot be opened"):
        FolderTree(tmp_path / "none")

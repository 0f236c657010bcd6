"""A store of releases: filled from what people have, compact, and asked about files."""

import io
import json
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.adapters.known.sources import Named, digest_of, md5_of, open_source
from unhijack.adapters.known.store import KnownStore, _numbers, _packed
from unhijack.core.errors import WrongUse
from unhijack.core.known_good import Digests, Release, Standing

VERSION = b"<?php\n$wp_version = '%s';\n"


def digests(content: bytes) -> Digests:
    return Digests(digest_of(content), md5_of(content))


def release(version: str) -> dict[str, bytes]:
    return {
        "wp-includes/version.php": VERSION % version.encode(),
        "wp-includes/same.php": b"<?php // the same in all",
        "wp-includes/grows.php": b"<?php // as of " + version.encode(),
    }


def zipped(path: Path, version: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in release(version).items():
            archive.writestr(f"wordpress/{name}", content)
    return path


def filled(store: Path, *sources: Path, named: Named = Named()) -> KnownStore:  # noqa: B008  # frozen
    kept = KnownStore(store, write=True)
    for path in sources:
        source = open_source(path, named)
        kept.add(source.product, source.versions, source.files)
    return kept


def test_a_zip_says_itself_what_it_is(tmp_path: Path):
    kept = filled(tmp_path / "s", zipped(tmp_path / "any.zip", "6.4.2"))
    assert kept.releases() == [Release("wordpress", "6.4.2")]


def test_a_tar_and_a_folder_are_releases_too(tmp_path: Path):
    with tarfile.open(tmp_path / "wordpress.tar.gz", "w:gz") as archive:
        for name, content in release("6.1").items():
            member = tarfile.TarInfo(f"wordpress/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    for name, content in release("6.2").items():
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_bytes(content)
    kept = filled(tmp_path / "s", tmp_path / "wordpress.tar.gz", tmp_path / "folder")
    assert [one.version for one in kept.releases()] == ["6.1", "6.2"]


def test_how_a_file_stands_to_the_release_that_is_installed(tmp_path: Path):
    kept = filled(
        tmp_path / "s", zipped(tmp_path / "a.zip", "6.1"), zipped(tmp_path / "b.zip", "6.2")
    )
    here, path = Release("wordpress", "6.2"), "wp-includes/grows.php"
    old, new = b"<?php // as of 6.1", b"<?php // as of 6.2"
    assert kept.standing(here, path, digests(new)).standing is Standing.RELEASED
    left_over = kept.standing(here, path, digests(old))
    assert (left_over.standing, left_over.versions) == (Standing.RELEASED, ("6.1",))
    assert kept.standing(here, path, digests(b"other")).standing is Standing.DIFFERENT
    assert kept.standing(here, "x.php", digests(b"other")).standing is Standing.UNEXPECTED
    assert kept.standing(here, "moved.php", digests(new)).standing is Standing.ELSEWHERE
    unknown = Release("wordpress", "9.9")
    assert kept.standing(unknown, path, digests(b"other")).standing is Standing.UNKNOWN
    assert kept.content(here, path) == new


def git(folder: Path, *words: str) -> None:
    who = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.org"}
    who |= {"GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@example.org"}
    subprocess.run(
        ["git", "-C", folder, *words], check=True, capture_output=True, env=os.environ | who
    )


def test_a_git_history_gives_every_tag(tmp_path: Path):
    folder = tmp_path / "history"
    folder.mkdir()
    git(folder, "init", "-q")
    for version in ("6.0", "6.1", "6.10"):
        for name, content in release(version).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        git(folder, "add", ".")
        git(folder, "commit", "-qm", version)
        git(folder, "tag", version)
    kept = filled(tmp_path / "s", folder)
    assert [one.version for one in kept.releases()] == ["6.0", "6.1", "6.10"]
    same = kept.standing(
        Release("wordpress", "6.1"), "wp-includes/same.php", digests(b"<?php // the same in all")
    )
    assert same.versions == ("6.0", "6.1", "6.10")
    assert kept.content(Release("wordpress", "6.1"), "wp-includes/same.php") is None


def test_a_checksum_list_of_wordpress_org_is_compared_by_its_own_digests(tmp_path: Path):
    listing = {name: md5_of(content).hex() for name, content in release("6.3").items()}
    (tmp_path / "checksums-6.3.json").write_text(json.dumps({"checksums": {"6.3": listing}}))
    kept = filled(tmp_path / "s", tmp_path / "checksums-6.3.json")
    here = Release("wordpress", "6.3")
    assert kept.standing(here, "wp-includes/same.php", digests(b"x")).standing is Standing.DIFFERENT
    genuine = digests(b"<?php // the same in all")
    assert kept.standing(here, "wp-includes/same.php", genuine).standing is Standing.RELEASED


def test_a_plugin_s_list_names_the_plugin(tmp_path: Path):
    files = {"good.php": {"md5": [md5_of(b"x").hex(), md5_of(b"y").hex()]}}
    (tmp_path / "p.json").write_text(
        json.dumps({"plugin": "good", "version": "1.2", "files": files})
    )
    kept = filled(tmp_path / "s", tmp_path / "p.json")
    assert kept.releases() == [Release("wordpress-plugin:good", "1.2")]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", b"{", "no JSON"),
        ("a.json", b"[1]", "no checksum list"),
        ("a.json", b'{"checksums": {"a": 5}}', "no checksum list"),
        ("a.zip", b"PK\x05\x06" + bytes(18), "which release"),
        ("a.tar.gz", b"\x1f\x8bnonsense", "cannot be read"),
        ("a.bin", b"nonsense", "cannot be read"),
    ],
)
def test_what_is_no_release_is_said_in_one_line(
    tmp_path: Path, name: str, content: bytes, says: str
):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WrongUse, match=says):
        filled(tmp_path / "s", tmp_path / name)


def test_a_file_that_is_no_store_is_said_so(tmp_path: Path):
    (tmp_path / "s").write_bytes(b"something else entirely" * 100)
    with pytest.raises(WrongUse, match="no store"):
        KnownStore(tmp_path / "s")


def test_names_of_undecodable_bytes_are_kept_apart(tmp_path: Path):
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "\udcff.php").write_bytes(b"1")
    kept = filled(tmp_path / "s", folder, named=Named("any", "1"))
    found = kept.standing(Release("any", "1"), "\udcff.php", digests(b"1"))
    assert found.standing is Standing.RELEASED


@given(st.sets(st.integers(1, 2000)))
def test_numbers_of_releases_survive_the_packing(numbers: set[int]):
    assert _numbers(_packed(numbers)) == numbers

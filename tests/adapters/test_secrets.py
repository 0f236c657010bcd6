"""Keys: made once, kept to their owner, and what was sealed opens under the same key alone."""

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unhijack.adapters.secrets import FileSecrets
from unhijack.core.errors import WrongUse


def test_keys_are_made_when_first_wanted_for_their_owner_alone(tmp_path: Path):
    secrets = FileSecrets(tmp_path / "keys")
    assert not (tmp_path / "keys").exists()
    secrets.seal(b"x")
    secrets.keyed_hash("x")

    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}
    assert modes == {"seal.key": 0o600, "hash.key": 0o600}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=2000), own=st.booleans())
def test_what_was_sealed_opens_under_its_key(tmp_path: Path, content: bytes, own: bool):  # noqa: FBT001 - drawn
    secrets = FileSecrets(tmp_path / "keys")
    key = secrets.new_key() if own else None
    sealed = secrets.seal(content, key)

    assert FileSecrets(tmp_path / "keys").unseal(sealed, key) == content
    assert secrets.seal(content, key) != sealed
    assert len(content) < 4 or content not in sealed


@pytest.mark.parametrize("place", [0, 11, 12, -1])
def test_what_was_changed_does_not_open(tmp_path: Path, place: int):
    secrets = FileSecrets(tmp_path / "keys")
    sealed = bytearray(secrets.seal(b"a destination in full"))
    sealed[place] ^= 1
    with pytest.raises(WrongUse, match="changed, or sealed under another key"):
        secrets.unseal(bytes(sealed))


@pytest.mark.parametrize("content", [b"", b"short", bytes(28), b"\x1f\x8b not sealed at all" * 9])
def test_what_was_never_sealed_does_not_open(tmp_path: Path, content: bytes):
    with pytest.raises(WrongUse, match="changed, or sealed under another key"):
        FileSecrets(tmp_path / "keys").unseal(content)


def test_another_house_has_other_keys(tmp_path: Path):
    ours, theirs = FileSecrets(tmp_path / "a"), FileSecrets(tmp_path / "b")
    with pytest.raises(WrongUse):
        theirs.unseal(ours.seal(b"x"))
    assert ours.keyed_hash("x") != theirs.keyed_hash("x")
    assert ours.keyed_hash("x") == FileSecrets(tmp_path / "a").keyed_hash("x")
    assert ours.keyed_hash("x") != ours.keyed_hash("y")


def test_many_who_want_a_key_first_get_the_same_one(tmp_path: Path):
    hashes: list[str] = []
    start = threading.Barrier(12)

    def want() -> None:
        start.wait()
        hashes.append(FileSecrets(tmp_path / "keys").keyed_hash("x"))

    threads = [threading.Thread(target=want) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hashes) == 12
    assert len(set(hashes)) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["hash.key"]


def test_a_key_of_another_length_is_not_used(tmp_path: Path):
    (tmp_path / "seal.key").write_bytes(b"too short")
    with pytest.raises(WrongUse, match=r"seal\.key is damaged: restore it from a backup"):
        FileSecrets(tmp_path).seal(b"x")


def test_a_place_where_no_key_can_be_made_says_so(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WrongUse, match=r"hash\.key cannot be (made|read): Not a directory"):
        FileSecrets(tmp_path / "file").keyed_hash("x")

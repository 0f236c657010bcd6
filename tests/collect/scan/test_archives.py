"""Archives are looked into, within limits."""

import gzip
import io
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.collect.scan import archives
from unhijack.collect.scan.archives import Member, is_archive, members
from unhijack.ports import Skipped


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def found(path: str, content: bytes) -> dict[str, bytes | str]:
    return {
        one.path: one.content if isinstance(one, Member) else one.code
        for one in members(path, content)
    }


FILES = {"a.php": b"one", "b/c.php": b"two", "d.jpg": b"a picture is left out"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.zip", zipped(FILES)),
        ("x.tar", tarred(FILES)),
        ("x.tar.gz", gzip.compress(tarred(FILES))),
    ],
)
def test_every_kind_is_opened(name: str, content: bytes):
    assert is_archive(content)
    assert found(name, content) == {f"{name}!a.php": b"one", f"{name}!b/c.php": b"two"}


def test_a_gzipped_file_is_one_member_with_its_own_name():
    assert found("dump.sql.gz", gzip.compress(b"rows")) == {"dump.sql.gz!dump.sql": b"rows"}


def test_an_archive_in_an_archive_is_opened_once_and_no_deeper():
    inner = zipped({"deep.php": b"x"})
    third = zipped({"third.zip": inner})
    outer = zipped({"second.zip": third, "flat.zip": inner})
    seen = found("first.zip", outer)
    assert seen["first.zip!flat.zip!deep.php"] == b"x"
    assert seen["first.zip!second.zip!third.zip"] == inner


def test_a_bomb_is_looked_into_up_to_the_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives, "MOST_INFLATED", 40_000_000)
    bomb = zipped({f"{number}.txt": bytes(10_000_000) for number in range(20)})
    seen = list(members("bomb.zip", bomb))
    assert sum(len(one.content) for one in seen if isinstance(one, Member)) <= 40_000_000
    assert isinstance(seen[-1], Skipped)


def test_a_bomb_of_gzip_stops_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives, "MOST_INFLATED", 4_000_000)
    (only,) = members("b.gz", gzip.compress(bytes(50_000_000)))
    assert isinstance(only, Member)
    assert len(only.content) <= 1_000_000


def test_a_million_empty_members_are_not_all_looked_at(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 100)
    seen = list(members("m.zip", zipped({f"{number}": b"" for number in range(1000)})))
    assert len(seen) <= 101
    assert isinstance(seen[-1], Skipped)


def test_a_member_with_a_password_or_of_unknown_making_costs_itself():
    body = bytearray(zipped({"a.php": b"one"}))
    body[6] |= 1  # encrypted, says the local header
    body[body.index(b"PK\x01\x02") + 8] |= 1  # and the directory
    assert found("p.zip", bytes(body)) == {}


@given(st.binary(max_size=2000), st.sampled_from([b"PK\x03\x04", b"\x1f\x8b\x08\x00", b""]))
def test_whatever_the_bytes_are_nothing_is_raised(noise: bytes, head: bytes):
    for seen in members("x", head + noise):
        assert isinstance(seen, Member | Skipped)


@given(st.data())
def test_an_archive_that_was_damaged_anywhere_raises_nothing(data: st.DataObject):
    body = bytearray(data.draw(st.sampled_from([zipped(FILES), tarred(FILES)])))
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= data.draw(st.integers(1, 255))
    for seen in members("x", bytes(body)):
        assert isinstance(seen, Member | Skipped)

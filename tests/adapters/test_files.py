"""Evidence: sealed, whole or not at all, without media, without what was not ours to read."""

import hashlib
import os
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from unhijack.adapters.files import EvidenceFolder, write_whole
from unhijack.adapters.secrets import FileSecrets
from unhijack.core.egress import Egress
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.site import parse_address
from unhijack.parse.media import strip_media
from unhijack.ports import Exchange, Request, Response

SECRET = "very-secret-path-4711"
PICTURE = b"iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4"
BODY = b"<html><body>Hello<img src='data:image/png;base64," + PICTURE + b"'></body></html>"
HTML = ("content-type", b"text/html; charset=utf-8")


def exchange(
    url: str, response: Response | Failure, *, offsite: bool = False, address: str = "192.0.2.1"
) -> Exchange:
    headers = (("User-Agent", "Mozilla/5.0"), ("Referer", "https://www.google.com/"))
    request = Request(
        parse_address(url), ip_address(address), headers, "chrome-windows", not offsite
    )
    return Exchange(request, response, datetime(2026, 3, 2, 8, tzinfo=UTC), offsite)


PAGE = exchange(
    "http://bakery.test/a?b=c", Response(200, (HTML, ("content-encoding", b"gzip")), BODY)
)
AWAY = exchange(
    f"http://bad.example/in?{SECRET}",
    Response(302, (("location", f"http://worse.example/{SECRET}".encode()),), None),
    offsite=True,
)
DEAD = exchange("http://[2001:db8::1]:8080/", Failure(FailureKind.CONNECT, "refused"))


def kept(folder: Path, *exchanges: Exchange, with_bodies: bool = True) -> list[dict[str, Any]]:
    """Keep, unseal, and read the WARC inside: type, address, headers and body of each record."""
    secrets = FileSecrets(folder / "keys")
    files = EvidenceFolder(folder / "evidence", secrets, strip_media, "unhijack test")
    done = files.keep("case-1-2", exchanges, with_bodies=with_bodies)
    sealed = (folder / "evidence" / done.name).read_bytes()
    plain = secrets.unseal(sealed)
    assert hashlib.sha256(sealed).hexdigest() == done.sealed_sha256
    assert hashlib.sha256(plain).hexdigest() == done.plain_sha256
    return [
        {
            "type": record.rec_type,
            "url": record.rec_headers.get_header("WARC-Target-URI"),
            "warc": dict(record.rec_headers.headers),
            "first": record.http_headers.statusline if record.http_headers else None,
            "http": dict(record.http_headers.headers) if record.http_headers else None,
            "body": record.content_stream().read(),
        }
        for record in ArchiveIterator(BytesIO(plain), check_digests="raise")
    ]


def test_evidence_is_a_warc_that_others_can_read(tmp_path: Path):
    info, answer, asked = kept(tmp_path, PAGE)

    assert (info["type"], asked["type"], answer["type"]) == ("warcinfo", "request", "response")
    assert b"unhijack test" in info["body"]
    assert asked["url"] == answer["url"] == "http://bakery.test/a?b=c"
    assert asked["http"] == {
        "Host": "bakery.test",
        "User-Agent": "Mozilla/5.0",
        "Referer": "https://www.google.com/",
    }
    warc = answer["warc"]
    assert warc["WARC-IP-Address"] == "192.0.2.1"
    assert warc["WARC-Date"] == "2026-03-02T08:00:00Z"
    assert asked["warc"]["WARC-Concurrent-To"] == warc["WARC-Record-ID"]
    assert answer["http"] == {
        "content-type": "text/html; charset=utf-8",
        "x-archived-content-encoding": "gzip",
    }


def test_pictures_are_cut_out_of_a_body_before_it_is_kept(tmp_path: Path):
    body = kept(tmp_path, PAGE)[1]["body"]
    assert b"Hello" in body
    assert PICTURE not in body


def test_without_proof_no_body_is_kept_but_its_digest(tmp_path: Path):
    answer = kept(tmp_path, PAGE, with_bodies=False)[1]
    assert answer["body"] == b""
    assert answer["warc"]["WARC-Truncated"] == "unspecified"
    about = kept(tmp_path, PAGE)[0]["body"].decode()
    digest = hashlib.sha256(strip_media(BODY)).hexdigest()
    (name,) = [name for name, value in answer["warc"].items() if value == digest]
    assert name in about


def test_of_a_document_off_the_site_there_are_headers_alone(tmp_path: Path):
    answer = kept(tmp_path, AWAY)[1]
    assert answer["http"] == {"location": f"http://worse.example/{SECRET}"}
    assert answer["body"] == b""


def test_a_failure_is_kept_as_what_it_is(tmp_path: Path):
    _, answer, asked = kept(tmp_path, DEAD)
    assert asked["http"]["Host"] == "[2001:db8::1]:8080"
    assert (answer["type"], answer["body"]) == ("metadata", b"failure: connect: refused\r\n")


def test_a_full_destination_is_nowhere_on_the_disk_in_clear(tmp_path: Path):
    kept(tmp_path, PAGE, AWAY)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes()
            assert b"bad.example" not in path.read_bytes()


@pytest.mark.parametrize(
    "value",
    [
        b"a\r\nX-Evil: 1",
        b"\xff\xfe\x00",
        "ünïcode".encode(),
        b"",
        b"x" * 70_000,
        b"\x1b[31m\x85\x0b",
    ],
)
def test_hostile_headers_stay_in_their_line(tmp_path: Path, value: bytes):
    answer = kept(
        tmp_path, exchange("http://a.test/", Response(200, (HTML, ("x-odd", value)), b""))
    )[1]
    http = answer["http"]
    assert [name.lower() for name in http] == ["content-type", "x-odd"]


def test_a_second_examination_of_the_same_step_takes_the_place_of_the_first(tmp_path: Path):
    kept(tmp_path, PAGE)
    assert len(kept(tmp_path, PAGE, DEAD)) == 5
    assert [path.name for path in (tmp_path / "evidence").iterdir()] == ["case-1-2.warc.gz.sealed"]


@pytest.mark.parametrize("step", ["open", "fsync", "rename"])
def test_a_file_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "kept"
    write_whole(path, b"before")
    if step == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    elif step == "rename":
        monkeypatch.setattr(Path, "rename", full)
    else:
        monkeypatch.setattr(Path, "open", full)
    with pytest.raises(WrongUse, match="kept cannot be written: No space left on device"):
        write_whole(path, b"after")
    monkeypatch.undo()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    steps: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def noted_fsync(handle: int) -> None:
        steps.append(f"sync {Path(f'/proc/self/fd/{handle}').readlink().name[:5]}")
        fsync(handle)

    def noted_rename(self: Path, target: Path) -> Path:
        steps.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "rename", noted_rename)
    write_whole(tmp_path / "kept", b"content")
    assert steps == ["sync .kept", "rename", f"sync {tmp_path.name[:5]}"]


def test_the_way_out_is_named_and_its_password_is_not(tmp_path: Path):
    way = Egress("socks5", "gate.example", 1080, "de", "user", SECRET)
    _, _, asked = kept(tmp_path, replace(PAGE, request=replace(PAGE.request, egress=way)))

    assert asked["warc"]["WARC-Egress"] == way.name
    assert SECRET not in repr(asked)

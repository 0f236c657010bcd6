"""What an examination leaves behind: sealed, true to its journal, and no more than may be kept."""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.support.command import unhijack
from tests.support.house import TOWN, House, open_house, victim
from unhijack.core.case import Kind
from unhijack.core.evidence import Failure
from unhijack.lab.town import Gate
from unhijack.lab.town import Kind as SiteKind
from unhijack.ports import Limits, Request, Response, Transport

PICTURE = b"iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4"


@dataclass(slots=True)
class Illustrated:
    """A town whose every page carries a picture in a ``data:`` address."""

    inner: Transport

    async def fetch(self, request: Request, limits: Limits) -> Response | Failure:
        answer = await self.inner.fetch(request, limits)
        if isinstance(answer, Response) and answer.body:
            picture = b"<img src='data:image/png;base64," + PICTURE + b"'>"
            return replace(answer, body=answer.body.replace(b"</body>", picture + b"</body>"))
        return answer

    async def close(self) -> None:
        await self.inner.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(tmp_path, wrap=Illustrated)
    yield opened
    opened.store.close()


def examined(house: House, host: str) -> list[tuple[str, str, bytes]]:
    """Report a site and read the evidence: type, host and body of each record."""
    house.report(f"http://{host}/", "search:opening hours")
    house.work()
    data = next(event.data for event in house.journal() if event.kind is Kind.EXAMINED)
    evidence = data["evidence"]
    assert isinstance(evidence, dict)
    sealed = (house.folder / "evidence" / str(evidence["name"])).read_bytes()
    assert hashlib.sha256(sealed).hexdigest() == evidence["sealed_sha256"]
    plain = house.doors.secrets.unseal(sealed)
    assert hashlib.sha256(plain).hexdigest() == evidence["plain_sha256"]
    return [
        (
            record.rec_type,
            (record.rec_headers.get_header("WARC-Target-URI") or "//").split("/")[2],
            record.content_stream().read(),
        )
        for record in ArchiveIterator(BytesIO(plain), check_digests="raise")
    ]


@pytest.mark.parametrize("gate", [Gate.SEARCH_LOCATION, Gate.SEARCH_PHONE_META])
def test_of_a_hijacked_site_its_own_pages_are_kept_and_nothing_from_off_it(
    house: House, gate: Gate
):
    site = victim(gate)
    records = examined(house, site.host)
    own = [body for kind, host, body in records if kind == "response" and host == site.host]
    away = [
        body for kind, host, body in records if kind == "response" and host in TOWN.distributors
    ]

    assert any(b"<html" in body for body in own)
    assert away
    assert set(away) == {b""}
    assert not any(PICTURE in body or b"Tripwire" in body for *_, body in records)


def test_of_a_site_that_is_not_hijacked_no_body_is_kept(house: House):
    honest = next(s for s in TOWN.sites if s.kind is SiteKind.PLAIN and not s.gate)
    records = examined(house, honest.host)
    answers = [body for kind, _, body in records if kind == "response"]
    assert answers
    assert set(answers) == {b""}


def test_each_examination_has_evidence_of_its_own(house: House):
    examined(house, victim().host)
    names = {path.name for path in (house.folder / "evidence").iterdir()}
    assert names == {"case-1-2.warc.gz.sealed"}


def test_whoever_looks_into_evidence_gives_a_reason_and_is_on_record(house: House, tmp_path: Path):
    examined(house, victim().host)
    (sealed,) = (house.folder / "evidence").iterdir()
    house.store.close()
    out = tmp_path / "out.warc.gz"

    for reason in ([], ["--reason", "  "]):
        done = unhijack("unseal", str(sealed), *reason, "--out", str(out), state=house.folder)
        assert (done.returncode, out.exists()) == (2, False)
    done = unhijack(
        "unseal", str(sealed), "--reason", "order 7", "--out", str(out), state=house.folder
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert out.read_bytes() == house.doors.secrets.unseal(sealed.read_bytes())
    with sqlite3.connect(house.folder / "unhijack.sqlite3") as connection:
        looks = connection.execute("SELECT what, reason FROM looks").fetchall()
    assert looks == [(sealed.name, "order 7")]

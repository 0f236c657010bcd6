"""The specimens that `bench scan` holds back: inert, told what they are, and led nowhere."""

import re
from pathlib import Path

import pytest

from bench.samples import SPECIMENS, samples

ADDRESS = re.compile(rb"https?:(?:\\?/){2}([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
NAMESPACES = {b"www.w3.org", b"gmpg.org", b"schema.org", b"www.sitemaps.org"}
FILES = sorted(path for path in SPECIMENS.glob("*/*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_specimen_leads_to_reserved_names_alone(path: Path):
    for host in ADDRESS.findall(path.read_bytes()):
        assert host.endswith((b".test", b".example", b".invalid")) or host in NAMESPACES


def test_each_specimen_is_told_what_it_is():
    lines = (SPECIMENS / "labels.tsv").read_text().splitlines()
    told = dict(line.split("\t") for line in lines)
    assert set(told) == {f"{path.parent.name}/{path.name}" for path in FILES}
    assert all(told.values())


@pytest.mark.parametrize("what", ["redirectors", "lookalikes"])
def test_about_half_of_them_is_held_back(what: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UNHIJACK_SAMPLES", str(SPECIMENS))
    held = [sample.held for sample in samples(what)]
    assert 0.4 < sum(held) / len(held) < 0.6

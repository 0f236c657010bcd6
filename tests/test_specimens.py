"""The specimens that `bench scan` holds back: inert, told what they are, and led nowhere."""

import re
from pathlib import Path

import pytest

from bench.samples import SPECIMENS, samples

ADDRESS = re.compile(rb"https?:(?:\\?/){2}([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
NAMESPACES = {b"www.w3.org", b"gmpg.org", b"schema.org", b"www.sitemaps.org"}
SERVICES = frozenset(
    b"www.youtube.com www.google.com docs.google.com www.googletagmanager.com www.facebook.com"
    b" api.telegram.org www.ecb.europa.eu ec.europa.eu pagead2.googlesyndication.com"
    b" cdn.jsdelivr.net".split()
)
"""What honest pages of small sites name, and nobody here asks."""
FILES = sorted(path for path in SPECIMENS.glob("*/*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_specimen_leads_to_reserved_names_alone(path: Path):
    known = NAMESPACES | SERVICES if path.parent.name == "smallsites" else NAMESPACES
    for host in ADDRESS.findall(path.read_bytes()):
        inner = host.startswith((b"10.", b"192.168.", b"127."))
        assert inner or host in known or host.endswith((b".test", b".example", b".invalid"))


def test_each_specimen_is_told_what_it_is():
    lines = (SPECIMENS / "labels.tsv").read_text().splitlines()
    told = dict(line.split("\t") for line in lines)
    assert set(told) == {f"{path.parent.name}/{path.name}" for path in FILES}
    assert all(told.values())


@pytest.mark.parametrize("what", ["redirectors", "lookalikes", "smallsites"])
def test_about_half_of_them_is_held_back(what: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UNHIJACK_SAMPLES", str(SPECIMENS))
    held = [sample.held for sample in samples(what)]
    assert 0.4 < sum(held) / len(held) < 0.6

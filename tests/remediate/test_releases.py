"""Installed releases, looked up in a store."""

from pathlib import Path

import pytest

from tests.support.repairs import Site
from unhijack.adapters.known.sources import Named, open_source
from unhijack.adapters.known.store import KnownStore
from unhijack.core.finding import Kind, Mend
from unhijack.core.known_good import Release
from unhijack.remediate.apply import Fate, apply
from unhijack.remediate.plan import make_plan
from unhijack.remediate.releases import InstalledReleases
from unhijack.wiring.repairs import installed
from unhijack.wiring.scans import ScanSpec

PAGE = b"<?php\necho 'bread';\n"
VERSION = b"<?php\n$wp_version = '6.1.9';\n"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    release = tmp_path / "release"
    for name, content in (("a.php", PAGE), ("wp-includes/version.php", VERSION)):
        (release / name).parent.mkdir(parents=True, exist_ok=True)
        (release / name).write_bytes(content)
    kept = KnownStore(tmp_path / "known.sqlite", write=True)
    source = open_source(release, Named("wordpress", "6.1.9"))
    kept.add(source.product, source.versions, source.files)
    kept.close()
    return tmp_path / "known.sqlite"


def test_the_innermost_product_answers(store: Path):
    known = KnownStore(store)
    outer, inner = Release("joomla", "1"), Release("wordpress", "6.1.9")
    releases = InstalledReleases(known, [("", outer), ("blog", inner)])
    assert releases.content("blog/a.php") == PAGE
    assert releases.content("a.php") is None
    assert releases.is_released("blog/a.php", PAGE)
    assert not releases.is_released("blog/a.php", PAGE + b" ")
    assert not releases.is_released("a.php", PAGE)
    nothing = InstalledReleases(known, [])
    assert nothing.content("a.php") is None
    assert not nothing.is_released("a.php", PAGE)


def test_a_site_is_recognised_and_its_file_restored(site: Site, store: Path):
    site.write("shop/wp-includes/version.php", VERSION)
    site.write("shop/a.php", PAGE + b"// planted")
    finding = site.found("shop/a.php", repair=Mend.RESTORE, kind=Kind.MODIFIED_CORE)
    known = installed(ScanSpec(str(site.root), known=str(store)))
    plan = make_plan(str(site.root), [finding], site.mender(), known)
    bench = site.bench(known=known)  # type: ignore[arg-type]  # another book of releases
    assert [one.fate for one in apply(plan, bench)] == [Fate.DONE]
    assert site.read("shop/a.php") == PAGE


def test_without_a_store_nothing_is_known(site: Site):
    assert installed(ScanSpec(str(site.root))) is None

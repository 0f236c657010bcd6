"""45 clean files, a block planted into each: the cut gives the original, the undoing the planted."""

import pytest

from bench.planting import Planted, clean_files, planted_files
from tests.support.repairs import Site
from unhijack.parse.server.sound import faults
from unhijack.remediate.apply import Fate

PLANTED = list(planted_files(clean_files()))


def test_there_are_45_of_many_kinds():
    assert len(PLANTED) == 45
    assert len({one.style for one in PLANTED}) >= 20
    assert {one.path.rpartition(".")[2] for one in PLANTED} >= {
        "php",
        "js",
        "html",
        "htaccess",
        "ini",
    }


@pytest.mark.parametrize("one", PLANTED, ids=lambda one: f"{one.path}-{one.style}")
def test_a_clean_file_is_read_without_faults(one: Planted):
    if one.path.endswith(".js"):
        return  # a script is no JSON: one constant fault
    assert faults(one.path, one.clean) == 0


@pytest.mark.parametrize("one", PLANTED, ids=lambda one: f"{one.path}-{one.style}")
def test_a_cut_and_its_undoing(site: Site, one: Planted):
    site.write(one.path, one.content, 0o640)
    before = site.snapshot()
    plan = site.plan(site.found(one.path, one.span))
    assert plan.held == ()
    outcomes, journal = site.repair(plan)
    assert [outcome.fate for outcome in outcomes] == [Fate.DONE], outcomes
    assert site.read(one.path) == one.clean
    assert [outcome.fate for outcome in site.take_back(journal)] == [Fate.DONE]
    assert site.snapshot() == before

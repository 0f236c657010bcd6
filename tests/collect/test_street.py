"""The examination on both streets: nobody honest is accused, whoever hides from some is found."""

import pytest

from bench.detect import Measured, measure_street
from tests.support.wire import run
from unhijack.core.known import NOBODY
from unhijack.core.verdict import Ruling
from unhijack.lab.plots import Reach
from unhijack.lab.street import hijacked_street, honest_street

LIKE_HIJACKED = {"member-again", "waiting-room"}
"""Honest kinds that nobody can tell from a redirect that hides, from outside."""


@pytest.mark.parametrize("seed", range(1, 4))
def test_no_honest_site_is_called_hijacked_and_hardly_one_suspected(seed: int):
    measured = Measured()
    run(measure_street(honest_street(seed), measured, hijacked=False))

    assert len(measured.kinds) >= 60
    accused = {kind for kind, tally in measured.kinds.items() if tally.rulings[Ruling.HIJACKED]}
    assert accused == set()
    suspected = {kind for kind, tally in measured.kinds.items() if tally.found}
    assert len(suspected - LIKE_HIJACKED) <= 1


@pytest.mark.parametrize("seed", range(1, 4))
def test_every_gate_that_somebody_can_see_is_found_and_what_nobody_can_is_said(seed: int):
    measured = Measured()
    run(measure_street(hijacked_street(seed), measured, hijacked=True))

    seen = {kind: t for kind, t in measured.kinds.items() if t.reach is not Reach.UNSEEN}
    assert {kind for kind, tally in seen.items() if not tally.found} == set()
    assert measured.unstated == 0


def test_who_knows_no_hosts_suspects_a_few_honest_sites_and_accuses_none():
    measured = Measured()
    run(measure_street(honest_street(4), measured, hijacked=False, known=NOBODY))

    suspected = {kind for kind, tally in measured.kinds.items() if tally.found}
    assert suspected - LIKE_HIJACKED == {"amp-cache", "app-store", "consent-wall"}
    assert not any(tally.rulings[Ruling.HIJACKED] for tally in measured.kinds.values())


def test_a_site_that_answers_nobody_is_left_open():
    measured = Measured()
    run(measure_street(honest_street(5), measured, hijacked=False))

    for kind in ("challenge", "challenge-200", "challenge-503", "maintenance"):
        assert measured.kinds[kind].rulings == {Ruling.INCONCLUSIVE: 1}

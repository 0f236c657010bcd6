"""A small made-up country, worked on by the whole engine: what must hold does, and is seen if not."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bench.country import DAWN, Country, Handed, open_country
from bench.invariants import _read_mail, _was, hidden_shares, inspect
from unhijack.assess.effects import Tally
from unhijack.casework.measure import measure
from unhijack.core.case import Event, Kind
from unhijack.ports import Fate


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory):
    opened = open_country(tmp_path_factory.mktemp("country"), 3, 60, 10)
    asyncio.run(opened.live())
    yield opened
    opened.store.close()


def test_every_invariant_holds(country: Country):
    found = inspect(country)
    assert country.found == 10
    assert found.kinds[str(Kind.EXAMINED)] > 50
    assert len(found.hijacking) > 10, "people were told"
    assert (found.wrong_clean, found.accused, found.unconfirmed, found.told_while_held) == (0,) * 4
    assert (found.beyond_unasked, found.broken, found.doubled, found.hurried) == (0,) * 4
    assert (found.lost_mail, found.lost_reports, found.missed) == (0,) * 3


def test_what_is_measured_is_what_is_true(country: Country):
    tally = Tally(country.clock.now())
    measure(country.store, tally)
    measured = tally.figures().everyone.clean_by
    for day, true in hidden_shares(country, (1, 4, 16)):
        point = measured[day]
        assert point is not None
        assert point.low <= true <= point.high


def test_a_site_that_only_looked_clean_is_seen(country: Country):
    host = next(host for host, one in country.truth.items() if one.turns)
    truth, turns = country.truth[host], list(country.truth[host].turns)
    truth.turns.clear()
    assert inspect(country).wrong_clean > 0
    truth.turns.extend(turns)


def test_an_honest_site_that_was_told_is_seen(country: Country):
    host = next(iter(country.truth))
    truth = country.truth.pop(host)
    assert inspect(country).accused > 0
    country.truth[host] = truth


def test_a_doubled_or_hurried_mail_is_seen(country: Country):
    first = next(one for one in country.store.handed if one.fate is Fate.ACCEPTED)
    again = Handed(first.at + timedelta(hours=2), first.bundle, Fate.ACCEPTED)
    country.store.handed.append(again)
    found = inspect(country)
    country.store.handed.pop()
    assert found.doubled > 0
    assert found.hurried > 0


def test_a_lost_mail_is_seen(country: Country):
    found = inspect(country)
    assert found.lost_mail == 0
    early = min(found.queued.values(), key=lambda event: event.at)
    found.queued["lost"] = replace(early)
    _read_mail(country, found)
    assert found.lost_mail == 1


def test_a_mail_leaves_during_a_hold_or_as_it_ends():
    """At the moment of a release steps come first, and the mail after them."""
    hold, release = (
        (Event(1, Kind.HELD, DAWN, {}), True),
        (Event(2, Kind.RELEASED, DAWN + timedelta(hours=5), {}), False),
    )
    turns = {1: [hold, release]}
    assert not _was(turns, 1, DAWN)
    assert _was(turns, 1, DAWN + timedelta(hours=3))
    assert not _was(turns, 1, DAWN + timedelta(hours=5))

"""Several workers and their database die all the time: nothing is lost, no mail leaves twice."""

import asyncio
from pathlib import Path

import pytest

from bench.report import CannotRun
from bench.storm import Storm, weather

KILLS = 30
SITES = 8

pytestmark = pytest.mark.timeout(300)


def test_thirty_kills_of_workers_and_of_the_database(tmp_path: Path):
    storm = Storm(tmp_path / "house", SITES, KILLS, seconds=280)
    try:
        after = asyncio.run(weather(storm))
    except CannotRun as error:
        pytest.skip(str(error))
    assert storm.said == [], "no worker ends by itself"
    assert (after.lost, after.doubled, after.broken) == (0, 0, 0), after
    assert after.closed == after.cases == SITES, after
    assert after.reports > SITES
    assert after.kills == KILLS
    assert after.mails >= SITES, "of each hijacked site somebody was told"

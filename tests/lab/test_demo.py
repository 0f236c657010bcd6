"""The story at the size of a small town: three campaigns, false claims, one site hijacked again."""

import asyncio
from datetime import datetime

import pytest

from unhijack.core.case import State
from unhijack.lab.demo import Scenario, Tone, play
from unhijack.lab.ending import Ending
from unhijack.lab.town import CAMPAIGNS, Behaviour, plan_town

TOLD: list[str] = []
SCENARIO = (3, 36, 21)


def tell(at: datetime, text: str, tone: Tone) -> None:
    del at, tone
    TOLD.append(text)


@pytest.fixture(scope="module")
def ending(tmp_path_factory: pytest.TempPathFactory) -> Ending:
    TOLD.clear()
    scenario = Scenario(tmp_path_factory.mktemp("town") / "demo", *SCENARIO)
    return asyncio.run(asyncio.wait_for(play(scenario, tell), 150))


pytestmark = [pytest.mark.timeout(200), pytest.mark.xdist_group("demo")]


def test_every_hijacked_site_is_found_and_no_honest_one_accused(ending: Ending):
    tally = ending.tally
    assert (tally.verified, tally.told, tally.missed, tally.accused) == (21, 21, 0, 0)
    assert ending.media_requests == 0


def test_three_campaigns_are_told_apart_by_how_they_hide(ending: Ending):
    ways = [set(one.ways) for one in ending.campaigns]
    assert [one.sites for one in ending.campaigns] == [10, 10, 1]
    assert len(CAMPAIGNS) == len(ways)
    assert {"script"} in ways
    assert any(way & {"location", "meta", "refresh"} for way in ways)


def test_false_claims_are_caught_and_the_one_that_comes_back_is_reopened(ending: Ending):
    town = plan_town(*SCENARIO)
    tempers = [site.owner.behaviour for site in town.hijacked]
    assert ending.tally.caught == tempers.count(Behaviour.FALSE_CLAIM)
    assert ending.tally.relapsed == tempers.count(Behaviour.RELAPSE) == 1
    again = next(case for case in ending.cases if case.relapses)
    assert (again.state, again.notices) == (State.MONITORED, 4)
    assert any("HIJACKED AGAIN" in text for text in TOLD)


def test_only_who_never_answers_stays_hijacked(ending: Ending):
    silent = [s for s in plan_town(*SCENARIO).hijacked if s.owner.behaviour is Behaviour.SILENT]
    assert ending.tally.open == len(silent)
    assert ending.tally.clean == 21 - len(silent)
    assert sum(not spell.mended for spell in ending.spells) == len(silent)


def test_the_notice_of_a_script_names_it_and_shows_no_destination(ending: Ending):
    town = plan_town(*SCENARIO)
    mails = [path.read_text() for path in (ending.mails / "new").iterdir()]
    owners = {f"To: {site.owner.mailbox}\n" for site in town.hijacked}
    single = [mail for mail in mails if any(owner in mail for owner in owners)]  # no digests
    scripted = [mail for mail in single if "view-source:" in mail]
    assert scripted
    for mail in scripted:
        assert "SHA-256" in mail
        assert "curl" not in mail
    for mail in mails:
        assert not any(chain.end in mail for chain in town.chains)

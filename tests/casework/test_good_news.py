"""Whoever was told that a site sends visitors away is told when it does not any more."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.house import DAWN, HOUR, House, open_house, victim, words
from unhijack.casework import analyst
from unhijack.casework.intake import claim_clean
from unhijack.core.case import Kind, State
from unhijack.core.notice import WITHDRAWN, About, Contact, Spacing, Stage

SITE = victim()
URL = f"http://{SITE.host}/"
OWNER, HOSTER = "owner@mail.test", "abuse@hoster.test"
DAY = timedelta(days=1)


def contacts() -> dict[str, Sequence[Contact]]:
    owner = Contact("owner", OWNER, "test", 1.0, language="de")
    return {SITE.host: [owner, Contact("hoster", HOSTER, "test", 1.0)]}


@pytest.fixture
def house(tmp_path: Path, wordless: None) -> Iterator[House]:
    opened = open_house(tmp_path, contacts=contacts())
    opened.report(URL)
    opened.work()
    yield opened
    opened.store.close()


def mended(house: House) -> None:
    house.repaired.add(SITE.host)
    claim_clean(house.doors, 1, "the owner")
    house.work(until=house.clock.at + 13 * HOUR)
    assert house.case().state is State.MONITORED


def good_news(house: House) -> list[str]:
    return [m["To"] for m in house.post.mails if m["X-Unhijack-Why"] == "clean"]


def test_everybody_who_was_told_hears_that_it_is_clean_without_another_approval(tmp_path: Path):
    house = open_house(tmp_path, contacts=contacts(), approval=True)
    house.report(URL)
    house.work()
    analyst.approve(house.doors, 1, "analyst")
    house.work()
    mended(house)

    assert good_news(house) == [OWNER, HOSTER]
    last = house.post.mails[-1]
    assert "no visitor was sent away any more" in " ".join(words(last).split())
    house.work(until=house.clock.at + 100 * DAY)
    assert house.case().state is State.CLOSED
    assert good_news(house) == [OWNER, HOSTER], "once"
    house.store.close()


def test_who_mended_without_a_word_hears_it_too(house: House):
    house.repaired.add(SITE.host)
    house.work(until=DAWN + 3 * DAY)
    assert good_news(house) == [OWNER, HOSTER]


def test_it_is_said_again_after_a_relapse(house: House):
    mended(house)
    house.repaired.clear()
    house.work(until=house.clock.at + 36 * HOUR)
    assert house.case().relapses == 1
    mended(house)
    assert good_news(house) == [OWNER, HOSTER] * 2


def test_who_never_had_the_notice_hears_nothing(tmp_path: Path, wordless: None):
    house = open_house(tmp_path, contacts=contacts(), spacing=Spacing(gather=36 * HOUR))
    house.report(URL)
    house.work()
    house.repaired.add(SITE.host)
    house.work(until=DAWN + 10 * DAY)
    assert house.case().state is State.MONITORED
    assert house.post.letters == []
    house.store.close()


def test_what_is_not_so_any_more_when_its_turn_comes_is_not_said(tmp_path: Path, wordless: None):
    """One message a day: the good news waits, and the site is broken into again meanwhile."""
    house = open_house(tmp_path, contacts=contacts(), spacing=Spacing(recipient=3 * DAY))
    house.report(URL)
    house.work()
    mended(house)
    assert good_news(house) == []
    house.repaired.clear()
    house.work(until=DAWN + 5 * DAY)
    assert good_news(house) == []
    ends = [one.stage for one in house.case().messages if one.about is About.CLEAN]
    assert ends == [Stage.BOUNCED] * 2
    said = [event.data["text"] for event in house.journal() if event.kind is Kind.BOUNCED]
    assert said == [WITHDRAWN] * 2
    assert house.post.mails[-1]["X-Unhijack-Why"] == "again"
    house.store.close()


def test_its_journal_still_says_that_it_is_clean(house: House):
    mended(house)
    assert house.kinds()[-4:] == [Kind.QUEUED, Kind.MONITORED, Kind.DELIVERED, Kind.DELIVERED]

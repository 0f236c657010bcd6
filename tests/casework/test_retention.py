"""What is erased in time, and what is not: a legal hold, another case, a case that is open."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.house import DAWN, TOWN, House, open_house, victim
from unhijack.casework import analyst
from unhijack.casework.retention import expire
from unhijack.core.case import Event, Kind
from unhijack.core.errors import WrongUse
from unhijack.core.journal import first_broken
from unhijack.core.notice import Contact
from unhijack.core.retention import Retention

SITE = victim()
OTHER = next(site for site in TOWN.hijacked if site.host != SITE.host)
DAY = timedelta(days=1)
TIMES = Retention(reporters=10 * DAY, contacts=20 * DAY, evidence=30 * DAY)
OWNER = "owner@mail.test"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    named: dict[str, Sequence[Contact]] = {
        host: [Contact("owner", OWNER, "test", 1.0)] for host in (SITE.host, OTHER.host)
    }
    opened = open_house(tmp_path, contacts=named)
    opened.report(f"http://{SITE.host}/")
    opened.work()
    yield opened
    opened.store.close()


def closed_for(house: House, days: int) -> None:
    if house.kinds()[-1] is not Kind.CLOSED and not house.case().state.over:
        analyst.close(house.doors, 1, "over", "analyst")
    house.clock.at = DAWN + days * DAY
    expire(house.doors, TIMES)


def erased(house: House) -> list[str]:
    return [str(event.data["what"]) for event in house.journal() if event.kind is Kind.ERASED]


def owner(house: House) -> str:
    return next(str(one["person"]) for one in house.case().contacts if one["source"] == "directory")


def evidence(house: House) -> list[Path]:
    return sorted((house.folder / "evidence").glob("case-1-*"))


def test_each_thing_has_its_time_and_is_put_on_record(house: House):
    person = owner(house)
    assert evidence(house)
    closed_for(house, 9)
    assert erased(house) == []
    closed_for(house, 11)
    assert erased(house) == ["reporters"]
    assert house.store.mailbox(person) == OWNER
    closed_for(house, 21)
    with pytest.raises(WrongUse, match="were erased"):
        house.store.mailbox(person)
    assert evidence(house)
    closed_for(house, 31)
    assert erased(house) == ["reporters", "contacts", "evidence"]
    assert evidence(house) == []
    assert first_broken(1, house.store.journal(1)) is None
    closed_for(house, 90)
    assert len(erased(house)) == 3, "once each"


def test_under_a_legal_hold_nothing_is_erased_until_it_is_lifted(house: House):
    analyst.set_preserved(house.doors, 1, "order 7", "analyst", on=True)
    closed_for(house, 90)
    assert erased(house) == []
    assert house.store.mailbox(owner(house)) == OWNER
    analyst.set_preserved(house.doors, 1, "order 7 is over", "analyst", on=False)
    closed_for(house, 91)
    assert len(erased(house)) == 3


def test_who_is_needed_by_another_case_is_kept(house: House):
    house.report(f"http://{OTHER.host}/")
    house.work()
    closed_for(house, 90)
    assert house.store.mailbox(owner(house)) == OWNER


def test_a_case_that_is_open_loses_nothing(house: House):
    house.clock.at = DAWN + 400 * DAY
    assert expire(house.doors, TIMES) == 0


def test_evidence_that_is_gone_already_is_no_obstacle(house: House):
    analyst.close(house.doors, 1, "over", "analyst")
    for path in evidence(house):
        path.unlink()
    closed_for(house, 31)
    assert "evidence" in erased(house)


@pytest.mark.parametrize("name", ["../keys/seal.key", "/etc/passwd", "a/b"])
def test_nothing_but_evidence_is_removed(house: House, name: str):
    with pytest.raises(WrongUse, match="no name of evidence"):
        house.doors.files.forget(name)


def test_what_was_erased_says_so_in_the_journal(house: House):
    closed_for(house, 31)
    last: Event = house.journal()[-1]
    assert last.data["what"] == "evidence"
    assert last.data["evidence"]

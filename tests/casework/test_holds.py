"""While a case is held its hoster is asked to keep logs: the right one, until the right day, or you hear of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from tests.support.house import DAWN, HOUR, House, open_house, victim, words
from unhijack.casework import analyst
from unhijack.cli.show import asked_of_you
from unhijack.core.case import Kind, State
from unhijack.core.evidence import Failure
from unhijack.core.notice import About, Contact
from unhijack.lab.town import Gate
from unhijack.ports import Fate, Limits, Posted, Request, Response, Transport

SITE = victim(Gate.SEARCH_LOCATION)
URL = f"http://{SITE.host}/"
DAY = timedelta(days=1)
HOSTER, OTHER, OWNER = "abuse@hoster.test", "noc@hoster.test", "owner@mail.test"


def held(folder: Path, *named: tuple[str, str]) -> House:
    known: dict[str, Sequence[Contact]] = {
        SITE.host: [Contact(role, mail, "test", 1.0) for role, mail in named]
    }
    house = open_house(folder, contacts=known, approval=True)
    house.report(URL)
    house.work()
    hold(house, 10)
    return house


def hold(house: House, days: int) -> None:
    until = DAWN + days * DAY
    analyst.hold(house.doors, 1, until, "an inquiry", "police", keep_logs=True)


def asked(house: House) -> list[str]:
    return [letter.recipient for letter in house.post.letters]


def waits_for(house: House) -> list[str]:
    return asked_of_you(house.case(), approval=True)


def test_a_hold_that_is_made_longer_is_told_to_the_hoster(tmp_path: Path):
    """Else they delete what is needed on the day that they were told of first."""
    house = held(tmp_path, ("owner", OWNER), ("hoster", HOSTER))
    house.work(until=DAWN + DAY)
    assert asked(house) == [HOSTER]
    hold(house, 60)
    house.work(until=DAWN + 2 * DAY)
    assert asked(house) == [HOSTER, HOSTER]
    assert house.case().messages[-1].about is About.PRESERVE
    until = house.case().held_until
    assert until is not None
    assert str(until.year) in words(house.post.mails[-1])
    house.work(until=DAWN + 20 * DAY)
    assert len(asked(house)) == 2, "once for each date"
    house.store.close()


def test_where_the_request_bounces_another_mailbox_of_the_hoster_is_asked_at_once(tmp_path: Path):
    house = held(tmp_path, ("owner", OWNER), ("hoster", HOSTER), ("hoster", OTHER))
    house.post.answers += [Posted(Fate.REFUSED, "550 no such mailbox")]
    house.work(until=DAWN + HOUR)
    assert asked(house) == [HOSTER, OTHER]
    assert house.case().state is State.HELD
    assert not waits_for(house)
    house.store.close()


def test_a_person_hears_that_nobody_is_asked_to_keep_logs(tmp_path: Path):
    house = held(tmp_path, ("owner", OWNER))
    house.work(until=DAWN + HOUR)
    assert not asked(house)
    assert waits_for(house) == ["NAME a hoster: nobody is asked to keep logs"]
    analyst.add_contact(house.doors, 1, HOSTER, "hoster", "an analyst")
    house.work(until=DAWN + 2 * HOUR)
    assert asked(house) == [HOSTER]
    assert not waits_for(house)
    assert house.kinds().count(Kind.HELD) == 1
    house.store.close()


@dataclass(slots=True)
class Moves:
    """Planted code whose makers change where it leads."""

    inner: Transport
    moved: bool = False

    async def fetch(self, request: Request, limits: Limits) -> Response | Failure:
        answer = await self.inner.fetch(request, limits)
        if self.moved and not isinstance(answer, Failure):
            headers = tuple(
                (name, b"http://elsewhere.hop.example/in" if name.lower() == "location" else value)
                for name, value in answer.headers
            )
            return replace(answer, headers=headers)
        return answer

    async def close(self) -> None:
        await self.inner.close()


def test_while_it_is_held_a_chain_that_is_moved_is_on_record(tmp_path: Path):
    doors: list[Moves] = []

    def wrap(inner: Transport) -> Moves:
        doors.append(Moves(inner))
        return doors[-1]

    house = open_house(tmp_path, contacts={SITE.host: []}, approval=True, wrap=wrap)
    house.report(URL)
    house.work()
    hold(house, 30)
    house.work(until=DAWN + 5 * DAY)
    for door in doors:
        door.moved = True
    house.work(until=DAWN + 8 * DAY)
    seen = [e.data for e in house.journal() if e.kind is Kind.EXAMINED]
    assert "changed" not in seen[0]
    assert seen[1]["changed"] == {"now": [], "no_longer": []}
    changed = seen[-1]["changed"]
    assert isinstance(changed, dict)
    assert changed["now"] == ["elsewhere.hop.example"]
    assert changed["no_longer"]
    assert house.case().state is State.HELD
    house.store.close()

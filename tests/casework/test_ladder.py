"""Nobody acts: others are told, when their time has come, and only what was seen lately."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.answers_mail import letter
from tests.support.house import DAWN, HOUR, TOWN, House, open_house, run, victim, words
from unhijack.casework import analyst
from unhijack.casework.agenda import take_step
from unhijack.casework.answers import Desk, Outcome, take
from unhijack.casework.intake import assign_reports
from unhijack.core.arms import Arms
from unhijack.core.case import Kind, Move, State
from unhijack.core.errors import WrongUse
from unhijack.core.journal import first_broken
from unhijack.core.notice import WITHDRAWN, About, Contact, Spacing, Stage
from unhijack.core.verdict import Ruling
from unhijack.ports import Fate, Posted

SITE = victim()
URL = f"http://{SITE.host}/"
OWNER, OWNER_TOO = "owner@mail.test", "second@mail.test"
HOSTER, REGISTRAR, TEAM = "abuse@hoster.test", "abuse@registrar.test", "team@cert.test"
DAY = timedelta(days=1)


def contacts() -> dict[str, Sequence[Contact]]:
    named = (
        ("owner", OWNER),
        ("owner", OWNER_TOO),
        ("hoster", HOSTER),
        ("registrar", REGISTRAR),
        ("cert", TEAM),
    )
    return {SITE.host: [Contact(role, mail, "test", 1.0) for role, mail in named]}


@pytest.fixture
def house(tmp_path: Path):
    opened = open_house(tmp_path, contacts=contacts())
    yield opened
    assert first_broken(1, opened.store.journal(1)) is None
    opened.store.close()


def recipients(house: House) -> list[str]:
    return [letter.recipient for letter in house.post.letters]


def test_owner_and_hoster_are_told_together_then_another_mailbox_of_theirs(house: House):
    house.report(URL)
    house.work()
    assert recipients(house) == [OWNER, HOSTER]
    house.work(until=DAWN + 23 * HOUR)
    assert len(recipients(house)) == 2
    house.work(until=DAWN + 25 * HOUR)
    assert recipients(house)[2:] == [OWNER_TOO]


def test_beyond_the_hoster_an_analyst_lets_each_out_even_where_none_is_asked_otherwise(
    house: House,
):
    house.report(URL)
    house.work(until=DAWN + 4 * DAY)
    case = house.case()
    assert (case.state, case.rung) == (State.ATTRIBUTED, 1)
    assert REGISTRAR not in recipients(house)

    analyst.approve(house.doors, 1, "analyst")
    house.work()
    assert recipients(house)[-1] == REGISTRAR
    house.work(until=house.clock.at + 4 * DAY)
    assert house.case().rung == 2
    analyst.approve(house.doors, 1, "analyst")
    house.work()
    assert recipients(house)[-1] == TEAM


def test_an_approval_that_comes_late_is_preceded_by_a_fresh_look(house: House):
    house.report(URL)
    house.work(until=DAWN + 6 * DAY)
    house.clock.at += 40 * HOUR
    analyst.approve(house.doors, 1, "analyst")
    house.work()
    kinds = house.kinds()
    assert kinds[-4:-1] == [Kind.APPROVED, Kind.EXAMINED, Kind.QUEUED]
    assert recipients(house)[-1] == REGISTRAR


def test_a_site_that_was_mended_without_a_word_is_found_clean_and_nobody_else_is_told(
    house: House,
):
    house.report(URL)
    house.work()
    house.repaired.add(SITE.host)
    house.work(until=DAWN + 100 * DAY)
    assert house.case().state is State.CLOSED
    assert house.case().claims == 0
    assert recipients(house) == [OWNER, HOSTER] * 2, "of the second they hear that it is clean"


def test_a_bounce_changes_the_mailbox_at_once(house: House):
    house.post.answers += [Posted(Fate.REFUSED, "550 no such mailbox")]
    house.report(URL)
    house.work()
    assert recipients(house) == [OWNER, HOSTER, OWNER_TOO]
    assert house.case().state is State.DELIVERED


def test_a_case_that_is_held_is_visited_and_nobody_is_told_until_its_date(tmp_path: Path):
    house = open_house(tmp_path, contacts=contacts(), approval=True)
    house.report(URL)
    house.work()
    until = DAWN + 10 * DAY
    analyst.hold(house.doors, 1, until, "an inquiry", "police", keep_logs=True)
    house.work(until=until - HOUR)

    assert house.case().state is State.HELD
    assert recipients(house) == [HOSTER], "the hoster is asked to keep logs, and nobody else"
    assert [m.about for m in house.case().messages] == [About.PRESERVE]
    visits = [e for e in house.journal() if e.kind is Kind.EXAMINED and e.data["purpose"] == "held"]
    assert len(visits) >= 3
    house.work(until=until + HOUR)
    assert house.case().state is State.ATTRIBUTED
    house.store.close()


def test_the_time_of_those_who_were_told_does_not_run_while_nothing_may_be_said(house: House):
    """Nobody higher is told on the day that a hold ends because of it."""
    house.report(URL)
    house.work()
    until = DAWN + 10 * DAY
    house.clock.at = DAWN + 12 * HOUR
    analyst.hold(house.doors, 1, until, "an inquiry", "police")
    house.work(until=until + 23 * HOUR)
    assert recipients(house) == [OWNER, HOSTER]
    house.work(until=until + 25 * HOUR)
    assert len(recipients(house)) > 2


def test_the_time_of_those_who_were_told_does_not_run_while_a_person_thinks(house: House):
    house.report(URL)
    house.work()
    analyst.put_on_record(house.doors, 1, lambda _: Move(Kind.DISPUTED, {}, None))
    house.clock.at = DAWN + 5 * DAY
    analyst.resume(house.doors, 1, "an analyst")
    house.work(until=DAWN + 5 * DAY + 23 * HOUR)
    assert recipients(house) == [OWNER, HOSTER]


def test_what_was_decided_on_before_a_hold_does_not_leave_until_it_is_over(tmp_path: Path):
    house = open_house(tmp_path, contacts=contacts(), spacing=Spacing(gather=2 * HOUR))
    house.report(URL)
    house.work()
    assert house.kinds()[-1] is Kind.QUEUED
    until = DAWN + 5 * DAY
    analyst.hold(house.doors, 1, until, "an inquiry", "police")
    house.work(until=until - HOUR)
    assert house.post.letters == []
    house.work(until=until + 2 * HOUR)
    assert {OWNER, HOSTER} <= set(recipients(house))
    house.store.close()


def test_a_notice_that_is_not_true_any_more_does_not_leave(tmp_path: Path):
    house = open_house(tmp_path, contacts=contacts(), spacing=Spacing(gather=36 * HOUR))
    house.report(URL)
    house.work()
    house.repaired.add(SITE.host)
    house.work(until=DAWN + 3 * DAY)
    assert house.post.letters == []
    assert house.case().state is State.MONITORED
    ends = [event.data["text"] for event in house.journal() if event.kind is Kind.BOUNCED]
    assert ends == [WITHDRAWN, WITHDRAWN]
    house.store.close()


def test_nobody_hears_of_a_verdict_after_it_was_overturned(tmp_path: Path):
    house = open_house(tmp_path, contacts=contacts(), spacing=Spacing(gather=2 * HOUR))
    house.report(URL)
    house.work()
    analyst.overturn(house.doors, 1, "our mistake", "analyst")
    house.work(until=DAWN + DAY)
    told = [m.about for m in house.case().messages if m.stage is not Stage.BOUNCED]
    assert About.HIJACKED not in told
    house.store.close()


def test_who_mended_while_the_case_was_held_is_not_told(tmp_path: Path):
    house = open_house(tmp_path, contacts=contacts(), approval=True)
    house.report(URL)
    house.work()
    until = DAWN + 10 * DAY
    analyst.hold(house.doors, 1, until, "an inquiry", "police")
    house.repaired.add(SITE.host)
    house.work(until=until - HOUR)
    assert house.case().last_ruling is Ruling.CLEAN
    analyst.release(house.doors, 1, "police")
    analyst.approve(house.doors, 1, "analyst")
    house.work(until=until + HOUR)
    assert house.post.letters == []
    assert house.case().state is State.MONITORED
    house.store.close()


def test_a_verdict_that_is_overturned_is_taken_back_from_everyone_told(house: House):
    house.report(URL)
    house.work()
    analyst.overturn(house.doors, 1, "the owner's own campaign page", "analyst")
    house.work()
    assert house.case().state is State.OVERTURNED
    assert sorted(recipients(house)[2:]) == sorted([OWNER, HOSTER])
    assert [m.about for m in house.case().messages][2:] == [About.RETRACTION] * 2
    house.work(until=DAWN + 50 * DAY)
    assert len(recipients(house)) == 4
    with pytest.raises(WrongUse, match="no verdict to overturn"):
        analyst.overturn(house.doors, 1, "again", "analyst")


def test_who_was_not_told_yet_hears_nothing_of_a_verdict_that_is_overturned(tmp_path: Path):
    spacing = Spacing(gather=timedelta(hours=1), recipient=timedelta())
    house = open_house(tmp_path, contacts=contacts(), spacing=spacing)
    house.report(URL)
    house.work()
    analyst.overturn(house.doors, 1, "a mistake", "analyst")
    house.work(until=DAWN + 3 * DAY)
    assert house.post.letters == []
    house.store.close()


def test_a_notice_that_was_leaving_while_its_verdict_was_overturned_is_taken_back(house: House):
    house.report(URL)
    run(assign_reports(house.doors))
    while house.case().state is not State.NOTIFIED:
        step = house.store.due(house.clock.now())
        assert step
        run(take_step(house.office, step))
    leaving = house.store.take_bundle(house.clock.now())
    assert leaving
    analyst.overturn(house.doors, 1, "a mistake", "analyst")
    lease = house.store.due(house.clock.now())
    assert lease
    run(take_step(house.office, lease))
    house.store.settle(leaving, Posted(Fate.ACCEPTED, "250 Ok"), house.clock.now())
    house.work()
    assert recipients(house) == [OWNER], "the retraction, and the hoster's notice is withdrawn"
    assert house.case().messages[-1].about is About.RETRACTION


@pytest.mark.usefixtures("wordless")
def test_one_who_is_told_of_many_sites_is_told_once_a_day(tmp_path: Path):
    sites = TOWN.hijacked[:4]
    mine: dict[str, Sequence[Contact]] = {
        site.host: [Contact("owner", OWNER, "test", 1.0)] for site in sites
    }
    house = open_house(tmp_path, contacts=mine, spacing=Spacing())
    house.report(f"http://{sites[0].host}/")
    house.work()
    for site in sites[1:]:
        house.report(f"http://{site.host}/")
    house.work()
    assert len(house.post.letters) == 1
    house.work(until=DAWN + 25 * HOUR)
    assert len(house.post.letters) == 2, "the other three leave together"
    assert all(house.case(n).state is State.DELIVERED for n in range(1, 5))
    house.store.close()


def test_a_case_that_is_drawn_to_be_told_later_is_looked_at_meanwhile(tmp_path: Path):
    arms = Arms(delayed=1.0, delay=8 * DAY)
    house = open_house(tmp_path, contacts=contacts(), arms=arms)
    house.report(URL)
    house.work(until=DAWN + 7 * DAY)
    assert house.post.letters == []
    looks = [e for e in house.journal() if e.kind is Kind.EXAMINED and e.data["purpose"] == "look"]
    assert [(e.at - DAWN).days for e in looks] == [1, 2, 4]
    house.work(until=DAWN + 9 * DAY)
    looks = [e for e in house.journal() if e.kind is Kind.EXAMINED and e.data["purpose"] == "look"]
    told = next(e for e in house.journal() if e.kind is Kind.QUEUED)
    assert (looks[3].at - DAWN).days == 8, "a last look, before anybody is told"
    assert looks[3].step < told.step
    assert recipients(house)[0] == OWNER
    house.store.close()


def test_who_mended_before_they_were_told_is_not_told(tmp_path: Path):
    arms = Arms(delayed=1.0, delay=8 * DAY)
    house = open_house(tmp_path, contacts=contacts(), arms=arms)
    house.report(URL)
    house.work(until=DAWN + 5 * DAY)
    house.repaired.add(SITE.host)
    house.work(until=DAWN + 9 * DAY)
    assert house.post.letters == []
    assert house.case().state is State.MONITORED
    house.store.close()


def test_a_duplicate_is_over_and_names_the_case_that_goes_on(house: House):
    house.report(URL)
    other = next(site for site in TOWN.hijacked if site.host != SITE.host)
    house.report(f"http://{other.host}/")
    house.work()
    analyst.merge(house.doors, 2, 1, "analyst")
    assert house.case(2).state is State.DUPLICATE
    with pytest.raises(WrongUse, match="name one that goes on"):
        analyst.merge(house.doors, 1, 1, "analyst")


CDN = "abuse@cdn.test"


@pytest.fixture
def fronted(tmp_path: Path, wordless: None) -> Iterator[House]:
    """A site behind a service that says who hosts it to nobody but by mail."""
    mine = contacts()
    known = [one for one in mine[SITE.host] if one.role == "owner"][:1]
    mine[SITE.host] = [*known, Contact("proxy", CDN, "rdap-network", 0.9)]
    opened = open_house(tmp_path, contacts=mine)
    opened.report(URL)
    opened.work()
    yield opened
    opened.store.close()


def test_the_service_in_front_of_a_site_is_asked_who_hosts_it(fronted: House):
    assert recipients(fronted) == [CDN, OWNER]
    asked = fronted.post.mails[0]
    assert "which provider hosts this website?" in str(asked["Subject"])
    assert "your customer" in words(asked)
    assert [m.about for m in fronted.case().messages] == [About.WHO_HOSTS, About.HIJACKED]
    fronted.work(until=DAWN + 3 * DAY)
    assert recipients(fronted).count(CDN) == 1


def test_what_the_service_answers_is_read_by_a_person_who_names_the_hoster(fronted: House):
    raw = letter("The host is Example Hosting.", to=fronted.post.letters[0].return_path)
    assert take(fronted.doors, Desk("notices@cert.test"), raw).outcome is Outcome.NOTED
    assert fronted.case().state is State.DELIVERED
    analyst.add_contact(fronted.doors, 1, HOSTER, "hoster", "an analyst")
    fronted.work()
    assert recipients(fronted) == [CDN, OWNER, HOSTER]


def test_whoever_was_asked_about_a_site_hears_that_it_was_wrong(fronted: House):
    analyst.overturn(fronted.doors, 1, "a test page", "an analyst")
    fronted.work()
    assert sorted(recipients(fronted)[2:]) == [CDN, OWNER]
    assert all("our message was wrong" in str(mail["Subject"]) for mail in fronted.post.mails[2:])


def test_nobody_is_asked_who_hosts_a_site_that_is_held(tmp_path: Path, wordless: None):
    mine: dict[str, Sequence[Contact]] = {SITE.host: [Contact("proxy", CDN, "rdap-network", 0.9)]}
    house = open_house(tmp_path, contacts=mine, spacing=Spacing(gather=2 * HOUR))
    house.report(URL)
    house.work(until=DAWN + HOUR)
    assert [m.about for m in house.case().messages] == [About.WHO_HOSTS]
    analyst.hold(house.doors, 1, DAWN + 2 * DAY, "an inquiry", "police")
    house.work(until=DAWN + DAY)
    assert house.post.letters == []
    house.work(until=DAWN + 3 * DAY)
    assert recipients(house) == [CDN]
    house.store.close()

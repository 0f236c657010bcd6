"""One report from the first word to closed, in a town in memory with a clock in the hand."""

import json
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.house import DAWN, HOUR, TOWN, House, open_house, victim, words
from unhijack.casework.analyst import approve
from unhijack.casework.intake import RECHECK_AFTER, RECHECK_WITHIN, claim_clean
from unhijack.core.case import MOST_ATTEMPTS, Kind, State
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.journal import first_broken
from unhijack.core.verdict import Ruling
from unhijack.core.watch import RETRY, WATCH
from unhijack.lab.town import WIRE_GATES, Gate
from unhijack.lab.town import Kind as SiteKind
from unhijack.ports import Fate, Posted

SITE = victim(Gate.SEARCH_LOCATION)
URL = f"http://{SITE.host}/"


def reported(house: House, url: str = URL) -> None:
    house.report(url, "search:opening hours")
    house.work()


def claimed(house: House) -> None:
    claim_clean(house.doors, 1, "the owner")


def test_from_a_report_to_closed(house: House):
    reported(house)
    assert house.case().state is State.DELIVERED
    (mail,) = house.post.mails
    assert mail["To"] == SITE.owner.mailbox
    assert "still sends" not in mail["Subject"]

    house.clock.at += 5 * HOUR
    house.repaired.add(SITE.host)
    claimed(house)
    house.work(until=house.clock.at + 24 * HOUR)
    assert house.kinds() == [
        Kind.OPENED,
        Kind.EXAMINED,
        Kind.ATTRIBUTED,
        Kind.QUEUED,
        Kind.DELIVERED,
        Kind.CLAIMED,
        Kind.EXAMINED,
        Kind.QUEUED,
        Kind.MONITORED,
        Kind.DELIVERED,
    ]
    assert first_broken(1, house.store.journal(1)) is None
    assert house.case().state is State.MONITORED
    assert [mail["X-Unhijack-Why"] for mail in house.post.mails] == ["first", "clean"]


def mended(house: House) -> None:
    """As far as verified clean."""
    reported(house)
    house.repaired.add(SITE.host)
    claimed(house)
    house.work(until=house.clock.at + 13 * HOUR)
    assert house.case().state is State.MONITORED


def test_a_clean_site_is_tested_again_for_ninety_days_and_then_closed(house: House):
    mended(house)
    since = house.case().clean_at
    assert since is not None
    house.work(until=since + WATCH[-1])
    tests = [e for e in house.journal() if e.data.get("purpose") == "re-test"]
    assert [e.at - since for e in tests] == list(WATCH)
    assert house.case().state is State.CLOSED
    assert house.store.next_due() is None
    assert len(house.post.letters) == 2


def test_a_site_that_is_hijacked_again_is_reopened_and_its_owner_told_so(house: House):
    mended(house)
    house.repaired.clear()
    house.work(until=house.clock.at + 36 * HOUR)

    case = house.case()
    assert (case.state, case.relapses, case.clean_at) == (State.DELIVERED, 1, None)
    second = house.post.mails[-1]
    assert "again sends" in second["Subject"]
    assert "had verified it" in " ".join(words(second).split())

    house.repaired.add(SITE.host)
    claimed(house)
    house.work(until=house.clock.at + 200 * 24 * HOUR)
    assert house.case().state is State.CLOSED


def test_a_watched_site_that_somebody_reports_is_tested_at_once(house: House):
    mended(house)
    house.repaired.clear()
    reported(house)
    assert house.case().relapses == 1
    assert [case.number for case in [house.case()]] == house.store.numbers()


def test_a_test_that_cannot_be_made_does_not_count_as_clean(house: House):
    mended(house)
    since = house.case().clean_at
    assert since is not None
    house.transport.broken = Failure(FailureKind.CONNECT, "refused")
    house.work(until=since + 60 * 24 * HOUR)
    case = house.case()
    assert (case.state, case.undecided) == (State.MONITORED, MOST_ATTEMPTS)
    assert case.tested_at == since
    assert case.resumable


def test_a_false_claim_is_caught_and_the_second_notice_says_so(house: House):
    reported(house)
    claimed(house)
    house.work(until=house.clock.at + 24 * HOUR)

    case = house.case()
    assert (case.state, case.claims, case.refuted, case.notices) == (State.DELIVERED, 1, 1, 2)
    first, second = house.post.mails
    assert "still sends" in second["Subject"]
    assert "it still sends some of its visitors" in " ".join(words(second).split())
    assert first["Message-ID"] != second["Message-ID"]

    house.repaired.add(SITE.host)
    claimed(house)
    house.work(until=house.clock.at + 24 * HOUR)
    assert house.case().state is State.MONITORED


def test_the_reporters_own_way_is_replayed_at_the_re_check(house: House):
    reported(house)
    first = house.journal()[1].data
    claimed(house)
    house.work(until=house.clock.at + 24 * HOUR)
    again = next(e for e in house.journal()[2:] if e.kind is Kind.EXAMINED).data

    def personas(data: object) -> list[str]:
        assert isinstance(data, list)
        return [visit["persona"] for visit in data]

    shown = first["redirected"]
    assert isinstance(shown, list)
    assert shown[0] == "reported-phone"
    replayed = personas(again["visit_log"])
    assert all(replayed.count(str(name)) >= 3 for name in shown[:3])
    assert set(personas(first["visit_log"])) <= set(replayed)


@pytest.mark.parametrize("hour", range(4))
def test_a_claim_is_checked_inside_its_window_and_nothing_is_visited_before(
    tmp_path: Path, hour: int
):
    """Each house draws its own moments: nobody outside can foresee one."""
    house = open_house(tmp_path / str(hour))
    reported(house)
    said_at = house.clock.at = DAWN + hour * HOUR
    claimed(house)
    due = house.store.next_due()
    assert due
    assert RECHECK_AFTER <= due - said_at <= RECHECK_WITHIN

    asked = len(house.transport.asked)
    house.work(until=due - timedelta(seconds=1))
    assert len(house.transport.asked) == asked
    house.work(until=due)
    assert {at for at, _ in house.transport.asked[asked:]} == {due}
    house.store.close()


def test_moments_of_re_checks_differ_from_house_to_house(tmp_path: Path):
    moments = set()
    for name in "abcd":
        house = open_house(tmp_path / name)
        reported(house)
        claimed(house)
        moments.add(house.store.next_due())
        house.store.close()
    assert len(moments) == 4


# Who lets a notice out


def test_without_an_analyst_nothing_leaves(tmp_path: Path):
    house = open_house(tmp_path, approval=True)
    reported(house)
    house.work(until=DAWN + 1000 * HOUR)
    assert house.case().state is State.ATTRIBUTED
    assert house.post.letters == []

    approve(house.doors, 1, "analyst")
    house.work()
    assert house.case().state is State.DELIVERED
    assert len(house.post.letters) == 1

    claimed(house)
    house.work(until=house.clock.at + 24 * HOUR)
    assert (house.case().refuted, house.case().state) == (1, State.ATTRIBUTED)
    assert len(house.post.letters) == 1, "the second notice waits for its own approval"
    house.store.close()


def test_there_is_nothing_to_approve_or_to_claim_before_its_time(house: House):
    house.report(URL)
    with pytest.raises(WrongUse, match="there is no case 1"):
        approve(house.doors, 1, "analyst")
    reported(house)
    with pytest.raises(WrongUse, match="case 1 is delivered: there is no notice to approve"):
        approve(house.doors, 1, "analyst")
    claimed(house)
    with pytest.raises(WrongUse, match="only a case whose owner was told"):
        claimed(house)


def test_a_contact_who_was_erased_makes_the_case_wait_and_nobody_else(tmp_path: Path):
    house = open_house(tmp_path, approval=True)
    reported(house)
    owner = house.case().contacts[0]
    house.store.erase(str(owner["person"]))
    approve(house.doors, 1, "analyst")
    other = victim(Gate.PHONE_HOP)
    house.report(f"http://{other.host}/")
    house.work()
    assert house.case(1).state is State.ATTRIBUTED
    approve(house.doors, 2, "analyst")
    house.work()

    assert house.case(2).state is State.DELIVERED
    assert [len(house.case(number).messages) for number in (1, 2)] == [0, 1]
    house.store.close()


@pytest.mark.usefixtures("wordless")
def test_without_a_contact_the_case_waits_for_a_person(tmp_path: Path):
    house = open_house(tmp_path, contacts={})
    reported(house)
    house.work(until=DAWN + 1000 * HOUR)
    assert house.kinds() == [Kind.OPENED, Kind.EXAMINED, Kind.ATTRIBUTED]
    assert house.case().state is State.VERIFIED
    assert house.store.next_due() is None
    house.store.close()


# What becomes of a mail


def test_a_mail_that_may_have_left_is_not_sent_again_by_itself(house: House):
    house.post.answers.append(Posted(Fate.UNCERTAIN, "the mail server went away"))
    reported(house)
    house.work(until=DAWN + 1000 * HOUR)

    assert len(house.post.letters) == 1
    assert Kind.UNCERTAIN in house.kinds()
    assert (house.case().state, house.case().uncertain) == (State.NOTIFIED, 1)
    claimed(house)  # the owner's answer shows that it came


def test_a_mail_server_that_is_busy_is_asked_again_with_the_same_bytes(house: House):
    house.post.answers += [Posted(Fate.LATER, "451 busy")] * 3
    reported(house)
    house.work(until=DAWN + 2 * HOUR)
    assert len({letter.message for letter in house.post.letters}) == 1
    assert len(house.post.letters) == 4
    assert house.case().state is State.DELIVERED


def test_a_weekend_without_a_mail_server_delays_notices_and_no_more(house: House):
    """Each try says nothing of the owners: nobody bounces, nobody above them is turned to."""
    house.post.answers += [Posted(Fate.AWAY, "no conversation with the mail server")] * 2000
    for gate in (Gate.SEARCH_LOCATION, Gate.PHONE_HOP):
        house.report(f"http://{victim(gate).host}/")
    house.work(until=DAWN + 20 * HOUR)
    assert [house.case(n).state for n in house.store.numbers()] == [State.NOTIFIED] * 2
    assert len(house.post.letters) < 1000, "it is asked now and then, not once for each letter"

    house.post.answers.clear()
    house.work(until=house.clock.at + HOUR)
    assert [house.case(n).state for n in house.store.numbers()] == [State.DELIVERED] * 2


def test_a_notice_that_cannot_leave_does_not_hold_up_others(house: House):
    house.post.answers += [Posted(Fate.LATER, "451 busy"), Posted(Fate.REFUSED, "550 no")]
    for gate in (Gate.SEARCH_LOCATION, Gate.PHONE_HOP, Gate.SEARCH_PHONE_META):
        house.report(f"http://{victim(gate).host}/")
    house.work()
    states = sorted(str(house.case(n).state) for n in house.store.numbers())
    assert states == ["bounced", "delivered", "notified"]


# Many reports, and those that come to nothing


def test_a_second_report_of_a_site_joins_its_case(house: House):
    house.report(URL)
    house.report(f"http://www.{SITE.host}/hours")
    reported(house)
    house.report(URL)
    house.work()

    assert list(house.store.numbers()) == [1]
    assert house.case().reports == 4
    assert len(house.post.letters) == 1


def test_an_honest_site_is_closed_as_not_hijacked_and_no_body_is_kept(house: House):
    honest = next(s for s in TOWN.sites if s.kind is SiteKind.PLAIN and not s.gate)
    reported(house, f"http://{honest.host}/")
    assert house.case().state is State.NOT_HIJACKED
    assert house.post.letters == []

    reported(house, f"http://{honest.host}/")
    assert list(house.store.numbers()) == [1, 2]


@pytest.mark.parametrize(
    ("failure", "ruling", "state"),
    [
        (Failure(FailureKind.CONNECT, "refused"), Ruling.UNREACHABLE, State.UNREACHABLE),
        (Failure(FailureKind.TIME, "too slow"), Ruling.UNREACHABLE, State.UNREACHABLE),
    ],
)
def test_a_site_that_cannot_be_reached_is_tried_again_with_growing_pauses_then_a_person_is_asked(
    house: House, failure: Failure, ruling: Ruling, state: State
):
    house.transport.broken = failure
    reported(house)
    house.work(until=DAWN + 1000 * HOUR)

    tried = [event.at for event in house.journal() if event.kind is Kind.EXAMINED]
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    assert pauses == [RETRY * 2**n for n in range(MOST_ATTEMPTS - 1)]
    assert (house.case().last_ruling, house.case().state) == (ruling, state)
    assert house.store.next_due() is None


def test_a_re_check_that_cannot_be_made_is_no_clean_one_and_can_be_claimed_again(house: House):
    reported(house)
    claimed(house)
    house.transport.broken = Failure(FailureKind.CONNECT, "refused")
    house.work(until=DAWN + 1000 * HOUR)
    assert house.case().state is State.CLAIMED_CLEAN
    assert house.store.next_due() is None

    house.transport.broken = None
    house.repaired.add(SITE.host)
    claimed(house)
    house.work(until=house.clock.at + 24 * HOUR)
    assert house.case().state is State.MONITORED


# What nobody may read


def test_no_notice_says_more_than_its_reader_may_know(house: House):
    reported(house)
    claimed(house)
    house.work(until=DAWN + 24 * HOUR)
    chain = SITE.chain
    assert chain
    for mail in house.post.mails:
        text = f"{mail['Subject']}\n{words(mail)}".lower()
        assert chain.entry.replace(".", "[.]") in text
        assert URL in text
        for forbidden in (chain.entry, chain.end, "/in?", "/d/", *ABUSE):
            assert forbidden not in text, forbidden


ABUSE = ("abuse", "child", "csam", "illegal", "porn", "missbrauch", "kinder")


def test_a_full_destination_lies_nowhere_in_clear(house: House, caplog: pytest.LogCaptureFixture):
    caplog.set_level(0)
    for gate in WIRE_GATES:
        house.report(f"http://{victim(gate).host}/", "search:opening hours")
    house.work()
    claimed(house)
    house.work(until=DAWN + 24 * HOUR)
    assert len(house.post.letters) == 6

    paths = offsite_paths(house)
    assert len(paths) >= 2 * len(WIRE_GATES)
    told = json.dumps([dict(e.data) for n in house.store.numbers() for e in house.journal(n)])
    everywhere = {
        "mails": b"".join(letter.message for letter in house.post.letters),
        "journals": told.encode(),
        "logs": caplog.text.encode(),
        "disk": house.bytes_on_disk(),
    }
    for place, content in everywhere.items():
        for path in paths:
            assert path.encode() not in content, (place, path)


def offsite_paths(house: House) -> set[str]:
    """Path and query of everything that was asked of a distributor."""
    return {
        request.address.target
        for _, request in house.transport.asked
        if request.address.host in TOWN.distributors
    }


def test_no_media_and_no_body_off_the_site_is_ever_asked_for(house: House):
    for gate in WIRE_GATES:
        house.report(f"http://{victim(gate).host}/")
    house.work()
    away = [r for _, r in house.transport.asked if r.address.host in TOWN.distributors]
    assert away
    assert not any(request.read_page for request in away)


def test_mail_addresses_lie_nowhere_in_clear(house: House):
    reported(house)
    local = SITE.owner.mailbox.partition("@")[0]
    assert f"{local}@".encode() not in house.bytes_on_disk()

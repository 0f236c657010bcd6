"""What a person decides about a case, and what they cannot."""

from pathlib import Path

import pytest

from tests.support.house import HOUR, House, open_house, victim
from unhijack.casework.analyst import act, add_contact, approve, close, look_up, resume
from unhijack.casework.intake import claim_clean
from unhijack.core.case import Kind, Move, State
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.journal import first_broken
from unhijack.lab.town import Gate
from unhijack.ports import Fate, Posted

SITE = victim(Gate.SEARCH_LOCATION)
URL = f"http://{SITE.host}/"


def test_a_site_without_a_contact_waits_until_somebody_names_one(tmp_path: Path):
    house = open_house(tmp_path, contacts={})
    house.report(URL)
    house.work()
    assert house.case().state is State.VERIFIED
    assert not house.post.letters

    add_contact(house.doors, 1, "hostmaster@provider.test", "hoster", "analyst")
    house.work()

    assert house.case().state is State.DELIVERED
    assert house.post.mails[0]["To"] == "hostmaster@provider.test"
    assert b"hostmaster@provider.test" not in house.bytes_on_disk(), "not in clear"
    house.store.close()


def test_a_bounced_notice_goes_to_another_contact_and_not_to_the_same_mailbox(house: House):
    house.post.answers = [Posted(Fate.REFUSED, "550 no such mailbox")]
    house.report(URL)
    house.work()
    assert house.case().state is State.BOUNCED

    add_contact(house.doors, 1, "second@owner.test", "owner", "analyst")
    house.work()

    assert [mail["To"] for mail in house.post.mails] == [SITE.owner.mailbox, "second@owner.test"]
    assert house.case().state is State.DELIVERED


def test_an_uncertain_notice_is_followed_by_another_only_if_a_person_says_so(house: House):
    house.post.answers = [Posted(Fate.UNCERTAIN, "it went away")]
    house.report(URL)
    house.work(until=house.clock.at + 48 * HOUR)
    assert len(house.post.letters) == 1

    resume(house.doors, 1, "analyst")
    house.work()

    ids = [mail["Message-ID"] for mail in house.post.mails]
    assert len(set(ids)) == 2, "another notice, not the same one twice"
    assert house.case().state is State.DELIVERED
    assert house.case().uncertain == 1, "what is not known stays on record"


def test_a_site_that_could_not_be_reached_is_tried_again_on_request(house: House):
    house.transport.broken = Failure(FailureKind.CONNECT, "refused the connection")
    house.report(URL)
    house.work(until=house.clock.at + 400 * HOUR)
    assert house.case().state is State.UNREACHABLE

    house.transport.broken = None
    resume(house.doors, 1, "analyst")
    house.work()

    assert house.case().state is State.DELIVERED


def test_a_person_ends_a_case_with_a_reason_and_a_new_report_opens_another(house: House):
    house.report(URL)
    house.work()

    close(house.doors, 1, "the owner took it off the net", "analyst")
    house.report(URL)
    house.work()

    assert house.case(1).state is State.CLOSED
    assert house.case(2).state is State.DELIVERED
    assert first_broken(1, house.store.journal(1)) is None


@pytest.mark.parametrize("why", ["", "   "])
def test_a_case_is_not_ended_without_a_reason(house: House, why: str):
    house.report(URL)
    house.work()
    with pytest.raises(WrongUse, match="reason"):
        close(house.doors, 1, why, "analyst")


def test_a_case_that_waits_for_nobody_cannot_be_pushed(house: House):
    house.report(URL)
    house.work()
    assert house.case().state is State.DELIVERED
    with pytest.raises(WrongUse, match="does not wait for a decision"):
        resume(house.doors, 1, "analyst")
    with pytest.raises(WrongUse, match="no notice to approve"):
        approve(house.doors, 1, "analyst")
    close(house.doors, 1, "done", "analyst")
    with pytest.raises(WrongUse, match="closed already"):
        close(house.doors, 1, "done", "analyst")
    with pytest.raises(WrongUse, match="nobody is to be told"):
        add_contact(house.doors, 1, "a@b.test", "owner", "analyst")


@pytest.mark.parametrize(
    "mail",
    ["", "nobody", "a@b.test, c@d.test", "A <a@b.test>", "a@b.test\nBcc: c@d.test", "a b@c.test"],
)
def test_a_contact_is_one_plain_mailbox(house: House, mail: str):
    house.report(URL)
    house.work()
    with pytest.raises(WrongUse, match="plain mail address"):
        add_contact(house.doors, 1, mail, "owner", "analyst")


def test_a_decision_on_a_case_that_moved_on_is_refused(house: House):
    house.report(URL)
    house.work()
    before = look_up(house.doors, 1)
    claim_clean(house.doors, 1, "the owner")

    with pytest.raises(WrongUse, match="just changed"):
        act(house.doors, before, Move(Kind.CLOSED, {"why": "stale"}, None))
    house.store.release(house.store.lease(1))  # it is free: the refusal kept nothing
    claim_step = house.case().step
    assert house.case().state is State.CLAIMED_CLEAN
    assert claim_step == before.step + 1


def test_a_new_report_wakes_a_case_that_was_given_up(house: House):
    house.transport.broken = Failure(FailureKind.CONNECT, "refused the connection")
    house.report(URL)
    house.work(until=house.clock.at + 400 * HOUR)
    assert house.case().state is State.UNREACHABLE

    house.transport.broken = None
    house.report(URL)
    house.work()

    assert house.case().reports == 2
    assert house.case().state is State.DELIVERED


def test_a_mail_address_typed_as_a_reason_does_not_end_in_the_journal(house: House):
    house.report(URL)
    house.work()
    claim_clean(house.doors, 1, "anna@shop.test by mail")
    close(house.doors, 1, "told by anna@shop.test", "analyst")

    assert b"anna@shop.test" not in house.bytes_on_disk()
    assert "(address)" in str(house.journal()[-1].data["why"])

"""Answers to notices: each finds its case, counts once, and is never lost."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.support.answers_mail import HOUSE, delivery_status, letter
from tests.support.house import DAWN, HOUR, House, open_house, victim
from unhijack.casework import analyst
from unhijack.casework.answers import (
    MOST_NOTED,
    Desk,
    Outcome,
    Taken,
    refuse_unread,
    take,
)
from unhijack.casework.mailroom import LINE, read_one
from unhijack.core.case import Kind, State
from unhijack.core.contact import Contact
from unhijack.core.errors import WrongUse
from unhijack.core.notice import Spacing
from unhijack.lab.town import Gate
from unhijack.ports import StoreUnavailable

DESK = Desk(HOUSE)


def told(house: House, gate: Gate = Gate.SEARCH_LOCATION) -> int:
    """A case whose owner has a notice."""
    house.report(f"http://{victim(gate).host}/")
    house.work()
    return house.store.numbers()[-1]


def answer_to(house: House, index: int = -1) -> str:
    return house.post.letters[index].return_path


def message_id(house: House, index: int = -1) -> str:
    return str(house.post.mails[index]["Message-ID"])


def answered(house: House, body: str, **more: object) -> Taken:
    return take(house.doors, DESK, letter(body, to=answer_to(house), **more))  # type: ignore[arg-type]


def last(house: House, number: int = 1):
    return house.journal(number)[-1]


@pytest.mark.parametrize(
    ("body", "outcome", "kind", "state"),
    [
        ("We look into it.", Outcome.ACKNOWLEDGED, Kind.ACKNOWLEDGED, State.ACKNOWLEDGED),
        ("CLEAN", Outcome.CLAIMED, Kind.CLAIMED, State.CLAIMED_CLEAN),
        ("This is a false positive.", Outcome.DISPUTED, Kind.DISPUTED, State.DISPUTED),
        ("What should I do?", Outcome.ASKED, Kind.ASKED, State.ACKNOWLEDGED),
    ],
)
def test_what_an_owner_answers_moves_the_case(house: House, body, outcome, kind, state):
    number = told(house)
    taken = answered(house, body)
    assert (taken.outcome, taken.number, taken.again) == (outcome, number, False)
    assert last(house).kind is kind
    assert last(house).data["notice"] == f"notice-{number}-1"
    assert last(house).data["who"] == "owner"
    assert house.case().state is state


def test_a_claim_is_checked_before_it_is_believed_at_a_time_nobody_foresees(house: House):
    told(house)
    answered(house, "CLEAN")
    house.work(DAWN + HOUR / 2)
    assert house.case().state is State.CLAIMED_CLEAN
    house.work(DAWN + 13 * HOUR)
    assert house.case().refuted == 1


def test_an_answer_that_was_sent_elsewhere_is_known_by_its_thread(house: House):
    told(house)
    raw = letter("CLEAN", to="info@cert.test", headers=[f"In-Reply-To: {message_id(house)}"])
    assert take(house.doors, DESK, raw).outcome is Outcome.CLAIMED
    raw = letter("x", to="info@cert.test", headers=[f"References: <a@b> {message_id(house)}"])
    assert take(house.doors, DESK, raw).outcome is Outcome.ACKNOWLEDGED


def test_the_envelope_alone_is_enough(house: House):
    told(house)
    raw = letter("CLEAN", to="undisclosed-recipients:;")
    assert take(house.doors, DESK, raw, [answer_to(house)]).outcome is Outcome.CLAIMED


FAILED = "Final-Recipient: rfc822; x@shop.test\nAction: failed\n"


def test_a_bounce_changes_the_channel_of_its_own_notice(house: House):
    told(house)
    raw = delivery_status(FAILED + "Status: 5.1.1", to=answer_to(house), original="<other@x.test>")
    assert take(house.doors, DESK, raw).outcome is Outcome.BOUNCED
    assert last(house).kind is Kind.BOUNCED
    assert (last(house).data["status"], last(house).data["why"]) == ("5.1.1", "unknown")
    assert house.case().state is State.BOUNCED


def test_a_bounce_without_our_address_is_known_by_what_it_brings_along(house: House):
    told(house)
    raw = delivery_status(FAILED + "Status: 5.2.2", to=HOUSE, original=message_id(house))
    assert take(house.doors, DESK, raw).outcome is Outcome.BOUNCED
    assert last(house).data["why"] == "full"


def test_a_delivery_status_of_success_proves_that_it_arrived(house: House):
    told(house)
    block = "Final-Recipient: rfc822; x@shop.test\nAction: delivered\nStatus: 2.1.5"
    raw = delivery_status(block, to=answer_to(house))
    assert take(house.doors, DESK, raw).outcome is Outcome.RECEIVED
    assert last(house).kind is Kind.RECEIVED


def test_an_abuse_desks_number_is_kept(house: House):
    told(house)
    raw = letter(
        "We have received your message.",
        to=answer_to(house),
        subject="[#481516] Re: abuse",
        headers=["Auto-Submitted: auto-replied"],
    )
    assert take(house.doors, DESK, raw).outcome is Outcome.RECEIVED
    assert last(house).data["ticket"] == "481516"


def test_somebody_who_is_away_moves_nothing(house: House):
    told(house)
    before = house.case().state
    taken = answered(house, "It has been cleaned.", subject="Automatische Antwort: x")
    assert taken.outcome is Outcome.NOTED
    assert last(house).kind is Kind.NOTED
    assert house.case().state is before


def test_the_same_message_counts_once_whichever_way_it_comes(house: House):
    told(house)
    raw = letter("We look into it.", to=answer_to(house))
    first = take(house.doors, DESK, raw)
    steps = len(house.journal())
    relayed = b"Return-Path: <a@b.test>\r\nReceived: from x\r\n" + raw
    second = take(house.doors, DESK, relayed.replace(b"\r\n", b"\n"))
    assert (second.outcome, second.again) == (Outcome.ACKNOWLEDGED, True)
    assert second.digest == first.digest
    assert len(house.journal()) == steps
    assert len(house.store.mailroom(10)) == 1


def test_a_kill_between_journal_and_mailroom_doubles_nothing(house: House, monkeypatch):
    told(house)
    raw = letter("CLEAN", to=answer_to(house))

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(house.store), "record_mail", killed)
        with pytest.raises(KeyboardInterrupt):
            take(house.doors, DESK, raw)
    assert house.store.mailroom(10) == []
    taken = take(house.doors, DESK, raw)
    assert taken.outcome is Outcome.CLAIMED
    assert house.kinds().count(Kind.CLAIMED) == 1
    assert house.case().claims == 1
    assert [one.outcome for one in house.store.mailroom(10)] == ["claimed-clean"]


def test_what_cannot_be_kept_now_is_brought_again(house: House, monkeypatch):
    told(house)

    def away(*_: object) -> bool:
        raise StoreUnavailable("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(type(house.store), "record_mail", away)
        assert answered(house, "CLEAN").outcome is Outcome.LATER
    assert answered(house, "CLEAN").outcome is Outcome.CLAIMED
    assert house.kinds().count(Kind.CLAIMED) == 1


def two_cases(house: House) -> tuple[str, str]:
    """Addresses of the notices of two cases."""
    told(house, Gate.SEARCH_LOCATION)
    first = answer_to(house)
    told(house, Gate.REFERRED_LOCATION)
    assert len(house.store.numbers()) == 2
    return first, answer_to(house)


def test_an_answer_forged_for_another_case_is_refused(house: House):
    first, second = two_cases(house)
    forged = second.split("-", 1)[0] + "-" + first.split("-", 1)[1]
    taken = take(house.doors, DESK, letter("CLEAN", to=forged))
    assert taken.outcome is Outcome.REFUSED
    assert "never wrote" in taken.reason
    assert Kind.CLAIMED not in house.kinds(1) + house.kinds(2)
    assert [one.reason for one in house.store.mailroom(10)] == [taken.reason]


@pytest.mark.parametrize("more", [True, False])
def test_an_answer_to_two_cases_at_once_is_refused(house: House, more):
    first, second = two_cases(house)
    to = f"{first}, {second}" if more else first
    headers = [] if more else [f"In-Reply-To: {message_id(house)}"]
    taken = take(house.doors, DESK, letter("CLEAN", to=to, headers=headers))
    assert taken.outcome is Outcome.REFUSED
    assert "different cases" in taken.reason
    assert Kind.CLAIMED not in house.kinds(1) + house.kinds(2)


def test_our_own_notice_that_comes_back_is_a_loop(house: House):
    told(house)
    back = house.post.letters[-1].message
    assert take(house.doors, DESK, back, [answer_to(house)]).outcome is Outcome.REFUSED
    bare = letter("x", to=answer_to(house), headers=[f"Message-ID: {message_id(house)}"])
    taken = take(house.doors, DESK, bare)
    assert taken.outcome is Outcome.REFUSED
    assert taken.reason.startswith("loop")


def test_what_is_refused_stands_in_the_journal_of_its_case(house: House):
    number = told(house)
    raw = letter("x", to=answer_to(house)) + b"A" * (9 * 1024 * 1024)
    taken = take(house.doors, DESK, raw)
    assert (taken.outcome, taken.number) == (Outcome.REFUSED, number)
    assert last(house).kind is Kind.NOTED
    assert "larger than" in str(last(house).data["text"])
    taken = refuse_unread(house.doors, "o@shop.test", [answer_to(house)], "too big", 5 * 10**7)
    assert (taken.outcome, taken.number) == (Outcome.REFUSED, number)
    assert len(house.store.mailroom(10, "refused")) == 2


def test_what_belongs_to_nothing_is_kept_with_its_reason(house: House):
    for raw in (letter("Buy now", to=HOUSE), b"\x00\x01", b""):
        taken = take(house.doors, DESK, raw)
        assert taken.outcome in (Outcome.UNMATCHED, Outcome.REFUSED)
        assert taken.reason
    assert len(house.store.mailroom(10)) == 3


def test_a_flood_of_answers_does_not_fill_a_journal(house: House):
    told(house)
    for count in range(MOST_NOTED + 5):
        answered(house, f"I am away {count}", subject="Out of office")
    assert house.kinds().count(Kind.NOTED) == MOST_NOTED
    assert len(house.store.mailroom(1000)) == MOST_NOTED + 5


def test_no_word_of_a_mail_lies_in_the_clear(house: House):
    told(house)
    answered(house, "Frau Mustermann kümmert sich. CLEAN", sender="Eva Geheim <eva@geheim.test>")
    found = house.store.mail_named(house.store.mailroom(1)[0].digest)
    assert found is not None
    assert b"Mustermann" in (found[1] or b"")
    stored = house.bytes_on_disk()
    for word in (b"Mustermann", b"Geheim", b"geheim.test"):
        assert word not in stored


def test_whose_data_were_erased_of_them_nothing_is_kept(house: House):
    told(house)
    house.store.erase(str(house.case().contacts[0]["person"]))
    assert answered(house, "We look into it.").outcome is Outcome.ACKNOWLEDGED
    found = house.store.mail_named(house.store.mailroom(1)[0].digest)
    assert found is not None
    assert found[1] is None


def test_a_late_answer_changes_nothing_and_sends_nobody_to_look(house: House):
    number = told(house)
    analyst.close(house.doors, number, "over", "test")
    assert answered(house, "CLEAN").outcome is Outcome.ACKNOWLEDGED
    assert house.case().state is State.CLOSED
    assert house.store.next_due() is None


def test_whoever_writes_does_not_choose_when_a_watched_site_is_tested(house: House):
    told(house)
    house.repaired.add(victim().host)
    answered(house, "CLEAN")
    house.work(DAWN + timedelta(days=1, hours=12))
    assert house.case().state is State.MONITORED
    due = house.store.next_due()
    visits = len(house.transport.asked)
    answered(house, "Thank you again!")
    house.work()
    assert len(house.transport.asked) == visits
    assert house.store.next_due() == due


def test_the_journal_holds_together_after_all_of_it(house: House):
    told(house)
    for body in ("What is this?", "WRONG"):
        answered(house, body)
    assert house.case().state is State.DISPUTED
    analyst.resume(house.doors, 1, "test")
    answered(house, "CLEAN")
    assert house.case().state is State.CLAIMED_CLEAN
    with pytest.raises(WrongUse):
        house.store.journal(99)


def test_a_notice_is_answered_by_its_own_words(house: House):
    """A person who sends the notice back with one word above it."""
    told(house)
    notice = message_from_bytes(house.post.letters[-1].message, policy=policy.default)
    body = notice.get_body(("plain",))
    assert body is not None
    quoted = "\n".join(f"> {line}" for line in body.get_content().splitlines())
    text = f"CLEAN\n\nOn Mon, 2 Mar 2026, CERT of the town <notices@cert.test> wrote:\n{quoted}"
    assert answered(house, text).outcome is Outcome.CLAIMED


def told_together(tmp_path: Path) -> Iterator[House]:
    """Two sites of one owner, told by one message."""
    sites = [victim(gate).host for gate in (Gate.SEARCH_LOCATION, Gate.PHONE_HOP)]
    owner = [Contact("owner", "owner@two.test", "test", 1.0, independent=True)]
    contacts: dict[str, Sequence[Contact]] = dict.fromkeys(sites, owner)
    spacing = Spacing(gather=2 * HOUR, recipient=timedelta())
    house = open_house(tmp_path, contacts=contacts, spacing=spacing)
    for site in sites:
        house.report(f"http://{site}/")
    house.work(DAWN + 4 * HOUR)
    assert len(house.post.mails) == 1
    yield house
    house.store.close()


@pytest.fixture
def two(tmp_path: Path, wordless: None) -> Iterator[House]:
    yield from told_together(tmp_path)


def test_what_comes_back_came_back_for_every_case_that_it_told_of(two: House):
    raw = delivery_status(FAILED + "Status: 5.1.1", to=answer_to(two))
    assert take(two.doors, DESK, raw).outcome is Outcome.BOUNCED
    for number in (1, 2):
        assert last(two, number).data["notice"] == f"notice-{number}-1"
        assert two.case(number).state is State.BOUNCED
    steps = [len(two.journal(number)) for number in (1, 2)]
    assert take(two.doors, DESK, raw).again
    assert [len(two.journal(number)) for number in (1, 2)] == steps


def test_an_answer_to_several_at_once_is_about_all_of_them(two: House):
    raw = letter("CLEAN", to=answer_to(two), headers=[f"In-Reply-To: {message_id(two)}"])
    assert take(two.doors, DESK, raw).outcome is Outcome.CLAIMED
    assert [two.case(number).state for number in (1, 2)] == [State.CLAIMED_CLEAN] * 2


def test_an_answer_to_the_address_of_one_of_several_is_about_that_one(two: House):
    assert take(two.doors, DESK, letter("CLEAN", to=answer_to(two))).outcome is Outcome.CLAIMED
    assert two.case(1).state is State.CLAIMED_CLEAN
    assert two.case(2).state is State.DELIVERED


@pytest.mark.usefixtures("wordless")
def test_whoever_did_not_get_one_mail_is_not_the_first_to_get_the_next(tmp_path: Path):
    """What became of a mail is known wherever its mailbox is a contact."""
    one, other = (victim(gate).host for gate in (Gate.SEARCH_LOCATION, Gate.PHONE_HOP))
    agency = Contact("owner", "agency@two.test", "test", 0.9)
    contacts: dict[str, Sequence[Contact]] = {
        one: [agency],
        other: [agency, Contact("owner", "owner@two.test", "test", 0.5)],
    }
    house = open_house(tmp_path, contacts=contacts)
    house.report(f"http://{one}/")
    house.work()
    take(house.doors, DESK, delivery_status(FAILED + "Status: 5.1.1", to=answer_to(house)))
    house.report(f"http://{other}/")
    house.work()
    assert [mail["To"] for mail in house.post.mails] == ["agency@two.test", "owner@two.test"]
    why = house.case(2).contacts[1]["why"]
    assert "a mail came back on 2026-03-02" in str(why)
    house.store.close()


def test_nobody_is_thanked_for_what_another_one_claimed(tmp_path: Path):
    host = victim(Gate.SEARCH_LOCATION).host
    people = {"owner": "owner@mail.test", "hoster": "abuse@hoster.test"}
    known = [Contact(role, mail, "test", 1.0) for role, mail in people.items()]
    house = open_house(tmp_path, contacts={host: known})
    house.report(f"http://{host}/")
    house.work()
    number = [one.recipient for one in house.post.letters].index(people["owner"])
    raw = letter("CLEAN", to=answer_to(house, number))
    assert take(house.doors, DESK, raw).outcome is Outcome.CLAIMED
    house.work(DAWN + 50 * HOUR)
    assert house.case().refuted == 1
    later = {str(mail["To"]): mail["X-Unhijack-Why"] for mail in house.post.mails[2:4]}
    assert later == {people["owner"]: "refuted", people["hoster"]: "first"}
    house.store.close()


def test_an_analyst_reads_an_answer_and_nothing_of_it_moves_their_terminal(house: House):
    number = told(house)
    body = "What should I do?\n\x1b[2JI am \N{RIGHT-TO-LEFT OVERRIDE}lost\n" + "x" * 5_000
    answered(house, body, subject="Help \x1b]0;x\x07", sender="Eva <eva@geheim.test>")
    digest = house.store.mailroom(1)[0].digest
    shown = read_one(house.doors, digest[:12], "an analyst")
    assert shown.mail.number == number
    assert shown.sender == "Eva <eva@geheim.test>"
    assert shown.lines[0] == "What should I do?"
    assert all(line.isprintable() and len(line) <= LINE + 1 for line in shown.lines)
    assert shown.subject.isprintable()


@pytest.mark.parametrize("name", ["", "12345678", "%", "ABCDEFGH", "../../etc/passwd"])
def test_a_message_that_is_not_there_says_so(house: House, name: str):
    told(house)
    answered(house, "CLEAN")
    with pytest.raises(WrongUse, match="mail list"):
        read_one(house.doors, name, "an analyst")

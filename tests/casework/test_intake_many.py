"""Reports of strangers: taken once, let through in turn, and their senders told no more than is good."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from tests.support.answers_mail import HOUSE, letter
from tests.support.house import DAWN, TOWN, House, run, victim
from unhijack.casework import admission, analyst
from unhijack.casework.admission import admit, turns
from unhijack.casework.answers import Desk, Outcome, take
from unhijack.casework.intake_many import Receipt, Source, intake
from unhijack.casework.reporters import public_status, tell_reporters
from unhijack.core.case import Kind, Move, State
from unhijack.core.data import Json
from unhijack.core.egress import Guard
from unhijack.core.errors import WrongUse
from unhijack.core.fairness import Shares
from unhijack.parse.reports.forms import Form, claims_of

REPORTS = "reports@cert.test"
DESK = Desk(HOUSE, REPORTS)


def taken(house: House, text: str, channel: str = "feed", party: str = "") -> list[Receipt]:
    claims = claims_of(text.encode(), Form.LINES, channel)
    return list(intake(house.doors, claims, Source(channel, party)))


def lines(*urls: str) -> str:
    return "\n".join(f'{{"url": "{url}"}}' for url in urls)


def mailed(house: House, body: str, to: str = REPORTS, **more: object):
    sender = "Cit Zenova <cit@zenova.test>"
    raw = letter(body, sender=sender, to=to, subject="A bad site", **more)  # type: ignore[arg-type]
    return take(house.doors, DESK, raw)


def test_each_claim_has_its_receipt_or_its_reason(house: House):
    found = taken(house, lines("http://a.test/", "ftp://x", "http://b.test/"))
    assert [bool(one.receipt) for one in found] == [True, False, True]
    assert [one.place for one in found] == [1, 2, 3]
    assert found[1].error


def test_the_same_list_twice_is_taken_once(house: House):
    first = taken(house, lines("http://a.test/", "http://b.test/"))
    again = taken(house, lines("http://a.test/", "http://b.test/"))
    assert [one.receipt for one in first] == [one.receipt for one in again]
    assert len(house.store.waiting(10, 10)) == 2


def test_duplicates_join_the_case_of_their_site(house: House):
    site = f"http://{victim().host}/"
    taken(house, lines(site, f"{site}?a", f"{site}b"))
    house.work()
    assert house.store.numbers() == [1]
    assert house.kinds().count(Kind.JOINED) == 2


def test_a_flood_waits_and_others_go_on(house: House):
    taken(house, lines(*(f"http://s{n}.test/" for n in range(300))), "flood", "flood")
    taken(house, lines("http://quiet.test/"), "citizen", "someone")
    chosen = admit(house.doors, Shares(at_once=10))
    assert "http://quiet.test/" in [one.report.url for one in chosen]
    assert len(chosen) == 10
    assert len(house.store.waiting(1000, 10)) == 301


def forged(house: House, host: str, senders: int = 450) -> None:
    """So many made-up senders of mail, each of whom reports another page of a site."""
    for number in range(senders):
        said = claims_of(lines(f"http://{host}/{number}").encode(), Form.LINES, f"sender {number}")
        list(intake(house.doors, said, Source("mail", f"sender {number}")))


def test_made_up_senders_who_must_wait_do_not_stand_before_the_others(house: House):
    """All that one site may be visited for today is used up; who waits for it keeps nobody waiting."""
    forged(house, "victim.test")
    taken(house, lines("http://quiet.test/"), "mail", "a sender of today")
    taken(house, lines("http://other.test/"), "citizen")
    admitted = set()
    for _ in range(30):
        chosen = run(turns(house.doors, Shares(site_day=4)))
        for turn in chosen:
            house.doors.cases.assign(
                turn.received, turn.touches[0], _opened, house.clock.now(), turn.touches
            )
            admitted.add(turn.received.report.url)
    assert {"http://quiet.test/", "http://other.test/"} <= admitted
    assert len(admitted) == 6


def test_those_whose_address_is_used_up_do_not_stand_before_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    """Many names that lead to one machine: which one, is known only once they are looked up."""
    monkeypatch.setattr(admission, "MOST_PARTIES", 2)
    hosts = [site.host for site in TOWN.sites[:9]]
    for host in hosts:
        taken(house, lines(f"http://{host}/"), "mail", f"sender of {host}")
    taken(house, lines("http://nowhere.test/"), "mail", "a sender of today")
    shares = Shares(ip_day=0)
    (turn,) = run(turns(house.doors, shares))
    assert turn.received.report.url == "http://nowhere.test/"


def test_the_way_there_counts_as_a_target(house: House):
    text = "\n".join(
        f'{{"url": "http://s{n}.test/", "pathway": ["address:http://victim.test/"]}}'
        for n in range(30)
    )
    taken(house, text, "mail", "poison")
    assert len(admit(house.doors, Shares(site_day=4))) == 4


def test_what_leads_to_one_address_waits_beyond_its_share_over_the_day(house: House):
    """Names are many, and a machine is one: the third party behind them is left in peace."""
    hosts = [site.host for site in TOWN.sites[:4]]
    taken(house, lines(*(f"http://{host}/" for host in hosts)))
    shares = Shares(ip_day=3)
    first = run(turns(house.doors, shares))
    assert len(first) == 3
    assert {touch for turn in first for touch in turn.touches if touch.startswith("ip:")} == {
        "ip:127.0.0.1"
    }
    house.work()
    assert house.store.touched(DAWN)["ip:127.0.0.1"] == 4
    taken(house, lines(f"http://{TOWN.sites[5].host}/"))
    assert run(turns(house.doors, Shares(ip_day=4))) == []
    house.clock.at += timedelta(days=2)
    assert len(run(turns(house.doors, Shares(ip_day=4)))) == 1


def test_a_report_by_mail_opens_a_case_and_its_sender_is_told(house: House):
    site = victim().host
    came = mailed(house, f"hxxp://{site.replace('.', '[.]')}/\nSearched for: shoes")
    assert (came.outcome, came.reason) == (Outcome.REPORTED, "1 report")
    house.work()
    assert house.case().state is State.DELIVERED
    assert tell_reporters(house.doors, house.office.policy.head) == 0
    told = next(mail for mail in house.post.mails if mail["To"] == "cit@zenova.test")
    assert site not in str(told)
    assert "received" in str(told["Subject"])


def test_what_is_told_tips_nobody_off(house: House):
    mailed(house, f"http://{victim().host}/")
    receipt = house.store.waiting(1, 1)[0].receipt
    assert public_status(house.doors, receipt.lower()).status == "received"
    house.work()
    assert public_status(house.doors, receipt).status == "received"
    analyst.close(house.doors, 1, "over", "test")
    assert public_status(house.doors, receipt).status == "closed"
    tell_reporters(house.doors, house.office.policy.head)
    house.work()
    assert "closed" in str(house.post.mails[-1]["Subject"])
    with pytest.raises(WrongUse, match="no report with this receipt"):
        public_status(house.doors, "R-AAAAA-AAAAA-AAAAA")


def test_an_anonymous_report_leaves_nothing_of_its_sender(house: House):
    came = mailed(house, f"http://{victim().host}/", to="reports+anonymous@cert.test")
    assert came.outcome is Outcome.REPORTED
    house.work()
    assert tell_reporters(house.doors, house.office.policy.head) == 0
    assert house.store.mail_named(came.digest) == (house.store.mailroom(1)[0], None)
    assert b"zenova" not in house.bytes_on_disk()


def test_a_reporters_address_lies_encrypted_and_goes_with_their_key(house: House):
    came = mailed(house, f"http://{victim().host}/")
    assert b"zenova" not in house.bytes_on_disk()
    reporter = house.store.waiting(1, 1)[0].report.reporter
    assert reporter is not None
    house.store.erase(reporter)
    house.work()
    assert tell_reporters(house.doors, house.office.policy.head) == 0
    found = house.store.mail_named(came.digest)
    assert found is not None
    assert found[1] is None


def test_nobody_has_mail_sent_to_somebody_else(house: House):
    xarf = (
        '{"xarf_version": "4.2.0", "category": "content", "url": "http://a.test/",'
        ' "reporter": {"contact": "president@palace.test"}}'
    )
    head = 'Content-Type: application/json; name="xarf.json"'
    came = mailed(house, xarf, headers=[head])
    assert came.outcome is Outcome.REPORTED
    reporter = house.store.waiting(1, 1)[0].report.reporter
    assert reporter is not None
    assert house.store.mailbox(reporter) == "cit@zenova.test"


def test_an_answer_of_a_reporter_has_no_say_over_the_site(house: House):
    mailed(house, f"http://{victim().host}/")
    house.work()
    tell_reporters(house.doors, house.office.policy.head)
    house.work()
    before = house.case().state
    headers = [f"In-Reply-To: {house.post.mails[-1]['Message-ID']}"]
    raw = letter("CLEAN", sender="cit@zenova.test", to=HOUSE, headers=headers)
    assert take(house.doors, DESK, raw).outcome is Outcome.NOTED
    assert house.case().state is before


def test_mail_to_another_mailbox_reports_nothing(house: House):
    assert mailed(house, "http://a.test/", to=HOUSE).outcome is Outcome.UNMATCHED
    raw = letter("http://a.test/", to=REPORTS)
    assert take(house.doors, Desk(HOUSE), raw).outcome is Outcome.UNMATCHED
    assert house.store.waiting(10, 10) == []


@pytest.mark.parametrize(
    "head", ["Auto-Submitted: auto-replied", "X-Autoreply: yes", "Precedence: auto_reply"]
)
def test_what_a_machine_answers_is_no_report(house: House, head: str):
    """Somebody is away, and their shop's address stands in the signature."""
    came = mailed(house, "I am away. http://my-own-shop.test/", headers=[head])
    assert came.outcome is Outcome.UNMATCHED
    assert house.store.waiting(10, 10) == []


def test_what_a_machine_writes_of_its_own_is_a_report(house: House):
    came = mailed(house, "http://a.test/", headers=["Auto-Submitted: auto-generated"])
    assert came.outcome is Outcome.REPORTED


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1/", "127.0.0.1 is"),
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is"),
        ("http://[::ffff:10.0.0.1]/", "is"),
        ("http://shop.test:22/", "port 22 is not a web port"),
        ("http://192.0.2.1:6379/", "is"),
    ],
)
def test_what_would_never_be_visited_is_not_taken(house: House, url: str, why: str):
    """Else each would wait for a person after days of trying."""
    (found,) = taken(house, lines(url))
    assert not found.receipt
    assert why in found.error
    assert "never visited" in found.error
    by_mail = mailed(house, url)
    assert by_mail.outcome is Outcome.REFUSED
    assert "never visited" in by_mail.reason
    way = f'{{"url": "http://a.test/", "pathway": ["click:{url}"]}}'
    assert not taken(house, way)[0].receipt


def test_a_mail_address_is_no_address_to_visit(house: House):
    (found,) = taken(house, lines("president@palace.test"))
    assert "is a mail address" in found.error


def test_in_a_lab_its_own_addresses_are_taken(house: House):
    claims = claims_of(lines("http://127.0.0.1:9999/").encode(), Form.LINES, "lab")
    guard = Guard((ip_network("127.0.0.0/8"),))
    (found,) = intake(house.doors, claims, Source("lab", guard=guard))
    assert found.receipt


def test_a_report_without_an_address_is_refused_with_its_reason(house: House):
    came = mailed(house, "Something is wrong with the internet.")
    assert came.outcome is Outcome.REFUSED
    assert "no address" in came.reason


def test_the_same_mail_twice_is_one_report(house: House):
    first, again = (mailed(house, "http://a.test/ http://b.test/") for _ in range(2))
    assert (first.again, again.again) == (False, True)
    assert len(house.store.waiting(10, 10)) == 2


def test_an_hour_later_the_next_of_a_flood_have_their_turn(house: House):
    shares = Shares(party_hour=2)
    taken(house, lines(*(f"http://s{n}.test/" for n in range(5))), "feed", "feed")
    for _ in range(3):
        for one in admit(house.doors, shares):
            house.doors.cases.assign(one, one.report.url[7:-1], _opened, house.clock.now())
        assert not admit(house.doors, shares)
        house.clock.at += timedelta(hours=1, seconds=1)
    assert house.clock.at > DAWN
    assert len(house.store.numbers()) == 5


def _opened(_: object) -> Move:
    data: dict[str, Json] = {
        "receipt": "r",
        "url": "http://a.test/",
        "pathway": [],
        "source": "feed",
    }
    return Move(Kind.OPENED, data, None)

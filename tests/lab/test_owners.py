"""The owners: what they do follows from the mails alone."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.lab.owners import Deed, Reaction, reactions, repaired_hosts
from unhijack.lab.town import Behaviour, Town, TownSite, plan_town

TOWN = plan_town(7, 20, 5)
MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def owner_who(behaviour: Behaviour, town: Town = TOWN) -> TownSite:
    return next(site for site in town.hijacked if site.owner.behaviour is behaviour)


def notice(
    site: TownSite,
    number: int = 1,
    at: datetime = MONDAY,
    case: str = "a1",
    by: str = "header",
) -> EmailMessage:
    mail = EmailMessage()
    mail["To"] = f"The owner <{site.owner.mailbox}>"
    mail["Date"] = format_datetime(at)
    if by == "header":
        mail["X-Unhijack-Case"] = case
        mail["X-Unhijack-Notice"] = str(number)
        mail["Subject"] = "Your site"
    else:
        mail["Subject"] = f"[unhijack {case}] Your site sends visitors away"
    return mail


def deeds(*mails: EmailMessage) -> list[tuple[Deed, str]]:
    return [(reaction.what, reaction.host) for reaction in reactions(TOWN, mails)]


@pytest.mark.parametrize(
    ("behaviour", "least", "most"),
    [
        (Behaviour.PROMPT, timedelta(hours=2), timedelta(hours=9)),
        (Behaviour.SLOW, DAY, 3 * DAY),
    ],
)
def test_a_good_owner_repairs_and_then_says_so(
    behaviour: Behaviour, least: timedelta, most: timedelta
):
    for seed in range(12):
        town = plan_town(seed, 20, 5)
        site = owner_who(behaviour, town)
        repaired, claimed = reactions(town, [notice(site)])

        assert (repaired.what, claimed.what) == (Deed.REPAIRED, Deed.CLAIMED)
        assert repaired.host == claimed.host == site.host
        assert repaired.reference == claimed.reference == "a1"
        assert least <= repaired.at - MONDAY < most
        assert repaired.at < claimed.at < repaired.at + timedelta(hours=1)


def test_a_liar_claims_first_and_repairs_after_the_second_notice():
    site = owner_who(Behaviour.FALSE_CLAIM)
    (false,) = reactions(TOWN, [notice(site)])
    assert false.what is Deed.CLAIMED
    assert repaired_hosts(TOWN, [notice(site)], MONDAY + 300 * DAY) == frozenset()

    both = [notice(site), notice(site, 2, MONDAY + 2 * DAY)]
    assert reactions(TOWN, both)[0] == false
    assert deeds(*both) == [
        (Deed.CLAIMED, site.host),
        (Deed.REPAIRED, site.host),
        (Deed.CLAIMED, site.host),
    ]
    assert reactions(TOWN, both)[1].at > MONDAY + 2 * DAY


def test_the_silent_owner_does_nothing():
    site = owner_who(Behaviour.SILENT)
    assert deeds(*(notice(site, number, MONDAY + number * DAY) for number in range(1, 6))) == []


def test_the_same_notice_twice_is_one_notice():
    site = owner_who(Behaviour.FALSE_CLAIM)
    assert deeds(notice(site), notice(site)) == [(Deed.CLAIMED, site.host)]


def test_a_site_is_repaired_from_its_moment_on():
    site = owner_who(Behaviour.PROMPT)
    mails = [notice(site)]
    at = reactions(TOWN, mails)[0].at

    assert repaired_hosts(TOWN, mails, at - timedelta(seconds=1)) == frozenset()
    assert repaired_hosts(TOWN, mails, at) == {site.host}


def test_the_case_is_named_by_header_or_subject():
    site = owner_who(Behaviour.PROMPT)
    by_subject = reactions(TOWN, [notice(site, case="b2", by="subject")])
    assert {reaction.reference for reaction in by_subject} == {"b2"}
    assert by_subject[0].at == reactions(TOWN, [notice(site)])[0].at


def test_who_got_the_mail_counts_not_whom_it_names():
    prompt, slow = owner_who(Behaviour.PROMPT), owner_who(Behaviour.SLOW)
    mail = notice(prompt)
    mail["Delivered-To"] = slow.owner.mailbox
    assert {reaction.host for reaction in reactions(TOWN, [mail])} == {slow.host}


def test_mail_that_is_no_notice_is_left_lying():
    site = owner_who(Behaviour.PROMPT)
    no_case, no_date, bad_date, stranger = (notice(site) for _ in range(4))
    del no_case["X-Unhijack-Case"]
    del no_date["Date"]
    bad_date.replace_header("Date", "the day after tomorrow")
    stranger.replace_header("To", "abuse@ferry-hosting.test")
    honest = notice(next(site for site in TOWN.sites if not site.gate))

    assert deeds(no_case, no_date, bad_date, stranger, honest) == []


@pytest.mark.parametrize("number", ["", "two", "-1", "9" * 5000, "²"])
def test_a_strange_notice_number_is_the_first(number: str):
    site = owner_who(Behaviour.PROMPT)
    mail = notice(site)
    mail.replace_header("X-Unhijack-Notice", number)
    assert reactions(TOWN, [mail]) == reactions(TOWN, [notice(site)])


def test_the_towns_zone_is_utc():
    site = owner_who(Behaviour.PROMPT)
    there = notice(site)
    there.replace_header("Date", "Mon, 05 Jan 2026 10:00:00 +0100")
    nowhere = notice(site)
    nowhere.replace_header("Date", "Mon, 05 Jan 2026 09:00:00 -0000")
    assert reactions(TOWN, [there]) == reactions(TOWN, [nowhere]) == reactions(TOWN, [notice(site)])


@st.composite
def mailboxes(draw: st.DrawFn) -> list[EmailMessage]:
    """Notices to any owners, in the order of their dates."""
    letters = draw(
        st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3), st.integers(0, 200)), max_size=12)
    )
    return [
        notice(TOWN.hijacked[place], number, MONDAY + timedelta(hours=hour))
        for place, number, hour in sorted(letters, key=lambda letter: letter[2])
    ]


@given(mailboxes(), st.randoms(use_true_random=False))
def test_the_order_on_disk_does_not_matter(mails: list[EmailMessage], chance):
    mixed = list(mails)
    chance.shuffle(mixed)
    assert reactions(TOWN, mixed) == reactions(TOWN, mails)


@given(mailboxes(), st.integers(0, 12))
def test_a_later_mail_changes_nothing_of_what_was_before(mails: list[EmailMessage], cut: int):
    """So that a demo that was killed, or looks again, goes on where it was."""
    before: tuple[Reaction, ...] = reactions(TOWN, mails[:cut])
    if cut < len(mails):
        later = datetime.strptime(mails[cut]["Date"], "%a, %d %b %Y %H:%M:%S %z")
        after = reactions(TOWN, mails)
        assert [r for r in before if r.at < later] == [r for r in after if r.at < later]
        assert set(before) <= set(after)


def test_a_site_whose_way_in_stays_open_is_hijacked_again_until_the_next_notice():
    town = plan_town(7, 40, 10)
    site = owner_who(Behaviour.RELAPSE, town)
    first = notice(site)
    repaired, _claimed, again = reactions(town, [first])
    assert (repaired.what, again.what) == (Deed.REPAIRED, Deed.REINFECTED)
    assert 3 * DAY <= again.at - repaired.at < 6 * DAY
    assert site.host in repaired_hosts(town, [first], again.at - timedelta(seconds=1))
    assert site.host not in repaired_hosts(town, [first], again.at)

    second = notice(site, 2, again.at + DAY)
    assert site.host in repaired_hosts(town, [first, second], again.at + 3 * DAY)


def test_a_second_notice_before_the_relapse_does_not_prevent_it():
    town = plan_town(7, 40, 10)
    site = owner_who(Behaviour.RELAPSE, town)
    mails = [notice(site), notice(site, 2, MONDAY + DAY)]
    assert [r.what for r in reactions(town, mails)].count(Deed.REINFECTED) == 1

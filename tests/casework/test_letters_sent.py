"""What a case's letters are made of: the site's own language, the software seen, the arm drawn."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.answers_mail import letter
from tests.support.house import DAWN, HOUR, House, open_house, victim, words
from unhijack.casework import analyst
from unhijack.casework.answers import Desk, Outcome, take
from unhijack.casework.notify import Paper, on_other_ways, sent_by_hand
from unhijack.compose.letter_kinds import Why
from unhijack.core.arms import Arms, check_factors
from unhijack.core.case import Kind, State
from unhijack.core.condition import condition_from_data
from unhijack.core.contact import Contact
from unhijack.core.data import objects
from unhijack.core.errors import WrongUse
from unhijack.lab.town import Gate
from unhijack.wiring.locales import tongue

DAY = timedelta(days=1)
URL = f"http://{victim(Gate.SEARCH_LOCATION).host}/"


def told(house: House) -> str:
    house.report(URL, "search:opening hours")
    house.work()
    (mail,) = house.post.mails
    return f"{mail['Subject']}\n{words(mail)}"


def test_the_journal_has_conditions_by_code_and_what_the_site_is_made_with(tmp_path: Path):
    house = open_house(tmp_path)
    told(house)
    data = next(event.data for event in house.journal() if event.kind is Kind.EXAMINED)

    met = [condition_from_data(one) for one in objects(data["met"])]
    assert [one.text for one in met if one] == data["conditions"]
    assert isinstance(data["made_with"], dict)
    assert data["made_with"]["language"] == "de"


def test_a_letter_is_answered_to_an_address_of_its_own(tmp_path: Path):
    house = open_house(tmp_path)
    told(house)
    (mail,), (letter,) = house.post.mails, house.post.letters

    assert str(mail["Reply-To"]).startswith("notices+")
    assert letter.return_path in ("", str(mail["Reply-To"]))


def test_the_arm_that_was_drawn_decides_how_much_is_said(tmp_path: Path):
    full = told(open_house(tmp_path / "a", arms=Arms({"detail": ("full",)})))
    little = told(open_house(tmp_path / "b", arms=Arms({"detail": ("minimal",)})))

    assert "What we saw" in full
    assert "What we saw" not in little
    assert URL in little


def test_the_arm_that_was_drawn_decides_in_which_language(tmp_path: Path):
    arms = {level: Arms({"language": (level,)}) for level in ("own", "english", "both")}
    own, english, both = (
        told(open_house(tmp_path / level, arms=arm, tongues=tongue)) for level, arm in arms.items()
    )

    assert "Ihre Website schickt" in own
    assert "Your website sends" not in own
    assert "Your website sends" in english
    assert "Ihre Website schickt" not in english
    assert both.index("Ihre Website schickt") < both.index("Your website sends")


def test_the_arm_that_was_drawn_decides_on_html(tmp_path: Path):
    for level, kinds in (("html", ["text/plain", "text/html"]), ("text", ["text/plain"])):
        house = open_house(tmp_path / level, arms=Arms({"letter": (level,)}))
        told(house)
        (mail,) = house.post.mails
        shown = [p.get_content_type() for p in mail.walk() if p.get_content_maintype() == "text"]
        assert shown == kinds


def test_the_arm_that_was_drawn_decides_in_whose_name(tmp_path: Path):
    """And a message that takes it back comes from the same."""
    arms = Arms({"sender": ("police",)})
    house = open_house(tmp_path, arms=arms, senders={"police": "Police of the town"})
    said = told(house)
    analyst.overturn(house.doors, 1, "a test page", "an analyst")
    house.work()

    assert [mail["From"].addresses[0].display_name for mail in house.post.mails] == [
        "Police of the town"
    ] * 2
    assert "Police of the town" in said


def letter_house(tmp_path: Path, *more: Contact) -> House:
    """Owners are told by a letter."""
    host = victim(Gate.SEARCH_LOCATION).host
    owner = Contact("owner", "owner@mail.test", "test", 1.0, independent=True)
    known: dict[str, Sequence[Contact]] = {host: [owner, *more]}
    house = open_house(tmp_path, contacts=known, arms=Arms({"channel": ("letter",)}))
    house.report(URL, "search:opening hours")
    house.work()
    return house


def print_letter(house: House) -> Paper:
    office, case = house.office, house.case()
    paper = on_other_ways(office.doors, office.policy, case, "owner", ("Optik Falk",))
    move = sent_by_hand(office.doors, office.policy, case, paper, b"%PDF-1.7")
    analyst.act(office.doors, case, move)
    return paper


@pytest.mark.usefixtures("wordless")
def test_an_owner_who_is_drawn_to_get_a_letter_gets_no_mail(tmp_path: Path):
    house = letter_house(tmp_path)
    assert house.post.letters == []
    assert (house.case().state, house.case().letter_due) == (State.ATTRIBUTED, "owner")

    paper = print_letter(house)
    house.work(until=DAWN + 20 * HOUR)
    case = house.case()
    assert (case.state, case.letter_due) == (State.NOTIFIED, "")
    assert house.post.letters == []

    answer = letter("CLEAN", to=paper.matter.occasion.answer_to)
    assert take(house.doors, Desk("notices@cert.test"), answer).outcome is Outcome.CLAIMED
    analyst.overturn(house.doors, 1, "a test page", "an analyst")
    house.work()
    assert len(house.post.letters) == 1, "what was said on paper is taken back too"
    house.store.close()


@pytest.mark.usefixtures("wordless")
def test_where_nobody_prints_the_letter_a_mail_is_sent_in_the_end(tmp_path: Path):
    hoster = Contact("hoster", "abuse@hoster.test", "test", 1.0)
    house = letter_house(tmp_path, hoster)
    assert [one.recipient for one in house.post.letters] == ["abuse@hoster.test"]
    house.work(until=DAWN + 26 * HOUR)
    assert [one.recipient for one in house.post.letters][1:] == ["owner@mail.test"]
    house.store.close()


@pytest.mark.usefixtures("wordless")
def test_who_was_told_on_paper_has_their_time_before_others_are_told(tmp_path: Path):
    registrar = Contact("registrar", "abuse@registrar.test", "test", 1.0)
    house = letter_house(tmp_path, registrar)
    house.clock.at = DAWN + 5 * DAY
    print_letter(house)
    house.work(until=DAWN + 5 * DAY + 23 * HOUR)
    assert house.case().rung == 0
    house.work(until=DAWN + 5 * DAY + 25 * HOUR)
    assert house.case().rung == 1
    house.store.close()


@pytest.mark.usefixtures("wordless")
def test_a_letter_to_one_who_answered_does_not_say_that_they_did_not(tmp_path: Path):
    host = victim(Gate.SEARCH_LOCATION).host
    known: dict[str, Sequence[Contact]] = {host: [Contact("owner", "owner@mail.test", "test", 1.0)]}
    house = open_house(tmp_path, contacts=known)
    told(house)
    assert print_letter(house).matter.occasion.why is Why.REMINDER
    answer = letter("What should I do?", to=house.post.letters[0].return_path)
    take(house.doors, Desk("notices@cert.test"), answer)
    assert print_letter(house).matter.occasion.why is Why.FIRST
    house.store.close()


def test_nobody_is_written_to_on_paper_who_is_not_to_be_told(tmp_path: Path):
    house = letter_house(tmp_path)
    analyst.hold(house.doors, 1, DAWN + 9 * DAY, "an inquiry", "police")
    with pytest.raises(WrongUse, match="nobody is to be told"):
        print_letter(house)
    house.store.close()


@pytest.mark.parametrize(
    ("factors", "text"),
    [
        ({"colour": ("red", "blue")}, "'colour' cannot be compared"),
        ({"detail": ("full", "none")}, "detail has no 'none'"),
        ({"sender": ("team", "police")}, "sender has no 'team'"),
    ],
)
def test_what_would_be_drawn_and_change_nothing_is_refused(factors, text):
    with pytest.raises(WrongUse, match=text):
        check_factors(factors, {})
    check_factors({"sender": ("team",)}, {"team": "CERT"})


def test_the_owner_of_a_german_site_is_written_to_in_german(tmp_path: Path):
    said = told(open_house(tmp_path, tongues=tongue))

    assert "schickt manche Besucher" in said
    assert "Ihre Website schickt" in said
    assert "Good day" not in said, "the site says its language, and nothing speaks against it"

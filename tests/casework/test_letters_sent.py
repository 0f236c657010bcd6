"""What a case's letters are made of: the site's own language, the software seen, the arm drawn."""

from pathlib import Path

from tests.support.house import House, open_house, victim, words
from unhijack.core.arms import Arms
from unhijack.core.case import Kind
from unhijack.core.condition import condition_from_data
from unhijack.core.data import objects
from unhijack.lab.town import Gate
from unhijack.wiring.locales import tongue

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


def test_the_owner_of_a_german_site_is_written_to_in_german(tmp_path: Path):
    said = told(open_house(tmp_path, tongues=tongue))

    assert "schickt manche Besucher" in said
    assert "Ihre Website schickt" in said
    assert "Good day" not in said, "the site says its language, and nothing speaks against it"

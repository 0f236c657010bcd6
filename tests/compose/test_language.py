"""The language of a letter: what somebody speaks, what their site says, where it is at home."""

import pytest

from unhijack.compose.language import SPOKEN, Choice, choose
from unhijack.compose.tongue import LANGUAGES


@pytest.mark.parametrize(
    ("contact", "site", "host", "country", "chosen"),
    [
        ("it", "de", "shop.example", "fr", Choice("it", sure=True)),
        ("pt-BR", "", "shop.example", "", Choice("pt", sure=True)),
        ("", "de", "laden.de", "", Choice("de", sure=True)),
        ("", "fr_BE", "winkel.be", "", Choice("fr", sure=True)),
        ("", "tr", "laden.de", "", Choice("tr", sure=False)),
        ("", "sv", "shop.example", "us", Choice("sv", sure=True)),
        ("", "", "negozio.it", "us", Choice("it", sure=True)),
        ("", "", "winkel.be", "", Choice("nl", sure=False)),
        ("", "en", "negozio.it", "", Choice("it", sure=False)),
        ("", "en", "shop.ie", "", Choice("en", sure=True)),
        ("", "", "shop.example", "GR", Choice("el", sure=False)),
        ("", "ja", "shop.example", "", Choice("en", sure=True)),
        ("", "", "", "", Choice("en", sure=True)),
        ("xx", "\0", "negozio.co.uk", "??", Choice("en", sure=True)),
    ],
)
def test_the_language_of_a_letter(contact: str, site: str, host: str, country: str, chosen: Choice):
    assert choose(contact, site, host, country) == chosen


def test_every_language_that_is_spoken_somewhere_is_one_that_letters_are_written_in():
    assert {tag for tags in SPOKEN.values() for tag in tags} <= set(LANGUAGES)
    assert set(LANGUAGES) == {tag for tags in SPOKEN.values() for tag in tags}

"""In which language a site's visitors ask for it."""

import re

import pytest

from unhijack.core.language import ACCEPTED, other_language


@pytest.mark.parametrize(
    ("host", "tag"),
    [
        *(("www.laden.de", "de"), ("shop.at", "de"), ("laden.ch", "de"), ("pekarna.cz", "cs")),
        *(("padaria.com.br", "pt"), ("xn--e1aybc.com.ua", "uk"), ("firin.com.tr", "tr")),
        *(("forno.it", "it"), ("shop.mx", "es"), ("bakery.com", "de"), ("bakery.co.uk", "de")),
        *(("192.0.2.1", "de"), ("brod.dk", "da")),
    ],
)
def test_the_suffix_tells_and_german_is_the_contrast_where_it_does_not(host: str, tag: str):
    assert other_language(host) == tag
    assert tag in ACCEPTED


def test_each_is_written_as_browsers_write_it():
    for tag, text in ACCEPTED.items():
        found = re.fullmatch(r"([a-z]{2})-[A-Z]{2},\1;q=0\.9", text)
        assert found
        assert found[1] == (tag or "en")

"""Redirectors with a good name, borrowed."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.redirectors import through_redirector


@pytest.mark.parametrize(
    "url",
    [
        "https://www.google.com/url?q=http://hop.example/in%3Fx%3D1&sa=D",
        "https://www.google.co.uk/url?sa=t&url=http%3A%2F%2Fhop.example%2Fin%3Fx%3D1",
        "https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cDovL2hvcC5leGFtcGxlL2luP3g9MQ&ntb=1",
        "https://duckduckgo.com/l/?uddg=http%3A%2F%2Fhop.example%2Fin%3Fx%3D1",
        "https://l.facebook.com/l.php?u=http%3A%2F%2Fhop.example%2Fin%3Fx%3D1&h=AT0",
        "https://www.youtube.com/redirect?event=x&q=http%3A%2F%2Fhop.example%2Fin%3Fx%3D1",
    ],
)
def test_the_address_of_a_known_redirector_names_its_target(url: str):
    onward = through_redirector(url)
    assert onward is not None
    assert onward.target == "http://hop.example/in?x=1"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.google.com/search?q=http://hop.example/",
        "https://www.google.com/url?q=bakery",
        "https://www.google.com.evil.example/url?q=http://hop.example/",
        "https://www.bing.com/ck/a?u=a1%%%",
        "https://shop.test/url?q=http://hop.example/",
    ],
)
def test_every_other_address_says_nothing(url: str):
    assert through_redirector(url) is None


@given(st.text(max_size=200), st.sampled_from(["q", "url", "u"]))
def test_any_query_has_an_answer(text: str, name: str):
    found = through_redirector(f"https://www.google.com/url?{name}={quote(text)}")
    assert found is None or found.wrong is None

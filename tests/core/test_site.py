"""Addresses and sites, by the browser's rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.wire import WHEN
from unhijack.core.errors import WrongUse
from unhijack.core.report import MOST_STEPS, Step, StepKind, make_report, parse_step
from unhijack.core.site import (
    NotAnAddress,
    address_to_check,
    brand_of,
    parse_address,
    site_of,
)
from unhijack.core.text import defang, printable


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("example.com", "http://example.com/"),
        ("  https://Example.com/A b ", "https://example.com/A%20b"),
        ("http://user:secret@example.com/#part", "http://example.com/"),
        ("http://example.com:80/", "http://example.com/"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http:\\\\example.com\\x", "http://example.com/x"),
    ],
)
def test_an_address_is_what_a_browser_would_open(text: str, href: str):
    if "://" in text or "\\" not in text:
        assert address_to_check(text).href == href
    assert parse_address(href).href == href


@pytest.mark.parametrize("text", ["", "http://", "http://a b/", "ftp://x/", "x" * 9000])
def test_what_is_no_address_is_refused_in_one_line(text: str):
    with pytest.raises(WrongUse) as caught:
        address_to_check(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(text: str):
    try:
        address = parse_address(text, "http://shop.test/a")
    except NotAnAddress:
        return
    assert address.href.startswith(("http://", "https://"))
    assert address.target.startswith("/")
    assert "@" not in address.authority


@pytest.mark.parametrize(
    ("host", "site", "brand"),
    [
        ("www.shop.co.uk", "shop.co.uk", "shop"),
        ("a.b.shop.test", "shop.test", "shop"),
        ("me.github.io", "me.github.io", "me"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1", "2001:db8::1"),
        ("localhost", "localhost", "localhost"),
    ],
)
def test_a_site_is_what_somebody_registered(host: str, site: str, brand: str):
    assert site_of(host) == site
    assert brand_of(host) == brand


def test_addresses_are_defanged_for_people():
    assert defang("hop.example") == "hop[.]example"
    assert defang("https://a.example/p.html") == "hxxps://a[.]example/p.html"


@given(st.text(max_size=400))
def test_what_people_see_stays_on_its_line_and_moves_no_cursor(text: str):
    shown = printable(text)

    assert len(shown) <= 121
    assert not set(shown) & set("\n\r\t\x1b\x07\x00\u202e\u2066\u200b\ufeff")


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("search:fresh  bread", Step(StepKind.SEARCH, "fresh bread")),
        ("referrer:https://forum.example/t", Step(StepKind.REFERRER, "https://forum.example/t")),
        ("click:http://shop.test", Step(StepKind.CLICK, "http://shop.test/")),
    ],
)
def test_a_pathway_step_is_read(text: str, step: Step):
    assert parse_step(text) == step


@pytest.mark.parametrize(
    "text", ["", "search:", "walk:http://a.test/", "click:ftp://x", "click", ":x"]
)
def test_a_step_that_makes_no_sense_is_refused_by_name(text: str):
    with pytest.raises(WrongUse, match="pathway step"):
        parse_step(text)


def test_a_pathway_has_an_end():
    steps = tuple(Step(StepKind.SEARCH, "x") for _ in range(MOST_STEPS + 1))
    with pytest.raises(WrongUse, match="at most"):
        make_report(parse_address("http://shop.test/"), steps, WHEN, "citizen")

"""What a page links to, and what it says instead of a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.evidence import Notice
from unhijack.parse.links import SMALL, inner_link, notice_of, outward_links


def test_links_to_other_sites_are_counted_by_their_registrable_domain():
    body = (
        b"<a href='http://a.one.test/x'>1</a><a href=//two.test>2</a><link href=\"https://one.test/\">"
        b"<a href=/own>3</a><a href='http://www.bakery.test/'>4</a><a href='mailto:x@three.test'>5</a>"
    )
    assert outward_links(body, "bakery.test") == {"one.test", "two.test"}


@pytest.mark.parametrize(
    "body",
    [
        b"<script>if(screen.width<600){location.href='http://bad.test/in';}</script>",
        b"<p>ours<script type=x>a='<a href=\"http://bad.test/\">'</script><p>",
        b"<script>location.href='//bad.test/'",
        b"<body onload=\"location.href='http://bad.test/in'\">",
    ],
)
def test_where_a_script_goes_is_no_link(body: bytes):
    assert outward_links(body, "bakery.test") == set()
    assert outward_links(b"<a href=//a.test>1</a>" + body, "bakery.test") == {"a.test"}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (
            b"<a href=/home>1</a><a href='/about'>2</a><a class=c href=\"/news\">3</a><a href=/x>4",
            "/news",
        ),
        (b"<a href=/>home</a><a href='#top'>up</a><a href=about.html>us</a>", "about.html"),
        (
            b"<a href='//other.test/'>1</a><a href=javascript:x()>2</a><a href=mailto:a@b.test>3</a>",
            None,
        ),
        (b"<link href=/style.css>", None),
    ],
)
def test_a_page_of_the_site_itself_is_found_among_its_links(body: bytes, found: str | None):
    assert inner_link(body) == found


@pytest.mark.parametrize(
    ("body", "status", "notice"),
    [
        (b"<title>just a moment...</title>", 403, Notice.CHALLENGE),
        (b"please complete the captcha", 200, Notice.CHALLENGE),
        (b"please complete the captcha" + b" " * SMALL, 200, None),
        (b"<script src=//host.test/recaptcha.js></script><form>", 200, None),
        (b"we are back soon", 503, Notice.MAINTENANCE),
        (b"we are back soon", 200, None),
        (b"forbidden", 403, None),
    ],
)
def test_a_page_that_is_no_page_says_so(body: bytes, status: int, notice: Notice | None):
    assert notice_of(body, status) is notice


@given(st.binary(max_size=500))
def test_any_bytes_have_an_answer(noise: bytes):
    body = b"<a href=" + noise
    assert isinstance(outward_links(body.lower(), "bakery.test"), frozenset)
    assert inner_link(body) is None or inner_link(body)

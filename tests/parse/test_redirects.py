"""Where a response sends its visitor, branch by branch of the rules that browsers follow."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.evidence import Via
from unhijack.core.site import LONGEST_URL, parse_address
from unhijack.parse.html import PageParts, read_page
from unhijack.parse.redirects import LONGEST_DELAY, Redirect, from_headers, from_page, parse_refresh

PAGE = "http://shop.example/a/b?c"
SLOW = 2.0
"""Seconds of CPU that a hostile input may take on a slow machine; it takes a tenth of that here."""


def meta(*contents: str, base: str | None = None, early: int = 0) -> Redirect | None:
    return from_page(PAGE, PageParts(base, contents, early, (), too_deep=False))


# The algorithm is https://html.spec.whatwg.org/#shared-declarative-refresh-steps.
# Text None stands for the document itself, a row's third column None for "the standard gives up".
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # a number must come first, or a point
        ("", None),
        (" ", None),
        ("x", None),
        ("url=x", None),
        (";url=x", None),
        (",x", None),
        ("-1;url=x", None),
        ("+1;url=x", None),
        ("e1;x", None),
        ("'0';url=x", None),
        ("\N{ARABIC-INDIC DIGIT ONE};url=x", None),
        ("\N{FULLWIDTH DIGIT ONE};url=x", None),
        ("\N{SUPERSCRIPT TWO};url=x", None),
        ("\N{NO-BREAK SPACE}1;url=x", None),
        ("\v1;url=x", None),
        ("0", (0, None)),
        ("5", (5, None)),
        ("007", (7, None)),
        (" \t\n\f\r 5", (5, None)),
        (".", (0, None)),
        (".5", (0, None)),
        ("...", (0, None)),
        (".;url=x", (0, "x")),
        # what follows a point is passed over
        ("1.9", (1, None)),
        ("1.9;url=x", (1, "x")),
        ("1.2.3.4 x", (1, "x")),
        ("1..;x", (1, "x")),
        (". x", (0, "x")),
        # the separator: one of ; , or whitespace, with whitespace round it
        ("0;", (0, None)),
        ("0,", (0, None)),
        ("0 ", (0, None)),
        ("0 ; ", (0, None)),
        ("0;x", (0, "x")),
        ("0,x", (0, "x")),
        ("0 x", (0, "x")),
        ("0\tx", (0, "x")),
        ("0\n;\nx", (0, "x")),
        ("0  ,  x", (0, "x")),
        ("0;;x", (0, ";x")),
        ("0;,x", (0, ",x")),
        ("0 ; ;x", (0, ";x")),
        ("0x", None),
        ("0/x", None),
        ("0url=x", None),
        ("0:x", None),
        ("0'x'", None),
        ("0\vx", None),
        ("0\N{NO-BREAK SPACE}x", None),
        ("1e3;x", None),
        # "url" and "=", or an address at once
        ("0;url=x", (0, "x")),
        ("0;URL=x", (0, "x")),
        ("0;uRl=x", (0, "x")),
        ("0 url=x", (0, "x")),
        ("0;url =x", (0, "x")),
        ("0;url= x", (0, "x")),
        ("0;url\t=\nx", (0, "x")),
        ("0; url = x", (0, "x")),
        ("0;url", (0, "url")),
        ("0;url ", (0, "url ")),
        ("0;urlx", (0, "urlx")),
        ("0;url x", (0, "url x")),
        ("0;ur=x", (0, "ur=x")),
        ("0;u", (0, "u")),
        ("0;u'x'", (0, "u'x'")),
        ("0;U'x'", (0, "U'x'")),
        ("0;url==x", (0, "=x")),
        ("0;url=", (0, "")),
        ("0;url=url=x", (0, "url=x")),
        ("0;uri=x", (0, "uri=x")),
        # quotes end at their like, and nowhere else
        ("0;url='x'", (0, "x")),
        ('0;url="x"', (0, "x")),
        ("0;url='x", (0, "x")),
        ("0;url='x'y", (0, "x")),
        ("0;url='x\"y'z", (0, 'x"y')),
        ("0;url=''", (0, "")),
        ("0;url='", (0, "")),
        ("0;url= ' x '", (0, " x ")),
        ("0;'x'", (0, "x")),
        ('0;"x" ', (0, "x")),
        ("0;'url=x'", (0, "url=x")),
        ("0;url=x'y'", (0, "x'y'")),
        ("0;url=`x`", (0, "`x`")),
    ],
)
def test_the_refresh_algorithm(content: str, expected: tuple[float, str | None] | None):
    assert parse_refresh(content) == expected


def test_a_meta_refresh_is_resolved_like_a_link():
    assert meta("0;url=//bad.test/x") == Redirect("http://bad.test/x", Via.META, 0.0, None)
    assert meta("3; url=next") == Redirect("http://shop.example/a/next", Via.META, 3.0, None)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("/x", "http://shop.example/x"),
        ("?q", "http://shop.example/a/b?q"),
        ("", PAGE),
        ("#part", PAGE),
        ("\\\\bad.test\\x", "http://bad.test/x"),
        ("/\\bad.test", "http://bad.test/"),
        ("ht\ttp://bad\n.test/", "http://bad.test/"),
        (" http://bad.test/ ", "http://bad.test/"),
        ("HTTP:bad.test", "http://shop.example/a/bad.test"),
        ("https:bad.test", "https://bad.test/"),
        ("http://BAD.test/\N{SNOWMAN}", "http://bad.test/%E2%98%83"),
        ("http://b\N{LATIN SMALL LETTER U WITH DIAERESIS}d.test/", "http://xn--bd-xka.test/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://user:word@bad.test/", "http://bad.test/"),
    ],
)
def test_addresses_are_read_as_browsers_read_them(text: str, target: str):
    redirect = meta(f"0;url={text}")
    assert redirect is not None
    assert (redirect.target, redirect.wrong) == (target, None)


def test_a_refresh_without_address_is_returned_with_the_page_itself():
    assert meta("30") == Redirect(PAGE, Via.META, 30.0, None)


def test_the_first_refresh_that_parses_wins():
    both = meta("url=//none.test/", "x", "5;url=http://[bad", "4;//first.test/", "0;//second.test/")
    assert both == Redirect("http://first.test/", Via.META, 4.0, None)


def test_a_javascript_address_is_passed_over_as_in_browsers():
    assert meta("0;url=javascript:alert(1)") is None
    assert meta("0;url= JaVa\tScript:x", "1;//bad.test/") == Redirect(
        "http://bad.test/", Via.META, 1.0, None
    )


@pytest.mark.parametrize(
    "text", ["data:text/html,x", "mailto:a@shop.example", "file:///etc/passwd"]
)
def test_another_scheme_is_reported_and_not_followed(text: str):
    redirect = meta(f"0;url={text}", "0;//later.test/")
    assert redirect is not None
    assert redirect.target == text
    assert redirect.wrong == f"scheme {text.partition(':')[0]!r} is not http or https"


def test_a_base_counts_for_the_refreshes_after_it_alone():
    assert meta("0;url=x", base="//bad.test/y/") == Redirect(
        "http://bad.test/y/x", Via.META, 0.0, None
    )
    before = meta("0;url=x", base="//bad.test/y/", early=1)
    assert before is not None
    assert before.target == "http://shop.example/a/x"
    itself = meta("0", base="//bad.test/")
    assert itself is not None
    assert itself.target == PAGE


@pytest.mark.parametrize("base", ["javascript:1", "data:,", "http://[", ""])
def test_a_base_that_is_none_does_not_count(base: str):
    redirect = meta("0;url=x", base=base)
    assert redirect is not None
    assert redirect.target == "http://shop.example/a/x"


def test_base_and_refresh_in_a_page():
    after = b"<base target=x><base href=//bad.test/><base href=/c/><meta http-equiv=refresh content=1;x>"
    before = b"<meta http-equiv=refresh content=1;x><base href=//bad.test/>"
    found = [from_page(PAGE, read_page(page, None)) for page in (after, before)]
    assert [r and r.target for r in found] == ["http://bad.test/x", "http://shop.example/a/x"]


# Headers


def headers(**values: bytes) -> tuple[tuple[str, bytes], ...]:
    return tuple(values.items())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_location_is_followed(status: int):
    found = from_headers(PAGE, status, headers(Location=b"//bad.test/"))
    assert found == Redirect("http://bad.test/", Via.LOCATION, 0.0, None)


@pytest.mark.parametrize("status", [100, 200, 201, 204, 300, 304, 305, 306, 309, 399, 404, 503])
def test_a_location_with_another_status_is_not(status: int):
    assert from_headers(PAGE, status, headers(Location=b"//bad.test/")) is None


@pytest.mark.parametrize("status", [200, 203, 300, 403, 404, 500, 503])
def test_a_refresh_header_counts_where_the_answer_is_shown(status: int):
    found = from_headers(PAGE, status, headers(refresh=b"2; url='x'"))
    assert found == Redirect("http://shop.example/a/x", Via.REFRESH, 2.0, None)


@pytest.mark.parametrize("status", [100, 204, 205, 304])
def test_a_refresh_header_counts_nowhere_else(status: int):
    assert from_headers(PAGE, status, headers(refresh=b"0;x")) is None


def test_a_location_comes_before_a_refresh():
    both = headers(refresh=b"0;//second.test/", location=b"//first.test/")
    found = from_headers(PAGE, 302, both)
    assert found is not None
    assert found.target == "http://first.test/"
    shown = from_headers(PAGE, 302, headers(refresh=b"0;//second.test/"))
    assert shown is not None
    assert shown.via is Via.REFRESH


def test_of_several_locations_the_first_that_is_not_empty():
    several = (("location", b" "), ("LOCATION", b"/one"), ("Location", b"/two"))
    found = from_headers(PAGE, 302, several)
    assert found is not None
    assert found.target == "http://shop.example/one"
    assert from_headers(PAGE, 302, headers(location=b"")) is None


@pytest.mark.parametrize(
    ("value", "target"),
    [
        (b" \t/x ", "http://shop.example/x"),
        (b"x", "http://shop.example/a/x"),
        (b"\\\\bad.test\\x", "http://bad.test/x"),
        (b"ht\ttp://bad.test/", "http://bad.test/"),
        ("/\N{SNOWMAN}".encode(), "http://shop.example/%E2%98%83"),
        (b"/caf\xe9?\xe9", "http://shop.example/caf%E9?%E9"),
        ("//b\N{LATIN SMALL LETTER U WITH DIAERESIS}d.test/".encode(), "http://xn--bd-xka.test/"),
    ],
)
def test_the_bytes_of_a_location_are_kept_as_browsers_keep_them(value: bytes, target: str):
    found = from_headers(PAGE, 302, headers(location=value))
    assert found is not None
    assert (found.target, found.wrong) == (target, None)


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        (b"javascript:alert(1)", "scheme 'javascript' is not http or https"),
        (b"ftp://bad.test/", "scheme 'ftp' is not http or https"),
        (b"http://", "does not parse as a web address"),
        (b"http://a b/", "does not parse as a web address"),
        (b"/" + b"x" * 9000, f"longer than {LONGEST_URL} characters"),
    ],
)
def test_a_location_that_leads_nowhere_says_why(value: bytes, wrong: str):
    found = from_headers(PAGE, 302, headers(location=value))
    assert found is not None
    assert found.wrong == wrong
    assert len(found.target) <= LONGEST_URL


# Hostile values


@pytest.mark.parametrize(
    "content",
    [
        "9" * 2_000_000,
        "0" * 2_000_000,
        "0" + "." * 2_000_000,
        " " * 2_000_000,
        "0" + ";" * 2_000_000,
        "0;url" + " " * 2_000_000,
        "0;url='" + '"' * 2_000_000,
        "0;" + "\t" * 2_000_000 + "x",
    ],
    ids=lambda content: content[:8].strip() or "space",
)
def test_long_values_take_no_time(content: str):
    start = time.process_time()
    parse_refresh(content)
    meta(content)
    assert time.process_time() - start < SLOW


def test_a_delay_of_thousands_of_digits_is_a_number():
    redirect = meta("9" * 10_000 + ";x")
    assert redirect is not None
    assert redirect.delay == LONGEST_DELAY


refreshes = st.text() | st.text(alphabet="0159.;, \t'\"uURrLl=/\\:htpb#?xjavscrit\N{SNOWMAN}")


def is_sound(redirect: Redirect | None) -> bool:
    if redirect is None:
        return True
    followed = redirect.wrong is not None or parse_address(redirect.target).href == redirect.target
    return followed and 0 <= redirect.delay <= LONGEST_DELAY


@given(st.lists(refreshes, max_size=3), st.none() | st.text(), st.integers(0, 3))
def test_whatever_a_page_says_the_target_is_absolute(
    contents: list[str], base: str | None, early: int
):
    assert is_sound(meta(*contents, base=base, early=early))


names = st.sampled_from(["location", "Location", "REFRESH", "refresh", "x"])


@given(st.integers(-1, 999), st.lists(st.tuples(names, st.binary()), max_size=4))
def test_whatever_headers_say_the_target_is_absolute(status: int, fields: list[tuple[str, bytes]]):
    assert is_sound(from_headers(PAGE, status, tuple(fields)))

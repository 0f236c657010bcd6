"""Mailboxes and imprint links of a page, also where they are veiled a little."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.contact import is_mailbox
from unhijack.core.site import parse_address, site_of
from unhijack.parse.imprint import read_imprint

URL = "https://www.bakery.test/index.html"


def mails(text: str, most: int = 5) -> tuple[str, ...]:
    return read_imprint(text.encode(), b"text/html; charset=utf-8", URL, most).mailboxes


def links(text: str) -> tuple[str, ...]:
    return read_imprint(text.encode(), b"text/html; charset=utf-8", URL).links


@pytest.mark.parametrize(
    "written",
    [
        "<a href='mailto:info@bakery.test?subject=Hi'>write</a>",
        "<a href=mailto:info%40bakery.test>write</a>",
        "<a href='&#109;ailto:x'></a> info&#64;bakery.test",
        "<p>Mail: info@bakery.test.</p>",
        "<p>info (at) bakery (dot) test</p>",
        "<p>info [at] bakery.test</p>",
        "<p>info{at}bakery{punkt}test</p>",
        "<p>info AT bakery DOT test</p>",
        "<p>info(@)bakery.test</p>",
        "<p>info<b>@</b>bakery.test</p>".replace("<b>", "").replace("</b>", ""),
        "<p>info [arroba] bakery [punto] test</p>",
        "<a class=x data-cfemail='4b22252d240b292a202e393265 3f2e383f'></a>".replace(" ", ""),
        "<a href='/cdn-cgi/l/email-protection#4b22252d240b292a202e3932653f2e383f'></a>",
    ],
)
def test_a_mailbox_is_found_as_people_write_it(written: str):
    assert mails(written) == ("info@bakery.test",)


@pytest.mark.parametrize(
    "written",
    [
        "<p>meet us at bakery.test tomorrow</p>",
        "<img src=logo@2x.png>",
        "<p>logo@2x.png</p>",
        "<script>var a = 'info@bakery.test'</script>",
        "<!-- info@bakery.test -->",
        "<style>@import url(a@b.test)",
        "<p>@bakery</p>",
        "<a href='mailto:a@b.test%0aBcc:c@d.test'></a>",
        "<p>noreply@bakery.test</p>",
    ],
)
def test_what_is_no_mailbox_is_none(written: str):
    assert mails(written) == ()


@pytest.mark.parametrize(
    ("href", "shown"),
    [
        ("/impressum", "Impressum"),
        ("/kontakt.html", ""),
        ("/p7", "<span>Kontakt</span>"),
        ("/p7", "Επικοινωνία"),
        ("/p7", "Контакти"),
        ("/p7", "Ota yhteyttä: yhteystiedot"),
        ("/p7", "Mentions légales"),
        ("/p7", "Contatti"),
        ("/p7", "Kapcsolat"),
        ("/p7", "Контакты"),
        ("/p7", "İletişim"),
        ("/p7", "اتصل بنا"),
        ("/p7", "Kuntatt"),
        ("/p7", "Teagmháil"),
        ("/%D0%BA%D0%BE%D0%BD%D1%82%D0%B0%D0%BA%D1%82%D0%B8", "x"),
    ],
)
def test_imprint_and_contact_pages_are_known_in_many_languages(href: str, shown: str):
    (found,) = links(f"<a class=menu href='{href}'>{shown}</a>")

    assert found.startswith("https://www.bakery.test/")


def test_an_imprint_comes_before_a_contact_page_and_other_sites_do_not_come():
    found = links(
        "<a href=/kontakt>x</a><a href='https://evil.test/impressum'>x</a><a href='/impressum'>x</a>"
        "<a href='javascript:alert(1)'>Impressum</a>"
    )

    assert found == ("https://www.bakery.test/impressum", "https://www.bakery.test/kontakt")


def test_language_and_accounts_are_read():
    page = b"<html lang='de-AT'><script>ga('create','UA-1234567-1')</script>"
    found = read_imprint(page, None, URL)

    assert (found.language, found.accounts) == ("de", ("UA-1234567",))


def test_at_most_so_many():
    assert len(mails(" ".join(f"a{n}@bakery.test" for n in range(500)), most=3)) == 3


@pytest.mark.parametrize(
    "piece",
    [
        *("<a ", "<a href=", '<a href="', "<", "@", "a@", "a@b.", " (at) ", "mailto:", "<script"),
        *("<!--", "&#64;", "[at][dot]", "<a href=x href=x ", "data-cfemail=", "<html lang=", "İ"),
    ],
)
def test_a_megabyte_of_anything_is_read_in_a_moment(piece: str):
    body = (piece * (1024 * 1024 // len(piece.encode()))).encode()
    began = time.monotonic()
    read_imprint(body, None, URL)

    assert time.monotonic() - began < 3.0


PIECES = [
    "<a href=",
    "/impressum",
    ">",
    "mailto:",
    "a@b.test",
    " (at) ",
    "<!--",
    "-->",
    "İ",
    "&#64;",
]


@given(
    st.binary(max_size=1500) | st.lists(st.sampled_from(PIECES)).map(lambda p: "".join(p).encode())
)
def test_any_bytes_give_plain_mailboxes_and_the_sites_own_links(body: bytes):
    found = read_imprint(body, None, URL)

    assert all(is_mailbox(mail) and mail.isascii() for mail in found.mailboxes)
    assert all(site_of(parse_address(link).host) == "bakery.test" for link in found.links)

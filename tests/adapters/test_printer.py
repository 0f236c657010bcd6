"""Letters on paper: a real PDF, read back; and nothing fetched for it."""

import shutil
import subprocess
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.support.letters import HEAD, matter
from unhijack.adapters.printer import MOST_CHARACTERS, WeasyPrinter
from unhijack.compose.letter import certified, on_paper
from unhijack.compose.letter_kinds import Manner, Reader
from unhijack.core.errors import WrongUse
from unhijack.wiring.locales import tongue

SHOP = Reader("info@bakery.test", postal=("Bäckerei Lindner", "Hauptstraße 5", "10115 Berlin"))
needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext is not installed (poppler-utils)"
)


def printed(tag: str, *, english_below: bool = False) -> bytes:
    manner = Manner(tongue(tag), english_below)
    return WeasyPrinter().pdf(on_paper(matter(), HEAD, SHOP, manner))


def words(pdf: bytes, *options: str) -> str:
    done = subprocess.run(
        ["pdftotext", "-layout", *options, "-", "-"], input=pdf, capture_output=True, check=True
    )
    return done.stdout.decode().replace("\u202f", " ")


@needs_poppler
@pytest.mark.parametrize("tag", ["en", "de", "el", "uk"])
def test_a_letter_is_printed_with_everything_that_paper_needs(tag: str):
    text = words(printed(tag))

    for needed in (
        *("CERT of the town", "Market Square 1", "12345 Town"),
        *SHOP.postal,
        "kqzvmtrwxp",
        tongue(tag).day(matter().occasion.written_at).replace("\u202f", " "),
        "http://bakery.test/",
        "hop[.]example",
        "notices+kqzvmtrwxp-1-0123456789abcdef@cert.test",
        tongue(tag).text("Page {page} of {pages}", page="1", pages="3"),
    ):
        assert needed in text, needed


@needs_poppler
def test_the_address_stands_where_the_window_of_an_envelope_is():
    """20 to 105 mm from the left, 45 to 90 mm from the top (DIN 5008, form B), in points."""
    millimetre = 72 / 25.4
    inside = [str(round(x * millimetre)) for x in (20, 45, 85, 45)]
    window = words(printed("en"), "-l", "1", *(
        part for pair in zip(("-x", "-y", "-W", "-H"), inside, strict=True) for part in pair
    ))  # fmt: skip

    for line in SHOP.postal:
        assert line in window
    assert "visitors" not in window


def test_arabic_keeps_addresses_from_left_to_right():
    """The printer knows no isolation, so marks stand round each value; a reader of PDF skips them."""
    page = on_paper(matter(), HEAD, SHOP, Manner(tongue("ar")))

    for whole in ("http://bakery.test/", "12345 Town", "+49 30 123456", "hop[.]example"):
        assert f"\u200e{whole}\u200e" in page
    assert "\u200e" not in on_paper(matter(), HEAD, SHOP)


@needs_poppler
def test_english_follows_on_a_page_of_its_own():
    pages = words(printed("it", english_below=True)).split("\f")

    first = next(n for n, page in enumerate(pages) if "Good day" in page)
    assert first > 0
    assert "Good day" in pages[first][:200]


def test_certified_mail_carries_it():
    message = certified(matter(), HEAD, SHOP, printed("it"), Manner(tongue("it")))
    assert b"application/pdf" in message


@pytest.mark.parametrize(
    "place", ['<img src="{}">', "<style>@import '{}';</style>", '<a href="{}">x</a>']
)
def test_nothing_is_fetched_whatever_the_page_says(place: str):
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

        def log_message(self, *_: object) -> None:
            """Not a word."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for address in (f"http://127.0.0.1:{server.server_port}/x", "file:///etc/hostname"):
            page = f"<p>{place.format(address)}</p>"
            if place.startswith("<a"):
                assert WeasyPrinter().pdf(page).startswith(b"%PDF-")
            else:
                with pytest.raises(WrongUse, match="names no address"):
                    WeasyPrinter().pdf(page)
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


def test_a_page_without_end_is_not_printed():
    with pytest.raises(WrongUse, match="not printed"):
        WeasyPrinter().pdf("x" * (MOST_CHARACTERS + 1))


def test_a_hostile_recipient_is_text():
    whom = replace(SHOP, postal=("<img src=http://evil.test/>", "\u202eevil", *("line",) * 20))
    page = on_paper(matter(), HEAD, whom)

    assert "<img" not in page
    assert "\u202e" not in page
    assert page.count("line</bdi>") == 5

"""What a site says that it is made with."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.makeup import Makeup, makeup_of, together


@pytest.mark.parametrize(
    ("headers", "body", "made"),
    [
        (
            [("server", b"Apache/2.4.57 (Debian)"), ("x-powered-by", b"PleskLin")],
            b'<html lang="de-AT"><link href="/wp-content/themes/x/style.css">',
            Makeup("wordpress", "apache", "plesk", "de"),
        ),
        (
            [("server", b"nginx")],
            b'<!doctype html><HTML class=x LANG=fr><meta name="generator" content="Joomla! - CMS">',
            Makeup("joomla", "nginx", "", "fr"),
        ),
        ([("x-generator", b"Drupal 10")], b"", Makeup("drupal")),
        ([], b'<meta name=generator content="TYPO3 CMS">', Makeup("typo3")),
        ([], b"<script>var prestashop = {}</script>", Makeup("prestashop")),
        ([], b'<script src="catalog/view/javascript/x.js">', Makeup("opencart")),
        ([], b'<div data-mage-init="{}">', Makeup("magento")),
        ([("server", b"Microsoft-IIS/10.0")], b"<p>plain</p>", Makeup(server="iis")),
        ([], b"<p>I like WordPress and Joomla</p>", Makeup()),
    ],
)
def test_what_a_site_is_made_with(headers: list[tuple[str, bytes]], body: bytes, made: Makeup):
    assert makeup_of(headers, body) == made


def test_answers_complete_each_other_and_the_first_one_wins():
    found = together([Makeup(server="nginx"), Makeup("drupal", "apache", language="it")])
    assert found == Makeup("drupal", "nginx", "", "it")


@given(st.lists(st.tuples(st.text(max_size=20), st.binary(max_size=50))), st.binary(max_size=500))
def test_any_bytes_will_do(headers: list[tuple[str, bytes]], body: bytes):
    made = makeup_of(headers, b"<html lang=" + body + b'<meta name="generator"' + body)
    assert all(text.isascii() for text in (made.cms, made.server, made.panel, made.language))


@pytest.mark.parametrize(
    "piece", [b"<meta ", b"<html ", b"<html lang =", b'<meta name="generator" ']
)
def test_pages_that_repeat_themselves_cost_no_time(piece: bytes):
    body = piece * (2_000_000 // len(piece))
    begin = time.process_time()
    makeup_of([], body)
    assert time.process_time() - begin < 1

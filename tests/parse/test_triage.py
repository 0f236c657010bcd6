"""The triage of scripts: ordinary ones in peace, gates to be looked at. Nothing here is real."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.evidence import Script
from unhijack.parse.html import read_page
from unhijack.parse.triage import NEAR, script_marks, would_decide

HOME = "shop.example"
PAGE = "https://www.shop.example/a/"
SIZE = 2 * 1024 * 1024
SLOW = 2.0
"""Seconds of CPU on a slow machine; the slowest takes a quarter of that here."""

SCRIPTS = Path(__file__).parent / "golden" / "scripts"
ORDINARY = sorted((SCRIPTS / "ordinary").iterdir())
GATES = sorted((SCRIPTS / "gates").iterdir())


@pytest.mark.parametrize("path", ORDINARY, ids=lambda path: path.stem)
def test_ordinary_scripts_are_left_in_peace(path: Path):
    assert not would_decide(path.read_text(), HOME)


@pytest.mark.parametrize("path", GATES, ids=lambda path: path.stem)
def test_gates_are_to_be_run(path: Path):
    assert would_decide(path.read_text(), HOME)


def test_the_golden_folders_are_not_empty():
    assert len(ORDINARY) >= 20
    assert len(GATES) >= 15


@pytest.mark.parametrize(
    "text",
    [
        "if (document.referrer) x()",
        "location.href = 'https://bad.test/'",
        "document.referrer; 'https://bad.test/'",
        "document.referrer; location.href = '/own'",
        "document.referrer; if (location == 'https://bad.test/') x()",
        "document.referrer; location.href => 'https://bad.test/'",
        "document.referrer; location.href = x // see https://bad.test/",
        "document.referrer; location.href = 'https://m.shop.example/'",
        "document.referrer; location.href = '//shop.example'",
    ],
)
def test_each_of_the_three_marks_is_needed(text: str):
    assert not would_decide(text, HOME)


def test_the_marks_stand_near_each_other():
    gate = "if (document.referrer) {}%s location.href = 'https://bad.test/'"
    assert would_decide(gate % (" " * (NEAR // 2)), HOME)
    assert not would_decide(gate % (" " * 2 * NEAR), HOME)


def test_home_is_a_registrable_domain():
    gate = "if (document.referrer) location.href = 'https://a.bad.test/'"
    assert would_decide(gate, HOME)
    assert not would_decide(gate, "bad.test")


# As evidence


def marks(page: str) -> tuple[Script, ...]:
    return script_marks(read_page(page.encode(), None), PAGE, HOME)


def test_inline_scripts_are_known_by_their_text():
    gate = "if (document.referrer) location = '//bad.test/'"
    assert marks(f"<script>{gate}</script><script>x</script>") == (
        Script(None, would_decide=True),
        Script(None, would_decide=False),
    )


def test_loaded_scripts_are_known_by_their_address():
    page = "<script src='x.js'></script><base href=//cdn.test/><script src=' x.js#a '>y</script>"
    assert marks(page) == (
        Script("www.shop.example", would_decide=False),
        Script("cdn.test", would_decide=False),
    )


def test_a_source_that_is_no_address_has_no_host():
    assert marks("<script src=data:,x></script>") == (Script(None, would_decide=False),)


def test_what_a_browser_does_not_run_is_no_evidence():
    gate = "document.referrer; location = '//bad.test/'"
    assert marks(f"<script type=application/ld+json>{gate}</script><script src></script>") == ()
    assert marks(f"<script nomodule>{gate}</script><template><script>x</script></template>") == ()


# Hostile texts

WORDS = (
    *("document.referrer", "document.referrer ", "location.href=", "location ", "atob(", "eval("),
    *(
        '"http://a.b/',
        "'//a.test'",
        "\\x41",
        "%41",
        "12,",
        "_0x1a",
        "navigator ",
        "document.write(",
    ),
    *(
        "document.write(<scr",
        "referrer.",
        "test(",
        "new ",
        ".reverse().",
        "http-equiv",
        "a",
        " ",
        '"',
    ),
    *(
        "var a = document.referrer ",
        "createElement(",
        "screen .",
        "//a.",
        "'//a-",
        "\n",
        "window . ",
    ),
    "document.referrer;location='//a.test';createElement('script');android;",
)


@pytest.mark.parametrize("word", WORDS, ids=repr)
def test_repeated_words_take_no_time(word: str):
    text = "document.referrer;eval;" + word * (SIZE // len(word))
    start = time.process_time()
    would_decide(text, HOME)
    assert time.process_time() - start < SLOW


@given(st.text() | st.lists(st.sampled_from(WORDS)).map("".join), st.text(max_size=20))
def test_any_text_is_judged(text: str, home: str):
    assert would_decide(text, home) in {True, False}


@given(st.binary(), st.text(alphabet="<>script=\"' /:.datab\n", max_size=60))
def test_any_page_has_marks(raw: bytes, text: str):
    page = b"<script>" + raw + b"</script>" + text.encode() + b"<script src='" + raw + b"'>"
    for mark in script_marks(read_page(page, None), PAGE, HOME):
        assert mark.host or mark.host is None

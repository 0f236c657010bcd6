"""What of a page can send a visitor elsewhere, and that the quick ways see no less than the full."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from unhijack.parse import reduce
from unhijack.parse.charset import as_utf8
from unhijack.parse.html import (
    MOST_REFRESHES,
    MOST_SCRIPTS,
    PageParts,
    may_redirect,
    may_refresh,
    read_page,
)

FIRES = "0;url=//bad.test/"
PLAIN = f"<meta http-equiv=refresh content='{FIRES}'>"


def refreshes(page: str | bytes, content_type: bytes | None = None) -> tuple[str, ...]:
    body = page.encode() if isinstance(page, str) else page
    return read_page(body, content_type).refreshes


@pytest.mark.parametrize(
    "page",
    [
        PLAIN,
        f"<META HTTP-EQUIV=REFRESH CONTENT='{FIRES}'>",
        f"<meta\nhttp-equiv\n=\n'refresh'\ncontent='{FIRES}'/>",
        f"<meta/http-equiv='refresh'/content='{FIRES}'>",
        f"<meta content='{FIRES}' http-equiv=\"rEfReSh\">",
        f"<meta http-equiv=&#114;efresh content='{FIRES}'>",
        f"<meta http-equiv='&#x72;&#101;fres&#104;' content='{FIRES}'>",
        f"<meta http-equiv=refresh http-equiv=x content='{FIRES}'>",
        "<meta http-equiv=refresh content=0&semi;url&equals;&#47;/bad.test/>",
        f"<p>text<div>{PLAIN}",
        f"<body><table>{PLAIN}",
        f"<svg>{PLAIN}",
        f"<svg><style>{PLAIN}",
        f"<svg><title>{PLAIN}",
        f"<!-->{PLAIN}-->",
        f"<!--x--!>{PLAIN}",
        f"<!x>{PLAIN}",
        f"<a title='>'>{PLAIN}",
        f"<script>'<!--<script>'</script>--></script>{PLAIN}",
        f"</noscript>{PLAIN}",
    ],
)
def test_what_fires_is_found(page: str):
    assert refreshes(page) == (FIRES,)
    assert refreshes("<i></i>" * reduce.PLAIN_TAGS + page) == (FIRES,), "reduced"


@pytest.mark.parametrize(
    "page",
    [
        f"<noscript>{PLAIN}</noscript>",
        f"<body><noscript>{PLAIN}</noscript>",
        f"<template>{PLAIN}</template>",
        f"<template><template></template>{PLAIN}</template>",
        f"<!--{PLAIN}-->",
        f"<!--{PLAIN}",
        f"<title>{PLAIN}</title>",
        f"<textarea>{PLAIN}</textarea>",
        f"<style>{PLAIN}</style>",
        f"<script>{PLAIN}</script>",
        f"<script>'<!--<script>'</script>{PLAIN}--></script>",
        f"<iframe>{PLAIN}</iframe>",
        f"<xmp>{PLAIN}</xmp>",
        f"<noembed>{PLAIN}</noembed>",
        f"<noframes>{PLAIN}</noframes>",
        f"<noscript><!--</noscript>--{PLAIN.replace('>', '')}",
        f'<a title="{PLAIN}">',
        f"<a {PLAIN.replace('<', '').replace('>', '')}>",
        f"<metal http-equiv=refresh content='{FIRES}'>",
        f"<link http-equiv=refresh content='{FIRES}'>",
        "<meta http-equiv=refresh>",
        "<meta http-equiv=refresh content>",
        "<meta http-equiv=refresh content=''>",
        f"<meta http-equiv=' refresh' content='{FIRES}'>",
        f"<meta http-equiv='refresh ' content='{FIRES}'>",
        f"<meta http-equiv=refre&#x17F;h content='{FIRES}'>",
        f"<meta http-equiv=\N{FULLWIDTH LATIN SMALL LETTER R}efresh content='{FIRES}'>",
        f"<meta http&#45;equiv=refresh content='{FIRES}'>",
        f"<meta http-equiv=x http-equiv=refresh content='{FIRES}'>",
        f"<meta name=refresh content='{FIRES}'>",
        f"&lt;meta http-equiv=refresh content='{FIRES}'&gt;",
    ],
)
def test_what_does_not_fire_is_not(page: str):
    assert refreshes(page) == ()
    assert refreshes("<i></i>" * reduce.PLAIN_TAGS + page) == (), "reduced"


def test_refreshes_keep_their_order_and_their_number_is_capped():
    page = "".join(f"<meta http-equiv=refresh content={n}>" for n in range(MOST_REFRESHES + 1))
    parts = read_page(page.encode(), None)
    assert parts.refreshes == tuple(map(str, range(MOST_REFRESHES)))
    assert parts.too_deep


# Scripts


def test_inline_and_loaded_scripts_in_order():
    page = b"<script>a < b && '&amp;'</script><base href=/x/><script src=' y '>not run</script>"
    inline, loaded = read_page(page, None).scripts
    assert (inline.src, inline.text, inline.based) == (None, "a < b && '&amp;'", False)
    assert (loaded.src, loaded.text, loaded.based) == (" y ", "", True)


@pytest.mark.parametrize(
    ("attributes", "runs"),
    [
        ("", True),
        ("type", True),
        ("type=''", True),
        ("type=text/javascript", True),
        ("type=' Text/JavaScript '", True),
        ("type=application/x-ecmascript", True),
        ("type=text/javascript1.5", True),
        ("type=text/javascript1.6", False),
        ("type=module", True),
        ("type=MODULE", True),
        ("type='text/javascript; charset=utf-8'", False),
        ("type=application/ld+json", False),
        ("type=text/template", False),
        ("type=importmap", False),
        ("type=' '", False),
        ("type=x", False),
        ("language=javascript", True),
        ("language=JavaScript1.2", True),
        ("language=vbscript", False),
        ("language", True),
        ("language=vbscript type=text/javascript", True),
        ("nomodule", False),
        ("nomodule type=module", True),
    ],
)
def test_which_scripts_a_browser_runs(attributes: str, *, runs: bool):
    [script] = read_page(f"<script {attributes}>x</script>".encode(), None).scripts
    assert script.javascript is runs


def test_an_empty_src_hides_the_text():
    [script] = read_page(b"<script src>x</script>", None).scripts
    assert (script.src, script.text) == ("", "")


def test_the_source_of_a_script_in_svg():
    parts = read_page(b"<svg><script href=a /><script xlink:href=b></script></svg>", None)
    assert [script.src for script in parts.scripts] == ["a", "b"]


def test_scripts_are_capped_in_number():
    parts = read_page(b"<script>x</script>" * (MOST_SCRIPTS + 1), None)
    assert len(parts.scripts) == MOST_SCRIPTS
    assert parts.too_deep


# Encodings

ACCENTED = "<title>\N{LATIN SMALL LETTER E WITH ACUTE}</title><meta http-equiv=refresh content='0;\N{LATIN SMALL LETTER E WITH ACUTE}'>"
E_ACUTE = ("0;\N{LATIN SMALL LETTER E WITH ACUTE}",)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (ACCENTED.encode(), None),
        (ACCENTED.encode("latin-1"), None),
        (ACCENTED.encode("utf-8-sig"), b"text/html; charset=windows-1252"),
        (ACCENTED.encode("latin-1"), b"text/html; charset=ISO-8859-1"),
        (ACCENTED.encode("latin-1"), b'text/html;charset="latin1"'),
        (b"\xff\xfe" + ACCENTED.encode("utf-16-le"), None),
        (b"\xfe\xff" + ACCENTED.encode("utf-16-be"), b"text/html; charset=utf-8"),
        (ACCENTED.encode("utf-16-le"), b"text/html; charset=UTF-16"),
        (ACCENTED.encode("utf-16-be"), b"text/html; charset=utf-16be"),
        (b"<meta charset=iso-8859-1>" + ACCENTED.encode("latin-1"), None),
        (b"<meta charset=utf-16>" + ACCENTED.encode(), None),
        (b"<!--<meta charset=koi8-r>-->" + ACCENTED.encode(), None),
        (b" " * 1024 + b"<meta charset=koi8-r>" + ACCENTED.encode(), None),
        (b'<meta content="text/html; charset=latin1">' + ACCENTED.encode("latin-1"), None),
        (b"<meta charset=koi8-r>" + ACCENTED.encode(), b"text/html; charset=utf-8"),
    ],
)
def test_bytes_are_read_in_the_encoding_that_a_browser_would_take(
    body: bytes, content_type: bytes | None
):
    assert refreshes(body, content_type) == E_ACUTE


@pytest.mark.parametrize(
    "label",
    [
        *("utf-7", "zlib", "idna", "punycode", "rot13", "unicode_escape", "raw_unicode_escape"),
        *("hex", "base64", "bz2", "undefined", "mbcs", "cp037", "../x", "x" * 10_000, "\xff"),
    ],
)
def test_codecs_that_no_browser_knows_are_never_used(label: str):
    page = f"<meta charset='{label}'>+ADw-\\u003c".encode("latin-1") + ACCENTED.encode()
    header = f"text/html; charset={label}".encode("latin-1")
    assert refreshes(page, header) == refreshes(page) != ()
    assert b"+ADw-\\u003c" in as_utf8(page, header)


def test_iso_2022_jp_cannot_hide_a_refresh_from_the_quick_look():
    hidden = b"<meta http-\x1b(Bequiv=refresh content=1>"
    assert refreshes(hidden, b"text/html; charset=iso-2022-jp") == ("1",)


@given(st.binary(max_size=300), st.none() | st.binary(max_size=40))
def test_any_bytes_become_utf_8(body: bytes, content_type: bytes | None):
    as_utf8(body, content_type).decode()


# The quick ways see no less than the full one

pieces = st.sampled_from(
    [
        *(
            "<meta ",
            "<META\n",
            "http-equiv",
            "HTTP-EQUIV",
            "=",
            " = ",
            "'",
            '"',
            ">",
            "/",
            " ",
            "<",
        ),
        *(
            "refresh",
            "Refresh",
            "&#114;",
            "&#x72;",
            "efresh",
            " content=1",
            "content",
            "\0",
            "\x1b",
        ),
        *("<base href=a>", "<script>", "</script>", "<script src=x>", "<!--", "-->", "--!>", "--"),
        *("<p>", "</p>", "<b>", "</b>", "<div a='>'>", "x", "é", "&", "<!x>", "<?", "</ >", "</"),
        *("<meta http-equiv=refresh content=2>", "<template>", "</template>", "<table><td>"),
    ]
)
raw_text = st.sampled_from(
    [
        *("<style>", "</style>", "<title>", "</title>", "<noscript>", "</noscript>", "<iframe>"),
        *("</iframe>", "<textarea>", "</textarea", "<xmp>", "</xmp >"),
    ]
)
pages = st.lists(pieces | raw_text, max_size=25).map("".join)


def in_full(page: str) -> tuple[list[str], int]:
    """Refreshes and scripts by lexbor alone, without any quick look, reduction or cap."""
    tree = LexborHTMLParser(page.encode(), scripting=True)
    found = [
        meta.attributes.get("content") or ""
        for meta in tree.css("meta[http-equiv]")
        if (meta.attributes["http-equiv"] or "").lower() == "refresh"
    ]
    return [content for content in found if content], len(tree.css("script"))


@settings(max_examples=600)
@given(pages)
def test_a_page_that_is_filtered_out_holds_nothing(page: str):
    found, scripts = in_full(page)
    assert may_refresh(page.encode()) or not found
    assert may_redirect(page.encode()) or not (found or scripts)


@settings(max_examples=300)
@given(pages, st.sampled_from(["utf-16-le", "utf-16-be", "iso2022_jp", "shift_jis", "gb18030"]))
def test_nor_in_another_encoding(page: str, codec: str):
    body = page.encode(codec, "replace")
    found, _ = in_full(body.decode(codec, "replace"))
    assert may_refresh(body) or not found


@settings(max_examples=600)
@given(pages)
def test_a_page_that_is_reduced_reads_as_before(page: str):
    padding = "<i></i>" * reduce.PLAIN_TAGS
    assert parts_of(padding + page) == parts_of(page)


def parts_of(page: str) -> PageParts:
    return read_page(page.encode(), None)


@given(st.binary() | pages.map(str.encode), st.none() | st.binary())
def test_any_bytes_are_a_page(body: bytes, content_type: bytes | None):
    parts = read_page(body, content_type)
    assert parts.early <= len(parts.refreshes)

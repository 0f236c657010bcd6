"""Two megabytes of hostile HTML cost less than a visit does."""

import time
from collections.abc import Callable

import pytest

from unhijack.parse.html import read_page, strip_media
from unhijack.parse.reduce import PLAIN_BYTES, PLAIN_TAGS

SIZE = 2 * 1024 * 1024
SLOW = 2.0
"""Seconds of CPU on a slow machine; the slowest takes a fifth of that here, or would take minutes."""


def full(piece: bytes) -> bytes:
    return piece * (SIZE // len(piece))


def numbered(piece: str, count: int) -> bytes:
    """As many different ones: the parser looks for each among all before."""
    return "".join(piece.replace("#", str(n)) for n in range(count)).encode()


REPEATED = (
    *b"<div> <p> <a> <li> <b><i><p> <table> <table><td> <table><b> <select> <svg>".split(),
    *b"<svg><desc> <svg><foreignObject> <math> <template> <noscript> <style> <title>".split(),
    *b"<button> <nobr> <form> <option><optgroup> <svg><![CDATA[ <a<a <!-- <!- <!--x-->".split(),
    *b"<script> <script>x</script> <script><!-- <style></style <title></titl < > </".split(),
    *(
        b"\0",
        b"<\0",
        b"\x1b",
        b"&amp",
        b"<meta ",
        b"<base href=x>",
        b"<p a='",
        b'<p a=" =',
        b"</p>",
    ),
    b"<meta http-equiv=refresh content=1>",
    b"<meta http-equiv=refresh content='&amp",
)
"""Pieces that open something and never close it, or close what was never open."""


COMPOSED = {
    "many attributes": b"<div " + full(b"a "),
    "attributes without end": b"<div " + full(b'a="'),
    "different attributes": b"<meta " + numbered("a# ", 220_000),
    "different attributes, as much as is parsed in full": b"<meta " + numbered("a# ", 10_000),
    "different attributes of many tags": full(b"<meta " + numbered("a# ", 240) + b">"),
    "different attributes in SVG": b"<svg><style>" + full(b"<g " + numbered("a# ", 240) + b">"),
    "flat in the deep": b"<div>" * 2_000 + full(b"<p>x</p>"),
    "adoption agency": numbered("<b a#>", 50_000) + b"</b><p>" * 100_000,
    "formatting made anew": b"<p>" + numbered("<b a#>", 1_000) + b"</p>" + b"<p>x</p>" * 100_000,
    "the same, as much as is parsed in full": b"<p>" + numbered("<b a#>", 650) + b"<p>x</p>" * 650,
    "the same, in a style that is none": b"<i></i>" * 1_000
    + (b"<svg><style><p>" + numbered("<b a#>", 830) + b"</p>" + b"<p>x</p>" * 100_000),
    "the same, in a script that is markup": b"<i></i>" * 1_000
    + (b"<svg><script><p>" + numbered("<b a#>", 830) + b"</p>" + b"<p>x</p>" * 100_000),
    "frames": b"<frameset>" + b"<frame src=x>" * 50_000,
    "scripts in scripts": b"<script>" + full(b"<!--<script>"),
    "dashes in a script": b"<script>" + full(b"<!--x-"),
    "less-than in a script": b"<script>" + full(b"<"),
    "UTF-16": b"\xff\xfe" + full("<div>".encode("utf-16-le")),
}


def in_time(work: Callable[[], object]) -> bool:
    start = time.process_time()
    work()
    return time.process_time() - start < SLOW


@pytest.mark.parametrize("piece", REPEATED, ids=repr)
def test_repeated_pieces(piece: bytes):
    body = full(piece) + b"<script>"  # else the quick look already sees that nothing is there
    assert in_time(lambda: read_page(body, None))


@pytest.mark.parametrize("body", COMPOSED.values(), ids=COMPOSED)
def test_composed_pages(body: bytes):
    assert in_time(lambda: read_page(body + b"<script>", None))


@pytest.mark.parametrize(
    "piece",
    [
        *(b"data:", b'"data:', b"data:,", b'"data:a/b,x" + "', b"'data:x'", b"(data:", b"=data:,"),
        *(
            b"da\n",
            b"d\t\t\t\t\t\t\t\t\t",
            b"d",
            b"&#00000000",
            b"&#100;",
            b"\\0000",
            b"\\u00",
            b"\\",
        ),
        *(b"d\0a\0t\0a\0:\0,\0", b"data&colon;", b"data:" + b"x" * 500, b'"data:x/y,\\'),
    ],
    ids=repr,
)
def test_media_in_pieces(piece: bytes):
    assert in_time(lambda: strip_media(full(piece)))
    assert in_time(lambda: strip_media(full(piece) + b","))


def test_what_is_cut_off_is_said():
    late = b"<meta http-equiv=refresh content=1>"
    nested = read_page(b"<template>" * 20_000 + b"</template>" * 20_000 + late, None)
    assert nested.too_deep
    crowded = read_page(b"<meta " + numbered("a# ", 20_000) + b">" + late, None)
    assert crowded.too_deep


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 50_000,
        b"<p>ordinary text<br>" * 20_000,
        b"a < b <3 c " * 20_000,
        b"<svg><path d='M0 0'/></svg>" * 1_000 + b" " * PLAIN_BYTES,
        b"<div a='" + b"x" * SIZE + b"'>",
        b"<i>" * PLAIN_TAGS,
    ],
    ids=["deep", "long", "less-than", "icons", "one long attribute", "formatting"],
)
def test_ordinary_excess_hides_nothing(page: bytes):
    parts = read_page(page + b"<meta http-equiv=refresh content=1><script>x</script>", None)
    assert parts.refreshes == ("1",)
    assert [script.text for script in parts.scripts] == ["x"]
    assert not parts.too_deep

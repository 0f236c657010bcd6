"""Scripts at a glance: the same as by a parse, on pages that do not set out to differ."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.lab.sites import respond
from unhijack.lab.town import plan_town
from unhijack.lab.wire import TownRequest
from unhijack.parse.glance import glance
from unhijack.parse.html import PageParts, may_refresh, read_page

PIECES = (
    "<script>var a = 1;</script>",
    "<script src='/a.js'></script>",
    '<SCRIPT async type="text/javascript" SRC="//cdn.test/B.js?x=1&amp;y">ignored</SCRIPT >',
    "<script type=module src=m.js></script>",
    "<script type=application/ld+json>{}</script>",
    "<script nomodule>old()</script>",
    "<!-- <script>gone()</script> -->",
    "<!--[if lt IE 9]><script src=shiv.js></script><![endif]-->",
    "<p>text &lt;script&gt;</p>",
    "<div class=script>",
    "\n",
    "<script\n  defer\n  src = 'c.js'\n></script>",
    "<script>if (a < b && '</scr' + 'ipt>') c()</script>",
    "<scripted>no</scripted>",
)


def bare(parts: PageParts) -> list[tuple[str | None, str, bool]]:
    """What the two ways must agree on. A glance leaves character references as they stand."""
    return [
        (s.src.replace("&amp;", "&") if s.src else s.src, s.text, s.javascript)
        for s in parts.scripts
    ]


@given(st.lists(st.sampled_from(PIECES[:-1]), max_size=12))
def test_a_glance_and_a_parse_see_the_same_scripts(pieces: list[str]):
    page = ("<!doctype html><body>" + "".join(pieces)).encode()

    seen = glance(page)

    assert seen is not None
    assert bare(seen) == bare(read_page(page, None))


@pytest.mark.parametrize("seed", [1, 2])
def test_they_agree_on_every_page_of_the_town(seed: int):
    town = plan_town(seed, 20, 5)
    for site in town.sites:
        page = respond(town, frozenset(), TownRequest(site.host, "/")).body
        if not may_refresh(page):
            seen = glance(page)
            assert seen is not None
            assert bare(seen) == bare(read_page(page, b"text/html"))


@pytest.mark.parametrize(
    "page", [b"<base href=//cdn.test/><script src=a.js>", b"<\0s\0c\0r\0i\0p\0t\0"]
)
def test_what_takes_a_parse_is_left_to_it(page: bytes):
    assert glance(page) is None


@given(
    st.binary(max_size=400) | st.lists(st.sampled_from(PIECES)).map(lambda x: "".join(x).encode())
)
def test_any_bytes_are_glanced_at(page: bytes):
    seen = glance(page)
    assert seen is None or all(s.src is not None or not s.src for s in seen.scripts)


@pytest.mark.parametrize(
    "unit",
    [
        b"<script",
        b"<script>",
        b"<!--",
        b"<script a='",
        b"<script src=a>",
        b"<script " + b"a " * 100 + b">",
    ],
)
def test_hostile_pages_take_no_time(unit: bytes):
    page = unit * (2 * 1024 * 1024 // len(unit))
    start = time.process_time()
    glance(page)
    assert time.process_time() - start < 2

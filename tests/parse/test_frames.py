"""Which frames hide the page from its visitor, and where such a page then leads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.evidence import Via
from unhijack.parse.frames import covers, may_cover
from unhijack.parse.html import read_page
from unhijack.parse.redirects import from_frames

URL = "http://bakery.test/"


def leads_to(body: bytes, url: str = URL) -> str | None:
    onward = from_frames(url, read_page(body, b"text/html; charset=utf-8"), "bakery.test")
    assert onward is None or onward.via is Via.FRAME
    return onward.target if onward else None


@pytest.mark.parametrize(
    "attributes",
    [
        "width='100%' height='100%'",
        "WIDTH=100% HEIGHT=100%",
        "style='width:100vw;height:100vh'",
        "style='position:fixed;inset:0;width:100%;height:100%;border:0'",
        "style='position: absolute; top: 0; left: 0; right: 0; bottom: 0'",
        "style='POSITION:FIXED;INSET:0'",
        "style='width:100% !important;height:100dvh'",
        "width=100% style='height:95vh'",
    ],
)
def test_a_frame_over_the_whole_window_hides_the_page(attributes: str):
    body = f"<p>ours<iframe {attributes} src=//hop.example/in></iframe>".encode()

    assert may_cover(body.lower())
    assert leads_to(body) == "http://hop.example/in"


@pytest.mark.parametrize(
    ("element", "leads"),
    [
        ("<object type=text/html data=//hop.example/in STYLE></object>", "http://hop.example/in"),
        ("<object data=//hop.example/in STYLE></object>", "http://hop.example/in"),
        ("<embed src=//hop.example/in STYLE>", "http://hop.example/in"),
        ("<object type=application/pdf data=//hop.example/in STYLE></object>", None),
        ("<embed src=//hop.example/menu.pdf STYLE>", None),
        ("<embed type='image/svg+xml' src=//hop.example/in STYLE>", None),
        ("<object data=//hop.example/in width=560 height=315></object>", None),
    ],
)
def test_an_object_that_shows_a_page_is_a_frame_as_well(element: str, leads: str | None):
    style = "style='position:fixed;inset:0;width:100%;height:100%'"
    body = f"<p>ours{element.replace('STYLE', style)}".encode()

    assert leads_to(body) == leads


@pytest.mark.parametrize(
    "attributes",
    [
        "",
        "width=560 height=315",
        "width='100%' height=800",
        "width='100%' height='20%'",
        "style='width:100%;height:600px'",
        "style='position:fixed;right:0;bottom:0;width:300px;height:400px'",
        "style='position:fixed;inset:0;width:1px;height:1px'",
        "style='inset:0'",
        "width='100%' height='100%' style='display:none'",
        "width='100%' height='100%' style='visibility: hidden'",
    ],
)
def test_films_maps_bookings_and_hidden_frames_do_not(attributes: str):
    assert leads_to(f"<p>ours<iframe {attributes} src=//hop.example/></iframe>".encode()) is None


def test_a_frameset_shows_nothing_but_its_frames():
    body = b"<html><frameset rows='100%,*'><frame src='//hop.example/a'></frameset></html>"
    assert leads_to(body) == "http://hop.example/a"


def test_a_frame_of_the_site_itself_leads_nowhere_and_a_later_one_counts():
    own = b"<iframe width='100%' height='100%' src='/app'></iframe>"
    assert leads_to(own) is None
    assert leads_to(own + own.replace(b"/app", b"//hop.example/")) == "http://hop.example/"


def test_a_base_counts_for_frames_after_it():
    frame = b"<iframe width='100%' height='100%' src='x'></iframe>"
    base = b"<base href='http://hop.example/y/'>"
    assert leads_to(base + frame) == "http://hop.example/y/x"
    assert leads_to(frame + base) is None


@pytest.mark.parametrize("wrap", [b"<!-- %s -->", b"<template>%s</template>", b"<title>%s</title>"])
def test_what_is_no_element_shows_nothing(wrap: bytes):
    frame = b"<iframe width='100%' height='100%' src='//hop.example/'></iframe>"
    assert leads_to(wrap % frame) is None


def test_a_frame_is_found_in_a_page_that_is_reduced_first():
    frame = b"<iframe width='100%' height='100%' src='//hop.example/'></iframe>"
    assert leads_to(b"<p>minutes</p>" * 20_000 + frame) == "http://hop.example/"


def test_a_refresh_within_noscript_is_for_those_without_scripting():
    body = b"<noscript><meta http-equiv=refresh content='0;url=/plain'></noscript>"

    assert read_page(body, None).refreshes == ()
    assert read_page(body, None, scripting=False).refreshes == ("0;url=/plain",)


@given(st.dictionaries(st.sampled_from(["width", "height", "style", "src"]), st.text() | st.none()))
def test_any_attributes_have_an_answer(attributes: dict[str, str | None]):
    assert covers(attributes) in (True, False)


@given(st.binary(max_size=300))
def test_what_the_filter_lets_pass_by_covers_nothing(noise: bytes):
    body = b"<iframe width='100%' height='100%' " + noise
    frames = read_page(body, b"text/html; charset=utf-8").frames
    assert not frames or may_cover(body.lower())

"""No picture survives as a ``data:`` address."""

import base64

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from unhijack.parse.html import strip_media

PAYLOAD = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # attributes
        ('<img src="data:image/png;base64,', '" alt=x>'),
        ("<img src='data:image/png;base64,", "' alt=x>"),
        ("<img src=data:image/png;base64,", " alt=x>"),
        ("<img src=data:image/png;base64,", ">"),
        ("<img src=' \n data:image/png;base64,", "'>"),
        ('<img srcset="/a.png 1x, data:image/png;base64,', ' 2x">'),
        ('<img src="DATA:IMAGE/PNG;BASE64,', '">'),
        ('<img src="data:,', '">'),
        ('<img src="data:;base64,', '">'),
        ('<img src="data:x;base64,', '">'),
        ("<img src=data:,", ">"),
        ("<video src=\"data:video/mp4;codecs='a.b';base64,", '">'),
        ('<img src=\'data:image/png;name="a b";base64,', "'>"),
        ("<img src='data: image/png ; base64 ,", "'>"),
        # written otherwise
        ('<img src="da\tta\n:image/png;base64,', '">'),
        ('<img src="&#100;ata:image/png;base64,', '">'),
        ('<img src="&#x64;&#X61;ta&colon;image/png;base64,', '">'),
        ('<img src="d&Tab;ata&#0058;image/png;base64&comma;', '">'),
        ('<img src="data:image&sol;png;base64&#44;', '">'),
        # style sheets
        ("a { background: url(data:image/png;base64,", ") }"),
        ('a { background: url("data:image/png;base64,', '") }'),
        ("a { background: url( data:image/png;base64,", ") }"),
        ("<p style='background: url(data:image/png;base64,", ")'>"),
        ('<p style="background: url(&quot;data:image/png;base64,', '&quot;)">'),
        ("a { background: url('\\64 \\000061ta:image/png;base64,", "') }"),
        # scripts
        ('x = "data:image/png;base64,', '"; y = 1'),
        ("x = `data:image/png;base64,", "`; y = 1"),
        ('{"x": "data:image\\/png;base64,', '"}'),
        ('"{\\"x\\": \\"data:image/png;base64,', '\\"}"'),
        ('x = "\\x64\\u0061ta\\x3aimage/png;base64\\x2c', '"'),
    ],
)
def test_the_payload_goes_and_the_rest_stays(before: str, after: str):
    page = f"<b>{before}{PAYLOAD}{after}</b>".encode()
    stripped = strip_media(page)
    if "&quot;" in after:  # not told apart from a payload: more is cut than need be
        assert PAYLOAD.encode() not in stripped
    else:
        assert stripped == f"<b>{before}{after}</b>".encode()


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_no_hiding_place(codec: str):
    page = f'<p>x</p><img src="data:image/png;base64,{PAYLOAD}"> \N{SNOWMAN}'.encode(codec)
    assert (
        strip_media(page).decode(codec) == '<p>x</p><img src="data:image/png;base64,"> \N{SNOWMAN}'
    )


def test_a_pretended_utf_16_does_not_shield_the_rest():
    decoy = b"d\0a\0t\0a\0:\0,\0x\0"
    page = decoy + f'<img src="data:image/png;base64,{PAYLOAD}">'.encode()
    assert PAYLOAD.encode() not in strip_media(page)
    assert PAYLOAD.encode() not in strip_media(b"<" + page)


def test_pieces_joined_in_a_script():
    page = f"""x = "data:image/png;base64," + "{PAYLOAD}" +\n"{PAYLOAD}"; y = 1"""
    assert strip_media(page.encode()) == b'x = "data:image/png;base64,"; y = 1'
    mixed = f"""x = "data:image/png;base64," + '{PAYLOAD}'; y = 1"""
    assert PAYLOAD.encode() not in strip_media(mixed.encode())


def test_a_picture_written_as_markup():
    page = b"""<img src="data:image/svg+xml;utf8,<svg xmlns='x'><path d='M0'/></svg>"><p>kept</p>"""
    assert strip_media(page) == b'<img src="data:image/svg+xml;utf8,"><p>kept</p>'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<p>No data here, none.",
        "$.ajax({url: u, data: {a: 1, b: 2}, type: 'x'})",
        "$.ajax({data:e,type:'POST'})",
        "$.ajax({data:JSON.stringify(x),type:'POST'})",
        "f({data:'a,b',c:1})",
        "metadata:a/b,c",
        "if (x.data:a/b,c)",
        "Our data: a, b and c.",
        "<a href='http://a.test/?data=1,2'>",
    ],
)
def test_what_only_looks_like_it_stays(text: str):
    assert strip_media(text.encode()) == text.encode()


contexts = st.sampled_from(
    [('"', '"'), ("'", "'"), ("=", " "), ("=", ">"), ("url(", ")"), ("url('", "')"), ("`", "`")]
)
types = st.sampled_from(
    ["image/png", "image/svg+xml", "VIDEO/mp4", "text/plain;charset=x", "", "x"]
)
noise = st.text(alphabet="<>\"'`()= \n,;:/\\&#xdat\N{SNOWMAN}", max_size=30) | st.binary(
    max_size=20
).map(lambda raw: raw.decode("latin-1"))


@settings(max_examples=500)
@given(noise, noise, contexts, types, st.binary(min_size=24, max_size=200))
def test_no_payload_survives(
    before: str, after: str, context: tuple[str, str], kind: str, picture: bytes
):
    payload = base64.b64encode(picture).decode()
    assume(payload not in before + after)
    page = f"{before} x{context[0]}data:{kind};base64,{payload}{context[1]}{after}"
    assert payload.encode() not in strip_media(page.encode())


@given(st.binary())
def test_any_bytes_can_be_stripped_and_nothing_is_left_for_a_second_time(body: bytes):
    once = strip_media(body)
    assert len(once) <= len(body) + 2
    assert strip_media(once) == once

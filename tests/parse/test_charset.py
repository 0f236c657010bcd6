"""Every label of the standard leads to one codec, and nothing else to any."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.charset import _CODECS, REPLACEMENT, as_utf8


def said(label: str, body: bytes) -> str:
    return as_utf8(body, b"text/html; charset=" + label.encode()).decode()


def test_the_table_has_every_label_of_the_standard():
    """228 at the time of writing: https://encoding.spec.whatwg.org/#names-and-labels."""
    assert len(_CODECS) == 228


@pytest.mark.parametrize("codec", sorted(set(_CODECS.values()) - {REPLACEMENT}))
def test_every_codec_exists(codec: str):
    assert codecs.lookup(codec)


@pytest.mark.parametrize(
    ("label", "body", "text"),
    [
        ("iso-8859-1", b"\x80", "€"),
        ("latin2", b"\xb1", "ą"),
        ("iso_8859-5:1988", b"\xbf", "П"),
        ("csisolatinarabic", b"\xc7", "ا"),
        ("sun_eu_greek", b"\xe1", "α"),
        ("logical", b"\xe0", "א"),
        ("iso-8859-9", b"\xfd", "ı"),
        ("tis-620", b"\xa1", "ก"),
        ("koi8-r", b"\xc1", "а"),
        ("x-mac-cyrillic", b"\xe0", "а"),
        ("windows-1257", b"\xe0", "ą"),
        ("gb2312", b"\xc4\xe3", "你"),
        ("big5", b"\xa7\x41", "你"),
        ("sjis", b"\x82\xa0", "あ"),
        ("euc-jp", b"\xa4\xa2", "あ"),
        ("iso-2022-jp", b"\x1b$B$\x22\x1b(B", "あ"),
        ("ks_c_5601-1987", b"\xb0\xa1", "가"),
        ("unicodefeff", "é".encode("utf-16-le"), "é"),
    ],
)
def test_labels_are_read_as_a_browser_reads_them(label: str, body: bytes, text: str):
    assert said(label, body) == text
    assert said(label.upper(), body) == text


@pytest.mark.parametrize("label", ["iso-2022-kr", "hz-gb-2312", "replacement"])
def test_what_browsers_no_longer_read_holds_nothing(label: str):
    assert said(label, b"<meta http-equiv=refresh content='0;url=//hop.example'>") == "\ufffd"
    assert said(label, b"") == ""


@pytest.mark.parametrize("label", ["utf-7", "idna", "unicode_escape", "rot13", "punycode", "zip"])
def test_codecs_that_no_browser_has_are_not_looked_up(label: str):
    assert said(label, b"+ADw-p") == "+ADw-p"


@given(st.sampled_from(sorted(_CODECS)), st.binary(max_size=200))
def test_any_bytes_become_utf8_in_any_encoding(label: str, body: bytes):
    assert isinstance(said(label, body), str)

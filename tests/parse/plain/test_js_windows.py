"""Which parts of a script are spelled out and judged. Whatever is named here is invented."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.plain.js_windows import BIG, MOST_LOOKED_AT, PIECE, windows

NOBODY: frozenset[str] = frozenset()
FILLER = b"function add(a, b) { return a + b; }\n"
GATE = b"if (document.referrer) location.href = 'https://far.test/';\n"
HIDDEN = b"eval(atob('aGFybWxlc3MgaGFybWxlc3M='));\n"


def filled(size: int) -> bytes:
    return FILLER * (size // len(FILLER))


@pytest.mark.parametrize("planted", [GATE, HIDDEN])
@pytest.mark.parametrize("before", [0, 1, PIECE - 20, PIECE, 3 * PIECE, 2 * BIG])
@pytest.mark.parametrize("after", [0, 2 * BIG])
def test_what_has_the_means_of_a_deed_is_looked_at_wherever_it_stands(
    planted: bytes, before: int, after: int
):
    content = filled(before) + planted + filled(after)
    at = content.index(planted)
    assert any(
        one.start <= at and at + len(planted) <= one.end for one in windows(content.lower(), NOBODY)
    )


@pytest.mark.parametrize("size", [1_000, 2 * BIG])
def test_ordinary_code_is_passed_over(size: int):
    assert windows(filled(size), NOBODY) == []


@pytest.mark.parametrize("comment", [b"// see ", b" * see ", b"/* see "])
def test_an_address_in_a_comment_leads_nobody_away(comment: bytes):
    line = b"\n" + comment + b"https://far.test/help\n"
    code = b"if (document.cookie) location.hash = '#a';\n"
    assert windows(filled(9_000) + line + code, NOBODY) == []


def test_code_behind_the_end_of_a_comment_counts():
    line = b"\n/* see */ location.href = 'https://far.test/' + document.referrer;\n"
    assert windows(filled(9_000) + line, NOBODY) != []


@given(st.binary(max_size=3_000), st.integers(1, 200))
def test_windows_are_in_order_and_within_the_script(content: bytes, times: int):
    low = (content * times).lower()
    found = windows(low, NOBODY)
    assert found == sorted(found)
    assert all(0 <= one.start <= one.end <= len(low) for one in found)
    assert sum(one.end - one.start for one in found) <= MOST_LOOKED_AT


@pytest.mark.parametrize(
    "unit", [b"//", b"eval(", b"_0x1a[", b"'//a.far.test/';card;", b"http'", b"%41unescape", b"'=A"]
)
def test_no_text_takes_long(unit: bytes):
    text = unit.lower() * (2_000_000 // len(unit))
    begun = time.process_time()
    windows(text, NOBODY)
    assert time.process_time() - begun < 2.0

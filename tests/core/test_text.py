"""Somebody else's words, as a person is shown them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unhijack.core.text import printable


@given(st.text(max_size=60), st.integers(1, 40))
@example("\N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}", 40)
def test_whatever_it_is_it_is_one_short_line(text: str, limit: int):
    shown = printable(text, limit)
    assert shown.isprintable()
    assert len(shown) <= limit + 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("à\N{NO-BREAK SPACE}vendre\N{IDEOGRAPHIC SPACE}!", "à vendre !"),
        ("a\nb\x1b[31m", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[31m"),
        ("shop\N{RIGHT-TO-LEFT OVERRIDE}gpj", "shop\N{REPLACEMENT CHARACTER}gpj"),
        ("Übergröße, 中文, العربية", "Übergröße, 中文, العربية"),
    ],
)
def test_what_a_language_needs_stays_and_what_moves_a_cursor_goes(text: str, shown: str):
    assert printable(text) == shown

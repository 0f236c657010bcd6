"""Where patterns are looked for: round the words without which they cannot fit."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from unhijack.parse.plain.stretches import (
    Stretch,
    any_match,
    joined,
    matches,
    round_runs,
    round_words,
)

CALL = re.compile(r"\bgo\s{0,9}\(")


def test_what_stands_round_a_word_is_as_wide_as_asked_for():
    assert round_words(["go"], " " * 50 + "go" + " " * 50, reach=10) == [(40, 60)]


def test_neighbours_are_one_stretch_and_far_ones_are_two():
    text = "go" + " " * 50 + "go" + " " * 500 + "come"
    assert round_words(["come", "go"], text) == [(0, 152), (454, len(text))]


def test_a_word_outside_is_not_seen():
    assert round_words(["go"], "go" * 200, [Stretch(1, 2)]) == []


def test_a_pattern_sees_what_stands_before_its_stretch():
    text = "cargo(); go()"
    assert not any_match(CALL, text, [Stretch(3, 9)])
    assert any_match(CALL, text, [Stretch(9, 13)])


@given(st.text(alphabet="go( -", max_size=600))
def test_nothing_is_missed_that_the_whole_text_shows(text: str):
    found = [match.span() for match in matches(CALL, text, round_words(["go"], text, reach=40))]
    assert found == [match.span() for match in CALL.finditer(text)]


@given(st.lists(st.tuples(st.integers(-9, 99), st.integers(-9, 99)).map(lambda p: Stretch(*p))))
def test_joined_stretches_are_in_order_and_within_the_text(stretches: list[Stretch]):
    whole = [one for one in sorted(stretches) if one.start < one.end]
    ends = [end for one in joined(whole, 100) for end in one]
    assert ends == sorted(ends)


@example(before=b"/\0\0\0\0\0\0\0+\0", length=160, after=b"", blanks=0)
@given(st.binary(max_size=300), st.integers(160, 400), st.binary(max_size=300), st.integers(0, 300))
def test_no_long_run_is_missed(before: bytes, length: int, after: bytes, blanks: int):
    text = before + b" " * blanks + b"aB3+" * (length // 4) + b" " + after
    run = re.compile(r"[A-Za-z0-9+/=]{160}")
    assert any_match(run, text.decode("latin-1"), round_runs(text, 160))


def test_ordinary_words_are_no_long_run():
    assert round_runs(b"var a = b + c; " * 200, 160) == []

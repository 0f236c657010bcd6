"""Conditions: a code with values, the English of it, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.condition import (
    ENGLISH,
    OTHER,
    Condition,
    condition_from_data,
    condition_from_text,
)

EXAMPLES = [Condition(code, ("1", "2")[: text.count("{}")]) for code, text in ENGLISH.items()]


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.code)
def test_every_condition_is_read_back(one: Condition):
    assert condition_from_text(one.text) == one
    assert condition_from_data(one.data) == one


def test_a_text_that_is_none_of_ours_is_kept():
    assert condition_from_text("has red shoes") == Condition(OTHER, ("has red shoes",))


@given(st.text(max_size=300))
def test_any_text_is_some_condition_with_that_text(text: str):
    assert condition_from_text(text).text == text


@pytest.mark.parametrize(
    "odd",
    [
        None,
        7,
        "search",
        {},
        {"code": "made-up", "values": []},
        {"code": "search", "values": ["too", "many"]},
        {"code": "language", "values": []},
        {"code": ["search"]},
    ],
)
def test_data_that_no_release_wrote_is_no_condition(odd: object):
    assert condition_from_data(odd) is None  # type: ignore[arg-type]  # that is the test

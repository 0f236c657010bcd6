"""A trace is what a stranger may have written."""

import json

from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.trace import read_trace

NAMES = st.sampled_from(
    "done cut intents wanted written workers how url base script phase at over html".split()
) | st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)


@given(st.binary(max_size=200))
def test_bytes_never_raise(content: bytes):
    assert read_trace(content) is None or content


@given(st.dictionaries(NAMES, VALUES, max_size=8))
def test_whatever_stands_in_it_is_read(data: dict[str, object]):
    trace = read_trace(json.dumps(data | {"done": True}).encode())
    assert trace is not None
    for intent in trace.intents:
        intent.url.encode()  # it can be stored
        assert isinstance(intent.script, int)


def test_a_trace_that_is_not_done_is_cut():
    trace = read_trace(b'{"done": false, "cut": ""}')
    assert trace is not None
    assert trace.cut


def test_nested_beyond_reason_is_no_trace():
    assert read_trace(b"[" * 100_000) is None


def test_lone_surrogates_are_replaced():
    trace = read_trace(b'{"done": true, "wanted": ["http://a.example/\\ud800"]}')
    assert trace is not None
    assert trace.wanted == ("http://a.example/?",)

"""Libraries under every program."""

from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.server.preload import preload_marks


def test_an_allocator_is_ordinary_and_a_hidden_library_is_certain():
    content = (
        b"# note\n/usr/lib/x86_64-linux-gnu/libjemalloc.so.2\n/usr/lib/libmine.so\n/lib/.x/a.so\n"
    )
    found = preload_marks(content)
    assert [(content[one.start : one.end], one.confidence) for one in found] == [
        (b"/usr/lib/libmine.so", 0.6),
        (b"/lib/.x/a.so", 0.9),
    ]


@given(st.binary(max_size=300))
def test_whatever_comes_nothing_raises(content: bytes):
    assert len(preload_marks(content)) <= 200

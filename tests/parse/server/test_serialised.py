"""PHP's serialised values keep their lengths when a string in them changes."""

from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.server.serialised import (
    Listing,
    Node,
    Plain,
    Text,
    change,
    keyed_texts,
    read,
    texts,
    write,
)

WIDGET = b'a:2:{i:2;a:1:{s:4:"text";s:15:"<b>spam</b> hi!!";}s:12:"_multiwidget";i:1;}'


def test_lengths_are_bytes_and_follow_a_change():
    data = 'a:1:{s:3:"url";s:6:"café!";}'.encode()
    assert (
        change(data, lambda text: text.replace(b"!", b"")) == 'a:1:{s:3:"url";s:5:"café";}'.encode()
    )


def test_a_length_that_does_not_fit_is_forgiven_and_written_anew():
    mended = change(WIDGET, lambda text: text.replace(b"<b>spam</b> ", b""))
    assert mended == b'a:2:{i:2;a:1:{s:4:"text";s:4:"hi!!";}s:12:"_multiwidget";i:1;}'


def test_quotes_in_a_string_end_nothing():
    data = b's:11:"a";s:1:"b";";'
    assert list(texts(data)) == [b'a";s:1:"b";']


def test_objects_floats_references_and_enums_stay_as_they_are():
    data = (
        b'O:8:"stdClass":4:{s:1:"a";d:0.10000000000000001;s:1:"b";r:1;s:1:"c";'
        b'E:6:"Suit:H";s:1:"d";C:3:"Own":5:{x:"y"}}'
    )
    node = read(data)
    assert node is not None
    assert write(node) == data


def test_a_value_inside_a_string_of_a_value_is_reached():
    inner = b'a:1:{s:1:"k";s:4:"evil";}'
    outer = b's:%d:"%s";' % (len(inner), inner)
    assert list(texts(outer)) == [b"evil"]
    assert change(outer, lambda text: b"ok") == b's:23:"a:1:{s:1:"k";s:2:"ok";}";'


def test_strings_come_with_their_keys():
    assert list(keyed_texts(WIDGET)) == [(b"text", b"<b>spam</b> hi!!")]


def test_what_is_no_serialised_value_is_one_string():
    assert list(texts(b"plain")) == [b"plain"]
    assert change(b"plain", bytes.upper) == b"PLAIN"


def test_depth_has_an_end():
    assert read(b"a:1:{i:0;" * 5000 + b"N;" + b"}" * 5000) is None


NODES: st.SearchStrategy[Node] = st.recursive(
    st.one_of(
        st.binary(max_size=30).map(Text),
        st.sampled_from([Plain(b"N;"), Plain(b"b:1;"), Plain(b"i:-7;"), Plain(b"d:1.5;")]),
    ),
    lambda inner: st.lists(
        st.tuples(
            st.integers(0, 9).map(lambda n: Plain(b"i:%d;" % n)) | st.binary().map(Text), inner
        ),
        max_size=4,
    ).map(lambda pairs: Listing(b"", tuple(pairs))),
    max_leaves=20,
)


@given(NODES)
def test_what_is_written_is_read_back(node: Node):
    assert read(write(node)) == node


@given(NODES, st.binary(max_size=5))
def test_a_changed_value_is_a_value_again(node: Node, add: bytes):
    changed = change(write(node), lambda text: text + add, nested=1)
    again = read(changed)
    assert again is not None
    assert write(again) == changed


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from([b"a:1:{", b's:1:"', b'";', b"}", b"i:1;", b"N;", b'O:1:"x":1:{'])
        ).map(b"".join),
    )
)
def test_whatever_comes_nothing_raises(data: bytes):
    read(data)
    assert sum(map(len, texts(data))) <= len(data)

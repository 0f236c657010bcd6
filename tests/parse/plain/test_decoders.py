import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.plain.decoders import FUNCTIONS, MAX_OUT, NotDecoded, decode, increment, xor


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("base64_decode", [b"aGVs bG8"], b"hello"),
        ("str_rot13", [b"uryyb"], b"hello"),
        ("strrev", [b"olleh"], b"hello"),
        ("hex2bin", [b"6869"], b"hi"),
        ("pack", [b"H*", b"6869"], b"hi"),
        ("pack", [b"C*", 104, 105], b"hi"),
        ("urldecode", [b"%68+i"], b"h i"),
        ("chr", [104 + 256], b"h"),
        ("substr", [b"abcdef", -3, 2], b"de"),
        ("str_replace", [[b"x", b"y"], b"", b"xhyi"], b"hi"),
        ("strtr", [b"ab", b"ab", b"hi"], b"hi"),
        ("implode", [b"", [b"h", b"i"]], b"hi"),
        ("gzinflate", [zlib.compress(b"hi")[2:-4]], b"hi"),
    ],
)
def test_decodes_as_php_does(name: str, arguments: list[object], result: bytes):
    assert decode(name.encode(), arguments) == result


def test_a_bomb_is_cut_off():
    bomb = zlib.compress(b"\0" * 50_000_000)
    assert len(decode(b"gzuncompress", [bomb])) == MAX_OUT  # type: ignore[arg-type]  # text


def test_strings_count_up():
    assert increment(b"Az") == b"Ba"
    assert increment(b"zz") == b"aaa"


def test_xor_is_as_long_as_the_shorter():
    assert xor(b"ab", b"\0") == b"a"


def test_unknown_functions_are_not_decoded():
    with pytest.raises(NotDecoded):
        decode(b"system", [b"id"])


values = st.one_of(st.binary(max_size=40), st.integers(-(10**20), 10**20), st.lists(st.binary()))


@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(values, max_size=4))
def test_any_arguments_give_bounded_values_or_not_decoded(name: bytes, arguments: list[object]):
    try:
        result = decode(name, arguments)
    except NotDecoded:
        return
    assert not isinstance(result, bytes) or len(result) <= MAX_OUT


def test_base64_takes_what_python_would_refuse():
    assert decode(b"base64_decode", [base64.b64encode(b"hello").rstrip(b"=")]) == b"hello"

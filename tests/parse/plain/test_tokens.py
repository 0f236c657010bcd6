import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.plain.tokens import (
    CLOSE,
    HTML,
    NAME,
    OPEN,
    STRING,
    TEMPLATE,
    VARIABLE,
    string_value,
    tokenize,
)


def kinds(content: bytes) -> list[int]:
    return [token.kind for token in tokenize(content)]


def test_html_tags_and_code_are_told_apart():
    assert kinds(b"<p><?php $a?><b>") == [HTML, OPEN, VARIABLE, CLOSE, HTML]


def test_comments_are_left_out_even_inside_a_call():
    texts = [token.text for token in tokenize(b"<?php eval/* x */( // y\n 1 # z\n);")]
    assert texts == [b"<?php", b"eval", b"(", b"1", b")", b";"]


def test_a_comment_ends_where_php_ends():
    assert kinds(b"<?php // a ?>b") == [OPEN, CLOSE, HTML]


def test_escapes_are_undone_in_double_quotes_alone():
    double, single = tokenize(rb"""<?php "\x41\102\u{43}" '\x41\''""")[1:]
    assert (double.kind, string_value(double)) == (TEMPLATE, b"ABC")
    assert (single.kind, string_value(single)) == (STRING, rb"\x41'")


def test_heredoc_and_nowdoc():
    heredoc = tokenize(b"<?php <<<E\nab\\x41\nE;")[1]
    nowdoc = tokenize(b"<?php <<<'E'\nab\\x41\n  E;")[1]
    assert string_value(heredoc) == b"abA"
    assert (nowdoc.kind, string_value(nowdoc)) == (STRING, b"ab\\x41")


def test_xml_declarations_are_no_php():
    assert kinds(b'<?xml version="1.0"?><a/>') == [HTML]


def test_code_without_a_tag_is_read_when_asked():
    assert [t.kind for t in tokenize(b"eval", inside=True)] == [NAME]


@pytest.mark.parametrize(
    "piece", [b"<<<A\n", b"'\\", b'"', b"/*", b"?", b"<?", b"<script php ", b"1_", b"`\\`"]
)
def test_hostile_repetitions_cost_linear_time(piece: bytes):
    start = time.process_time()
    tokenize(b"<?php " + piece * (1_000_000 // len(piece)))
    assert time.process_time() - start < 5


@given(st.binary(max_size=400))
def test_any_bytes_are_tokens_in_order(content: bytes):
    tokens = tokenize(b"<?php " + content)
    assert all(a.end <= b.start for a, b in itertools.pairwise(tokens))
    for token in tokens:
        string_value(token)

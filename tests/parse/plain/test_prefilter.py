import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.plain.prefilter import SMALL, has_long_run, is_php, needs_look

REST = b"\nnamespace Words; class Words { public function say(): string { return 'a'; } }\n" * 40


@pytest.mark.parametrize(
    "code",
    [
        b"eval($_POST['w']);",
        b"$f($_GET['w']);",
        b"eval(base64_decode($w));",
        rb'include "\057var\x2f";',
        b"$a = 'word'.'word'; $a($b);",
        b" " * 200 + b"$x;",
        b"$text = '" + b"QUJD" * 400 + b"';",
        b"mail($to, $_SERVER['HTTP_HOST'], $text);",
    ],
)
def test_what_may_be_planted_gets_a_look(code: bytes):
    content = b"<?php\n" + code + REST
    assert len(content) > SMALL
    assert needs_look(content)


@pytest.mark.parametrize(
    "code",
    [
        b"return $this->words->evaluate($text);",
        b"require __DIR__ . '/words.php';",
        b"$text = file_get_contents($path);",
        b"return preg_replace('/a/', 'b', $text);",
    ],
)
def test_ordinary_code_gets_none(code: bytes):
    assert not needs_look(b"<?php\n" + code + REST)


def test_tags_of_php_are_told_from_others():
    assert is_php(b"GIF89a<?php")
    assert is_php(b"<?= $a ?>")
    assert not is_php(b'<?xml version="1.0"?>')


def test_long_runs_may_be_broken_by_line_ends():
    assert has_long_run(b"ABCD\n" * 200)
    assert not has_long_run(b"some words of a text " * 200)


@pytest.mark.parametrize(
    "piece", [b"$a", b"`", b"require ", b"eval", b"<?", b"mail(", b"'.'", b"str_replace('"]
)
def test_hostile_repetitions_cost_linear_time(piece: bytes):
    start = time.process_time()
    needs_look(b"<?php " + piece * (2_000_000 // len(piece)))
    is_php(piece * (2_000_000 // len(piece)))
    assert time.process_time() - start < 5


@given(st.binary(max_size=300))
def test_any_bytes_are_judged(content: bytes):
    assert needs_look(content) in (True, False)

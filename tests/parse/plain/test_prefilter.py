import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.plain.prefilter import (
    LONG_RUN,
    bears_php,
    has_long_run,
    is_page_or_script,
    is_php,
)


def test_tags_of_php_are_told_from_others():
    assert is_php(b"GIF89a<?php")
    assert is_php(b"<?= $a ?>")
    assert not is_php(b'<?xml version="1.0"?>')


@pytest.mark.parametrize(
    ("content", "does"),
    [
        (b"GIF89a\0<?php echo 1;", True),
        (b"<?= $a ?>", True),
        (b"GIF89a <? echo $_GET['w'] ?>", True),
        (b"GIF89a\0 <? echo $_GET['w'] ?>", False),
        (b"<? eval(chorale($words)); ?>", True),
        (b"<? @include 'hymns.php' ?>", True),
        (b"of old, <? evaluate was a tag", False),
        (b'<?xml version="1.0"?> $_', False),
        (b"what <? is that", False),
    ],
)
def test_php_in_a_file_of_another_name(content: bytes, *, does: bool):
    assert bears_php(content) is does


@pytest.mark.parametrize(
    ("name", "content", "does"),
    [
        ("1218077c", b"/* counter */\n// of visits\nvar seen = 0;", True),
        ("stats.kestrel", b"\xef\xbb\xbf\n (function(){})()", True),
        ("1218077c", b'<script src="//kestrel.example/a.js"></script>', True),
        ("cookie.gif", b"GIF89a var x", False),
        ("blob", b"var x\0", False),
        ("notes.txt", b"var x = 1", False),
        ("license", b"The variety of licences", False),
        ("makefile", b"all: test\n\techo", False),
        ("", b"", False),
    ],
)
def test_pages_and_scripts_under_names_that_say_nothing(name: str, content: bytes, *, does: bool):
    assert is_page_or_script(name, content) is does


def test_long_runs_may_be_broken_by_line_ends():
    assert has_long_run(b"ABCD\n" * 200)
    assert not has_long_run(b"some words of a text " * 200)


@pytest.mark.parametrize(
    "piece",
    [
        b"$a",
        b"`",
        b"require ",
        b"eval",
        b"<?",
        b"mail(",
        b"'.'",
        b"str_replace('",
        b" ",
        b"/**/",
        b"//\n",
        b"<!--",
    ],
)
def test_hostile_repetitions_cost_linear_time(piece: bytes):
    start = time.process_time()
    has_long_run(b"<?php " + piece * (2_000_000 // len(piece)))
    is_php(piece * (2_000_000 // len(piece)))
    bears_php(piece * (2_000_000 // len(piece)))
    is_page_or_script("a", piece * (900_000 // len(piece)))
    assert time.process_time() - start < 5


@given(st.binary(max_size=300))
def test_any_bytes_are_judged(content: bytes):
    assert is_php(content) in (True, False)
    assert has_long_run(content) in (True, False)
    assert is_page_or_script("a", content) in (True, False)


@given(st.integers(0, 60), st.integers(560, 640), st.integers(0, 60))
def test_a_run_is_as_long_as_it_is_wherever_it_begins(before, length, after):
    content = b" " * before + b"A" * length + b" " * after
    assert has_long_run(content) == (length >= LONG_RUN)

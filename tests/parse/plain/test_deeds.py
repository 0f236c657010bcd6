"""What a program does to a server at a request's bidding, and what only looks like it."""

import pytest

from unhijack.parse.plain.files import plain_marks

PACKED = "d29yZHMg" * 30

BIDDEN = {
    "php-lists-as-request-says": "foreach (scandir($_GET['d']) as $w) { echo $w; }",
    "php-deletes-as-request-says": "unlink($_GET['w']);",
    "php-connects-where-request-says": "$w = fsockopen($_POST['host'], 80);",
    "php-writes-packed-text": f"file_put_contents('words', base64_decode('{PACKED}'));",
    "php-unpacks-files": "$l = array('w' => 'd29yZHM='); foreach ($l as $n => $w)"
    " { file_put_contents($n . '.x', base64_decode($w)); }",
    "php-writes-fetched-file": "$w = file_get_contents('http://words.test/w');"
    " file_put_contents('words.html', $w);",
    "php-fetches-where-request-says": "$c = curl_init(base64_decode($_GET['u']));",
    "php-spies": "passthru('uname -a');",
    "php-document-calls": "yaml_parse($_POST['w'], 0, $n, array('!w' => 'words'));",
}
UNBIDDEN = [
    "foreach (scandir(__DIR__ . '/words') as $w) { echo $w; }",
    "unlink($cache . '/' . basename($name));",
    "$w = fsockopen('smtp.parish.example', 25);",
    "exec('git log -1', $lines);",
    "system('uptime-report --short');",
    "file_put_contents($file, json_encode($words));",
]


def said(code: str) -> dict[str, float]:
    marks = plain_marks("words.php", b"<?php\n" + code.encode() + b"\n")
    return {mark.rule: mark.confidence for mark in marks}


@pytest.mark.parametrize(("rule", "code"), BIDDEN.items())
def test_a_deed_is_seen(rule: str, code: str) -> None:
    assert said(code).get(rule, 0) >= 0.5


@pytest.mark.parametrize("code", UNBIDDEN)
def test_the_sites_own_deeds_are_left_alone(code: str) -> None:
    assert max(said(code).values(), default=0) < 0.5


def test_none_of_them_is_certain() -> None:
    for code in BIDDEN.values():
        assert max(said(code).values()) < 0.9

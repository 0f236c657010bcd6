"""Many small signs together: each is recognised where it stands, in any spelling, and what they come
to tells code that shows some visitors another site from code that does not. All of it is invented
and leads to reserved names.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.plain import cloak_weights
from unhijack.parse.plain.cloak_signs import SIGNS
from unhijack.parse.plain.cloak_text import MOST_GROWN, cloak_text
from unhijack.parse.plain.cloaks import (
    ENOUGH,
    LEAST,
    MOST,
    cloak_marks,
    score_of,
    second_opinion,
    signs_of,
    stretches,
)
from unhijack.parse.plain.clues import Clues
from unhijack.parse.plain.every import every_mark
from unhijack.parse.plain.marks import Mark

SHOWN = {
    "referrer": "$r = $_SERVER['HTTP_REFERER'];",
    "agent": "$a = getenv('HTTP_USER_AGENT');",
    "kind": "if (isBot()) {}",
    "place": "$c = geoip_country_code_by_name($i);",
    "language": "$l = $_SERVER['HTTP_ACCEPT_LANGUAGE'];",
    "cookie": "if ($_COOKIE['w']) {}",
    "stranger": "if (!is_user_logged_in()) {}",
    "chance": "if (mt_rand(0, 9) > 3) {}",
    "hour": "if (date('G') > 20) {}",
    "engines": "$list = 'google,yahoo';",
    "engines>=2": "$list = 'google,yahoo';",
    "social": "$list = 'facebook';",
    "robots": "$list = 'googlebot';",
    "phones": "$list = 'iphone|android';",
    "desktop": "$list = 'firefox';",
    "countries": "in_array($c, ['us', 'de']);",
    "compares": "stripos($_SERVER['HTTP_USER_AGENT'], 'words');",
    "search-words": "$w = 'casino';",
    "sends": "header('Location: ' . $u);",
    "script-sends": "echo '<script>window.location = 1;</script>';",
    "refreshes": "echo '<meta http-equiv=\"refresh\">';",
    "loads": "echo '<script src=\"a.js\">';",
    "fetches": "curl_exec($c);",
    "shows": "echo $words;",
    "header-made": "header($h . $w);",
    "serves-file": "readfile('/srv/.words/a.html');",
    "data-script": "echo 'data:text/javascript,1';",
    "buffer": "ob_start('words');",
    "canonical": "echo '<link rel=\"canonical\">';",
    "rewrites": "$w = 'RewriteCond';",
    "foreign": "$u = 'https://words.test/';",
    "foreign-host": "$u = 'words.test';",
    "sends-foreign": "header('Location: https://words.test/');",
    "sends-variable": "header('Location: ' . $u);",
    "sends-made": "header('Location: ' . implode('', $u));",
    "chooses": "$u = $list[array_rand($list)];",
    "numbered-host": "$u = 'https://w' . $n . '.words';",
    "home": "wp_redirect(home_url('/'));",
    "path": "header('Location: /words/');",
    "shows-and-ends": "echo 'words'; exit;",
    "silent": "@words();",
    "variable-calls": "$f($w);",
    "odd-spelling": "$w = filter_input(1, 2);",
    "decoders": "$w = base64_decode($w);",
    "front": "add_action('init', 'words');",
    "stored": "$u = get_option('words');",
    "script-made": "echo '<script>' . $w;",
    "answers-foreign": "return 'https://words.test/';",
    "loads-made": "echo '<script src=\"' . $u;",
    "checks": "wp_verify_nonce($n);",
    "throws": "throw new Words();",
    "typed": "function words(): string { }",
    "escapes": "echo esc_html($w);",
    "translates": "echo __('words');",
    "tests": "$this->assertSame(1, 2);",
    "safe-redirect": "wp_safe_redirect($u);",
    "extends": "class Words extends More {}",
    "logs": "error_log('words');",
}


def seen(code: bytes) -> set[str]:
    text = cloak_text(b"<?php " + code).text
    return {sign.name for sign in SIGNS if sign.pattern.search(text)}


@pytest.mark.parametrize(("name", "code"), SHOWN.items())
def test_a_sign_is_seen_where_it_stands_and_not_elsewhere(name: str, code: str) -> None:
    assert name in seen(code.encode())
    assert name not in seen(b"$words = new Words(1); $words->say(2);")


def test_each_sign_has_its_example() -> None:
    assert {sign.name for sign in SIGNS} == set(SHOWN)


def test_each_sign_counts_for_something() -> None:
    told = {part.lstrip("!") for row in cloak_weights.TABLE for part in row.when.split("&")}
    used = told | {name for told_of in told for name in members_of(told_of)}
    used |= {"stored", "serves-file", "loads-made"}  # without which nothing is looked at closer
    assert {sign.name for sign in SIGNS} <= used


def members_of(part: str) -> tuple[str, ...]:
    return cloak_weights.GROUPS.get(part.partition(">=")[0], ())


def test_the_table_speaks_of_signs_that_there_are() -> None:
    known = {sign.name for sign in SIGNS} | set(cloak_weights.GROUPS)
    known |= {"decoded", "spelled", "joined", "remarks", "kept", "settings-page"}
    for row in cloak_weights.TABLE:
        for part in row.when.split("&"):
            name = part.lstrip("!")
            assert name in known or re.sub(r">=\d$", "", name) in known, row
        assert row.why
    for members in cloak_weights.GROUPS.values():
        assert set(members) <= known


SPELLINGS = {
    "base64": "base64_decode('aHR0cHM6Ly93b3Jkcy50ZXN0Lw==')",
    "base64 in a list": "$list['aHR0cHM6Ly93b3Jkcy50ZXN0Lw==']",
    "turned": "strrev('/tset.sdrow//:sptth')",
    "turned in a list": "$list['/tset.sdrow//:sptth']",
    "rot13": "str_rot13('uggcf://jbeqf.grfg/')",
    "hexadecimal": "pack('H*', '68747470733a2f2f776f7264732e746573742f')",
    "letters by number": "chr(104) . chr(116) . 'tps://' . 'words' . '.test/'",
    "a list of letters": "join('', ['h', 't', 't', 'p', 's', ':', '/', '/', 'w', 'o', 'r', 'd', 's', '.', 't', 'e', 's', 't', '/'])",
    "a list of numbers": "map('chr', [104,116,116,112,115,58,47,47,119,111,114,100,115,46,116,101,115,116,47])",
    "escapes": '"\\x68\\x74\\x74\\x70\\x73\\x3a//words\\x2etest/"',
    "pieces": "'htt' . 'ps://wo' . 'rds.te' . 'st/'",
    "pieces one after another": "'https:'; $u .= '//words'; $u .= '.test/'; words($u)",
    "junk between": "str_replace(array('#', '|'), '', 'ht#tps:/|/wo#rds.te|st/')",
    "per cent": "urldecode('https%3A%2F%2Fwords%2Etest%2F')",
}


@pytest.mark.parametrize("code", SPELLINGS.values(), ids=SPELLINGS)
def test_an_address_is_read_however_it_is_spelled(code: str) -> None:
    text, undone = cloak_text(f"<?php $u = {code};".encode())
    assert b"https://words.test/" in text
    assert undone & {"decoded", "spelled", "joined"}


def test_remarks_are_left_out_but_addresses_are_not() -> None:
    text = cloak_text(
        b"<?php /* one */ $u = 'http://words.test/'; // two\n# three\n$more = 1;"
    ).text
    assert b"http://words.test/" in text
    assert not re.search(rb"one|two|three", text)


CLOAKS = {
    "searchers": b"<?php $from = apache_request_headers(); if (preg_match('~google|bing~', $from['Referer']))"
    b" { $to = explode(' ', 'https://words.test/ more'); header('Location: ' . $to[0]); exit; }",
    "phones": b"<?php function phone($a) { return stripos($a, 'android') || stripos($a, 'iphone'); }\n"
    b"if (phone($_SERVER['HTTP_USER_AGENT']) && !isset($_COOKIE['w'])) { setcookie('w', 1);"
    b" echo '<script>top.location=\"//words.test/\"</script>'; exit; }",
}
TWINS = {
    "own pages": b"<?php if (preg_match('~google|bing~', $_SERVER['HTTP_REFERER'])) { header('Location: /welcome.php'); exit; }",
    "own host": b"<?php if (stripos($_SERVER['HTTP_USER_AGENT'], 'android') && !isset($_COOKIE['full']))"
    b" { header('Location: https://m.' . $_SERVER['HTTP_HOST'] . '/'); exit; }",
    "counts robots": b"<?php if (preg_match('~googlebot|bingbot~i', $_SERVER['HTTP_USER_AGENT'])) { $robots++; }",
}


@pytest.mark.parametrize("code", CLOAKS.values(), ids=CLOAKS)
def test_signs_together_are_spoken_of_but_never_as_certain(code: bytes) -> None:
    (mark,) = cloak_marks(Clues(code))
    assert mark.kind == "redirect"
    assert LEAST <= mark.confidence <= MOST
    assert code[: mark.start].count(b"\n") == code.count(b"\n")


@pytest.mark.parametrize("code", TWINS.values(), ids=TWINS)
def test_honest_twins_are_left_in_peace(code: bytes) -> None:
    assert cloak_marks(Clues(code)) == []


def test_what_stands_far_apart_does_not_add_up() -> None:
    """The same signs all over a large file are no stretch of code."""
    (code,) = [code for name, code in CLOAKS.items() if name == "searchers"]
    ask, _, leave = code.partition(b"{ $to")
    far = b"\nfunction words() { return 1; }\n" * 200
    assert cloak_marks(Clues(b"<?php " + far + code[5:] + far))
    assert not cloak_marks(Clues(ask + b"{}}" + far + b"{ $to" + leave + far))


def test_a_second_opinion_is_asked_only_where_no_rule_spoke() -> None:
    code = CLOAKS["searchers"]
    said = Mark("php-redirect-words", "redirect", 0.7, "Words.", 0, 1)
    assert second_opinion(Clues(code), [said]) == []
    assert second_opinion(Clues(code), [said._replace(confidence=0.3)])


def test_the_one_file_scanner_has_it_too() -> None:
    assert any(mark.rule == "php-cloaks" for mark in every_mark("w.php", CLOAKS["searchers"]))


@given(st.binary(max_size=2_000))
def test_random_bytes_never_raise_and_what_is_made_of_them_is_bounded(content: bytes) -> None:
    clues = Clues(b"<?php $_SERVER['HTTP_REFERER'] 'chr(34) " + content)
    assert all(LEAST <= mark.confidence <= MOST for mark in cloak_marks(clues))
    assert len(cloak_text(content).text) <= MOST_GROWN


@given(st.text(alphabet="ab'\".,;()[]\\/#*x0123456789$= \n", max_size=2_000))
def test_what_looks_like_code_is_bounded_too(content: str) -> None:
    code = b"<?php $_COOKIE;" + content.encode()
    for stretch in stretches(Clues(code)):
        assert score_of(signs_of(Clues(code), stretch)) < ENOUGH + 50


def test_what_leads_to_the_site_itself_leads_nowhere() -> None:
    code = (
        b"<?php if (preg_match('/google|bing/', $_SERVER['HTTP_REFERER'])) "
        b"{ header('Location: http://www.shop.test/x'); exit; }"
    )
    assert cloak_marks(Clues(code))
    assert not cloak_marks(Clues(code), frozenset({"shop.test"}))
    assert cloak_marks(Clues(code), frozenset({"op.test"}))

"""Small things that honest programs hardly ever have: for which a file is read as a whole, and some
that are marks by themselves.
"""

from __future__ import annotations

import re

from unhijack.parse.plain.clues import Clues, Texts
from unhijack.parse.plain.errands import ERRANDS
from unhijack.parse.plain.habits import HABITS
from unhijack.parse.plain.html_page import SHOWN
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.shop_core import IN_SHOP_CORE, is_shop_core
from unhijack.parse.plain.tell import Tell, Tells

MOST_STIRRING = 40
"""Places at which something stirs; a file with more is read whole."""

_STRONG = frozenset(
    (
        b"unlink(__file__",
        b"error_reporting(0)",
        b"file_append",
        b"wp_set_auth_cookie(",
        b"wp_set_password(",
        b"->set_role(",
        b"new wp_user(1",
        b"/dev/shm/",
        b"'/tmp/",
        b"getcc",
        b"cc_number",
        b"card_number",
        b"_post['pwd",
        b"json_encode($_",
        b"serialize($_",
        b"unserialize($_",
        b"print_r($_post",
        b"curl_init('http",
        b"curlopt_url, 'http",
        b'curlopt_url, "http',
        b"file_get_contents('http",
        b'file_get_contents("http',
    )
)
"""So rare in honest programs that a file of any size is read for them."""
_STIRS = frozenset(
    (
        b"stream_context_create(",
        b"fsockopen(",
        b"pfsockopen(",
        b"wp_remote_get(",
        b"wp_authenticate",
        b"getpost('pay",
        b"openssl_public_encrypt",
        b"include '/",
        b"include('/",
        b'"/tmp/',
        b"cc_cid",
        b"print_r($_",
        b"http_build_query($_",
        b"$_post['p",
        b'$_post["p',
        b"eval(get_",
        b"user_pass",
        b"'authenticate'",
        b"set_time_limit(0)",
        b"@ini_set(",
        b"ignore_user_abort",
        b"@opendir",
        b"wp_create_user(",
        b"wp_insert_user(",
        b"pre_user_query",
        b"new reflectionclass(",
        b"public_html",
        b"/etc/passwd",
        b"shell.application",
        b"wscript.shell",
        b"http_user_agent",
        b"php_uname",
    )
)
_SLICING = (b"substr('", b'substr("', b"mb_substr('", b'mb_substr("')
_SLICES = re.compile(rb"substr\(([\"'])[^\"'\n$]{5,60}\1\s?,\s?-?\d{1,3}")
_ANY_STIRS = _STRONG | _STIRS
_SEAMS = tuple(re.compile(re.escape(seam)) for seam in (b'"."', b"'.'", b'" . "', b"' . '"))
_SELDOM = tuple((text, re.compile(re.escape(text)), n) for text, n in ((b"\\x", 20), (b"*/$", 5)))
"""Escapes, and names that a remark cuts off from what stands before; how many are many."""
_SEAM = re.compile(rb"([\"'])(?<=[a-z_][a-z_].)\s?\.\s?\1[a-z_]{2}")
_SEAM_BY_DOT = re.compile(
    rb"\.(?:(?:(?<=[a-z_][a-z_]\"\.)|(?<=[a-z_][a-z_]\"\s\.))\s?\"[a-z_]{2}"
    rb"|(?:(?<=[a-z_][a-z_]'\.)|(?<=[a-z_][a-z_]'\s\.))\s?'[a-z_]{2})"
)
"""The same, found by its dot: there are fewer dots than quotes."""


def stirs_strongly(clues: Clues) -> bool:
    """Whether a file of any size is worth reading as a program."""
    return any(word in clues.low for word in clues.likely(_WORDS) & _STRONG)


def stirring(clues: Clues, *, strongly: bool = False) -> list[int] | None:
    """Where in a file that stands for which it `stirs`; None where it is all over it."""
    low = clues.low
    if not strongly and _has_many(low):
        return None
    found = []
    for word in clues.likely(_WORDS) & (_STRONG if strongly else _ANY_STIRS):
        at = low.find(word)
        while at >= 0:
            found.append(at)
            at = low.find(word, at + len(word))
    for pattern in () if strongly else (_SLICES, _SEAM):
        found += [match.start() for match in pattern.finditer(low)]
    return found if len(found) <= MOST_STIRRING else None


def stirs(clues: Clues) -> bool:
    """Whether a file has something for which it is worth reading as a program."""
    low, likely = clues.low, clues.likely(_WORDS)
    if any(word in low for word in likely & _ANY_STIRS) or _has_many(low):
        return True
    if not likely.isdisjoint(_SLICING) and _SLICES.search(low):
        return True
    return _SEAM_BY_DOT.search(low) is not None and any(seam.search(low) for seam in _SEAMS)


def _has_many(low: bytes) -> bool:
    """Whether a file has much of what is seldom in others: a search for one costs less."""
    return any(
        pattern.search(low) is not None and low.count(text) >= least
        for text, pattern, least in _SELDOM
    )


_CORE = re.compile(
    r"(?:^|/)(?:wp-includes|wp-admin|app/code/core|core/(?:modules|lib)|administrator|libraries/(?:joomla|src))/"
)
"""Folders that hold nothing but the program as its makers released it."""

_CORE_WORDS = (b"category", b"package", b"copyright", b"drupal")
_CORE_HEAD = re.compile(
    rb"@(?:category\s{1,9}mage\b|package\s{1,9}(?:mage_|joomla\.|wordpress\b(?!\s{0,9}\*\s{0,9}@subpackage\s{1,9}(?:twenty|theme)))"
    rb"|copyright[^\n]{0,60}\bmagento\b)"
)
_DRUPAL = re.compile(rb"namespace drupal\\core")


def is_core(clues: Clues, path: str) -> bool:
    """Whether a file is one of a well-known program's own, by place or by head."""
    if "wp-content/" in path:
        return False
    if _CORE.search(path) is not None:
        return True
    if clues.words.isdisjoint(_CORE_WORDS):
        return False
    head = clues.low[:4000]
    return _CORE_HEAD.search(head) is not None or _DRUPAL.search(head) is not None


IN_CORE: tuple[Tell, ...] = (
    Tell(
        "php-core-prints-fetched",
        "injection",
        0.65,
        "A file of the program itself fetches what it prints on each page.",
        (b"add_action", b"//", b"wp_"),
        re.compile(
            rb"['\"]wp_(?:head|footer)['\"][^}]{0,300}?\b(wp_remote_get|file_get_contents|curl_init|readfile)\s?\(\s?['\"](?:https?:)?//"
        ),
        glimpse=re.compile(rb"wp_(?:head|footer)['\"]"),
    ),
    Tell(
        "php-core-prints-script",
        "injection",
        0.65,
        "A file of the program itself prints a script of another site.",
        (b"<script", b"add_action", b"//"),
        re.compile(
            rb"(?:echo|print|\?>)[^;]{0,60}(<script[^>]{0,80}\ssrc\s?=\s?\\?['\"]?\s?(?:https?:)?//[a-z0-9.-]{4,80}/)"
        ),
        glimpse=re.compile(rb"<script[^>]{0,80}\ssrc"),
    ),
    Tell(
        "php-core-hooks-itself",
        "injection",
        0.5,
        "A file of the program itself adds something to the head or foot of each page.",
        (b"add_action", b"<script"),
        re.compile(rb"(add_action\s?\(\s?['\"]wp_(?:head|footer)['\"]\s?,\s?function\b)"),
    ),
)

TELLS: tuple[Tell, ...] = (
    Tell("php-opens-login", "backdoor", 0.75,
         "Lets in whoever knows a password that stands in the program.",
         (b"authenticate", b"get_user"),
         re.compile(rb"\$\w{1,30}\s?={2,3}\s?['\"][^'\"\n]{6,64}['\"]\s?\)\s{0,20}\{?\s{0,40}(?:return|\$\w{1,30}\s?=)\s?(?:get_user_by|new wp_user|get_userdata)")),
    Tell("php-opens-login", "backdoor", 0.7,
         "Lets in whoever knows a password that stands in the program.",
         (b"check_password", b"true"),
         re.compile(rb"\$\w{1,30}\s?={2,3}\s?['\"][^'\"\n]{6,64}['\"]\s?(?:\)\s{0,20}\{?\s{0,40}return true|\?\s?true)")),
    Tell("php-opens-login", "backdoor", 0.75,
         "Lets in whoever knows a password that stands in the program.",
         (b"new wp_user",),
         re.compile(rb"\$\w{1,30}\s?={2,3}\s?['\"][^'\"\n]{6,64}['\"]\s?\)\s{0,20}\{?\s{0,40}(?:return|\$\w{1,30}\s?=)\s?new wp_user")),
    Tell("php-logs-in-administrator", "backdoor", 0.65,
         "Looks for an administrator and logs a visitor in as him.",
         (b"wp_set_auth_cookie", b"administrator"),
         re.compile(rb"administrator['\"][^}]{0,300}wp_set_auth_cookie")),
    Tell("php-watches-logins", "injection", 0.75,
         "Keeps or sends away what people log in with.",
         (b"authenticate", b"add_", b"function"),
         re.compile(rb"['\"](?:wp_authenticate|authenticate|check_password)['\"]\s?,\s?(?:static )?function\b[^}]{0,300}?\b(file_put_contents|fwrite|fputs|error_log|mail|wp_mail|wp_remote_\w{3,8}|curl_init|file_get_contents)\s?\(")),
    Tell("php-inserts-account", "backdoor", 0.65,
         "Puts a user into the site's database by itself.",
         (b"user_pass", b"insert into"),
         re.compile(rb"insert\s{1,5}into[^;\n]{0,80}user_login[^;\n]{0,60}user_pass[^;\n]{0,120}values")),
    Tell("php-hides-users-by-list", "backdoor", 0.6,
         "Leaves a user out of the list that an administrator is shown.",
         (b"users_list_table_query_args", b"exclude", b"add_filter"),
         re.compile(rb"\[\s?['\"]exclude['\"]\s?\]")),
    Tell("php-hides-user-by-style", "backdoor", 0.65,
         "Leaves a user out of the list that an administrator is shown.",
         (b"#user-", b"none"),
         re.compile(rb"#user-\d{1,9}\s?\{\s?display\s?:\s?none")),
    Tell("php-hides-users-by-list", "backdoor", 0.6,
         "Leaves a user out of the list that an administrator is shown.",
         (b"pre_get_users", b"exclude", b"add_action"),
         re.compile(rb"->set\s?\(\s?['\"]exclude['\"]")),
    Tell("php-hides-links", "spam", 0.6,
         "Prints links where people do not see them.",
         (b"href", b"none"),
         re.compile(rb"(?:echo|print)\s[^\n]{0,80}display\s?:\s?none[^>\n]{0,60}>\s{0,9}((?:<a\s[^>\n]{0,60}href\s?=\s?\\?['\"]https?://[^<\n]{0,200}</a>[^<\n]{0,9}){2})"),
         glimpse=re.compile(rb"display\s?:\s?none")),
    Tell("php-hides-links", "spam", 0.65,
         "Prints links where people do not see them.",
         (b"href", b"px"),
         re.compile(rb"(?:left|top|indent)\s?:\s?-\d{3,5}px[^>\n]{0,80}>\s{0,9}(<a\s[^>\n]{0,60}href\s?=\s?\\?['\"]https?://)"),
         glimpse=re.compile(rb":\s?-\d{3}")),
    Tell("php-hides-plugin", "backdoor", 0.65,
         "Leaves a plugin out of the list that an administrator is shown.",
         (b"all_plugins", b"unset", b"add_filter"),
         re.compile(rb"unset\s?\(\s?\$\w{1,30}\s?\[\s?(?:['\"][\w./-]{3,80}\.php['\"]|plugin_basename)")),
    Tell("php-logs-in-beside", "backdoor", 0.65,
         "Starts WordPress by itself and logs a visitor in.",
         (b"wp_set_auth_cookie", b"require"),
         re.compile(rb"require(?:_once)?\s{0,3}\(?[^;\n]{0,80}wp-(?:load|blog-header|config)\.php")),
    Tell("php-hides-users-by-query", "backdoor", 0.75,
         "Leaves a user out of the list that an administrator is shown.",
         (b"pre_user_query", b"user_login"),
         re.compile(rb"user_login\s{0,5}(?:!=|<>|not\s{1,3}(?:in|like))"),
         (b"add_action", b"add_filter")),
    Tell("php-reads-shop-config", "backdoor", 0.5,
         "Reads the shop's configuration from outside of the shop's own program.",
         (b"app/etc/local.xml", b"document_root"),
         re.compile(rb"document_root['\"]?\]?[^;\n]{0,40}app/etc/local\.xml")),
    Tell("php-skims-fields", "injection", 0.75,
         "Picks the fields of a payment out of what visitors send.",
         (b"file_put_contents", b"$_post", b"preg_match"),
         re.compile(rb"preg_match(?:_all)?\s{0,5}\([^;\n]{0,60}?(?:cc_|cvv|card_?num|billing|checkout)[^;\n]{0,200}\$_(?:post|request|server)")),
    Tell("php-finds-configs", "webshell", 0.6,
         "Goes through other customers' sites for their configuration.",
         (b"wp-config.php", b"configuration.php", b"public_html"),
         re.compile(rb"/home\d{0,2}/|/etc/passwd|/var/www")),
    Tell("php-fills-spaces", "injection", 0.6,
         "Hides code behind so many blanks that an editor does not show it.",
         (b"<?php                                        ",),
         re.compile(rb"<\?php {100,2000}([^\s?/#])")),
)  # fmt: skip


_ANYWHERE = Tells(TELLS + HABITS + ERRANDS)
_IN_CORE = Tells(IN_CORE)
_IN_SHOP_CORE = Tells(IN_SHOP_CORE)

_WORDS = Texts(
    *(*_STRONG, *_STIRS, *_SLICING, *SHOWN),
    *(word for tells in (_ANYWHERE, _IN_CORE, _IN_SHOP_CORE) for word in tells.first_words()),
    code=True,
    shared=(b"wp_", b"curl", b"user", b"file_", b"_post", b"card_", b"http_", b"auth", b"config"),
)


def shows_page(clues: Clues) -> bool:
    """Whether a file has anything for which it is read as a page; asked of its words first."""
    return any(text in clues.low for text in clues.likely(_WORDS) & _SHOWN)


_SHOWN = frozenset(SHOWN)


def tell_marks(clues: Clues, *, core: bool = False) -> list[Mark]:
    """Marks of what the bytes of a PHP file tell by themselves."""
    low, words, likely = clues.low, clues.words, clues.likely(_WORDS)
    told = _ANYWHERE.marks(low, words, likely)
    if core:
        told += _IN_CORE.marks(low, words, likely)
        if is_shop_core(low):
            told += _IN_SHOP_CORE.marks(low, words, likely)
    return told

"""Which stretches of a PHP file have to be read as a program: those where what planted code
takes stands near what it does with it.

A stretch that says nothing clears its part of the file; one that says anything is a reason to
read the file whole. So what is looked for here may be loose, but must not miss.
"""

from __future__ import annotations

from unhijack.parse.plain import sources
from unhijack.parse.plain.clues import (
    ANYWHERE,
    MOST_PLACES,
    NAME_ENDS,
    OPENS,
    Clue,
    Clues,
    among,
    calls,
    names,
    near,
    texts,
)
from unhijack.parse.plain.prefilter import has_long_run

Stretch = tuple[int, int]

REACH = 2_500
"""Bytes between what planted code takes and what it does with it: it is compact."""
AROUND = 1_000
"""Bytes read before and behind what was found."""
NEAR = 1_200
"""The same, where one brings the other along."""
TINY = 1_200
"""A file smaller than this that asks for anything is read in any case; if it is no class, for less."""
SMALL = 6_000
"""A file not larger is read whole, if it has to be read at all."""

ASKS: tuple[Clue, ...] = (
    names(
        "_get _post _request _cookie _files http_post_vars http_get_vars http_cookie_vars"
        " http_post_files http_raw_post_data",
        before=rb"(?<=[$'\"{])",
    ),
    calls(
        "getallheaders apache_request_headers filter_input filter_input_array get_defined_vars"
        " import_request_variables"
    ),
    names("globals", rb"(?!\s?\[\s?['\"][a-z0-9][a-z0-9_]*['\"]\s?\])", before=rb"(?<=[$'\"{])"),
    names(
        "_server http_server_vars",
        rb"\s{0,5}(?:[^\s\[]|\[\s{0,5}(?:[^\s'\"]|['\"](?:http_(?!host|x_forwarded_proto)|query_string"
        rb"|request_uri|(?:orig_)?path_info|php_auth|redirect_|content_type|[^a-z])))",
        before=rb"(?<=[$'\"{])",
    ),
    calls("getenv", rb"\s{0,5}(?:[^'\"\s]|['\"]\s?(?:http_|query|[^a-z]))"),
    texts(b"php://input", after=NAME_ENDS, word=b"input"),
)
"""What a request brings."""
RUNS_TEXT = calls("eval create_function")
RUNS_UNSEEN = calls("eval", rb"\s{0,9}[^'\"\s]")
"""What is run stands elsewhere, maybe far away."""
RUNS = calls("exec system passthru shell_exec popen proc_open pcntl_exec expect_popen")
ASSERTS = calls("assert")
ASSERTS_TEXT = calls(
    "assert",
    rb"\s{0,9}(?:@|['\"]|\$[a-z0-9_]{1,60}(?:\[[^\]]{0,40}\]){0,4}\s{0,9}\)|(?!is_|in_|isset|empty|count"
    rb"|func|class|method|property|array|str|ctype|preg_match|file_exists|null|false|true)[a-z0-9_]{1,40}\()",
)
_RUNNERS = (
    rb"(?:eval|assert|create_function|exec|system|passthru|shell_exec|popen|proc_open|pcntl_exec)"
)
_HARMLESS = (
    rb"\s{0,9}(?!\s)(?!\)|['\"](?!\\?" + _RUNNERS + rb"['\"])[a-z0-9_\\:]{1,99}['\"]\s?[,)]"
    rb"|[a-z0-9_\\$:>-]{1,99}\(\.\.\.\)|function\b|fn\b|static\b|null\b|self::|\\?[a-z0-9_\\]{1,99}::"
    rb"|(?:array\s?\(|\[)\s{0,20}(?:\$this|&\s?\$this|__class__|['\"]|self\b|static\b|\\?[a-z0-9_\\]{1,99}::class))"
)
"""A callback by its plain name, a closure, a method: what is handed on cannot be chosen."""
HANDS_ON: tuple[Clue, ...] = (
    calls(
        "call_user_func call_user_func_array array_map register_shutdown_function"
        " register_tick_function forward_static_call forward_static_call_array ob_start"
        " set_error_handler set_exception_handler spl_autoload_register iterator_apply func_overload"
        " header_register_callback",
        _HARMLESS,
    ),
    calls(
        "array_filter array_walk usort uasort uksort array_reduce preg_replace_callback"
        " array_walk_recursive mb_ereg_replace_callback iterator_apply",
        rb"[^,;)]{0,200}(?:\([^,;)]{0,80}\)[^,;)]{0,80})?," + _HARMLESS,
    ),
    names("uasort uksort createfunction sqlitecreatefunction", rb"\s?\(", before=rb"(?<=->)"),
    calls(
        "array_udiff array_udiff_assoc array_udiff_uassoc array_uintersect array_uintersect_assoc"
        " array_uintersect_uassoc array_diff_uassoc array_intersect_uassoc array_intersect_ukey"
        " array_diff_ukey sqlite_create_function"
    ),
    calls("filter_var filter_var_array", rb"[^;]{0,200}\boptions\b"),
    calls("extract parse_str mb_parse_str unserialize"),
    names("reflectionfunction"),
    names("invoke invokeargs", rb"\s?\(", before=rb"(?<=->)"),
)
"""What calls the function that it is given, or makes variables and objects of what it is given."""
RUNNERS_NAMED = names(
    "assert system passthru create_function shell_exec eval exec popen proc_open",
    rb"['\"]",
    before=rb"(?<=['\"\\])",
)
"""Names of functions that run what they are given, as texts."""
DYNAMIC: tuple[Clue, ...] = (
    texts(
        b"$",
        after=rb"(?:(?<!->\$)(?<!::\$)(?=([a-z0-9_\x80-\xff]{1,60}))\1\s{0,5}\("
        rb"|\{(?![a-z_][a-z0-9_]{0,60}[}\[])[\"'$a-z_(\\]|\$[a-z_{])",
    ),
    texts(b"->{", after=rb"[\"'$a-z_(\\]"),
    texts(b"](", b"] (", after=rb"(?=\s{0,20}[$'\"a-z0-9_@\\)\[(&.~!])"),
    texts(
        *(b"}(", b")("),
        after=rb"(?<!\(int\)\()(?<!\(string\)\()(?<!\(bool\)\()(?<!\(array\)\()(?<!\(float\)\()"
        rb"(?=\s{0,20}[$'\"a-z0-9_@\\)~])",
    ),
)
"""Calls of what a variable or an expression names, and variables whose names are worked out."""
_LOADS = names("include include_once require require_once", before=rb"(?<![a-z0-9_$>:\x80-\xff])")
INCLUDES = among(_LOADS, rb"[^;$\n]{0,120}\$")
INCLUDES_HIDDEN = among(
    _LOADS,
    rb"(?:[\s(@]{0,9}(?:[\"'](?:https?:|ftp:|data:|php:)"
    rb"|(?:base64_decode|str_rot13|strrev|chr|urldecode|hex2bin|pack|rawurldecode)\s?\()"
    rb"|\s{0,30}(?!\s)(?=([^;\\\n]{0,200}))\1\\[0-9x])",
)
_DATA = rb"(?:ico|jpe?g|png|gif|bmp|svg|css|zip|gz|log|txt|dat|tmp|bak|swf|pdf|js|webp|ttf|woff|mp3|ott)"
INCLUDES_DATA = among(_LOADS, rb"(?:[^;{}.\n]{0,100}\.){1,6}" + _DATA + rb"['\"]")
DATA_NAMES = texts(b".", after=_DATA + rb"['\"]")
WRITES = calls("file_put_contents fwrite fputs copy rename move_uploaded_file")
MAILS = calls("mail")
FETCHES = calls(
    "curl_init curl_exec curl_setopt curl_setopt_array fsockopen pfsockopen stream_socket_client"
    " wp_remote_get wp_remote_post wp_safe_remote_get wp_remote_request wp_remote_fopen http_get"
    " drupal_http_request dns_get_record dns_get_txt socket_read socket_recv ftp_get"
    " curl_multi_getcontent curl_get_contents stream_context_create"
)
READS = calls(
    "file_get_contents file fopen readfile copy simplexml_load_file gzfile show_source get_headers"
    " gzopen getimagesize highlight_file bzopen"
)
ADDRESSES = texts(b"://", b":\\/\\/")
DECODERS = (
    "base64_decode gzinflate gzuncompress gzdecode zlib_decode str_rot13 hex2bin convert_uudecode"
    " strrev bzdecompress openssl_decrypt mcrypt_decrypt mcrypt_decode pack"
)
DECODES = names(DECODERS, rb"(?:\s{0,20}\(|['\"]|\s{0,20}/[*/])")
HIDES: tuple[Clue, ...] = (
    DECODES,
    calls("chr urldecode rawurldecode quoted_printable_decode convert_uuencode gzread"),
    calls("substr strtr ucfirst stripcslashes", rb"\s{0,9}['\"]"),
    calls(
        "implode join array_reverse",
        rb"\s{0,9}(?:['\"][^'\"]{0,9}['\"]\s{0,9},\s{0,9})?(?:array\s?\(|\[)\s{0,9}['\"]",
    ),
    calls("str_replace str_ireplace", rb"\s?['\"][^'\"]{1,12}['\"]\s?,\s?['\"]['\"]\s?,\s?['\"]"),
    names("getdoccomment"),
    names("goto", rb"\s[a-z0-9_\x80-\xff]{1,60}\s?;"),
    texts(b"\\x", after=rb"[2-7][0-9a-f](?:\\|[^\[\]]{0,3}['\"])"),
    texts(b"\\1", after=rb"[0-7]{2}[\\\"]"),
    texts(b"^", after=rb"(?<=[$\])'\"\s]\^)\s?[$'\"(]"),
    texts(b"~", after=rb"(?<=[=(.\s]~)\s?[$'\"(]"),
    texts(
        *(b'"."', b"'.'", b"'.\"", b"\".'", b'" . "', b"' . '"),
        after=rb"(?<=\w.\..)\w|(?<=\w. \. .)\w",
    ),
    texts(b"].$", b"}.$", b"] . $", after=rb"[a-z0-9_\x80-\xff]{1,40}[\[{]['\"]?\d"),
)
"""How names and programs are hidden."""
PATTERNS_RUN = calls(
    "preg_replace preg_filter mb_ereg_replace mb_eregi_replace ereg_replace",
    rb"[^,;]{0,400}[^\s\\a-z0-9'\"][imsxadujn]{0,6}e[imsxadujn]{0,6}['\"]\s{0,9}[,)]",
)
PATTERNS = calls(
    "preg_replace preg_filter mb_ereg_replace mb_eregi_replace ereg_replace",
    rb"\s{0,9}(?:[$@]|['\"][^,]{0,200}\\[x0-9]|['\"][^'\"]{0,40}['\"]\s?\.|[a-z_]{1,30}\()",
)
USERS = calls("wp_create_user wp_insert_user")
HOOKS = names(
    "all_plugins pre_user_query",
    rb"['\"]",
    before=rb"(?<=['\"])(?<!apply_filters\(.)(?<!apply_filters\( .)",
)

BACKTICKS = texts(
    b"`",
    after=rb"(?:(?<=[=(@]`)|(?<=[=(@] `)|(?<=echo`)|(?<=echo `)|(?<=return `))[^`]{1,400}`",
)

Pair = tuple[tuple[Clue, ...], tuple[Clue, ...], int]
"""Some of these have to stand so near to some of those."""

_KEPT = frozenset(
    b"param since license namespace implements instanceof phpunit extends abspath throw package".split()
)
"""Words of programs that are looked after. Of others the look as a whole may say something."""
_ASKS_LOOSELY = frozenset(
    b"query_string http_raw_post_data getallheaders apache_request_headers get_defined_vars".split()
)
_HANDS_ON_LOOSELY = frozenset(
    b"call_user_func call_user_func_array array_map array_filter array_walk usort uasort uksort"
    b" array_reduce array_diff_ukey array_udiff array_uintersect array_intersect_ukey preg_replace"
    b" ob_start register_shutdown_function reflectionfunction mb_ereg_replace invoke extract"
    b" parse_str unserialize".split()
)
MOST_TOGETHER = 256 * 1024
"""Bytes of stretches; a file of more is read whole at once."""
CARELESS = 2
KEPT_WELL = 3

ALONE: tuple[Clue, ...] = (
    RUNS,
    RUNS_TEXT,
    ASSERTS_TEXT,
    INCLUDES_HIDDEN,
    INCLUDES_DATA,
    PATTERNS_RUN,
)
PAIRS: tuple[Pair, ...] = (
    (ASKS, (*DYNAMIC, INCLUDES, WRITES, MAILS, ASSERTS, BACKTICKS), REACH),
    (ASKS, (*HANDS_ON, PATTERNS), NEAR),
    (ASKS, (FETCHES,), REACH),
    ((*DYNAMIC, MAILS, PATTERNS), HIDES, NEAR),
    (HANDS_ON, HIDES, 400),
    ((DECODES,), (INCLUDES, WRITES, ASSERTS, BACKTICKS), REACH),
    ((_LOADS,), (DECODES,), 200),
    ((FETCHES,), (*HANDS_ON, *DYNAMIC, INCLUDES, WRITES, ASSERTS, BACKTICKS), REACH),
    ((RUNNERS_NAMED,), (*HANDS_ON, *DYNAMIC), 600),
    ((INCLUDES,), (DATA_NAMES,), NEAR),
)


_ACTS = names(
    b" ".join(
        (
            *(sources.CODE | sources.COMMANDS | sources.CALLBACK_FIRST | sources.CALLBACK_LATER),
            *(sources.MAILERS | sources.READERS | sources.WRITERS | sources.MOVERS),
            *b"com dotnet variant unlink chmod error_log set_role wp_set_password".split(),
            *b"wp_create_user wp_insert_user wp_set_auth_cookie wp_set_current_user".split(),
            *b"add_action add_filter call_user_func call_user_func_array".split(),
            *b"reflectionfunction unserialize extract".split(),
        )
    ).decode(),
    OPENS,
    before=ANYWHERE,
)
_SLIGHT = tuple(
    dict.fromkeys(
        (*ALONE, READS, _ACTS, *(clue for some, others, _ in PAIRS for clue in (*some, *others)))
    )
)
"""For any of which a tiny file is read."""


def stretches(clues: Clues) -> list[Stretch]:
    """What of a PHP file has to be read as a program: all of it, some of it, or nothing."""
    if clues.found is None:
        clues.found = _found(clues)
    return widened(clues, clues.found)


def _found(clues: Clues) -> list[Stretch]:
    content = clues.content
    everything = [(0, len(content))]
    long_run = has_long_run(content)
    if len(clues.words & _KEPT) < CARELESS and (long_run or _takes_and_does(clues)):
        return everything
    found = [(place, place) for place in clues.places(*ALONE)]
    found += pairs(clues, PAIRS)
    if _BLANKS in content:
        found += [(at, at) for at in _after_blanks(content)]
    if clues.any(RUNS_UNSEEN) or (
        long_run and (found or clues.any(DECODES, *DYNAMIC, *HANDS_ON, INCLUDES))
    ):
        return everything
    return found


def is_snippet(clues: Clues) -> bool:
    """Whether a file is tiny and no class: it is read for anything that it does."""
    return len(clues.content) < TINY and clues.words.isdisjoint((b"class", b"namespace"))


def _takes_and_does(clues: Clues) -> bool:
    """Whether a file takes anything and does anything with it, wherever in it that stands."""
    size, words = len(clues.content), clues.words
    asks = bool(words & _ASKS_LOOSELY) or clues.any(*ASKS)
    if size < TINY and asks:
        return True
    if is_snippet(clues):
        return clues.any(*_SLIGHT)
    runs = clues.any(RUNS, RUNS_TEXT, ASSERTS, PATTERNS_RUN, BACKTICKS, RUNNERS_NAMED)
    if asks and (runs or words & _HANDS_ON_LOOSELY):
        return True
    writes = clues.any(WRITES, MAILS)
    if (runs or writes) and (asks or clues.any(FETCHES, READS, *HIDES)):
        return True
    if writes and b"mail" in words and words & {b"_server", b"getenv"}:
        return True
    calls = clues.any(*DYNAMIC, INCLUDES) if asks else clues.any(*DYNAMIC)
    return calls and (asks or clues.any(*HIDES))


def pairs(clues: Clues, wanted: tuple[Pair, ...]) -> list[Stretch]:
    """Where pairs of clues stand near each other."""
    found: list[Stretch] = []
    for some, others, reach in wanted:
        if clues.any(*some) and clues.any(*others):
            found += near(clues.places(*some), clues.places(*others), reach)
    return found


def care(clues: Clues) -> int:
    """How many words a file has that those write who look after a program."""
    return len(clues.words & _KEPT)


def is_kept(clues: Clues) -> bool:
    """Whether the words of a file are those of a program that is well looked after."""
    return len(clues.words & _KEPT) >= KEPT_WELL


def widened(clues: Clues, found: list[Stretch]) -> list[Stretch]:
    """With what stands around, as few pieces as there can be; a small file, or most of one, whole."""
    size = len(clues.content)
    if not found and not clues.crowded:
        return []
    if size <= SMALL or clues.crowded or not is_kept(clues):
        return [(0, size)]
    merged: list[Stretch] = []
    for start, end in sorted(found):
        start, end = max(start - AROUND, 0), min(end + AROUND, size)
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    together = sum(end - start for start, end in merged)
    if together * 4 > size * 3 or together > MOST_TOGETHER:
        return [(0, size)]
    return merged


def cut_out(content: bytes, stretch: Stretch) -> tuple[bytes, int]:
    """A stretch as a program of its own, whole lines, and what its places are less than the file's.

    Where it begins as code it gets an opening tag.
    """
    start, end = stretch
    start = content.rfind(b"\n", max(0, start - 200), start) + 1 or start
    if start:
        start = _behind_remark(content, start, min(start + AROUND, end))
    opened, closed = content.rfind(b"<?", 0, start), content.rfind(b"?>", 0, start)
    if opened > closed:
        return _TAG + content[start:end], start - len(_TAG)
    return content[start:end], start


def _behind_remark(content: bytes, start: int, latest: int) -> int:
    """Where the remark ends in which `start` may stand: its words would be read as code."""
    ends, opens = content.find(b"*/", start, latest), content.find(b"/*", start, latest)
    return ends + 2 if ends >= 0 and (opens < 0 or ends < opens) else start


def _after_blanks(content: bytes) -> list[int]:
    found: list[int] = []
    at = content.find(_BLANKS)
    while at >= 0 and len(found) < MOST_PLACES:
        rest = content[at : at + 4_000].lstrip(b" ")
        at += 4_000 - len(rest) if len(rest) < 4_000 else 0
        if rest[:1] not in (b"\n", b"\r", b""):
            found.append(at)
        at = content.find(_BLANKS, at + 1)
    return found


_BLANKS = b" " * 120
_TAG = b"<?php\n"

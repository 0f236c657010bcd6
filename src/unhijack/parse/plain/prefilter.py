"""Whether a file needs a closer look, found out within microseconds: searches of bytes, no regex."""

from __future__ import annotations

import re
from typing import Tuple

REQUEST = (
    b"$_post", b"$_get", b"$_request", b"$_cookie", b"$_files", b"php://input", b"$globals", b"http_post_",
    b"http_get_", b"getallheaders", b"http_", b"filter_input", b"request_uri", b"query_string", b"get_defined_vars",
)  # fmt: skip
RUN = (
    b"eval", b"assert", b"create_function", b"exec", b"system", b"passthru", b"popen", b"proc_open", b"`",
    b"call_user_func", b"array_map", b"array_filter", b"array_walk", b"usort", b"uasort", b"uksort",
    b"preg_replace", b"ob_start", b"register_", b"include", b"require", b"](", b")(", b"reflection", b"${",
    b"array_reduce", b"mb_ereg", b"invoke",
)  # fmt: skip
RUN_SURELY = (
    b"eval", b"assert(", b"create_function", b"shell_exec", b"passthru", b"popen", b"proc_open", b"exec(", b"system(",
    b"/e\"", b"/e'", b"](", b")(", b"${", b"$$",
)  # fmt: skip
DECODE = (
    b"base64_decode", b"gzinflate", b"gzuncompress", b"gzdecode", b"rot13", b"strrev", b"\\x", b"hex2bin", b"pack(",
    b"chr(", b"urldecode", b"str_replace", b"uudecode", b"^", b"~", b"strtr", b"goto", b"\\1", b"implode", b"join(",
    b"openssl_decrypt",
)  # fmt: skip
NETWORK = (
    b"curl_", b"fsockopen", b"file_get_contents(", b"http://", b"https://", b"stream_socket", b"wp_remote", b"socket_",
)  # fmt: skip
WRITE = (b"file_put_contents", b"fwrite", b"fputs", b"move_uploaded", b"copy(", b"mail(", b"rename(")

SMALL = 1200
LONG_RUN = 600
ENDS_OF_RUNS = bytes.maketrans(
    bytes(range(256)),
    bytes(97 if chr(n).isalnum() and n < 128 or n in b"+/=%\\_-\r\n" else 32 for n in range(256)),
)
"""Maps what a long encoded text is made of to ``a``, all else to a blank."""
_RUN = b"a" * LONG_RUN
_BLANKS = b" " * 120


_HIDDEN_PATH = re.compile(rb"(?:include|require)(?:_once)?\s?\(?\s?[\"']?\s?(?:\"\\|\\|\w{2,30}\()")
_CALLS_VARIABLE = re.compile(rb"\$[a-z0-9_]{1,60}\s?\(")


def _any(text: bytes, words: Tuple[bytes, ...]) -> bool:
    return any(word in text for word in words)


def has_long_run(content: bytes) -> bool:
    """Whether there is a run of `LONG_RUN` bytes without a break, as encoded texts have."""
    return _RUN in content.translate(ENDS_OF_RUNS)


def is_php(content: bytes) -> bool:
    """Whether there is PHP in it by its tags."""
    at = content.find(b"<?")
    while at >= 0:
        following = content[at + 2 : at + 5].lower()
        if following == b"php" or following[:1] in (b"=", b" ", b"\n", b"\t", b"\r", b"@", b"$", b"/"):
            return True
        at = content.find(b"<?", at + 2)
    return b"<script" in content and b"php" in content


def needs_look(content: bytes) -> bool:
    """Whether a PHP file has to be read as a program."""
    low = content.lower()
    size = len(low)
    asks = _any(low, REQUEST)
    if size < SMALL and (asks or b"namespace " not in low and b"class " not in low):
        return True
    decodes = _any(low, DECODE)
    if asks and _any(low, RUN):
        return True
    runs = _any(low, RUN_SURELY) or _CALLS_VARIABLE.search(low) is not None
    if runs and (decodes or _any(low, NETWORK)):
        return True
    if _any(low, WRITE) and (asks or decodes or _any(low, NETWORK)):
        return True
    return _BLANKS in low or _HIDDEN_PATH.search(low) is not None or has_long_run(low)

"""Faults that a file's own reader would stumble over."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.server.sound import MOST_BYTES, apache_faults, faults

PATHS = ["a.php", "a.js", ".htaccess", ".user.ini", "site.conf", "a.html", "a.json"]


@pytest.mark.parametrize(
    ("path", "whole", "torn"),
    [
        ("a.php", b"<?php if ($a) { echo 1; }", b"<?php if ($a) { echo 1;"),
        ("a.php", b"<?php f('x');", b"<?php f('x;"),
        ("noname", b"<?php if ($a) { echo 1; }", b"<?php if ($a) { echo 1;"),
        ("a.json", b'{"a": [1]}', b'{"a": [1}'),
        ("a.js", b"f({a: [1]}); // }", b"f({a: [1}); // }"),
        (".htaccess", b"<If x>\nDeny\n</If>\n", b"<If x>\nDeny\n"),
        ("x/.htaccess", b"<If x>\n</If>\n", b"</If>\n"),
        ("nginx.conf", b"server { a '}'; } # {", b"server { a '}'; # {"),
        (".user.ini", b'a = "b"\n[x]\n', b'a = "b\n[x]\n'),
    ],
)
def test_a_torn_file_has_more_faults(path: str, whole: bytes, torn: bytes):
    before, after = faults(path, whole), faults(path, torn)
    assert before is not None
    assert after is not None
    assert after > before


def test_what_is_too_long_is_not_judged():
    assert faults("a.php", b" " * (MOST_BYTES + 1)) is None


@given(st.sampled_from(PATHS), st.binary(max_size=300))
def test_any_bytes_are_read(path: str, content: bytes):
    for given_bytes in (content, b"<?php " + content):
        count = faults(path, given_bytes)
        assert count is not None
        assert 0 <= count <= 3 * len(given_bytes) + 3


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "part", [b"(", b"'a", b'"\\', b"`a", b"/*", b"<a ", b"<a>\n", b" \n", b"[", b"{'x'}.", b"=\n"]
)
def test_hostile_files_cost_little(path: str, part: bytes):
    content = b"<?php " * (path == "a.php") + part * (2**18 // len(part))
    began = time.process_time()
    faults(path, content)
    assert time.process_time() - began < 6


def test_sections_that_cross():
    assert apache_faults(b"<A>\n<B>\n</A>\n</B>\n") > 0

"""Hostile bytes: readers never raise, keep their bounds, and take time that grows with the file."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.plain.directives import read_apache, read_ini, read_nginx
from unhijack.parse.plain.js_cut import statements
from unhijack.parse.plain.js_peel import MOST_TEXT, peel
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.apache import apache_marks
from unhijack.parse.server.ini import ini_marks
from unhijack.parse.server.nginx import nginx_marks
from unhijack.parse.server.pages import html_marks, script_marks, wants_running
from unhijack.parse.server.place import Place

Reader = Callable[[bytes, Place], list[Mark]]
READERS: list[Reader] = [apache_marks, nginx_marks, ini_marks, script_marks, html_marks]
SOMEWHERE = Place(".htaccess")
MOST_MARKS = 400
SIZE = 1_000_000
SLOW = 4.0
"""Seconds of CPU on a slow machine; the slowest takes a fifth of that here."""

PIECES = st.sampled_from(
    [
        *(
            b"RewriteCond %{HTTP_REFERER} google\n",
            b"RewriteRule .* http://a.test/ [R]\n",
            b"<Files x>",
        ),
        *(
            b"</Files>",
            b"\\\n",
            b'"',
            b"'",
            b"{",
            b"}",
            b";",
            b"if ($http_referer ~ google) {",
            b"\0",
        ),
        *(
            b"return 302 http://a.test/;",
            b"auto_prepend_file=/tmp/x\n",
            b"map $a $b {",
            b"\xff\xfe",
        ),
        *(
            b"<script>",
            b"</script>",
            b"eval(atob('aGVsbG8='))",
            b"\\x41\\x42",
            b"String.fromCharCode(1,2",
        ),
        *(
            b"var a=['b'];a[0]",
            b"_0xab12",
            b"location.href='//x.test/'",
            b"document.referrer",
            b"/*",
            b"`",
        ),
        *(
            b"</html>",
            b"<html",
            b"<iframe src=//a.test width=1 height=1>",
            b"%3c%73",
            b"&#104;",
            b"|'.split('|')",
        ),
        *(
            b"<div style='display:none'>",
            b"<a href=http://b.test/>",
            b"<meta http-equiv=refresh content='0;//c.test'>",
        ),
    ]
)


@pytest.mark.parametrize("reader", READERS)
@given(content=st.one_of(st.binary(max_size=2_000), st.lists(PIECES, max_size=60).map(b"".join)))
def test_no_bytes_make_a_reader_raise(reader: Reader, content: bytes):
    marks = reader(content, SOMEWHERE)
    assert len(marks) <= MOST_MARKS
    for mark in marks:
        assert 0 <= mark.start <= mark.end <= len(content)
        assert 0 <= mark.confidence <= 1
        if mark.cut is not None:
            assert 0 <= mark.cut[0] <= mark.cut[1] <= len(content)


@given(content=st.lists(PIECES, max_size=60).map(b"".join))
def test_spelling_out_is_bounded(content: bytes):
    text = content.decode("latin-1")
    assert len(peel(text).text) <= MOST_TEXT
    wants_running(content)


@given(content=st.lists(PIECES, max_size=60).map(b"".join))
def test_directives_stand_in_order_within_the_file(content: bytes):
    for read in (read_apache, read_nginx, read_ini):
        starts = [one.start for one in read(content).directives]
        assert starts == sorted(starts)


@given(text=st.lists(PIECES, max_size=60).map(lambda parts: b"".join(parts).decode("latin-1")))
def test_statements_cover_a_script_without_gaps(text: str):
    spans = statements(text, 0, len(text))
    assert "".join(text[start:end] for start, end in spans) == text


def a_bomb_of_packers() -> bytes:
    words = "|".join(["boom" * 200] * 60)
    uses = " ".join("0 1 2 3 4 5 6 7 8 9".split() * 2_000)
    return f"eval(function(p,a,c,k,e,d){{}}('{uses}',60,60,'{words}'.split('|'),0,{{}}))".encode()


BOMBS = {
    "quotes": b"'" * SIZE,
    "double-quotes": b'"\\' * (SIZE // 2),
    "braces": b"{" * SIZE,
    "slashes": b"//" * (SIZE // 2),
    "slash-lines": b"/\n" * (SIZE // 2),
    "tags": b"<script>" * (SIZE // 8),
    "iframes": b"<iframe src=//a.test " * (SIZE // 21),
    "hiders": b"<div style='display:none'><a href=http://b.test/x>" * (SIZE // 50),
    "handlers": b"onload='" * (SIZE // 8),
    "escapes": b"\\x61" * (SIZE // 4),
    "escaped-names": b'["\\x61"]' * (SIZE // 8),
    "codes": b"String.fromCharCode(" + b"104," * (SIZE // 4),
    "many-codes": b"String.fromCharCode(104,101,108,108);" * (SIZE // 37),
    "numbers": b"fromCharCode charCodeAt [" + b"104," * (SIZE // 4),
    "base64": b"atob('" + b"aGVs" * (SIZE // 4) + b"')",
    "base64-pieces": b"atob('aGVsbG8gd29ybGQhISEh');" * (SIZE // 29),
    "percent": b"unescape('" + b"%68" * (SIZE // 3) + b"')",
    "entities": b"$('<div/>').html('" + b"&#104;" * (SIZE // 6) + b"').text()",
    "concat": b"eval(unescape('%68%68%68%68%68%68%68'+" + b"'a'+" * (SIZE // 4) + b"''))",
    "arrays": b"var a=['\\x61'];a[0];" * (SIZE // 20),
    "names": b"_0xabcd=_0x1234;" * (SIZE // 16),
    "moves": b"location.href='https://x.test/';document.referrer;" * (SIZE // 50),
    "hosts": b"'//a.test/','//b.test/',location,cookie;" * (SIZE // 40),
    "cards": b"cc_number;cvv;checkout;location;fetch('//a.test');" * (SIZE // 50),
    "packer": a_bomb_of_packers(),
    "conditions": b"RewriteCond %{HTTP_REFERER} google [OR]\n" * (SIZE // 40),
    "rules": b"RewriteCond %{HTTP_REFERER} google\nRewriteRule . http://a.test\n" * (SIZE // 62),
    "sections": b"<Files x>\n" * (SIZE // 10),
    "continued": b"a\\\n" * (SIZE // 3),
    "ifs": b"if ($http_referer ~ google) { return 302 http://a.test/; }\n" * (SIZE // 59),
    "sets": b"set $a $http_referer; if ($a) { return 302 http://a.test/; }\n" * (SIZE // 61),
    "lua": b"content_by_lua_block {" + b"{}" * (SIZE // 2),
    "settings": b"auto_prepend_file=/tmp/x\n" * (SIZE // 25),
    "blanks": b"eval" + b" " * SIZE,
    "tabs-before-rules": (b"\t" * 500 + b"RewriteRule . http://a.test\n") * (SIZE // 528),
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("reader", READERS)
def test_time_is_bounded_for_the_worst_files(reader: Reader, name: str):
    begun = time.process_time()
    reader(BOMBS[name], SOMEWHERE)
    assert time.process_time() - begun < SLOW

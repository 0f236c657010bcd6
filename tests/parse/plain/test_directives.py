"""Directives are read as their servers read them, with the bytes at which they stand."""

from unhijack.parse.plain.directives import read_apache, read_ini, read_nginx, words


def test_names_know_no_case_and_arguments_keep_theirs():
    (one,) = read_apache(b"REWRITERULE ^A$ /B [L]\n").directives
    assert (one.name, one.args) == ("rewriterule", ("^A$", "/B", "[L]"))


def test_a_backslash_continues_a_line_even_in_the_midst_of_a_word():
    content = b"RewriteCond %{HTTP_USER_\\\r\nAGENT} a\nOptions None\n"
    first, second = read_apache(content).directives
    assert first.args[0] == "%{HTTP_USER_AGENT}"
    assert content[first.start : first.end].endswith(b"AGENT} a\n")
    assert second.name == "options"


def test_a_comment_that_ends_in_a_backslash_hides_the_next_line():
    assert read_apache(b"# words \\\nOptions +ExecCGI\n").directives == ()


def test_quotes_hold_blanks_and_escaped_quotes():
    assert words('a "b c" \'d e\' "f \\" g" h"i') == ("a", "b c", "d e", 'f " g', 'h"i')


def test_sections_nest_and_end_where_they_are_closed():
    content = b"<IfModule x>\n<Files a>\nDeny from all\n</Files>\n</IfModule>\nOptions None\n"
    reading = read_apache(content)
    assert [s.name for s in reading.directives[0].sections] == ["ifmodule", "files"]
    assert reading.directives[1].sections == ()
    assert content[slice(*reading.spans[1])] == b"<Files a>\nDeny from all\n</Files>\n"


def test_an_end_without_a_beginning_ends_nothing():
    (one,) = read_apache(b"</Files>\n<Files a>\n</IfModule>\nDeny from all\n").directives
    assert [section.name for section in one.sections] == ["files"]


def test_a_line_far_to_the_right_tells_how_far():
    (one,) = read_apache(b"\t" * 300 + b"Options None\n").directives
    assert one.indent == 300


def test_the_mark_of_utf_8_is_no_letter():
    assert read_apache(b"\xef\xbb\xbfOptions None\n").directives[0].name == "options"
    assert read_ini(b"\xef\xbb\xbfa=b\n").directives[0].name == "a"


def test_settings_of_php_lose_quotes_and_trailing_comments():
    content = b'[PHP]\na = "b;c" ; words\nd=e ; f\n; g=h\n#i=j\nk\n'
    assert [(o.name, o.args[0]) for o in read_ini(content).directives] == [("a", "b;c"), ("d", "e")]


def test_blocks_of_nginx_nest_and_their_own_lines_are_statements_too():
    content = b'server { if ($a ~ "b{2}") { return 302 http://c.test/; } }'
    reading = read_nginx(content)
    assert [one.name for one in reading.directives] == ["server", "if", "return"]
    assert [s.name for s in reading.directives[2].sections] == ["server", "if"]
    assert content[slice(*reading.spans[1])].startswith(b"if (")


def test_lua_in_nginx_is_one_argument_braces_and_all():
    one = read_nginx(b"content_by_lua_block { a = {1, {2}} } return 200;").directives[0]
    assert "a = {1, {2}}" in one.args[-1]


def test_an_nginx_comment_is_no_statement():
    assert read_nginx(b"# return 302 http://a.test;\n").directives == ()

"""Planted code ends where its statements end, and takes along what it alone needs."""

from unhijack.parse.plain.js import script_signs
from unhijack.parse.plain.js_cut import outline, planted_range, statements


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in statements(text, 0, len(text))]


def test_statements_end_at_semicolons_and_lines_outside_of_brackets():
    assert pieces("a;b(';');\nc={d:1;\n}") == ["a;", "b(';');", "\n", "c={d:1;\n}"]


def test_signs_in_strings_comments_and_patterns_are_no_brackets():
    text = "a='{';b=/[/{]/;c=`{\n`;/* { */d;// {\ne;"
    assert [piece.strip() for piece in pieces(text)][:3] == ["a='{';", "b=/[/{]/;", "c=`{\n`;"]
    assert pieces(text)[-1].strip() == "e;"


def test_blanks_comments_and_lonely_semicolons_are_nothing():
    assert outline(" ;\n// words\n/* words */\t") == ""
    assert outline("a") == "a"


def test_the_fewest_statements_are_taken():
    text = "one();two();bad();three();"
    assert planted_range(text, 0, len(text), lambda piece: "bad" in piece) == (12, 18)


def test_what_the_planted_code_declared_goes_with_it():
    text = "one();\nvar zz='bad';\nuse(zz);\ntwo();\n"
    found = planted_range(text, 0, len(text), lambda piece: "bad" in piece)
    assert found is not None
    assert text[slice(*found)] == "var zz='bad';\nuse(zz);\n"


def test_what_others_use_too_stays():
    text = "var zz='a';\nbad(zz);\ntwo(zz);\n"
    found = planted_range(text, 0, len(text), lambda piece: "bad" in piece)
    assert found is not None
    assert text[slice(*found)] == "bad(zz);\n"


def test_a_cut_leaves_the_library_to_the_letter():
    library = b"/*! words */\n!function(a){a.b=function(c){return c+1}}(window);\n" * 40
    planted = b"eval(String.fromCharCode(%s));\n" % b",".join(
        b"%d" % code for code in b"location.href='https://words.test/'"
    )
    for content in (library + planted, planted + library):
        (mark, *_) = script_signs(content)
        assert mark.cut is not None
        assert content[: mark.cut[0]] + content[mark.cut[1] :] == library

"""Modules as scripts, as people and tools write them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.parse.modules import as_plain, imports_of


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import './a.js'", ("./a.js",)),
        ('import a from "./a.js"; import * as b from "./b.js"', ("./a.js", "./b.js")),
        ("import{a as b,c}from'./a.js';", ("./a.js",)),
        ("import a, { b } from './a.js'\nexport * from './b.js'", ("./a.js", "./b.js")),
        ("const imported = 'import'; x.import('a')", ()),
        ("import('./late.js')", ()),
    ],
)
def test_what_is_imported(text: str, names: tuple[str, ...]):
    assert imports_of(text) == names


def test_no_import_and_no_export_is_left():
    text = (
        "import a, { b as c } from './a.js'; import * as d from './d.js'; import './e.js';\n"
        "export const x = 1; export function f() {} export class G {}\n"
        "export { x as y }; export { q } from './q.js'; export default f; import.meta.url"
    )
    plain = as_plain(text, "http://a.example/m.js", {})
    assert "import" not in plain.replace("'./", "")
    assert "export" not in plain


@given(st.text("import export{}from'\"*as, \n;$x", max_size=300))
def test_no_text_raises(text: str):
    as_plain(text, "http://a.example/", {name: name for name in imports_of(text)})


@pytest.mark.parametrize("piece", ["import ", "import{", "export {", "import a,", "export *from"])
def test_time_is_bounded(piece: str):
    text = piece * 20_000
    started = time.process_time()
    as_plain(text, "http://a.example/", {})
    imports_of(text)
    assert time.process_time() - started < 5

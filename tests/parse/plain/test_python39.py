"""The one-file scanner is made of files that Python 3.9 understands."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pythons import OLDEST, pythons
from unhijack.parse import plain

ROOT = Path(__file__).parents[3]
FILES = [
    *sorted(Path(plain.__file__).parent.glob("*.py")),
    ROOT / "scripts" / "onefile_main.py",
    ROOT / "scripts" / "onefile_start.py",
]
NEWER = {
    *("itertools.pairwise", "itertools.batched", "enum.StrEnum", "datetime.UTC", "re.NOFLAG"),
    *("tomllib", "contextlib.chdir", "contextlib.aclosing", "functools.Placeholder"),
    *(f"typing.{name}" for name in "Self TypeAlias TypeGuard ParamSpec Never override".split()),
    *(f"typing.{name}" for name in "Required NotRequired assert_never LiteralString".split()),
}
METHODS = {"bit_count", "pairwise", "batched", "walk_up", "add_note", "is_junction"}
KEYWORDS = {("zip", "strict"), ("map", "strict"), ("bisect", "key"), ("insort", "key")}
KEYWORDS |= {(name, "key") for name in ("bisect_left", "bisect_right", "insort_left")}
KEYWORDS |= {("dataclass", word) for word in ("slots", "kw_only", "match_args", "weakref_slot")}
TYPES = {"int", "str", "bytes", "float", "bool", "list", "dict", "set", "tuple", "frozenset"}


def newer(source: str) -> list[str]:
    """What Python 3.9 does not know: `line: what`. Annotations are not looked at, for with
    ``from __future__ import annotations`` nobody evaluates them.
    """
    tree = ast.parse(source, feature_version=(3, 9))
    lines = source.splitlines()
    found = [
        f"{node.lineno}: {what}"
        for node in _evaluated(tree)
        if isinstance(node, ast.stmt | ast.expr)
        for what in (*_syntax(node, lines), *_names(node))
    ]
    future = "from __future__ import annotations"
    annotated = any(isinstance(node, ast.FunctionDef | ast.AnnAssign) for node in ast.walk(tree))
    return found + [f"1: no {future}"] * (annotated and future not in lines)


def _evaluated(tree: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns"):
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.AST):
                yield node
                yield from _evaluated(node)


def _syntax(node: ast.stmt | ast.expr, lines: list[str]) -> Iterator[str]:
    if isinstance(node, ast.Match | ast.TryStar):
        yield type(node).__name__
    if isinstance(node, ast.With) and re.match(
        r"with\s*\(", lines[node.lineno - 1][node.col_offset :]
    ):
        yield "with ("
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        for side in (node.left, node.right):
            is_none = isinstance(side, ast.Constant) and side.value is None
            if is_none or (isinstance(side, ast.Name) and side.id in TYPES):
                yield "X | Y"


def _names(node: ast.stmt | ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from NEWER & {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        yield from NEWER & ({f"{node.module}.{alias.name}" for alias in node.names} | {node.module})
    if isinstance(node, ast.Attribute):
        yield from METHODS & {node.attr}
        if isinstance(node.value, ast.Name):
            yield from NEWER & {f"{node.value.id}.{node.attr}"}
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        yield from (f"{name} {word.arg}=" for word in node.keywords if (name, word.arg) in KEYWORDS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_python_39_knows_all_of_a_file(file: Path):
    assert newer(file.read_text()) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_imports_nothing_but_pythons_own_and_this_folder(file: Path):
    outside = [
        name
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name]
        if name.startswith(("unhijack", "tests")) and not name.startswith("unhijack.parse.plain")
    ]
    assert outside == []


@pytest.mark.parametrize(
    "source",
    [
        "match x:\n    case 1: pass",
        "try:\n    pass\nexcept* ValueError:\n    pass",
        "with (open(a) as b, open(c) as d):\n    pass",
        "X = int | None",
        "isinstance(a, str | bytes)",
        "zip(a, b, strict=True)",
        "bisect.bisect(a, 1, key=f)",
        "@dataclass(slots=True)\nclass A: pass",
        "@dataclasses.dataclass(kw_only=True)\nclass A: pass",
        "from itertools import pairwise",
        "import itertools\nitertools.batched(a, 2)",
        "from typing import TypeAlias",
        "import tomllib",
        "(5).bit_count()",
        "def f(a: int | None): pass",
    ],
)
def test_the_check_catches(source: str):
    try:
        found = newer(source)
    except SyntaxError:  # the parser says it itself
        return
    assert found


@pytest.mark.parametrize(
    "source",
    [
        "from __future__ import annotations\ndef f(a: int | None) -> str | None: pass",
        "a.removeprefix('x')",
        "flags = a | b | 4",
        "with open(a) as b:\n    pass",
        "zip(a, b)",
        "X = list[int]",
    ],
)
def test_the_check_leaves_alone(source: str):
    assert newer(source) == []


def test_the_oldest_python_of_this_machine_compiles_all_of_it(tmp_path: Path):
    oldest = pythons()[0]
    if oldest.version > OLDEST:
        pytest.skip(f"no Python 3.9 on this machine; the oldest is {oldest.name}")
    for file in FILES:
        shutil.copy(file, tmp_path / file.name)
    done = subprocess.run(
        [oldest.path, "-m", "compileall", "-q", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")

"""core, parse, assess and compose read no clock, open nothing, print nothing, throw no dice.

import-linter holds which modules they may import; this holds what no import shows.
"""

import ast
from pathlib import Path

import pytest

import unhijack

PURE = ["core", "parse", "assess", "compose"]
BUILTINS = {"breakpoint", "input", "open", "print"}
CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.monotonic",
    "time.perf_counter",
    "time.sleep",
    "time.time",
    "time.time_ns",
}
DICE = {"os.urandom", "random.SystemRandom", "uuid.uuid1", "uuid.uuid4"}


def impurities(source: str) -> list[str]:
    """`line: name` of each use of a builtin that reaches outside, of a clock, or of unseeded chance."""
    tree = ast.parse(source)
    origin = {
        (alias.asname or alias.name): f"{prefix}{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for prefix in [f"{node.module}." if isinstance(node, ast.ImportFrom) else ""]
        for alias in node.names
    }
    return [
        f"{node.lineno}: {name}"
        for node in sorted(
            (n for n in ast.walk(tree) if isinstance(n, ast.Name | ast.Attribute | ast.Call)),
            key=lambda n: (n.lineno, n.col_offset),
        )
        if (name := _impure(node, origin))
    ]


def _impure(node: ast.Name | ast.Attribute | ast.Call, origin: dict[str, str]) -> str | None:
    if isinstance(node, ast.Call):
        name = _dotted(node.func, origin)
        if name in BUILTINS:
            return name
        return name if name == "random.Random" and not node.args else None
    name = _dotted(node, origin)
    unseeded = name.startswith(("random.", "secrets.")) and name != "random.Random"
    return name if name in CLOCKS | DICE or unseeded else None


def _dotted(node: ast.expr, origin: dict[str, str]) -> str:
    """The full name that an expression stands for, by the imports; empty where it is no name."""
    match node:
        case ast.Name(id=name):
            return origin.get(name, name)
        case ast.Attribute(value=value, attr=attr):
            left = _dotted(value, origin)
            return f"{left}.{attr}" if left else ""
        case _:
            return ""


def _pure_files():
    package = Path(unhijack.__file__).parent
    return [file for name in PURE for file in sorted((package / name).rglob("*.py"))]


def test_each_pure_package_is_read():
    package = Path(unhijack.__file__).parent
    assert {file.relative_to(package).parts[0] for file in _pure_files()} == set(PURE)


@pytest.mark.parametrize("file", _pure_files(), ids=lambda file: "-".join(file.parts[-2:]))
def test_a_pure_module_reaches_nothing_outside(file):
    assert impurities(file.read_text()) == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("open('x')", "open"),
        ("with open('x') as f: pass", "open"),
        ("print(1)", "print"),
        ("x = input()", "input"),
        ("import datetime\ndatetime.datetime.now()", "datetime.datetime.now"),
        ("import datetime as dt\ndt.date.today()", "datetime.date.today"),
        ("from datetime import datetime\ndatetime.utcnow()", "datetime.datetime.utcnow"),
        (
            "from datetime import datetime as d\nfield(default_factory=d.now)",
            "datetime.datetime.now",
        ),
        ("import time\ntime.time()", "time.time"),
        ("from time import time as now\ndef f():\n    return now()", "time.time"),
        ("import random\nrandom.choice([1])", "random.choice"),
        ("from random import shuffle\nshuffle([1])", "random.shuffle"),
        ("import random\nrandom.Random()", "random.Random"),
        ("from uuid import uuid4\nuuid4()", "uuid.uuid4"),
        ("import secrets\nsecrets.token_hex()", "secrets.token_hex"),
    ],
)
def test_the_walker_catches(source, name):
    assert [found.split(": ")[1] for found in impurities(source)] == [name]


@pytest.mark.parametrize(
    "source",
    [
        "import random\nrandom.Random(7).choice([1])",
        "from datetime import UTC, datetime\ndatetime.fromtimestamp(0, UTC)",
        "gate.open()",
        "self.now()",
        "case.time",
        "def at(now): return now.time()",
        "'open(x) and datetime.now()'",
    ],
)
def test_the_walker_leaves_alone(source):
    assert impurities(source) == []

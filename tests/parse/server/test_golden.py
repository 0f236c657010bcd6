"""Specimens of every family, planted and honest. All are invented, inert, and lead to reserved
names; ``⟦`` and ``⟧`` stand round what was put in, and are taken out before a reader sees it.
"""

from pathlib import Path

import pytest

from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.apache import apache_marks
from unhijack.parse.server.ini import ini_marks
from unhijack.parse.server.nginx import nginx_marks
from unhijack.parse.server.pages import html_marks, script_marks
from unhijack.parse.server.place import Place

GOLDEN = Path(__file__).parent / "golden"
READERS = {
    "apache": (apache_marks, ".htaccess"),
    "nginx": (nginx_marks, "conf/nginx.conf"),
    "ini": (ini_marks, ".user.ini"),
    "js": (script_marks, "js/site.js"),
    "html": (html_marks, "page.html"),
}
FIREWALL = "/var/www/html/wordfence-waf.php"
LIKELY = 0.5


def specimens(kind: str) -> list[Path]:
    return sorted(path for family in READERS for path in (GOLDEN / family / kind).iterdir())


def named(path: Path) -> str:
    return f"{path.parent.parent.name}-{path.stem}"


def marks_of(path: Path, content: bytes) -> list[Mark]:
    reader, name = READERS[path.parent.parent.name]
    return reader(content, Place(name, exists=lambda wanted: wanted == FIREWALL))


def as_found(path: Path) -> bytes:
    return path.read_text().replace("⟦", "").replace("⟧", "").encode()


def as_it_was(path: Path) -> str:
    text = path.read_text()
    while "⟦" in text:
        before, _, rest = text.partition("⟦")
        text = before + rest.partition("⟧")[2]
    return text


def mended(content: bytes, marks: list[Mark]) -> str:
    if any(mark.whole for mark in marks):
        return ""
    for start, end in sorted({mark.cut for mark in marks if mark.cut}, reverse=True):
        content = content[:start] + content[end:]
    return content.decode()


def says_something(text: str) -> bool:
    """More than blanks, comments and empty frames of a page."""
    lines = [line.strip() for line in text.splitlines()]
    return any(line and line[0] not in ";#" for line in lines)


@pytest.mark.parametrize("path", specimens("planted"), ids=named)
def test_planted_code_is_found(path: Path):
    marks = marks_of(path, as_found(path))
    assert any(mark.confidence >= LIKELY for mark in marks)


@pytest.mark.parametrize("path", specimens("honest"), ids=named)
def test_honest_look_alikes_are_left_in_peace(path: Path):
    marks = marks_of(path, as_found(path))
    assert [mark for mark in marks if mark.confidence >= LIKELY] == []


@pytest.mark.parametrize(
    "path", [path for path in specimens("planted") if "⟦" in path.read_text()], ids=named
)
def test_without_the_planted_block_the_file_is_what_it_was(path: Path):
    content = as_found(path)
    likely = [mark for mark in marks_of(path, content) if mark.confidence >= LIKELY]
    left, original = mended(content, likely), as_it_was(path)
    if says_something(original):
        assert left == original
    else:
        assert not says_something(left)


@pytest.mark.parametrize("path", specimens("planted"), ids=named)
def test_after_the_repair_nothing_is_found_any_more(path: Path):
    content = as_found(path)
    likely = [mark for mark in marks_of(path, content) if mark.confidence >= LIKELY]
    if not any(mark.cut or mark.whole for mark in likely):
        pytest.skip("nothing to cut: a person has to look")
    left = mended(content, likely).encode()
    assert [mark for mark in marks_of(path, left) if mark.confidence >= LIKELY] == []


@pytest.mark.parametrize("family", READERS)
def test_every_family_has_specimens_of_both_kinds(family: str):
    for kind in ("planted", "honest"):
        assert len(list((GOLDEN / family / kind).iterdir())) >= 18


@pytest.mark.parametrize("path", specimens("planted"), ids=named)
def test_reasons_are_our_own_words(path: Path):
    for mark in marks_of(path, as_found(path)):
        assert mark.reason.isascii()
        assert ".test" not in mark.reason
        assert 0 <= mark.start <= mark.end <= len(as_found(path))

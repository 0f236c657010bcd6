"""Whole files as a scan meets them, read by every reader: what is planted is spoken of, what is
honest is not. All are invented and inert, and lead to reserved names.
"""

from pathlib import Path

import pytest

from unhijack.assess.findings import SPOKEN_OF, weigh
from unhijack.parse.server.content import content_marks
from unhijack.parse.server.place import Place

WHOLE = Path(__file__).parent / "golden" / "whole"
PLANTED = sorted(path for path in WHOLE.glob("*/*.txt") if path.parent.name != "honest")
HONEST = sorted((WHOLE / "honest").glob("*.txt"))


def said_of(path: Path) -> float:
    name = f"site/{path.stem}.php"
    return weigh(content_marks(name, path.read_bytes(), Place(name)))


def named(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


@pytest.mark.parametrize("path", PLANTED, ids=named)
def test_what_is_planted_is_spoken_of(path: Path) -> None:
    assert said_of(path) >= SPOKEN_OF


@pytest.mark.parametrize("path", HONEST, ids=named)
def test_what_is_honest_is_left_in_peace(path: Path) -> None:
    assert said_of(path) < SPOKEN_OF


def test_each_folder_has_specimens() -> None:
    for folder in WHOLE.iterdir():
        assert len(list(folder.glob("*.txt"))) >= 12

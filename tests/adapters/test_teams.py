"""National teams and the operator's directory: files that people write."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from unhijack.adapters.directory import read_directory
from unhijack.adapters.teams import read_teams
from unhijack.core.errors import WrongUse

TEAM = {"country": "at", "mail": "reports@team.test", "checked": "2026-01-01", "name": "T\x1b"}


def written(folder: Path, content: object) -> Path:
    path = folder / "file.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_team_is_found_by_its_country(tmp_path: Path):
    teams = read_teams(written(tmp_path, {"teams": [TEAM, {**TEAM, "role": "authority"}]}))

    assert [(one.role, one.mail) for one in teams["AT"]] == [
        ("cert", "reports@team.test"),
        ("authority", "reports@team.test"),
    ]
    assert teams["AT"][0].note.isprintable()


def test_what_is_shipped_names_no_real_team():
    shipped = read_teams(Path(str(files("unhijack.data") / "national_teams.json")))

    assert set(shipped) == {"XX"}
    assert all(one.mail.endswith(".example") for teams in shipped.values() for one in teams)


@pytest.mark.parametrize(
    "content",
    [
        *("", "[", "[]", "{}", '{"teams": 5}', "[" * 100_000),
        *({"teams": [one]} for one in (None, {}, {**TEAM, "mail": "a@b.test\nBcc: x@y.test"})),
        *({"teams": [{**TEAM, **one}]} for one in ({"country": "AUT"}, {"role": "owner"})),
        *({"teams": [{**TEAM, **one}]} for one in ({"checked": "soon"}, {"mail": 5})),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, content: object):
    with pytest.raises(WrongUse, match="national teams"):
        read_teams(written(tmp_path, content))


def test_the_directory_knows_every_role_and_vouches(tmp_path: Path):
    entry = {"role": "registrar", "mail": "a@b.test", "language": "pt-BR"}
    (contact,) = read_directory(written(tmp_path, {"bakery.test": [entry]}))["bakery.test"]

    assert (contact.source, contact.role, contact.language) == ("directory", "registrar", "pt")
    assert contact.independent


def test_a_role_that_there_is_not_is_refused(tmp_path: Path):
    entry = {"role": "friend", "mail": "a@b.test"}
    with pytest.raises(WrongUse, match="need a role"):
        read_directory(written(tmp_path, {"bakery.test": [entry]}))

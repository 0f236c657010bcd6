"""``unhijack stats``: a small story, told in figures."""

import json
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.command import unhijack
from tests.support.house import DAWN, HOUR, TOWN, open_house
from unhijack.assess.effects import Tally
from unhijack.casework import analyst
from unhijack.casework.intake import claim_clean
from unhijack.casework.measure import measure, outcomes
from unhijack.core.case import Kind, Move
from unhijack.core.outcome import Outcome

DAY = timedelta(days=1)
MENDED = [site for site in TOWN.hijacked if not site.gate or "script" not in site.gate]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sites are reported; one owner answers and mends, and is broken into again; another mends silently."""
    folder = tmp_path_factory.mktemp("house")
    house = open_house(folder)
    for site in MENDED:
        house.report(f"http://{site.host}/")
    honest = next(site for site in TOWN.sites if site.gate is None)
    house.report(f"http://{honest.host}/")
    house.work()
    first = house.case(1)
    received = Move(Kind.RECEIVED, {"notice": first.messages[0].key}, None, keeps_time=True)
    analyst.act(house.doors, first, received)
    house.repaired.update(site.host for site in MENDED[:2])
    claim_clean(house.doors, 1, "the owner")
    house.work(until=DAWN + 10 * DAY)
    house.repaired.discard(MENDED[0].host)
    house.work(until=DAWN + 40 * DAY + HOUR)
    house.store.close()
    return folder


def figures(state: Path, *words: str) -> dict[str, object]:
    done = unhijack("stats", "--json", *words, state=state)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.decode().splitlines()
    found = json.loads(line)
    assert isinstance(found, dict)
    return found


def test_one_object_says_what_became_of_them(state: Path):
    found = figures(state)
    cases = len(MENDED)
    assert found["received"] == cases + 1
    assert found["left_out"] == {"not_hijacked": 1}
    assert (found["verified"], found["told"]) == (cases, cases)
    receipt, again = found["receipt"], found["reinfected"]
    assert isinstance(receipt, dict)
    assert (receipt["count"], receipt["of"]) == (1, cases)
    assert isinstance(again, dict)
    assert (again["30"]["count"], again["30"]["of"]) == (1, 2)
    by_day = found["clean_by_day"]
    assert isinstance(by_day, dict)
    assert by_day["1"]["value"] == pytest.approx(2 / cases)
    assert by_day["16"]["value"] == pytest.approx(2 / cases)
    assert found["uplift"] is None
    assert found["redirected_visitors_a_day_avoided"] is None


def test_what_nobody_looked_at_any_more_is_not_known(state: Path):
    """Where the worker stood still, the time since then says nothing: a relapse that was seen early
    would stand alone among those who would have stood their last test.
    """
    found = figures(state)
    assert str(found["as_of"]).startswith((DAWN + 40 * DAY).date().isoformat()[:7])
    again = found["reinfected"]
    assert isinstance(again, dict)
    assert again["90"] is None
    warned = unhijack("stats", state=state).stderr.decode()
    assert "nothing has happened since" in warned
    assert "unhijack doctor" in warned


def test_the_table_is_for_people(state: Path):
    done = unhijack("stats", "--by", "language", state=state)
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    for words in (
        "somebody told",
        "notice received within 8 days",
        "below 12%",
        "By language",
        "62%",
    ):
        assert words in said
    assert "\x1b" not in said


def test_a_page_is_written_beside(state: Path, tmp_path: Path):
    page = tmp_path / "page.html"
    found = figures(state, "--html", str(page))
    assert found["told"] == len(MENDED)
    assert "<svg" in page.read_text()


def test_it_is_printed(state: Path, tmp_path: Path):
    paper = tmp_path / "paper.pdf"
    figures(state, "--pdf", str(paper))
    assert paper.read_bytes().startswith(b"%PDF-")


def test_cases_are_chosen_by_when_they_were_reported(state: Path):
    assert figures(state, "--since", "2026-03-03")["told"] == 0
    assert figures(state, "--until", "2026-03-03")["told"] == len(MENDED)
    assert figures(state, "--country", "zz")["told"] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "yesterday"), "does not match"),
        (("--by", "colour"), "is not one of"),
        (("--html", "/nowhere/page.html"), "cannot be written"),
    ],
)
def test_wrong_use_is_one_line(state: Path, words: tuple[str, ...], said: str):
    done = unhijack("stats", *words, state=state)
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


def test_without_scipy_shares_are_shown_and_one_line_says_what_is_missing(
    state: Path, tmp_path: Path
):
    (tmp_path / "scipy").mkdir()
    (tmp_path / "scipy" / "__init__.py").write_text("raise ImportError")
    done = unhijack("stats", state=state, env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 0
    assert done.stderr.decode().startswith(
        "unhijack: curves, medians and tests need scipy: install unhijack[stats]\n"
    )
    assert "notice received within 8 days" in done.stdout.decode()


def test_other_commands_do_not_load_scipy(state: Path):
    words = "import sys, unhijack.cli.stats; sys.exit('scipy' in sys.modules)"
    from tests.support.command import UNHIJACK

    python = str(Path(UNHIJACK).with_name("python"))
    assert subprocess.run([python, "-c", words], check=False, timeout=40).returncode == 0


def test_records_come_page_by_page(state: Path, monkeypatch: pytest.MonkeyPatch):
    from unhijack.casework import measure as module

    monkeypatch.setattr(module, "PAGE", 2)
    house = open_house(state)
    found = list(outcomes(house.store))
    assert len(found) == len(MENDED) + 1
    assert [one.number for one in found if isinstance(one, Outcome)] == list(
        range(1, len(MENDED) + 1)
    )
    tally = Tally(house.clock.now())
    measure(house.store, tally, country="zz")
    assert tally.figures().verified == 0
    house.store.close()

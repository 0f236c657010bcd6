"""The house from the command line: what a person decides, what is looked at, what is listed."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.support.command import unhijack
from tests.support.house import House, open_house, victim
from unhijack.core.case import Kind, State
from unhijack.core.journal import first_broken

SITE = victim()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A folder with one case that waits for an analyst."""
    house = open_house(tmp_path / "state", approval=True)
    house.report(f"http://{SITE.host}/")
    house.work()
    house.store.close()
    return tmp_path / "state"


def now(state: Path) -> House:
    house = open_house(state, approval=True)
    assert first_broken(1, house.store.journal(1)) is None
    return house


def said(state: Path, *words: str, code: int = 0) -> str:
    done = unhijack(*words, state=state)
    assert done.returncode == code, done.stderr
    return (done.stdout + done.stderr).decode()


def test_a_case_is_held_and_released(state: Path):
    text = said(state, "cases", "hold", "1", "--until", "2099-01-01", "--why", "x", code=2)
    assert "a day from tomorrow to" in text


def test_a_case_is_put_under_a_legal_hold_and_the_hold_is_lifted(state: Path):
    assert "now under a legal hold" in said(state, "cases", "preserve", "1", "--why", "order 7")
    (line,) = map(json.loads, said(state, "cases", "--json").splitlines())
    assert (line["state"], line["preserved"]) == ("attributed", True)
    assert "no longer" in said(state, "cases", "preserve", "1", "--lift", "--why", "order 8")
    assert "not under" in said(state, "cases", "preserve", "1", "--lift", "--why", "x", code=2)


def test_a_verdict_is_taken_back(state: Path):
    assert "overturned" in said(state, "cases", "overturn", "1", "--why", "a campaign page")
    assert [one["state"] for one in lines(state)] == [State.OVERTURNED]
    assert "no verdict to overturn" in said(state, "cases", "overturn", "1", "--why", "x", code=2)


def lines(state: Path, *words: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in said(state, "cases", "--json", *words).splitlines()]


def test_a_list_is_of_some_states_one_site_and_so_many(state: Path):
    assert len(lines(state, "--state", "attributed", "--site", SITE.host)) == 1
    assert lines(state, "--state", "closed") == []
    assert lines(state, "--after", "1") == []
    assert "there is no case 9" in said(state, "cases", "duplicate", "1", "9", code=2)


def test_what_waits_for_a_person_is_listed_with_what_they_are_to_do(state: Path):
    assert "APPROVE" in said(state, "cases", "--waiting")
    said(state, "cases", "approve", "1")
    assert lines(state, "--waiting") == []
    assert len(lines(state)) == 1


def test_the_doctor_says_what_is_missing_and_what_does_not_work(state: Path):
    done = unhijack("doctor", state=state)
    assert done.returncode == 0
    assert b"1 cases, 1 open" in done.stdout
    assert b"no mail server" in done.stdout
    env = {"UNHIJACK_SMTP_HOST": "127.0.0.1", "UNHIJACK_SMTP_PORT": "9"}
    sick = unhijack("doctor", state=state, env=env)
    assert sick.returncode == 2
    assert b"127.0.0.1:9 takes no notices" in sick.stdout
    assert b"bounces and answers go unheard" in sick.stdout


def test_the_doctor_finds_a_journal_that_was_changed(state: Path):
    assert "the newest 1 hold together" in said(state, "doctor")
    with sqlite3.connect(state / "unhijack.sqlite3") as database:
        database.execute("UPDATE case_events SET data = replace(data, 'citizen', 'nobody')")
    database.close()
    assert "changed by somebody: the journal of case 1" in said(state, "doctor", code=2)


def test_the_doctor_finds_a_damaged_database(state: Path):
    path = state / "unhijack.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        table = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_cases_state'"
        (page,) = database.execute(table).fetchone()
    database.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096 + 100)
        file.write(b"\xff" * 3000)
        file.seek((page - 1) * 4096)
        file.write(b"\x0a" + b"\xff" * 7)
    text = said(state, "doctor", code=2)
    assert "damaged" in text or "malformed" in text


def test_a_database_that_does_not_answer_is_one_line(tmp_path: Path):
    env = {"UNHIJACK_DATABASE": "postgresql://nobody:secret@127.0.0.1:9/none"}
    done = unhijack("cases", state=tmp_path / "state", env=env)
    assert done.returncode == 2
    assert b"does not answer" in done.stderr
    assert b"secret" not in done.stderr


def test_a_letter_is_printed_for_somebody_who_reads_no_mail(state: Path, tmp_path: Path):
    pdf, pec = tmp_path / "letter.pdf", tmp_path / "letter.eml"
    words = ("cases", "letter", "1", "--out", str(pdf), "--pec", str(pec))
    said(state, *words, "--to", "Optik Falk", "--to", "Marktplatz 1")
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert b"application/pdf" in pec.read_bytes()
    assert "is there already" in said(state, *words, code=2)
    assert now(state).kinds()[-1] is Kind.QUEUED
    assert "by a letter that a person sends" in said(state, "cases", "show", "1")
    assert "knows no cert" in said(
        state, "cases", "letter", "1", "--role", "cert", "--out", str(tmp_path / "b.pdf"), code=2
    )

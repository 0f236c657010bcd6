"""Rows mended and triggers dropped with the files, under one journal, and put back."""

import sqlite3
from base64 import b64encode
from pathlib import Path

import pytest

from tests.support.repairs import Site
from unhijack.adapters.tree.journal import FolderJournal
from unhijack.core.finding import Finding
from unhijack.core.plan_text import parse_plan, plan_text
from unhijack.core.repair import Act, Repair
from unhijack.jobs.scan import look_at_database
from unhijack.ports import CannotMend
from unhijack.remediate.apply import Fate, Workbench, apply
from unhijack.remediate.evidence import exhibits
from unhijack.remediate.ledger import State, What, steps_of
from unhijack.remediate.plan import make_plan
from unhijack.remediate.rows import DatabaseRepairs
from unhijack.remediate.undo import resume, undo
from unhijack.wiring.repairs import make_database_mender

PLANTED = (
    "Bread<script>if(/google|bing/.test(document.referrer))"
    "{location.replace('http://casino.example/win');}</script>"
)
SCHEMA = """
CREATE TABLE wp_options (option_id INTEGER PRIMARY KEY, option_name TEXT, option_value TEXT);
CREATE TABLE wp_posts (ID INTEGER PRIMARY KEY, post_content TEXT);
INSERT INTO wp_options VALUES (1, 'home', 'https://bakery.test');
INSERT INTO wp_posts VALUES (7, 'PLANTED'), (8, 'Cake');
CREATE TRIGGER back AFTER INSERT ON wp_posts BEGIN
  UPDATE wp_options SET option_value = 'http://casino.example' WHERE option_name = 'home'; END;
""".replace("PLANTED", PLANTED.replace("'", "''"))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    connection.close()
    return path


def dump(path: Path) -> list[str]:
    return list(sqlite3.connect(path).iterdump())


def opened(path: Path) -> DatabaseRepairs:
    return make_database_mender(f"sqlite://{path}", ())


def findings(path: Path) -> list[Finding]:
    return list(look_at_database(f"sqlite://{path}", ()).findings)


def bench_of(site: Site, rows: DatabaseRepairs, journal: FolderJournal | None = None) -> Workbench:
    bench = site.bench(journal)
    return Workbench(bench.mender, bench.journal, bench.clock, None, rows)


def test_a_row_is_mended_and_a_trigger_dropped_first_and_both_come_back(site: Site, database: Path):
    before, rows = dump(database), opened(database)
    plan = make_plan(str(site.root), findings(database), site.mender(), None, rows)
    assert [step.act for step in plan.steps] == [Act.DROP_TRIGGER, Act.MEND_ROW]
    assert parse_plan(plan_text(plan)).steps == plan.steps
    bench = bench_of(site, rows)
    assert [one.fate for one in apply(plan, bench)] == [Fate.DONE, Fate.DONE]
    after = "\n".join(dump(database))
    assert "TRIGGER" not in after
    assert "casino" not in after
    assert "VALUES(7,'Bread')" in after
    assert [one.fate for one in undo(bench_of(site, opened(database), bench.journal))] == [  # type: ignore[arg-type]  # it is one
        Fate.DONE,
        Fate.DONE,
    ]
    assert sorted(dump(database)) == sorted(before)


def test_a_row_that_changed_since_the_scan_is_left_alone(site: Site, database: Path):
    rows = opened(database)
    plan = make_plan(str(site.root), findings(database), site.mender(), None, rows)
    connection = sqlite3.connect(database)
    connection.execute("UPDATE wp_posts SET post_content = 'mine' WHERE ID = 7")
    connection.commit()
    _, row = apply(plan, bench_of(site, rows))
    assert (row.fate, "not what it was" in row.text) == (Fate.REFUSED, True)
    assert "VALUES(7,'mine')" in "\n".join(dump(database))


def test_a_row_that_changed_after_the_repair_is_not_put_back(site: Site, database: Path):
    rows = opened(database)
    plan = make_plan(str(site.root), findings(database), site.mender(), None, rows)
    bench = bench_of(site, rows)
    list(apply(plan, bench))
    connection = sqlite3.connect(database)
    connection.execute("UPDATE wp_posts SET post_content = 'mine' WHERE ID = 7")
    connection.commit()
    fates = {one.repair.act: one.fate for one in undo(bench)}
    assert fates == {Act.MEND_ROW: Fate.REFUSED, Act.DROP_TRIGGER: Fate.DONE}


def test_without_the_database_its_steps_are_refused(site: Site, database: Path):
    plan = make_plan(str(site.root), findings(database), site.mender(), None, opened(database))
    outcomes, _ = site.repair(plan)
    assert {one.fate for one in outcomes} == {Fate.REFUSED}
    assert "--database" in outcomes[0].text
    alone = make_plan(str(site.root), findings(database), site.mender())
    assert alone.steps == ()
    assert all("in a database" in held.note for held in alone.held)


@pytest.mark.parametrize("was_done", [True, False])
def test_an_interrupted_step_is_found_out_by_the_value(
    site: Site,
    database: Path,
    was_done: bool,  # noqa: FBT001  # a parameter of the test
):
    rows = opened(database)
    plan = make_plan(str(site.root), findings(database), site.mender(), None, rows)
    bench = bench_of(site, rows)
    list(apply(plan, bench))
    if not was_done:
        list(undo(bench))
    records = [one for one in bench.journal.records() if one["what"] in (What.BEGIN, What.INTENT)]
    (site.base / "again").mkdir()
    bench.journal.close()
    folder = Path(bench.journal.name)
    (folder / "journal.jsonl").write_bytes(b"")
    journal = FolderJournal(folder)
    for record in records:
        journal.write({k: v for k, v in record.items() if k not in ("number", "previous")})
    found_out = bench_of(site, opened(database), journal)
    list(resume(found_out))
    states = {step.repair.act: step.state for step in steps_of(journal.records())}
    expected = State.DONE if was_done else State.FAILED
    assert states == dict.fromkeys((Act.DROP_TRIGGER, Act.MEND_ROW), expected)


def test_the_lengths_of_serialised_values_stay_true(site: Site, database: Path):
    good, bad = b"Bread", PLANTED.encode()
    value = b'a:2:{i:0;s:%d:"%s";i:1;s:%d:"%s";}' % (len(bad), bad, len(bad), bad + b"")
    connection = sqlite3.connect(database)
    connection.execute("DROP TRIGGER back")
    connection.execute("INSERT INTO wp_options VALUES (2, 'widget_text', ?)", (value.decode(),))
    connection.commit()
    rows = opened(database)
    plan = make_plan(str(site.root), findings(database), site.mender(), None, rows)
    assert {one.fate for one in apply(plan, bench_of(site, rows))} == {Fate.DONE}
    (now,) = connection.execute(
        "SELECT option_value FROM wp_options WHERE option_id = 2"
    ).fetchone()
    assert now.encode() == b'a:2:{i:0;s:5:"%s";i:1;s:5:"%s";}' % (good, good)


def test_rows_are_part_of_the_evidence(site: Site, database: Path):
    rows, found = opened(database), findings(database)
    plan = make_plan(str(site.root), found, site.mender(), None, rows)
    kept = list(exhibits(plan, found, site.mender(), (), rows))
    assert [one.about.get("path") for one in kept if one.name.startswith("rows/")] == [
        step.path for step in plan.steps
    ]
    assert b64encode(PLANTED.encode()) in b"".join(one.content for one in kept)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"kind": 1}', b"\xff"])
def test_what_is_no_original_is_refused(database: Path, content: bytes):
    for act in (Act.MEND_ROW, Act.DROP_TRIGGER):
        step = Repair(act, "database:x", "0" * 64, "")
        with pytest.raises(CannotMend):
            opened(database).put_back(step, content)
        with pytest.raises(CannotMend):
            opened(database).original(step)

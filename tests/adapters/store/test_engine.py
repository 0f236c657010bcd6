"""Opening the database: at this program's version, durable, or one clear line."""

import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.support.house import DAWN, MIGRATIONS, open_store
from unhijack.adapters.store.migrate import HEAD
from unhijack.adapters.store.schema import cases, metadata, persons, reports
from unhijack.adapters.store.sqlite import NAME, open_sqlite
from unhijack.core.errors import WrongUse
from unhijack.core.report import Report


def test_the_migrations_come_to_the_tables_that_the_program_knows(tmp_path: Path):
    engine = open_sqlite(tmp_path, MIGRATIONS).engine
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        unique = {
            name: {
                tuple(c["column_names"])
                for c in sa.inspect(connection).get_unique_constraints(name)
            }
            for name in metadata.tables
        }
    engine.dispose()
    for table in metadata.tables.values():
        for column in table.columns:
            assert ((column.name,) in unique[table.name]) == bool(column.unique)


def test_the_newest_migration_is_the_one_that_is_looked_for():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_an_older_database_is_saved_before_it_is_changed(tmp_path: Path):
    """What the first version had made and filled is there afterwards, and as it was beside it."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / NAME}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO reports (key, receipt, url, pathway, source, received_at) VALUES "
            "('k', 'R-1', 'http://a.test/', '[]', 'citizen', '2026-03-02T08:00:00.000000+00:00')"
        )
    engine.dispose()
    store = open_store(tmp_path)
    assert [received.receipt for received in store.waiting(9, 9)] == ["R-1"]
    store.close()
    (backup,) = tmp_path.glob("*.backup")
    with sqlite3.connect(backup) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("0001",)
        ]
        assert connection.execute("SELECT receipt FROM reports").fetchall() == [("R-1",)]
    assert backup.stat().st_mode & 0o077 == 0


def test_what_was_known_before_is_put_into_the_words_of_today(tmp_path: Path):
    """Mails that left are silent until answered; a reporter whose case is over is owed a word."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / NAME}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    report = {"url": "http://a.test/", "pathway": "[]", "source": "citizen", "received_at": DAWN}
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for number, over in ((1, DAWN), (2, None)):
            case = {"site": "s", "reference": f"R{number}", "state": "closed", "step": 1}
            connection.execute(sa.insert(cases).values(number=number, over_at=over, **case))
            said = {"reporter": "them", "told": "received", "case_number": number, **report}
            key = {"key": f"k{number}", "receipt": f"R-{number}"}
            connection.execute(sa.insert(reports).values(**key, **said))
        person = {"id": "p", "mail": b"", "stage": "sent", "stage_at": DAWN}
        connection.execute(sa.insert(persons).values(**person))
    engine.dispose()
    store = open_store(tmp_path)
    assert [(one.receipt, one.told) for one in store.untold(9)] == [("R-1", "over")]
    with store.transaction() as connection:
        assert connection.scalar(sa.select(persons.c.stage)) == "silent"
    store.close()


def test_a_database_is_opened_again_as_it_was(tmp_path: Path):
    store = open_store(tmp_path)
    receipt = store.acknowledge(Report("http://a.test/", (), DAWN, "citizen"), "one")
    store.close()
    for _ in range(2):
        store = open_store(tmp_path)
        assert [received.receipt for received in store.waiting(9, 9)] == [receipt]
        store.close()


def test_many_may_make_the_database_at_once(tmp_path: Path):
    failed: list[BaseException] = []

    def one() -> None:
        try:
            open_sqlite(tmp_path, MIGRATIONS).engine.dispose()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test tells
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def refused(folder: Path) -> str:
    with pytest.raises(WrongUse) as caught:
        open_sqlite(folder, MIGRATIONS)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("version", ["0004", "9999", "\x1b[31mred"])
def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path, version: str):
    open_sqlite(tmp_path, MIGRATIONS).engine.dispose()
    with sqlite3.connect(tmp_path / NAME) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    before = (tmp_path / NAME).read_bytes()

    said = refused(tmp_path)
    assert "was written by a newer unhijack" in said
    assert "\x1b" not in said
    assert (tmp_path / NAME).read_bytes() == before


@pytest.mark.parametrize("content", [b"Dear diary, " * 1000, bytes(range(256)) * 64])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes):
    (tmp_path / NAME).write_bytes(content)
    assert refused(tmp_path).endswith("it is no unhijack database")
    assert (tmp_path / NAME).read_bytes() == content


def test_a_database_of_another_program_is_left_alone(tmp_path: Path):
    with sqlite3.connect(tmp_path / NAME) as connection:
        connection.execute("CREATE TABLE cases (colour TEXT)")
        connection.execute("PRAGMA journal_mode=WAL")
    assert refused(tmp_path).endswith("it is no unhijack database")
    with sqlite3.connect(tmp_path / NAME) as connection:
        names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert names == [("cases",)]


def test_a_damaged_database_says_so(tmp_path: Path):
    open_sqlite(tmp_path, MIGRATIONS).engine.dispose()
    content = bytearray((tmp_path / NAME).read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    (tmp_path / NAME).write_bytes(content)
    assert refused(tmp_path).endswith("it is damaged: restore a backup")


def test_a_folder_in_the_place_of_the_database_says_so(tmp_path: Path):
    (tmp_path / NAME).mkdir()
    assert "it cannot be opened" in refused(tmp_path)


def test_a_folder_that_is_not_there_says_so(tmp_path: Path):
    assert "it cannot be opened" in refused(tmp_path / "gone")

"""A store on each database: the same tests hold for both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.postgres import Postgres
from tests.support.house import open_store
from tests.support.postgres import postgres
from unhijack.adapters.store.sql import SqlStore


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with postgres() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    if request.param == "sqlite":
        opened = open_store(tmp_path)
        yield opened
        opened.close()
        return
    started: Postgres = request.getfixturevalue("server")
    url = started.new_database()
    opened = open_store(tmp_path, url)
    yield opened
    opened.close()
    started.drop(url)

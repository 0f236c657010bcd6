"""A real PostgreSQL for tests; skips, aloud, where there is none."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.postgres import Postgres
from bench.postgres import postgres as started
from bench.report import CannotRun


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """A server with nothing in it."""
    try:
        server = started(durable=durable)
        running = server.__enter__()
    except CannotRun as error:
        pytest.skip(str(error))
    try:
        yield running
    finally:
        server.__exit__(None, None, None)

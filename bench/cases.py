"""A million open cases: what is due, how fast they are stepped, and what one takes on the disk."""

import hashlib
import multiprocessing
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.postgres import postgres
from bench.report import CannotRun, Goal, Report
from unhijack.adapters.secrets import FileSecrets
from unhijack.adapters.store.postgres import open_postgres
from unhijack.adapters.store.schema import case_events, cases
from unhijack.adapters.store.sql import SqlStore
from unhijack.adapters.store.sqlite import NAME, open_sqlite
from unhijack.core.case import Event, Kind, Move
from unhijack.core.data import Data, Json, canonical
from unhijack.core.fold import fold
from unhijack.core.journal import GENESIS, first_broken

CASES, QUICK_CASES = 1_000_000, 30_000
STEPS, QUICK_STEPS = 2_000, 200
QUERIES = 101
BATCH = 5_000
DUE_EACH = 50
"""Each so manieth case is due now; the others later, over ninety days."""
SQLITE_MS, POSTGRES_MS = 5.0, 15.0
DAWN = datetime(2026, 3, 2, 8, tzinfo=UTC)
MIGRATIONS = Path(str(files("unhijack.data") / "migrations"))
PERSON: dict[str, Json] = {"role": "owner", "source": "registry", "confidence": 0.9}


def run(*, quick: bool) -> Report:
    """Both databases, with the same rows. Raises CannotRun."""
    many, steps = (QUICK_CASES, QUICK_STEPS) if quick else (CASES, STEPS)
    report = Report(
        f"{many:,} open cases, one in {DUE_EACH} due",
        ("", "due, ms", "steps/s, 1 worker", "steps/s, 2 workers", "bytes a case"),
    )
    with tempfile.TemporaryDirectory(prefix="unhijack-") as folder:
        _measure(report, "sqlite", Path(folder) / "sqlite", None, many, steps)
        with postgres(durable=True) as server:
            url = server.new_database()
            _measure(report, "postgresql", Path(folder) / "postgresql", url, many, steps)
    full = many == CASES
    for name, limit in (("sqlite", SQLITE_MS), ("postgresql", POSTGRES_MS)):
        value = report.figures[f"{name}_due_ms"] if full else None
        report.goals[f"{name}: what is due, ms"] = Goal(value, limit)
    return report


def _open(folder: Path, url: str | None) -> SqlStore:
    folder.mkdir(parents=True, exist_ok=True)
    keys = FileSecrets(folder / "keys")
    if url is None:
        return SqlStore(open_sqlite(folder, MIGRATIONS), keys)
    return SqlStore(open_postgres(url, MIGRATIONS, folder), keys)


def _measure(
    report: Report, name: str, folder: Path, url: str | None, many: int, steps: int
) -> None:
    store = _open(folder, url)
    _fill(store, many)
    due_ms = _due_ms(store)
    size = _bytes(store, folder, url) / many
    store.close()
    one = _steps_per_second(folder, url, 1, steps)
    two = _steps_per_second(folder, url, 2, steps) if url else None
    report.rows.append(
        (
            name,
            f"{due_ms:.2f}",
            f"{one:.0f}",
            f"{two:.0f}" if two else "one writer",
            f"{size:.0f}",
        )
    )
    report.figures |= {
        f"{name}_due_ms": due_ms,
        f"{name}_steps_per_s_1": one,
        f"{name}_bytes_per_case": size,
    }
    if two:
        report.figures[f"{name}_steps_per_s_2"] = two


def _fill(store: SqlStore, many: int) -> None:
    forms = _forms()
    for first in range(1, many + 1, BATCH):
        numbers = range(first, min(first + BATCH, many + 1))
        rows = [_case_row(number) for number in numbers]
        events = [row for number in numbers for row in _event_rows(number, forms)]
        with store.transaction() as connection:
            _insert(connection, cases, rows)
            _insert(connection, case_events, events)
        assert first_broken(first, store.journal(first)) is None
    with store.transaction() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(
                sa.text("SELECT setval(pg_get_serial_sequence('cases', 'number'), :n)"), {"n": many}
            )
        connection.exec_driver_sql("ANALYZE")


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Many rows with the same columns; PostgreSQL takes them faster by COPY."""
    if connection.dialect.name != "postgresql":
        connection.execute(sa.insert(table), rows)
        return
    names = list(rows[0])
    write = [table.c[name].type.dialect_impl(connection.dialect) for name in names]
    made = [one.bind_processor(connection.dialect) for one in write]
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor:
        into = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"
        with cursor.copy(into) as copy:
            for row in rows:
                values = zip(made, row.values(), strict=True)
                copy.write_row([make(value) if make else value for make, value in values])


def _case_row(number: int) -> dict[str, Any]:
    site = f"site{number}.test"
    later = timedelta(seconds=(number * 7919) % (90 * 86400) + 3600)
    return {
        "number": number,
        "site": site,
        "open_site": site,
        "reference": secrets.token_hex(10),
        "state": "attributed",
        "step": 3,
        "next_action_at": DAWN if number % DUE_EACH == 0 else DAWN + later,
        "changed_at": DAWN,
        "preserved": False,
        "reporters_erased": False,
        "contacts_erased": False,
        "evidence_erased": False,
    }


def _journal(site: str, person: str) -> Iterator[Event]:
    """A case that waits for an analyst: reported, seen five times, its owner known."""
    url = f"http://{site}/"
    log: list[Json] = [
        {
            "visit": visit,
            "persona": "search-phone",
            "at": DAWN.isoformat(),
            "outcome": "left" if visit < 3 else "stayed",
            "hops": [{"url": url, "host": site, "via": None, "status": 302}],
        }
        for visit in range(1, 6)
    ]
    examined: Data = {"verdict": "hijacked", "redirected": ["search-phone"], "visit_log": log}
    told: tuple[tuple[Kind, Data], ...] = (
        (Kind.OPENED, {"receipt": "R", "url": url, "pathway": [], "source": "citizen"}),
        (Kind.EXAMINED, examined),
        (Kind.ATTRIBUTED, {"contacts": [{**PERSON, "person": person}], "places": {}}),
    )
    for step, (kind, data) in enumerate(told, 1):
        yield Event(step, kind, DAWN, data)


def _forms() -> list[tuple[Event, str]]:
    """The events of every case, with the canonical text of what they say: made once, as that is
    nearly all of the time that a million journals would take.
    """
    return [(one, canonical(dict(one.data)).decode()) for one in _journal("SITE", "PERSON")]


def _event_rows(number: int, forms: list[tuple[Event, str]]) -> Iterator[dict[str, Any]]:
    """The rows of one journal, chained as `core.journal.chained` does it."""
    previous, at = GENESIS, DAWN.isoformat()
    for event, form in forms:
        data = form.replace("SITE", f"site{number}.test").replace("PERSON", f"{number:032x}")
        body = (
            f'{{"at":"{at}","case":{number},"data":{data},"kind":"{event.kind}",'
            f'"previous":"{previous}","step":{event.step}}}'
        )
        previous = hashlib.sha256(body.encode()).hexdigest()
        yield {
            "case_number": number,
            "step": event.step,
            "kind": str(event.kind),
            "at": event.at,
            "data": data,
            "digest": previous,
        }


def _due_ms(store: SqlStore) -> float:
    """Median of asking for the case that is due, its lease included and given back."""
    times = []
    for _ in range(QUERIES):
        start = time.perf_counter()
        lease = store.due(DAWN)
        times.append(time.perf_counter() - start)
        assert lease is not None
        store.release(lease)
    return statistics.median(times) * 1000


def _bytes(store: SqlStore, folder: Path, url: str | None) -> int:
    if url is None:
        return sum(path.stat().st_size for path in folder.glob(f"{NAME}*"))
    with store.transaction() as connection:
        return int(connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)


def _steps_per_second(folder: Path, url: str | None, workers: int, steps: int) -> float:
    """Whole steps: what is due, its journal, the decision, event and next time committed."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers) as pool:
        pool.map(_nothing, range(workers), chunksize=1)
        start = time.perf_counter()
        done = pool.starmap(_step_many, [(folder, url, steps // workers)] * workers, chunksize=1)
        return sum(done) / (time.perf_counter() - start)


def _nothing(_: int) -> int:
    return os.getpid()


def _step_many(folder: Path, url: str | None, steps: int) -> int:
    store = _open(folder, url)
    for _ in range(steps):
        lease = store.due(DAWN)
        if lease is None:
            raise CannotRun("nothing is due any more")
        case = fold(lease.number, (event for event, _ in store.journal(lease.number)))
        move = Move(Kind.NOTED, {"text": str(case.state)}, DAWN + timedelta(days=1))
        assert store.commit(lease, move, DAWN)
    store.close()
    return steps

"""The Queue port by procrastinate: due steps of a PostgreSQL house, handed to any number of workers.

A job is no more than a lease: one that was lost is leased anew when its time is over, one that
comes twice finds its lease stale. So what procrastinate keeps may be thrown away at any time, and
each of its versions has tables of its own, in a schema of their own.
"""

import asyncio
import importlib.metadata
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import procrastinate
import psycopg
import psycopg_pool
import sqlalchemy as sa
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.types import JSONValue

from unhijack.adapters.store.sql import SqlStore
from unhijack.ports import Lease, StoreUnavailable

MOST_WAITING = 200
"""Jobs in the queue, beyond which nothing is dispatched: leases are not to run out there."""
BATCH = 50
HEARTBEAT_SECONDS = 5.0
STALLED_SECONDS = 30.0
TASK = "step"


def schema_name() -> str:
    """The schema of the queue's tables, which are those of one version of procrastinate."""
    version = importlib.metadata.version("procrastinate")
    return "unhijack_queue_" + "".join(c if c.isdigit() else "_" for c in version)[:30]


class JobQueue:
    """One worker's end of the queue, and the dispatcher's."""

    def __init__(self, store: SqlStore, url: str) -> None:
        self._store = store
        self._url = url
        self._deferring = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())
        self._step = self._deferring.task(name=TASK)(_elsewhere)
        self._made = False

    def make_tables(self) -> None:
        """Make the queue's tables where they are missing."""
        schema = schema_name()
        with self._store.transaction() as connection:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7517002)")
            if connection.scalar(
                sa.text("SELECT to_regclass(:name)"), {"name": f"{schema}.procrastinate_jobs"}
            ):
                return
            connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            connection.exec_driver_sql(f'SET LOCAL search_path TO "{schema}"')
            tables = procrastinate.schema.SchemaManager.get_schema()
            raw = connection.connection.driver_connection
            assert isinstance(raw, psycopg.Connection)
            raw.execute(tables)

    def dispatch(self, now: datetime) -> int:
        """See the port."""
        if not self._made:
            self.make_tables()
            self._made = True
        with self._store.transaction() as connection:
            waiting = connection.scalar(
                sa.text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
            )
            if int(waiting or 0) >= MOST_WAITING:
                return 0
            leases = self._store.lease_due(connection, now, BATCH)
            if leases:
                raw = connection.connection.driver_connection
                jobs: list[dict[str, JSONValue]] = [
                    {"number": x.number, "step": x.step, "token": x.token} for x in leases
                ]
                self._step.configure(connection=raw).batch_defer(*jobs)
        return len(leases)

    async def serve(self, take: Callable[[Lease], Awaitable[None]], at_once: int) -> None:
        """See the port."""
        try:
            async with self._app(take, at_once) as app, asyncio.TaskGroup() as tasks:
                tasks.create_task(_unstall(app))
                tasks.create_task(
                    app.run_worker_async(
                        concurrency=at_once,
                        install_signal_handlers=False,
                        delete_jobs=DeleteJobCondition.ALWAYS,
                        fetch_job_polling_interval=2.0,
                        update_heartbeat_interval=HEARTBEAT_SECONDS,
                        stalled_worker_timeout=STALLED_SECONDS,
                        shutdown_graceful_timeout=10,
                    )
                )
        except* (procrastinate.exceptions.ConnectorException, psycopg.Error, OSError) as errors:
            said = " ".join(str(errors.exceptions[0]).split())[:200]
            raise StoreUnavailable(f"the queue's database does not answer ({said})") from None
        except* psycopg_pool.PoolTimeout:
            raise StoreUnavailable("the queue's database does not answer in time") from None

    @asynccontextmanager
    async def _app(
        self, take: Callable[[Lease], Awaitable[None]], at_once: int
    ) -> AsyncIterator[procrastinate.App]:
        connector = procrastinate.PsycopgConnector(
            conninfo=self._url,
            min_size=1,
            max_size=at_once + 3,
            timeout=10,
            kwargs={"options": f"-csearch_path={schema_name()}"},
        )
        app = procrastinate.App(connector=connector)

        async def step(number: int, step: int, token: str) -> None:
            await take(Lease(number, step, token))

        app.task(name=TASK)(step)
        async with app.open_async():
            yield app


async def _elsewhere(number: int, step: int, token: str) -> None:
    """Dispatched here, run by whoever serves."""


async def _unstall(app: procrastinate.App) -> None:
    """Jobs of workers that died are thrown away: their leases run out."""
    while True:
        await asyncio.sleep(STALLED_SECONDS)
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)

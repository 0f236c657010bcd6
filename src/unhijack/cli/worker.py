"""``unhijack worker``: do what is due."""

import asyncio
import contextlib
import signal
import sys
import time

import click
import uvloop

from unhijack.casework.agenda import Office, run_due
from unhijack.casework.retention import expire
from unhijack.config.settings import read_settings
from unhijack.jobs.worker import EXPIRE_SECONDS, patiently, work
from unhijack.ports import Queue
from unhijack.wiring.visits import make_clock, open_office, open_queue

PAUSE_SECONDS = 5.0


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@click.option(
    "--at-once",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="Cases that are worked on side by side, where the database is PostgreSQL.",
)
def worker(once: bool, at_once: int) -> None:
    """Do what is due, until stopped.

    Examine reported sites, tell owners, check claims of being clean.

    One worker a state folder; any number where the database is PostgreSQL. It may be killed at
    any moment.
    """
    settings = read_settings()
    office = patiently(lambda: open_office(settings, make_clock(), warn=_warn), _warn)
    uncertain = office.doors.cases.become_worker(office.doors.clock.now())
    if uncertain:
        _warn(
            f"{uncertain} notices may or may not have left when the last worker died: "
            "see `unhijack cases`"
        )
    queue = None if once else open_queue(settings)
    if queue is None:
        done = uvloop.run(_work(office, once=once))
        click.echo(f"{done} steps", err=True)
    else:
        uvloop.run(_work_with_others(office, queue, at_once))


async def _work(office: Office, *, once: bool) -> int:
    done, expires_at = 0, 0.0
    try:
        while True:
            done += await run_due(office)
            if time.monotonic() >= expires_at:
                done += expire(office.doors, office.retention)
                expires_at = time.monotonic() + EXPIRE_SECONDS
            if once:
                return done
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await office.close()


async def _work_with_others(office: Office, queue: Queue, at_once: int) -> None:
    """Until SIGTERM or SIGINT, which leave a step that was begun to others."""
    me = asyncio.current_task()
    assert me
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, me.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await work(office, queue, at_once, _warn)
    finally:
        await office.close()


def _warn(text: str) -> None:
    sys.stderr.write(f"unhijack: {text}\n")

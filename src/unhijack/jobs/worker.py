"""One of many workers of a house whose database is PostgreSQL: each may die at any moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from unhijack.casework.agenda import Office, take_step
from unhijack.casework.intake import assign_reports
from unhijack.casework.post import post_notices
from unhijack.casework.reporters import tell_reporters
from unhijack.casework.retention import expire
from unhijack.ports import Lease, Queue, StoreUnavailable

T = TypeVar("T")

PAUSE_SECONDS = 0.5
"""Between two looks at what is due, where nothing was."""
EXPIRE_SECONDS = 3600.0
"""Between two looks at what has had its time: that reads every case that is over."""
RETRY_SECONDS = 2.0
"""Before a database that did not answer is asked again."""


def patiently(begin: Callable[[], T], warn: Callable[[str], None]) -> T:
    """What `begin` returns, as soon as the database answers it."""
    while True:
        try:
            return begin()
        except StoreUnavailable as error:
            warn(str(error))
            time.sleep(RETRY_SECONDS)


async def work(office: Office, queue: Queue, at_once: int, warn: Callable[[str], None]) -> None:
    """Step cases, send what is to leave, until cancelled. A database that is away is waited for."""
    cases = office.doors.cases

    async def take(lease: Lease) -> None:
        with suppress(StoreUnavailable):  # the lease runs out, and somebody takes the step
            if cases.renew(lease):
                await take_step(office, lease)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_serve(queue, take, at_once, warn))
        tasks.create_task(_duties(office, queue, warn))


async def _serve(
    queue: Queue,
    take: Callable[[Lease], Awaitable[None]],
    at_once: int,
    warn: Callable[[str], None],
) -> None:
    while True:
        try:
            await queue.serve(take, at_once)
        except StoreUnavailable as error:
            warn(str(error))
        await asyncio.sleep(RETRY_SECONDS)


async def _duties(office: Office, queue: Queue, warn: Callable[[str], None]) -> None:
    """What any of the workers does: the database keeps them out of each other's way."""
    doors = office.doors
    expires_at = 0.0
    while True:
        try:
            now = doors.clock.now()
            doors.cases.end_interrupted(now)
            done = await assign_reports(doors) + queue.dispatch(now)
            done += tell_reporters(doors, office.policy.head)
            if time.monotonic() >= expires_at:
                done += expire(doors, office.retention)
                expires_at = time.monotonic() + EXPIRE_SECONDS
            done += await post_notices(doors, office.policy)
        except StoreUnavailable as error:
            warn(str(error))
            await asyncio.sleep(RETRY_SECONDS)
            continue
        await asyncio.sleep(0 if done else PAUSE_SECONDS)

"""Many of one thing at once, in this process."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from unhijack.core.errors import WrongUse

T = TypeVar("T")
Foreseen = WrongUse | OSError


async def for_each(items: Iterable[T], work: Callable[[T], Awaitable[None]], at_once: int) -> None:
    """Await `work` on each item, at most `at_once` at a time; items are taken as there is room.

    The first error ends the rest. Raises WrongUse and OSError as themselves, others in a group.
    """
    waiting = iter(items)

    async def worker() -> None:
        for item in waiting:
            await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(worker())
    except* (WrongUse, OSError) as errors:
        raise _first(errors) from None


def _first(errors: BaseExceptionGroup[Foreseen]) -> Foreseen:
    found = errors.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found

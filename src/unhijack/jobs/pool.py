"""Many of one thing at once, in this process."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from unhijack.core.errors import WrongUse

T = TypeVar("T")


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
    except BaseExceptionGroup as errors:  # not except*: 3.11.2 wraps what that raises once more
        first = _first(errors)
        if isinstance(first, WrongUse | OSError):
            raise first from None
        raise


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    found = errors.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found

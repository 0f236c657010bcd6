"""The outer side of the sandbox: a few worker processes, each given one page at a time.

A worker gets no environment, no files but two pipes, and no second chance: one that is late, dies
or talks nonsense is killed, and what it was to do is a failure, never an exception. It runs each
page in a copy of itself.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

from unhijack.adapters.sandbox.frames import (
    COST,
    HEAD,
    MOST_JOB,
    MOST_TRACE,
    PARTIAL,
    framed,
    length_of,
)
from unhijack.core.evidence import Failure, FailureKind

START_SECONDS = 20.0
JOB_SECONDS = 5.0
"""Of wall time, after which a worker is killed; its own limits are far below."""


@dataclass(frozen=True, slots=True)
class _Worker:
    process: asyncio.subprocess.Process


class V8Sandbox:
    """One for a run. `stub` is what scripts find instead of a browser."""

    def __init__(
        self, stub: str, warn: Callable[[str], None] = lambda _: None, workers: int | None = None
    ) -> None:
        self._stub = framed(stub.encode())
        self._warn = warn
        self._warned = False
        self._places = asyncio.Semaphore(workers or min(2, os.cpu_count() or 1))
        self._idle: list[_Worker] = []

    async def run(self, job: bytes) -> bytes | Failure:
        """See the port."""
        if len(job) > MOST_JOB:
            return Failure(FailureKind.SIZE, "its scripts are too large to be run")
        async with self._places:
            worker = self._idle.pop() if self._idle else await self._start()
            if isinstance(worker, Failure):
                return worker
            trace: bytes | None = None
            partial: bytes | None = None
            text = "its scripts ended the process that ran them"
            try:
                async with asyncio.timeout(JOB_SECONDS):
                    trace = await _exchange(worker.process, framed(job))
                    while trace is not None and trace.startswith(PARTIAL):
                        partial = trace[len(PARTIAL) :]
                        trace = None
                        trace = await _hear(worker.process)
            except TimeoutError:
                text = f"its scripts did not end within {JOB_SECONDS:g} s"
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                if trace is None:
                    await _end(worker)
                else:
                    self._idle.append(worker)
            found = trace or partial
            return Failure(FailureKind.SCRIPT, text) if found is None else found

    async def _start(self) -> _Worker | Failure:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-m", "unhijack.adapters.sandbox.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
        )
        worker = _Worker(process)
        hello: bytes | None = None
        try:
            async with asyncio.timeout(START_SECONDS):
                hello = await _exchange(process, self._stub)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            if hello is None:
                await _end(worker)
        if hello is None:
            return Failure(FailureKind.SCRIPT, "the sandbox for scripts does not start")
        missing = json.loads(hello).get("missing")
        if missing and not self._warned:
            self._warned = True
            self._warn(f"the sandbox for scripts has to do without {' and '.join(missing)}")
        return worker

    async def spent(self) -> dict[int, float]:
        """CPU seconds so far, by process id, of the workers at rest and every page they have run."""
        found = {}
        for worker in self._idle:
            answer = await _exchange(worker.process, framed(COST))
            found[worker.process.pid] = float(json.loads(answer or b"0"))
        return found

    async def close(self) -> None:
        """See the port."""
        while self._idle:
            await _end(self._idle.pop())


async def _exchange(process: asyncio.subprocess.Process, message: bytes) -> bytes | None:
    """Say one thing and hear one; None for what is longer than it may be."""
    assert process.stdin is not None
    process.stdin.write(message)
    await process.stdin.drain()
    return await _hear(process)


async def _hear(process: asyncio.subprocess.Process) -> bytes | None:
    assert process.stdout is not None
    length = length_of(await process.stdout.readexactly(HEAD))
    return await process.stdout.readexactly(length) if length <= MOST_TRACE else None


async def _end(worker: _Worker) -> None:
    with contextlib.suppress(ProcessLookupError):
        if worker.process.returncode is None:
            os.killpg(worker.process.pid, signal.SIGKILL)  # with the page that it runs
    await worker.process.wait()

"""The sandbox: what strangers' scripts can do to it, and what becomes of the one after."""

import asyncio
import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.scripts import job_of, traces
from unhijack.adapters.sandbox.frames import MOST_JOB
from unhijack.adapters.sandbox.pool import V8Sandbox
from unhijack.core.evidence import Failure, FailureKind
from unhijack.wiring.sandbox import stub_dom

GOES = "location.href = 'http://bad.example/'"


def test_a_script_that_navigates_is_on_record():
    (trace,) = traces(job_of(GOES))

    assert not isinstance(trace, Failure)
    (intent,) = trace["intents"]
    assert (intent["how"], intent["url"], intent["script"]) == (
        "location",
        "http://bad.example/",
        0,
    )
    assert trace["done"]
    assert trace["cut"] == ""


@pytest.mark.parametrize(
    "hostile",
    [
        "for (;;);",
        "Promise.resolve().then(() => { for (;;); })",
        "/^(a+)+$/.test('a'.repeat(50) + 'b')",
        "setTimeout(() => { for (;;); }, 5)",
        "const a = []; for (;;) a.push(new Array(1e5).fill(1.5))",
        "const a = []; for (;;) a.push(new Uint8Array(5e7).fill(1))",
        "const a = []; for (let i = 0; ; i++) a.push(('x' + i).repeat(1e5) + i)",
        "const m = new Map(); for (let i = 0; ; i++) m.set({}, [i])",
        "function f() { document.write('<script>f()</' + 'script>') } f()",
        "addEventListener('load', () => { for (;;); }); addEventListener('click', () => { for (;;); })",
        "Object.defineProperty(window, 'x', { get() { for (;;); } }); x",
        "while (true) document.body.appendChild(document.createElement('div'))",
        "const p = new Proxy({}, { get() { for (;;); } }); p.x",
    ],
)
def test_what_does_not_end_is_cut_and_says_so(hostile: str):
    trace, after = traces(job_of(hostile), job_of(GOES))

    cut = isinstance(trace, Failure) or trace["cut"] != ""
    assert cut, "it must not look as if nothing had happened"
    assert not isinstance(after, Failure), "the next page finds a sandbox"
    assert after["intents"]


@pytest.mark.parametrize(
    "odd",
    [
        "(function f() { f() })()",
        "throw { get message() { throw 1 } }",
        "Object.prototype.toJSON = () => 1; JSON.stringify = JSON.parse = null;",
        "Array.prototype.push = Array.prototype.slice = Array.prototype[Symbol.iterator] = null;",
        "Object.defineProperty(Array.prototype, '0', { set() { throw 1 }, get() { throw 2 } });",
        "Object.prototype.get = Object.prototype.set = Object.prototype.value = 1;",
        "String.prototype.slice = String.prototype.split = RegExp.prototype.exec = () => { throw 1 };",
        "Function.prototype.call = Function.prototype.apply = Function.prototype.bind = null;",
        "Promise.prototype.then = () => { throw 1 }; Map = WeakMap = Reflect = null;",
        "Object.defineProperty = Object.setPrototypeOf = Object.getOwnPropertyNames = null;",
        "Object.freeze(Object.prototype); Object.freeze(Array.prototype); Object.freeze(window.Date);",
        "Error.prepareStackTrace = () => { throw 1 }; Error.stackTraceLimit = 0;",
        "for (const name of Object.getOwnPropertyNames(window)) try { delete window[name] } catch {}",
        "setInterval(() => {}, 0); (function f() { setTimeout(f, 0) })();",
        "Object.setPrototypeOf(window, null); Object.setPrototypeOf(document, null);",
        "Event = EventTarget = Node = Element = Document = null;",
    ],
)
def test_what_a_page_changes_hides_nothing(odd: str):
    (trace,) = traces(job_of(f"try {{ {odd} }} catch (e) {{}} location = 'http://bad.example/'"))

    assert not isinstance(trace, Failure)
    assert [intent["url"] for intent in trace["intents"]] == ["http://bad.example/"]


@pytest.mark.parametrize(
    "after",
    [
        "(async () => { for (;;) await 0 })()",
        "(function f() { Promise.resolve().then(f) })()",
        "queueMicrotask(function f() { queueMicrotask(f) })",
        "Promise.resolve().then(() => { for (;;); })",
        "setTimeout(() => (async () => { for (;;) await 0 })(), 5)",
        "const a = []; for (;;) a.push(new Uint8Array(5e7).fill(1))",
        "const a = []; for (;;) a.push(new Array(1e5).fill(1.5))",
        "for (;;);",
    ],
)
def test_what_was_done_before_is_found_and_cut(after: str):
    started = time.monotonic()
    (trace,) = traces(job_of(f"{GOES}; {after}"))

    assert not isinstance(trace, Failure)
    assert [intent["url"] for intent in trace["intents"]] == ["http://bad.example/"]
    assert trace["cut"]
    assert time.monotonic() - started < 15


def test_ten_megabytes_of_source_are_run():
    (trace,) = traces(job_of(f"/*{'x' * 10_000_000}*/ {GOES}"))

    assert not isinstance(trace, Failure)
    assert trace["intents"]


def test_a_job_beyond_the_cap_is_refused():
    (trace,) = traces(b" " * (MOST_JOB + 1))

    assert isinstance(trace, Failure)
    assert trace.kind is FailureKind.SIZE


@pytest.mark.parametrize("job", [b"", b"[]", b"\xff", b'{"sizes": {}, "promises": false}'])
def test_nonsense_costs_a_worker_and_nothing_else(job: bytes):
    trace, after = traces(job, job_of(GOES))

    assert isinstance(trace, Failure)
    assert not isinstance(after, Failure)


def test_a_worker_holds_nothing_of_ours():
    async def look() -> tuple[list[str], bytes, str]:
        sandbox = V8Sandbox(stub_dom(), workers=1)
        try:
            await sandbox.run(job_of(GOES))
            pid = sandbox._idle[0].process.pid
            folder = Path(f"/proc/{pid}")
            files = [str(one.readlink()) for one in (folder / "fd").iterdir()]
            return files, (folder / "environ").read_bytes(), (folder / "status").read_text()
        finally:
            await sandbox.close()

    os.environ["SECRET_OF_OURS"] = "x"
    files, environment, status = asyncio.run(look())

    assert b"SECRET_OF_OURS" not in environment
    kinds = {name.partition(":")[0] for name in files}
    assert kinds <= {"pipe", "socket", "anon_inode", "/dev/null"}, files
    assert "Seccomp:\t2" in status or "Seccomp:\t0" in status


def test_walls_that_are_missing_are_told_once():
    told: list[str] = []

    async def run() -> None:
        sandbox = V8Sandbox(stub_dom(), told.append, workers=1)
        await sandbox.run(job_of("for(;;);"))
        await sandbox.run(job_of(GOES))
        await sandbox.close()

    asyncio.run(run())
    assert len(told) <= 1


def test_every_process_ends_with_the_sandbox():
    async def run() -> list[int]:
        sandbox = V8Sandbox(stub_dom(), workers=2)
        await asyncio.gather(*(sandbox.run(job_of(GOES)) for _ in range(4)))
        pids = [worker.process.pid for worker in sandbox._idle]
        await sandbox.close()
        return pids

    for pid in asyncio.run(run()):
        assert not Path(f"/proc/{pid}").exists()


def test_the_same_job_gives_the_same_trace():
    chance = "location = 'http://' + Math.random().toString(36).slice(2) + Date.now() + '.example/'"
    first, second = traces(job_of(chance), job_of(chance))

    assert json.dumps(first) == json.dumps(second)


def test_a_page_leaves_nothing_to_the_next():
    leave = "window.left = Object.prototype.left = Array.prototype.left = 'http://left.example/'"
    look = "if (window.left || [].left || document.left) location = 'http://bad.example/'"
    _, after = traces(job_of(leave), job_of(look))

    assert not isinstance(after, Failure)
    assert after["intents"] == []


def test_a_page_that_is_cut_short_costs_no_worker():
    async def run() -> tuple[set[int], set[int]]:
        sandbox = V8Sandbox(stub_dom(), workers=1)
        try:
            await sandbox.run(job_of(GOES))
            before = set(await sandbox.spent())
            await sandbox.run(job_of("for(;;);"))
            return before, set(await sandbox.spent())
        finally:
            await sandbox.close()

    before, after = asyncio.run(run())
    assert before == after


def test_a_page_ends_with_its_worker():
    async def run() -> list[int]:
        sandbox = V8Sandbox(stub_dom(), workers=1)
        await sandbox.run(job_of(GOES))
        worker = sandbox._idle[0].process.pid
        pages: list[int] = []
        async with asyncio.TaskGroup() as group:
            group.create_task(sandbox.run(job_of("for(;;);")))
            while not pages:
                await asyncio.sleep(0.02)
                pages = children_of(worker)
            os.kill(worker, signal.SIGKILL)
        await asyncio.sleep(0.2)
        await sandbox.close()
        return pages

    for pid in asyncio.run(run()):
        folder = Path(f"/proc/{pid}")
        assert not folder.exists() or "\nState:\tZ" in (folder / "status").read_text(), "it lives"


def children_of(parent: int) -> list[int]:
    tasks = Path(f"/proc/{parent}/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


def test_what_pages_cost_is_counted():
    busy = "for (let i = 0, x = 0; i < 2e8; i++) x += i;"

    async def run() -> tuple[float, float]:
        sandbox = V8Sandbox(stub_dom(), workers=1)
        try:
            await sandbox.run(job_of(GOES))
            before = sum((await sandbox.spent()).values())
            await sandbox.run(job_of(busy))
            return before, sum((await sandbox.spent()).values())
        finally:
            await sandbox.close()

    before, after = asyncio.run(run())
    assert after - before > 0.05

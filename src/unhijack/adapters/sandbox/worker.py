"""Inside the sandbox: a process that runs scripts of strangers, one page after another.

Started as ``python -I -m``, with two pipes and nothing else. First comes the stub, then jobs; each
page is run in a copy of this process, which ends with it. One that takes too long is cut and says
so; whoever holds the other end of the pipes kills what does not answer at all.
"""

import ctypes
import encodings.utf_16_le  # noqa: F401 - as below
import gc
import importlib.readers  # noqa: F401 - what V8 is started with is read by it, when no file can be opened any more
import json
import os
import resource
import signal
import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path

import py_mini_racer
from py_mini_racer import JSEvalException, JSOOMException, JSTimeoutException, MiniRacer

from unhijack.adapters.sandbox import walls
from unhijack.adapters.sandbox.engine import Engine, Stuck
from unhijack.adapters.sandbox.frames import COST, MOST_JOB, parts_of, receive, send

PAGE_SECONDS = 3.0
HARD_SECONDS = 15
"""After which the kernel ends the process, whoever may be listening."""
SMALL_STEPS = 60
LARGE_STEP = 100


def main() -> None:
    """Serve jobs until the pipe ends, or a copy does not end as it should."""
    pipe = sys.stdin.buffer
    stub = receive(pipe, MOST_JOB)
    if stub is None:
        return
    send(json.dumps({"missing": raise_walls()}).encode())
    engine = Engine(stub.decode())
    gc.disable()  # it would write to what copies share, and copies are too short-lived for it
    while (job := receive(pipe, MOST_JOB)) is not None:
        if job == COST:
            send(json.dumps(cost()).encode())
            continue
        _, status = os.waitpid(engine.copy(partial(serve, engine, job)), 0)
        if status:
            return


def serve(engine: Engine, job: bytes) -> None:
    """Run one page, in a copy."""
    walls.end_with_parent()
    signal.alarm(HARD_SECONDS)
    parts, promises = parts_of(job)
    try:
        trace = run(engine, parts, promises=promises)
    except Stuck:  # promises without end: V8 hears nobody any more
        trace = engine.so_far("time")
    send(trace.encode("utf-8", "replace"))


def cost() -> float:
    """CPU seconds so far, of this process and of every copy that has ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def raise_walls() -> list[str]:
    """Put up every wall that this machine has; what it has not is said."""
    walls.limit_resources()
    import_module("importlib.resources._adapters")  # wanted by Python 3.13, as `importlib.readers`
    try:
        import pyseccomp  # noqa: F401 - asked for before V8 has threads
    except (ImportError, OSError, RuntimeError):
        walls.leave_network()
    home = Path(py_mini_racer.__file__).parent
    ctypes.CDLL(str(home / "libmini_racer.so"))  # with what it needs from elsewhere; starts nothing
    missing = [] if walls.close_files(home) else ["Landlock"]
    with MiniRacer() as engine:
        engine.eval("1")
    return missing if walls.filter_calls() else [*missing, "seccomp"]


def run(engine: Engine, parts: dict[str, str], *, promises: bool) -> str:
    """Run a page's scripts and everything that follows from them; the trace, as JSON."""
    until = time.monotonic() + PAGE_SECONDS
    for name, text in parts.items():
        if not name.startswith("script "):
            engine.hand_in(name, text)
    step = engine.ask("start", seconds=PAGE_SECONDS)
    while isinstance(step, int) and step >= 0 and time.monotonic() < until:
        outcome = "fine"
        try:
            engine.eval(parts[f"script {step}"])
        except JSTimeoutException:
            outcome = "time"
        except JSOOMException:
            outcome = "memory"
        except JSEvalException as error:
            outcome = "memory" if "allocation failed" in str(error) else "error"
        step = engine.guarded("next", outcome)
    settle(engine, until, promises=promises)
    return str(engine.ask("collect"))


def settle(engine: Engine, until: float, *, promises: bool) -> None:
    """Let time pass; in small steps at first where promises have to settle in between."""
    calls = 0
    while time.monotonic() < until:
        calls += 1
        most = 1 if promises and calls <= SMALL_STEPS else LARGE_STEP
        if engine.guarded("settle", most) == 0:
            return
    engine.ask("cut", "time")


if __name__ == "__main__":
    main()

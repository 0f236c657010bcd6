"""Inside the sandbox: a process that runs scripts of strangers, one page after another.

Started as ``python -I -m``, with two pipes and nothing else. First comes the stub, then jobs; each
page gets an engine of its own. One that takes too long is cut and says so; whoever holds the other
end of the pipes kills what does not answer at all.
"""

import ctypes
import importlib.readers  # noqa: F401 - what V8 is started with is read by it, when no file can be opened any more
import json
import secrets
import signal
import sys
import time
from pathlib import Path
from typing import Any

import py_mini_racer
from py_mini_racer import (
    JSEvalException,
    JSOOMException,
    JSTimeoutException,
    MiniRacer,
    _mini_racer,
)

from unhijack.adapters.sandbox import walls
from unhijack.adapters.sandbox.frames import MOST_JOB, MOST_TRACE, framed, receive

SCRIPT_SECONDS = 1.0
"""For one script, and for one stretch of what follows them."""
PAGE_SECONDS = 3.0
HARD_SECONDS = 15
"""After which the kernel ends the process, whoever may be listening."""
HEAP_BYTES = 384 * 1024 * 1024
SMALL_STEPS = 60
LARGE_STEP = 100


class Engine:
    """V8 with the stub in it, before or after a page.

    The stub is reached by a name that no script can list or guess: a call with arguments would go
    through methods that a page may have changed.
    """

    def __init__(self, source: str) -> None:
        self.v8 = MiniRacer()
        self.v8.set_hard_memory_limit(HEAP_BYTES)
        self._name = f"_{secrets.token_hex(8)}"
        self.v8.eval(f"const {self._name} = {source}; 0")

    def ask(self, what: str, given: str | int = "", seconds: float = SCRIPT_SECONDS) -> str | int:
        """Say one thing to the stub. Raises what mini-racer raises."""
        call = f"{self._name}({json.dumps(what)}, {json.dumps(given)})"
        answered = self.v8.eval(call, timeout_sec=seconds)
        return answered if isinstance(answered, str | int) else -1

    def guarded(self, what: str, given: str | int) -> int:
        """What the stub answers; -1 where the page did not let it."""
        try:
            answered = self.ask(what, given)
        except JSTimeoutException:
            answered = self.ask("cut", "time")
        except JSEvalException:
            answered = self.ask("cut", "stub")
        return answered if isinstance(answered, int) else -1


def main() -> None:
    """Serve jobs until the pipe ends."""
    pipe = sys.stdin.buffer
    stub = receive(pipe, MOST_JOB)
    if stub is None:
        return
    answer({"missing": raise_walls()})
    source = stub.decode()
    engine = Engine(source)
    while (job := receive(pipe, MOST_JOB)) is not None:
        signal.alarm(HARD_SECONDS)
        trace = run(engine, json.loads(job))
        sys.stdout.buffer.write(framed(trace.encode()[: MOST_TRACE + 1]))
        sys.stdout.buffer.flush()
        signal.alarm(0)
        engine.v8.close()
        engine = Engine(source)  # while nobody waits


def raise_walls() -> list[str]:
    """Put up every wall that this machine has; what it has not is said."""
    # a global of this name would tell any script where it runs
    vars(_mini_racer)["INSTALL_SET_TIMEOUT"] = "0"
    walls.limit_resources()
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


def run(engine: Engine, job: dict[str, Any]) -> str:
    """Run a page's scripts and everything that follows from them; the trace, as JSON."""
    texts = job["texts"]
    until = time.monotonic() + PAGE_SECONDS
    step = engine.ask("start", json.dumps(job["page"]), PAGE_SECONDS)
    while isinstance(step, int) and step >= 0 and time.monotonic() < until:
        outcome = "fine"
        try:
            engine.v8.eval(texts[step], timeout_sec=SCRIPT_SECONDS)
        except JSTimeoutException:
            outcome = "time"
        except JSOOMException:
            outcome = "memory"
        except JSEvalException as error:
            outcome = "memory" if "allocation failed" in str(error) else "error"
        step = engine.guarded("next", outcome)
    settle(engine, until, promises=job["promises"])
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


def answer(value: dict[str, Any]) -> None:
    """Say something to the other side."""
    sys.stdout.buffer.write(framed(json.dumps(value).encode()))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

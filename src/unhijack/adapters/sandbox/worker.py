"""Inside the sandbox: a process that runs scripts of strangers, one page after another.

Started as ``python -I -m``, with two pipes and nothing else. First comes the stub, then jobs; each
page gets an engine of its own. One that takes too long is cut and says so; whoever holds the other
end of the pipes kills what does not answer at all.
"""

import ctypes
import encodings.utf_16_le  # noqa: F401 - as below
import importlib.readers  # noqa: F401 - what V8 is started with is read by it, when no file can be opened any more
import json
import queue
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
from unhijack.adapters.sandbox.frames import MOST_JOB, MOST_TRACE, PARTIAL, framed, receive

SCRIPT_SECONDS = 1.0
"""For one script, and for one stretch of what follows them."""
PAGE_SECONDS = 3.0
LOOK_SECONDS = 0.01
"""How often it is looked what was recorded, while a script runs."""
GRACE_SECONDS = 1.0
"""For V8 to stop, once it was told to."""
HARD_SECONDS = 15
"""After which the kernel ends the process, whoever may be listening."""
HEAP_BYTES = 384 * 1024 * 1024
SMALL_STEPS = 60
LARGE_STEP = 100


class Stuck(Exception):
    """V8 does not answer, and will not."""


class Engine:
    """V8 with the stub in it, before or after a page.

    The stub is reached by a name that no script can list or guess: a call with arguments would go
    through methods that a page may have changed.
    """

    def __init__(self, source: str) -> None:
        self.v8 = MiniRacer()
        self.v8.set_hard_memory_limit(HEAP_BYTES)
        self._told = 1
        self._name = f"_{secrets.token_hex(8)}"
        outside = self.v8.eval(f"const {self._name} = {source}; {self._name}('outside')")
        if not isinstance(outside, memoryview):
            raise TypeError("the stub gives no record")
        self._outside = outside.cast("B").cast("H")

    def eval(self, code: str, seconds: float = SCRIPT_SECONDS) -> object:
        """Run code; what was recorded goes out meanwhile, since it may never end, nor this process live.

        Raises what mini-racer raises.
        """
        context = self.v8._ctx  # its own eval is twice as dear, and waits without a word
        assert context is not None
        given = context._python_to_value_handle(code)
        results = context._non_cancelable_mr_task_results_queue
        task = context._dll.mr_eval(context._ctx, given.raw, 0)
        until = time.monotonic() + seconds
        late = False
        while True:
            try:
                found = results.get(timeout=LOOK_SECONDS)
                break
            except queue.Empty:
                self.tell()
            if time.monotonic() > until:
                if late:
                    raise Stuck
                late = True
                until += GRACE_SECONDS
                context._dll.mr_cancel_task(context._ctx, task)
        if late:
            raise JSTimeoutException
        try:
            return context._value_handle_to_python(found)
        except (ValueError, OverflowError, OSError):  # what Python has no like of: it is not wanted
            return None

    def tell(self) -> None:
        """Hand out what was recorded so far, if it is news."""
        if self._outside[0] > self._told:
            self._told = self._outside[0]
            send(PARTIAL + self.so_far("ended").encode())

    def so_far(self, cut: str) -> str:
        """What was recorded, read from outside: V8 need not answer."""
        lines = bytes(self._outside[1 : max(1, self._outside[0])]).decode("utf-16-le", "replace")
        found: dict[str, list[str]] = {name: [] for name in ("intents", "written", "workers")}
        for line in lines.split("\n"):
            name, _, entry = line.partition(" ")
            if name in found:
                found[name].append(entry)
        lists = ",".join(f'"{name}":[{",".join(all_)}]' for name, all_ in found.items())
        return f'{{"done":false,"cut":"{cut}",{lists}}}'

    def ask(self, what: str, given: str | int = "", seconds: float = SCRIPT_SECONDS) -> str | int:
        """Say one thing to the stub. Raises what mini-racer raises."""
        call = f"{self._name}({json.dumps(what)}, {json.dumps(given)})"
        answered = self.eval(call, seconds)
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
    send(json.dumps({"missing": raise_walls()}).encode())
    source = stub.decode()
    engine = Engine(source)
    while (job := receive(pipe, MOST_JOB)) is not None:
        signal.alarm(HARD_SECONDS)
        try:
            trace = run(engine, json.loads(job))
        except Stuck:  # promises without end: V8 hears nobody any more
            trace = engine.so_far("time")
        send(trace.encode("utf-8", "replace"))
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
    step = engine.ask("start", json.dumps(job["page"] | job["visit"]), PAGE_SECONDS)
    while isinstance(step, int) and step >= 0 and time.monotonic() < until:
        outcome = "fine"
        try:
            engine.eval(texts[step])
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


def send(content: bytes) -> None:
    """Say something to the other side; what is too long for it is refused there."""
    sys.stdout.buffer.write(framed(content[: MOST_TRACE + 1]))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

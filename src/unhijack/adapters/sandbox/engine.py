"""V8 with the stub in it, and the one way to have many of it: a copy of the whole process.

To put an engine up and the stub into it takes 11 ms, to copy the process that has one takes three,
and no page meets anything that another has touched: each has a process of its own.
"""

import json
import os
import queue
import secrets
import time
from collections.abc import Callable
from itertools import count
from threading import Thread
from typing import Any, cast

from py_mini_racer import JSEvalException, JSObject, JSTimeoutException
from py_mini_racer._context import Context, ContextType
from py_mini_racer._dll import init_mini_racer, mr_callback_func
from py_mini_racer._objects import ObjectFactoryImpl
from py_mini_racer._value_handle import RawValueHandleType, ValueHandle

from unhijack.adapters.sandbox.frames import PARTIAL, send

SCRIPT_SECONDS = 1.0
"""For one script, and for one stretch of what follows them."""
START_SECONDS = 10.0
"""For the stub."""
LOOK_SECONDS = 0.01
"""How often it is looked what was recorded, while a script runs."""
GRACE_SECONDS = 1.0
"""For V8 to stop, once it was told to."""
HEAP_BYTES = 384 * 1024 * 1024

_RESULT, _COPY = 0, 1
"""What V8's thread calls back for."""
_NONE = -1


class Stuck(Exception):
    """V8 does not answer, and will not."""


class Engine:
    """V8 with the stub in it, before or after a page.

    The library's own front has an event loop in another thread, which costs more than V8; this one
    speaks to its C interface. The stub is reached by a name that no script can list or guess: a
    call with arguments would go through methods that a page may have changed.
    """

    def __init__(self, source: str) -> None:
        self._dll = init_mini_racer(ignore_duplicate_init=True)
        self._results: queue.SimpleQueue[ValueHandle] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._copies: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._callback = mr_callback_func(self._called)
        number = ContextType(self._dll.mr_init_context(self._callback))
        loop = cast("Any", None)  # nothing that we use of it waits on one
        self._context = Context(self._dll, number, loop, ObjectFactoryImpl(), count(2))
        self._context.set_hard_memory_limit(HEAP_BYTES)
        self._told = 1
        self._outside = memoryview(bytes(2)).cast("H")
        self._name = f"_{secrets.token_hex(8)}"
        call = f"const {self._name} = {source}; {self._name}('outside')"
        outside = self.eval(call, START_SECONDS)
        if not isinstance(outside, memoryview):
            raise TypeError("the stub gives no record")
        self._outside = outside.cast("B").cast("H")
        self.ask("rehearse", seconds=START_SECONDS)
        self._inbox = cast("JSObject", self.eval(f"{self._name}('inbox')"))

    def _called(self, callback_id: int, raw_val_handle: RawValueHandleType) -> None:
        """In V8's own thread, while it waits."""
        result = self._context._wrap_raw_handle(raw_val_handle)
        if callback_id == _RESULT:
            self._results.put(result)
            return
        work = self._ready.get()
        try:
            copy = os.fork()
        except OSError:
            copy = _NONE
        if copy:
            self._copies.put(copy)
            return
        self._results = queue.SimpleQueue()
        Thread(target=_to_the_end, args=(work,), daemon=True).start()

    def copy(self, work: Callable[[], None]) -> int:
        """Have work done in a copy of this process, which ends with it; the copy's process id.

        Raises OSError where the machine has no room for one.

        A copy has the one thread that made it. That has to be V8's own, for V8 to go on in the
        copy, and this one must be out of the library before, or it would leave a lock behind.
        """
        nothing = self._context._python_to_value_handle("0")
        self._dll.mr_eval(self._context._ctx, nothing.raw, _COPY)
        self._ready.put(work)
        copy = self._copies.get()
        if copy == _NONE:
            raise OSError("this process cannot be copied")
        return copy

    def eval(self, code: str, seconds: float = SCRIPT_SECONDS) -> object:
        """Run code; what was recorded goes out meanwhile, since it may never end, nor this process live.

        Raises what mini-racer raises.
        """
        context = self._context
        given = context._python_to_value_handle(code)
        task = self._dll.mr_eval(context._ctx, given.raw, _RESULT)
        until = time.monotonic() + seconds
        late = False
        while True:
            try:
                found = self._results.get(timeout=LOOK_SECONDS)
                break
            except queue.Empty:
                self.tell()
            if time.monotonic() > until:
                if late:
                    raise Stuck
                late = True
                until += GRACE_SECONDS
                self._dll.mr_cancel_task(context._ctx, task)
        if late:
            raise JSTimeoutException
        try:
            return context._value_handle_to_python(found)
        except (ValueError, OverflowError, OSError):  # what Python has no like of: it is not wanted
            return None

    def hand_in(self, name: str, text: str) -> None:
        """Lay a long text where the stub finds it: in a call, V8 would read it letter by letter."""
        self._context.set_object_item(self._inbox, name, text)

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


def _to_the_end(work: Callable[[], None]) -> None:
    """The course of a copy: what it was made for, and nothing after."""
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)

"""A server on loopback that answers each name in its own bad way, and counts what it was asked."""

import asyncio
import socket
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

STEP = 16 * 1024


@dataclass(slots=True)
class Talk:
    """One connection, once its request's head has come (or never came: then it is empty)."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    port: int
    """Of the server."""
    head: bytes = b""
    sent: int = 0
    number: int = 0
    """Of this request among those for its name, from 1."""

    @property
    def host(self) -> str:
        """The name that was asked for, without its port; empty where there is none."""
        return self.field("host").rpartition(":")[0]

    @property
    def target(self) -> str:
        """Path and query, empty where there are none."""
        words = self.head.split(b" ", 2)
        return words[1].decode("latin-1") if len(words) == 3 else ""

    def field(self, name: str) -> str:
        """A header's value, or nothing."""
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.decode("latin-1").lower() == name:
                return value.strip().decode("latin-1")
        return ""

    async def say(self, *pieces: bytes) -> None:
        """Send, as fast as the other side takes it."""
        for piece in pieces:
            for start in range(0, len(piece), STEP):
                part = piece[start : start + STEP]
                self.writer.write(part)
                await self.writer.drain()
                self.sent += len(part)

    async def answer(self, *lines: str, body: bytes = b"") -> None:
        """A well-formed answer; the first line is the status."""
        head = [f"HTTP/1.1 {lines[0]}", *lines[1:], f"Content-Length: {len(body)}"]
        await self.say("\r\n".join([*head, "Connection: close", "", ""]).encode() + body)

    def slam(self) -> None:
        """Reset the connection instead of closing it."""
        socket_ = self.writer.get_extra_info("socket")
        socket_.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Way = Callable[[Talk], Awaitable[None]]


@dataclass(slots=True)
class HostileServer:
    """Runs in a thread of its own, from ``with`` to the end of its block."""

    ways: Mapping[str, Way]
    """By name; the empty name for whatever is no HTTP request."""
    address: str = "127.0.0.1"
    on_accept: Way | None = None
    """Takes every connection before anything is read."""
    send_buffer: int = 32 * 1024
    """Of the kernel: small, so that what counts as sent was nearly all taken by the other side."""
    port: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    """Requests by name."""
    most_sent: Counter[str] = field(default_factory=Counter)
    """Bytes of the longest answer by name, as far as they were taken."""
    targets: list[tuple[str, str]] = field(default_factory=list)
    connections: int = 0
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None
    _over: asyncio.Event | None = None

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._loop
        assert self._over
        assert self._thread
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    def url(self, host: str, target: str = "/", scheme: str = "http") -> str:
        """An address on this server."""
        return f"{scheme}://{host}:{self.port}{target}"

    def _run(self, ready: threading.Event) -> None:
        asyncio.run(self._serve(ready))

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        talks: set[asyncio.Task[None]] = set()

        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task
            talks.add(task)
            try:
                await self._meet(Talk(reader, writer, self.port))
            finally:
                talks.discard(task)

        server = await asyncio.start_server(meet, self.address, self.port, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._over.wait()
        server.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    async def _meet(self, talk: Talk) -> None:
        self.connections += 1
        line = talk.writer.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.send_buffer)
        talk.writer.transport.set_write_buffer_limits(STEP)
        try:
            if self.on_accept is None:
                with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                    first = await talk.reader.readexactly(1)
                    if first.isalpha():  # else it is no HTTP: a TLS hello
                        talk.head = first + await talk.reader.readuntil(b"\r\n\r\n")
                self.asked[talk.host] += 1
                talk.number = self.asked[talk.host]
                self.targets.append((talk.host, talk.target))
            way = self.on_accept or self.ways.get(talk.host)
            if way is not None:
                await way(talk)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.most_sent[talk.host] = max(self.most_sent[talk.host], talk.sent)
            talk.writer.close()

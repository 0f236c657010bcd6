"""The town over loopback: a small HTTP/1.1 server for GET and HEAD, sites by their Host header."""

import asyncio
import re
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, cast

from unhijack.lab.ledger import Ledger
from unhijack.lab.loopback import require_loopback, stop
from unhijack.lab.sites import respond
from unhijack.lab.town import Town
from unhijack.lab.wire import TownRequest, TownResponse, text

MOST_HEADER_BYTES = 16 * 1024
MOST_CONNECTIONS = 1024
IDLE_SECONDS = 15.0
"""A connection that has not sent a whole request after this is closed."""

_PHRASES = {
    200: "OK",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    307: "Temporary Redirect",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
}
_REQUEST_LINE = re.compile(r"([A-Z]{1,20}) (/[!-~]*) HTTP/1\.([01])")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*?)[ \t]*")
_HOST = re.compile(r"([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?")


class Malformed(ValueError):
    """Bytes that are no request which this server answers; says with which status it refuses."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Parsed:
    """The head of a request."""

    request: TownRequest
    head_only: bool
    keep_alive: bool


def parse_head(head: bytes, serial: int) -> Parsed:
    """A request from the bytes before its blank line. Raises Malformed."""
    first, *lines = head.decode("latin-1").split("\r\n")
    matched = _REQUEST_LINE.fullmatch(first)
    if matched is None:
        raise Malformed(400, "the request line is malformed")
    method, target, minor = matched.groups()
    if method not in ("GET", "HEAD"):
        raise Malformed(405, "this town answers GET and HEAD")
    headers = _fields(lines)
    if "transfer-encoding" in headers or headers.get("content-length", "0") != "0":
        raise Malformed(400, "a request has no body here")
    authority = _HOST.fullmatch(headers.get("host", ""))
    if authority is None:
        raise Malformed(400, "there must be one Host header, with a name")
    port = int(authority[2]) if authority[2] else None
    request = TownRequest(authority[1].lower().rstrip("."), target, headers, port, serial)
    wish = headers.get("connection", "").lower()
    return Parsed(request, method == "HEAD", wish != "close" if minor == "1" else False)


def _fields(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        matched = _FIELD.fullmatch(line)
        if matched is None:
            raise Malformed(400, "a header line is malformed")
        name, value = matched[1].lower(), matched[2]
        if name in headers:
            if name == "host":
                raise Malformed(400, "there must be one Host header, with a name")
            value = f"{headers[name]}{'; ' if name == 'cookie' else ', '}{value}"
        headers[name] = value
    return headers


def encode(response: TownResponse, *, head_only: bool, keep_alive: bool) -> bytes:
    """The bytes of an answer."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in response.headers)
    head = (
        f"HTTP/1.1 {response.status} {_PHRASES[response.status]}\r\n{fields}"
        f"Content-Length: {len(response.body)}\r\n"
        f"Connection: {'keep-alive' if keep_alive else 'close'}\r\n\r\n"
    ).encode("latin-1")
    return head if head_only else head + response.body


@dataclass(slots=True)
class TownServer:
    """The town on one loopback port; an async context manager.

    `repaired` is asked at every request, so that a repair shows at once.
    """

    town: Town
    repaired: Callable[[], Set[str]]
    port: int = 0
    """0 takes a free one; after the start, the one taken."""
    address: str = "127.0.0.1"
    slow: float = 1.0
    """Factor on the delay of slow sites; 0 for benchmarks."""
    ledger: Ledger = field(default_factory=Ledger)
    """What came in."""
    refused: int = 0
    """Malformed requests, and connections over the limit."""
    connections: "set[_Connection]" = field(default_factory=set)
    _listener: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Listen. Raises ValueError for an address off loopback, OSError for a port in use."""
        require_loopback(self.address, "the town")
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: _Connection(self, loop), self.address, self.port, backlog=1024
        )
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening, and drop what is still open."""
        await stop(self._listener, self.connections)

    def url(self, host: str, target: str = "/") -> str:
        """The address of a page of the town on this server."""
        return f"http://{host}:{self.port}{target}"

    def answer(self, request: TownRequest) -> TownResponse:
        """Note the request, and answer it."""
        self.ledger.note(self.town, request)
        return respond(self.town, self.repaired(), request)


class _Connection(asyncio.Protocol):
    """One client: requests one after the other, never more than one answer under way."""

    def __init__(self, server: TownServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._buffer = b""
        self._busy = False
        self._blocked = False
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass of it
        self._timer = self._loop.call_later(IDLE_SECONDS, self._idle)
        self._server.connections.add(self)
        if len(self._server.connections) > MOST_CONNECTIONS:
            self._server.refused += 1
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        self._server.connections.discard(self)

    def abort(self) -> None:
        self._transport.abort()

    def pause_writing(self) -> None:
        self._blocked = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._blocked = False
        self._transport.resume_reading()
        self._work()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._work()

    def eof_received(self) -> bool:
        return self._busy

    def _idle(self) -> None:
        if self._buffer and not self._busy and not self._blocked:
            self._refuse(Malformed(408, "the request took too long"))
        else:
            self.abort()

    def _work(self) -> None:
        """Answer what has come in whole, until an answer takes time or the client is too slow."""
        while self._buffer and not (self._busy or self._blocked or self._transport.is_closing()):
            end = self._buffer.find(b"\r\n\r\n", 0, MOST_HEADER_BYTES + 4)
            if end < 0:
                if len(self._buffer) > MOST_HEADER_BYTES:
                    self._refuse(Malformed(431, "the header is too long"))
                return
            head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
            try:
                parsed = parse_head(head, self._server.ledger.requests)
            except Malformed as error:
                self._refuse(error)
                return
            self._serve(parsed)

    def _serve(self, parsed: Parsed) -> None:
        response = self._server.answer(parsed.request)
        delay = response.delay * self._server.slow
        data = encode(response, head_only=parsed.head_only, keep_alive=parsed.keep_alive)
        if delay:
            self._busy = True
            self._transport.pause_reading()
            self._loop.call_later(delay, self._late, data, parsed.keep_alive)
        else:
            self._send(data, parsed.keep_alive)

    def _late(self, data: bytes, keep_alive: bool) -> None:  # noqa: FBT001 - a timer's callback
        self._busy = False
        if not self._transport.is_closing():
            self._transport.resume_reading()
            self._send(data, keep_alive)
            self._work()

    def _send(self, data: bytes, keep_alive: bool) -> None:  # noqa: FBT001 - as above
        self._transport.write(data)
        if keep_alive:
            self._timer.cancel()
            self._timer = self._loop.call_later(IDLE_SECONDS, self._idle)
        else:
            self._transport.close()

    def _refuse(self, error: Malformed) -> None:
        self._server.refused += 1
        self._transport.write(
            encode(text(error.status, f"{error}\n"), head_only=False, keep_alive=False)
        )
        self._transport.close()

"""A server that looks at its visitors: bytes of the request head, and the TLS ClientHello."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.certificates import authority, issue
from tests.support.proxies import pump

Door = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
NAME = "bakery.test"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\nConnection: close\r\n\r\n<p>hi"


@dataclass(frozen=True, slots=True)
class Hello:
    """What a TLS ClientHello says, in its order."""

    ciphers: tuple[int, ...]
    extensions: tuple[int, ...]

    @property
    def greased(self) -> bool:
        """Whether it holds the nonsense values by which Chrome and Safari keep servers honest."""
        return any(one & 0x0F0F == 0x0A0A for one in (*self.ciphers, *self.extensions))


@dataclass(slots=True)
class Looker:
    """One that runs."""

    port: int = 0
    tls_port: int = 0
    ca_pem: bytes = b""
    heads: list[list[str]] = field(default_factory=list)
    """Of each request: the request line, then the header lines, as received."""
    hellos: list[Hello] = field(default_factory=list)
    spoken: list[str | None] = field(default_factory=list)
    """What was agreed on by ALPN, for each TLS connection."""

    @property
    def last(self) -> list[tuple[str, str]]:
        """Headers of the last request, in order and case."""
        pairs = (line.split(": ", 1) for line in self.heads[-1][1:])
        return [(name, value) for name, value in pairs]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tls = writer.get_extra_info("ssl_object")
        if tls is not None:
            self.spoken.append(tls.selected_alpn_protocol())
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head.decode("latin-1").split("\r\n")[:-2])
        writer.write(_ANSWER)
        await writer.drain()
        writer.close()

    def relay(self, inner: int) -> Door:
        """A front door that reads the ClientHello on its way to the TLS server."""

        async def front(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readexactly(5)
            record = await reader.readexactly(int.from_bytes(head[3:]))
            self.hellos.append(read_hello(record))
            back, onward = await asyncio.open_connection("127.0.0.1", inner)
            onward.write(head + record)
            await asyncio.gather(pump(reader, onward), pump(back, writer))
            onward.close()
            writer.close()

        return front


def read_hello(record: bytes) -> Hello:
    """A handshake record's ClientHello (RFC 8446, 4.1.2)."""
    at = 4 + 2 + 32
    at += 1 + record[at]
    length = int.from_bytes(record[at : at + 2])
    ciphers = _pairs(record[at + 2 : at + 2 + length])
    at += 2 + length
    at += 1 + record[at] + 2
    kinds: list[int] = []
    while at < len(record):
        kinds.append(int.from_bytes(record[at : at + 2]))
        at += 4 + int.from_bytes(record[at + 2 : at + 4])
    return Hello(ciphers, tuple(kinds))


def _pairs(block: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(block[i : i + 2]) for i in range(0, len(block), 2))


@asynccontextmanager
async def looker(folder: Path) -> AsyncIterator[Looker]:
    """On loopback, by http and by https under the name of `NAME`."""
    root = authority()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issue(root, NAME).write(folder / "pair.pem"))
    context.set_alpn_protocols(["http/1.1"])
    made = Looker(ca_pem=root.certificate.public_bytes(Encoding.PEM))
    plain = await asyncio.start_server(made.answer, "127.0.0.1")
    inner = await asyncio.start_server(made.answer, "127.0.0.1", ssl=context)
    door = made.relay(inner.sockets[0].getsockname()[1])
    front = await asyncio.start_server(door, "127.0.0.1")
    made.port = plain.sockets[0].getsockname()[1]
    made.tls_port = front.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        for server in (plain, inner, front):
            server.close()

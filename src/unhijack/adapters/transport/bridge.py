"""From SOCKS to CONNECT: what lets the transport use an HTTP proxy by address.

It listens on loopback for our own client alone (a password of this run), takes addresses and never
names, and asks the proxy for a tunnel to that address, for http as for https: so neither Host nor the
name in the TLS handshake is the proxy's business.
"""

import asyncio
import secrets
from base64 import b64encode
from contextlib import suppress
from ipaddress import ip_address

import wreq

from unhijack.core.egress import Egress

_MOST_HEAD = 16 * 1024
_SECONDS = 20.0
_USER = b"unhijack"
_BY_ADDRESS = {1: 4, 4: 16}
"""SOCKS's kinds of address, with their bytes; 3, a name, is refused."""


class Bridge:
    """One for an HTTP proxy."""

    def __init__(self, way: Egress) -> None:
        self._way = way
        self._password = secrets.token_hex(16)
        self._server: asyncio.Server | None = None

    @classmethod
    async def open(cls, way: Egress) -> "Bridge":
        """Begin to listen."""
        bridge = cls(way)
        bridge._server = await asyncio.start_server(bridge._carry, "127.0.0.1", 0, limit=_MOST_HEAD)
        return bridge

    @property
    def proxy(self) -> wreq.Proxy:
        """For the client."""
        if self._server is None:
            raise RuntimeError("a bridge is opened by Bridge.open")
        port = self._server.sockets[0].getsockname()[1]
        user = _USER.decode()
        return wreq.Proxy.all(f"socks5://127.0.0.1:{port}", username=user, password=self._password)

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(_SECONDS):
                target = await self._greet(reader, writer)
                back, onward = await self._tunnel(target)
            writer.write(b"\x05\x00\x00\x01" + bytes(6))
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, onward))
                both.create_task(_pump(back, writer))
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError):
            with suppress(OSError):
                writer.write(b"\x05\x01\x00\x01" + bytes(6))
        finally:
            for one in (writer, onward):
                if one is not None:
                    one.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        """SOCKS's side (RFC 1928, 1929), as far as the address and port that are wanted."""
        methods = (await reader.readexactly(2))[1]
        await reader.readexactly(methods)
        writer.write(b"\x05\x02")
        user = await reader.readexactly((await reader.readexactly(2))[1])
        password = await reader.readexactly((await reader.readexactly(1))[0])
        ours = secrets.compare_digest(password, self._password.encode()) and user == _USER
        writer.write(b"\x01\x00" if ours else b"\x01\x01")
        if not ours:
            raise ValueError("a stranger")
        _, command, _, kind = await reader.readexactly(4)
        if command != 1 or kind not in _BY_ADDRESS:
            raise ValueError("not a connection to an address")
        address = ip_address(await reader.readexactly(_BY_ADDRESS[kind]))
        port = int.from_bytes(await reader.readexactly(2))
        return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"

    async def _tunnel(self, target: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The proxy's side: a tunnel to the address, or an error."""
        way = self._way
        login = b64encode(f"{way.user}:{way.password}".encode()).decode()
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        lines += [f"Proxy-Authorization: Basic {login}"] if way.user else []
        reader, writer = await asyncio.open_connection(way.host, way.port, limit=_MOST_HEAD)
        try:
            writer.write("\r\n".join((*lines, "", "")).encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if head.split(b" ", 2)[1:2] != [b"200"]:
                raise ValueError("the proxy refused")
        except BaseException:
            writer.close()
            raise
        return reader, writer


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes from one side to the other, to their end."""
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

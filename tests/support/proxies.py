"""A SOCKS5 server and an HTTP CONNECT proxy on loopback, which write down what they are asked for."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address


@dataclass(slots=True)
class Proxy:
    """One that runs; with a user it wants the password as well."""

    user: str = ""
    password: str = ""
    port: int = 0
    asked: list[tuple[str, int]] = field(default_factory=list)
    """Host and port of every tunnel that was wanted, the host as it came: a name would be seen."""

    async def socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        methods = await reader.readexactly((await reader.readexactly(2))[1])
        method = 2 if self.user else 0
        writer.write(bytes([5, method if method in methods else 0xFF]))
        if method == 2:
            user = await reader.readexactly((await reader.readexactly(2))[1])
            password = await reader.readexactly((await reader.readexactly(1))[0])
            right = (user.decode(), password.decode()) == (self.user, self.password)
            writer.write(b"\x01\x00" if right else b"\x01\x01")
            if not right:
                writer.close()
                return
        kind = (await reader.readexactly(4))[3]
        if kind == 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            host = str(ip_address(await reader.readexactly(4 if kind == 1 else 16)))
        port = int.from_bytes(await reader.readexactly(2))
        await self._carry(host, port, reader, writer, b"\x05\x00\x00\x01" + bytes(6))

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split(" ", 2)
        login = b64encode(f"{self.user}:{self.password}".encode()).decode()
        if self.user and f"Proxy-Authorization: Basic {login}\r\n" not in head:
            writer.write(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        assert method == "CONNECT", "a tunnel, so that Host is not the proxy's business"
        host, _, port = target.rpartition(":")
        await self._carry(host, int(port), reader, writer, b"HTTP/1.1 200 Go on\r\n\r\n")

    async def _carry(
        self,
        host: str,
        port: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        yes: bytes,
    ) -> None:
        self.asked.append((host, port))
        back, onward = await asyncio.open_connection(host, port)
        writer.write(yes)
        await asyncio.gather(pump(reader, onward), pump(back, writer))
        onward.close()
        writer.close()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes from one side to the other, to their end."""
    try:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()
    except OSError:
        pass


@asynccontextmanager
async def proxy(kind: str, user: str = "", password: str = "") -> AsyncIterator[Proxy]:
    """``socks5`` or ``http``."""
    made = Proxy(user, password)
    server = await asyncio.start_server(made.socks if kind == "socks5" else made.http, "127.0.0.1")
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()

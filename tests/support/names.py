"""A name server on loopback, for one test: real packets, over UDP and TCP, and bad manners at wish."""

import asyncio
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Zone = Mapping[tuple[str, str], Sequence[str]]
"""Name and kind to records in presentation form."""
Mangle = Callable[[bytes, bool], bytes | None]
"""The answer, and whether it goes over TCP, to what is sent instead; None for silence."""


@dataclass(slots=True)
class NameServer:
    """What runs, and what it was asked."""

    zone: Zone
    mangle: Mangle
    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, packet: bytes, *, tcp: bool) -> bytes | None:
        query = dns.message.from_wire(packet)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA | dns.flags.RA
        question = query.question[0]
        name, kind = str(question.name).rstrip(".").lower(), question.rdtype.name
        self.asked.append((name, kind))
        found = self.zone.get((name, kind), ())
        if found:
            reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
        elif all(known != name for known, _ in self.zone):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        if not tcp and len(reply.to_wire(max_size=65535)) > 512:
            reply.answer.clear()
            reply.flags |= dns.flags.TC
        return self.mangle(reply.to_wire(max_size=65535), tcp)


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # the loop's is no subclass

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = self._server.answer(data, tcp=False)
        if reply is not None:
            self._transport.sendto(reply, addr)


@contextmanager
def name_server(zone: Zone, mangle: Mangle = lambda packet, _: packet) -> Iterator[NameServer]:
    """One that serves a zone, in a thread beside the test."""
    server = NameServer(zone, mangle)
    loop, ready, done = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (size,) = struct.unpack("!H", await reader.readexactly(2))
        reply = server.answer(await reader.readexactly(size), tcp=True)
        if reply is not None:
            writer.write(struct.pack("!H", len(reply)) + reply)
            await writer.drain()
        else:
            await done.wait()
        writer.close()

    async def serve() -> None:
        listener = await asyncio.start_server(meet, "127.0.0.1", 0)
        server.port = listener.sockets[0].getsockname()[1]
        udp, _ = await loop.create_datagram_endpoint(
            lambda: _Udp(server), ("127.0.0.1", server.port)
        )
        ready.set()
        await done.wait()
        udp.close()
        listener.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(10), "the name server did not start"
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(10)

"""Bad ways to answer, each harmless to anybody who keeps to limits."""

import asyncio
import zlib

from tests.support.hostile import Talk, Way

MIB = 1024 * 1024
PAGE = b"<!doctype html><title>A shop</title><p>Bread and cheese.</p>"
HTML = "Content-Type: text/html"
OK = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
FOREVER = 3600.0


def says(*pieces: str | bytes) -> Way:
    """These bytes, then the end."""
    data = [piece.encode() if isinstance(piece, str) else piece for piece in pieces]

    async def way(talk: Talk) -> None:
        await talk.say(*data)

    return way


def answers(*lines: str, body: bytes = b"") -> Way:
    """A well-formed answer."""

    async def way(talk: Talk) -> None:
        await talk.answer(*lines, body=body)

    return way


def sends_to(location: str, status: str = "302 Found") -> Way:
    """A redirect; ``{port}`` is the server's own."""

    async def way(talk: Talk) -> None:
        await talk.answer(status, "Location: " + location.replace("{port}", str(talk.port)))

    return way


def endless(start: str | bytes, piece: bytes, pause: float = 0) -> Way:
    """The same piece for ever."""

    async def way(talk: Talk) -> None:
        await talk.say(start.encode() if isinstance(start, str) else start)
        while True:
            await talk.say(piece)
            await asyncio.sleep(pause)

    return way


def resets_after(*pieces: str | bytes) -> Way:
    """These bytes, then a reset."""

    async def way(talk: Talk) -> None:
        await says(*pieces)(talk)
        await asyncio.sleep(0.05)
        talk.slam()

    return way


async def healthy(talk: Talk) -> None:
    await talk.answer("200 OK", HTML, body=PAGE)


async def silent(talk: Talk) -> None:
    await asyncio.sleep(FOREVER)


async def stops_in_the_body(talk: Talk) -> None:
    await talk.say((OK + "Content-Length: 100000\r\n\r\n").encode(), PAGE)
    await asyncio.sleep(FOREVER)


async def header_without_end(talk: Talk) -> None:
    await talk.say(OK.encode())
    await asyncio.sleep(FOREVER)


async def new_cookie_each_time(talk: Talk) -> None:
    await talk.answer("302 Found", f"Location: {talk.target}", f"Set-Cookie: n={talk.number}")


async def fresh_addresses(talk: Talk) -> None:
    await talk.answer("302 Found", f"Location: /{talk.number}")


async def slow_fresh_addresses(talk: Talk) -> None:
    await asyncio.sleep(6)
    await talk.answer("302 Found", f"Location: /{talk.number}")


async def loop_of_two(talk: Talk) -> None:
    await talk.answer("302 Found", f"Location: {'/b' if talk.target == '/' else '/'}")


async def cookie_flood(talk: Talk) -> None:
    cookies = [f"Set-Cookie: c{n}={'x' * 3000}" for n in range(60)]
    await talk.answer("200 OK", HTML, *cookies, body=PAGE)


async def asks_for_https(talk: Talk) -> None:
    await talk.answer("301 Moved", f"Location: https://{talk.host}:{talk.port}/")


async def interim_storm(talk: Talk) -> None:
    while True:
        await talk.say(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * 50)


async def sends_searchers_away(talk: Talk) -> None:
    """The hijacked one, with a picture in its page."""
    if "google" in talk.field("referer"):
        await talk.answer("302 Found", f"Location: http://away.example:{talk.port}/in?id=1")
    else:
        picture = b'<img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB">'
        await talk.answer("200 OK", HTML, body=PAGE + picture)


def compressed_bomb(window: int, coding: str) -> Way:
    """20 GB of zeros, one compressed MiB after the other, which costs us nothing."""
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    start = packer.compress(b"<p>") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)

    async def way(talk: Talk) -> None:
        await talk.say((OK + f"Content-Encoding: {coding}\r\n\r\n").encode(), start, block)
        for _ in range(20 * 64):
            await talk.say(again)

    return way


def twice_packed() -> Way:
    """Zeros, packed, and packed again: some kilobytes for 20 GB."""
    inner = zlib.compressobj(9, zlib.DEFLATED, 31)
    outer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = outer.compress(inner.compress(b"<p>") + inner.flush(zlib.Z_FULL_FLUSH))
    block = inner.compress(bytes(16 * MIB)) + inner.flush(zlib.Z_FULL_FLUSH)
    for _ in range(20 * 64):
        data += outer.compress(block)
    data += outer.flush(zlib.Z_FULL_FLUSH)
    return says(OK, "Content-Encoding: gzip, gzip\r\n\r\n", data)

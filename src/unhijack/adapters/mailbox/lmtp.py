"""Mail from a mail server by LMTP: answered with 250 only once it is on the disk.

It listens on loopback or on a socket file alone: whoever reaches it may put mail in.
"""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import AnyStr

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from unhijack.core.errors import WrongUse
from unhijack.ports import Handed, MailHost

MOST_RECIPIENTS = 50
MOST_CONNECTIONS = 32
IDLE_SECONDS = 120.0
LONGEST_LINE = 64 * 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where it listens: a port of a loopback address, or a socket file."""

    address: str = "127.0.0.1"
    port: int = 0
    path: Path | None = None


def parse_place(text: str) -> Place:
    """``127.0.0.1:2424``, ``[::1]:2424`` or ``unix:/run/unhijack/lmtp``. Raises WrongUse."""
    if text.startswith("unix:"):
        return Place(path=Path(text[5:]))
    host, _, port = text.rpartition(":")
    address = host.strip("[]")
    try:
        loopback = ipaddress.ip_address(address).is_loopback
        number = int(port)
    except ValueError:
        raise WrongUse(f"{text[:100]!r} is no address:port, and no unix:path") from None
    if not loopback or not 0 <= number <= 65535:
        raise WrongUse(f"{text[:100]!r}: mail is taken on loopback or a socket file alone")
    return Place(address, number)


def is_served(place: Place) -> bool:
    """Whether somebody listens there."""
    family = (
        socket.AF_UNIX
        if place.path
        else socket.AF_INET6
        if ":" in place.address
        else socket.AF_INET
    )
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(2.0)
        try:
            client.connect(str(place.path) if place.path else (place.address, place.port))
        except OSError:
            return False
    return True


@asynccontextmanager
async def serve(place: Place, host: MailHost, held: int) -> AsyncIterator[str]:
    """Take mail while the context lasts; where it listens. Messages beyond `held` are refused."""
    loop = asyncio.get_running_loop()
    sessions: set[_Session] = set()

    def session() -> _Session:
        return _Session(host, held, sessions, loop)

    try:
        if place.path is not None:
            if place.path.is_socket():  # left by one that was killed
                place.path.unlink()
            listener = await loop.create_unix_server(session, str(place.path))
            place.path.chmod(0o660)
            where = f"unix:{place.path}"
        else:
            listener = await loop.create_server(session, place.address, place.port)
            name = listener.sockets[0].getsockname()
            where = f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"
    except OSError as error:
        raise WrongUse(f"mail cannot be taken there: {error.strerror or error}") from None
    try:
        yield where
    finally:
        listener.close()
        for one in tuple(sessions):
            one.abort()
        await listener.wait_closed()
        if place.path is not None:
            with suppress(OSError):
                place.path.unlink()


class _Door:
    """What aiosmtpd asks of whoever takes mail."""

    def __init__(self, host: MailHost) -> None:
        self._host = host

    async def handle_RCPT(  # noqa: N802 - a hook of aiosmtpd
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        """Take a recipient, or say why not."""
        if not self._host.wants(address):
            return "550 5.1.1 There is no such mailbox here"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - a hook of aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the message, then answer, once for each recipient."""
        content = envelope.original_content or b""
        return self.answers(envelope, content, len(content), "250 2.0.0 Kept")

    def answers(self, envelope: Envelope, content: bytes, size: int, answer: str) -> str:
        """The same answer for each recipient, after what is to be said was put on record."""
        recipients = tuple(envelope.rcpt_tos)
        handed = Handed(envelope.mail_from or "", recipients, content, size)
        if not self._host.keeps(handed):
            answer = "451 4.3.0 Not kept, try again later"
        return "\r\n".join([answer] * len(recipients))

    async def handle_exception(self, error: Exception) -> str:
        """Whatever goes wrong with us is no fault of the message: it comes again."""
        _log.warning("a message could not be taken: %r", error)
        return "451 4.3.0 Not kept, try again later"


class _Session(LMTP):
    """One client."""

    line_length_limit = LONGEST_LINE

    def __init__(
        self,
        host: MailHost,
        held: int,
        sessions: "set[_Session]",
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._door = _Door(host)
        super().__init__(
            self._door,
            data_size_limit=None,  # else a message is refused before its recipients are known
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="unhijack",
            timeout=IDLE_SECONDS,
            loop=loop,
        )
        self._held = held
        self._sessions = sessions
        self._reading = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._sessions.add(self)
        if len(self._sessions) > MOST_CONNECTIONS:
            self.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._sessions.discard(self)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - a command of aiosmtpd
        """Read no more than is held."""
        self.data_size_limit, self._reading = self._held, True
        try:
            await super().smtp_DATA(arg)
        finally:
            self.data_size_limit, self._reading = None, False

    async def push(self, status: AnyStr) -> None:
        """What was too much is put on record, and answered once for each recipient."""
        said = str(status)  # aiosmtpd pushes text
        if self._reading and said.startswith(("552 Error", "500 Line")) and self.envelope:
            refusal = "552 5.3.4 The message is larger than is taken here"
            await super().push(self._door.answers(self.envelope, b"", self._held + 1, refusal))
            return
        await super().push(status)

    def abort(self) -> None:
        """Drop the connection, with whatever was not sent yet."""
        if self.transport is not None:
            self.transport.abort()  # type: ignore[attr-defined]  # uvloop's is no subclass of it

"""A mail server for the lab: keeps every message, answers 250 only once it is on disk.

It stores into a folder in the manner of a Maildir: written and synced in ``tmp``, renamed into
``new``, the directory synced, then answered. A process killed at any point leaves at most a file
in ``tmp``, which nobody reads. A message that comes twice is kept twice: the sink counts, it does
not judge.
"""

import asyncio
import logging
import os
import re
import secrets
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from unhijack.lab.loopback import require_loopback, stop

MOST_BYTES = 1024 * 1024
MOST_RECIPIENTS = 50
MOST_CONNECTIONS = 64
IDLE_SECONDS = 30.0

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Moods:
    """Recipients, in lower case, with whom something goes wrong."""

    reject: frozenset[str] = frozenset()
    """550: no such mailbox."""
    defer: frozenset[str] = frozenset()
    """451: try again later."""
    die_in_answer: frozenset[str] = frozenset()
    """The message is stored, and the connection drops before the 250: the sender cannot know."""


@dataclass  # without slots: aiosmtpd inspects it, and 3.11.2 trips over what slots leave behind
class MailSink:
    """The mail server, an async context manager on one loopback port."""

    folder: Path
    port: int = 0
    """0 takes a free one; after the start, the one taken."""
    moods: Moods = field(default_factory=Moods)
    """May be replaced while it runs."""
    address: str = "127.0.0.1"
    sessions: "set[_Session]" = field(default_factory=set)
    """The clients that are connected."""
    _number: int = 0
    _listener: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Listen. Raises ValueError for an address off loopback, OSError for a port in use."""
        require_loopback(self.address, "the sink")
        for name in ("tmp", "new"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        _sync_directory(self.folder)
        self._number = max(map(_number_of, _stored(self.folder)), default=0)
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: _Session(self, loop), self.address, self.port
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
        await stop(self._listener, self.sessions)

    def store(self, sender: str, recipients: list[str], content: bytes) -> Path:
        """Keep one message for good, under a name of its own. Raises OSError.

        Like any mail server it puts the envelope before the header; the rest stays as it came.
        """
        self._number += 1
        name = f"{self._number:08d}.{secrets.token_hex(6)}"
        kept = self.folder / "new" / name
        fields = [f"Return-Path: <{sender}>", *(f"Delivered-To: {to}" for to in recipients)]
        envelope = "".join(f"{_CONTROL.sub('?', line)}\r\n" for line in fields)
        temporary = self.folder / "tmp" / name
        _write_synced(temporary, envelope.encode("utf-8", "surrogateescape") + content)
        temporary.rename(kept)
        _sync_directory(kept.parent)
        return kept

    async def handle_RCPT(  # noqa: N802 - a hook of aiosmtpd
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        """Take a recipient, or say why not."""
        if address.lower() in self.moods.reject:
            return "550 5.1.1 There is no such mailbox"
        if address.lower() in self.moods.defer:
            return "451 4.2.1 Try again later"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - a hook of aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Store the message, then answer."""
        content = envelope.original_content or b""
        try:
            kept = self.store(envelope.mail_from or "", list(envelope.rcpt_tos), content)
        except OSError as error:
            _log.warning("a message could not be stored: %s", error)
            return "452 4.3.1 Not stored"
        if self.moods.die_in_answer.intersection(map(str.lower, envelope.rcpt_tos)):
            cast(_Session, server).abort()
        return f"250 2.0.0 Kept as {kept.name}"


class _Session(SMTP):
    """One client."""

    def __init__(self, sink: MailSink, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            sink,
            data_size_limit=MOST_BYTES,
            enable_SMTPUTF8=True,
            hostname="mail.test",
            ident="unhijack lab",
            timeout=IDLE_SECONDS,
            loop=loop,
        )
        self._sink = sink

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._sink.sessions.add(self)
        if len(self._sink.sessions) > MOST_CONNECTIONS:
            self.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._sink.sessions.discard(self)
        super().connection_lost(error)

    def abort(self) -> None:
        """Drop the connection, with whatever was not sent yet."""
        if self.transport is not None:
            cast(asyncio.Transport, self.transport).abort()  # uvloop's is no subclass of it


def messages(folder: Path) -> list[EmailMessage]:
    """Every message that was kept, in the order of arrival."""
    return [_parsed(path.read_bytes()) for path in _stored(folder)]


def count(folder: Path) -> dict[str, int]:
    """How often each Message-ID was kept; messages without one count under an empty one."""
    parser = BytesHeaderParser(policy=policy.compat32)
    found: Counter[str] = Counter()
    for path in _stored(folder):
        with path.open("rb") as file:
            found[str(parser.parse(file).get("Message-ID", "")).strip()] += 1
    return dict(found)


def _parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def _stored(folder: Path) -> list[Path]:
    new = folder / "new"
    return sorted(new.iterdir(), key=_order) if new.is_dir() else []


def _order(path: Path) -> tuple[int, str]:
    return _number_of(path), path.name


def _number_of(path: Path) -> int:
    number = path.name.partition(".")[0]
    return int(number) if number.isdecimal() else 0


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The Inbox port by IMAP: size first, in order, moved away only once it is safe elsewhere."""

import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from imaplib import IMAP4
from typing import TypeVar

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError

from unhijack.core.text import for_the_record
from unhijack.ports import Arrived, Unreached

T = TypeVar("T")

_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_WANTED = "UNDELETED"


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """A mailbox, and how to reach it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: str = "tls"
    """``tls`` from the start, ``starttls``, or ``none``: for loopback alone."""
    folder: str = "INBOX"
    taken: str = "Taken"
    """Folder that a message is moved to when it is safe; made where there is none."""
    refused: str = "Refused"
    """The same, for what was refused."""
    authorities: bytes | None = None
    """Certificate authorities to trust instead of the system's, in PEM form."""
    seconds: float = 60.0


class ImapInbox:
    """One connection to one folder. What was not put away is brought again by the next one."""

    def __init__(self, account: ImapAccount, held: int, head: int) -> None:
        """Of a message beyond `held` bytes the first `head` are brought."""
        self._account = account
        self._held = held
        self._head = head
        self._box: BaseMailBox | None = None
        self._waiting: list[str] = []

    def next(self) -> Arrived | Unreached | None:
        """See the port."""
        if self._box is None:
            failed = self._tried(self._open)
            if isinstance(failed, Unreached):
                return failed
        while self._waiting:
            name = self._waiting.pop(0)
            found = self._tried(lambda name=name: self._bring(name))  # type: ignore[misc]
            if found is not None:  # else somebody else took it away meanwhile
                return found
        return None

    def done(self, arrived: Arrived, *, refused: bool) -> Unreached | None:
        """See the port."""
        folder = self._account.refused if refused else self._account.taken
        return self._tried(lambda: self._put_away(arrived.name, folder))

    def close(self) -> None:
        """See the port."""
        box, self._box = self._box, None
        if box is not None:
            with suppress(ImapToolsError, IMAP4.error, OSError):
                box.logout()

    def _tried(self, step: Callable[[], T]) -> T | Unreached:
        """A conversation with the server; whatever goes wrong in it is a value."""
        try:
            return step()
        except MailboxLoginError:
            return Unreached("the mail server refuses the user name or the password")
        except (ImapToolsError, IMAP4.error, OSError, ValueError, EOFError) as error:
            where = f"{self._account.host}:{self._account.port}"
            return Unreached(for_the_record(f"mail server {where}: {error}", 300))

    def _open(self) -> None:
        box = _connected(self._account)
        self._box = box
        box.login(self._account.user, self._account.password, None)
        can = box.client.capability()[1][0]  # a server says more to those whom it knows
        box.client.capabilities = tuple(can.decode("ascii", "replace").upper().split())
        for folder in {self._account.taken, self._account.refused}:
            if not box.folder.exists(folder):
                box.folder.create(folder)
        box.folder.set(self._account.folder)
        self._waiting = sorted(box.uids(_WANTED), key=int)

    def _bring(self, name: str) -> Arrived | None:
        box = self._opened()
        about = box.client.uid("fetch", name, "(RFC822.SIZE)")[1]
        size = _SIZE.search(about[0]) if about and isinstance(about[0], bytes) else None
        if size is None:
            return None
        most = self._held if int(size[1]) <= self._held else self._head
        parts = box.client.uid("fetch", name, f"(BODY.PEEK[]<0.{most}>)")[1]
        content = next((part[1] for part in parts if isinstance(part, tuple)), None)
        if not isinstance(content, bytes):
            return None
        return Arrived(name, int(size[1]), content[:most])

    def _put_away(self, name: str, folder: str) -> None:
        """Where the server can't move, a copy is made and the original marked, never expunged."""
        box = self._opened()
        if "MOVE" in box.client.capabilities:
            box.move(name, folder)
            return
        box.copy(name, folder)
        typ, answer = box.client.uid("STORE", name, "+FLAGS", r"(\Deleted)")
        if typ != "OK":
            raise IMAP4.error(f"the message cannot be marked: {answer!r}")

    def _opened(self) -> BaseMailBox:
        if self._box is None:
            raise IMAP4.error("the connection is closed")
        return self._box


def _connected(account: ImapAccount) -> BaseMailBox:
    if account.security == "none":
        return MailBoxUnencrypted(account.host, account.port, account.seconds)
    trusted = ssl.create_default_context(
        cadata=account.authorities.decode("ascii") if account.authorities else None
    )
    if account.security == "starttls":
        return MailBoxStartTls(account.host, account.port, account.seconds, trusted)
    return MailBox(account.host, account.port, account.seconds, ssl_context=trusted)

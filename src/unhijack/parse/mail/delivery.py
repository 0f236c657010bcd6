"""What mail servers say of a message of ours: RFC 3464, and those that never read it."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

from flufl.bounce import all_failures

from unhijack.core.text import for_the_record
from unhijack.parse.mail.opened import Fields, Opened, first

logging.getLogger("flufl.bounce").propagate = False
logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())
"""It logs what it trips over, and that is a stranger's text."""

LINES = 150
LONGEST_LINE = 200
"""Of a sloppy server's words: what it says stands at the top. The patterns that read them take
squared time on long lines."""

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_CODE = re.compile(r"\b([45]\d\d)[ -]")
_FULL_STATUS = frozenset({"4.2.2", "5.2.2"})
_FULL = re.compile(
    r"mailbox (?:is |was )?(?:full|over|too large|size limit)|over ?quota|quota (?:is |was )?exceed"
    r"|exceeded (?:\w{1,20} ){0,3}(?:quota|storage|mailbox)|insufficient (?:disk |system )?storage"
    r"|not enough (?:disk |storage )?space|out of storage|storage (?:is )?full|quota.{0,20}full"
    r"|inbox (?:is )?full|postfach (?:ist )?(?:voll|überfüllt)|speicherplatz|boîte.{0,30}pleine"
    r"|quota dépass|buzón (?:está )?lleno|casella.{0,30}piena|caixa.{0,30}cheia"
    r"|skrzynka.{0,30}(?:pełna|przepełn)|переполнен|переповнен|postvak (?:is )?vol",
    re.IGNORECASE,
)


class Action(StrEnum):
    """What became of it, in the words of RFC 3464."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    """Handed to a server that says no more: no proof of anything."""
    EXPANDED = "expanded"
    """Sent on to several."""


class Why(StrEnum):
    """Why it failed."""

    UNKNOWN = "unknown"
    """There is no such mailbox, or no such domain."""
    FULL = "full"
    REFUSED = "refused"
    """By policy, or for its content."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a server says of one message."""

    action: Action
    status: str
    """``5.1.1``; empty where none was given."""
    recipient: str
    """Mailbox it is about, in lower case; empty where it does not say."""
    why: Why
    text: str
    """The server's words, harmless."""


def delivery_of(opened: Opened) -> Delivery | None:
    """What a delivery status says; where it speaks of several recipients, the worst."""
    told = [one for block in opened.statuses for one in _of_block(block)]
    return min(told, key=lambda one: _WORST.index(one.action), default=None)


_WORST = tuple(Action)
_ACTIONS = {
    "failed": Action.FAILED,
    "error": Action.FAILED,
    "delayed": Action.DELAYED,
    "delivered": Action.DELIVERED,
    "relayed": Action.RELAYED,
    "expanded": Action.EXPANDED,
}


def _of_block(block: Fields) -> Iterable[Delivery]:
    said = re.match(r"[a-z]*", first(block, "action").lower())
    action = _ACTIONS.get(said[0] if said else "")
    if action is None:
        return
    words = first(block, "diagnostic-code")
    found = _STATUS.search(first(block, "status")) or _STATUS.search(words[:1000])
    status = found[0] if found else ""
    recipient = first(block, "final-recipient") or first(block, "original-recipient")
    yield Delivery(
        action,
        status,
        _mailbox(recipient.rpartition(";")[2]),
        _why(status, words),
        for_the_record(words, 300),
    )


def sloppy_delivery(opened: Opened, text: str) -> Delivery | None:
    """What a server says in prose; None where it is no server that speaks."""
    if not _from_a_server(opened):
        return None
    lines = text.splitlines()[:LINES]
    short = "\n".join(line[:LONGEST_LINE] for line in lines)
    temporary, permanent = _failures(_plain(opened, short))
    if not temporary and not permanent:
        return None
    action = Action.FAILED if permanent else Action.DELAYED
    found = _STATUS.search(short)
    code = _CODE.search(short)
    status = found[0] if found else f"{code[1][0]}.0.0" if code else ""
    mailbox = min(permanent or temporary).decode("ascii", "replace")
    return Delivery(
        action, status, _mailbox(mailbox), _why(status, short), for_the_record(_said(lines), 300)
    )


def _failures(message: Message) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Mailboxes that failed for a time, and for good."""
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 - its detectors trip over hostile headers in many ways
        return frozenset(), frozenset()
    return frozenset(temporary), frozenset(permanent)


def _said(lines: list[str]) -> str:
    """The lines that say why, else the first."""
    telling = [x[:LONGEST_LINE] for x in lines if _CODE.search(x[:200]) or _STATUS.search(x[:200])]
    return " ".join((telling or [x[:LONGEST_LINE] for x in lines])[:4])


_SERVERS = re.compile(
    r"(?:mailer-daemon|mailerdaemon|postmaster|mail-daemon|mdaemon|mailsystem|bounces?|mailer)"
    r"(?:[+._-][^@]{0,100})?@",
    re.IGNORECASE,
)
_RETURNED = re.compile(
    r"undeliver|returned mail|delivery (?:status|failure|has failed|report|problem)|mail delivery"
    r"|failure notice|could not be delivered|unzustellbar|non remis|no entregado|mancato recapito"
    r"|não entregue|onbestelbaar|nie dostarczon|warning: (?:message|could not)",
    re.IGNORECASE,
)


def _from_a_server(opened: Opened) -> bool:
    """Whether a mail server wrote this. Somebody who quotes a bounce in an answer did not."""
    if opened.first("x-failed-recipients") or opened.first("return-path").strip() == "<>":
        return True
    if _SERVERS.search(opened.first("from")[:500]):
        return True
    automatic = opened.kind == "multipart/report" or opened.first("auto-submitted")
    return bool(automatic and _RETURNED.search(opened.first("subject")[:500]))


_WANTED = ("from", "to", "subject", "x-failed-recipients", "x-mailer", "content-type")


def _plain(opened: Opened, text: str) -> Message:
    """The message with a body of plain text, for a library that walks over everything."""
    message = Message()
    for name in _WANTED[:-1]:
        for value in opened.all(name)[:10]:
            message[name] = " ".join(value[:500].split())
    message["Content-Type"] = "text/plain"
    message.set_payload(text.encode("ascii", "replace").decode("ascii"))
    return message


_PLAIN_MAILBOX = re.compile(r"[^\s<>@;,\"]{1,64}@[^\s<>@;,\"]{1,255}")


def _mailbox(text: str) -> str:
    found = _PLAIN_MAILBOX.search(text[:500])
    return found[0].lower() if found else ""


def _why(status: str, words: str) -> Why:
    if status in _FULL_STATUS or _FULL.search(words[:4000]):
        return Why.FULL
    subject = ".".join(status.split(".")[1:])
    if subject in ("1.1", "1.2", "1.3", "1.6", "1.10", "4.4", "1.0"):
        return Why.UNKNOWN
    if status[:3] in ("5.7", "4.7", "5.6") or subject == "3.4":
        return Why.REFUSED
    if _NO_SUCH.search(words[:4000]):
        return Why.UNKNOWN
    return Why.OTHER


_NO_SUCH = re.compile(
    r"(?:no such|unknown|invalid|nonexist\w*) (?:\w{1,20} ){0,2}(?:user|mailbox|recipient|address|"
    r"account|domain)|(?:user|mailbox|recipient|address|account|host|domain)(?: \S{1,80})? "
    r"(?:is |was )?(?:unknown|not found|does ?n[o']t exist|disabled|inactive|not exist)"
    r"|does not exist|host or domain name not found",
    re.IGNORECASE,
)

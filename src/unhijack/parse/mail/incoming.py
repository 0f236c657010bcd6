"""One message that came in: what it is, which notice it says it belongs to, and what it says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.utils import parseaddr
from enum import StrEnum

from unhijack.core.answer import AnswerToken, tokens_in
from unhijack.core.text import for_the_record
from unhijack.parse.mail.automatic import is_automatic, is_away, is_receipt, ticket_of
from unhijack.parse.mail.delivery import Action, Delivery, Why, delivery_of, sloppy_delivery
from unhijack.parse.mail.opened import HELD_BYTES, Opened, Unreadable, digest_of, first, open_mail
from unhijack.parse.mail.person import Claim, claim_of, own_words, text_of

MOST_RECEIVED = 50
"""Servers that a message passed; one that passed more goes round."""
MOST_IDS = 100


class Kind(StrEnum):
    """What a message is."""

    DELIVERED = "delivered"
    """A server says that it is in the mailbox."""
    PASSED_ON = "passed-on"
    """A server says that it handed it to another, or is still trying: nothing is known yet."""
    BOUNCED = "bounced"
    FULL = "mailbox-full"
    AWAY = "auto-reply"
    """A machine answers in somebody's place."""
    TICKET = "ticket"
    """An abuse desk's machine took it, and gave it a number."""
    COMPLAINT = "complaint"
    """A provider reports that our own notice was marked as unwanted."""
    ANSWER = "answer"
    """A person's."""
    LOOP = "loop"
    TOO_BIG = "too-big"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message, read. Every text is somebody else's; those named harmless are."""

    digest: str
    """The same for the same message, however it came."""
    kind: Kind
    reason: str = ""
    """Harmless: why it is of this kind, where that is not plain."""
    sender: str = ""
    """Mailbox, in lower case; empty where there is none."""
    recipients: tuple[str, ...] = ()
    """Mailboxes it says it was sent to, in lower case."""
    tokens: tuple[AnswerToken, ...] = ()
    """Of addresses that it was sent to."""
    message_id: str = ""
    thread: tuple[str, ...] = ()
    """Message-IDs that it answers, or brings along."""
    claim: Claim = Claim.NONE
    own_words: str = ""
    """A person's own; not harmless, and never put on record in the clear."""
    delivery: Delivery | None = None
    ticket: str = ""
    opened: Opened | None = None


_IDS = re.compile(r"<[^<>\s]{1,250}>")
_ADDRESSED = (
    *("to", "cc", "delivered-to", "x-original-to", "x-envelope-to", "envelope-to"),
    *("x-delivered-to", "x-rcpt-to", "apparently-to", "resent-to"),
)
_OWN_SUBJECT = re.compile(r"\[unhijack ([2-9A-HJ-NP-Z]{10})\]", re.IGNORECASE)
_MAILBOX = re.compile(r"[^\s<>@;,:\"()\[\]]{1,100}@[A-Za-z0-9.-]{1,253}")


def read_mail(raw: bytes, house: str, envelope: Sequence[str] = (), size: int = 0) -> Incoming:
    """Read a message. `house` is the mailbox that our notices come from.

    `envelope` are the recipients by the envelope, where they are known; `size` is that of the
    whole, where no more than its beginning was brought.
    """
    digest = digest_of(raw)
    opened = open_mail(raw, size)
    if isinstance(opened, Unreadable):
        sent = tokens_in("\n".join(envelope))
        return Incoming(digest, Kind.MALFORMED, opened.reason, tokens=sent)
    read = _addressed(Incoming(digest, Kind.ANSWER, opened=opened), opened, envelope)
    looped = _loop(opened, read.sender, house)
    if looped:
        return replace(read, kind=Kind.LOOP, reason=looped)
    if not opened.whole:
        reason = f"it is larger than {HELD_BYTES} bytes"
        return replace(read, kind=Kind.TOO_BIG, reason=reason)
    return _judged(read, opened)


def _addressed(read: Incoming, opened: Opened, envelope: Sequence[str]) -> Incoming:
    """Who it is from, and where it says it belongs."""
    sent = [*envelope, *(value for name in _ADDRESSED for value in opened.all(name)[:20])]
    said = "\n".join(one[:8_000] for one in sent[:100])
    answered = [*opened.all("in-reply-to")[:5], *opened.all("references")[:5]]
    brought = [first(fields, "message-id") for fields in opened.embedded]
    original = first(opened.feedback, "original-message-id")
    ids = _IDS.findall("\n".join([*answered, *brought, original]))
    own = _IDS.search(opened.first("message-id"))
    return replace(
        read,
        sender=parseaddr(opened.first("from")[:1_000])[1].lower()[:320],
        recipients=tuple(dict.fromkeys(x.lower() for x in _MAILBOX.findall(said)))[:100],
        tokens=tokens_in(said),
        message_id=own[0] if own else "",
        thread=tuple(dict.fromkeys(ids))[:MOST_IDS],
    )


def _loop(opened: Opened, sender: str, house: str) -> str:
    """Why a message goes round; empty where it does not."""
    if opened.first("x-unhijack-case"):
        return "it is one of our own notices, sent back to us"
    local, _, domain = house.lower().rpartition("@")
    theirs, _, where = sender.rpartition("@")
    if domain == where and (theirs == local or theirs.startswith(f"{local}+")):
        return "it says that it comes from ourselves"
    if len(opened.all("received")) > MOST_RECEIVED:
        return f"it passed more than {MOST_RECEIVED} servers"
    return ""


_DELIVERY_KINDS = {
    Action.FAILED: Kind.BOUNCED,
    Action.DELAYED: Kind.PASSED_ON,
    Action.RELAYED: Kind.PASSED_ON,
    Action.EXPANDED: Kind.PASSED_ON,
    Action.DELIVERED: Kind.DELIVERED,
}


def _judged(read: Incoming, opened: Opened) -> Incoming:
    text = text_of(opened)
    if opened.feedback and opened.embedded and not _about_another(opened):
        return replace(read, kind=Kind.COMPLAINT, reason="a provider's feedback on our notice")
    delivery = delivery_of(opened) or sloppy_delivery(opened, text)
    if delivery is not None:
        return _delivered(read, delivery)
    if is_automatic(opened):
        return _automatic(read, opened, text)
    own = own_words(text)
    return replace(read, kind=Kind.ANSWER, claim=claim_of(own), own_words=own)


def _about_another(opened: Opened) -> bool:
    """Whether feedback is a report of somebody's site, and none on a message of ours."""
    return not any(first(fields, "x-unhijack-case") for fields in opened.embedded)


def _delivered(read: Incoming, delivery: Delivery) -> Incoming:
    kind = _DELIVERY_KINDS[delivery.action]
    if delivery.action is Action.FAILED and delivery.why is Why.FULL:
        kind = Kind.FULL
    reason = f"{delivery.action} {delivery.status}: {delivery.text}".replace(" :", ":")
    return replace(read, kind=kind, delivery=delivery, reason=for_the_record(reason, 400))


def _automatic(read: Incoming, opened: Opened, text: str) -> Incoming:
    ours = _OWN_SUBJECT.search(opened.first("subject")[:500])
    ticket = ticket_of(opened, text, ours[1] if ours else "")
    if not ticket and (is_away(opened) or not is_receipt(opened, text)):
        return replace(read, kind=Kind.AWAY, reason="a machine answers in somebody's place")
    reason = f"an abuse desk's machine took it: {ticket}" if ticket else "a machine took it"
    return replace(read, kind=Kind.TICKET, ticket=ticket, reason=for_the_record(reason))

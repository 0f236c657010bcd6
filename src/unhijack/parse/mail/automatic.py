"""What machines answer: somebody is away, or an abuse desk has given the message a number."""

import re

from unhijack.core.text import printable
from unhijack.parse.mail.opened import Opened
from unhijack.parse.mail.words import AWAY, RECEIPTS

_MARKS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply-from",
    "x-mail-autoreply",
    "x-ms-exchange-inbox-rules-loop",
    "x-fc-machinegenerated",
    "x-vacation",
    "x-amazon-auto-reply",
    "x-csa-complaints",
)
_REPLIES = frozenset(_MARKS) - {"x-fc-machinegenerated", "x-csa-complaints"}
"""Marks of machines that answer; the others are of machines that write of their own."""
_MACHINES = re.compile(
    r"\b(?:no-?reply|do-?not-?reply|auto-?(?:reply|responder|mailer)|donotreply|mailer-daemon)"
    r"[^@\s]{0,40}@",
    re.IGNORECASE,
)
_PRECEDENCE = frozenset({"auto_reply", "auto-reply", "autoreply", "bulk", "junk"})
_NAMES = (
    r"ticket|case|incident|request|reference|ref|issue|inquiry|complaint|vorgang|vorgangsnummer"
    r"|ticketnummer|fall|anfrage|aktenzeichen|dossier|demande|référence|incidente|solicitud"
    r"|richiesta|segnalazione|zaak|melding|zgłoszenie|sprawa|pedido|chamado|ärende|sag|tapaus"
    r"|tiketti|hlášení|požadavek|bejelentés|sesizare|заявка|звернення|talep|bilet"
)
_NUMBERS = (
    re.compile(r"\[[^\[\]\n]{0,40}?#\s?([A-Za-z0-9][A-Za-z0-9-]{2,39})\]"),
    re.compile(
        rf"\b(?:{_NAMES})\b(?:[ \t]{{1,2}}[^\W\d_]{{1,12}}){{0,3}}[\s.:#№°=\[(-]{{1,6}}"
        r"([A-Za-z]{0,10}[-_]?\d[A-Za-z0-9_-]{2,38})",
        re.IGNORECASE,
    ),
    re.compile(r"\(#\s?(\d{3,20})\)|#(\d{4,20})\b"),
    re.compile(r"\[([A-Z]{2,10}-\d{2,12})\]"),
)
MOST_TEXT = 4_000
"""Characters of a message in which a number is looked for."""


def is_automatic(opened: Opened) -> bool:
    """Whether a machine wrote it, by what machines say of themselves (RFC 3834 and before)."""
    submitted = opened.first("auto-submitted").strip().lower()
    if submitted and not submitted.startswith("no"):
        return True
    if any(opened.first(name) for name in _MARKS):
        return True
    if opened.first("precedence").strip().lower() in _PRECEDENCE:
        return True
    if _MACHINES.search(opened.first("from")[:500]):
        return True
    return is_away(opened)


def is_machines_reply(opened: Opened) -> bool:
    """Whether a machine answers something with it: that is nobody's report, whatever stands in it."""
    submitted = opened.first("auto-submitted").strip().lower()
    answers = submitted.startswith("auto-replied") or any(opened.first(name) for name in _REPLIES)
    precedence = opened.first("precedence").strip().lower()
    return answers or precedence in _PRECEDENCE - {"bulk", "junk"} or is_away(opened)


def is_away(opened: Opened) -> bool:
    """Whether the subject says that somebody is not there."""
    subject = opened.first("subject")[:80].casefold()
    return any(words in subject for words in AWAY)


def ticket_of(opened: Opened, text: str, own_reference: str) -> str:
    """The number that an abuse desk gave the message; empty where there is none.

    `own_reference` is ours, which they repeat.
    """
    for place in (opened.first("subject")[:500], text[:MOST_TEXT]):
        for pattern in _NUMBERS:
            for match in pattern.finditer(place):
                number = next(group for group in match.groups() if group)
                if number.upper() != own_reference.upper():
                    return printable(number, 40)
    return ""


def is_receipt(opened: Opened, text: str) -> bool:
    """Whether an abuse desk's machine says that it took the message."""
    said = f"{opened.first('subject')[:300]}\n{text[:MOST_TEXT]}".casefold()
    return any(words in said for words in RECEIPTS)

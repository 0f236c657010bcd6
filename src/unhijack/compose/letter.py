"""Letters, ready to leave: everything needed stands in the message itself."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from unhijack.compose.as_html import page_of
from unhijack.compose.as_text import text_of
from unhijack.compose.case_xarf import case_xarf
from unhijack.compose.document import Para, Part, value
from unhijack.compose.letter_kinds import (
    USUAL,
    Letterhead,
    Manner,
    Matter,
    Occasion,
    Reader,
    Role,
    Why,
)
from unhijack.compose.letter_paper import paper
from unhijack.compose.letter_texts import PDF_ATTACHED, SUBJECTS, letter
from unhijack.compose.tongue import Tongue
from unhijack.core.errors import WrongUse
from unhijack.core.notice import is_mailbox
from unhijack.core.text import printable

LONGEST_HEADER = 200
"""A subject in one piece reads best; mail servers take lines of 998."""
MOST_BYTES = 2 * 1024 * 1024
"""Of a message, a PDF included. Mailboxes of small firms take little more."""
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,40}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,200}>")


ENGLISH_BELOW = "The same message follows in English below."
"""Said at the beginning, to whoever cannot read what stands there."""


def write(matter: Matter, head: Letterhead, reader: Reader, manner: Manner = USUAL) -> bytes:
    """The message (RFC 5322): text, HTML, and for a hoster the report that machines read.

    Raises WrongUse for what cannot be a letter: a mailbox that is none, a date that is missing.
    """
    message = headed(matter.occasion, head, reader, subject(matter, manner.tongue))
    set_content(message, _parts(matter, head, reader, manner), as_html=manner.as_html)
    _attach_report(message, matter, head, reader)
    message["Content-Language"] = manner.tongue.tag  # last: new content takes such headers along
    return finished(message)


def on_paper(matter: Matter, head: Letterhead, reader: Reader, manner: Manner = USUAL) -> str:
    """The same as HTML for the Printer port. Raises WrongUse."""
    _check(matter.occasion, head, reader)
    return paper(matter, head, reader, manner, subject(matter, manner.tongue))


def certified(
    matter: Matter, head: Letterhead, reader: Reader, pdf: bytes, manner: Manner = USUAL
) -> bytes:
    """The message for certified mail (PEC): plain text with the printed letter attached.

    Its provider wraps it whole and signs it: one text, one PDF, nothing that a gateway would
    change. Raises WrongUse.
    """
    if not pdf.startswith(b"%PDF-"):
        raise WrongUse("what was printed is no PDF")
    message = headed(matter.occasion, head, reader, subject(matter, manner.tongue))
    parts = _parts(matter, head, reader, manner)
    note = Para(manner.tongue.say(PDF_ATTACHED))
    parts[-1] = replace(parts[-1], blocks=(*parts[-1].blocks, note))
    message.set_content(text_of(parts), cte="quoted-printable")
    name = f"unhijack-{matter.occasion.reference}.pdf"
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    _attach_report(message, matter, head, reader)
    return finished(message)


def subject(matter: Matter, tongue: Tongue) -> str:
    """The subject, without its mark."""
    return tongue.text(SUBJECTS[matter.occasion.why], host=matter.host)


def _parts(matter: Matter, head: Letterhead, reader: Reader, manner: Manner) -> list[Part]:
    parts = [
        Part(tongue.tag, tongue.direction, tuple(letter(matter, head, reader, manner, tongue)))
        for tongue in manner.tongues
    ]
    return with_word_of_english(parts)


def with_word_of_english(parts: list[Part]) -> list[Part]:
    """Parts of which the first one says that there is another."""
    if len(parts) == 1:
        return parts
    note = Para(value(ENGLISH_BELOW))
    return [replace(parts[0], blocks=(note, *parts[0].blocks)), *parts[1:]]


def set_content(message: EmailMessage, parts: Sequence[Part], *, as_html: bool) -> None:
    """The words as text, and the same as HTML."""
    message.set_content(text_of(parts), cte="quoted-printable")
    if not as_html:
        return
    page = page_of(parts, str(message["Subject"]))
    message.add_alternative(page, subtype="html", cte="quoted-printable")


def headed(occasion: Occasion, head: Letterhead, reader: Reader, title: str) -> EmailMessage:
    """A message with its headers alone."""
    _check(occasion, head, reader)
    message = EmailMessage(policy=SMTP)
    named = f"[unhijack {occasion.reference}] {printable(title, 400)}"
    fields: tuple[tuple[str, str | Address | datetime], ...] = (
        ("Subject", named),
        ("From", Address(printable(head.organisation), addr_spec=head.sender)),
        ("To", Address(addr_spec=reader.mail)),
        ("Date", occasion.written_at),
        ("Message-ID", occasion.message_id),
        ("Auto-Submitted", "auto-generated"),
        ("X-Unhijack-Case", occasion.reference),
        ("X-Unhijack-Notice", str(occasion.number)),
        ("X-Unhijack-Why", str(occasion.why)),
    )
    try:
        for name, content in fields:
            message[name] = content
        if occasion.answer_to:
            message["Reply-To"] = Address(addr_spec=occasion.answer_to)
    except (ValueError, IndexError) as error:
        raise WrongUse(f"a header cannot be written: {printable(str(error))}") from None
    return message


def _check(occasion: Occasion, head: Letterhead, reader: Reader) -> None:
    """What would end in a header, and what the words need. Raises WrongUse."""
    if not is_mailbox(reader.mail):
        raise WrongUse(f"no mailbox to write to: {printable(reader.mail)}")
    if occasion.answer_to and not is_mailbox(occasion.answer_to):
        raise WrongUse(f"no mailbox to answer to: {printable(occasion.answer_to)}")
    if not _REFERENCE.fullmatch(occasion.reference):
        raise WrongUse(f"no reference of a case: {printable(occasion.reference)}")
    if not _MESSAGE_ID.fullmatch(occasion.message_id):
        raise WrongUse(f"no Message-ID: {printable(occasion.message_id)}")
    if occasion.why in (Why.REMINDER, Why.RETRACTION) and occasion.earlier is None:
        raise WrongUse(f"a {occasion.why} names the day of the message before it")
    if occasion.why is Why.PRESERVE and occasion.until is None:
        raise WrongUse("a request to preserve names its last day")


REPORTED = frozenset({Why.FIRST, Why.REFUTED, Why.AGAIN, Why.REMINDER})
"""Occasions that say that a site sends visitors away."""


def _attach_report(message: EmailMessage, matter: Matter, head: Letterhead, reader: Reader) -> None:
    if reader.role is not Role.HOSTER:
        return
    occasion = matter.occasion
    if occasion.why in REPORTED and (report := case_xarf(matter.cleared, occasion, head)):
        name = f"xarf-{occasion.reference}.json"
        message.add_attachment(report, maintype="application", subtype="json", filename=name)


def finished(message: EmailMessage) -> bytes:
    """Its bytes. Raises WrongUse for what is too long."""
    content = message.as_bytes(policy=SMTP.clone(max_line_length=LONGEST_HEADER))
    if len(content) > MOST_BYTES:
        raise WrongUse(f"a message of {len(content)} bytes is too long (at most {MOST_BYTES})")
    return content

"""Letters, ready to leave: everything needed stands in the message itself."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from unhijack.compose.as_html import html_of
from unhijack.compose.as_text import text_of
from unhijack.compose.case_xarf import case_xarf
from unhijack.compose.document import Block, Heading, Literal, Para, Part, Rule, value
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
from unhijack.compose.letter_texts import (
    PDF_ATTACHED,
    SUBJECT_OF_MANY,
    SUBJECTS,
    answer_to,
    answering_of_many,
    body,
    letter,
    opening_of_many,
    regards,
)
from unhijack.compose.tongue import ENGLISH, Tongue, plain
from unhijack.core.errors import WrongUse
from unhijack.core.notice import is_mailbox
from unhijack.core.text import printable

LONGEST_HEADER = 200
"""A subject in one piece reads best; mail servers take lines of 998."""
MOST_BYTES = 2 * 1024 * 1024
"""Of a message, a PDF included. Mailboxes of small firms take little more."""
MOST_SITES = 25
"""In one digest."""

_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,40}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,200}>")


ENGLISH_BELOW = "The same message follows in English below."
"""Said at the beginning, to whoever cannot read what stands there."""


def write(matter: Matter, head: Letterhead, reader: Reader, manner: Manner = USUAL) -> bytes:
    """The message (RFC 5322): text, HTML, and for a hoster the report that machines read.

    Raises WrongUse for what cannot be a letter: a mailbox that is none, a date that is missing.
    """
    message = _headed(matter.occasion, head, reader, subject(matter, manner.tongue))
    _set_content(message, _parts(matter, head, reader, manner))
    _attach_reports(message, [matter], head, reader)
    return _bytes(message)


def write_digest(
    matters: Sequence[Matter],
    occasion: Occasion,
    head: Letterhead,
    reader: Reader,
    manner: Manner = USUAL,
) -> bytes:
    """One message on several sites: a summary, then each in full, with its own answering address.

    `occasion` is that of the message itself. Raises WrongUse.
    """
    if not 1 <= len(matters) <= MOST_SITES:
        raise WrongUse(f"a digest holds 1 to {MOST_SITES} sites, not {len(matters)}")
    for one in matters:
        _check(one.occasion, head, reader)
    title = plain(manner.tongue.count(SUBJECT_OF_MANY, len(matters)))
    message = _headed(occasion, head, reader, title)
    parts = [
        Part(tongue.tag, tongue.direction, tuple(_digest(matters, head, reader, manner, tongue)))
        for tongue in manner.tongues
    ]
    _set_content(message, _with_word_of_english(parts))
    _attach_reports(message, matters, head, reader)
    return _bytes(message)


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
    message = _headed(matter.occasion, head, reader, subject(matter, manner.tongue))
    parts = _parts(matter, head, reader, manner)
    note = Para(manner.tongue.say(PDF_ATTACHED))
    parts[-1] = replace(parts[-1], blocks=(*parts[-1].blocks, note))
    message.set_content(text_of(parts), cte="quoted-printable")
    name = f"unhijack-{matter.occasion.reference}.pdf"
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    _attach_reports(message, [matter], head, reader)
    return _bytes(message)


def subject(matter: Matter, tongue: Tongue) -> str:
    """The subject, without its mark."""
    return tongue.text(SUBJECTS[matter.occasion.why], host=matter.host)


def _parts(matter: Matter, head: Letterhead, reader: Reader, manner: Manner) -> list[Part]:
    parts = [
        Part(tongue.tag, tongue.direction, tuple(letter(matter, head, reader, manner, tongue)))
        for tongue in manner.tongues
    ]
    return _with_word_of_english(parts)


def _with_word_of_english(parts: list[Part]) -> list[Part]:
    if len(parts) == 1:
        return parts
    note = Para(ENGLISH.say(ENGLISH_BELOW))
    return [replace(parts[0], blocks=(note, *parts[0].blocks)), *parts[1:]]


def _digest(
    matters: Sequence[Matter], head: Letterhead, reader: Reader, manner: Manner, tongue: Tongue
) -> Iterator[Block]:
    yield from opening_of_many(matters, head, reader, tongue)
    for one in matters:
        yield Rule()
        yield Heading(value(one.host))
        yield Literal(one.cleared.site_url)
        yield Para(answer_to(one, head, tongue))
        yield from body(one, reader, manner, tongue)
    yield Rule()
    yield from answering_of_many(head, tongue)
    yield from regards(head, [one.occasion.reference for one in matters], tongue)


def _set_content(message: EmailMessage, parts: Sequence[Part]) -> None:
    message.set_content(text_of(parts), cte="quoted-printable")
    page = html_of(parts, str(message["Subject"]))
    message.add_alternative(page, subtype="html", cte="quoted-printable")


def _headed(occasion: Occasion, head: Letterhead, reader: Reader, title: str) -> EmailMessage:
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


_REPORTED = frozenset({Why.FIRST, Why.REFUTED, Why.AGAIN, Why.REMINDER})


def _attach_reports(
    message: EmailMessage, matters: Sequence[Matter], head: Letterhead, reader: Reader
) -> None:
    if reader.role is not Role.HOSTER:
        return
    for one in matters:
        if one.occasion.why in _REPORTED and (report := case_xarf(one.cleared, one.occasion, head)):
            name = f"xarf-{one.occasion.reference}.json"
            message.add_attachment(report, maintype="application", subtype="json", filename=name)


def _bytes(message: EmailMessage) -> bytes:
    content = message.as_bytes(policy=SMTP.clone(max_line_length=LONGEST_HEADER))
    if len(content) > MOST_BYTES:
        raise WrongUse(f"a message of {len(content)} bytes is too long (at most {MOST_BYTES})")
    return content

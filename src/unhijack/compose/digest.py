"""Several letters to one person as one message: a summary, then each letter in full.

The letters are frozen already: what they say is not made anew. They stand in the message itself,
one below the other, for many mail programs show an enclosed message badly or not at all.
"""

import email
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import default

from unhijack.compose.as_html import blocks_html, inner_of, page_of
from unhijack.compose.as_text import WIDTH, text_of
from unhijack.compose.document import Block, Para, Part, value
from unhijack.compose.letter import REPORTED, finished, headed, with_word_of_english
from unhijack.compose.letter_kinds import USUAL, Letterhead, Manner, Occasion, Reader, Why
from unhijack.compose.letter_several import (
    SUBJECT_OF_MANY,
    SUBJECT_OF_SEVERAL,
    Enclosed,
    enclosed_lines,
    opening_of_many,
)
from unhijack.compose.tongue import Tongue, Tongues, plain
from unhijack.core.errors import WrongUse

MOST_LETTERS = 50
_MARK = "[unhijack "


def together(
    letters: Sequence[bytes],
    occasion: Occasion,
    head: Letterhead,
    reader: Reader,
    manner: Manner = USUAL,
) -> bytes:
    """One message of several letters as `letter.write` made them; `occasion` is its own.

    Reports for machines come along. Raises WrongUse.
    """
    if not 1 <= len(letters) <= MOST_LETTERS:
        raise WrongUse(f"a digest holds 1 to {MOST_LETTERS} letters, not {len(letters)}")
    mails = [email.message_from_bytes(one, policy=default) for one in letters]
    hijacked = all(str(mail["X-Unhijack-Why"]) in REPORTED for mail in mails)
    tongue = manner.tongue
    many = tongue.count(SUBJECT_OF_MANY, len(mails))
    title = plain(many) if hijacked else tongue.text(SUBJECT_OF_SEVERAL)
    message = headed(occasion, head, reader, title)
    enclosed = [_enclosed(mail) for mail in mails]
    parts = [
        Part(
            one.tag, one.direction, list(opening_of_many(enclosed, reader, one, hijacked=hijacked))
        )
        for one in manner.tongues
    ]
    parts = with_word_of_english(parts)
    texts = [text_of(parts), *_texts(mails, enclosed, tongue)]
    message.set_content(f"\n{'=' * WIDTH}\n\n".join(texts), cte="quoted-printable")
    page = page_of(parts, str(message["Subject"]), _pages(mails, enclosed, tongue))
    message.add_alternative(page, subtype="html", cte="quoted-printable")
    for attached in (part for mail in mails for part in mail.iter_attachments()):
        message.add_attachment(
            attached.get_payload(decode=True),
            maintype=attached.get_content_maintype(),
            subtype=attached.get_content_subtype(),
            filename=attached.get_filename(),
        )
    message["Content-Language"] = tongue.tag
    return finished(message)


def joined(
    letters: Sequence[bytes],
    written_at: datetime,
    head: Letterhead,
    reader: Reader,
    tongues: Tongues,
) -> bytes:
    """The same, with all that it needs taken from the letters. Raises WrongUse.

    It speaks the language of the first, and answers to it belong to the first's case; its
    Message-ID follows from theirs, so that it is the same whenever it is made.
    """
    mails = [email.message_from_bytes(one, policy=default) for one in letters[:MOST_LETTERS]]
    if not mails:
        raise WrongUse("a digest of no letters")
    first = mails[0]
    domain = head.sender.rpartition("@")[2]
    occasion = Occasion(
        str(first["X-Unhijack-Case"]),
        int(first["X-Unhijack-Notice"]),
        digest_name([str(mail["Message-ID"]) for mail in mails], domain),
        written_at,
        Why(str(first["X-Unhijack-Why"])),
        _mailbox(first, "Reply-To"),
        earlier=written_at,
        until=written_at,
    )
    manner = Manner(tongues(str(first["Content-Language"])))
    return together(letters, occasion, head, reader, manner)


def digest_name(message_ids: Iterable[str], domain: str) -> str:
    """The Message-ID of the digest of letters with these ones, in whatever order."""
    names = hashlib.sha256("\n".join(sorted(message_ids)).encode())
    return f"<{names.hexdigest()[:24]}@{domain}>"


def _enclosed(mail: EmailMessage) -> Enclosed:
    subject = str(mail["Subject"])
    if subject.startswith(_MARK):
        subject = subject.partition("] ")[2]
    return Enclosed(
        subject,
        str(mail["X-Unhijack-Case"]),
        _mailbox(mail, "Reply-To") or _mailbox(mail, "From"),
    )


def _mailbox(mail: EmailMessage, name: str) -> str:
    field = mail[name]
    return field.addresses[0].addr_spec if field is not None and field.addresses else ""


def _above(one: Enclosed, tongue: Tongue) -> tuple[Block, ...]:
    """What stands above each letter."""
    return (Para(value(one.subject), strong=True), *map(Para, enclosed_lines(one, tongue)))


def _texts(
    mails: Sequence[EmailMessage], enclosed: Sequence[Enclosed], tongue: Tongue
) -> Iterator[str]:
    for mail, one in zip(mails, enclosed, strict=True):
        above = Part(tongue.tag, tongue.direction, _above(one, tongue))
        yield f"{text_of([above])}\n{_body(mail, 'plain')}"


def _pages(
    mails: Sequence[EmailMessage], enclosed: Sequence[Enclosed], tongue: Tongue
) -> Iterator[str]:
    for mail, one in zip(mails, enclosed, strict=True):
        above = blocks_html(_above(one, tongue))
        yield f'<div dir="{tongue.direction}">{above}</div>{inner_of(_body(mail, "html"))}'


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""

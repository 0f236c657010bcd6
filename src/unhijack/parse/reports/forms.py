"""Which form a file of reports has, and what it says."""

from collections.abc import Iterator
from enum import StrEnum

from unhijack.parse.mail.opened import Fields, Opened, Unreadable, digest_of, open_mail
from unhijack.parse.mail.person import text_of
from unhijack.parse.reports.claim import Refusal, Said, Written, said
from unhijack.parse.reports.objects import json_claims, line_claims, xarf_claims
from unhijack.parse.reports.prose import claims_in
from unhijack.parse.reports.table import table_claims


class Form(StrEnum):
    """How a file of reports is written."""

    CSV = "csv"
    LINES = "jsonl"
    JSON = "json"
    MAIL = "eml"


FORMS = {
    ".csv": Form.CSV,
    ".tsv": Form.CSV,
    ".txt": Form.CSV,
    ".jsonl": Form.LINES,
    ".ndjson": Form.LINES,
    ".json": Form.JSON,
    ".xarf": Form.JSON,
    ".eml": Form.MAIL,
}
"""By the end of a file's name."""


def claims_of(content: bytes, form: Form, source: str) -> Iterator[Said]:
    """What a file says, in order; never raises for what it holds. `source` is whose it is."""
    match form:
        case Form.CSV:
            yield from table_claims(content, source)
        case Form.LINES:
            yield from line_claims(content, source)
        case Form.JSON:
            yield from json_claims(content, source)
        case Form.MAIL:
            opened = open_mail(content)
            if isinstance(opened, Unreadable):
                yield Refusal(1, opened.reason)
            else:
                yield from mail_claims(opened, digest_of(content), source)


def mail_claims(opened: Opened, digest: str, source: str, reporter: str = "") -> list[Said]:
    """What a mail reports: by an attached XARF, as feedback (ARF), as an attached list, or in
    its own words; the first of these that it has.

    `reporter` is the mailbox that is told what becomes of it; empty for none.
    """
    if not opened.whole:
        return [Refusal(1, "it is too large: send a list")]
    for part in opened.parts:
        if found := xarf_claims(part.content, source, reporter):
            return found
    if opened.feedback:
        return _of_feedback(opened, digest, source, reporter)
    lists = [one for one in opened.parts if one.name.lower().endswith((".csv", ".jsonl"))]
    if lists:
        claims = table_claims if lists[0].name.lower().endswith(".csv") else line_claims
        return list(claims(lists[0].content, source))
    found = claims_in(text_of(opened), source, digest, reporter)
    return found or [Refusal(1, "there is no address in it")]


def _of_feedback(opened: Opened, digest: str, source: str, reporter: str) -> list[Said]:
    """RFC 5965: the addresses it names, else the reported domains."""
    urls = _all(opened.feedback, "reported-uri") or _all(opened.feedback, "reported-domain")
    if not urls:
        return [Refusal(1, "the feedback names no address and no domain")]
    return [
        said(Written(number, url, (), digest, reporter), source)
        for number, url in enumerate(urls[:100], 1)
    ]


def _all(fields: Fields, name: str) -> list[str]:
    return [value.strip().strip("<>") for key, value in fields if key == name]

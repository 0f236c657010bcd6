"""Reports that machines write: XARF (version 4, and 3), JSON lines, and lists of either."""

import json
from collections.abc import Iterator
from typing import Any

from unhijack.core.text import printable
from unhijack.parse.charset import as_utf8
from unhijack.parse.reports.claim import Refusal, Said, Written, said, search_step

MOST_OBJECTS = 100_000
LONGEST_OBJECT = 256 * 1024
"""Bytes of one line, or of one report."""
LARGEST_LIST = 16 * 1024 * 1024
"""Bytes of a list that is one JSON value; longer ones come as lines."""

_ABOUT_SITES = frozenset({"content", "infrastructure", "vulnerability"})
"""Categories of XARF 4 whose source is a website; others are of mails, scans and copyright."""
_OLD_CLASSES = frozenset({"content"})


def json_claims(content: bytes, source: str) -> Iterator[Said]:
    """A file that is one JSON value: a report, or a list of them."""
    if len(content) > LARGEST_LIST:
        yield Refusal(1, f"a JSON list has at most {LARGEST_LIST} bytes: send JSON lines")
        return
    value = _loaded(as_utf8(content, b"application/json"))
    listed = value if isinstance(value, list) else [value]
    for number, one in enumerate(listed, 1):
        if number > MOST_OBJECTS:
            yield Refusal(number, f"more than {MOST_OBJECTS} reports: the rest was not read")
            return
        yield object_claim(one, number, source)


def line_claims(content: bytes, source: str) -> Iterator[Said]:
    """JSON lines; an empty line is none."""
    start, number = 0, 0
    if content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        content = as_utf8(content, None)
    while start < len(content):
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        line, start, number = content[start:end], end + 1, number + 1
        if number > MOST_OBJECTS:
            yield Refusal(number, f"more than {MOST_OBJECTS} lines: the rest was not read")
            return
        if len(line) > LONGEST_OBJECT:
            yield Refusal(number, f"longer than {LONGEST_OBJECT} bytes")
        elif line.strip():
            yield object_claim(_loaded(line), number, source)


def xarf_claims(content: bytes, source: str, reporter: str = "") -> list[Said]:
    """A report attached to a mail; nothing where it is no XARF."""
    if len(content) > LONGEST_OBJECT or b"{" not in content[:64]:
        return []
    value = _loaded(content)
    if not isinstance(value, dict) or not _is_xarf(value):
        return []
    return [object_claim(value, 1, source, reporter)]


def object_claim(value: Any, number: int, source: str, reporter: str = "") -> Said:
    """One report as an object."""
    if isinstance(value, str) and not isinstance(value, _Broken):
        value = {"url": value}
    if isinstance(value, _Broken):
        return Refusal(number, str(value))
    if not isinstance(value, dict):
        return Refusal(number, "it is no object with an address")
    try:
        written = _of_xarf(value, number) if _is_xarf(value) else _of_plain(value, number)
    except _NotAboutASite as error:
        return Refusal(number, str(error))
    if reporter:  # of a mail: nobody has mail sent to somebody else
        written = Written(number, written.url, written.steps, written.mark, reporter)
    return said(written, source)


class _Broken(str):
    """Why something is no JSON."""

    __slots__ = ()


class _NotAboutASite(Exception):
    """A report of something else."""


def _loaded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        return _Broken(printable(f"it is no JSON: {error}", 200))


def _is_xarf(value: dict[str, Any]) -> bool:
    return "xarf_version" in value or (isinstance(value.get("Report"), dict) and "Version" in value)


def _of_xarf(value: dict[str, Any], number: int) -> Written:
    if "xarf_version" not in value:
        return _of_old_xarf(value, number)
    category = _text(value.get("category")).lower()
    if category not in _ABOUT_SITES:
        raise _NotAboutASite(f"XARF category {printable(category, 40)!r} is not about a website")
    url = _text(value.get("url")) or _text(value.get("domain"))
    sender = value.get("reporter")
    mailbox = _text(sender.get("contact")) if isinstance(sender, dict) else ""
    mark = _text(value.get("report_id")) or _text(value.get("timestamp"))
    return Written(
        number, url or _text(value.get("source_identifier")), _steps(value), mark, mailbox
    )


def _of_old_xarf(value: dict[str, Any], number: int) -> Written:
    """Version 3, in which names are capital."""
    report = value["Report"]
    if _text(report.get("ReportClass")).lower() not in _OLD_CLASSES:
        raise _NotAboutASite("XARF report class is not about a website")
    origin = report.get("Source")
    origin = origin if isinstance(origin, dict) else {}
    sender = value.get("ReporterInfo")
    mailbox = _text(sender.get("ReporterOrgEmail")) if isinstance(sender, dict) else ""
    url = _text(origin.get("URL")) or _text(origin.get("Url")) or _text(origin.get("Value"))
    mark = _text(report.get("ReportID")) or _text(report.get("Date"))
    return Written(number, url, (), mark, mailbox)


_URLS = ("url", "address", "uri", "link", "website", "site", "domain", "host")
_MARKS = ("id", "report_id", "uuid", "date", "time", "timestamp", "first_seen", "seen")
_MAILBOXES = ("reporter", "reporter_mail", "reporter_email", "mail", "email", "contact")


def _of_plain(value: dict[str, Any], number: int) -> Written:
    named = {str(name).lower().replace("-", "_"): one for name, one in list(value.items())[:200]}
    return Written(
        number,
        _first(named, _URLS),
        _steps(named),
        _first(named, _MARKS),
        _first(named, _MAILBOXES),
    )


def _first(named: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := _text(named.get(name)))), "")


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def _steps(value: dict[str, Any]) -> tuple[str, ...]:
    """The pathway: a list of ``kind:value`` or of objects, else search words and a referrer."""
    listed = value.get("pathway")
    if isinstance(listed, str):
        listed = [listed]
    if isinstance(listed, list):
        return tuple(step for one in listed[:100] if (step := _step(one)))
    search = search_step(_text(value.get("search")) or _text(value.get("query")))
    referrer = _text(value.get("referrer")) or _text(value.get("referer"))
    return tuple(step for step in (search, f"referrer:{referrer}" if referrer else "") if step)


def _step(one: Any) -> str:
    if isinstance(one, dict):
        return f"{_text(one.get('kind'))}:{_text(one.get('value'))}"
    return _text(one)

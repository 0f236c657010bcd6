"""Lines of web servers' logs: Apache's and nginx's usual formats, in the hundreds of thousands a second."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

LONGEST = 32 * 1024
"""Bytes of a line that are read; servers cut requests at 8 KiB."""
SAMPLE = 50
"""Lines that tell the layout of a file."""
MOST_MOMENTS = 5_000


class Layout(StrEnum):
    """How the lines of a file are written."""

    ACCESS = "access"
    """Common and combined, of either server."""
    VHOST_ACCESS = "vhost-access"
    """The same behind the name of the virtual host."""
    APACHE_ERROR = "apache-error"
    NGINX_ERROR = "nginx-error"


class Hit(NamedTuple):
    """One request, as it was answered."""

    when: datetime
    """With its zone."""
    address: str
    method: str
    """Empty where the request was no HTTP."""
    target: str
    """As it was sent: path and query, still coded."""
    status: int
    size: int
    referrer: str
    agent: str
    host: str
    """Of the virtual host; empty where the layout has none."""
    user: str


class Fault(NamedTuple):
    """One line of an error log."""

    when: datetime
    level: str
    address: str
    message: str
    target: str
    """Of the request; empty where the line does not say."""


_QUOTED = r'"([^"\\]*(?:\\.[^"\\]*)*)"'
_REST = (
    r'\[([^\]]{19,40})\] "(?:([A-Z]{1,20}) ([^\s"\\]*(?:\\.[^\s"\\]*)*)(?: HTTP/[\d.]{1,4})?'
    r'|[^"\\]*(?:\\.[^"\\]*)*)" (\d{3}) (\d+|-)(?: ' + _QUOTED + " " + _QUOTED + ")?"
)
_USER = r"[^ ]{1,100} ([^ ]{1,200}(?: [^\[ ]{1,100}){0,5}) "
_ACCESS = re.compile(r"()([0-9A-Za-z.:_-]{1,253}) " + _USER + _REST)
_VHOST = re.compile(
    r"([0-9A-Za-z.:_*\[\]-]{1,260}) ((?=[^ ]*[.:])[0-9A-Za-z.:_-]{1,253}) " + _USER + _REST
)
_APACHE = re.compile(
    r"\[(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? \d{4})\] \[(?:\w{0,40}:)?(\w{1,20})\] "
    r"(?:\[pid [\d:a-z ]{1,60}\] )?(?:\[(?:client|remote) (\[[^\]]{1,60}\]:\d{1,5}|[^\] ]{1,80})\] )?(.*)"
)
_NGINX = re.compile(
    r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(\w{1,20})\] \d+#\d+: (?:\*\d+ )?(.*)", re.DOTALL
)
_NGINX_CLIENT = re.compile(r", client: ([0-9a-fA-F.:]{1,45})")
_NGINX_REQUEST = re.compile(r', request: "[A-Z]{1,20} ([^\s"]{0,8192})')
_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}

_PATTERNS = {  # with as many lines that fit, the first wins
    Layout.VHOST_ACCESS: _VHOST,
    Layout.ACCESS: _ACCESS,
    Layout.APACHE_ERROR: _APACHE,
    Layout.NGINX_ERROR: _NGINX,
}


def detect(lines: Iterable[bytes]) -> Layout | None:
    """The layout that fits most of the first lines; None where none fits half of them."""
    sample = [_text(line) for line in islice(lines, SAMPLE) if line.strip()]
    if not sample:
        return None
    fits = {
        layout: sum(pattern.match(line) is not None for line in sample)
        for layout, pattern in _PATTERNS.items()
    }
    best = max(fits, key=lambda layout: fits[layout])
    return best if 2 * fits[best] >= len(sample) else None


def _text(line: bytes) -> str:
    return line[:LONGEST].decode("utf-8", "replace")


def read_hits(lines: Iterable[bytes], layout: Layout) -> Iterator[tuple[int, Hit]]:
    """Requests with the number of their line, from 1. Lines that do not fit are passed over."""
    match = _PATTERNS[layout].match
    moments: dict[str, datetime | None] = {}
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST or (found := match(line.decode("utf-8", "replace"))) is None:
            continue
        host, address, user, time, method, target, status, size, referrer, agent = found.groups()
        if time in moments:
            when = moments[time]
        else:
            if len(moments) >= MOST_MOMENTS:
                moments.clear()
            when = moments[time] = moment(time)
        if when is not None:
            yield (
                number,
                Hit(
                    when,
                    address,
                    method or "",
                    target or "",
                    int(status),
                    int(size) if len(size) < 19 and size != "-" else 0,
                    referrer or "",
                    agent or "",
                    host,
                    user,
                ),
            )


def read_faults(
    lines: Iterable[bytes], layout: Layout, zone: tzinfo = UTC
) -> Iterator[tuple[int, Fault]]:
    """Lines of an error log with their numbers; `zone` is the server's, which they do not name."""
    read = _apache_fault if layout is Layout.APACHE_ERROR else _nginx_fault
    for number, line in enumerate(lines, start=1):
        fault = read(_text(line), zone)
        if fault is not None:
            yield number, fault


def _apache_fault(line: str, zone: tzinfo) -> Fault | None:
    found = _APACHE.match(line)
    if found is None:
        return None
    when, level, client, message = found.groups()
    try:
        hour, minute, second = when[11:13], when[14:16], when[17:19]
        at = datetime(
            int(when[-4:]), _MONTHS[when[4:7]], int(when[8:10]), int(hour), int(minute), int(second),
            tzinfo=zone,
        )  # fmt: skip
    except (ValueError, KeyError):
        return None
    address = client or ""
    if address.count(":") == 1 or address.startswith("["):
        address = address.rpartition(":")[0].strip("[]")
    elif address.count(":") > 1:  # 2.4 writes an IPv6 address and its port without brackets
        address = address.rpartition(":")[0]
    return Fault(at, level, address, message, "")


def _nginx_fault(line: str, zone: tzinfo) -> Fault | None:
    found = _NGINX.match(line)
    if found is None:
        return None
    when, level, message = found.groups()
    try:
        at = datetime(
            int(when[:4]), int(when[5:7]), int(when[8:10]), int(when[11:13]), int(when[14:16]),
            int(when[17:19]), tzinfo=zone,
        )  # fmt: skip
    except ValueError:
        return None
    client = _NGINX_CLIENT.search(message)
    request = _NGINX_REQUEST.search(message)
    return Fault(at, level, client[1] if client else "", message, request[1] if request else "")


def moment(text: str) -> datetime | None:
    """``24/Nov/2026:11:31:42 +0100``, or the same by ISO 8601; None for no time."""
    try:
        if text[2:3] == "/":
            zone = _zone(text[21:26])
            if zone is None:
                return None
            return datetime(
                int(text[7:11]), _MONTHS[text[3:6]], int(text[:2]), int(text[12:14]),
                int(text[15:17]), int(text[18:20]), tzinfo=zone,
            )  # fmt: skip
        found = datetime.fromisoformat(text)
    except (ValueError, KeyError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _zone(text: str) -> tzinfo | None:
    if text == "+0000":
        return UTC
    if len(text) != 5 or text[0] not in "+-" or not (text[1:].isascii() and text[1:].isdigit()):
        return None
    minutes = int(text[1:3]) * 60 + int(text[3:])
    if minutes >= 24 * 60:
        return None
    return timezone(timedelta(minutes=minutes if text[0] == "+" else -minutes))

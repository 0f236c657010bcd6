"""Rows of a database judged: what is planted in a post, an option, a user, a setting."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from unhijack.core.rows import Row, Value
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.row_rules import RULES, host_of, mark
from unhijack.parse.server.serialised import MOST_BYTES, change, looks_serialised, texts

Look = Callable[[str, bytes], Sequence[Mark]]
"""Reads one text, by a name that says what it is (``row.html``, ``row.php``); marks with offsets
in that text."""

NOT_RUN = 0.6
"""PHP in a column that nothing runs is an example in a post more often than planted code."""
MOST_TEXTS = 10_000
"""Strings of one serialised value that are looked at."""
MOST_USERS = 100_000

_MARKUP_WORDS = (
    *(b"<script", b"<iframe", b"<meta", b"<object", b"<embed", b"<svg", b"<form", b"<base"),
    *(b"javascript:", b"onerror", b"onload", b"fromcharcode", b"atob", b"display:none"),
    *(
        b"display: none",
        b"absolute",
        b"visibility",
        b"text-indent",
        b"font-size:0",
        b"font-size: 0",
    ),
)
_PHP_WORDS = (
    *(b"<?php", b"<?=", b"eval", b"assert", b"create_function", b"base64_decode", b"gzinflate"),
    *(b"str_rot13", b"$_get", b"$_post", b"$_request", b"$_cookie", b"$_server"),
)
"""In small letters: cheap to look for, and worth a reader's time where they occur."""
_OPEN_TAG = b"<?php "
_CODE_COLUMNS = frozenset({"phpcode", "php_code", "code", "snippet", "php"})
_CODE_NAMES = re.compile(rb"snippet|insert_?php|php_?code|wpcode|exec_?php|widget_execphp", re.I)
_ADMIN = re.compile(rb'"administrator";b:1')
_NO_DATE = (b"", b"0000-00-00 00:00:00", b"1970-01-01 00:00:00")


@dataclass(frozen=True, slots=True)
class RowMark:
    """What one value of one row shows."""

    table: str
    key: tuple[tuple[str, Value], ...]
    """Columns and values that tell the row from all others; empty where they are not known."""
    column: str
    value: bytes
    """The whole value, as it was read."""
    text: bytes
    """What the marks count in: the value, or one string of a serialised value."""
    marks: tuple[Mark, ...]
    offset: int = 0
    """Of the row in the dump."""
    line: int = 0
    span: tuple[int, int] = (0, 0)
    """Of the value as it is written in the dump."""
    cut: bool = False
    """The value is there in part: it cannot be mended from here."""


def mended(found: RowMark) -> bytes | None:
    """The value without its planted blocks, serialised lengths true; None where a person must look."""
    cuts = sorted(one.cut for one in found.marks if one.cut is not None)
    if not cuts or found.cut:
        return None
    clean = _without(found.text, cuts)
    if found.text == found.value:
        return clean
    return change(found.value, lambda text: clean if text == found.text else text)


def _without(text: bytes, cuts: Sequence[tuple[int, int]]) -> bytes:
    parts: list[bytes] = []
    at = 0
    for start, end in cuts:
        parts.append(text[at : max(at, start)])
        at = max(at, end)
    return b"".join([*parts, text[at:]])


def _any(words: Sequence[bytes], low: bytes) -> bool:
    return any(word in low for word in words)


class RowJudge:
    """Judges rows as they come; what only rows together show is said at the end."""

    def __init__(self, look: Look, own_hosts: Collection[str] = ()) -> None:
        self._look = look
        self._own_hosts = frozenset(own_hosts)
        self._admins: dict[bytes, None] = {}
        self._users: dict[bytes, Row] = {}
        self._homes: dict[str, Row] = {}

    def judge(self, row: Row) -> Iterator[RowMark]:
        """What one row shows. Never raises for what a row holds."""
        self._remember(row)
        for rule in RULES:
            for column, one in rule(row, self._own_hosts):
                yield _row_mark(row, column, row.value(column) or b"", (one,))
        for column, value in zip(row.table.columns, row.values, strict=False):
            if value is not None and len(value) >= 8:
                yield from self._judge_value(row, column, value)

    def _judge_value(self, row: Row, column: str, value: bytes) -> Iterator[RowMark]:
        low = value.lower()
        if not _any(_MARKUP_WORDS, low) and not _any(_PHP_WORDS, low):
            return
        runs = _runs(row, column)
        serialised = len(value) <= MOST_BYTES and looks_serialised(value)
        for number, text in enumerate(texts(value) if serialised else (value,)):
            if number >= MOST_TEXTS:
                return
            marks = self._marks(text, runs=runs)
            if marks:
                yield _row_mark(row, column, text, marks)

    def _marks(self, text: bytes, *, runs: bool) -> tuple[Mark, ...]:
        marks: list[Mark] = []
        low = text.lower()
        if (b"<?" in text or runs) and _any(_PHP_WORDS, low):
            marks += self._php(text, runs=runs)
        if _any(_MARKUP_WORDS, low):
            marks += self._look("row.html", text)
        return tuple(marks)

    def _php(self, text: bytes, *, runs: bool) -> list[Mark]:
        bare = runs and b"<?" not in text
        before = len(_OPEN_TAG) if bare else 0
        marks = self._look("row.php", _OPEN_TAG + text if bare else text)
        return [_moved(one, before, 1.0 if runs else NOT_RUN) for one in marks]

    def _remember(self, row: Row) -> None:
        name = row.value("option_name")
        if name in (b"siteurl", b"home"):
            self._homes[name.decode("ascii")] = row
        key = row.value("meta_key")
        user = row.value("user_id")
        rights = row.value("meta_value") or b""
        if key and user and key.endswith(b"capabilities") and _ADMIN.search(rights):
            self._admins[user] = None
        number = row.value("ID")
        if number and row.value("user_login") is not None:
            self._users[number] = row
        for kept in (self._admins, self._users):
            if len(kept) > MOST_USERS:
                del kept[next(iter(kept))]

    def finish(self) -> Iterator[RowMark]:
        """What rows show together, once all were judged."""
        yield from self._two_homes()
        numbers = sorted(int(one) for one in self._users if one.isdigit())
        for admin in self._admins:
            row = self._users.get(admin)
            if row is not None and (marks := _odd_administrator(row, admin, numbers)):
                yield _row_mark(row, "user_login", row.value("user_login") or b"", marks)

    def _two_homes(self) -> Iterator[RowMark]:
        home, site = self._homes.get("home"), self._homes.get("siteurl")
        if home is None or site is None or self._own_hosts:
            return
        hosts = [host_of(row.value("option_value") or b"") for row in (home, site)]
        if all(hosts) and _bare(hosts[0]) != _bare(hosts[1]):
            value = home.value("option_value") or b""
            reason = "the site's two own addresses name different hosts"
            one = mark("sql-two-homes", "redirect", 0.5, reason, len(value))
            yield _row_mark(home, "option_value", value, (one,))


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def _odd_administrator(row: Row, number: bytes, numbers: Sequence[int]) -> tuple[Mark, ...]:
    """Weak signs that an administrator was written into the table by hand."""
    login = row.value("user_login") or b""
    signs = []
    if "user_registered" in row.table.columns and row.value("user_registered") in _NO_DATE:
        signs.append("an administrator has no date of registration")
    if "user_email" in row.table.columns and b"@" not in (row.value("user_email") or b""):
        signs.append("an administrator has no mail address")
    below = [one for one in numbers if number.isdigit() and one < int(number)]
    if below and int(number) > max(below) + 100_000:
        signs.append("an administrator's number is far above all others")
    return tuple(mark("sql-odd-admin", "backdoor", 0.35, sign, len(login)) for sign in signs)


def _runs(row: Row, column: str) -> bool:
    """Whether something runs what this column holds as PHP."""
    if column.lower() in _CODE_COLUMNS:
        return True
    name = row.value("option_name") or row.value("meta_key") or b""
    return _CODE_NAMES.search(name[:200]) is not None


def _moved(one: Mark, before: int, most: float) -> Mark:
    """A mark that counts without the tag that was put in front."""
    cut = one.cut
    if cut is not None:
        cut = (max(cut[0] - before, 0), max(cut[1] - before, 0))
    return one._replace(
        confidence=min(one.confidence, most),
        start=max(one.start - before, 0),
        end=max(one.end - before, 0),
        cut=cut,
        whole=one.whole and most >= 1.0,
    )


def _row_mark(row: Row, column: str, text: bytes, marks: tuple[Mark, ...]) -> RowMark:
    columns = row.table.columns
    index = columns.index(column)
    keys = row.table.key or _likely_key(columns)
    return RowMark(
        table=row.table.name,
        key=tuple((name, row.value(name)) for name in keys if name in columns),
        column=column,
        value=row.values[index] or b"",
        text=text,
        marks=marks,
        offset=row.offset,
        line=row.line,
        span=row.spans[index] if index < len(row.spans) else (0, 0),
        cut=row.cut,
    )


_KEYS = ("ID", "option_id", "umeta_id", "meta_id", "config_id", "block_id", "id", "nid", "uid")


def _likely_key(columns: Sequence[str]) -> tuple[str, ...]:
    """The usual name of a key, where a dump defines its keys at the end, or not at all."""
    return next(((name,) for name in _KEYS if name in columns), ())

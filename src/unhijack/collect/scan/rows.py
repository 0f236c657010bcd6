"""A database, as a dump or live: what is planted in its rows, and what it runs by itself."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from urllib.parse import quote, unquote_to_bytes

from unhijack.assess.findings import findings
from unhijack.core.finding import Finding, Mend
from unhijack.core.rows import Routine, Row, Value
from unhijack.core.text import printable
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.routines import judge_routine
from unhijack.parse.server.rows import RowJudge, RowMark, mended
from unhijack.parse.server.sql import read_dump
from unhijack.ports import Database

MOST_DUMP = 2 * 1024 * 1024 * 1024
MOST_FINDINGS = 1_000
"""Of one database."""

Look = Callable[[str, bytes], Sequence[Mark]]

_DUMP = re.compile(r"\.(?:sql|mysql|dump)$", re.IGNORECASE)
LIVE = "database:"
"""Stands before the path of what was found in a live database."""


def is_dump(path: str) -> bool:
    """Whether a file is a dump of a database, by its name."""
    return bool(_DUMP.search(path))


def dump_findings(
    path: str, chunks: Iterable[bytes], own_hosts: Iterable[str], look: Look
) -> list[Finding]:
    """What a dump holds. For a person to look at: the dump itself serves nobody."""
    found: list[Finding] = []
    for one in _judged(read_dump(chunks), own_hosts, look):
        if isinstance(one, RowMark):
            found += _row(path, one, Mend.REVIEW)
        else:
            found += _routine(path, *one, Mend.REVIEW)
        if len(found) >= MOST_FINDINGS:
            break
    return found[:MOST_FINDINGS]


def database_findings(
    database: Database, own_hosts: Iterable[str], look: Look
) -> Iterator[Finding]:
    """What a live database holds. Raises WrongUse where it cannot be read."""
    everything = (row for table in database.tables() for row in database.rows(table))
    for one in _judged(chain(database.routines(), everything), own_hosts, look):
        if isinstance(one, RowMark):
            repair = Mend.REMOVE_BLOCK if one.key and mended(one) is not None else Mend.REVIEW
            yield from _row(row_path(one), one, repair)
        else:
            routine, marks = one
            path = f"{LIVE}{routine.kind}/{quote(routine.name)}"
            yield from _routine(path, routine, marks, Mend.QUARANTINE)


def row_path(one: RowMark) -> str:
    """The name of one value of a live database: ``database:row/TABLE/COLUMN?ID=5``."""
    key = "&".join(f"{quote(name)}={quote(value or b'')}" for name, value in one.key)
    return f"{LIVE}row/{quote(one.table)}/{quote(one.column)}?{key}"


def key_of(path: str) -> tuple[str, str, tuple[tuple[str, Value], ...]]:
    """Table, column and key out of such a name. Raises ValueError for what is none."""
    place, _, query = path.removeprefix(f"{LIVE}row/").partition("?")
    table, column = (unquote_to_bytes(part).decode() for part in place.split("/"))
    pairs = [pair.split("=") for pair in query.split("&") if pair]
    return (
        table,
        column,
        tuple((unquote_to_bytes(a).decode(), unquote_to_bytes(b)) for a, b in pairs),
    )


def _judged(
    items: Iterable[Row | Routine], own_hosts: Iterable[str], look: Look
) -> Iterator[RowMark | tuple[Routine, tuple[Mark, ...]]]:
    judge = RowJudge(look, tuple(own_hosts))
    for item in items:
        if isinstance(item, Row):
            yield from judge.judge(item)
        elif marks := judge_routine(item):
            yield item, marks
    yield from judge.finish()


def _row(path: str, one: RowMark, repair: Mend) -> list[Finding]:
    sha256 = hashlib.sha256(one.value).hexdigest()
    where = f"in {printable(one.table, 64)}.{printable(one.column, 64)}"
    return [
        replace(
            finding,
            line=one.line,
            reason=f"{where}: {finding.reason}",
            repair=Mend.REVIEW if finding.repair is Mend.REVIEW else repair,
        )
        for finding in findings(path, one.text, one.marks, sha256)
    ]


def _routine(path: str, routine: Routine, marks: Sequence[Mark], repair: Mend) -> list[Finding]:
    sha256 = hashlib.sha256(routine.text).hexdigest()
    where = f"{routine.kind} {printable(routine.name, 64)}"
    return [
        replace(finding, line=routine.line, reason=f"{where}: {finding.reason}", repair=repair)
        for finding in findings(path, routine.text, marks, sha256)
    ]

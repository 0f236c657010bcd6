"""A database, as a dump or live: what is planted in its rows, and what it runs by itself."""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote

from unhijack.assess.findings import findings
from unhijack.collect.database import database_marks
from unhijack.core.finding import Finding, Mend
from unhijack.core.text import printable
from unhijack.parse.server.dumps import RoutineMark, judge_dump
from unhijack.parse.server.rows import Look, RowMark, mended
from unhijack.ports import Database, Unread

MOST_DUMP = 2 * 1024 * 1024 * 1024
MOST_FINDINGS = 1_000
"""Of one database."""

_DUMP = re.compile(r"\.(?:sql|mysql|dump)$", re.IGNORECASE)
LIVE = "database:"
"""Stands before the path of what was found in a live database."""


def is_dump(path: str) -> bool:
    """Whether a file is a dump of a database, by its name."""
    return bool(_DUMP.search(path))


def dump_findings(
    path: str, chunks: Iterable[bytes], own_hosts: Collection[str], look: Look
) -> list[Finding]:
    """What a dump holds. For a person to look at: the dump itself serves nobody."""
    found: list[Finding] = []
    for one in judge_dump(chunks, look, own_hosts):
        if isinstance(one, RowMark):
            found += _row(path, one, Mend.REVIEW)
        else:
            found += _routine(path, one, Mend.REVIEW)
        if len(found) >= MOST_FINDINGS:
            break
    return found[:MOST_FINDINGS]


def database_findings(
    database: Database, own_hosts: Collection[str], look: Look
) -> Iterator[Finding | Unread]:
    """What a live database holds. Raises WrongUse where there is nothing to read at all."""
    for one in database_marks(database, look, own_hosts):
        if isinstance(one, RowMark):
            repair = Mend.REMOVE_BLOCK if one.key and mended(one) is not None else Mend.REVIEW
            yield from _row(row_path(one), one, repair)
        elif isinstance(one, RoutineMark):
            path = f"{LIVE}{one.routine.kind}/{quote(one.routine.name)}"
            yield from _routine(path, one, Mend.QUARANTINE)
        else:
            yield one


def row_path(one: RowMark) -> str:
    """The name of one value of a live database: ``database:row/TABLE/COLUMN?ID=5``."""
    key = "&".join(f"{quote(name)}={quote(value or b'')}" for name, value in one.key)
    return f"{LIVE}row/{quote(one.table)}/{quote(one.column)}?{key}"


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


def _routine(path: str, one: RoutineMark, repair: Mend) -> list[Finding]:
    sha256 = hashlib.sha256(one.routine.text).hexdigest()
    where = f"{one.routine.kind} {printable(one.routine.name, 64)}"
    return [
        replace(finding, line=one.routine.line, reason=f"{where}: {finding.reason}", repair=repair)
        for finding in findings(path, one.routine.text, one.marks, sha256)
    ]

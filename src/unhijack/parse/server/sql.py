"""Dumps of MySQL, MariaDB and SQLite, read as a stream: rows, and stored programs.

A dump is as large as its database, so nothing but the value being read is kept. Whatever is not
understood is skipped to the end of its statement, with strings and remarks respected.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from unhijack.core.rows import Routine, RoutineKind, Row, Table, Value
from unhijack.parse.server.sql_source import MOST_VALUE, Source
from unhijack.parse.server.sql_text import (
    Column,
    blanked,
    from_hex,
    names_in,
    open_versions,
    table_of,
    unquoted_name,
    unquoted_text,
)

MOST_STATEMENT = 1024 * 1024
"""Bytes of a stored program, or of a table's definition, that are kept."""
MOST_TABLES = 20_000
MOST_COLUMNS = 4096

Wanted = Callable[[str], bool]
"""Whether the rows of a table are worth reading, by its name."""

_NAME = rb"(?:`(?:[^`]|``){1,256}`|\"(?:[^\"]|\"\"){1,256}\"|[\w$\x80-\xff]{1,256})"
_DOTTED = _NAME + rb"(?:\s{0,20}\.\s{0,20}" + _NAME + rb")?"
_INSERT = re.compile(
    rb"(?:INSERT|REPLACE)(?:\s+(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE|OR\s+\w+)){0,3}"
    rb"\s+INTO\s+(" + _DOTTED + rb")\s*",
    re.IGNORECASE,
)
_VALUES = re.compile(rb"\s*VALUES?\s*", re.IGNORECASE)
_TABLE = re.compile(
    rb"CREATE\s+(?:TEMPORARY\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(" + _DOTTED + rb")\s*\(",
    re.IGNORECASE,
)
_ROUTINE = re.compile(
    rb"CREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMP(?:ORARY)?\s+)?(?:AGGREGATE\s+)?"
    rb"(?:DEFINER\s*=\s*\S{1,300}\s+)?(?:SQL\s+SECURITY\s+\w+\s+)?"
    rb"(TRIGGER|PROCEDURE|FUNCTION|EVENT)\s+(?:IF\s+NOT\s+EXISTS\s+)?(" + _DOTTED + rb")",
    re.IGNORECASE,
)
_ON_TABLE = re.compile(rb"\b(?:INSERT|UPDATE|DELETE)\b[^;]{0,200}?\bON\s+(" + _DOTTED + rb")", re.I)
_CREATE = re.compile(rb"\s*(?:/\*!\d{0,6}\s*)?CREATE\b", re.IGNORECASE)
_DELIMITER = re.compile(rb"DELIMITER[ \t]+(\S{1,16})[^\n]*\n?", re.IGNORECASE)
_SQLITE = re.compile(rb"(?:PRAGMA\s|BEGIN\s+TRANSACTION\b)", re.IGNORECASE)
_SHORT_VALUE = re.compile(
    rb"\s*(?:'([^'\\]*)'|(NULL)|(-?[0-9][0-9.eE+-]*)|0x([0-9a-fA-F]+))\s*[,)]", re.IGNORECASE
)
_REPLACED = re.compile(rb"\s*,\s*'([^']{1,20})'\s*,\s*char\((\d{1,3})\)\s*\)", re.IGNORECASE)
_BRACKET = ord(")")
_BLOCK = re.compile(
    rb"\bBEGIN\b|\bCASE\b|\bEND\b(?:\s+(IF|LOOP|WHILE|REPEAT|CASE)\b)?", re.IGNORECASE
)


def every_table(_name: str) -> bool:
    """Each is wanted."""
    return True


def read_dump(chunks: Iterable[bytes], wanted: Wanted = every_table) -> Iterator[Row | Routine]:
    """Rows of the wanted tables and every stored program, in the order of the dump.

    Never raises for what a dump holds. Memory: a few times `MOST_VALUE` at most.
    """
    yield from _Reader(Source(chunks), wanted).statements()


class _Reader:
    """The state between statements: delimiter, dialect, and the tables that were defined."""

    def __init__(self, source: Source, wanted: Wanted) -> None:
        self._source = source
        self._wanted = wanted
        self._tables: dict[str, Table] = {}

    def statements(self) -> Iterator[Row | Routine]:
        source = self._source
        while source.to_statement():
            head = source.peek(4096)
            if match := _DELIMITER.match(head):
                source.delimiter = match[1]
                source.skip(match.end())
            elif match := _INSERT.match(head):
                yield from self._insert(match)
            elif _CREATE.match(head):
                yield from self._create()
            else:
                if _SQLITE.match(head):
                    source.escapes = False
                source.skip_statement()

    def _create(self) -> Iterator[Routine]:
        source = self._source
        offset, line = source.offset, source.line()
        raw, cut = source.take_statement(MOST_STATEMENT)
        text = open_versions(raw, escapes=source.escapes).strip()
        if match := _TABLE.match(text):
            table = table_of(unquoted_name(match[1]), text[match.end() :])
            if len(self._tables) < MOST_TABLES:
                self._tables[table.name] = table
            return
        match = _ROUTINE.match(text)
        if match is None:
            return
        if source.delimiter == b";" and not cut:
            text, cut = self._body(text)
        yield _routine(match, text, offset, line, cut=cut)

    def _body(self, text: bytes) -> tuple[bytes, bool]:
        """The rest of a program whose own semicolons look like the statement's end (SQLite)."""
        source = self._source
        parts, size, cut = [text], len(text), False
        depth = _open_blocks(text, escapes=source.escapes)
        while depth > 0 and not cut and source.to_statement():
            raw, cut = source.take_statement(MOST_STATEMENT - size)
            more = open_versions(raw, escapes=source.escapes)
            depth += _open_blocks(more, escapes=source.escapes)
            size += len(more) + 2
            parts.append(more)
        return b"; ".join(parts), cut

    def _insert(self, match: re.Match[bytes]) -> Iterator[Row]:
        source = self._source
        name = unquoted_name(match[1])
        if not self._wanted(name):
            source.skip_statement()
            return
        source.skip(match.end())
        columns: tuple[str, ...] = ()
        if source.peek(1) == b"(":
            columns = names_in(source.take_brackets(MOST_STATEMENT))
        known = self._tables.get(name) or Table(name, ())
        table = Table(name, columns or known.columns, known.key)
        if found := _VALUES.match(source.peek(200)):
            source.skip(found.end())
            while source.peek(1) == b"(":
                row = _read_row(source, table)
                if row is None:
                    break
                yield row
                source.skip_comma()
        source.skip_statement()


def _read_row(source: Source, table: Table) -> Row | None:
    """The row whose bracket is next; None where it is no row of plain values."""
    offset, line = source.offset, source.line()
    source.skip(1)
    values: list[Value] = []
    spans: list[tuple[int, int]] = []
    cut = False
    last = False
    while not last and len(values) < MOST_COLUMNS:
        last = _read_short(source, values, spans)
        if last:
            break
        column = _read_long(source)
        if column is None:
            return None
        values.append(column.value)
        spans.append((column.start, column.end))
        cut = cut or column.cut
        last = column.last
    return Row(_named(table, len(values)), tuple(values), tuple(spans), offset, line, cut)


def _named(table: Table, width: int) -> Table:
    if len(table.columns) == width:
        return table
    names = table.columns[:width] + tuple(
        f"column {number}" for number in range(len(table.columns) + 1, width + 1)
    )
    return Table(table.name, names, table.key)


def _read_short(source: Source, values: list[Value], spans: list[tuple[int, int]]) -> bool:
    """Values without escapes that lie in the buffer whole: nearly all are. Whether the row ended."""
    buffer, base, at = source.buffer, source.base, source.position
    match = _SHORT_VALUE.match(buffer, at)
    while match is not None and match.end() < len(buffer):
        which = match.lastindex or 0
        start, end = match.span(which)
        if which == 1:
            values.append(match[1])
            start, end = start - 1, end + 1
        elif which == 4:
            values.append(from_hex(match[4]))
            start -= 2
        else:
            values.append(match[3])
        spans.append((base + start, base + end))
        at = match.end()
        if buffer[at - 1] == _BRACKET:
            source.position = at
            return True
        match = _SHORT_VALUE.match(buffer, at) if len(values) < MOST_COLUMNS else None
    source.position = at
    return False


def _read_long(source: Source) -> Column | None:
    """A value in the general form: prefix, string with escapes, function call."""
    source.skip_space()
    start = source.offset
    head = source.peek(32)
    replaced = _nested(head)
    if replaced:
        source.skip(8 * replaced)
        head = source.peek(32)
    prefix = re.match(rb"(?:_\w{1,20}\s{0,4}|[xXbBnN](?='))?(?=['\"])", head)
    if prefix is None:
        return _expression(source, start)
    source.skip(prefix.end())
    quote = source.peek(1)
    raw, cut = source.take_string()
    hexadecimal = prefix[0] in (b"x", b"X")
    value = from_hex(raw) if hexadecimal else unquoted_text(raw, quote, escapes=source.escapes)
    for _ in range(replaced):
        found = _REPLACED.match(source.peek(80))
        if found is None:
            return None
        source.skip(found.end())
        value = value.replace(found[1], bytes([min(int(found[2]), 255)]))
    return _closed(source, value, start, cut=cut)


def _nested(head: bytes) -> int:
    """How many ``replace(`` stand one in the other: SQLite's way to write line ends."""
    count = 0
    while head.startswith(b"replace(", 8 * count) and count < 3:
        count += 1
    return count


def _expression(source: Source, start: int) -> Column | None:
    """A call or a constant, kept as it is written."""
    raw, cut = source.take_expression(MOST_VALUE)
    if not raw:
        return None
    value = from_hex(raw[2:]) if raw[:2] in (b"0x", b"0X") else raw
    return _closed(source, value, start, cut=cut)


def _closed(source: Source, value: bytes, start: int, *, cut: bool) -> Column | None:
    end = source.offset
    source.skip_space()
    after = source.peek(1)
    if after not in (b",", b")"):
        return None
    source.skip(1)
    return Column(value, start, end, last=after == b")", cut=cut)


def _open_blocks(text: bytes, *, escapes: bool) -> int:
    """How many more BEGIN and CASE there are than END."""
    depth = 0
    for match in _BLOCK.finditer(blanked(text, escapes=escapes)):
        word = match[0][:3].upper()
        if word != b"END":
            depth += 1
        elif match[1] is None or match[1].upper() == b"CASE":
            depth -= 1
    return depth


def _routine(match: re.Match[bytes], text: bytes, offset: int, line: int, *, cut: bool) -> Routine:
    kind = RoutineKind(match[1].decode("ascii").lower())
    on_table = None
    if kind is RoutineKind.TRIGGER:
        on_table = _ON_TABLE.search(text, match.end(), match.end() + 1000)
    table = unquoted_name(on_table[1]) if on_table else ""
    return Routine(kind, unquoted_name(match[2]), text.strip(), table, offset, line, cut)

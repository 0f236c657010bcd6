"""Reports as a table: any delimiter, any usual name of a column, any encoding that a desk uses."""

import csv
from collections.abc import Iterator, Sequence

from unhijack.core.errors import WrongUse
from unhijack.core.text import printable
from unhijack.parse.charset import as_utf8
from unhijack.parse.reports.claim import (
    LONGEST_CELL,
    Refusal,
    Said,
    Written,
    readable,
    said,
    search_step,
)

MOST_ROWS = 100_000
MOST_COLUMNS = 200
LONGEST_LINE = 64 * 1024
DELIMITERS = ",;\t|"

_COLUMNS = {
    "url": (
        "url uri address link website webpage site domain host hostname fqdn page reported_url "
        "reported_address adresse webseite webadresse seite domaine sitio dirección indirizzo sito "
        "adres strona webbplats adress hjemmeside verkkosivu weboldal"
    ),
    "search": (
        "search search_words search_term search_terms query keyword keywords suchbegriff "
        "suchbegriffe suchwörter mots_clés recherche búsqueda ricerca zoekwoorden"
    ),
    "referrer": "referrer referer from came_from source_page herkunft",
    "pathway": "pathway path way steps",
    "mark": "id report_id uuid reference date time timestamp first_seen seen datum fecha data_ora",
    "reporter": "reporter reporter_mail reporter_email mail email e_mail contact melder",
}
_ROLES = {name: role for role, names in _COLUMNS.items() for name in names.split()}


def table_claims(content: bytes, source: str) -> Iterator[Said]:
    """Each row of a table. One without a row of names has its addresses in the first column
    that holds one.
    """
    text = (
        as_utf8(content, None).decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=_delimiter(text))
    roles: dict[int, str] = {}
    for number in range(1, MOST_ROWS + 2):
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refusal(lines.place, printable(f"it is no row of a table: {error}", 200))
            continue
        if number > MOST_ROWS:
            yield Refusal(lines.place, f"more than {MOST_ROWS} rows: the rest was not read")
            return
        if not any(cell.strip() for cell in row):
            continue
        if not roles:
            roles = _named(row)
            if roles:
                continue
            roles = _guessed(row)
        yield _claim(row, roles, lines.place, source)


class _Lines:
    """The lines of a text; one that is too long comes cut. A quoted cell may span some of them,
    yet not the whole rest of a file for want of its closing quote.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.place = 0
        """Of the line that was read last, from 1."""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self._at >= len(self._text):
            raise StopIteration
        end = self._text.find("\n", self._at)
        end = len(self._text) if end < 0 else end + 1
        line, self._at = self._text[self._at : end], end
        self.place += 1
        if len(line) > LONGEST_LINE:
            return line[:LONGEST_LINE].replace('"', "'") + "\n"
        return line.replace('"', "'") if line.count('"') % 2 else line


def _delimiter(text: str) -> str:
    """Whichever the first line has most of."""
    first = text[:LONGEST_LINE].partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _named(row: Sequence[str]) -> dict[int, str]:
    """Columns by their names; nothing where the row names no address."""
    roles: dict[int, str] = {}
    for index, cell in enumerate(row[:MOST_COLUMNS]):
        name = "_".join(cell[:60].strip().strip("\ufeff\"'").casefold().replace("-", " ").split())
        role = _ROLES.get(name)
        if role is not None and role not in roles.values():
            roles[index] = role
    return roles if "url" in roles.values() else {}


def _guessed(row: Sequence[str]) -> dict[int, str]:
    for index, cell in enumerate(row[:MOST_COLUMNS]):
        try:
            readable(cell[:LONGEST_CELL])
        except WrongUse:
            continue
        return {index: "url"}
    return {0: "url"}


def _claim(row: Sequence[str], roles: dict[int, str], place: int, source: str) -> Said:
    if len(row) > MOST_COLUMNS:
        return Refusal(place, f"it has more than {MOST_COLUMNS} columns")
    cells = {role: row[index].strip() for index, role in roles.items() if index < len(row)}
    steps = [one.strip() for one in cells.get("pathway", "").split(" > ") if one.strip()]
    if not steps:
        steps = [search_step(cells.get("search", ""))]
        if cells.get("referrer"):
            steps.append(f"referrer:{cells['referrer']}")
    return said(
        Written(
            place,
            cells.get("url", ""),
            tuple(step for step in steps if step),
            cells.get("mark", ""),
            cells.get("reporter", ""),
        ),
        source,
    )

"""What a database holds, as a dump or a live connection gives it."""

from dataclasses import dataclass
from enum import StrEnum

Value = bytes | None
"""What a column holds, as it is stored; None for NULL. Numbers as their decimal text."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and what its rows are told apart by."""

    name: str
    columns: tuple[str, ...]
    """In order; empty where nobody said."""
    key: tuple[str, ...] = ()
    """Columns of the primary key; empty where there is none, or it is not known."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `spans` and `offset` are of a dump's bytes; a live row has none."""

    table: Table
    values: tuple[Value, ...]
    spans: tuple[tuple[int, int], ...] = ()
    """Where each value is written in the dump, quotes included."""
    offset: int = 0
    line: int = 0
    """From 1; 0 for a live row."""
    cut: bool = False
    """A value was longer than is read: it is there in part."""

    def value(self, column: str) -> Value:
        """What a column holds; None where it holds NULL or there is no such column."""
        try:
            return self.values[self.table.columns.index(column)]
        except (ValueError, IndexError):
            return None


class RoutineKind(StrEnum):
    """What a database runs by itself, or when it is called."""

    TRIGGER = "trigger"
    PROCEDURE = "procedure"
    FUNCTION = "function"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Routine:
    """A program that is stored in a database."""

    kind: RoutineKind
    name: str
    text: bytes
    """The whole CREATE statement, version comments opened."""
    table: str = ""
    """Of a trigger."""
    offset: int = 0
    line: int = 0
    cut: bool = False
    """Longer than is read."""

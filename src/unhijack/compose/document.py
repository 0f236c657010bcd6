"""A letter before it has a form: blocks of lines, which text, HTML and paper are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from unhijack.compose.tongue import Line, Span


@dataclass(frozen=True, slots=True)
class Heading:
    """What the blocks after it are about."""

    line: Line


@dataclass(frozen=True, slots=True)
class Para:
    """Sentences."""

    line: Line
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Literal:
    """An address, name or command on a line of its own, to be copied as it stands."""

    text: str
    command: bool = False
    link: bool = False
    """May be opened from here."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A label with what belongs to it."""

    label: Line
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What was seen."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, with the commands that do it."""

    line: Line
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """Things to do, in order; or a list in none."""

    steps: tuple[Step, ...]
    numbered: bool = True


Block = Heading | Para | Literal | Facts | Steps


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks in one language."""

    tag: str
    direction: str
    blocks: Sequence[Block]


def value(text: str) -> Line:
    """A line that is one value."""
    return (Span(text, value=True),)

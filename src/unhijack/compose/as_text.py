"""A letter as plain text, for any mail program."""

import textwrap
from collections.abc import Iterator, Sequence

from unhijack.compose.document import Block, Facts, Heading, Literal, Para, Part, Steps
from unhijack.compose.tongue import Line, plain

WIDTH = 72
INDENT = "    "
SHORT = 30
_KEPT = "\x00"
"""In place of a space at which no line ends; nothing that is printable has it."""


def text_of(parts: Sequence[Part]) -> str:
    """The parts, one after the other. Addresses and commands stand on lines of their own, whole."""
    rendered = ["\n\n".join(_paragraphs(part.blocks)) for part in parts]
    return f"\n\n{'=' * WIDTH}\n\n".join(rendered) + "\n"


def _paragraphs(blocks: Sequence[Block]) -> Iterator[str]:
    """Literals in a row are one paragraph."""
    row: list[str] = []
    for block in blocks:
        if isinstance(block, Literal) and not block.command:
            row.append(INDENT + block.text)
            continue
        if row:
            yield "\n".join(row)
            row = []
        yield _block(block)
    if row:
        yield "\n".join(row)


def _block(block: Block) -> str:
    match block:
        case Heading(line):
            title = plain(line)
            return f"{title}\n{'-' * len(title)}"
        case Para(line):
            return _wrapped(_whole(line))
        case Literal(text):
            return INDENT + text
        case Facts(facts):
            return "\n".join(
                "\n".join((f"{plain(one.label)}:", *(_hanging(_whole(line)) for line in one.lines)))
                for one in facts
            )
        case Steps():
            return _steps(block)


def _steps(block: Steps) -> str:
    lines: list[str] = []
    for number, step in enumerate(block.steps, 1):
        mark = f"{number}. " if block.numbered else "- "
        lines.append(_wrapped(_whole(step.line), f"  {mark}", " " * (len(mark) + 2)))
        lines += [f"{INDENT}  {command}" for command in step.commands]
    return "\n".join(lines)


def _whole(line: Line) -> str:
    """A line of which short values, a telephone number for one, are not broken."""
    return "".join(
        span.text.replace(" ", _KEPT) if span.value and len(span.text) <= SHORT else span.text
        for span in line
    )


def _hanging(text: str) -> str:
    """A value that has no space is not broken: it is to be copied."""
    return _wrapped(text, INDENT, INDENT + "  ")


def _wrapped(text: str, first: str = "", rest: str = "") -> str:
    filled = textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.replace(_KEPT, " ")

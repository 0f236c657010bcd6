"""A letter as HTML: for mail programs (nothing remote, no style sheet), and as blocks for paper.

No colours of its own, so that it reads in dark mode; every value is isolated from the direction
of the words around it; addresses and commands run from left to right.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from unhijack.compose.document import Block, Facts, Heading, Literal, Para, Part, Steps
from unhijack.compose.tongue import Line

_BODY = (
    "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:16px;"
    "line-height:1.5;max-width:42em;margin:0 auto;padding:16px"
)
_CODE = (
    "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:14px;white-space:pre-wrap;"
    "overflow-wrap:anywhere;direction:ltr;text-align:left;unicode-bidi:isolate;"
    "border:1px solid #888;border-radius:4px;padding:8px;margin:8px 0"
)
_PLAIN = "margin:0 0 12px;overflow-wrap:anywhere"
_RIGHT = frozenset({"R", "AL"})


def page_of(parts: Sequence[Part], title: str, below: Iterable[str] = ()) -> str:
    """A whole page in the language of the first part, with pieces of HTML below it."""
    first = parts[0]
    sections = [
        f'<div lang="{escape(part.tag)}" dir="{part.direction}">{blocks_html(part.blocks)}</div>'
        for part in parts
    ]
    return (
        f'<!DOCTYPE html><html lang="{escape(first.tag)}" dir="{first.direction}"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title></head>"
        f'<body style="{_BODY}">{"<hr>".join([*sections, *below])}</body></html>\n'
    )


def inner_of(page: str) -> str:
    """What stands in the body of a page that was made here."""
    return page.partition("<body")[2].partition(">")[2].rpartition("</body>")[0]


def blocks_html(blocks: Sequence[Block]) -> str:
    """Blocks, one after the other; literals in a row are one paragraph."""
    pieces: list[str] = []
    for plain, row in groupby(blocks, lambda one: isinstance(one, Literal) and not one.command):
        if plain:
            lines = "<br>".join(_literal(one) for one in row if isinstance(one, Literal))
            pieces.append(f'<p style="{_PLAIN}">{lines}</p>')
        else:
            pieces += map(_block, row)
    return "\n".join(pieces)


def isolated(text: str) -> str:
    """A value, apart from the direction of the words around it."""
    right = any(unicodedata.bidirectional(character) in _RIGHT for character in text)
    direction = "auto" if right else "ltr"
    return f'<bdi dir="{direction}">{escape(text)}</bdi>'


def _block(block: Block) -> str:
    match block:
        case Heading(line):
            return f'<h2 style="font-size:20px;margin:24px 0 8px">{_line(line)}</h2>'
        case Para(line, strong):
            text = f"<strong>{_line(line)}</strong>" if strong else _line(line)
            return f'<p style="margin:0 0 12px">{text}</p>'
        case Literal(text):
            return _command(text)
        case Facts(facts):
            return "<dl>" + "".join(
                f'<dt style="font-weight:bold">{_line(one.label)}</dt>'
                f'<dd style="margin:0 0 12px;margin-inline-start:16px;overflow-wrap:anywhere">'
                f"{'<br>'.join(map(_line, one.lines))}</dd>"
                for one in facts
            ) + "</dl>"  # fmt: skip
        case Steps(steps, numbered):
            tag = "ol" if numbered else "ul"
            items = "".join(
                f'<li style="margin:0 0 8px">{_line(step.line)}'
                f"{''.join(map(_command, step.commands))}</li>"
                for step in steps
            )
            return f"<{tag}>{items}</{tag}>"


def _literal(block: Literal) -> str:
    text = isolated(block.text)
    if block.link and block.text.startswith("https://"):
        return f'<a href="{escape(block.text)}">{text}</a>'
    return text


def _command(text: str) -> str:
    return f'<pre dir="ltr" style="{_CODE}">{escape(text)}</pre>'


def _line(line: Line) -> str:
    return "".join(isolated(span.text) if span.value else escape(span.text) for span in line)

"""A letter on paper, as HTML for a printer: A4, its address where the window of an envelope is."""

import re
from collections.abc import Sequence
from html import escape

from unhijack.compose.as_html import blocks_html, isolated
from unhijack.compose.document import Part
from unhijack.compose.letter_kinds import Letterhead, Manner, Matter, Occasion, Reader
from unhijack.compose.letter_texts import letter
from unhijack.compose.tongue import Tongue, _
from unhijack.core.text import printable

_REFERENCE = _("Our reference")
_DATE = _("Date")
_PAGE_OF = _("Page {page} of {pages}")

_ISOLATED = re.compile(r'<bdi dir="ltr">(.*?)</bdi>')
_STYLE = """
@page { size: A4; margin: 22mm 20mm 24mm 25mm;
  @bottom-center { content: PAGES; font: 8pt "DejaVu Sans", sans-serif; } }
@page :first { margin-top: 20mm }
html { font: 10pt/1.42 "DejaVu Serif", "DejaVu Sans", "Noto Serif", "Noto Naskh Arabic", serif }
[lang=ar] { font-family: "Noto Naskh Arabic", "DejaVu Sans", sans-serif; line-height: 1.55 }
body { margin: 0 }
header { height: 80mm; position: relative }
header .from { position: absolute; top: 0; inset-inline-end: 0; width: 75mm; font-size: 8.5pt }
header .from strong { font-size: 11pt }
header .back { position: absolute; top: 25mm; left: 0; width: 80mm; font-size: 6.5pt;
  border-bottom: .3pt solid; direction: ltr; text-align: left; overflow: hidden; height: 4mm }
header .to { position: absolute; top: 31mm; left: 0; width: 80mm; height: 27mm; overflow: hidden;
  direction: ltr; text-align: left; font-size: 9.5pt }
header .about { position: absolute; top: 44mm; inset-inline-end: 0; width: 75mm; font-size: 8.5pt }
[dir=rtl] header .from, [dir=rtl] header .about { left: 85mm; right: auto }
h1 { font-size: 11.5pt; margin: 0 0 6mm }
h2 { font-size: 10.5pt !important; margin: 5mm 0 2mm !important; break-after: avoid }
p, dd, li { orphans: 2; widows: 2 }
li, dd { break-inside: avoid }
pre { font: 7.5pt/1.3 "DejaVu Sans Mono", monospace !important; break-inside: avoid }
dt { break-after: avoid }
hr { border: 0; break-after: page }
"""


def paper(matter: Matter, head: Letterhead, reader: Reader, manner: Manner, subject: str) -> str:
    """The letter for a printer. It holds no address that a printer would have to fetch."""
    occasion = matter.occasion
    answer_to = occasion.answer_to or head.sender
    parts = [
        Part(
            tongue.tag,
            tongue.direction,
            tuple(letter(matter, head, reader, manner, tongue, answer_to)),
        )
        for tongue in manner.tongues
    ]
    sections = "<hr>".join(
        f'<section lang="{part.tag}" dir="{part.direction}">{blocks_html(part.blocks)}</section>'
        for part in parts
    )
    tongue = manner.tongue
    page = (
        f'<!DOCTYPE html><html lang="{tongue.tag}" dir="{tongue.direction}"><head>'
        f'<meta charset="utf-8"><title>{escape(subject)}</title>'
        f"<style>{_STYLE.replace('PAGES', _pages(tongue))}</style></head><body>"
        f"{_head(occasion, head, reader, tongue)}<h1>{_subject(matter, subject)}</h1>{sections}</body></html>"
    )
    return _marked(page) if tongue.direction == "rtl" else page


def _subject(matter: Matter, subject: str) -> str:
    return escape(subject).replace(escape(matter.host), isolated(matter.host))


def _marked(page: str) -> str:
    """The printer knows nothing of isolation: marks keep values from left to right."""
    return _ISOLATED.sub("\N{LEFT-TO-RIGHT MARK}\\1\N{LEFT-TO-RIGHT MARK}", page)


def _head(occasion: Occasion, head: Letterhead, reader: Reader, tongue: Tongue) -> str:
    name = head.name(tongue.tag)
    own = [printable(line) for line in (*head.postal, head.phone, head.sender) if line]
    to = [printable(line) for line in (reader.postal or (reader.mail,))][:7]
    about = (
        (tongue.text(_REFERENCE), occasion.reference),
        (tongue.text(_DATE), tongue.day(occasion.written_at)),
    )
    return (
        "<header>"
        f'<div class="from"><strong>{escape(name)}</strong><br>{_lines(own)}</div>'
        f'<div class="back">{escape(" · ".join((name, *head.postal)))}</div>'
        f'<div class="to">{_lines(to)}</div>'
        '<div class="about">'
        + "<br>".join(f"{escape(what)}: {isolated(text)}" for what, text in about)
        + "</div></header>"
    )


def _lines(lines: Sequence[str]) -> str:
    return "<br>".join(isolated(line) for line in lines)


def _pages(tongue: Tongue) -> str:
    """The foot of a page, in the words of CSS."""
    counters = {"{page}": "counter(page)", "{pages}": "counter(pages)"}
    said = tongue.say(_PAGE_OF, page="{page}", pages="{pages}")
    return " ".join(counters.get(span.text, f'"{_quoted(span.text)}"') for span in said)


def _quoted(text: str) -> str:
    return text.replace("\\", "").replace('"', "").replace("<", "")

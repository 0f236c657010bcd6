"""What the one-file scanner asks of each file."""

from __future__ import annotations

from unhijack.parse.plain import foreign
from unhijack.parse.plain.clues import Clues
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.php import php_signs
from unhijack.parse.plain.prefilter import is_php

PROGRAMS = frozenset(
    "php php3 php4 php5 php7 php8 phtml pht phar inc module theme install tpl".split()
)
PAGES = frozenset("asp aspx asa asax ashx asmx cer cdx jsp jspx jspf cfm cfml svc soap".split())
SCRIPTS = frozenset("pl py cgi rb sh pm".split())


def plain_marks(name: str, content: bytes, clues: Clues | None = None) -> list[Mark]:
    """Marks of planted code in one file, strongest first; never raises."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    marks: list[Mark] = []
    if ending in PAGES or (ending not in PROGRAMS and b"<%" in content[:4096]):
        marks += foreign.server_page_marks(content)
    if ending in SCRIPTS or content[:2] == b"#!":
        marks += foreign.script_marks(content)
    if is_php(content):
        marks += php_signs(content, name, clues)
    return sorted(marks, key=lambda mark: -mark.confidence)

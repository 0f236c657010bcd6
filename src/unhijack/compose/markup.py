"""Pages as trees: text is escaped because there is no other way to put it in."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import TypeAlias

from unhijack.core.text import printable

Element: TypeAlias = ET.Element
Child: TypeAlias = "Element | str | None"
LONGEST = 1_000
"""Characters of one piece of text."""


def element(name: str, /, *children: Child, **attributes: str) -> Element:
    """An element with text and elements in it; ``class_`` is ``class``, ``a_b`` is ``a-b``."""
    made = ET.Element(
        name, {_name(key): printable(value, LONGEST) for key, value in attributes.items()}
    )
    for child in children:
        add(made, child)
    return made


def add(parent: Element, child: Child) -> None:
    """Put something at the end of an element."""
    if child is None:
        return
    if not isinstance(child, str):
        parent.append(child)
        return
    text = printable(child, LONGEST)
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def html(root: Element, texts: Mapping[str, str]) -> str:
    """The page as HTML. `texts` are our own, long, and stand in for the text of ``<style>``."""
    for style in root.iter("style"):
        style.text = texts["style"]
    return "<!doctype html>\n" + ET.tostring(root, encoding="unicode", method="html") + "\n"


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")

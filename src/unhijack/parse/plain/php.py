"""Marks of planted code in a PHP file."""

from __future__ import annotations

from typing import Dict, List, Tuple

from unhijack.parse.plain.features import features
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.prefilter import needs_look
from unhijack.parse.plain.program import Program, read_program
from unhijack.parse.plain.rules import EVENT_RULES
from unhijack.parse.plain.tokens import HTML
from unhijack.parse.plain.traits import SUSPICIOUS, look_of
from unhijack.parse.plain.values import RELAYED, Event

MAX_READ = 4 << 20
MAX_MARKS = 60
RELAY = 0.9
"""What counts an event whose values went through functions of the program: some of them check."""
ASLEEP = 0.75
"""What code in a text counts beside code that is run."""


def php_signs(content: bytes) -> List[Mark]:
    """What a PHP file's own program says against it, strongest first."""
    content = content[:MAX_READ]
    if not needs_look(content):
        return []
    program = read_program(content)
    marks = event_marks(program)
    marks += _look(content, program)
    return sorted(marks, key=lambda mark: -mark.confidence)


def _look(content: bytes, program: Program) -> List[Mark]:
    """The mark for what the file looks like as a whole."""
    look = look_of(features(content, program))
    if look < SUSPICIOUS:
        return []
    confidence = min(0.5 + (look - SUSPICIOUS) * 0.07, 0.85)
    start, end = _code_span(program, len(content))
    reason = "Looks like planted code in many small things together."
    return [Mark("php-look", "webshell", confidence, reason, start, end)]


def _code_span(program: Program, size: int) -> Tuple[int, int]:
    first = next((token.start for token in program.tokens if token.kind != HTML), 0)
    return first, min(first + 200, size)


def event_marks(program: Program) -> List[Mark]:
    """One mark for each event that a rule of `EVENT_RULES` fits, the first that fits."""
    marks: Dict[Tuple[str, int], Mark] = {}
    asleep = {number for first, last in program.dormant for number in range(first, last)}
    for number, event in enumerate(program.events):
        rule = next((rule for rule in EVENT_RULES if rule.test(event)), None)
        if rule is None or len(marks) >= MAX_MARKS:
            continue
        mark = Mark(rule.name, rule.kind, rule.confidence, rule.reason, event.start, event.end)
        if event.flags & RELAYED:
            mark = mark._replace(confidence=mark.confidence * RELAY)
        if number in asleep:
            mark = mark._replace(rule="php-text-" + rule.name[4:], kind="dropper", confidence=mark.confidence * ASLEEP,
                                 reason="A text in it is a program: " + rule.reason)
        marks.setdefault((mark.rule, event.start), mark)
    return sorted(marks.values(), key=lambda mark: -mark.confidence)


__all__ = ["Event", "php_signs"]

"""Marks of planted code in a PHP file."""

from __future__ import annotations

from typing import Dict, List

from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.program import Program, read_program
from unhijack.parse.plain.rules import EVENT_RULES
from unhijack.parse.plain.values import Event

MAX_READ = 4 << 20
MAX_MARKS = 60


def php_signs(content: bytes) -> List[Mark]:
    """What a PHP file's own program says against it."""
    content = content[:MAX_READ]
    program = read_program(content)
    return event_marks(program)


def event_marks(program: Program) -> List[Mark]:
    """One mark for each event that a rule of `EVENT_RULES` fits, the first that fits."""
    marks: Dict[tuple[str, int], Mark] = {}
    for event in program.events:
        rule = next((rule for rule in EVENT_RULES if rule.test(event)), None)
        if rule is None or len(marks) >= MAX_MARKS:
            continue
        marks.setdefault(
            (rule.name, event.start),
            Mark(rule.name, rule.kind, rule.confidence, rule.reason, event.start, event.end),
        )
    return sorted(marks.values(), key=lambda mark: -mark.confidence)


__all__ = ["Event", "php_signs"]

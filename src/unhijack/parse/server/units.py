"""systemd's units: what they run, and how they come back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.commands import LONGEST, command_marks

MOST_BYTES = 1024 * 1024
MOST_LINES = 10_000

_SETTING = re.compile(rb"[ \t]*(\w{1,60})[ \t]*=[ \t]*")
_RUNS = re.compile(rb"Exec(?:Start|StartPre|StartPost|Stop|StopPost|Reload|Condition)|Environment")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a unit, lines that go on joined by blanks."""

    section: str
    name: str
    value: bytes
    start: int
    """Byte offset of the value."""
    line: int


def settings_of(content: bytes) -> Iterator[Setting]:
    """The settings of a unit, timer or drop-in, in order. Never raises."""
    section, start, waiting = "", 0, None
    for number, line in enumerate(content[:MOST_BYTES].split(b"\n")[:MOST_LINES], start=1):
        text = line.rstrip(b"\r")
        if waiting is not None:
            waiting = _joined(waiting, text)
        elif found := _SETTING.match(text):
            name = found[1].decode("ascii")
            value = text[found.end() :]
            waiting = Setting(section, name, value, start + found.end(), number)
        elif text.startswith(b"["):
            section = text.strip(b"[] \t")[:60].decode("utf-8", "replace")
        if waiting is not None and not text.endswith(b"\\"):
            yield waiting
            waiting = None
        start += len(line) + 1
    if waiting is not None:
        yield waiting


def _joined(one: Setting, more: bytes) -> Setting:
    """The same length as in the file, so that offsets stay true."""
    value = one.value if len(one.value) > 2 * LONGEST else one.value[:-1] + b"  " + more
    return Setting(one.section, one.name, value, one.start, one.line)


def unit_marks(content: bytes) -> tuple[Mark, ...]:
    """What a unit gives away. A unit that is certain is planted as a whole."""
    settings = list(settings_of(content))
    marks = [
        mark
        for one in settings
        if _RUNS.fullmatch(one.name.encode())
        for mark in command_marks(one.value, one.start)
    ]
    comes_back = any(
        one.name == "Restart" and one.value.strip() in (b"always", b"on-failure", b"on-abort")
        for one in settings
    )
    sure = any(one.confidence >= 0.9 for one in marks)
    if sure or (comes_back and any(one.rule == "run-place" for one in marks)):
        return tuple(one._replace(whole=sure) for one in marks)
    return tuple(marks)

"""What a rule about a PHP program is made of: its row, and what is asked of an event."""

from __future__ import annotations

from typing import Callable, NamedTuple

from unhijack.parse.plain import sources
from unhijack.parse.plain.values import UNKNOWN, Event, Value


class Rule(NamedTuple):
    """One thing that planted code does."""

    name: str
    kind: str
    confidence: float
    reason: str
    test: Callable[[Event], bool]


PROGRAM_ENDINGS = (
    b".php",
    b".phtml",
    b".php5",
    b".php7",
    b".pht",
    b".inc",
    b".phar",
    b".php4",
    b".php3",
)
DATA_ENDINGS = (
    b".ico", b".png", b".jpg", b".jpeg", b".gif", b".txt", b".log", b".css", b".js", b".bmp", b".svg",
    b".webp", b".pdf", b".ttf", b".woff", b".dat", b".zip", b".mp3", b".ott", b".tmp", b".csv", b".json",
    b".xml", b".wav", b".ics", b".vcf", b".mp4", b".cache", b".lock",
)  # fmt: skip


def argument(event: Event, number: int) -> Value:
    """One argument, or an unknown one."""
    return event.arguments[number] if number < len(event.arguments) else UNKNOWN


KEEPS_ENDING = (b"fopen:", b"joined:", b"template:")
"""Values whose `function` ends as the path does that they stand for."""


def path_is_code(value: Value) -> bool:
    """Whether a path, or what was opened there, is a program by its name."""
    path = value.text.lower().rstrip(b"\0 ")
    if not path and value.function.startswith(KEEPS_ENDING):
        path = value.function.lower()
    return path.endswith(PROGRAM_ENDINGS)


def path_is_data(value: Value) -> bool:
    """Whether a path, or what was opened there, is no program and no page by its name."""
    path = value.function if value.function.startswith(KEEPS_ENDING) else value.text
    return path.lower().endswith(DATA_ENDINGS)


def path_is_picture(value: Value) -> bool:
    """Whether a path, or what was opened there, is a picture by its name."""
    path = value.function if value.function.startswith(KEEPS_ENDING) else value.text
    return path.lower().endswith((b".jpg", b".jpeg", b".png", b".gif", b".ico", b".bmp", b".svg"))


def writes(event: Event) -> bool:
    """Whether something is written into a file."""
    return event.what == "call" and event.name in sources.WRITERS and len(event.arguments) > 1

"""What came back from the sandbox, read as what a stranger may have written."""

import json
from dataclasses import dataclass

MOST = 1_000
VISIT = frozenset({"referrer", "cookie", "time", "dice"})
"""What differs between two visits to one page with one browser."""
_LONGEST = 70_000


@dataclass(frozen=True, slots=True)
class RawIntent:
    """One wish to be elsewhere, as it was recorded."""

    how: str
    """``location``, ``open``, ``link``, ``form``, ``refresh``, ``frame``, ``worker``."""
    url: str
    """As given: an address relative to `base`, or the content of a refresh."""
    base: str
    script: int
    """The number of the script that did it; -1 where that is not known."""
    phase: str
    """``load``, ``timer``, ``click``, ``back``."""
    at: int
    """Milliseconds of the page's own time."""
    over: bool
    """Of a frame: it lies over the page."""


@dataclass(frozen=True, slots=True)
class Trace:
    """All that a page's scripts did."""

    intents: tuple[RawIntent, ...]
    wanted: tuple[str, ...]
    """Addresses of scripts that were put into the page."""
    written: tuple[tuple[str, int], ...]
    """Markup that was written into the page, and the script that did it."""
    workers: tuple[tuple[str, int], ...]
    """Service workers that were registered, and the script that did it."""
    cut: str
    """Why it was cut short; empty where it was not."""
    looked: frozenset[str]
    """What of a visit the page looked at, by the names in `VISIT`; all of it where that is not known."""


def read_trace(content: bytes) -> Trace | None:
    """A trace; None for what is none. Never raises."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not isinstance(data.get("done"), bool):
        return None
    cut = _text(data.get("cut")) or ("" if data["done"] else "time")
    return Trace(
        tuple(_intent(one) for one in _entries(data, "intents")),
        tuple(text for one in _list(data, "wanted") if (text := _text(one))),
        tuple(
            (_text(one.get("html")), _number(one, "script")) for one in _entries(data, "written")
        ),
        tuple((_text(one.get("url")), _number(one, "script")) for one in _entries(data, "workers")),
        cut[:40],
        _looked(data.get("looked")),
    )


def _looked(value: object) -> frozenset[str]:
    if not isinstance(value, dict):
        return VISIT
    return frozenset(name for name in VISIT if value.get(name) is not False)


def _intent(one: dict[str, object]) -> RawIntent:
    return RawIntent(
        _text(one.get("how")),
        _text(one.get("url")),
        _text(one.get("base")),
        _number(one, "script"),
        _text(one.get("phase")),
        _number(one, "at"),
        one.get("over") is True,
    )


def _list(data: dict[str, object], name: str) -> list[object]:
    value = data.get(name)
    return value[:MOST] if isinstance(value, list) else []


def _entries(data: dict[str, object], name: str) -> list[dict[str, object]]:
    return [one for one in _list(data, name) if isinstance(one, dict)]


def _text(value: object) -> str:
    """Lone surrogates, which a script can make and nothing can store, are replaced."""
    if not isinstance(value, str):
        return ""
    return value[:_LONGEST].encode("utf-8", "replace").decode()


def _number(one: dict[str, object], name: str) -> int:
    value = one.get(name)
    return value if isinstance(value, int) and abs(value) < 1 << 53 else -1

"""Between a visit and the script tier: what a page's scripts may know, and what they wished."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from unhijack.core.evidence import Failure, Persona, Via, is_offsite
from unhijack.core.site import NotAnAddress, parse_address
from unhijack.parse.intents import Intent, Ran
from unhijack.ports import Response


@dataclass(frozen=True, slots=True)
class View:
    """A page as a visitor got it."""

    url: str
    home: str
    response: Response
    referrer: str
    cookie: str
    persona: Persona
    now: int
    """Milliseconds since 1970."""
    number: int
    """Of the visit: each has other dice."""


Loader = Callable[[str], Awaitable[Response | Failure | None]]
"""Asks for a script as part of a page: the answer, or why there is none; None: no script."""


class ScriptTier(Protocol):
    """What runs a page's scripts; the wire tier imports nothing of it."""

    async def run(self, view: View, load: Loader) -> Ran:
        """Where a page's scripts would take its visitor."""
        ...

    async def close(self) -> None:
        """End what runs them."""
        ...


def leaves(target: str, home: str) -> bool:
    """Whether an address, as it was found, is off the site `home`."""
    try:
        return is_offsite(parse_address(target).host, home)
    except NotAnAddress:
        return False


def chosen(intents: Sequence[Intent], home: str, met: Sequence[str]) -> Intent | None:
    """The first that leads off the site; else where the page itself goes, if it is new."""
    for intent in intents:
        if leaves(intent.target, home):
            return intent
    for intent in intents:
        goes = intent.via is Via.SCRIPT and intent.cause.when in ("load", "timer")
        if goes and intent.wrong is None and intent.target not in met:
            return intent
    return None

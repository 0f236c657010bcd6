"""Somebody's claim: an address, and how they got there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from unhijack.core.data import Json, objects
from unhijack.core.errors import WrongUse
from unhijack.core.site import Address, NotAnAddress, parse_address

MOST_STEPS = 10
"""Steps of a pathway that are replayed; a longer one is refused."""


class StepKind(StrEnum):
    """What the reporter did."""

    ADDRESS = "address"
    """Typed or opened an address directly."""
    CLICK = "click"
    """Clicked a link that led to this address, on the page before."""
    SEARCH = "search"
    """Came from a search engine, with these words."""
    REFERRER = "referrer"
    """Came from a page at this address, which is not visited itself."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a pathway."""

    kind: StepKind
    value: str
    """An absolute address, or search words."""


Pathway = tuple[Step, ...]
"""Ordered steps, replayed in one cookie jar; the reported address itself comes last."""


@dataclass(frozen=True, slots=True)
class Report:
    """A claim as it was received. It is no verdict, and nobody is told on its strength alone."""

    url: str
    pathway: Pathway
    received_at: datetime
    source: str
    """``citizen``, ``sweep`` or another channel."""
    party: str = ""
    """Whose share of the day it uses: a feed's name, or a keyed hash of the mailbox that sent it."""
    reporter: str | None = None
    """The person who is told what becomes of it; None stays anonymous."""


def parse_step(text: str) -> Step:
    """``search:words``, ``referrer:URL``, ``click:URL`` or ``address:URL``. Raises WrongUse."""
    kind, colon, value = text.partition(":")
    kinds = ", ".join(kind.value for kind in StepKind)
    if not colon or kind not in set(StepKind) or not value.strip():
        raise WrongUse(f"pathway step {text[:200]!r} must be one of {kinds}, a colon, a value")
    if kind == StepKind.SEARCH:
        return Step(StepKind.SEARCH, " ".join(value.split())[:200])
    try:
        return Step(StepKind(kind), parse_address(value.strip()).href)
    except NotAnAddress as error:
        raise WrongUse(f"pathway step {text[:200]!r}: {error}") from None


def make_report(address: Address, pathway: Pathway, received_at: datetime, source: str) -> Report:
    """A report with a pathway of bearable length. Raises WrongUse."""
    if len(pathway) > MOST_STEPS:
        raise WrongUse(f"a pathway has at most {MOST_STEPS} steps, not {len(pathway)}")
    return Report(address.href, pathway, received_at, source)


def way_to(pathway: Pathway, goal: str) -> Pathway:
    """The steps before the address `goal` itself: a step that is that address is the arrival."""
    return tuple(step for step in pathway if step.kind is StepKind.SEARCH or step.value != goal)


def pathway_of(data: Json) -> Pathway:
    """A pathway from an event's data."""
    return tuple(Step(StepKind(str(step["kind"])), str(step["value"])) for step in objects(data))


def pathway_data(pathway: Pathway) -> Json:
    """A pathway for an event's data."""
    return [{"kind": str(step.kind), "value": step.value} for step in pathway]

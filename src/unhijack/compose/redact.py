"""What a recipient may see. Documents are made of Cleared values alone, and this makes them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from unhijack.core.case import Case
from unhijack.core.data import Data, items, objects
from unhijack.core.text import defang, printable

MOST_HOPS = 3
"""Own addresses that a notice shows and replays."""


@dataclass(frozen=True, slots=True)
class OwnHop:
    """An address of the owner's own site, and what it answered."""

    url: str
    """In full: it is theirs."""
    status: int | None
    leads_by: str
    """How it sends the visitor on: ``location``, ``refresh``, ``meta``, ``script`` and so on."""
    script: str | None = None
    """SHA-256 of the script that does it, if one does."""
    script_host: str | None = None
    """Where that script was loaded from, defanged; None for one that stands in the page."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """A finding, as the owner of the site may see it: no full destination, no word on what it is."""

    site_url: str
    seen_at: datetime
    times: int
    visits: int
    conditions: tuple[str, ...]
    own_hops: tuple[OwnHop, ...]
    sent_to: str
    """The first host off the site, defanged."""
    persona: str


def for_owner(case: Case) -> Cleared:
    """What the owner of a case's site may see of the examination that showed the redirect."""
    assert case.verdict is not None
    log = objects(case.verdict.get("visit_log"))
    left = [entry for entry in log if entry["outcome"] == "left"]
    first = left[0]
    hops = objects(first["hops"])
    away = next(hop for hop in hops if hop["url"] is None)
    return Cleared(
        site_url=printable(case.url, 2000),
        seen_at=datetime.fromisoformat(str(first["at"])).astimezone(UTC),
        times=len(left),
        visits=len(log),
        conditions=tuple(str(text) for text in items(case.verdict.get("conditions"))),
        own_hops=tuple(
            _own_hop(hop, onward)
            for hop, onward in pairwise(hops)
            if hop["url"] is not None and onward["via"] is not None
        )[:MOST_HOPS],
        sent_to=defang(str(away["host"])),
        persona=str(first["persona"]),
    )


def _own_hop(hop: Data, onward: Data) -> OwnHop:
    cause = onward.get("script")
    known = cause if isinstance(cause, dict) else {}
    digest, host = known.get("sha256"), known.get("host")
    return OwnHop(
        printable(str(hop["url"]), 2000),
        _status(hop),
        str(onward["via"]),
        str(digest) if digest else None,
        defang(str(host)) if host else None,
    )


def _status(hop: Data) -> int | None:
    status = hop["status"]
    return status if isinstance(status, int) else None

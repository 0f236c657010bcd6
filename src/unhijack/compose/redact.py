"""What a recipient may see. Documents are made of Cleared values alone, and this makes them."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import pairwise

from unhijack.core.case import Case
from unhijack.core.condition import Condition, condition_from_data, condition_from_text
from unhijack.core.data import Data, Json, items, objects
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
class MadeWith:
    """What the site said that it is made with, as codes; empty for what is not known."""

    cms: str = ""
    server: str = ""
    panel: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Cleared:
    """A finding, as the owner of the site may see it: no full destination, no word on what it is."""

    site_url: str
    seen_at: datetime
    times: int
    visits: int
    conditions: tuple[Condition, ...]
    own_hops: tuple[OwnHop, ...]
    sent_to: str
    """The first host off the site, defanged."""
    persona: str
    made_with: MadeWith = MadeWith()
    cause: str = ""
    """How they probably got in, as a scan names it; empty where nobody looked inside."""
    confidence: float = 0.0
    """0 to 1: of the verdict."""

    @property
    def host(self) -> str:
        """The site's name."""
        return self.site_url.split("/")[2][:253]


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
        conditions=_conditions(case.verdict),
        own_hops=tuple(
            _own_hop(hop, onward)
            for hop, onward in pairwise(hops)
            if hop["url"] is not None and onward["via"] is not None
        )[:MOST_HOPS],
        sent_to=defang(str(away["host"])),
        persona=str(first["persona"]),
        made_with=_made_with(case.verdict.get("made_with")),
        cause=printable(str((case.scan or {}).get("way") or ""), 40),
        confidence=_share(case.verdict.get("confidence")),
    )


def _conditions(verdict: Data) -> tuple[Condition, ...]:
    """By code; journals of before have English text alone."""
    met = [condition_from_data(one) for one in items(verdict.get("met"))]
    if met and None not in met:
        return tuple(one for one in met if one is not None)
    return tuple(condition_from_text(str(one)) for one in items(verdict.get("conditions")))


def _made_with(found: Json) -> MadeWith:
    known = found if isinstance(found, dict) else {}
    names = [field.name for field in fields(MadeWith)]
    return MadeWith(**{name: printable(str(known.get(name) or ""), 20) for name in names})


def _share(value: Json) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else 0.0


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

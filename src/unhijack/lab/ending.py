"""How the demo ended: the tally, the campaigns, how long each site stayed hijacked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from unhijack.core.case import Case, Event, Kind
from unhijack.core.data import items, objects


@dataclass(frozen=True, slots=True)
class Campaign:
    """How one campaign ended: the victims that led to the same first distributor."""

    entry: str
    """Its first distributor, as the visits saw it."""
    ways: tuple[str, ...]
    """How it sent visitors on."""
    sites: int
    told: int
    clean: int


@dataclass(frozen=True, slots=True)
class Spell:
    """How long a site stayed hijacked after its owner was told."""

    time: timedelta
    mended: bool
    """False: it still was when the story ended."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How it ended. The same for the same seed."""

    reports: int
    """Received, the sweep's among them."""
    verified: int
    """Cases whose redirect was confirmed."""
    told: int
    """Cases whose owner has at least one notice for certain."""
    clean: int
    """Verified clean, and clean still at every test since."""
    caught: int
    """Claims of being clean that the re-check showed to be untrue."""
    relapsed: int
    """Hijacked again after they had been verified clean, and reopened."""
    open: int
    """Cases that are hijacked still, or not known to be clean."""
    uncertain: int
    """Notices of which nobody knows whether they left (after a crash alone)."""
    accused: int
    """Honest sites called hijacked: none, or something is wrong."""
    missed: int
    """Hijacked sites without a case."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The tally, the cases, and where everything lies."""

    tally: Tally
    cases: Sequence[Case]
    campaigns: Sequence[Campaign]
    spells: Sequence[Spell]
    mails: Path
    state: Path
    media_requests: int
    """Pictures, films and sounds that were asked for: none."""


def campaigns_of(cases: Sequence[Case]) -> list[Campaign]:
    """The cases by the first host that their visitors were sent to, the largest first."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        for place in objects((case.verdict or {}).get("destinations"))[:1]:
            hosts = [*(str(host) for host in items(place["via"])), str(place["host"])]
            groups.setdefault(hosts[0], []).append(case)
    found = [
        Campaign(
            entry,
            tuple(sorted({way for case in group for way in _ways(case)})),
            len(group),
            sum(case.told for case in group),
            sum(case.clean for case in group),
        )
        for entry, group in groups.items()
    ]
    return sorted(found, key=lambda one: (-one.sites, one.entry))


def _ways(case: Case) -> set[str]:
    """How visitors were sent off the site: the first hop to somebody else."""
    found = set()
    for entry in objects((case.verdict or {}).get("visit_log")):
        away = next((hop for hop in objects(entry["hops"]) if hop["url"] is None), None)
        if away is not None and away["via"]:
            found.add(str(away["via"]))
    return found


def spell_of(events: Sequence[Event], end: datetime) -> Spell | None:
    """From a case's first notice to the first time that its site was verified clean."""
    told = next((e.at for e in events if e.kind is Kind.DELIVERED), None)
    if told is None:
        return None
    watched = next((e.at for e in events if e.kind is Kind.MONITORED), None)
    return Spell((watched or end) - told, watched is not None)

"""What was concluded of a site, and from what."""

from dataclasses import dataclass
from enum import StrEnum

from unhijack.core.condition import Condition
from unhijack.core.data import Json


class Ruling(StrEnum):
    """The five things that can be said of an address."""

    HIJACKED = "hijacked"
    SUSPICIOUS = "suspicious"
    CLEAN = "clean"
    INCONCLUSIVE = "inconclusive"
    UNREACHABLE = "unreachable"

    @property
    def found(self) -> bool:
        """Whether something was found (exit code 1)."""
        return self in (Ruling.HIJACKED, Ruling.SUSPICIOUS)

    @property
    def open(self) -> bool:
        """Whether it could not be judged (exit code 2)."""
        return self in (Ruling.INCONCLUSIVE, Ruling.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Reason:
    """One explanation, with the visit that shows it best."""

    code: str
    """Stable, for programs: ``differs``, ``same-for-everyone``."""
    text: str
    """For people; hosts in it are defanged."""
    visit: int | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a visitor was sent. Says nothing of what is there: nobody looked."""

    host: str
    """The furthest hop known."""
    url_hmac: str
    """Keyed hash of the full address: equal for equal addresses, and good for nothing else."""
    via: tuple[str, ...]
    """Hosts of the hops before it, off the site."""
    unread: bool
    """Its body was not read; under the default policy it never is."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How much a clean answer is worth."""

    visits: int
    rate_below: float
    """With 95 % confidence fewer than this share of such visitors are redirected: 3/n."""
    not_covered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A ruling, and everything that stands behind it."""

    ruling: Ruling
    confidence: float
    """0 to 1: how sure the ruling is."""
    reasons: tuple[Reason, ...]
    met: tuple[Condition, ...] = ()
    """What a visitor must be for it to happen; empty where nothing happened."""
    destinations: tuple[Destination, ...] = ()
    """Every off-site target seen, whatever the ruling."""
    visits: int = 0
    redirected: tuple[str, ...] = ()
    """Names of the personas that were sent away, the first one first: a re-check replays them."""
    bound: Bound | None = None
    error: str | None = None

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions in English, after "a visitor who"."""
        return tuple(one.text for one in self.met)


def rule_of_three(clean_visits: int) -> float:
    """Upper 95 % bound of a rate of which `clean_visits` trials showed nothing; at most 1."""
    return min(1.0, 3 / clean_visits) if clean_visits else 1.0


def verdict_data(verdict: Verdict) -> dict[str, Json]:
    """A verdict as JSON lines and events have it: the contract of ``check --json``."""
    bound = verdict.bound
    return {
        "verdict": str(verdict.ruling),
        "confidence": round(verdict.confidence, 3),
        "destinations": [
            {"host": d.host, "url_hmac": d.url_hmac, "via": list(d.via), "unread": d.unread}
            for d in verdict.destinations
        ],
        "conditions": list(verdict.conditions),
        "reasons": [{"code": r.code, "text": r.text, "visit": r.visit} for r in verdict.reasons],
        "visits": verdict.visits,
        "bound": None
        if bound is None
        else {
            "visits": bound.visits,
            "rate_below": round(bound.rate_below, 4),
            "not_covered": list(bound.not_covered),
        },
        "error": verdict.error,
    }

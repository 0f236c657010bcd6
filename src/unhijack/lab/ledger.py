"""Who asked the town for what: bounded logs, and counts without bound."""

from collections import deque
from dataclasses import dataclass, field

from unhijack.lab.town import Role, Town
from unhijack.lab.wire import TownRequest


@dataclass(frozen=True, slots=True)
class Sighting:
    """One request that came in."""

    host: str
    target: str
    referrer: str
    agent: str
    role: Role | None
    """What the host is; None for a name that is not of the town."""
    media: bool
    """A picture, film or sound was asked for: a breach."""

    @property
    def offsite(self) -> bool:
        """Whether a distributor was asked."""
        return self.role in (Role.ENTRY, Role.END)


@dataclass(slots=True)
class Ledger:
    """Every request, noted before it is answered."""

    requests: int = 0
    media_requests: int = 0
    offsite_requests: int = 0
    last: deque[Sighting] = field(default_factory=lambda: deque(maxlen=10_000))
    """The last requests of any kind."""
    media: deque[Sighting] = field(default_factory=lambda: deque(maxlen=1_000))
    """The last requests for pictures, films and sounds."""
    offsite: deque[Sighting] = field(default_factory=lambda: deque(maxlen=10_000))
    """The last requests to distributors."""

    def note(self, town: Town, request: TownRequest) -> None:
        """Add one request."""
        place = town.places.get(request.host)
        sighting = Sighting(
            host=request.host,
            target=request.target,
            referrer=request.headers.get("referer", ""),
            agent=request.headers.get("user-agent", ""),
            role=place.role if place else None,
            media=request.is_media,
        )
        self.requests += 1
        self.last.append(sighting)
        if sighting.media:
            self.media_requests += 1
            self.media.append(sighting)
        if sighting.offsite:
            self.offsite_requests += 1
            self.offsite.append(sighting)

"""Journals written by hand: one event a line, in days and words."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from unhijack.core.case import Event, Kind
from unhijack.core.data import Data, Json

START = datetime(2026, 3, 1, tzinfo=UTC)
OPENED: Data = {"url": "http://shop.test/", "pathway": [], "source": "citizen"}
HIJACKED: Data = {
    "verdict": "hijacked",
    "destinations": [{"host": "end.test", "via": ["first.test"], "url_hmac": "0"}],
}
CLEAN: Data = {"verdict": "clean"}
Line = tuple[float, Kind, Data]


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def journal(*lines: Line) -> list[Event]:
    return [Event(step, kind, day(at), data) for step, (at, kind, data) in enumerate(lines, 1)]


def queued(
    *roles: str, about: str = "hijacked", arms: Data | None = None, language: str = "de"
) -> Data:
    notices: list[Json] = [
        {"notice": f"{role}-1", "person": role, "role": role, "language": language}
        for role in roles
    ]
    return {"about": about, "notices": notices, "arms": dict(arms or {})}


def verified(hoster: str = "NET-1 AS64500", country: str = "de") -> list[Line]:
    contacts: list[Json] = [
        {"role": role, "person": role, "source": "test"} for role in ("owner", "hoster")
    ]
    places: Json = {"country": country, "network": hoster}
    return [
        (0, Kind.OPENED, OPENED),
        (0, Kind.EXAMINED, HIJACKED),
        (0, Kind.ATTRIBUTED, {"contacts": contacts, "places": places}),
    ]


def looks(*days: float) -> Iterable[Line]:
    return [(at, Kind.EXAMINED, HIJACKED) for at in days]

"""Whose report is looked at next: a flood from one source, or at one target, does not drown the rest.

Nothing is refused here: what goes beyond a share waits for its turn. Pure.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shares:
    """How much is let through."""

    at_once: int = 200
    """Reports in one go."""
    party_hour: int = 500
    """Of one party in an hour. The house's own word (a party without a name) has no such limit."""
    doubted_hour: int = 20
    """Of a party whose reports hardly ever prove true."""
    site_day: int = 20
    """That lead to one registrable domain in a day, as the target or on the way there."""
    ip_day: int = 500
    """That lead to one IP address in a day: a shared server has many sites."""
    doubt_after: int = 10
    """Reports of a party that came to nothing, before its share is cut."""
    doubt_below: float = 0.1
    """Part of a party's reports that proved true, below which it is cut."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A report that waits."""

    receipt: str
    channel: str
    """How it came; channels take turns, so that many made-up parties of one gain nothing."""
    party: str
    """Whose share it uses; empty for the house's own word."""
    touches: tuple[str, ...]
    """What its examination would visit: ``site:NAME`` and ``ip:ADDRESS``."""


@dataclass(frozen=True, slots=True)
class Record:
    """What became of a party's reports."""

    proven: int = 0
    refuted: int = 0

    @property
    def worth(self) -> float:
        """How likely its next report is true, as far as anybody knows: a new one is halfway."""
        return (self.proven + 1) / (self.proven + self.refuted + 2)


@dataclass(frozen=True, slots=True)
class Load:
    """What was let through lately."""

    by_party: Mapping[str, int]
    """In the last hour."""
    touched: Mapping[str, int]
    """In the last day."""


def in_turn(
    wishes: Iterable[Wish], load: Load, records: Mapping[str, Record], shares: Shares
) -> list[Wish]:
    """What is let through now, in order: channels in turn, in each its parties in turn.

    Parties whose reports prove true come first in each round. `wishes` are the oldest first.
    """
    queues = _queues(wishes, records)
    parties = Counter(load.by_party)
    touched = Counter(load.touched)
    chosen: list[Wish] = []
    while queues and len(chosen) < shares.at_once:
        channel, turns = queues.popleft()
        wish = _next(turns, parties, touched, records, shares)
        if wish is None:
            continue
        chosen.append(wish)
        parties[wish.party] += 1
        touched.update(wish.touches)
        queues.append((channel, turns))
    return chosen


Turns = deque[tuple[str, deque[Wish]]]


def _queues(wishes: Iterable[Wish], records: Mapping[str, Record]) -> deque[tuple[str, Turns]]:
    by_channel: dict[str, dict[str, deque[Wish]]] = {}
    for wish in wishes:
        by_channel.setdefault(wish.channel, {}).setdefault(wish.party, deque()).append(wish)
    return deque(
        (channel, deque(sorted(parties.items(), key=lambda one: -_record(records, one[0]).worth)))
        for channel, parties in by_channel.items()
    )


def _record(records: Mapping[str, Record], party: str) -> Record:
    return records.get(party) or Record()


def _next(
    turns: Turns,
    parties: Counter[str],
    touched: Counter[str],
    records: Mapping[str, Record],
    shares: Shares,
) -> Wish | None:
    """The next report of a channel that is within all shares; those beyond are passed over."""
    while turns:
        party, waiting = turns.popleft()
        if party and parties[party] >= _share(_record(records, party), shares):
            continue
        while waiting:
            wish = waiting.popleft()
            if all(touched[one] < _most(one, shares) for one in wish.touches):
                if waiting:
                    turns.append((party, waiting))
                return wish
    return None


def _share(record: Record, shares: Shares) -> int:
    known = record.proven + record.refuted
    doubted = record.refuted >= shares.doubt_after and record.proven < known * shares.doubt_below
    return shares.doubted_hour if doubted else shares.party_hour


def _most(touch: str, shares: Shares) -> int:
    return shares.ip_day if touch.startswith("ip:") else shares.site_day

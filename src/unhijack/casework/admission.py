"""Which reports are let through to a case now; the others wait, and none is lost."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from unhijack.core.evidence import Failure
from unhijack.core.fairness import Load, Record, Shares, Wish, in_turn
from unhijack.core.report import Report, StepKind
from unhijack.core.site import parse_address, site_of
from unhijack.ports import Doors, Received, Resolver

MOST_EACH, MOST_PARTIES = 100, 200
"""Reports of one party, and parties, that are looked at in one go."""
MOST_WINDOWS = 100
"""How often further parties are looked at in one go, where all so far have to wait: whoever makes
up senders who wait does not stand before the others."""
MOST_LOOKED_UP = 5
"""Of these, how often names are looked up."""
LOOKED_UP_AT_ONCE = 20
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """A report whose turn it is."""

    received: Received
    touches: tuple[str, ...]


_VISITED = frozenset({StepKind.ADDRESS, StepKind.CLICK})


async def turns(doors: Doors, shares: Shares | None = None) -> Sequence[Turn]:
    """The reports whose turn it is, and what they lead to, by `core.fairness`.

    Names are looked up of those alone whose turn it would be; where too many lead to one address,
    some wait.
    """
    for chosen in islice(_windows(doors, shares), MOST_LOOKED_UP):
        ips = await addresses_of(doors.resolver, chosen)
        kept = _in_turn(doors, chosen, shares, ips)
        if kept:
            return [Turn(one, touches_of(one.report, ips)) for one in kept]
    return []


def admit(doors: Doors, shares: Shares | None = None) -> Sequence[Received]:
    """The reports whose turn it is, as far as that can be said without looking up names."""
    return next(_windows(doors, shares), ())


def _windows(doors: Doors, shares: Shares | None) -> Iterator[Sequence[Received]]:
    """Reports whose turn it is, of the parties that wait longest, then of the next."""
    for number in range(MOST_WINDOWS):
        waiting = doors.cases.waiting(MOST_EACH, MOST_PARTIES, number * MOST_PARTIES)
        if not waiting:
            return
        chosen = _in_turn(doors, waiting, shares, {})
        if chosen:
            yield chosen


def _in_turn(
    doors: Doors, waiting: Sequence[Received], shares: Shares | None, ips: Mapping[str, str]
) -> Sequence[Received]:
    if not waiting:
        return ()
    now = doors.clock.now()
    parties = sorted({one.report.party for one in waiting} - {""})
    records = {
        name: Record(one.proven, one.refuted)
        for name, one in doors.cases.standings(parties).items()
    }
    load = Load(doors.cases.admitted_by(now - HOUR), doors.cases.touched(now - DAY))
    by_receipt = {one.receipt: one for one in waiting}
    wishes = [
        Wish(one.receipt, one.report.source, one.report.party, touches_of(one.report, ips))
        for one in waiting
    ]
    chosen = in_turn(wishes, load, records, shares or Shares())
    return [by_receipt[wish.receipt] for wish in chosen]


async def addresses_of(resolver: Resolver, waiting: Sequence[Received]) -> Mapping[str, str]:
    """The first address of every host that these reports would make us visit."""
    hosts = list(dict.fromkeys(host for one in waiting for host in hosts_of(one.report)))
    found: dict[str, str] = {}
    for first in range(0, len(hosts), LOOKED_UP_AT_ONCE):
        some = hosts[first : first + LOOKED_UP_AT_ONCE]
        answers = await asyncio.gather(*map(resolver.resolve, some))
        for host, resolved in zip(some, answers, strict=True):
            if not isinstance(resolved, Failure) and resolved:
                found[host] = str(resolved[0])
    return found


def hosts_of(report: Report) -> tuple[str, ...]:
    """Hosts that an examination of a report visits: of the way there too, which strangers choose."""
    steps = [step.value for step in report.pathway if step.kind in _VISITED]
    return tuple(dict.fromkeys(parse_address(url).host for url in (report.url, *steps)))


def touches_of(report: Report, ips: Mapping[str, str]) -> tuple[str, ...]:
    """What the examination of a report visits, as shares are counted."""
    hosts = hosts_of(report)
    touches = [f"site:{site_of(host)}" for host in hosts]
    touches += [f"ip:{ips[host]}" for host in hosts if host in ips]
    return tuple(dict.fromkeys(touches))

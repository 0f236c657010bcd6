"""Which reports are let through to a case now; the others wait, and none is lost."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from unhijack.core.egress import IpAddress
from unhijack.core.fairness import Load, Record, Shares, Wish, in_turn
from unhijack.core.report import Report, StepKind
from unhijack.core.site import parse_address, site_of
from unhijack.ports import Doors, Received, Resolver

MOST_EACH, MOST_PARTIES = 100, 200
"""Reports of one party, and parties, that are looked at in one go."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

_VISITED = frozenset({StepKind.ADDRESS, StepKind.CLICK})


def admit(
    doors: Doors, shares: Shares | None = None, ips: Mapping[str, str] | None = None
) -> Sequence[Received]:
    """The reports whose turn it is, in order, by `core.fairness`.

    `ips` are addresses of hosts, where they are known (see `addresses_of`).
    """
    waiting = doors.cases.waiting(MOST_EACH, MOST_PARTIES)
    if not waiting:
        return ()
    now = doors.clock.now()
    parties = sorted({one.report.party for one in waiting} - {""})
    records = {
        name: Record(one.proven, one.refuted)
        for name, one in doors.cases.standings(parties).items()
    }
    sites = doors.cases.admitted_by("site", now - DAY)
    load = Load(
        doors.cases.admitted_by("party", now - HOUR),
        {f"site:{name}": count for name, count in sites.items()},
    )
    by_receipt = {one.receipt: one for one in waiting}
    wishes = [_wish(one, ips or {}) for one in waiting]
    chosen = in_turn(wishes, load, records, shares or Shares())
    return [by_receipt[wish.receipt] for wish in chosen]


async def addresses_of(resolver: Resolver, waiting: Sequence[Received]) -> Mapping[str, str]:
    """The first address of every host that these reports would make us visit."""
    found: dict[str, str] = {}
    for host in dict.fromkeys(host for one in waiting for host in hosts_of(one.report)):
        resolved = await resolver.resolve(host)
        if isinstance(resolved, Sequence) and resolved:
            first: IpAddress = resolved[0]
            found[host] = str(first)
    return found


def hosts_of(report: Report) -> tuple[str, ...]:
    """Hosts that an examination of a report visits: of the way there too, which strangers choose."""
    steps = [step.value for step in report.pathway if step.kind in _VISITED]
    return tuple(dict.fromkeys(parse_address(url).host for url in (report.url, *steps)))


def _wish(received: Received, ips: Mapping[str, str]) -> Wish:
    said = received.report
    hosts = hosts_of(said)
    touches = [f"site:{site_of(host)}" for host in hosts]
    touches += [f"ip:{ips[host]}" for host in hosts if host in ips]
    return Wish(received.receipt, said.source, said.party, tuple(dict.fromkeys(touches)))

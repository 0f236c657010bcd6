"""How they got in: what the logs prove, with the lines that prove it, and what they cannot show."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from unhijack.core.text import printable
from unhijack.ports import Logs
from unhijack.remediate.entrances import Entrance, plugin_of
from unhijack.remediate.faults import first_named
from unhijack.remediate.sent_away import Away
from unhijack.remediate.trail import (
    Acts,
    Candidate,
    OneSite,
    Planted,
    Seen,
    Survey,
    Use,
    acts_of,
    candidates,
    survey,
    target_path,
)

MOST_SUSPECTS = 12
MOST_PROOFS = 6
MANY_LOGINS = 20
"""Refused logins from one address that are no forgotten password."""
LIKELY = 0.9
FORGED = timedelta(days=2)
"""A file whose inode changed so much later than its content says was copied, or set back."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A line of a log."""

    file: str
    line: int
    when: datetime
    address: str
    """For the owner alone."""
    text: str
    """Method, target and status; harmless, shortened, without the address."""


@dataclass(frozen=True, slots=True)
class FirstUse:
    """The first request to a planted file that was answered."""

    path: str
    proof: Proof
    agent: str
    visitors: int
    """Addresses that asked for it."""


@dataclass(frozen=True, slots=True)
class Way:
    """Through what it probably came."""

    name: str
    """Of the entrance; ``unknown-post`` for a POST that fits none."""
    what: str
    plugin: str
    """Folder of the plugin or theme; empty where it was none."""
    advice: str
    confidence: float
    """0 to 1."""
    proofs: tuple[Proof, ...]
    refused_logins: int = 0
    """From the same addresses, before."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """An address that made the change, or used what was planted."""

    address: str
    agents: tuple[str, ...]
    requests: int
    posts: int
    first: datetime
    last: datetime
    used: tuple[str, ...]
    """Planted files that it asked for."""
    refused_logins: int
    proofs: tuple[Proof, ...]
    """What else it did that tells something."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What can be said, and what cannot."""

    change: datetime | None
    """The earliest change that is known; None where nothing dates it."""
    first_uses: tuple[FirstUse, ...]
    named: tuple[tuple[str, Proof], ...]
    """Planted files that an error log names, and the first line that does."""
    ways: tuple[Way, ...]
    """The most probable first."""
    suspects: tuple[Suspect, ...]
    sent_away: tuple[Away, ...]
    lines: int
    logs_begin: datetime | None
    logs_end: datetime | None
    gaps: tuple[str, ...]
    """What the logs cannot show, and why."""


def find_cause(planted: Sequence[Planted], logs: Logs, own_hosts: Collection[str] = ()) -> Cause:
    """Read the logs, three times at most, and say how it came. Never raises for what they hold.

    Where lines name their virtual host, those of `own_hosts` alone are read; none reads all.
    """
    site = OneSite(logs, frozenset(host.lower() for host in own_hosts))
    seen = survey(site, planted)
    change = _earliest(planted, seen)
    users = _users(seen.uses)
    found: list[Candidate] = []
    acts: Mapping[str, Acts] = {}
    if change is not None and seen.begins is not None:
        found = candidates(site, change, planted, users)
        acts = acts_of(site, _suspects(found, users), planted)
    ways = tuple(_ways(found, seen, users))
    return Cause(
        change,
        tuple(_first_uses(seen.uses)),
        tuple(_named(logs, planted, seen)),
        ways,
        tuple(_suspect(address, one, seen) for address, one in acts.items() if one.first),
        tuple(seen.sent_away.judge()),
        seen.lines,
        seen.begins,
        seen.ends,
        tuple(_gaps(planted, seen, change, ways)),
    )


def _earliest(planted: Sequence[Planted], seen: Survey) -> datetime | None:
    """When the first of it was there: by the files' times, and by who was answered by them."""
    times = [at for one in planted if (at := _changed(one, seen.begins)) is not None]
    times += [use.first.hit.when for use in seen.uses.values() if use.first is not None]
    return min(times, default=None)


def _changed(one: Planted, begins: datetime | None) -> datetime | None:
    """A file's own time, unless it was set back to before the logs begin."""
    if one.changed is None or one.born is None:
        return one.changed or one.born
    if one.born - one.changed > FORGED and (begins is None or one.changed < begins <= one.born):
        return one.born
    return min(one.changed, one.born)


def _users(uses: Mapping[str, Use]) -> dict[str, float]:
    """Who used what was planted, and how telling that is: the first one, and who posted to it."""
    users: dict[str, float] = {}
    for use in uses.values():
        for address, posts in use.posts.items():
            users[address] = max(users.get(address, 0), 1.0 if posts else 0.5)
        if use.first is not None:
            users[use.first.hit.address] = 1.0
    return users


def _suspects(found: Sequence[Candidate], users: Mapping[str, float]) -> list[str]:
    weights = dict(users)
    for one in found:
        if one.weight >= LIKELY or one.at_once:
            address = one.seen.hit.address
            weights[address] = max(weights.get(address, 0), one.weight)
    return sorted(weights, key=lambda address: -weights[address])[:MOST_SUSPECTS]


def _ways(found: Sequence[Candidate], seen: Survey, users: Collection[str]) -> Iterator[Way]:
    """Candidates of one kind together, the most probable kind first."""
    kinds: dict[tuple[str, str], list[Candidate]] = {}
    for one in found:
        entrance = one.entrance.name if one.entrance else "unknown-post"
        kinds.setdefault((entrance, plugin_of(one.seen.hit.target)), []).append(one)
    ways = [_way(of, seen, users) for of in kinds.values()]
    yield from sorted(
        (way for way in ways if way.confidence >= 0.3), key=lambda way: -way.confidence
    )


def _way(found: Sequence[Candidate], seen: Survey, users: Collection[str]) -> Way:
    best = found[0]
    entrance: Entrance | None = best.entrance
    plugin = plugin_of(best.seen.hit.target)
    addresses = {one.seen.hit.address for one in found if one.weight >= best.weight - 0.3}
    refused = max((seen.failed_logins[address] for address in addresses), default=0)
    weight = best.weight + (0.3 if refused >= MANY_LOGINS and _is_login(entrance) else 0)
    linked = best.at_once or best.seen.hit.address in users
    what = entrance.what if entrance else "a request that fits no known way"
    if plugin:
        what += f" ({printable(plugin, 60)})"
    return Way(
        entrance.name if entrance else "unknown-post",
        what,
        plugin,
        entrance.advice if entrance else "Have the program behind this address looked at.",
        round(min(weight / 1.8, 0.95) if linked else min(weight / 2.2, 0.5), 2),
        tuple(_proof(one.seen) for one in found[:MOST_PROOFS]),
        refused,
    )


def _is_login(entrance: Entrance | None) -> bool:
    return entrance is not None and (
        entrance.name.startswith("wp-") or entrance.name == "cms-login"
    )


def _first_uses(uses: Mapping[str, Use]) -> Iterator[FirstUse]:
    dated = [(path, use, use.first) for path, use in uses.items() if use.first is not None]
    for path, use, first in sorted(dated, key=lambda one: one[2].hit.when):
        agent = printable(first.hit.agent)
        yield FirstUse(path, _proof(first), agent, len(use.addresses))


def _named(logs: Logs, planted: Sequence[Planted], seen: Survey) -> Iterator[tuple[str, Proof]]:
    """Error logs name no zone: it is the one of the access logs."""
    zone = (seen.begins.tzinfo if seen.begins else None) or UTC
    for one in first_named(logs, planted, zone):
        address, text = printable(one.fault.address, 60), printable(one.fault.level)
        yield one.path, Proof(one.file, one.line, one.fault.when, address, text)


def _suspect(address: str, acts: Acts, seen: Survey) -> Suspect:
    assert acts.first is not None  # who has no request is no suspect
    assert acts.last is not None
    used = tuple(path for path, use in seen.uses.items() if address in use.addresses)
    return Suspect(
        address,
        tuple(printable(agent) for agent, _ in acts.agents.most_common(5)),
        acts.requests,
        acts.posts,
        acts.first,
        acts.last,
        used,
        seen.failed_logins[address],
        tuple(_proof(one) for one in _telling(acts.kept)),
    )


def _telling(kept: Sequence[Seen]) -> list[Seen]:
    """The first request of each kind: a hundred tries of one login say no more than one."""
    seen: dict[tuple[str, str, int], Seen] = {}
    for one in sorted(kept, key=lambda one: one.hit.when):
        seen.setdefault((one.hit.method, target_path(one.hit.target), one.hit.status), one)
    return list(seen.values())[: 2 * MOST_PROOFS]


def _proof(seen: Seen) -> Proof:
    hit = seen.hit
    text = printable(f"{hit.method} {hit.target} -> {hit.status}")
    return Proof(seen.file, seen.line, hit.when, printable(hit.address, 60), text)


def _gaps(
    planted: Sequence[Planted], seen: Survey, change: datetime | None, ways: Sequence[Way]
) -> Iterator[str]:
    if seen.begins is None or seen.ends is None:
        yield "there are no access logs: who came in, and how, cannot be said"
        return
    earlier = [one for one in planted if one.changed is not None and one.changed < seen.begins]
    if change is not None and change < seen.begins:
        yield (
            "the logs begin after the change: whoever made it does not stand in them"
            " (older logs may be with the hoster)"
        )
    elif earlier:
        yield (
            f"{len(earlier)} planted files say that they are older than the logs: their times were"
            " set back, or they came before"
        )
    if change is not None and change > seen.ends + timedelta(minutes=5):
        yield "the logs end before the change"
    if change is not None and seen.begins <= change <= seen.ends and not ways:
        yield (
            "no request of the day before fits: it may have come by FTP, SSH, the hoster's panel,"
            " the database, or another site of the same account"
        )
    if change is None:
        yield "nothing dates the change: no time of a planted file, and no request to one"

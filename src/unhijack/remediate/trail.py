"""What the logs of a web server show of an intrusion: gathered in passes, within bounds.

A log is read as often as there are questions, so that nothing but the answers is kept.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote

from unhijack.core.finding import Finding, Kind, Mend
from unhijack.parse.logs import SAMPLE, Hit, Layout, detect, read_hits
from unhijack.ports import Logs
from unhijack.remediate.entrances import Entrance, entrances_of
from unhijack.remediate.sent_away import SentAway

MOST_ADDRESSES = 100_000
MOST_USERS = 5_000
"""Addresses that asked for one planted file."""
MOST_CANDIDATES = 20_000
MOST_ACTS = 200
"""Requests of one suspect that are kept."""
WINDOW = timedelta(hours=24)
AFTER = timedelta(seconds=5)
BEFORE = timedelta(seconds=1)
AT_ONCE = timedelta(seconds=3)
SLOW = timedelta(seconds=30)
"""An upload may take so long until its file is there; Apache logs when it began."""

_WRITES = frozenset({"POST", "PUT", "MOVE", "COPY", "PATCH"})
_USUAL = re.compile(r"/(?:wp-cron|wp-comments-post|admin-ajax|wc-ajax|index)\.php$|/$")
"""What visitors and the site itself post to all day."""
_ACCESS = (Layout.ACCESS, Layout.VHOST_ACCESS)


class Seen(NamedTuple):
    """One request, and where it stands."""

    file: str
    line: int
    hit: Hit
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Planted:
    """A planted file, as the scan found it."""

    path: str
    """Relative to the document root, with ``/``."""
    changed: datetime | None = None
    """When its content last changed, as the file system says: an intruder may set it."""
    born: datetime | None = None
    """When its inode last changed: nobody sets it, but a move or a copy renews it."""
    whole: bool = True
    """It is planted code alone; False for a page of the site with a block in it."""
    url: str = ""
    """Path under which the web server has it, where that is not its path."""


_PLANTED_WHOLE = (Kind.WEBSHELL, Kind.DROPPER, Kind.UNEXPECTED_FILE)
Times = Mapping[str, tuple[datetime | None, datetime | None]]
"""A finding's path to when its content and its inode last changed."""


def planted_of(findings: Iterable[Finding], root: str, times: Times) -> tuple[Planted, ...]:
    """The files behind findings, once each; `root` is the document root, as it was scanned."""
    whole: dict[str, bool] = {}
    for one in findings:
        if one.line or one.repair is Mend.QUARANTINE:  # a row of a database has no line
            alone = one.repair is Mend.QUARANTINE or one.kind in _PLANTED_WHOLE
            whole[one.path] = whole.get(one.path, False) or alone
    return tuple(
        Planted(
            path.removeprefix(root).lstrip("/"), *times.get(path, (None, None)), whole=whole[path]
        )
        for path in whole
    )


def target_path(target: str) -> str:
    """The path of a request, decoded once, doubled slashes made one."""
    path = _ABSOLUTE.sub("", target.partition("?")[0][:4096])
    if "%" in path:
        path = unquote(path)
    while "//" in path:
        path = path.replace("//", "/")
    return path


_ABSOLUTE = re.compile(r"^https?://[^/]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OneSite:
    """Logs of one site, where one server's hold many: lines that name another host are not its."""

    logs: Logs
    hosts: frozenset[str] = frozenset()
    """In small letters; empty takes every line."""

    def hits(self, only: Collection[bytes] = ()) -> Iterator[Seen]:
        """Every request; `only` keeps lines that hold one of these bytes."""
        for seen in access_hits(self.logs, only):
            host = seen.hit.host.lower()
            if not host or not self.hosts or {host, host.rpartition(":")[0]} & self.hosts:
                yield seen


def access_hits(logs: Logs, only: Collection[bytes] = ()) -> Iterator[Seen]:
    """Every request in every access log; `only` keeps lines that hold one of these bytes."""
    for name in logs.names():
        layout = detect(islice(logs.lines(name), SAMPLE))
        if layout not in _ACCESS:
            continue
        lines = logs.lines(name)
        if only:
            lines = (line if any(one in line for one in only) else b"" for line in lines)
        for number, hit in read_hits(lines, layout):
            yield Seen(name, number, hit)


@dataclass(slots=True)
class Use:
    """Who asked for one planted file."""

    first: Seen | None = None
    """The first request that was answered with something."""
    addresses: dict[str, Seen] = field(default_factory=dict)
    """Their first request each."""
    posts: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Survey:
    """What the first reading gathers."""

    lines: int = 0
    begins: datetime | None = None
    ends: datetime | None = None
    uses: dict[str, Use] = field(default_factory=dict)
    """By the planted file's path."""
    failed_logins: Counter[str] = field(default_factory=Counter)
    sent_away: SentAway = field(default_factory=SentAway)


def survey(site: OneSite, planted: Sequence[Planted]) -> Survey:
    """The first reading: how far the logs reach, who used what was planted, who was sent away."""
    found = Survey()
    paths = _paths(planted)
    for seen in site.hits():
        hit = seen.hit
        found.lines += 1
        if found.begins is None or hit.when < found.begins:
            found.begins = hit.when
        if found.ends is None or hit.when > found.ends:
            found.ends = hit.when
        path = paths.get(target_path(hit.target))
        if path is not None:
            _note_use(found.uses.setdefault(path, Use()), seen)
        elif hit.method == "POST":
            _note_login(found.failed_logins, hit)
        else:
            found.sent_away.note(seen.file, seen.line, hit)
    return found


def _paths(planted: Sequence[Planted]) -> dict[str, str]:
    """Address paths to the planted files behind them; pages of the site say nothing by a visit."""
    paths: dict[str, str] = {}
    for one in planted:
        if one.whole:
            path = one.url or "/" + one.path.lstrip("/")
            paths[path] = one.path
            folder, _, name = path.rpartition("/")
            if name.startswith("index."):
                paths[folder + "/"] = one.path
    paths.pop("/", None)  # the home page is asked for by everybody
    return paths


def _note_use(use: Use, seen: Seen) -> None:
    hit = seen.hit
    if hit.status >= 400 and hit.status != 500:
        return
    if use.first is None or hit.when < use.first.hit.when:
        use.first = seen
    before = use.addresses.get(hit.address)
    if before is None and len(use.addresses) >= MOST_USERS:
        return
    if before is None or hit.when < before.hit.when:
        use.addresses[hit.address] = seen
    if hit.method == "POST":
        use.posts[hit.address] += 1


def _note_login(failed: Counter[str], hit: Hit) -> None:
    page = hit.target.partition("?")[0]
    refused = page.endswith(("/wp-login.php", "/administrator/index.php", "/user/login"))
    refused = (refused and hit.status in (200, 401, 403)) or page.endswith("/xmlrpc.php")
    if refused and (hit.address in failed or len(failed) < MOST_ADDRESSES):
        failed[hit.address] += 1


class Candidate(NamedTuple):
    """A request before a change that may have made it."""

    seen: Seen
    entrance: Entrance | None
    at_once: bool
    """Right at the moment at which a planted file says that it changed."""
    weight: float


def moments_of(planted: Sequence[Planted]) -> list[datetime]:
    """Every time at which the file system says that something was planted."""
    return sorted({at for one in planted for at in (one.changed, one.born) if at is not None})


def candidates(
    site: OneSite, change: datetime, planted: Sequence[Planted], users: Collection[str]
) -> list[Candidate]:
    """The second reading: requests that may have made the change, the heaviest first."""
    found: list[Candidate] = []
    moments, paths = moments_of(planted), _paths(planted)
    for seen in site.hits():
        hit = seen.hit
        closeness = _closeness(hit.when, moments) if hit.method in _WRITES else 0.0
        if not closeness and not change - WINDOW <= hit.when <= change + AFTER:
            continue
        if target_path(hit.target) in paths:
            continue  # it uses what is there already
        candidate = _candidate(seen, change, closeness, used=hit.address in users)
        if candidate is not None:
            found.append(candidate)
            if len(found) > 2 * MOST_CANDIDATES:
                found = _heaviest(found)
    return _heaviest(found)


def _heaviest(found: list[Candidate]) -> list[Candidate]:
    found.sort(key=lambda one: (-one.weight, one.seen.hit.when))
    return found[:MOST_CANDIDATES]


def _closeness(when: datetime, moments: Sequence[datetime]) -> float:
    """How well a request fits a time at which something was planted: 0, 0.25 or 0.5."""
    at = bisect_left(moments, when - BEFORE)
    if at == len(moments) or moments[at] > when + SLOW:
        return 0.0
    return 0.5 if moments[at] <= when + AT_ONCE else 0.25


def _candidate(seen: Seen, change: datetime, closeness: float, *, used: bool) -> Candidate | None:
    hit = seen.hit
    target = unquote(hit.target[:4096]) if "%" in hit.target else hit.target
    fits = max(entrances_of(hit, target), key=lambda one: one.weight, default=None)
    at_once = closeness >= 0.5
    if fits is None and (hit.method not in _WRITES or hit.status >= 400 or not (at_once or used)):
        return None
    usual = fits is None and _USUAL.search(target_path(hit.target)) is not None
    weight = fits.weight if fits else 0.0 if usual else 0.3
    weight += 0.6 * used + closeness
    if abs(change - hit.when) <= timedelta(minutes=10):
        weight += 0.2
    return Candidate(seen, fits, at_once and not usual, weight)


@dataclass(slots=True)
class Acts:
    """What one address did."""

    requests: int = 0
    posts: int = 0
    first: datetime | None = None
    last: datetime | None = None
    agents: Counter[str] = field(default_factory=Counter)
    kept: list[Seen] = field(default_factory=list)
    """Requests that change something, ways in and planted files; bounded."""


def acts_of(
    site: OneSite, addresses: Collection[str], planted: Sequence[Planted]
) -> dict[str, Acts]:
    """The third reading: everything that the suspects asked for."""
    found = {address: Acts() for address in addresses}
    paths = _paths(planted)
    for seen in site.hits([address.encode() for address in addresses]):
        acts = found.get(seen.hit.address)
        if acts is not None:
            _note_act(acts, seen, planted=target_path(seen.hit.target) in paths)
    return found


def _note_act(acts: Acts, seen: Seen, *, planted: bool) -> None:
    hit = seen.hit
    acts.requests += 1
    acts.posts += hit.method == "POST"
    if acts.first is None or hit.when < acts.first:
        acts.first = hit.when
    if acts.last is None or hit.when > acts.last:
        acts.last = hit.when
    if hit.agent in acts.agents or len(acts.agents) < MOST_ACTS:
        acts.agents[hit.agent] += 1
    telling = planted or hit.method in _WRITES or any(True for _ in entrances_of(hit, hit.target))
    if telling and len(acts.kept) < MOST_ACTS:
        acts.kept.append(seen)

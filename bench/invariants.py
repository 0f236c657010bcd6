"""What must hold when a simulated country has lived: counted from journals, the mail door, the truth."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bench.country import Country
from unhijack.adapters.store.outgoing import MOST_TOGETHER
from unhijack.core.case import Case, Event, Kind, State
from unhijack.core.data import objects
from unhijack.core.fold import advanced
from unhijack.core.journal import first_broken
from unhijack.core.ladder import Ladder
from unhijack.core.notice import About
from unhijack.core.site import parse_address
from unhijack.core.verdict import Ruling
from unhijack.ports import Fate

_DAY = timedelta(days=1)
_SLACK = timedelta(hours=1, minutes=1)
"""A worker comes by once an hour."""
_ON_ITS_WAY = timedelta(days=3)
"""A message may wait so long for others to the same person."""


@dataclass(slots=True)
class Found:
    """How often each thing happened that must not, and what there was besides."""

    wrong_clean: int = 0
    """Called clean while it was hijacked."""
    accused: int = 0
    """Told of a site that was never hijacked."""
    unconfirmed: int = 0
    """Notices while no redirect was on record, or the last look was clean."""
    told_while_held: int = 0
    told_too_late: int = 0
    """Told that a site is hijacked that had been verified clean by then."""
    beyond_unasked: int = 0
    """Notices beyond the hoster without an analyst, or of what was seen too long ago."""
    broken: int = 0
    doubled: int = 0
    lost_mail: int = 0
    lost_reports: int = 0
    hurried: int = 0
    """Second messages to one person within a day."""
    missed: int = 0
    """First examinations of sites that were hijacked then, and did not say so."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Events there were, by kind: what was exercised at all."""
    queued: dict[str, Event] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    held: dict[int, list[tuple[Event, bool]]] = field(default_factory=dict)
    """Of each case: when it was held, and when it no more was."""
    cleaned: dict[int, list[tuple[Event, bool]]] = field(default_factory=dict)
    hijacking: set[str] = field(default_factory=set)
    """Keys of messages that say that a site is hijacked."""


def inspect(country: Country) -> Found:
    """Read every journal once, then what was handed over."""
    found = Found()
    for number in country.store.numbers():
        journal = country.store.journal(number)
        found.broken += first_broken(number, journal) is not None
        _read(country, found, number, [event for event, _ in journal])
    statuses = [country.store.report_of(receipt) for receipt in country.receipts]
    found.lost_reports = sum(one is None or one.number is None for one in statuses)
    _read_mail(country, found)
    return found


def _read(country: Country, found: Found, number: int, events: Sequence[Event]) -> None:
    case = Case(number)
    for event in events:
        before, case = case, advanced(case, event)
        found.kinds[str(event.kind)] += 1
        host = parse_address(case.url).host
        if event.kind is Kind.EXAMINED:
            _judge_look(country, found, host, event, case)
        elif event.kind is Kind.QUEUED:
            _judge_notice(country, found, host, before, event)
        elif event.kind in (Kind.DELIVERED, Kind.BOUNCED, Kind.UNCERTAIN):
            found.ended.add(str(event.data["notice"]))
        if (case.state is State.HELD) != (before.state is State.HELD):
            found.held.setdefault(number, []).append((event, case.state is State.HELD))
        if case.clean != before.clean:
            found.cleaned.setdefault(number, []).append((event, case.clean))


def _judge_look(country: Country, found: Found, host: str, event: Event, after: Case) -> None:
    truth = country.truth.get(host)
    if event.data["verdict"] == str(Ruling.HIJACKED) and truth is None:
        found.accused += 1
    if truth is not None and after.verdict is None:
        found.missed += truth.hijacked_at(event.at)
    if after.clean and event.data["verdict"] == str(Ruling.CLEAN) and truth is not None:
        found.wrong_clean += truth.hijacked_at(event.at)


def _judge_notice(country: Country, found: Found, host: str, before: Case, event: Event) -> None:
    keys = [str(one["notice"]) for one in objects(event.data["notices"])]
    found.queued |= dict.fromkeys(keys, event)
    if event.data["about"] != str(About.HIJACKED):
        return
    found.hijacking |= set(keys)
    found.accused += host not in country.truth
    found.told_while_held += before.state is State.HELD
    sure = (
        before.verdict is not None and not before.clean and before.last_ruling is not Ruling.CLEAN
    )
    found.unconfirmed += not sure
    if event.data["rung"]:
        fresh = before.confirmed_at is not None and (
            event.at - before.confirmed_at <= Ladder().fresh + _SLACK
        )
        found.beyond_unasked += not (before.approved and fresh)


def _read_mail(country: Country, found: Found) -> None:
    left = [handed for handed in country.store.handed if handed.fate is Fate.ACCEPTED]
    keys = Counter(part.key for handed in left for part in handed.bundle.parts)
    names = Counter(name for _, _, name in country.post.taken)
    found.doubled = sum(times - 1 for times in (keys + names).values() if times > 1)
    found.lost_mail = sum(
        key not in found.ended and country.end - event.at > _ON_ITS_WAY
        for key, event in found.queued.items()
    )
    last: dict[str, datetime] = {}
    for handed in left:
        person = handed.bundle.person
        before = last.get(person)
        found.hurried += before is not None and handed.at - before < _DAY
        if len(handed.bundle.parts) < MOST_TOGETHER:  # else a desk's batch goes on
            last[person] = handed.at
    for handed in left:
        for part in handed.bundle.parts:
            if part.key in found.hijacking:
                found.told_while_held += _was(found.held, part.number, handed.at)
                found.told_too_late += _was(found.cleaned, part.number, handed.at)


def _was(turns: Mapping[int, list[tuple[Event, bool]]], number: int, at: datetime) -> bool:
    """Whether a case was in a state when something happened.

    Steps are taken before mail leaves: what ended at the same moment was over by then.
    """
    before = [
        now for event, now in turns.get(number, ()) if event.at < at or (event.at == at and not now)
    ]
    return bool(before) and before[-1]


def hidden_shares(country: Country, days: Sequence[int]) -> Iterator[tuple[int, float]]:
    """Share truly clean, by days after the first notice, of the sites whose people were told."""
    spans = []
    for number in country.store.numbers():
        events = [event for event, _ in country.store.journal(number)]
        told = next((e.at for e in events if _says_hijacked(e)), None)
        truth = country.truth.get(parse_address(str(events[0].data["url"])).host)
        if told is None or truth is None or not truth.hijacked_at(told):
            continue
        if country.end - told >= max(days) * _DAY:
            mended = next((at for at, hijacked in truth.turns if not hijacked and at > told), None)
            spans.append((mended - told) / _DAY if mended else float("inf"))
    for day in days:
        yield day, sum(span <= day for span in spans) / max(1, len(spans))


def _says_hijacked(event: Event) -> bool:
    return event.kind is Kind.QUEUED and event.data["about"] == str(About.HIJACKED)

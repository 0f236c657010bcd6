"""A cause in sentences, each with the lines that prove it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from unhijack.core.text import printable
from unhijack.remediate.cause import Cause, Proof, Suspect, Way
from unhijack.remediate.sent_away import Away

LIKELY = 0.6


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence, and what shows it."""

    text: str
    proofs: tuple[str, ...] = ()
    """``access.log.1:312  203.0.113.9  2026-11-24 10:31:42 UTC  POST /x.php -> 200``"""


def statements(cause: Cause, *, owner: bool) -> tuple[Statement, ...]:
    """What happened, in order; addresses of visitors stand in it in full for the owner alone."""
    return (
        *_reach(cause),
        *(_way(way, owner=owner) for way in cause.ways),
        *_first_uses(cause, owner=owner),
        *_named(cause, owner=owner),
        *(_suspect(one, owner=owner) for one in cause.suspects),
        *(_away(one) for one in cause.sent_away),
        *(Statement(f"Not shown: {gap}.") for gap in cause.gaps),
    )


def _reach(cause: Cause) -> Iterator[Statement]:
    if cause.logs_begin is not None and cause.logs_end is not None:
        yield Statement(
            f"{cause.lines} requests were read, from {_time(cause.logs_begin)} to"
            f" {_time(cause.logs_end)}."
        )
    if cause.change is not None:
        yield Statement(f"The first that was planted was there on {_time(cause.change)}.")


def _way(way: Way, *, owner: bool) -> Statement:
    how = "It probably came" if way.confidence >= LIKELY else "It may have come"
    text = f"{how} through {way.what}."
    if way.refused_logins:
        text += f" Before, {way.refused_logins} logins from there were refused."
    return Statement(f"{text} {way.advice}", _lines(way.proofs, owner=owner))


def _first_uses(cause: Cause, *, owner: bool) -> Iterator[Statement]:
    for one in cause.first_uses:
        text = (
            f"{printable(one.path, 200)} was first asked for on {_time(one.proof.when)}, and"
            f" {_plural(one.visitors, 'address', 'addresses')} asked for it."
        )
        yield Statement(text, _lines([one.proof], owner=owner))


def _named(cause: Cause, *, owner: bool) -> Iterator[Statement]:
    for path, proof in cause.named:
        text = f"The error log names {printable(path, 200)} first on {_time(proof.when)}."
        yield Statement(text, _lines([proof], owner=owner))


def _suspect(one: Suspect, *, owner: bool) -> Statement:
    text = (
        f"{shown_address(one.address, owner=owner)} made {_plural(one.requests, 'request')}"
        f" ({one.posts} POST) from {_time(one.first)} to {_time(one.last)}"
    )
    if one.used:
        text += f" and used {_plural(len(one.used), 'planted file')}"
    if one.agents:
        text += f", calling itself {one.agents[0]!r}"
    return Statement(text + ".", _lines(one.proofs, owner=owner))


def _away(one: Away) -> Statement:
    text = (
        f"Visitors who came {one.who} were redirected where others saw a page:"
        f" {_plural(one.requests, 'request')} of {_plural(one.visitors, 'address', 'addresses')}"
        f" to {_plural(one.pages, 'page')}, from {_time(one.since)} to {_time(one.last)}."
    )
    return Statement(text, tuple(f"{printable(file, 200)}:{line}" for file, line in one.proofs))


def _lines(proofs: Sequence[Proof], *, owner: bool) -> tuple[str, ...]:
    return tuple(
        f"{printable(one.file, 200)}:{one.line}  {shown_address(one.address, owner=owner)}"
        f"  {_time(one.when)}  {one.text}"
        for one in proofs
    )


def shown_address(address: str, *, owner: bool) -> str:
    """In full for the owner; for others without its last part."""
    address = printable(address, 60)
    if owner:
        return address
    if ":" in address:
        return ":".join(address.split(":")[:3]) + "::…"
    return re.sub(r"[^.]*$", "…", address)


def _time(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _plural(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"

"""What the owners of hijacked sites do about the notices in their mailboxes.

Everything follows from the plan of the town and the mails that arrived, so that a demo which was
killed goes on exactly where it was: no state of its own, no clock.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from enum import StrEnum

from unhijack.lab.lots import draw
from unhijack.lab.town import Behaviour, Town, TownSite

CASE_HEADER = "X-Unhijack-Case"
NOTICE_HEADER = "X-Unhijack-Notice"
WHY_HEADER = "X-Unhijack-Why"
GOOD_NEWS = frozenset({"clean", "retraction"})
"""Nothing is to be done."""

_SUBJECT = re.compile(r"\[unhijack ([\w.:-]{1,100})\]")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_REPAIR_WITHIN = {
    Behaviour.PROMPT: (2 * _HOUR, 9 * _HOUR),
    Behaviour.SLOW: (1 * _DAY, 3 * _DAY),
    Behaviour.RELAPSE: (2 * _HOUR, 9 * _HOUR),
    Behaviour.FALSE_CLAIM: (3 * _HOUR, 12 * _HOUR),
}
"""Seconds between the notice that an owner heeds and the repair: at least, below."""
_CLAIM_AFTER = (10 * _MINUTE, 45 * _MINUTE)
"""Seconds between a repair and the word of it."""
_RELAPSE_AFTER = (3 * _DAY, 6 * _DAY)
"""Seconds between a repair that left the way in open and the next break-in."""
_FALSE_CLAIM_AFTER = (2 * _HOUR, 8 * _HOUR)
"""Seconds between the first notice and the claim of an owner who changed nothing."""


class Deed(StrEnum):
    """What an owner did."""

    REPAIRED = "repaired"
    """The planted code is gone from this moment on. Nobody is told by it."""
    REINFECTED = "reinfected"
    """Nothing that the owner did: the code was planted anew."""
    CLAIMED = "claimed"
    """Answered that the site is clean, true or not."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One deed of one owner."""

    at: datetime
    """In the town's time, which is that of the mails' Date headers (UTC)."""
    host: str
    what: Deed
    reference: str
    """Of the case in whose notice the owner was told."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as its reader takes it."""

    at: datetime
    host: str
    reference: str
    number: int
    """Which notice of its case it says it is; 1 where it does not say."""


def reactions(town: Town, mails: Iterable[EmailMessage]) -> tuple[Reaction, ...]:
    """Everything that the owners do about `mails`, past and to come, in the order of time.

    A mail that comes later adds to it and changes nothing of what was before. The same notice
    twice is one notice; mail to honest sites, and mail that names no case, is left lying.
    """
    by_mailbox = {site.owner.mailbox: site for site in town.hijacked}
    letters: dict[str, dict[tuple[str, int], Letter]] = {}
    for mail in mails:
        for letter in _letters(by_mailbox, mail):
            known = letters.setdefault(letter.host, {})
            earlier = known.get((letter.reference, letter.number), letter)
            known[letter.reference, letter.number] = min(earlier, letter, key=lambda x: x.at)
    done = [
        reaction
        for site in town.hijacked
        for reaction in _deeds(town.seed, site, _in_order(letters.get(site.host, {})))
    ]
    return tuple(sorted(done, key=lambda reaction: (reaction.at, reaction.host, reaction.what)))


def repaired_hosts(town: Town, mails: Iterable[EmailMessage], at: datetime) -> frozenset[str]:
    """The sites that are repaired at `at`."""
    return repaired_by(reactions(town, mails), at)


def repaired_by(deeds: Iterable[Reaction], at: datetime) -> frozenset[str]:
    """The sites that are repaired at `at`, by deeds in the order of time."""
    repaired: set[str] = set()
    for reaction in deeds:
        if reaction.at > at:
            break
        if reaction.what is Deed.REPAIRED:
            repaired.add(reaction.host)
        elif reaction.what is Deed.REINFECTED:
            repaired.discard(reaction.host)
    return frozenset(repaired)


def _in_order(letters: dict[tuple[str, int], Letter]) -> list[Letter]:
    """In the order in which they were written."""
    return sorted(letters.values(), key=lambda letter: (letter.at, letter.reference, letter.number))


def _letters(by_mailbox: dict[str, TownSite], mail: EmailMessage) -> list[Letter]:
    """What one mail says to each owner that it reached; nothing where it cannot be read."""
    at, reference = _written_at(mail), _reference(mail)
    if at is None or not reference or mail.get(WHY_HEADER) in GOOD_NEWS:
        return []
    number = str(mail.get(NOTICE_HEADER, "1")).strip()
    counted = int(number) if number.isdecimal() and len(number) < 6 else 1
    sites = (by_mailbox.get(mailbox) for mailbox in _readers(mail))
    return [Letter(at, site.host, reference, counted) for site in sites if site]


def _written_at(mail: EmailMessage) -> datetime | None:
    try:
        at = parsedate_to_datetime(str(mail["Date"]))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _readers(mail: EmailMessage) -> set[str]:
    """Whom it was delivered to; a mail that no server has touched goes by its To."""
    fields = mail.get_all("Delivered-To") or mail.get_all("To") or []
    return {address.lower() for _, address in getaddresses(map(str, fields))}


def _reference(mail: EmailMessage) -> str:
    named = str(mail.get(CASE_HEADER, "")).strip()
    if named:
        return named
    found = _SUBJECT.search(str(mail.get("Subject", "")))
    return found[1] if found else ""


def _deeds(seed: int, site: TownSite, letters: list[Letter]) -> list[Reaction]:
    """What the owner of one site does about the letters that came, by their own behaviour."""
    behaviour = site.owner.behaviour
    if not letters or behaviour is Behaviour.SILENT:
        return []
    first = letters[0]
    if behaviour is Behaviour.RELAPSE:
        return _relapse(seed, site, letters)
    if behaviour is not Behaviour.FALSE_CLAIM:
        return _repair(seed, site, first)
    claimed = _after(first.at, _FALSE_CLAIM_AFTER, seed, site.host, "false claim")
    deeds = [Reaction(claimed, site.host, Deed.CLAIMED, first.reference)]
    return deeds + _repair(seed, site, letters[1]) if len(letters) > 1 else deeds


def _relapse(seed: int, site: TownSite, letters: list[Letter]) -> list[Reaction]:
    """Mended at the first letter, hijacked again some days later, mended for good at the next."""
    deeds = _repair(seed, site, letters[0])
    again = _after(deeds[0].at, _RELAPSE_AFTER, seed, site.host, "relapse")
    deeds.append(Reaction(again, site.host, Deed.REINFECTED, letters[0].reference))
    later = [letter for letter in letters[1:] if letter.at > again]
    return deeds + _repair(seed, site, later[0]) if later else deeds


def _repair(seed: int, site: TownSite, letter: Letter) -> list[Reaction]:
    within = _REPAIR_WITHIN[site.owner.behaviour]
    repaired = _after(letter.at, within, seed, site.host, "repair")
    claimed = _after(repaired, _CLAIM_AFTER, seed, site.host, "claim")
    return [
        Reaction(repaired, site.host, Deed.REPAIRED, letter.reference),
        Reaction(claimed, site.host, Deed.CLAIMED, letter.reference),
    ]


def _after(start: datetime, within: tuple[int, int], *what: object) -> datetime:
    least, below = within
    return start + timedelta(seconds=least + draw(below - least, *what))

"""Telling owners: a notice is frozen when it is decided on, and leaves once."""

import hashlib
from dataclasses import dataclass

from unhijack.casework.examine import all_personas
from unhijack.collect.personas import headers_for, referrer_after, referrer_of, referrer_shown
from unhijack.compose.letter import write
from unhijack.compose.letter_kinds import Letterhead, Matter, Occasion, Reader, Why
from unhijack.compose.redact import Cleared, for_owner
from unhijack.compose.replay import curl_line
from unhijack.core.case import Case, Kind, Move, State
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Origin, Persona
from unhijack.core.notice import Notice
from unhijack.core.report import way_to
from unhijack.core.site import parse_address
from unhijack.ports import Doors, Fate


@dataclass(frozen=True, slots=True)
class Policy:
    """How notices leave."""

    head: Letterhead
    approval: bool = True
    """Each notice waits until an analyst lets it out."""


def notify(doors: Doors, policy: Policy, case: Case) -> Move | None:
    """The next notice of a case, frozen; None while it waits for a person.

    That is an analyst who lets it out, or somebody who finds another contact where the address was
    erased.
    """
    if policy.approval and not case.approved:
        return None
    now = doors.clock.now()
    owner = case.contacts[0]
    person = str(owner["person"])
    try:
        recipient = doors.cases.mailbox(person)
    except WrongUse:
        return None
    reference = doors.cases.reference(case.number)
    number = case.notices + 1
    key = f"notice-{case.number}-{number}"
    name = hashlib.sha256(f"{reference} {number}".encode()).hexdigest()[:24]
    domain = policy.head.sender.rpartition("@")[2]
    occasion = Occasion(
        reference,
        number,
        f"<{name}@{domain}>",
        now,
        _why(case),
    )
    cleared = for_owner(case)
    matter = Matter(cleared, occasion, _replays(case, cleared))
    message = write(matter, policy.head, Reader(recipient))
    notice = Notice(key, occasion.message_id, person, doors.cases.seal_for(person, message))
    data = {
        "notice": key,
        "message_id": occasion.message_id,
        "person": person,
        "role": str(owner["role"]),
        "sealed_sha256": hashlib.sha256(notice.content).hexdigest(),
    }
    return Move(Kind.QUEUED, data, None, notice)


def _why(case: Case) -> Why:
    if case.state is State.REINFECTED:
        return Why.AGAIN
    return Why.REFUTED if case.refuted else Why.FIRST


def _replays(case: Case, cleared: Cleared) -> list[str]:
    """The commands that repeat the visit, one for each own address of the chain."""
    persona = next(p for p in all_personas() if p.name == cleared.persona)
    referrer = referrer_of(persona)
    steps = way_to(case.pathway, case.url)
    if persona.origin is Origin.REPORTED and steps:
        referrer = referrer_after(steps[-1])
    return [_replay(persona, referrer, hop.url) for hop in cleared.own_hops]


def _replay(persona: Persona, referrer: str | None, url: str) -> str:
    shown = referrer_shown(referrer, parse_address(url))
    headers = headers_for(
        persona.device, shown, secure=True, cross_site=True, language=persona.language
    )
    return curl_line(url, headers)


async def post_notices(doors: Doors) -> int:
    """Hand over what is waiting; how many were tried."""
    count = 0
    while (outgoing := doors.cases.take_notice(doors.clock.now())) is not None:
        posted = await doors.mail.post(outgoing.letter)
        doors.cases.settle(outgoing, posted, doors.clock.now())
        count += 1
        if posted.fate is Fate.LATER:
            break
    return count

"""Telling people: a message is frozen when it is decided on, and leaves once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from unhijack.casework.plans import all_personas
from unhijack.collect.personas import headers_for, referrer_after, referrer_of, referrer_shown
from unhijack.compose.language import choose
from unhijack.compose.letter import write
from unhijack.compose.letter_kinds import (
    Detail,
    Letterhead,
    Manner,
    Matter,
    Occasion,
    Reader,
    Role,
    Why,
)
from unhijack.compose.redact import Cleared, for_owner
from unhijack.compose.replay import curl_line
from unhijack.compose.tongue import Tongues, only_english
from unhijack.core.answer import answer_address
from unhijack.core.arms import (
    CHANNEL,
    CONTROL,
    DETAIL,
    FORM,
    LANGUAGE,
    SENDER,
    Arms,
    drawn,
)
from unhijack.core.case import TOLD, Case, Kind, Move, State
from unhijack.core.contact import HOSTER, OWNER, PROXY, RFC2142
from unhijack.core.data import Data, Json
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Origin, Persona
from unhijack.core.ladder import Ladder, recipients
from unhijack.core.notice import LETTER, SAYS_SO, About, Notice, Stage
from unhijack.core.report import way_to
from unhijack.core.site import parse_address
from unhijack.ports import Doors


@dataclass(frozen=True, slots=True)
class Policy:
    """How notices leave."""

    head: Letterhead
    approval: bool = True
    """Each notice waits until an analyst lets it out."""
    ladder: Ladder = field(default_factory=Ladder)
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    """By country, as two small letters, where it differs."""
    arms: Arms = field(default_factory=Arms)
    senders: Mapping[str, str] = field(default_factory=dict)
    """Names of organisations in whose name notices may be written, by the level of an arm."""
    tongues: Tongues = only_english
    """The languages that letters are written in."""

    def head_for(self, arms: Mapping[str, str]) -> Letterhead:
        """Who writes, by lot."""
        name = self.senders.get(arms.get(SENDER, ""))
        return replace(self.head, organisation=name, names={}) if name else self.head

    def ladder_for(self, case: Case) -> Ladder:
        """How long those have whom a case's country knows."""
        country = str((case.places or {}).get("country") or "")
        return self.ladders.get(country, self.ladder)


def delay(doors: Doors, policy: Policy, case: Case) -> Move | datetime | None:
    """A case that is told later, so that what notices do can be measured.

    The move that puts it off; until when, where that was done; None: it is told now.
    """
    if case.round or case.messages or policy.arms.delayed <= 0:
        return None
    now = doors.clock.now()
    if case.delayed_at is not None:
        until = case.delayed_at + policy.arms.delay
        return until if until > now else None
    arms = _arms(doors, policy, case)
    if arms.get(CONTROL) != "delayed":
        return None
    data: dict[str, Json] = {"until": (now + policy.arms.delay).isoformat(), "arms": dict(arms)}
    return Move(Kind.DELAYED, data, now)


def _arms(doors: Doors, policy: Policy, case: Case) -> Mapping[str, str]:
    reference = doors.cases.reference(case.number)
    return drawn(policy.arms, reference, doors.secrets.keyed_hash)


def notify(doors: Doors, policy: Policy, case: Case) -> Move | None:
    """The next notices of a case, frozen; None where there is nobody to be told now.

    Somebody whose address was erased is nobody.
    """
    arms = _arms(doors, policy, case)
    people = tuple(one for one in recipients(case) if one["role"] != case.letter_due)
    notices = _messages(doors, policy, case, people, About.HIJACKED, arms)
    if not notices:
        return None
    now = doors.clock.now()
    data = _queued(notices, About.HIJACKED) | {"rung": case.rung, "arms": dict(arms)}
    return Move(Kind.QUEUED, data, policy.ladder_for(case).deadline(case, now), notices)


def await_letter(doors: Doors, policy: Policy, case: Case) -> Move | None:
    """A case whose owner is told by a letter, by lot; None where that is known, or is not so.

    Where no letter is sent in the time that the rung has, a mail is.
    """
    first = case.rung == 0 and case.wave == 0 and not case.letter_due
    owner = any(one["role"] == OWNER for one in recipients(case)) if first else False
    if not owner or _arms(doors, policy, case).get(CHANNEL) != LETTER:
        return None
    now = doors.clock.now()
    return Move(Kind.LETTER_DUE, {"role": OWNER}, now)


def retract(doors: Doors, policy: Policy, case: Case) -> Move | None:
    """Tell everyone who was told that we were wrong; None where that is done.

    What has not left is withdrawn; what was leaving at that moment makes the case due once more.
    """
    done = {one.person for one in case.messages if one.about is About.RETRACTION}
    told = {
        one.person: {"person": one.person, "role": one.role}
        for one in case.messages
        if one.about in SAYS_SO and one.may_be_read and one.person not in done
    }
    if not told or case.verdict is None:
        return None
    arms = _arms(doors, policy, case)
    notices = _messages(doors, policy, case, tuple(told.values()), About.RETRACTION, arms)
    if not notices:
        return None
    return Move(Kind.QUEUED, _queued(notices, About.RETRACTION), None, notices)


def confirm(doors: Doors, policy: Policy, case: Case) -> Move | None:
    """Tell everyone who was told that it is clean, once each time; None where that is done.

    It says nothing new of anybody and answers them, so that no approval is asked for.
    """
    last = {one.person: one for one in case.messages if one.about in (About.HIJACKED, About.CLEAN)}
    told = tuple(
        {"person": person, "role": last[person].role, "language": _language_of(case, person)}
        for person in case.holders
        if last[person].about is About.HIJACKED
    )
    notices = _messages(doors, policy, case, told, About.CLEAN, {}) if told else ()
    if not notices:
        return None
    return Move(Kind.QUEUED, _queued(notices, About.CLEAN), doors.clock.now(), notices)


def _language_of(case: Case, person: str) -> str:
    """The language that a contact is known to speak; empty where it is not."""
    known = (one for one in case.contacts if one["person"] == person)
    return next((str(one.get("language") or "") for one in known), "")


def preserve(doors: Doors, policy: Policy, case: Case) -> Move | None:
    """Ask the hoster of a case that is held to keep logs; None where that is done, or there is none.

    Once for each date. One whose mailbox bounces is followed by another.
    """
    asked = case.asked_to_keep
    done = {one.person for one in asked}
    hosters = [one for one in case.contacts if one["role"] == HOSTER and one["person"] not in done]
    hopes = any(one.stage is not Stage.BOUNCED for one in asked)
    if not hosters or hopes or case.verdict is None:
        return None
    notices = _messages(doors, policy, case, tuple(hosters[:1]), About.PRESERVE, {})
    if not notices:
        return None
    now = doors.clock.now()
    return Move(Kind.QUEUED, _queued(notices, About.PRESERVE), now, notices)


def ask_who_hosts(doors: Doors, policy: Policy, case: Case) -> Move | None:
    """Ask the service that a site stands behind who hosts it.

    None where somebody knows the hoster, where it was asked before, or where there is none.
    """
    asked = {one.person for one in case.messages if one.about is About.WHO_HOSTS}
    desks = [one for one in case.contacts if one["role"] == PROXY]
    known = any(one["role"] == HOSTER and one["source"] != RFC2142 for one in case.contacts)
    if known or not desks or desks[0]["person"] in asked or case.verdict is None:
        return None
    notices = _messages(doors, policy, case, tuple(desks[:1]), About.WHO_HOSTS, {})
    if not notices:
        return None
    return Move(Kind.QUEUED, _queued(notices, About.WHO_HOSTS), doors.clock.now(), notices)


def _queued(notices: tuple[Notice, ...], about: About) -> dict[str, Json]:
    return {"about": str(about), "notices": [dict(one.data()) for one in notices]}


def _messages(
    doors: Doors,
    policy: Policy,
    case: Case,
    people: tuple[Data, ...],
    about: About,
    arms: Mapping[str, str],
) -> tuple[Notice, ...]:
    first = len(case.messages) + 1
    made = [
        _message(doors, policy, case, one, number, about, arms)
        for number, one in enumerate(people, first)
    ]
    return tuple(one for one in made if one is not None)


def _message(
    doors: Doors,
    policy: Policy,
    case: Case,
    contact: Data,
    number: int,
    about: About,
    arms: Mapping[str, str],
) -> Notice | None:
    """One message to one person, frozen; None where their address was erased."""
    person = str(contact["person"])
    try:
        recipient = doors.cases.mailbox(person)
    except WrongUse:
        return None
    occasion = _occasion(doors, policy, case, number, about, person)
    cleared = for_owner(case)
    matter = Matter(cleared, occasion, _replays(case, cleared))
    manner = _manner(policy, case, contact, cleared, arms)
    role = Role(str(contact["role"]))
    reader = Reader(recipient, role, bool(contact.get("independent")))
    message = write(matter, policy.head_for(arms), reader, manner)
    return Notice(
        key=f"notice-{case.number}-{number}",
        message_id=occasion.message_id,
        person=person,
        content=doors.cases.seal_for(person, message),
        return_path=occasion.answer_to,
        role=role,
        language=manner.tongue.tag,
    )


def _occasion(
    doors: Doors, policy: Policy, case: Case, number: int, about: About, person: str
) -> Occasion:
    reference = doors.cases.reference(case.number)
    name = hashlib.sha256(f"{reference} {number}".encode()).hexdigest()[:24]
    sender = policy.head.sender
    return Occasion(
        reference,
        number,
        f"<{name}@{sender.rpartition('@')[2]}>",
        doors.clock.now(),
        _why(case, about, person),
        answer_to=answer_address(sender, reference, number, doors.secrets.keyed_hash),
        earlier=_earlier(case, person),
        until=case.held_until,
    )


@dataclass(frozen=True, slots=True)
class Paper:
    """A letter for another way than mail: whoever sends it prints it, or hands it to a provider."""

    matter: Matter
    head: Letterhead
    reader: Reader
    manner: Manner
    person: str
    arms: Mapping[str, str]


def on_other_ways(
    doors: Doors, policy: Policy, case: Case, role: str, postal: tuple[str, ...]
) -> Paper:
    """The letter that the contact of a role would get now. Raises WrongUse where there is none."""
    contact = next((one for one in case.contacts if one["role"] == role), None)
    if case.verdict is None or case.state not in (State.ATTRIBUTED, State.REINFECTED, *TOLD):
        raise WrongUse(f"case {case.number} is {case.state}: nobody is to be told")
    if contact is None:
        raise WrongUse(f"case {case.number} knows no {role}: name one by `cases contact`")
    person = str(contact["person"])
    cleared = for_owner(case)
    arms = _arms(doors, policy, case)
    occasion = _occasion(doors, policy, case, len(case.messages) + 1, About.HIJACKED, person)
    reader = Reader(
        doors.cases.mailbox(person), Role(role), bool(contact.get("independent")), postal
    )
    manner = _manner(policy, case, contact, cleared, arms)
    matter = Matter(cleared, occasion, _replays(case, cleared))
    return Paper(matter, policy.head_for(arms), reader, manner, person, arms)


def sent_by_hand(doors: Doors, policy: Policy, case: Case, paper: Paper, pdf: bytes) -> Move:
    """What follows when a person takes a letter out of the house: its reader counts as told."""
    occasion = paper.matter.occasion
    notice = Notice(
        key=f"notice-{case.number}-{occasion.number}",
        message_id=occasion.message_id,
        person=paper.person,
        content=doors.cases.seal_for(paper.person, pdf),
        return_path=occasion.answer_to,
        role=paper.reader.role,
        language=paper.manner.tongue.tag,
        channel=LETTER,
    )
    data = _queued((notice,), About.HIJACKED) | {"rung": case.rung, "arms": dict(paper.arms)}
    deadline = policy.ladder_for(case).deadline(case, doors.clock.now())
    return Move(Kind.QUEUED, data, deadline, (notice,))


def _manner(
    policy: Policy, case: Case, contact: Data, cleared: Cleared, arms: Mapping[str, str]
) -> Manner:
    if contact["role"] == PROXY:  # a desk for the whole world: English, unless it says otherwise
        return Manner(policy.tongues(str(contact.get("language") or "")))
    country = str((case.places or {}).get("country") or "")
    chosen = choose(
        str(contact.get("language") or ""),
        cleared.made_with.language,
        cleared.host,
        country,
    )
    english = arms.get(LANGUAGE) == "english"
    below = not chosen.sure or arms.get(LANGUAGE) == "both"
    detail = Detail.MINIMAL if arms.get(DETAIL) == Detail.MINIMAL else Detail.FULL
    tongue = policy.tongues("" if english else chosen.tag)
    return Manner(tongue, below, detail, as_html=arms.get(FORM) != "text")


def _claimed(case: Case, person: str) -> bool:
    """Whether somebody said that it is clean; of a claim that the house entered nobody knows who."""
    own = {one.key for one in case.messages if one.person == person}
    return person in case.holders and (not case.claimed_by or case.claimed_by in own)


def _why(case: Case, about: About, person: str) -> Why:
    """What the letter is about. Nobody is thanked for a claim that others made, or that was made
    before they heard what it was about.
    """
    if about in _ABOUT:
        return _ABOUT[about]
    if case.state is State.REINFECTED:
        return Why.AGAIN
    if case.refuted:
        return Why.REFUTED if _claimed(case, person) else Why.FIRST
    told = any(one.about is About.HIJACKED and one.round == case.round for one in case.messages)
    answered = case.state is State.ACKNOWLEDGED  # then no letter says that nobody did
    return Why.REMINDER if told and not answered else Why.FIRST


def _earlier(case: Case, person: str) -> datetime | None:
    """When they were told before; when anybody was, if they were not."""
    told = [one for one in case.messages if one.about in SAYS_SO]
    own = [one for one in told if one.person == person]
    return max((one.at for one in own or told), default=None)


_ABOUT = {
    About.PRESERVE: Why.PRESERVE,
    About.WHO_HOSTS: Why.WHO_HOSTS,
    About.RETRACTION: Why.RETRACTION,
    About.CLEAN: Why.CLEAN,
}


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

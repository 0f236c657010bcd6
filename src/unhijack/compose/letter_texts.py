"""What a letter says, as blocks: what was seen, how to see it, and all of it in order."""

from collections.abc import Iterator, Sequence

from unhijack.compose.document import Block, Fact, Facts, Heading, Literal, Para, value
from unhijack.compose.letter_answers import answering, doubts, regards
from unhijack.compose.letter_kinds import (
    Detail,
    Letterhead,
    Manner,
    Matter,
    Reader,
    Role,
    Why,
)
from unhijack.compose.letter_opening import opening
from unhijack.compose.letter_other import asking_who_hosts, preserving, retracting, thanks
from unhijack.compose.letter_steps import what_to_do
from unhijack.compose.letter_words import UNKNOWN, causes, condition, hop
from unhijack.compose.redact import Cleared, OwnHop
from unhijack.compose.tongue import Tongue, _, many

SUBJECTS = {
    Why.FIRST: _("{host} sends some of its visitors to another site"),
    Why.REFUTED: _("{host} still sends some of its visitors to another site"),
    Why.AGAIN: _("{host} again sends some of its visitors to another site"),
    Why.REMINDER: _("Reminder: {host} sends some of its visitors to another site"),
    Why.PRESERVE: _("{host}: please preserve evidence"),
    Why.WHO_HOSTS: _("{host}: which provider hosts this website?"),
    Why.CLEAN: _("{host}: no visitor is sent away any more"),
    Why.RETRACTION: _("{host}: our message was wrong, please disregard it"),
}
PDF_ATTACHED = _("The same letter is attached as a PDF.")

_SEEN = _("What we saw")
_WHEN = _("When")
_HOW_OFTEN = _("How often")
_OF_VISITS = many(
    "{times} of {count} visit that we made as different visitors",
    "{times} of {count} visits that we made as different visitors",
)
_CONDITIONS = _("It happens under these conditions")
_AT = _("At this address")
_SCRIPT = _("The script")
_IN_THE_PAGE = _("It stands in the page itself.")
_LOADED_FROM = _("It is loaded from {host}.")
_LEADS_TO = _("Visitors are sent to")
_DO_NOT_OPEN = _("Please do not open this address.")
_LIKELY_CAUSE = _("Likely cause")


def seen(cleared: Cleared, tongue: Tongue) -> Iterator[Block]:
    """When, how often, to whom, and how."""
    met = [condition(tongue, one) for one in cleared.conditions] or [tongue.say(UNKNOWN)]
    facts = [
        Fact(tongue.say(_WHEN), (value(tongue.moment(cleared.seen_at)),)),
        Fact(
            tongue.say(_HOW_OFTEN),
            (tongue.count(_OF_VISITS, cleared.visits, times=str(cleared.times)),),
        ),
        Fact(tongue.say(_CONDITIONS), tuple(met)),
    ]
    for one in cleared.own_hops:
        facts += _hop(one, tongue)
    where = (value(cleared.sent_to), tongue.say(_DO_NOT_OPEN))
    facts.append(Fact(tongue.say(_LEADS_TO), where))
    if because := causes(tongue, cleared):
        facts.append(Fact(tongue.say(_LIKELY_CAUSE), because))
    yield Heading(tongue.say(_SEEN))
    yield Facts(tuple(facts))


def _hop(one: OwnHop, tongue: Tongue) -> list[Fact]:
    facts = [Fact(tongue.say(_AT), (value(one.url), hop(tongue, one)))]
    if one.script:
        host = one.script_host
        where = tongue.say(_LOADED_FROM, host=host) if host else tongue.say(_IN_THE_PAGE)
        facts.append(Fact(tongue.say(_SCRIPT), (where, value(f"SHA-256 {one.script}"))))
    return facts


_SHOWN_BY_CURL = frozenset({"location", "refresh", "meta"})
_TRY = _("See it for yourself, safely")
_BY_CURL = _(
    "On Linux or macOS, paste this into a terminal. It asks the website's own server only, as "
    "such a visitor would, and does not follow the redirect. It shows the status and the name of "
    "the host to which visitors would be sent. Once the website is clean, no such host appears."
)
_BY_BROWSER = _(
    "This happens inside a browser, so no simple command can show it. Look at the source of the "
    "page instead: type {prefix} in front of the address, in a browser. That runs nothing and "
    "takes you nowhere."
)
_CODE_LOOKS = _(
    "Look for code that you did not put there. It is often one long line at the very start or end "
    "of the page or of a script file."
)
_NOT_THAT_WAY = _(
    "Please do not open the page under the conditions described above: you would be sent away. "
    "Answer this message, and we repeat the visit for you."
)


def see_for_yourself(cleared: Cleared, replays: Sequence[str], tongue: Tongue) -> Iterator[Block]:
    """How to see it, and not be taken there."""
    yield Heading(tongue.say(_TRY))
    if all(one.leads_by in _SHOWN_BY_CURL for one in cleared.own_hops) and replays:
        yield Para(tongue.say(_BY_CURL))
        yield from (Literal(line, command=True) for line in replays)
        return
    yield Para(tongue.say(_BY_BROWSER, prefix="view-source:"))
    yield Para(tongue.say(_CODE_LOOKS))
    yield Para(tongue.say(_NOT_THAT_WAY))


def body(matter: Matter, reader: Reader, manner: Manner, tongue: Tongue) -> Iterator[Block]:
    """What was seen and what to do; nothing of it where little detail is wanted."""
    if manner.detail is Detail.MINIMAL:
        return
    yield from seen(matter.cleared, tongue)
    yield from see_for_yourself(matter.cleared, matter.replays, tongue)
    if reader.role in (Role.OWNER, Role.HOSTER):
        yield from what_to_do(matter.cleared, reader, tongue)


def letter(
    matter: Matter,
    head: Letterhead,
    reader: Reader,
    manner: Manner,
    tongue: Tongue,
    address: str = "",
) -> Iterator[Block]:
    """All that one letter says, in one language; `address` as in `answering`."""
    cleared, occasion = matter.cleared, matter.occasion
    match occasion.why:
        case Why.PRESERVE:
            yield from preserving(cleared, occasion, tongue)
            yield from doubts(head, tongue)
        case Why.WHO_HOSTS:
            yield from asking_who_hosts(cleared, tongue)
            yield from body(matter, reader, manner, tongue)
            yield from doubts(head, tongue)
        case Why.CLEAN:
            yield from thanks(cleared, tongue)
        case Why.RETRACTION:
            yield from retracting(cleared, occasion, tongue)
            yield from doubts(head, tongue)
        case _:
            yield from opening(cleared, occasion, reader, tongue, with_report=not address)
            yield from body(matter, reader, manner, tongue)
            yield from answering(occasion, head, reader, tongue, address)
    yield from regards(head, (occasion.reference,), tongue)

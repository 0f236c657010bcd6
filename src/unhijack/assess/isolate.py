"""Who should visit next, so that a redirect that was seen is isolated before it is ruled on.

The same visitor once more, then the same visitor with one thing changed; then, until lots are
ruled out, both again.
"""

from dataclasses import replace
from math import comb

from unhijack.assess.conditions import chance, decisive, fits, is_linked
from unhijack.assess.pages import VIEWS, scripts_for_some
from unhijack.assess.signals import (
    Look,
    Outcome,
    alike,
    by_aim,
    never,
    outcome,
    sites_left_for,
    subject_of,
    variations,
)
from unhijack.core.evidence import Device, Jar, Origin, Persona
from unhijack.core.language import other_language

CONFIRMATIONS = 3
"""Visits of a persona that was sent away, before it is believed that it always is."""
MOST_REPEATS = 6
"""Visits of one persona that show whether everybody is sent elsewhere each time."""
MOST_OF_ONE = 30
"""Visits of any persona that it may take to rule lots out."""
BY_LOT = 0.001
"""Visits that lots would deal with this probability, or less, were not dealt by lot."""
BY_LOT_LINKED = 0.000_01
"""The same where the page links openly to where visitors are sent, as a test of two sites would."""


def next_personas(look: Look) -> tuple[Persona, ...]:
    """Who should visit next, in this order; empty when everything is known.

    Nothing is asked for when nobody was sent away, or when everybody was, to the same place.
    """
    for one in by_aim(look):
        wanted = _next(one)
        if wanted:
            return wanted
    return ()


def by_lot(look: Look) -> bool:
    """Whether lots could have decided who was sent away."""
    return chance(look) > _limit(look)


def _limit(look: Look) -> float:
    return BY_LOT_LINKED if is_linked(look) else BY_LOT


def _next(look: Look) -> tuple[Persona, ...]:
    if not look.left:
        return _to_compare_pages(look)
    subject = subject_of(look)
    if not (look.stayed or look.kept_out) and alike(look):
        several = len(sites_left_for(look.left)) > 1
        varies = len(sites_left_for(look.of(subject))) > 1
        missing = MOST_REPEATS - len(look.of(subject)) if several and not varies else 0
        return (subject,) * max(0, missing)
    wanted = [subject] * max(0, CONFIRMATIONS - len(look.of(subject)))
    for persona in variations(subject):
        first = replace(persona, jar=Jar.FRESH)  # who returns was there before
        wanted += [one for one in dict.fromkeys((first, persona)) if not look.of(one)]
    if not subject.language and subject.device is not Device.BOT and alike(look):
        other = replace(subject, language=other_language(look.host), jar=Jar.FRESH)
        wanted += [] if look.of(other) else [other]
    return tuple(wanted) or _to_rule_out_lots(look, subject)


def _to_compare_pages(look: Look) -> tuple[Persona, ...]:
    """Of the two kinds of people of whom one gets a script and the other does not, the rarer."""
    found = next(scripts_for_some(look), None)
    if found is None or len(found.kind) + len(found.others) >= VIEWS:
        return ()
    rarer = min(found.kind, found.others, key=len)
    return (rarer[0].persona,)


def _to_rule_out_lots(look: Look, subject: Persona) -> tuple[Persona, ...]:
    """Both sides in turn, the one that visited less first; only visits that count will do.

    Where one gate explains everything it can be said how many it takes, if it goes on so.
    """
    if not look.stayed or not by_lot(look):
        return ()
    visits = decisive(look)
    counted = [visit.persona for visit in visits]
    plain = replace(subject, origin=Origin.DIRECT)
    spared = [one for one in (plain, *variations(subject), *counted) if one in counted]
    sides = [subject, *[persona for persona in spared if never(look, persona)][:1]]
    times = {persona: len(look.of(persona)) for persona in sides}
    left = sum(outcome(visit) is Outcome.LEFT for visit in visits)
    one_gate = fits(look)
    wanted: list[Persona] = []
    while True:
        least = min(sides, key=times.__getitem__)
        if times[least] >= MOST_OF_ONE:
            return tuple(wanted)
        wanted.append(least)
        times[least] += 1
        left += least == subject
        if not one_gate or 1 / comb(len(visits) + len(wanted), left) <= _limit(look):
            return tuple(wanted)

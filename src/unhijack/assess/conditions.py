"""What a visitor must be to be sent away, and how probable it is that it was mere chance.

Two visits that differ in one thing only (where the visitor says they come from, what they hold in
their hand, what they remember) show what that thing does: unless the site draws lots. So before
anybody is accused, the visits must be such as lots would hardly have dealt.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import comb

from unhijack.assess.signals import (
    Look,
    Outcome,
    never,
    on_device,
    outcome,
    sites_left_for,
    subject_of,
    unsteady,
)
from unhijack.core.condition import Condition, condition_from_text
from unhijack.core.evidence import RARER, Aim, Device, Jar, Origin, Persona, Visit
from unhijack.core.language import other_language

NO_CRAWLER = Condition("no-crawler")


def conditions(look: Look) -> tuple[Condition, ...]:
    """What a visitor must be for the redirect to happen, as far as it was isolated."""
    subject = subject_of(look)
    found = [*_origin_condition(look, subject), *_device_condition(look, subject)]
    found += _language_condition(look, subject)
    if subject.jar is Jar.FRESH and never(look, subject.returning()):
        found.append(Condition("first-visit"))
    if subject.jar is Jar.RETURNING and never(look, replace(subject, jar=Jar.FRESH)):
        found.append(Condition("returning"))
    own = look.of(subject)
    times = sum(outcome(visit) is Outcome.LEFT for visit in own)
    if times < len(own):
        found.append(Condition("sometimes", (str(times), str(len(own)))))
    if subject.aim is not Aim.ADDRESS:
        found.append(Condition(_AIMS[subject.aim]))
    return tuple(found)


_AIMS = {
    Aim.DEEP: "other-page",
    Aim.UNKNOWN: "no-page",
    Aim.TWIN: "other-name",
}
_ORIGINS = {
    Origin.SEARCH: "search",
    Origin.SOCIAL: "social",
    Origin.LINK: "link",
}
_DEVICES = {
    Device.PHONE: "phone",
    Device.DESKTOP: "desktop",
    Device.BOT: "crawler",
    Device.IPHONE: "iphone",
    Device.APP: "app",
}
"""Codes of conditions."""


def _language_condition(look: Look, subject: Persona) -> list[Condition]:
    if subject.language:
        other, own = replace(subject, language=""), subject.language
    else:
        other, own = replace(subject, language=other_language(look.host)), "en"
    return [Condition("language", (own,))] if never(look, other) else []


def _origin_condition(look: Look, subject: Persona) -> list[Condition]:
    other = replace(subject, origin=Origin.DIRECT)
    if subject.origin is Origin.DIRECT:
        return [Condition("direct")] if never(look, replace(subject, origin=Origin.SEARCH)) else []
    if not never(look, other):
        return []
    if subject.origin in _ORIGINS:
        return [Condition(_ORIGINS[subject.origin])]
    return [condition_from_text(look.arrival) if look.arrival else Condition("reported")]


def _device_condition(look: Look, subject: Persona) -> list[Condition]:
    """Which devices are sent away, everything else equal."""
    code = _DEVICES[subject.device]
    if subject.device is Device.BOT:
        people = [v for v in look.visits if v.persona.device is not Device.BOT]
        return [Condition(code)] if all(outcome(v) is Outcome.STAYED for v in people) else []
    other = Device.DESKTOP if subject.device is Device.PHONE else Device.PHONE
    if subject.device in RARER and not never(look, on_device(subject, other)):
        code, other = "phone", Device.DESKTOP
    if never(look, on_device(subject, other)):
        return [Condition(code)]
    if never(look, on_device(subject, Device.BOT)) and not _origin_condition(look, subject):
        return [NO_CRAWLER]
    return []


def is_linked(look: Look) -> bool:
    """Whether each page that somebody saw links to each site that the others were sent to."""
    pages = [visit.page for visit in look.stayed if visit.page]
    sites = set(sites_left_for(look.left))
    return bool(pages) and all(sites <= page.links for page in pages)


def fits(look: Look) -> bool:
    """Whether one gate explains every visit: all who meet the conditions left, and nobody else."""
    return not unsteady(look) and _explains(look, decisive(look)) and bool(conditions(look))


def chance(look: Look) -> float:
    """How probable it is that lots, which look at nobody, dealt the visits as they were.

    Fisher's exact test, one-sided: of all ways to deal out the departures, those in which they
    all fall to visitors who meet the conditions. Where no gate explains the visits, all that
    speaks against lots is that equal visitors fared equally.
    """
    visits = decisive(look)
    left = sum(outcome(visit) is Outcome.LEFT for visit in visits)
    if not unsteady(look):
        if fits(look):
            return 1 / comb(len(visits), left)
        return _of_agreeing(look, visits, left / len(visits))
    if not _explains(look, [visit for visit in visits if outcome(visit) is Outcome.LEFT]):
        return 1.0
    meant = sum(map(_gate(look), (visit.persona for visit in visits)))
    return comb(meant, left) / comb(len(visits), left)


def _of_agreeing(look: Look, visits: list[Visit], rate: float) -> float:
    probability = 1.0
    for persona, times in Counter(visit.persona for visit in visits).items():
        probability *= (1 - rate if never(look, persona) else rate) ** (times - 1)
    return float(probability)


def decisive(look: Look) -> list[Visit]:
    """Visits that say something of the subject's gate: others come in yet another way."""
    subject = subject_of(look)
    seen = (*look.left, *look.stayed)
    if subject.device is Device.BOT:
        return list(seen)
    return [
        visit
        for visit in seen
        if visit.persona.origin in (subject.origin, Origin.DIRECT)
        and visit.persona.language == subject.language
        and (visit.persona.device not in RARER or visit.persona.device is subject.device)
    ]


def _explains(look: Look, visits: list[Visit]) -> bool:
    admits = _gate(look)
    return all(
        admits(visit.persona) == (outcome(visit) is Outcome.LEFT)
        or (visit.persona.device is Device.BOT and outcome(visit) is Outcome.STAYED)
        for visit in visits
    )


def _gate(look: Look) -> Callable[[Persona], bool]:
    """What the conditions say, as a test: whether a persona would be sent away."""
    subject = subject_of(look)
    by_origin = bool(_origin_condition(look, subject))
    by_device = _device_condition(look, subject)
    no_bots = by_origin or bool(by_device)
    one_device = bool(by_device) and by_device != [NO_CRAWLER]
    other = replace(subject, jar=Jar.RETURNING if subject.jar is Jar.FRESH else Jar.FRESH)
    by_jar = never(look, other)

    def admits(persona: Persona) -> bool:
        bot = persona.device is Device.BOT
        if subject.device is Device.BOT:
            return bot
        return not (
            (bot and no_bots)
            or (by_origin and persona.origin is not subject.origin)
            or (one_device and persona.device is not subject.device)
            or (by_jar and persona.jar is not subject.jar)
        )

    return admits

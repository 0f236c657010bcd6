"""From signals to a verdict: one explanation a function, asked in order, the first that holds.

A ruling that explains a redirect innocently comes before one that finds guilt; one that says what
could not be seen comes before one that finds nothing.
"""

from collections.abc import Callable
from dataclasses import replace

from unhijack.assess.conditions import conditions, fits
from unhijack.assess.innocent import (
    a_cache_has_a_copy,
    after_an_act,
    everybody_is_handed_over,
    everybody_is_sent_there,
    its_own_other_name,
    list_hosts,
    only_the_address_says_so,
    phones_are_sent_to_the_app,
    the_language_decides,
    the_page_links_there,
    who_returns_is_handed_over,
)
from unhijack.assess.isolate import by_lot
from unhijack.assess.pages import a_script_for_some, links_for_crawlers, script_sites
from unhijack.assess.signals import Look, Outcome, answered, by_aim, outcome, sites_left_for
from unhijack.core.evidence import (
    Aim,
    Device,
    FailureKind,
    Jar,
    Notice,
    Origin,
    Visit,
    is_offsite,
)
from unhijack.core.site import site_of
from unhijack.core.text import defang
from unhijack.core.verdict import Bound, Reason, Ruling, Verdict, rule_of_three

Rule = Callable[[Look], Verdict | None]

_NOWHERE = frozenset({FailureKind.GUARD, FailureKind.TARGET, FailureKind.LOOP, FailureKind.HOPS})
"""Ends of a chain that no honest owner wants: an address inside, none that is followed, no end."""

_OURS = frozenset({FailureKind.BUDGET, FailureKind.EGRESS})
"""Failures that say nothing of the site."""

SCRIPTS_NOT_RUN = "scripts were not run"
SCRIPTS_NOT_ANSWERED = "what scripts ask a server for (fetch, XMLHttpRequest, WebSocket)"
"""It is not sent: only scripts and pages are asked for."""
NO_OTHER_NETWORK = "other countries and networks"
USED_BEFORE = "no egress that was not used before, at some visits"
NOT_COVERED = (
    "other systems",
    "other languages",
    "other hours",
)
"""What no tier looks at, whatever it found."""


def not_covered(look: Look) -> tuple[str, ...]:
    """What nobody looked at of what a longer check would."""
    origins = {persona.origin for persona in look.covered}
    devices = {persona.device for persona in look.covered}
    aims = {persona.aim for persona in look.covered}
    asked = (
        ("iPhones", Device.IPHONE in devices),
        ("browsers inside the apps of social networks", Device.APP in devices),
        ("visitors from social networks", Origin.SOCIAL in origins),
        ("visitors who follow a link from another site", Origin.LINK in origins),
        ("other pages of the site", {Aim.DEEP, Aim.UNKNOWN} <= aims),
        ("the site under its other name, with www. or without", Aim.TWIN in aims),
    )
    return (
        *_not_reached(look),
        *NOT_COVERED,
        *(what for what, looked_at in asked if not looked_at),
    )


def _not_reached(look: Look) -> tuple[str, ...]:
    """Whom the ways out did not stand for."""
    ways = [visit.way_out for visit in look.visits if visit.way_out]
    countries = sorted({way.country.upper() for way in ways if way.country})
    where = f"countries other than {', '.join(countries)}" if countries else NO_OTHER_NETWORK
    used = any(not way.fresh for way in ways)
    return (where, *((USED_BEFORE,) if used else ()))


def rule(look: Look) -> Verdict:
    """The verdict on one address: what was found on another page of its site counts as well."""
    verdicts = [_rule(one) for one in by_aim(look)]
    return next((verdict for verdict in verdicts if verdict.ruling.found), verdicts[0])


def _rule(look: Look) -> Verdict:
    for ruling in RULINGS:
        verdict = ruling(look)
        if verdict is not None:
            return replace(verdict, reasons=(*verdict.reasons, *_of_third_parties(look)))
    raise AssertionError("the last ruling always holds")


def _of_third_parties(look: Look) -> tuple[Reason, ...]:
    """Whose script sent visitors away, where it is not the site's own: they can mend it."""
    found: dict[str, Reason] = {}
    for visit in look.left:
        hop = visit.left_for
        host = hop.cause.host if hop and hop.cause else None
        if host is not None and is_offsite(host, site_of(look.host)):
            text = f"the script that did it comes from {defang(host)}, not from the site"
            found.setdefault(host, Reason("third-party-script", text, visit.number))
    return tuple(found.values())


def nobody_got_through(look: Look) -> Verdict | None:
    """No visit got an answer, or none that can be read."""
    failed = [visit for visit in look.kept_out if outcome(visit) is Outcome.FAILED]
    if len(failed) < len(look.visits):
        return None
    text = failed[0].failure.text if failed and failed[0].failure else "not visited"
    reached = any(answered(visit) for visit in failed)
    ours = any(v.failure and v.failure.kind in _OURS for v in failed)
    ruling = Ruling.INCONCLUSIVE if reached or ours else Ruling.UNREACHABLE
    reason = Reason(
        "no-answer" if not reached else "no-page", text, failed[0].number if failed else None
    )
    return Verdict(ruling, 1.0, (reason,), error=text)


def everybody_is_sent_nowhere(look: Look) -> Verdict | None:
    """Nobody saw a page, and where they were sent is not followed: that explains nothing."""
    if not look.left or look.stayed:
        return None
    for visit in look.left:
        failure = visit.furthest.failure or visit.failure
        if failure is not None and failure.kind in _NOWHERE:
            return _inconclusive("led-nowhere", visit, f"it leads nowhere: {failure.text}")
    return None


def whoever_touches_it_is_sent_away(look: Look) -> Verdict | None:
    """Everybody sees a page, and a script takes them away when they touch it or want to leave.

    Some adverts do so with their owners' leave, so it is no proof.
    """
    if look.stayed or not look.left or not after_an_act(look):
        return None
    text = (
        "every visitor sees a page of the site, and a script takes them to "
        f"{list_hosts(sites_left_for(look.left))} when they touch it, want to leave it or come again"
    )
    reason = Reason("taken-away", text, look.left[0].number)
    return Verdict(Ruling.SUSPICIOUS, 0.6, (reason,), met=conditions(look))


def only_some_are_sent_away(look: Look) -> Verdict | None:
    """The same visitor, in one thing different, sees a page: the site hides the redirect.

    Unless it draws lots, which takes more visits to rule out the less the visits are of a piece.
    """
    if len(look.left) < 2 or not look.stayed:
        return None
    if by_lot(look):
        return _some_visits(look)
    confidence = 0.97 if fits(look) else 0.85
    reasons = (*_reasons(look), *_third_party(look))
    return Verdict(Ruling.HIJACKED, confidence, reasons, met=conditions(look))


def _some_visits(look: Look) -> Verdict:
    text = (
        f"{len(look.left)} of {len(look.visits)} visits were sent to "
        f"{list_hosts(sites_left_for(look.left))}, {len(look.stayed)} saw a page of the site: "
        "it may have been by lot"
    )
    reason = Reason("at-some-visits", text, look.left[0].number)
    return Verdict(Ruling.SUSPICIOUS, 0.6, (reason,), met=conditions(look))


def _reasons(look: Look) -> tuple[Reason, ...]:
    where = list_hosts(sites_left_for(look.left))
    text = (
        f"{len(look.left)} of {len(look.visits)} visits were sent to {where}, "
        f"{len(look.stayed)} saw a page of the site"
    )
    return (
        Reason("differs", text, look.left[0].number),
        Reason("contrast", _contrast(look), look.stayed[0].number),
    )


def _third_party(look: Look) -> tuple[Reason, ...]:
    """A site whose script the page loads, and to which visitors are sent, is named."""
    parties = {
        site
        for visit in (*look.left, *look.stayed)
        for site in script_sites(visit, look.host)
        if site in sites_left_for(look.left)
    }
    if not parties:
        return ()
    text = f"the page loads a script from {list_hosts(sorted(parties))}, where visitors are sent"
    return (Reason("third-party", text, look.left[0].number),)


def one_was_sent_away_once(look: Look) -> Verdict | None:
    """Seen once, and not again by the same visitor: a sign, no proof."""
    if len(look.left) != 1 or not look.stayed:
        return None
    visit = look.left[0]
    text = (
        f"one visit ({visit.persona.name}) was sent to {list_hosts(sites_left_for(look.left))}; "
        "the same visitor was not sent there again: it may show itself once to each address"
    )
    return Verdict(
        Ruling.SUSPICIOUS,
        0.6,
        (Reason("seen-once", text, visit.number),),
        met=conditions(look),
    )


def sent_away_without_contrast(look: Look) -> Verdict | None:
    """Visitors were sent away, and nobody saw a page to compare with."""
    if not look.left:
        return None
    where = list_hosts(sites_left_for(look.left))
    text = f"visitors were sent to {where}, and no visit saw a page of the site to compare with"
    return Verdict(Ruling.SUSPICIOUS, 0.5, (Reason("no-contrast", text, look.left[0].number),))


def a_script_would_decide(look: Look) -> Verdict | None:
    """A script that reads who the visitor is and could send them off the site was not run."""
    for visit in look.stayed:
        scripts = visit.page.scripts if visit.page and not visit.page.ran else ()
        if any(script.would_decide for script in scripts):
            text = (
                "a script in the page looks at who the visitor is, and could send them off the "
                "site: it would have to be run to know"
            )
            return Verdict(Ruling.SUSPICIOUS, 0.5, (Reason("script-not-run", text, visit.number),))
    return None


def scripts_were_cut_short(look: Look) -> Verdict | None:
    """What a page's scripts would have done in the end is not known: that is no clean page."""
    for visit in look.stayed:
        if visit.page is None or visit.page.cut is None:
            continue
        text = f"what its scripts do is not known: {visit.page.cut}"
        if any(script.would_decide for script in visit.page.scripts):
            reason = Reason("script-cut-short", text, visit.number)
            return Verdict(Ruling.SUSPICIOUS, 0.5, (reason,))
        return _inconclusive("script-cut-short", visit, text)
    return None


def somebody_was_kept_out(look: Look) -> Verdict | None:
    """A visitor who matters was refused, failed, or saw half a page: nothing can be said."""
    for visit in look.visits:
        if visit.persona.device is Device.BOT:
            continue
        if outcome(visit) is Outcome.FAILED and visit.failure:
            return _inconclusive("visit-failed", visit, visit.failure.text)
        if outcome(visit) is Outcome.BLOCKED:
            return _inconclusive(*_kept_out(visit))
        if visit.page and visit.page.truncated:
            return _inconclusive(
                "page-too-large",
                visit,
                f"its page is too large or too deep: {visit.page.size} bytes were read",
            )
    return None


def _kept_out(visit: Visit) -> tuple[str, Visit, str]:
    """By what: a challenge, maintenance, a password, too many visits, or something else."""
    status = f"it answered with status {visit.status}"
    notice = visit.page.notice if visit.page else None
    if notice is Notice.CHALLENGE:
        return "challenge", visit, f"{status} and asks for proof that it is no robot"
    if notice is Notice.MAINTENANCE:
        return "maintenance", visit, f"{status}: it is being worked on"
    codes = {401: "sign-in", 407: "sign-in", 429: "too-many-visits", 451: "blocked-by-law"}
    return codes.get(visit.status or 0, "kept-out"), visit, status


def nothing_happened(look: Look) -> Verdict | None:
    """Every visitor saw a page of the site."""
    people = [v for v in look.stayed if v.persona.device is not Device.BOT]
    fresh = [v for v in people if v.persona.jar is Jar.FRESH]
    bots = [v for v in look.visits if v.persona.device is Device.BOT]
    kept_out = any(outcome(v) is not Outcome.STAYED for v in bots)
    missing = ("a search engine's crawler",) if kept_out or not bots else ()
    if not all(v.page and v.page.ran for v in people):
        missing = (SCRIPTS_NOT_RUN, *missing)
    else:
        missing = (SCRIPTS_NOT_ANSWERED, *missing)
    bound = Bound(len(people), rule_of_three(len(people)), (*missing, *not_covered(look)))
    text = (
        f"{len(people)} visits ({len(fresh)} of them first visits) stayed on the site: at most "
        f"{bound.rate_below:.0%} of such visitors are redirected (95 % confidence)"
    )
    reason = Reason("nothing-seen", text, people[0].number if people else None)
    return Verdict(Ruling.CLEAN, 1 - bound.rate_below / 2, (reason,), bound=bound)


RULINGS: tuple[Rule, ...] = (
    nobody_got_through,
    only_the_address_says_so,
    everybody_is_sent_nowhere,
    everybody_is_sent_there,
    its_own_other_name,
    phones_are_sent_to_the_app,
    a_cache_has_a_copy,
    everybody_is_handed_over,
    who_returns_is_handed_over,
    the_language_decides,
    the_page_links_there,
    whoever_touches_it_is_sent_away,
    only_some_are_sent_away,
    one_was_sent_away_once,
    sent_away_without_contrast,
    links_for_crawlers,
    a_script_would_decide,
    a_script_for_some,
    scripts_were_cut_short,
    somebody_was_kept_out,
    nothing_happened,
)


def _inconclusive(code: str, visit: Visit, text: str) -> Verdict:
    reason = Reason(code, f"{visit.persona.name}: {text}", visit.number)
    return Verdict(Ruling.INCONCLUSIVE, 1.0, (reason,), error=text)


def _contrast(look: Look) -> str:
    left = ", ".join(dict.fromkeys(visit.persona.name for visit in look.left))
    stayed = ", ".join(dict.fromkeys(visit.persona.name for visit in look.stayed))
    return f"sent away: {left}; not sent away: {stayed}"

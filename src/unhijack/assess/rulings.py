"""From signals to a verdict: one explanation a function, asked in order, the first that holds.

A ruling that explains a redirect innocently comes before one that finds guilt; one that says what
could not be seen comes before one that finds nothing.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

from unhijack.assess.signals import (
    Look,
    Outcome,
    answered,
    conditions,
    outcome,
    sites_left_for,
    subject_of,
)
from unhijack.core.evidence import Device, FailureKind, Jar, Origin, Visit, is_offsite
from unhijack.core.site import brand_of, site_of
from unhijack.core.text import defang
from unhijack.core.verdict import Bound, Reason, Ruling, Verdict, rule_of_three

Rule = Callable[[Look], Verdict | None]

_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{12,2048}={0,2}")
_MOST_TOKENS = 50
_NOWHERE = frozenset({FailureKind.GUARD, FailureKind.TARGET, FailureKind.LOOP, FailureKind.HOPS})
"""Ends of a chain that no honest owner wants: an address inside, none that is followed, no end."""

SCRIPTS_NOT_RUN = "scripts were not run"
NOT_COVERED = (
    "other countries and networks",
    "other languages",
    "other hours",
    "other pages of the site",
)
"""What no tier looks at, whatever it found."""


def rule(look: Look) -> Verdict:
    """The verdict on one address."""
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
    budget = any(v.failure and v.failure.kind is FailureKind.BUDGET for v in failed)
    ruling = Ruling.INCONCLUSIVE if reached or budget else Ruling.UNREACHABLE
    reason = Reason(
        "no-answer" if not reached else "no-page", text, failed[0].number if failed else None
    )
    return Verdict(ruling, 1.0, (reason,), error=text)


def only_the_address_says_so(look: Look) -> Verdict | None:
    """The reported query itself carries every target: an open redirect is no hijacked site."""
    if not look.left:
        return None
    carried = _carried(look.url)
    hosts = {visit.left_for.host for visit in look.left if visit.left_for}
    if not all(host in carried or f"//{site_of(host)}" in carried for host in hosts):
        return None
    text = (
        f"the address itself names {_list_hosts(hosts)}: whoever made the link chose the target "
        "(an open redirect; the site is not shown to be hijacked)"
    )
    return Verdict(Ruling.CLEAN, 0.7, (Reason("open-redirect", text, look.left[0].number),))


def everybody_is_sent_nowhere(look: Look) -> Verdict | None:
    """Nobody saw a page, and where they were sent is not followed: that explains nothing."""
    if not look.left or look.stayed:
        return None
    for visit in look.left:
        failure = visit.furthest.failure or visit.failure
        if failure is not None and failure.kind in _NOWHERE:
            return _inconclusive("led-nowhere", visit, f"it leads nowhere: {failure.text}")
    return None


def everybody_is_sent_there(look: Look) -> Verdict | None:
    """What every visitor sees alike is the owner's own doing."""
    sites = sites_left_for(look.left)
    people = [v for v in look.visits if v.persona.device is not Device.BOT]
    unequal = [v for v in people if outcome(v) is not Outcome.LEFT]
    enough = any(v.persona.origin is Origin.DIRECT for v in look.left) and len(look.left) > 1
    if len(sites) != 1 or unequal or not enough or look.stayed:
        return None
    text = f"every visitor is sent to {defang(sites[0])} alike"
    return Verdict(Ruling.CLEAN, 0.8, (Reason("same-for-everyone", text, look.left[0].number),))


def its_own_other_name(look: Look) -> Verdict | None:
    """The target bears the site's own name under another suffix: example.com and example.de."""
    sites = sites_left_for(look.left)
    brand = brand_of(look.host)
    if not sites or len(brand) < 3 or any(brand_of(site) != brand for site in sites):
        return None
    text = f"some visitors are sent to {_list_hosts(sites)}, which bears the same name"
    return Verdict(Ruling.CLEAN, 0.7, (Reason("same-name", text, look.left[0].number),))


def only_some_are_sent_away(look: Look) -> Verdict | None:
    """The same visitor, in one thing different, sees a page: the site hides the redirect."""
    if not look.left or not look.stayed:
        return None
    times = sum(outcome(visit) is Outcome.LEFT for visit in look.of(subject_of(look)))
    if len(look.left) < 2:
        return None
    met = conditions(look)
    where = _list_hosts(sites_left_for(look.left))
    text = (
        f"{len(look.left)} of {len(look.visits)} visits were sent to {where}, "
        f"{len(look.stayed)} saw a page of the site"
    )
    reasons = [Reason("differs", text, look.left[0].number)]
    reasons.append(Reason("contrast", _contrast(look), look.stayed[0].number))
    isolated = times > 1 and bool(met)
    steady = not any("at some visits only" in text for text in met)
    confidence = 0.97 if isolated and steady else 0.85
    return Verdict(Ruling.HIJACKED, confidence, tuple(reasons), conditions=met)


def one_was_sent_away_once(look: Look) -> Verdict | None:
    """Seen once, and not again by the same visitor: a sign, no proof."""
    if len(look.left) != 1 or not look.stayed:
        return None
    visit = look.left[0]
    text = (
        f"one visit ({visit.persona.name}) was sent to {_list_hosts(sites_left_for(look.left))}; "
        "the same visitor was not sent there again: it may show itself once to each address"
    )
    return Verdict(
        Ruling.SUSPICIOUS,
        0.6,
        (Reason("seen-once", text, visit.number),),
        conditions=conditions(look),
    )


def sent_away_without_contrast(look: Look) -> Verdict | None:
    """Visitors were sent away, and nobody saw a page to compare with."""
    if not look.left:
        return None
    where = _list_hosts(sites_left_for(look.left))
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


def a_script_for_some(look: Look) -> Verdict | None:
    """A script from another site that one kind of people always gets, and no other ever.

    Adverts change at every view: what counts is there at each of several visits.
    """
    people = [v for v in look.stayed if v.page and v.persona.device is not Device.BOT]
    if all(v.page and v.page.ran for v in people):
        return None
    from_search = [v for v in people if v.persona.origin is not Origin.DIRECT]
    directly = [v for v in people if v.persona.origin is Origin.DIRECT]
    by_phone = [v for v in people if v.persona.device is Device.PHONE]
    by_desktop = [v for v in people if v.persona.device is Device.DESKTOP]
    for kind, others in ((from_search, directly), (by_phone, by_desktop)):
        if len(kind) < 2 or not others:
            continue
        hosts = [_script_sites(visit, look.host) for visit in kind]
        always = frozenset.intersection(*hosts).difference(
            *(_script_sites(visit, look.host) for visit in others)
        )
        if always:
            text = (
                f"only some visitors get a script from {_list_hosts(sorted(always))}: "
                "it would have to be run to know"
            )
            reason = Reason("script-for-some", text, kind[0].number)
            return Verdict(Ruling.SUSPICIOUS, 0.4, (reason,))
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


def _script_sites(visit: Visit, host: str) -> frozenset[str]:
    """Sites other than its own that a page loads scripts from."""
    scripts = visit.page.scripts if visit.page else ()
    return frozenset(site_of(s.host) for s in scripts if s.host) - {site_of(host)}


def somebody_was_kept_out(look: Look) -> Verdict | None:
    """A visitor who matters was refused, failed, or saw half a page: nothing can be said."""
    for visit in look.visits:
        if visit.persona.device is Device.BOT:
            continue
        if outcome(visit) is Outcome.FAILED and visit.failure:
            return _inconclusive("visit-failed", visit, visit.failure.text)
        if outcome(visit) is Outcome.BLOCKED:
            return _inconclusive("kept-out", visit, f"it answered with status {visit.status}")
        if visit.page and visit.page.truncated:
            return _inconclusive(
                "page-too-large",
                visit,
                f"its page is too large or too deep: {visit.page.size} bytes were read",
            )
    return None


def nothing_happened(look: Look) -> Verdict | None:
    """Every visitor saw a page of the site."""
    people = [v for v in look.stayed if v.persona.device is not Device.BOT]
    fresh = [v for v in people if v.persona.jar is Jar.FRESH]
    bots = [v for v in look.visits if v.persona.device is Device.BOT]
    kept_out = any(outcome(v) is not Outcome.STAYED for v in bots)
    missing = ("a search engine's crawler",) if kept_out or not bots else ()
    if not all(v.page and v.page.ran for v in people):
        missing = (SCRIPTS_NOT_RUN, *missing)
    bound = Bound(len(people), rule_of_three(len(people)), (*missing, *NOT_COVERED))
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
    only_some_are_sent_away,
    one_was_sent_away_once,
    sent_away_without_contrast,
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


def _list_hosts(hosts: set[str] | tuple[str, ...] | list[str]) -> str:
    names = sorted(hosts) if isinstance(hosts, set) else list(hosts)
    shown = ", ".join(defang(name) for name in names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _carried(url: str) -> str:
    """Everything that the path and query of an address say, decoded in the usual ways."""
    _, _, rest = url.partition("://")
    said = rest.partition("/")[2]
    once = unquote(said)
    layers = [said, once, unquote(once)]
    layers += map(_from_base64, _TOKEN.findall(once)[:_MOST_TOKENS])
    return "\n".join(layers).lower()


def _from_base64(token: str) -> str:
    text = token.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""

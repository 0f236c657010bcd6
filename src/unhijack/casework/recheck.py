"""When a site is looked at again: whether it is clean, or hides from us alone.

Whoever planted the code may block the addresses that we came from, and answer "clean". So a
re-check comes by an egress that the site has not seen, from the country where the redirect was
seen; and where it cannot, the verdict says so.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from unhijack.assess.signals import Look, Outcome, outcome
from unhijack.casework.plans import Plan
from unhijack.casework.visitors import Visitors
from unhijack.core.condition import condition_from_data
from unhijack.core.data import Data, Json, items, objects
from unhijack.core.evidence import Visit
from unhijack.core.site import site_of
from unhijack.core.text import defang
from unhijack.core.verdict import Reason, Ruling, Verdict

ONLY_FOR_US = (
    "a redirect that was removed for us alone: nobody who had been sent away came again by an "
    "egress that the site had not seen"
)
_REMOVED = "removed-for-us"


async def by_other_ways(visitors: Visitors, plan: Plan, look: Look) -> None:
    """Visits that tell a clean site from one that hides from us.

    Where somebody is sent away, they come again by an egress that had seen the redirect before.
    Where nobody is, and the site knew every egress, they come by one that it does not know, from
    whatever country.
    """
    left = [one for one in look.left if one.way_out and one.way_out.fresh]
    known = visitors.known_way
    if known is not None and left:
        await visitors.send_by(known, left[0].persona)
    if look.left or not look.stayed or _came_anew(look.visits, plan):
        return
    for persona in plan.shown:
        way = visitors.unseen_way
        if way is not None:
            await visitors.send_by(way, persona)


def _came_anew(visits: Sequence[Visit], plan: Plan) -> bool:
    """Whether somebody who had been sent away saw the site by an egress new to it."""
    names = {persona.name for persona in plan.shown}
    return any(
        one.way_out is not None
        and one.way_out.fresh
        and one.persona.name in names
        and outcome(one) is Outcome.STAYED
        for one in visits
    )


def against(before: Data, verdict: Verdict, plan: Plan, visits: Sequence[Visit]) -> Verdict:
    """A re-check is believed less easily: one redirect to where it led before is enough.

    `visits` are all of it, those by other ways last.
    """
    sites = {site_of(str(one["host"])) for one in objects(before.get("destinations"))}
    verdict = _still(sites, verdict)
    apart = visits[verdict.visits :]
    if verdict.ruling is Ruling.HIJACKED:
        return _hidden_from_us(verdict, visits, apart)
    elsewhere = next((one for one in apart if outcome(one) is Outcome.LEFT), None)
    if elsewhere is not None:
        return _sent_away_elsewhere(before, sites, verdict, elsewhere)
    if verdict.bound is not None and not _came_anew(visits, plan):
        uncovered = (ONLY_FOR_US, *verdict.bound.not_covered)
        return replace(verdict, bound=replace(verdict.bound, not_covered=uncovered))
    return verdict


def chain_changes(before: Data, verdict: Verdict) -> dict[str, Json]:
    """Hosts of the chain that are new since it was seen last, and those that are gone."""
    was = {
        str(host)
        for one in objects(before.get("destinations"))
        for host in (one["host"], *items(one.get("via")))
    }
    now = {host for one in verdict.destinations for host in (one.host, *one.via)}
    return {"now": [*sorted(now - was)], "no_longer": [*sorted(was - now)]}


def _still(sites: Collection[str], verdict: Verdict) -> Verdict:
    if not verdict.redirected or verdict.ruling is Ruling.HIJACKED:
        return verdict
    again = any(site_of(one.host) in sites for one in verdict.destinations)
    if verdict.ruling is not Ruling.SUSPICIOUS and not again:
        return verdict
    reason = Reason("again", "visitors are still sent away", None)
    return _hijacked(verdict, reason)


def _hijacked(verdict: Verdict, reason: Reason) -> Verdict:
    return replace(
        verdict,
        ruling=Ruling.HIJACKED,
        confidence=0.9,
        reasons=(reason, *verdict.reasons),
        bound=None,
        error=None,
    )


def _hidden_from_us(verdict: Verdict, visits: Sequence[Visit], apart: Sequence[Visit]) -> Verdict:
    """By an egress that had seen it they stay, by new ones they are sent away every time."""
    last = apart[-1] if apart else None
    if last is None or last.way_out is None or outcome(last) is not Outcome.STAYED:
        return verdict
    new = [
        one
        for one in visits
        if one.persona == last.persona and one.way_out and one.way_out.fresh and one is not last
    ]
    if any(outcome(one) is Outcome.STAYED for one in new):
        return verdict  # by lot, as far as anybody can tell
    text = (
        f"{last.persona.name} is sent away by ways that the site had not seen, and not by one that "
        f"it had ({last.way_out.name}): it is hidden from those who came before, not removed"
    )
    return replace(verdict, reasons=(*verdict.reasons, Reason(_REMOVED, text, last.number)))


def _sent_away_elsewhere(
    before: Data, sites: Collection[str], verdict: Verdict, visit: Visit
) -> Verdict:
    """Nobody is sent away by the ways that the site knows; by another one somebody is."""
    assert visit.left_for is not None
    assert visit.way_out is not None
    hosts = [hop.host for hop in visit.hops if hop.offsite]
    where = f"to {defang(hosts[0])} by a way that the site had not seen ({visit.way_out.name})"
    if not any(site_of(host) in sites for host in hosts):
        text = f"{visit.persona.name} is sent {where}, where nobody was sent before: look at it"
        reason = Reason("elsewhere", text, visit.number)
        return replace(
            verdict, ruling=Ruling.INCONCLUSIVE, reasons=(reason,), bound=None, error=text
        )
    text = f"{visit.persona.name} is still sent {where}: it is hidden from us alone, not removed"
    met = [condition_from_data(one) for one in items(before.get("met"))]
    found = replace(
        _hijacked(verdict, Reason(_REMOVED, text, visit.number)),
        redirected=(visit.persona.name,),
        met=tuple(one for one in met if one is not None),
    )
    return replace(found, reasons=found.reasons[:1])  # what the others saw is no proof any more

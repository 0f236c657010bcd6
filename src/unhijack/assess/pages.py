"""What differs between the pages that visitors saw, where nobody was sent away."""

from collections.abc import Iterator
from dataclasses import dataclass

from unhijack.assess.innocent import list_hosts
from unhijack.assess.signals import Look
from unhijack.core.evidence import Device, Origin, Visit
from unhijack.core.site import site_of
from unhijack.core.verdict import Reason, Ruling, Verdict

MANY_LINKS = 10
"""Other sites that a page links to for crawlers alone, from which on it is no coincidence."""
VIEWS = 10
"""Views, by both kinds of people together, before a script is believed to be for one kind:
networks of adverts take turns."""


@dataclass(frozen=True, slots=True)
class ForSome:
    """Scripts from other sites that one kind of people got each time, and no other ever."""

    sites: tuple[str, ...]
    kind: tuple[Visit, ...]
    others: tuple[Visit, ...]


def links_for_crawlers(look: Look) -> Verdict | None:
    """A crawler is shown links to many sites that nobody else is shown: cloaked spam."""
    bots = [v for v in look.stayed if v.page and v.persona.device is Device.BOT]
    if not any(v.page and len(v.page.links) >= MANY_LINKS for v in bots):
        return None
    people = [v for v in look.stayed if v.page and v.persona.device is not Device.BOT]
    if not people:
        return None
    shown = frozenset[str]().union(*(v.page.links for v in people if v.page))
    for visit in bots:
        alone = sorted(visit.page.links - shown) if visit.page else []
        if len(alone) >= MANY_LINKS:
            text = (
                f"a search engine's crawler is shown links to {len(alone)} sites that nobody else "
                f"is shown: {list_hosts(alone)}"
            )
            reason = Reason("links-for-crawlers", text, visit.number)
            return Verdict(Ruling.SUSPICIOUS, 0.7, (reason,))
    return None


def a_script_for_some(look: Look) -> Verdict | None:
    """A script from another site that one kind of people always gets, and no other ever."""
    for found in scripts_for_some(look):
        if len(found.kind) + len(found.others) >= VIEWS:
            text = (
                f"only some visitors get a script from {list_hosts(found.sites)}: "
                "it would have to be run to know"
            )
            reason = Reason("script-for-some", text, found.kind[0].number)
            return Verdict(Ruling.SUSPICIOUS, 0.4, (reason,))
    return None


def scripts_for_some(look: Look) -> Iterator[ForSome]:
    """As far as the visits go: search visitors against direct ones, phones against desktops."""
    loads = [v for v in look.stayed if v.page and any(script.host for script in v.page.scripts)]
    if not loads:
        return  # most pages: and every page of every check passes here
    people = [v for v in look.stayed if v.page and v.persona.device is not Device.BOT]
    if all(v.page and v.page.ran for v in people):
        return  # then it is known what they do
    from_search = [v for v in people if v.persona.origin is not Origin.DIRECT]
    directly = [v for v in people if v.persona.origin is Origin.DIRECT]
    by_phone = [v for v in people if v.persona.device is Device.PHONE]
    by_desktop = [v for v in people if v.persona.device is Device.DESKTOP]
    for kind, others in ((from_search, directly), (by_phone, by_desktop)):
        if len(kind) < 2 or not others:
            continue
        always = frozenset.intersection(*(script_sites(visit, look.host) for visit in kind))
        alone = always.difference(*(script_sites(visit, look.host) for visit in others))
        if alone:
            yield ForSome(tuple(sorted(alone)), tuple(kind), tuple(others))


def script_sites(visit: Visit, host: str) -> frozenset[str]:
    """Sites other than its own that a page loads scripts from."""
    scripts = visit.page.scripts if visit.page else ()
    return frozenset(site_of(s.host) for s in scripts if s.host) - {site_of(host)}

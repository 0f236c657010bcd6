"""The visits of one examination: who goes out by which way, with which cookies, to which page."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from unhijack.assess.signals import Look, look_at
from unhijack.casework.plans import Plan
from unhijack.collect.jar import Jar as CookieJar
from unhijack.collect.pages import PageCache
from unhijack.collect.probe import Budget, Errand, Probe, Seen, visit
from unhijack.core.egress import Egress
from unhijack.core.evidence import Aim, Failure, FailureKind, Hop, Jar, Persona, Visit
from unhijack.core.report import Pathway, StepKind, way_to
from unhijack.core.site import Address, NotAnAddress, literal_ip, parse_address, site_of
from unhijack.core.text import defang
from unhijack.ports import Exchange

MOST_DEAD = 2
"""Egresses that turn out to be dead before a visit is given up."""

_HOPELESS = frozenset({FailureKind.NAME, FailureKind.LOOKUP, FailureKind.GUARD, FailureKind.BUDGET})


class Visitors:
    """The visits of one examination under way: one at a time, as polite people come."""

    def __init__(
        self,
        probe: Probe,
        address: Address,
        pathway: Pathway,
        plan: Plan,
        budget: Budget,
        unknown: str,
    ) -> None:
        self._probe = probe
        self._address = address
        self._pathway = pathway
        self._plan = plan
        self._budget = budget
        self._unknown = unknown
        self._site = site_of(address.host)
        self._pages = PageCache(self._site)
        self._jars: dict[Persona, CookieJar] = {}
        self._ways: dict[Persona, tuple[Egress, bool]] = {}
        """Of each first visit, and whether the site had not seen it before."""
        way = self.known_way
        self._country: str | None = None if way is None else way.country
        """Whose egress the visits go by: one country, so that they can be laid side by side. A
        re-check stays in the one where the redirect was seen."""
        self._visits: list[Visit] = []
        self.apart: list[Visit] = []
        """Visits by ways that were chosen by hand: they are not laid side by side with the others."""
        self.exchanges: list[Exchange] = []

    @property
    def look(self) -> Look:
        arrival = arrival_of(self._pathway, self._address.href)
        return look_at(self._address, self._visits, arrival, self._probe.known)

    @property
    def hopeless(self) -> bool:
        """The site cannot be reached, and another visitor would not reach it either."""
        failures = [v.failure.kind for v in self._visits if v.failure]
        if len(failures) < len(self._visits) or not failures:
            return False
        return failures[-1] in _HOPELESS or len(failures) >= 2

    @property
    def known_way(self) -> Egress | None:
        """An egress by which the redirect was seen, if there still is one."""
        ways = {way.name: way for way in self._probe.pool.ways}
        return next((ways[name] for name in self._plan.seen_by if name in ways), None)

    @property
    def unseen_way(self) -> Egress | None:
        """An egress that the site has not seen, of whatever country."""
        return self._probe.pool.unseen(self._site)

    async def send_by(self, way: Egress, persona: Persona) -> None:
        """Send somebody by one egress, apart from the others; who returns was there just before.

        Nobody goes where the site has had its visits.
        """
        fresh = self._probe.pool.went(self._site, way)
        address = self._aimed(persona.aim) or self._address
        jar = CookieJar()
        first = replace(persona, jar=Jar.FRESH)
        for one in (first, persona) if persona.jar is Jar.RETURNING else (persona,):
            if not self._budget.visit(self._site):
                return
            number = len(self._visits) + len(self.apart) + 1
            errand = Errand(address, one, self._pathway, egress=way, fresh=fresh)
            seen = await visit(self._probe, errand, number, jar, self._pages, self._budget)
            self.apart.append(seen.visit)
            self.exchanges.extend(seen.exchanges)

    async def send(self, persona: Persona) -> None:
        address = self._aimed(persona.aim)
        if address is None:
            return
        number = len(self._visits) + 1
        if not self._budget.visit(self._site):
            text = f"no visits left for {self._site} in this run (at most {self._budget.limits.site_visits})"
            failure = Failure(FailureKind.BUDGET, text)
            hop = Hop(self._address.href, self._address.host, None, offsite=False)
            now = self._probe.clock.now()
            self._visits.append(Visit(number, persona, now, (hop,), failure=failure))
            return
        jar = self._jar(persona)
        seen = await self._visit(address, persona, number, jar)
        self._visits.append(seen.visit)
        self.exchanges.extend(seen.exchanges)

    async def _visit(self, address: Address, persona: Persona, number: int, jar: CookieJar) -> Seen:
        """By an egress of the pool; by another one where it turns out to be dead."""
        pool = self._probe.pool
        returns = persona.jar is Jar.RETURNING
        first = self._ways.get(replace(persona, jar=Jar.FRESH)) if returns else None
        for attempt in range(MOST_DEAD + 1):
            back = None if attempt else first
            taken = pool.take(self._site, self._country, back[0] if back else None)
            way, fresh = taken if taken else (None, True)
            if back is not None and way == back[0]:
                fresh = back[1]
            border = self._plan.stop_at_border
            errand = Errand(address, persona, self._pathway, border, way, fresh)
            seen: Seen = await visit(self._probe, errand, number, jar, self._pages, self._budget)
            if way is None:
                break
            failure = seen.visit.failure
            dead = failure is not None and failure.kind is FailureKind.EGRESS
            pool.tell(way, dead=dead)
            if not dead:
                self._country = way.country
                self._ways[replace(persona, jar=Jar.FRESH)] = way, fresh
                break
        return seen

    def _aimed(self, aim: Aim) -> Address | None:
        """The page of the site that is meant; None where there is none."""
        address = self._address
        match aim:
            case Aim.DEEP:
                return _deep(self._visits, self._site)
            case Aim.UNKNOWN:
                return parse_address(self._unknown, address.href)
            case Aim.TWIN:
                return _twin(address)
            case Aim.ADDRESS:
                return address

    def _jar(self, persona: Persona) -> CookieJar:
        """A fresh one; a returning visitor comes with the one of the visit before."""
        if persona.jar is Jar.RETURNING:
            return self._jars.setdefault(replace(persona, jar=Jar.FRESH), CookieJar())
        jar = self._jars[persona] = CookieJar()
        return jar


def _deep(visits: Sequence[Visit], site: str) -> Address | None:
    """The page that the first page which has one links to."""
    for one in visits:
        if one.page and one.page.inner and not one.furthest.offsite:
            with suppress(NotAnAddress):
                address = parse_address(one.page.inner, one.furthest.url)
                return address if site_of(address.host) == site else None
    return None


def _twin(address: Address) -> Address | None:
    """The same page under ``www.``, or without."""
    if literal_ip(address.host) is not None:
        return None
    bare = address.host.removeprefix("www.")
    host = bare if bare != address.host else f"www.{address.host}"
    authority = address.authority.replace(address.host, host, 1)
    return parse_address(f"{address.scheme}://{authority}{address.target}")


def arrival_of(pathway: Pathway, goal: str) -> str:
    """How the reporter came to the address `goal`, as a condition on a visitor."""
    steps = way_to(pathway, goal)
    if not steps:
        return ""
    last = steps[-1]
    if last.kind is StepKind.SEARCH:
        return "comes from a search engine"
    return f"follows a link from {defang(parse_address(last.value).host)}"

"""The outside-in instrument: one persona visits one address, and the whole chain is recorded.

Every address is resolved once, judged by the guard, and connected to as judged, at every hop.
Of documents off the site the headers are read and nothing else.
"""

import contextlib
import time
from collections import Counter
from dataclasses import dataclass, field, replace

from unhijack.collect.jar import Jar
from unhijack.collect.pages import PageCache
from unhijack.collect.personas import (
    FAMILIES,
    headers_for,
    referrer_after,
    referrer_of,
    referrer_shown,
    script_headers_for,
)
from unhijack.collect.pool import Pool
from unhijack.collect.reach import MOST_TRIED, permitted
from unhijack.collect.view import ScriptTier, View, chosen, leaves
from unhijack.core.egress import Egress, Guard, IpAddress
from unhijack.core.evidence import (
    Cause,
    Device,
    Failure,
    FailureKind,
    Hop,
    Origin,
    Page,
    Persona,
    Via,
    Visit,
    WayOut,
    is_offsite,
)
from unhijack.core.known import NOBODY, KnownHosts
from unhijack.core.report import Pathway, StepKind, way_to
from unhijack.core.site import Address, NotAnAddress, parse_address, site_of
from unhijack.core.text import defang
from unhijack.parse.redirectors import through_redirector
from unhijack.parse.redirects import PATIENCE, Redirect, from_headers
from unhijack.ports import Clock, Exchange, Limits, Request, Resolver, Response, Transport

MOST_SCRIPT_HOPS = 5
"""Redirects of one script of a page that are followed."""


@dataclass(frozen=True, slots=True)
class Probe:
    """The instrument: the doors it uses, and what it may do."""

    transport: Transport
    resolver: Resolver
    clock: Clock
    guard: Guard
    limits: Limits
    record: bool = True
    """Keep what came over the wire, for evidence."""
    known: KnownHosts = NOBODY
    """For rulings on what is seen."""
    scripts: ScriptTier | None = None
    """Runs the scripts of pages; None on the wire tier."""
    pool: Pool = field(default_factory=Pool)
    """The ways out that visits may take."""

    async def close(self) -> None:
        """End what it holds. In the event loop that worked with it."""
        await self.transport.close()
        if self.scripts is not None:
            await self.scripts.close()


@dataclass(slots=True)
class Budget:
    """What one run may still ask of one site, and of one machine: nobody is flooded through us."""

    limits: Limits
    _visits: Counter[str] = field(default_factory=Counter)
    _requests: Counter[IpAddress] = field(default_factory=Counter)
    silent: set[str] = field(default_factory=set)
    """Host and port of machines off a site that kept a visitor waiting: they are asked no more."""

    def visit(self, site: str) -> bool:
        """Take a visit to a registrable domain; False when none is left."""
        self._visits[site] += 1
        return self._visits[site] <= self.limits.site_visits

    def request(self, address: IpAddress) -> bool:
        """Take a request to an address; False when none is left."""
        self._requests[address] += 1
        return self._requests[address] <= self.limits.address_requests


@dataclass(frozen=True, slots=True)
class Errand:
    """Where to go, and how far."""

    address: Address
    persona: Persona
    pathway: Pathway = ()
    stop_at_border: bool = False
    """Do not contact anything off the site: a sweep."""
    egress: Egress | None = None
    fresh: bool = True
    """No visit to this site had gone by that egress."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit, with the bytes that it was made of."""

    visit: Visit
    exchanges: tuple[Exchange, ...]


async def visit(
    probe: Probe, errand: Errand, number: int, jar: Jar, pages: PageCache, budget: Budget
) -> Seen:
    """Make one visit. Never raises for anything that a site does."""
    walk = _Walk(probe, errand, number, jar, pages, budget)
    started = probe.clock.now()
    await walk.along_the_pathway()
    way = errand.egress
    way_out = WayOut(way.name, way.country, errand.fresh) if way else None
    made = Visit(
        number, errand.persona, started, tuple(walk.hops), walk.page, walk.failure, way_out
    )
    return Seen(made, tuple(walk.exchanges))


class _Walk:
    """A visit under way."""

    __slots__ = (
        "_budget",
        "_cause",
        "_deadline",
        "_errand",
        "_jar",
        "_number",
        "_pages",
        "_probe",
        "exchanges",
        "failure",
        "hops",
        "page",
    )

    def __init__(
        self,
        probe: Probe,
        errand: Errand,
        number: int,
        jar: Jar,
        pages: PageCache,
        budget: Budget,
    ) -> None:
        self._budget = budget
        self._cause: Cause | None = None
        self._number = number
        self._deadline = time.monotonic() + probe.limits.visit_seconds
        self._probe = probe
        self._errand = errand
        self._jar = jar
        self._pages = pages
        self.hops: list[Hop] = []
        self.exchanges: list[Exchange] = []
        self.page: Page | None = None
        self.failure: Failure | None = None

    async def along_the_pathway(self) -> None:
        """Each step in order, in one jar, until the address itself or until it leads away."""
        goal = self._errand.address
        referrer = referrer_of(self._errand.persona)
        if self._errand.persona.origin is Origin.REPORTED:
            for step in way_to(self._errand.pathway, goal.href):
                if step.kind in (StepKind.ADDRESS, StepKind.CLICK):
                    address = parse_address(step.value)
                    if not is_offsite(address.host, self._pages.home):
                        typed = step.kind is StepKind.ADDRESS
                        await self._chain(address, None if typed else referrer)
                        if self.failure or any(hop.offsite for hop in self.hops):
                            return
                referrer = referrer_after(step)
        await self._chain(goal, referrer)

    async def _chain(self, address: Address, referrer: str | None) -> None:
        """Follow one address to where it leads."""
        via: Via | None = None
        seen: dict[str, int] = {}
        for _ in range(self._probe.limits.hops):
            if time.monotonic() > self._deadline:
                seconds = self._probe.limits.visit_seconds
                self._fail(FailureKind.TIME, f"the visit did not end within {seconds:g} s")
                if is_offsite(address.host, self._pages.home):
                    self._budget.silent.add(address.authority)
                return
            if seen.get(address.href) == self._jar.changes:
                self._fail(FailureKind.LOOP, "redirect loop")
                return
            seen[address.href] = self._jar.changes
            onward = await self._hop(address, via, referrer)
            if onward is None:
                return
            if onward.wrong is not None:
                self._wrong_target(onward, onward.wrong)
                return
            if onward.via not in (Via.LOCATION, Via.REFRESH):
                referrer = address.href
            address, via = parse_address(onward.target), onward.via
        self._fail(FailureKind.HOPS, f"more than {self._probe.limits.hops} redirects")

    def _fail(self, kind: FailureKind, text: str) -> None:
        """The visit fails; off the site it is the last hop that does, and the visitor has left."""
        failure = Failure(kind, text)
        if self.hops[-1].offsite:
            self.hops[-1] = replace(self.hops[-1], failure=failure)
        else:
            self.failure = failure

    def _wrong_target(self, onward: Redirect, why: str) -> None:
        """Where a browser would go and we don't: off the site it is a hop still, to a host."""
        failure = Failure(
            FailureKind.TARGET, f"it redirects to no web address that is followed: {why}"
        )
        with contextlib.suppress(NotAnAddress):
            cut = parse_address(onward.target)
            if is_offsite(cut.host, self._pages.home):
                hop = Hop(cut.href, cut.host, onward.via, offsite=True, failure=failure)
                self.hops.append(replace(hop, cause=self._cause))
        if not self.hops[-1].offsite:
            self.failure = failure

    async def _hop(
        self, address: Address, via: Via | None, referrer: str | None
    ) -> Redirect | None:
        """Ask for one address; what it redirects to, if it does."""
        offsite = is_offsite(address.host, self._pages.home)
        cause, self._cause = self._cause, None
        if offsite and self._errand.stop_at_border:
            self.hops.append(Hop(address.href, address.host, via, offsite, cause=cause))
            return None
        response, ip = await self._ask(address, referrer, offsite=offsite)
        if isinstance(response, Failure):
            named = Failure(response.kind, f"{defang(address.host)}: {response.text}")
            hop = Hop(address.href, address.host, via, offsite, None, ip, named, cause)
            self.hops.append(hop)
            if not offsite:
                self.failure = named
            return None
        hop = Hop(address.href, address.host, via, offsite, response.status, ip, cause=cause)
        self.hops.append(hop)
        self._jar.keep(address.href, response.headers)
        onward = self._onward(address, response)
        if self._probe.scripts is None or offsite or response.body is None:
            return onward
        if onward is not None and (onward.wrong or leaves(onward.target, self._pages.home)):
            return onward
        return await self._by_scripts(self._probe.scripts, address, response, referrer) or onward

    async def _by_scripts(
        self, tier: ScriptTier, address: Address, response: Response, referrer: str | None
    ) -> Redirect | None:
        """Where the page's scripts send the visitor."""
        view = View(
            address.href,
            self._pages.home,
            response,
            referrer_shown(referrer, address) or "",
            self._jar.header(address.href) or "",
            self._errand.persona,
            int(self._probe.clock.now().timestamp() * 1000),
            self._number,
        )

        async def load(url: str) -> Response | Failure | None:
            return await self._script(url, address)

        ran = await tier.run(view, load)
        if self.page is not None:
            self.page = replace(self.page, ran=True, cut=ran.cut)
        intent = chosen(ran.intents, self._pages.home, [hop.url for hop in self.hops])
        if intent is None:
            return None
        self._cause = intent.cause
        return Redirect(intent.target, intent.via, 0.0, intent.wrong)

    async def _script(self, url: str, page: Address) -> Response | Failure | None:
        """A script of the page, wherever it lies, by way of the guard at every hop."""
        with contextlib.suppress(NotAnAddress):
            address = parse_address(url)
            for _ in range(MOST_SCRIPT_HOPS):
                if time.monotonic() > self._deadline:
                    return Failure(FailureKind.TIME, "no time was left for it")
                answer, _ip = await self._ask(address, page.href, offsite=False, script=True)
                if isinstance(answer, Failure):
                    return answer
                onward = from_headers(address.href, answer.status, answer.headers)
                if onward is None or onward.via is not Via.LOCATION or onward.wrong:
                    return answer
                address = parse_address(onward.target)
            return Failure(FailureKind.HOPS, "it redirects too often")
        return None

    def _onward(self, address: Address, response: Response) -> Redirect | None:
        """Where the answer sends the visitor, by headers, then by the page."""
        onward = from_headers(address.href, response.status, response.headers)
        if response.body is not None and (onward is None or onward.via is not Via.LOCATION):
            self.page, by_page = self._pages.read(
                address.href, response, scripting=self._errand.persona.device is not Device.BOT
            )
            onward = onward or by_page
        if onward is None and self.hops[-1].offsite:
            onward = through_redirector(address.href)
        if onward is None or onward.delay > PATIENCE:
            return None
        if onward.via is not Via.LOCATION and onward.target == address.href:
            return None  # a page that reloads itself
        return onward

    async def _ask(
        self, address: Address, referrer: str | None, *, offsite: bool, script: bool = False
    ) -> tuple[Response | Failure, IpAddress | None]:
        """Resolve, judge, connect: to the very address that was judged."""
        candidates = await permitted(self._probe.resolver, self._probe.guard, address)
        if isinstance(candidates, Failure):
            return candidates, None
        if offsite and address.authority in self._budget.silent:
            return Failure(FailureKind.TIME, "did not answer before, and was not asked again"), None
        answer: Response | Failure = Failure(FailureKind.NAME, "its name has no address")
        ip: IpAddress | None = None
        for ip in candidates[:MOST_TRIED]:
            if not self._budget.request(ip) and not self._probe.guard.lifted(ip):
                most = self._probe.limits.address_requests
                text = f"{ip} has had the {most} requests that a run may make"
                return Failure(FailureKind.BUDGET, text), ip
            request = self._request(address, ip, referrer, offsite=offsite, script=script)
            at = self._probe.clock.now() if self._probe.record else None
            answer = await self._probe.transport.fetch(request, self._probe.limits)
            if at is not None:
                kept = answer if isinstance(answer, Failure) else self._pages.keep(answer)
                self.exchanges.append(Exchange(request, kept, at, offsite))
            if offsite and isinstance(answer, Failure) and answer.kind is FailureKind.TIME:
                self._budget.silent.add(address.authority)
            if not isinstance(answer, Failure) or answer.kind is not FailureKind.CONNECT:
                break
        return answer, ip

    def _request(
        self,
        address: Address,
        ip: IpAddress,
        referrer: str | None,
        *,
        offsite: bool,
        script: bool,
    ) -> Request:
        persona = self._errand.persona
        secure = address.scheme == "https"
        shown = referrer_shown(referrer, address)
        cross = shown is not None and site_of(parse_address(shown).host) != site_of(address.host)
        maker = script_headers_for if script else headers_for
        headers = maker(
            persona.device, shown, secure=secure, cross_site=cross, language=persona.language
        )
        cookie = self._jar.header(address.href)
        if cookie:
            headers = (*headers, ("Cookie", cookie))
        family = FAMILIES[persona.device]
        return Request(
            address,
            ip,
            headers,
            family,
            read_page=not (offsite or script),
            read_script=script,
            any_text=script and not is_offsite(address.host, self._pages.home),
            egress=self._errand.egress,
        )

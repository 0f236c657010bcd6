"""The outside-in instrument: one persona visits one address, and the whole chain is recorded.

Every address is resolved once, judged by the guard, and connected to as judged, at every hop.
Of documents off the site the headers are read and nothing else.
"""

import contextlib
import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from unhijack.collect.jar import Jar
from unhijack.collect.personas import FAMILIES, SEARCH_REFERRER, headers_for
from unhijack.core.egress import Guard, IpAddress
from unhijack.core.evidence import Failure, FailureKind, Hop, Origin, Page, Persona, Via, Visit
from unhijack.core.report import Pathway, StepKind
from unhijack.core.site import Address, NotAnAddress, literal_ip, parse_address, site_of
from unhijack.core.text import defang
from unhijack.parse.glance import glance
from unhijack.parse.html import may_refresh, read_page
from unhijack.parse.redirects import Redirect, from_headers, from_page
from unhijack.parse.triage import script_marks
from unhijack.ports import Clock, Exchange, Limits, Request, Resolver, Response, Transport

LONGEST_DELAY = 60.0
"""Seconds: a refresh that waits longer than a visitor does is not followed."""
MOST_TRIED = 2
"""Addresses of one name that are tried when a connection fails."""
COMPARED = 64 * 1024
"""Bytes of a page up to which it is compared with the others itself, and by its digest beyond."""
MOST_EVIDENCE = 512 * 1024
"""Bytes of different pages that one examination keeps: many examinations share the memory."""


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


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit, with the bytes that it was made of."""

    visit: Visit
    exchanges: tuple[Exchange, ...]


_PageKey = tuple[str, bytes | None, bool, bytes]


class PageCache:
    """Equal pages are parsed once, and kept once: most personas see the same.

    Small bodies are compared, not hashed: pages of one site are few, and mostly differ in length.
    """

    __slots__ = ("_kept", "_known", "_room", "home")

    def __init__(self, home: str) -> None:
        self.home = home
        self._known: list[tuple[_PageKey, Page, Redirect | None]] = []
        self._kept: dict[bytes, bytes] = {}
        self._room = MOST_EVIDENCE

    def keep(self, response: Response) -> Response:
        """The answer as evidence has it: cut where there is no room left."""
        if not response.body:
            return response
        digest = hashlib.sha256(response.body).digest()
        kept = self._kept.get(digest)
        if kept is None:
            kept = self._kept[digest] = response.body[: self._room]
            self._room -= len(kept)
        if len(kept) == len(response.body):
            return replace(response, body=kept)
        return replace(response, body=kept or None, truncated=True)

    def read(self, url: str, response: Response) -> tuple[Page, Redirect | None]:
        """What the page is, and where it sends its visitor."""
        body = response.body or b""
        kind = _header(response, "content-type")
        content = body if len(body) <= COMPARED else hashlib.sha256(body).digest()
        key = (url, kind, response.truncated, content)
        for known, page, onward in self._known:
            if known == key:
                return page, onward
        glanced = None if may_refresh(body) else glance(body)
        parts = glanced or read_page(body, kind)
        page = Page(
            size=len(body),
            scripts=script_marks(parts, url, self.home),
            truncated=response.truncated or parts.too_deep,
        )
        onward = from_page(url, parts)
        self._known.append((key, page, onward))
        return page, onward


async def visit(
    probe: Probe, errand: Errand, number: int, jar: Jar, pages: PageCache, budget: Budget
) -> Seen:
    """Make one visit. Never raises for anything that a site does."""
    walk = _Walk(probe, errand, jar, pages, budget)
    started = probe.clock.now()
    await walk.along_the_pathway()
    made = Visit(number, errand.persona, started, tuple(walk.hops), walk.page, walk.failure)
    return Seen(made, tuple(walk.exchanges))


class _Walk:
    """A visit under way."""

    __slots__ = (
        "_budget",
        "_deadline",
        "_errand",
        "_jar",
        "_pages",
        "_probe",
        "exchanges",
        "failure",
        "hops",
        "page",
    )

    def __init__(
        self, probe: Probe, errand: Errand, jar: Jar, pages: PageCache, budget: Budget
    ) -> None:
        self._budget = budget
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
        referrer = SEARCH_REFERRER if self._errand.persona.origin is Origin.SEARCH else None
        if self._errand.persona.origin is Origin.REPORTED:
            for step in self._errand.pathway:
                if step.kind is StepKind.SEARCH:
                    referrer = SEARCH_REFERRER
                    continue
                address = parse_address(step.value)
                if address == goal:
                    continue
                if step.kind is not StepKind.REFERRER and site_of(address.host) == self._pages.home:
                    await self._chain(address, referrer if step.kind is StepKind.CLICK else None)
                    if self.failure or any(hop.offsite for hop in self.hops):
                        return
                referrer = address.href
        await self._chain(goal, referrer)

    async def _chain(self, address: Address, referrer: str | None) -> None:
        """Follow one address to where it leads."""
        via: Via | None = None
        seen: dict[str, int] = {}
        for _ in range(self._probe.limits.hops):
            if time.monotonic() > self._deadline:
                seconds = self._probe.limits.visit_seconds
                self._fail(FailureKind.TIME, f"the visit did not end within {seconds:g} s")
                if site_of(address.host) != self._pages.home:
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
            if onward.via is Via.META:
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
            if site_of(cut.host) != self._pages.home:
                self.hops.append(Hop(cut.href, cut.host, onward.via, offsite=True, failure=failure))
        if not self.hops[-1].offsite:
            self.failure = failure

    async def _hop(
        self, address: Address, via: Via | None, referrer: str | None
    ) -> Redirect | None:
        """Ask for one address; what it redirects to, if it does."""
        offsite = site_of(address.host) != self._pages.home
        if offsite and self._errand.stop_at_border:
            self.hops.append(Hop(address.href, address.host, via, offsite))
            return None
        response, ip = await self._ask(address, referrer, offsite=offsite)
        if isinstance(response, Failure):
            named = Failure(response.kind, f"{defang(address.host)}: {response.text}")
            hop = Hop(address.href, address.host, via, offsite, address=ip, failure=named)
            self.hops.append(hop)
            if not offsite:
                self.failure = named
            return None
        self.hops.append(Hop(address.href, address.host, via, offsite, response.status, ip))
        self._jar.keep(address.href, response.headers)
        return self._onward(address, response)

    def _onward(self, address: Address, response: Response) -> Redirect | None:
        """Where the answer sends the visitor, by headers, then by the page."""
        onward = from_headers(address.href, response.status, response.headers)
        if response.body is not None and (onward is None or onward.via is not Via.LOCATION):
            self.page, by_page = self._pages.read(address.href, response)
            onward = onward or by_page
        if onward is None or onward.delay > LONGEST_DELAY:
            return None
        if onward.via is not Via.LOCATION and onward.target == address.href:
            return None  # a page that reloads itself
        return onward

    async def _ask(
        self, address: Address, referrer: str | None, *, offsite: bool
    ) -> tuple[Response | Failure, IpAddress | None]:
        """Resolve, judge, connect: to the very address that was judged."""
        candidates = await self._permitted(address)
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
            request = self._request(address, ip, referrer, offsite=offsite)
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

    async def _permitted(self, address: Address) -> Sequence[IpAddress] | Failure:
        literal = literal_ip(address.host)
        found = (literal,) if literal else await self._probe.resolver.resolve(address.host)
        if isinstance(found, Failure):
            return found
        refusals = [(ip, self._probe.guard.refusal(ip, address.port)) for ip in found]
        permitted = [ip for ip, refusal in refusals if refusal is None]
        if permitted:
            return permitted
        why = next((text for _, text in refusals if text), "its name has no address")
        return Failure(FailureKind.GUARD, f"not visited: {why}")

    def _request(
        self, address: Address, ip: IpAddress, referrer: str | None, *, offsite: bool
    ) -> Request:
        device = self._errand.persona.device
        secure = address.scheme == "https"
        shown = _referrer_shown(referrer, address)
        cross = shown is not None and site_of(parse_address(shown).host) != site_of(address.host)
        headers = headers_for(device, shown, secure=secure, cross_site=cross)
        cookie = self._jar.header(address.href)
        if cookie:
            headers = (*headers, ("Cookie", cookie))
        return Request(address, ip, headers, FAMILIES[device], read_page=not offsite)


def _referrer_shown(referrer: str | None, address: Address) -> str | None:
    """By the browsers' default policy, strict-origin-when-cross-origin."""
    if referrer is None or referrer == SEARCH_REFERRER:
        return referrer
    source = parse_address(referrer)
    if source.scheme == "https" and address.scheme == "http":
        return None
    if (source.scheme, source.authority) == (address.scheme, address.authority):
        return source.href
    return f"{source.scheme}://{source.authority}/"


def _header(response: Response, name: str) -> bytes | None:
    return next((value for key, value in response.headers if key == name), None)

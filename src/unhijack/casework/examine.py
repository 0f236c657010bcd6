"""From an address to a verdict: visits, laid side by side, isolated, ruled on."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from math import ceil

from unhijack.assess.isolate import next_personas
from unhijack.assess.rulings import rule
from unhijack.assess.signals import Look, Outcome, look_at
from unhijack.casework.visit_log import destinations, visit_data
from unhijack.collect.jar import Jar as CookieJar
from unhijack.collect.pages import PageCache
from unhijack.collect.personas import CHECK, DEVICES, LANGUAGES, REPORTED, THOROUGH, TRIAGE
from unhijack.collect.probe import Budget, Errand, Probe, Seen, visit
from unhijack.core.case import TOLD, Case, Move, State
from unhijack.core.data import Data, Json, objects
from unhijack.core.egress import Egress
from unhijack.core.evidence import (
    Aim,
    Device,
    Failure,
    FailureKind,
    Hop,
    Jar,
    Origin,
    Persona,
    Visit,
)
from unhijack.core.language import OTHER, other_language
from unhijack.core.report import Pathway, StepKind, way_to
from unhijack.core.site import Address, NotAnAddress, literal_ip, parse_address, site_of
from unhijack.core.text import defang
from unhijack.core.verdict import Reason, Ruling, Verdict, verdict_data
from unhijack.core.watch import after_examination
from unhijack.parse.makeup import Makeup, makeup_of, together
from unhijack.ports import Doors, Exchange

MOST_REPLAYED = 4
"""Personas that were sent away and are replayed by name; the whole check follows in any case."""
REPLAYS = 3
MOST_REPLAYS = 30
"""Fresh visits of each persona that was sent away, when a claim of being clean is checked: more
of one that was sent away at some visits only, so that 95 % of such redirects would show."""
OFTEN = 29
"""Visits of the most victim-like persona that find a redirect at one visit in ten, at 95 %."""
MOST_ISOLATING = 16
"""Visits that isolating a redirect may take."""
MOST_ISOLATING_THOROUGH = 40
MOST_DEAD = 2
"""Egresses that turn out to be dead before a visit is given up."""

_HOPELESS = frozenset({FailureKind.NAME, FailureKind.LOOKUP, FailureKind.GUARD, FailureKind.BUDGET})


@dataclass(frozen=True, slots=True)
class Plan:
    """Who visits, in which order."""

    personas: tuple[Persona, ...]
    isolating: int = MOST_ISOLATING
    """Visits that isolating a redirect may take; 0 leaves it at what was seen."""
    stop_at_border: bool = False


def plan_for(profile: str, pathway: Pathway) -> Plan:
    """The plan of a profile: ``check``, ``thorough`` or ``sweep``."""
    first = REPORTED if pathway else ()
    match profile:
        case "sweep":
            return Plan((*first, *TRIAGE), isolating=0, stop_at_border=True)
        case "thorough":
            often = [CHECK[0]] * (OFTEN - 1)
            return Plan((*first, *CHECK, *THOROUGH, *often), MOST_ISOLATING_THOROUGH)
        case _:
            return Plan((*first, *CHECK))


@dataclass(frozen=True, slots=True)
class Examination:
    """A verdict with the visits that it rests on, and their bytes."""

    address: Address
    verdict: Verdict
    visits: tuple[Visit, ...]
    exchanges: tuple[Exchange, ...]


async def examine(
    probe: Probe,
    address: Address,
    pathway: Pathway,
    plan: Plan,
    budget: Budget,
    keyed_hash: Callable[[str], str],
) -> Examination:
    """Visit an address as the plan says, isolate what was found, and rule."""
    unknown = f"/{keyed_hash(address.host)[:12]}"
    visitors = _Visitors(probe, address, pathway, plan, budget, unknown)
    for persona in plan.personas:
        await visitors.send(_speaking(persona, address.host))
        if visitors.hopeless:
            break
    await _isolate(visitors, plan.isolating)
    look = visitors.look
    verdict = replace(
        rule(look),
        visits=len(look.visits),
        destinations=destinations(look.visits, keyed_hash),
        redirected=tuple(dict.fromkeys(v.persona.name for v in look.left)),
    )
    return Examination(address, verdict, look.visits, tuple(visitors.exchanges))


def _speaking(persona: Persona, host: str) -> Persona:
    """In the language of the site's country, where the plan has the language of any other."""
    if persona.language != OTHER:
        return persona
    return replace(persona, language=other_language(host))


async def _isolate(visitors: "_Visitors", most: int) -> None:
    made = 0
    while made < most and (wanted := next_personas(visitors.look)):
        for persona in wanted[: most - made]:
            await visitors.send(persona)
        made += len(wanted)


class _Visitors:
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
        self._ways: dict[Persona, Egress] = {}
        self._country: str | None = None
        """Whose egress the visits go by: one country, so that they can be laid side by side."""
        self._visits: list[Visit] = []
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
        before = self._ways.get(replace(persona, jar=Jar.FRESH)) if self._ways else None
        for attempt in range(MOST_DEAD + 1):
            keep = before if persona.jar is Jar.RETURNING and not attempt else None
            taken = pool.take(self._site, self._country, keep)
            way, fresh = taken if taken else (None, True)
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
                self._ways[replace(persona, jar=Jar.FRESH)] = way
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


_PURPOSES = {
    State.CLAIMED_CLEAN: "re-check",
    State.MONITORED: "re-test",
    State.HELD: "held",
    **dict.fromkeys((*TOLD, State.ATTRIBUTED, State.REINFECTED), "look"),
}
"""Why a case is examined, where it is not for the first time."""


async def examine_case(doors: Doors, probe: Probe, case: Case) -> Move:
    """Examine a case's address: for the first time, or under the old conditions again."""
    address = parse_address(case.url)
    purpose = _PURPOSES.get(case.state, "verification")
    plan = _replay(case) if case.verdict is not None else plan_for("check", case.pathway)
    budget = Budget(probe.limits)
    probe.pool.remember(site_of(address.host), _ways_of(doors, case.number))
    hashed = doors.secrets.keyed_hash
    examination = await examine(probe, address, case.pathway, plan, budget, hashed)
    verdict = examination.verdict
    if case.verdict is not None:
        verdict = _against(case.verdict, verdict)
    now = doors.clock.now()
    kept = doors.files.keep(
        f"case-{case.number}-{case.step + 1}",
        examination.exchanges,
        with_bodies=verdict.ruling is Ruling.HIJACKED,
    )
    data: dict[str, Json] = {
        **verdict_data(verdict),
        "purpose": purpose,
        "met": [one.data for one in verdict.met],
        "made_with": dict(asdict(_makeup(examination.exchanges))),
        "redirected": list(verdict.redirected),
        "visit_log": [visit_data(one, hashed) for one in examination.visits],
        "evidence": {
            "name": kept.name,
            "sealed_sha256": kept.sealed_sha256,
            "plain_sha256": kept.plain_sha256,
        },
    }
    return after_examination(case, data, now)


def _makeup(exchanges: Sequence[Exchange]) -> Makeup:
    """What the site's own answers say that it is made with."""
    return together(
        makeup_of(one.response.headers, one.response.body or b"")
        for one in exchanges
        if not one.offsite and not isinstance(one.response, Failure)
    )


def _ways_of(doors: Doors, number: int) -> list[str]:
    """The egress of every visit that a case's journal tells of."""
    logs = [objects(event.data.get("visit_log")) for event, _ in doors.cases.journal(number)]
    return [str(entry["egress"]) for log in logs for entry in log if entry.get("egress")]


def _replay(case: Case) -> Plan:
    """The personas that showed the redirect, several times, then the whole check.

    A site that is watched is tested again and again: there they come once, or as often as it
    takes to be sent away once.
    """
    sure = 1 if case.state in (State.MONITORED, State.HELD) else REPLAYS
    named = _by_name()
    shown = [named[name] for name in case.redirected if name in named][:MOST_REPLAYED]
    replays = [persona for persona in shown for _ in range(_times(case, persona, sure))]
    return Plan((*replays, *plan_for("check", case.pathway).personas))


def _times(case: Case, persona: Persona, sure: int) -> int:
    """How often to send a persona: `sure` times the visits that it took to be sent away once."""
    entries = objects((case.verdict or {}).get("visit_log"))
    own = [entry["outcome"] for entry in entries if entry["persona"] == persona.name]
    left = own.count(str(Outcome.LEFT))
    return min(MOST_REPLAYS, ceil(sure * len(own) / left)) if left else sure


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, Persona]:
    return {persona.name: persona for persona in all_personas()}


@lru_cache(maxsize=1)
def all_personas() -> tuple[Persona, ...]:
    """Everybody whom a visit can pretend to be."""
    return (
        *(
            Persona(origin, device, jar, language, aim)
            for origin in Origin
            for device in DEVICES
            for jar in Jar
            for language in LANGUAGES
            for aim in Aim
        ),
        *(Persona(Origin.DIRECT, Device.BOT, aim=aim) for aim in Aim),
    )


def _against(before: Data, verdict: Verdict) -> Verdict:
    """A re-check is believed less easily: one redirect to where it led before is enough."""
    if not verdict.redirected or verdict.ruling is Ruling.HIJACKED:
        return verdict
    sites = {site_of(str(d["host"])) for d in objects(before.get("destinations"))}
    again = {site_of(d.host) for d in verdict.destinations} & sites
    if verdict.ruling is not Ruling.SUSPICIOUS and not again:
        return verdict
    reason = Reason("again", "visitors are still sent away", None)
    return replace(
        verdict,
        ruling=Ruling.HIJACKED,
        confidence=0.9,
        reasons=(reason, *verdict.reasons),
        bound=None,
    )

"""From an address to a verdict: visits, laid side by side, isolated, ruled on."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from unhijack.assess.isolate import next_personas
from unhijack.assess.rulings import rule
from unhijack.casework.plans import Plan, plan_for, replay
from unhijack.casework.recheck import against, by_other_ways, chain_changes
from unhijack.casework.visit_log import destinations, visit_data
from unhijack.casework.visitors import Visitors
from unhijack.collect.probe import Budget, Probe
from unhijack.core.case import TOLD, Case, Move, State
from unhijack.core.data import Json, objects
from unhijack.core.evidence import Failure, Persona, Visit
from unhijack.core.language import OTHER, other_language
from unhijack.core.report import Pathway
from unhijack.core.site import Address, parse_address, site_of
from unhijack.core.verdict import Ruling, Verdict, verdict_data
from unhijack.core.watch import after_examination
from unhijack.parse.makeup import Makeup, makeup_of, together
from unhijack.ports import Doors, Exchange


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
    visitors = Visitors(probe, address, pathway, plan, budget, unknown)
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
    await by_other_ways(visitors, plan, look)
    visits = (*look.visits, *visitors.apart)
    return Examination(address, verdict, visits, tuple(visitors.exchanges))


def _speaking(persona: Persona, host: str) -> Persona:
    """In the language of the site's country, where the plan has the language of any other."""
    if persona.language != OTHER:
        return persona
    return replace(persona, language=other_language(host))


async def _isolate(visitors: "Visitors", most: int) -> None:
    made = 0
    while made < most and (wanted := next_personas(visitors.look)):
        for persona in wanted[: most - made]:
            await visitors.send(persona)
        made += len(wanted)


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
    plan = replay(case) if case.verdict is not None else plan_for("check", case.pathway)
    budget = Budget(probe.limits)
    probe.pool.remember(site_of(address.host), _ways_of(doors, case.number))
    hashed = doors.secrets.keyed_hash
    examination = await examine(probe, address, case.pathway, plan, budget, hashed)
    verdict = examination.verdict
    if case.verdict is not None:
        verdict = against(case.verdict, verdict, plan, examination.visits)
    verdict = _with_every_visit(verdict, examination.visits, hashed)
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
    if case.verdict is not None and verdict.ruling is Ruling.HIJACKED:
        data["changed"] = chain_changes(case.verdict, verdict)
    return after_examination(case, data, now)


def _with_every_visit(
    verdict: Verdict, visits: Sequence[Visit], keyed_hash: Callable[[str], str]
) -> Verdict:
    """Those by other ways count too, once it was ruled."""
    found = destinations(visits, keyed_hash)
    return replace(verdict, visits=len(visits), destinations=found)


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

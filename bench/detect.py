"""What a check finds, gate by gate, and whom it accuses: the town and the streets, in memory.

The wire streets are measured on the wire tier, the script street with scripts run.
"""

import asyncio
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_network

from bench import peers
from bench.report import Goal, Report
from unhijack.casework.examine import examine
from unhijack.casework.plans import plan_for
from unhijack.collect.probe import Budget, Probe
from unhijack.collect.view import ScriptTier
from unhijack.core.egress import Guard
from unhijack.core.known import KnownHosts
from unhijack.core.site import parse_address
from unhijack.core.verdict import Ruling, Verdict
from unhijack.lab.honest.moves import AMP_CACHE, STORE, WALL
from unhijack.lab.memory import LOOPBACK, StreetTransport, TownResolver, TownTransport
from unhijack.lab.plots import Plot, Reach, Street
from unhijack.lab.street import hijacked_street, honest_street, script_street
from unhijack.lab.town import Town, TownSite, plan_town
from unhijack.ports import Limits
from unhijack.wiring.visits import make_script_tier

SEEDS = range(1, 11)
QUICK_SEEDS = range(1, 4)
SCRIPT_SEEDS = range(1, 4)
QUICK_SCRIPT_SEEDS = range(1, 2)
HONEST = "honest"
KNOWN = KnownHosts(frozenset({STORE}), frozenset({AMP_CACHE}), frozenset({WALL}))
"""What is known of the street, as `unhijack.data` knows it of the world."""


class NoonClock:
    """It is always noon."""

    def now(self) -> datetime:
        return datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(slots=True)
class Tally:
    """What was said of the sites of one kind."""

    reach: Reach | None
    """None for an honest kind."""
    rulings: Counter[Ruling] = field(default_factory=Counter)
    requests: int = 0
    seconds: float = 0.0

    @property
    def sites(self) -> int:
        return self.rulings.total()

    @property
    def found(self) -> int:
        return self.rulings[Ruling.HIJACKED] + self.rulings[Ruling.SUSPICIOUS]


@dataclass(slots=True)
class Measured:
    """Everything that was said."""

    kinds: dict[str, Tally] = field(default_factory=dict)
    said: dict[tuple[Ruling, float], list[bool]] = field(default_factory=lambda: defaultdict(list))
    """For each ruling and confidence: whether each verdict was right."""
    unstated: int = 0
    """Hijacked sites called clean without a bound that says what was not covered."""

    def note(
        self, kind: str, reach: Reach | None, verdict: Verdict, requests: int, seconds: float
    ) -> None:
        tally = self.kinds.setdefault(kind, Tally(reach))
        tally.rulings[verdict.ruling] += 1
        tally.requests += requests
        tally.seconds += seconds
        hijacked = reach is not None
        if verdict.ruling in (Ruling.HIJACKED, Ruling.SUSPICIOUS, Ruling.CLEAN):
            right = (verdict.ruling is not Ruling.CLEAN) == hijacked
            if hijacked and verdict.ruling is Ruling.CLEAN and verdict.bound is not None:
                self.unstated += not verdict.bound.not_covered
                if reach is not Reach.CHECK:
                    return  # it said itself that it had not looked there
            elif hijacked and verdict.ruling is Ruling.CLEAN:
                self.unstated += 1
            self.said[verdict.ruling, round(verdict.confidence, 2)].append(right)


async def measure_street(
    street: Street,
    measured: Measured,
    *,
    hijacked: bool,
    known: KnownHosts = KNOWN,
    scripts: ScriptTier | None = None,
) -> None:
    """Examine each site of a street with the profile that its gate takes; `scripts` runs theirs."""
    for plot in street.plots:
        transport = StreetTransport(street)
        guard = Guard((ip_network(f"{LOOPBACK}/32"),))
        probe = Probe(transport, transport, NoonClock(), guard, Limits(), record=False, known=known)
        probe = replace(probe, scripts=scripts)
        start = time.process_time()
        verdict = await _verdict(probe, f"http://{plot.host}{plot.trait.start}", _profile(plot))
        measured.note(
            plot.kind,
            plot.trait.reach if hijacked else None,
            verdict,
            transport.requests.total(),
            time.process_time() - start,
        )


async def measure_town(seed: int, measured: Measured) -> None:
    """Examine each site of the demo's town."""
    town = plan_town(seed, 20, 5)
    transport = TownTransport(town)
    guard = Guard((ip_network(f"{LOOPBACK}/32"),))
    probe = Probe(
        transport, TownResolver(town), NoonClock(), guard, Limits(), record=False, known=KNOWN
    )
    for site in town.sites:
        before, start = transport.ledger.requests, time.process_time()
        verdict = await _verdict(probe, f"http://{site.host}/", "check")
        kind, reach = (str(site.gate), Reach.CHECK) if site.gate else (f"town: {site.kind}", None)
        seconds = time.process_time() - start
        measured.note(kind, reach, verdict, transport.ledger.requests - before, seconds)


def _profile(plot: Plot) -> str:
    return "thorough" if plot.trait.reach is Reach.THOROUGH else "check"


async def _verdict(probe: Probe, url: str, profile: str) -> Verdict:
    plan, budget = plan_for(profile, ()), Budget(probe.limits)
    return (await examine(probe, parse_address(url), (), plan, budget, str)).verdict


async def _all(seeds: range, script_seeds: range, every: int) -> Measured:
    """`every` second, third... site of the script street, in an order by lot."""
    measured = Measured()
    for seed in seeds:
        await measure_town(seed, measured)
        await measure_street(hijacked_street(seed), measured, hijacked=True)
        await measure_street(honest_street(seed), measured, hijacked=False)
    scripts = make_script_tier(_warn)
    try:
        for seed in script_seeds:
            for hijacked in (True, False):
                street = script_street(seed, hijacked=hijacked)
                some = replace(street, plots=street.plots[::every])
                await measure_street(some, measured, hijacked=hijacked, scripts=scripts)
    finally:
        await scripts.close()
    return measured


def _warn(text: str) -> None:
    print(text, file=sys.stderr)


def run(*, quick: bool) -> Report:
    """Gate by gate, then the honest kinds that were not called clean, then the calibration."""
    seeds = QUICK_SEEDS if quick else SEEDS
    script_seeds = QUICK_SCRIPT_SEEDS if quick else SCRIPT_SEEDS
    measured = asyncio.run(_all(seeds, script_seeds, 2 if quick else 1))
    report = Report(
        f"unhijack check: the town and the wire streets, {len(seeds)} seeds; "
        f"the script street with scripts run, {len(script_seeds)}",
        ("", "profile", "hijacked", "suspicious", "clean", "open", "requests", "CPU ms"),
    )
    for kind, tally in sorted(measured.kinds.items(), key=lambda kt: (kt[1].reach is None, kt[0])):
        if tally.reach is not None or tally.rulings[Ruling.CLEAN] < tally.sites:
            report.rows.append(_row(kind, tally))
    if not quick:
        _beside_thug(report)
    _judge(report, measured)
    _calibrate(report, measured)
    return report


def _beside_thug(report: Report) -> None:
    """Thug on the town's sites, one for each gate and kind, beside a check with scripts run."""
    if not peers.has_thug():
        _warn("Thug is not measured: scripts/thug.sh brings it")
        return
    town = peers.the_town()
    sites = peers.sample(town)
    ours = asyncio.run(_of_town(town, sites))
    theirs = asyncio.run(peers.visits(town, sites))
    rates: dict[str, Counter[str]] = {"found": Counter(), "alarms": Counter()}
    for site, mine, peer in zip(sites, ours, theirs, strict=True):
        kind = str(site.gate or site.kind)
        found = mine.ruling in (Ruling.HIJACKED, Ruling.SUSPICIOUS)
        said = (
            "reaches another site"
            if peer.found
            else "stays" + (peer.failed and f" ({peer.failed})")
        )
        cells = (
            f"Thug: {said}",
            f"unhijack: {mine.ruling}",
            "",
            "",
            "",
            "",
            f"{peer.cpu * 1e3:.0f}",
        )
        report.rows.append((f"beside: {kind}", *cells))
        counted = rates["found" if site.gate else "alarms"]
        counted.update({"thug": int(peer.found), "unhijack": int(found), "sites": 1})
    for what, counted in rates.items():
        for who in ("thug", "unhijack", "sites"):
            report.figures[f"beside_thug_{what}_{who}"] = counted[who]
    report.figures["thug_cpu_ms_per_site"] = sum(p.cpu for p in theirs) / len(theirs) * 1e3


async def _of_town(town: Town, sites: Sequence[TownSite]) -> list[Verdict]:
    """A check of each of these sites of a town, with scripts run."""
    transport, guard = TownTransport(town), Guard((ip_network(f"{LOOPBACK}/32"),))
    probe = Probe(transport, TownResolver(town), NoonClock(), guard, Limits(), record=False)
    scripts = make_script_tier(_warn)
    probe = replace(probe, known=KNOWN, scripts=scripts)
    try:
        return [await _verdict(probe, f"http://{site.host}/", "check") for site in sites]
    finally:
        await scripts.close()


def _row(kind: str, tally: Tally) -> tuple[str, ...]:
    rulings = tally.rulings
    opened = rulings[Ruling.INCONCLUSIVE] + rulings[Ruling.UNREACHABLE]
    profile = str(tally.reach) if tally.reach else HONEST
    counts = (rulings[Ruling.HIJACKED], rulings[Ruling.SUSPICIOUS], rulings[Ruling.CLEAN], opened)
    return (
        kind,
        profile,
        *map(str, counts),
        f"{tally.requests / tally.sites:.1f}",
        f"{tally.seconds / tally.sites * 1e3:.1f}",
    )


def _judge(report: Report, measured: Measured) -> None:
    gates = {kind: t for kind, t in measured.kinds.items() if t.reach is not None}
    seen = {kind: t for kind, t in gates.items() if t.reach is not Reach.UNSEEN}
    honest = [t for t in measured.kinds.values() if t.reach is None]
    sites = sum(t.sites for t in honest)
    accused = sum(t.rulings[Ruling.HIJACKED] for t in honest)
    suspected = sum(t.rulings[Ruling.SUSPICIOUS] for t in honest)
    everything = list(measured.kinds.values())
    report.figures |= {
        "gates": len(gates),
        "gates_found_always": sum(t.found == t.sites for t in seen.values()),
        "honest_kinds": len(honest),
        "honest_suspicious_share": suspected / sites,
        "requests_per_honest_site": sum(t.requests for t in honest) / sites,
        "cpu_ms_per_honest_site": sum(t.seconds for t in honest) / sites * 1e3,
        "sites": sum(t.sites for t in everything),
    }
    missed = sum(t.sites - t.found for t in seen.values())
    report.goals["hijacked sites that somebody can see, missed"] = Goal(missed, 0)
    report.goals["honest sites called hijacked"] = Goal(accused, 0)
    report.goals["hijacked sites called clean without saying what was not covered"] = Goal(
        measured.unstated, 0
    )


def _calibrate(report: Report, measured: Measured) -> None:
    """How often each ruling was right, by the confidence that it gave."""
    for (ruling, confidence), right in sorted(measured.said.items()):
        share = sum(right) / len(right)
        report.rows.append(
            (f"{ruling} at {confidence:.2f}", f"{share:.3f} right", *[""] * 5, str(len(right)))
        )
        report.figures[f"right_{ruling}_{confidence:.2f}"] = share

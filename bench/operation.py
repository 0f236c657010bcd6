"""A whole operation, simulated: the engine from sweep to verified clean, and whether the figures hold."""

import asyncio
import tempfile
import time
from pathlib import Path

from bench import estimates
from bench.country import HORIZON_DAYS, Country, open_country
from bench.hidden import DELAY_DAYS
from bench.invariants import Found, hidden_shares, inspect
from bench.report import Goal, Report
from unhijack.assess.effects import Tally
from unhijack.casework.measure import measure
from unhijack.core.figures import DAYS, Figures

SITES, HIJACKED, SEED = 10_000, 1_000, 7
QUICK_SITES, QUICK_HIJACKED = 300, 40
SEEDS, CASES = 20, 1_000
QUICK_SEEDS, QUICK_CASES = 20, 200
MINUTES = 10.0
_GOALS = (
    ("wrong_clean", "called clean while hijacked"),
    ("accused", "honest sites accused"),
    ("unconfirmed", "notices of what no look confirmed"),
    ("told_while_held", "told while held"),
    ("told_too_late", "told of what was clean by then"),
    ("beyond_unasked", "beyond the hoster without an analyst"),
    ("doubled", "mails doubled"),
    ("lost_mail", "mails lost"),
    ("lost_reports", "reports lost"),
    ("hurried", "second mails to a person within a day"),
    ("missed", "hijacked sites that an examination missed"),
    ("broken", "journals broken"),
)
MISSED_MEAN = 1.0
"""Of 20 seeds: a rate lies outside its 95 % interval on one of them, in the mean of the rates."""
MISSED_WORST = 3.0
"""No rate on more: true intervals do that to one rate in sixty."""


def run(*, quick: bool) -> Report:
    """One country of 10,000 sites by the whole engine; 20 by their journals alone."""
    sites, hijacked = (QUICK_SITES, QUICK_HIJACKED) if quick else (SITES, HIJACKED)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="unhijack-") as folder:
        house = Path(folder) / "house"
        house.mkdir()
        country = open_country(house, SEED, sites, hijacked)
        asyncio.run(country.live())
        lived = time.monotonic() - start
        found = inspect(country)
        figures = _figures(country)
        hidden = dict(hidden_shares(country, DAYS))
        country.store.close()
    missed = estimates.misses(
        estimates.truths(),
        range(1, (QUICK_SEEDS if quick else SEEDS) + 1),
        QUICK_CASES if quick else CASES,
    )
    report = Report(
        f"SIMULATION: {sites:,} made-up sites, {hijacked:,} of them hijacked, {HORIZON_DAYS} days",
        ("what", "count"),
    )
    _write_engine(report, country, found, figures)
    _write_truth(report, figures, hidden)
    _write_estimates(report, missed)
    minutes = (time.monotonic() - start) / 60
    report.rows.append(("minutes, the engine's part", f"{lived / 60:.2f}"))
    report.rows.append(("minutes, all", f"{minutes:.2f}"))
    report.figures |= {"minutes_engine": lived / 60, "minutes": minutes}
    report.goals["minutes for the whole operation"] = Goal(None if quick else minutes, MINUTES)
    return report


def _figures(country: Country) -> Figures:
    tally = Tally(country.clock.now())
    measure(country.store, tally)
    return tally.figures()


def _write_engine(report: Report, country: Country, found: Found, figures: Figures) -> None:
    rows = {
        "sites swept": country.swept,
        "hijacked sites that the sweep found": country.found,
        "reports": len(country.receipts),
        "verified": figures.verified,
        "told": figures.everyone.told,
        "clean now": figures.everyone.clean,
        "claims refuted": figures.refuted,
        "examinations": found.kinds["examined"],
        "notices": len(found.hijacking),
        "mails": len(country.post.taken),
        "bounced": found.kinds["notice-bounced"],
        "disputed": found.kinds["disputed"],
        "held": found.kinds["held"],
        "escalated": found.kinds["escalated"],
        "let out by an analyst": found.kinds["approved"],
    }
    report.rows += [(name, f"{value:,}") for name, value in rows.items()]
    report.figures |= {name.replace(" ", "_"): float(value) for name, value in rows.items()}
    for name, what in _GOALS:
        report.goals[what] = Goal(float(getattr(found, name)), 0.0)


def _write_truth(report: Report, figures: Figures, hidden: dict[int, float]) -> None:
    """What `unhijack stats` says of this country, beside what is true of it."""
    outside = 0
    for day, true in hidden.items():
        point = figures.everyone.clean_by[day]
        if point is None:
            continue
        outside += not point.low <= true <= point.high
        said = f"{point.value:.1%} ({point.low:.0%} to {point.high:.0%}), true {true:.1%}"
        report.rows.append((f"clean by day {day}", said))
        report.figures |= {f"clean_day_{day}": point.value, f"true_clean_day_{day}": true}
    report.goals["days whose measured share does not hold the true one"] = Goal(float(outside), 0.0)
    if figures.uplift is not None:
        for day, gap in figures.uplift.by.items():
            if day <= DELAY_DAYS:
                said = f"{gap.value:+.1%} ({gap.low:+.0%} to {gap.high:+.0%})"
                report.rows.append((f"uplift on day {day}", said))
                report.figures[f"uplift_day_{day}"] = gap.value


def _write_estimates(report: Report, missed: dict[str, int]) -> None:
    for name, count in missed.items():
        report.rows.append((f"seeds of 20 that miss: {name}", str(count)))
        report.figures["missed_" + name.replace(" ", "_")] = float(count)
    mean = sum(missed.values()) / len(missed)
    report.goals["seeds of 20 that miss a rate, mean of the rates"] = Goal(mean, MISSED_MEAN)
    report.goals["seeds of 20 that miss a rate, worst"] = Goal(
        float(max(missed.values())), MISSED_WORST
    )

"""Workers and the database are killed all the time: what is lost, what is doubled, what closes."""

import asyncio
import tempfile
from pathlib import Path

from bench.report import CannotRun, Goal, Report
from bench.storm import Storm, weather

KILLS, SITES, SECONDS = 200, 60, 1800.0
QUICK_KILLS, QUICK_SITES, QUICK_SECONDS = 8, 3, 45.0


def run(*, quick: bool) -> Report:
    """Two workers with leases of two seconds, PostgreSQL, real mail. Raises CannotRun."""
    kills, sites, seconds = (
        (QUICK_KILLS, QUICK_SITES, QUICK_SECONDS) if quick else (KILLS, SITES, SECONDS)
    )
    with tempfile.TemporaryDirectory(prefix="unhijack-") as folder:
        try:
            after = asyncio.run(
                weather(Storm(Path(folder) / "house", sites, kills, seconds=seconds))
            )
        except TimeoutError:
            raise CannotRun(f"it did not come to its end within {seconds:g} s") from None
    rows = {
        "kills": after.kills,
        "reports": after.reports,
        "reports lost": after.lost,
        "cases": after.cases,
        "cases not closed": after.cases - after.closed,
        "journals broken": after.broken,
        "mails received": after.mails,
        "mails doubled": after.doubled,
        "notices uncertain": after.uncertain,
        "seconds": round(after.seconds),
    }
    report = Report("Two workers and a database that die all the time", ("what", "count"))
    report.rows = [(name, str(value)) for name, value in rows.items()]
    report.figures = {name.replace(" ", "_"): float(value) for name, value in rows.items()}
    for what in ("reports lost", "cases not closed", "journals broken", "mails doubled"):
        report.goals[what] = Goal(float(rows[what]), 0.0)
    return report

"""After a scan: how they got in, and what would keep them out."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from unhijack.collect.scan.look import Looked
from unhijack.core.data import Json
from unhijack.core.finding import SURE, Mend
from unhijack.core.text import printable
from unhijack.remediate.cause import Cause, find_cause
from unhijack.remediate.harden import Advice, Facts, harden
from unhijack.remediate.telling import Statement, statements
from unhijack.remediate.trail import Planted
from unhijack.wiring.scans import make_logs

MOST_ADVICE = 8
"""Pieces of advice that a person is shown; JSON has all."""


def cause_of(found: Sequence[Looked], logs: Sequence[Path], hosts: Sequence[str]) -> Cause:
    """Read the logs for how what was found came in; of shared ones, what `hosts` were asked."""
    return find_cause([planted(one) for one in found], make_logs(logs), hosts)


def planted(looked: Looked) -> Planted:
    """A file with findings, as the logs are asked about it."""
    whole = any(one.repair is Mend.QUARANTINE for one in looked.findings)
    return Planted(looked.path, _moment(looked.changed_ns), _moment(looked.touched_ns), whole)


def _moment(ns: int) -> datetime | None:
    return datetime.fromtimestamp(ns / 1e9, UTC) if ns else None


def advice(facts: Facts, found: Sequence[Looked], cause: Cause | None) -> Sequence[Advice]:
    """What would keep them out, the most urgent first; nothing where nothing certain was found."""
    sure = any(one.confidence >= SURE for looked in found for one in looked.findings)
    return harden(replace(facts, planted=sure), cause) if sure else ()


def story_lines(told: Sequence[Statement], advised: Sequence[Advice]) -> Iterator[Text]:
    """Both, as a person reads them."""
    if told:
        yield Text("\nHow they got in", style="bold")
    for statement in told:
        yield Text(f"  {printable(statement.text, 600)}")
        for proof in statement.proofs:
            yield Text(f"    {printable(proof, 400)}", style="dim")
    if advised:
        yield Text("\nSo that it does not come back", style="bold")
    for one in advised[:MOST_ADVICE]:
        yield Text(f"  {printable(one.reason, 600)}")
        for step in one.steps:
            for line in step.text.splitlines():
                yield Text(f"    {step.where}: {printable(line, 300)}", style="dim")
    if len(advised) > MOST_ADVICE:
        yield Text(f"  and {len(advised) - MOST_ADVICE} more (--json has all)", style="dim")


def story_data(told: Sequence[Statement], advised: Sequence[Advice]) -> dict[str, Json]:
    """Both, as JSON has them."""
    return {
        "cause": [{"text": one.text, "proofs": list(one.proofs)} for one in told],
        "advice": [
            {
                "name": one.name,
                "urgency": one.urgency,
                "reason": one.reason,
                "steps": [{"where": str(step.where), "text": step.text} for step in one.steps],
            }
            for one in advised
        ],
    }


def measured(cause: Cause | None) -> dict[str, Json]:
    """What statistics take from a cause: no address, no line."""
    if cause is None:
        return {}
    data: dict[str, Json] = {"way": cause.ways[0].name if cause.ways else ""}
    if cause.logs_begin is not None and cause.logs_end is not None:
        days = max(1.0, (cause.logs_end - cause.logs_begin).total_seconds() / 86400)
        data["away_a_day"] = round(sum(one.requests for one in cause.sent_away) / days, 3)
    return data


def told_of(cause: Cause | None) -> Sequence[Statement]:
    """A cause in sentences; addresses stand in full: it is the owner who scans."""
    return statements(cause, owner=True) if cause is not None else ()

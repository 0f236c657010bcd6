"""Verdicts and journals as a person reads them. Everything from outside is made harmless first."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.text import Text

from unhijack.cli.sentences import said, sentence
from unhijack.core.case import Case, Event, Kind
from unhijack.core.data import Data, items, objects
from unhijack.core.text import defang, printable
from unhijack.core.verdict import Ruling, Verdict

COLOURS = {
    Ruling.HIJACKED: "bold red",
    Ruling.SUSPICIOUS: "bold yellow",
    Ruling.CLEAN: "green",
    Ruling.INCONCLUSIVE: "magenta",
    Ruling.UNREACHABLE: "magenta",
}


def verdict_lines(url: str, verdict: Verdict) -> Iterator[Text]:
    """A verdict in a few lines."""
    head = Text(f"{verdict.ruling.upper():<13}", style=COLOURS[verdict.ruling])
    head.append(printable(url, 300), style="bold")
    yield head
    if verdict.conditions:
        yield Text(f"    whom:    a visitor who {', and '.join(verdict.conditions)}")
    for destination in verdict.destinations:
        chain = " → ".join(defang(host) for host in (*destination.via, destination.host))
        yield Text(f"    sent to: {chain}" + (" (not read)" if destination.unread else ""))
    for reason in verdict.reasons:
        visit = f" [visit {reason.visit}]" if reason.visit else ""
        yield Text(f"    because: {printable(reason.text, 400)}{visit}")
    if verdict.bound is not None:
        yield Text(f"    unseen:  {'; '.join(verdict.bound.not_covered)}")


def moment(at: datetime | None) -> str:
    """A time as journals have it."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "-"


def event_lines(event: Event) -> Iterator[Text]:
    """An event, so that a stranger understands it."""
    yield Text(f"{event.step:>3}  {moment(event.at)}  ", style="dim").append(
        sentence(event), style="none"
    )
    if event.kind is Kind.EXAMINED:
        yield from (Text(" " * 28 + line, style="dim") for line in _examined(event.data))


def _examined(data: Data) -> Iterator[str]:
    conditions = [str(text) for text in items(data.get("conditions"))]
    if conditions:
        yield f"a visitor who {printable(', and '.join(conditions), 300)}"
    for entry in objects(data.get("destinations")):
        hosts = [*(str(h) for h in items(entry["via"])), str(entry["host"])]
        yield f"sent to {' → '.join(defang(host) for host in hosts)} (content unassessed, not read)"
    for entry in objects(data.get("reasons")):
        yield printable(str(entry["text"]), 300)
    evidence = data.get("evidence")
    if isinstance(evidence, dict):
        yield f"evidence {said(evidence, 'name')}, SHA-256 {said(evidence, 'sealed_sha256')[:16]}…"


def case_row(case: Case, site: str) -> tuple[str, ...]:
    """A case in a list."""
    notes = []
    if case.letter_due:
        notes.append(f"a letter to the {case.letter_due} is to be printed")
    if case.uncertain:
        notes.append("mail uncertain")
    if case.refuted:
        notes.append(f"claimed clean falsely {case.refuted}x")
    if case.relapses:
        notes.append(f"hijacked again {case.relapses}x")
    if case.undecided:
        notes.append(f"no ruling yet ({case.last_ruling})")
    return (
        str(case.number),
        str(case.state),
        printable(site, 60),
        str(case.reports),
        moment(case.changed_at),
        ", ".join(notes),
    )

"""Verdicts and journals as a person reads them. Everything from outside is made harmless first."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.text import Text

from unhijack.cli.sentences import said, sentence
from unhijack.core.case import Case, Event, Kind, State
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
    bound = data.get("bound")
    if isinstance(bound, dict):
        yield f"not covered: {'; '.join(printable(str(x), 200) for x in items(bound['not_covered']))}"
    evidence = data.get("evidence")
    if isinstance(evidence, dict):
        yield f"evidence {said(evidence, 'name')}, SHA-256 {said(evidence, 'sealed_sha256')[:16]}…"


def case_row(case: Case, site: str, *, approval: bool) -> tuple[str, ...]:
    """A case in a list, with what it waits for a person to do. `approval`: first notices wait too."""
    return (
        str(case.number),
        str(case.state),
        printable(site, 60),
        str(case.reports),
        moment(case.changed_at),
        ", ".join((*asked_of_you(case, approval=approval), *_notes(case))),
    )


def asked_of_you(case: Case, *, approval: bool) -> list[str]:
    """What a case waits for a person to do; nothing where it goes on by itself."""
    return list(_asked(case, approval=approval))


def _asked(case: Case, *, approval: bool) -> Iterator[str]:
    waits = case.state in (State.ATTRIBUTED, State.REINFECTED) and not case.approved
    if case.letter_due:
        yield f"PRINT a letter to the {case.letter_due}"
    elif waits and (approval or case.rung > 0):
        yield "APPROVE, or hold"
    elif case.lacks_keeper:
        yield "NAME a hoster: nobody is asked to keep logs"
    elif case.state is State.DISPUTED:
        yield "DECIDE: resume, or overturn"
    elif case.state is State.VERIFIED and case.places is not None:
        yield "NAME a contact: nobody is known"
    elif case.state is State.BOUNCED:
        yield "NAME a contact: nobody was reached"
    elif case.resumable:
        yield "DECIDE: resume, or close"
    if case.owner_says == Kind.ASKED and case.state is State.ACKNOWLEDGED:
        yield "ANSWER: they ask for help"


def _notes(case: Case) -> Iterator[str]:
    if case.uncertain:
        yield "mail uncertain"
    if case.refuted:
        yield f"claimed clean falsely {case.refuted}x"
    if case.relapses:
        yield f"hijacked again {case.relapses}x"
    if case.undecided:
        yield f"no ruling yet ({case.last_ruling})"
    if case.held_until:
        yield f"held until {case.held_until.date()}"

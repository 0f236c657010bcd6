"""Verdicts and journals as a person reads them. Everything from outside is made harmless first."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from rich.text import Text

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
        _sentence(event), style="none"
    )
    if event.kind is Kind.EXAMINED:
        yield from (Text(" " * 28 + line, style="dim") for line in _examined(event.data))


def _sentence(event: Event) -> str:
    return _SENTENCES[event.kind](event.data)


def _claim(how: str, data: Data) -> str:
    return f"{how} report {_text(data, 'receipt')} ({_text(data, 'source')}): {_text(data, 'url')}"


_PURPOSES = {"re-check": "Re-check under the old conditions", "re-test": "Tested again"}


def _examination(data: Data) -> str:
    why = _PURPOSES.get(_text(data, "purpose"), "Examined")
    return f"{why}: {_text(data, 'verdict').upper()} after {_text(data, 'visits')} visits"


def _contacts(data: Data) -> str:
    found = objects(data["contacts"])
    said = ", ".join(f"{_text(c, 'role')} (from {_text(c, 'source')})" for c in found)
    return f"Contacts found: {said}" if said else "No contact found: a person has to find one"


def _scan(data: Data) -> str:
    kinds = data["kinds"]
    found = ", ".join(f"{n} {kind}" for kind, n in kinds.items()) if isinstance(kinds, dict) else ""
    said = f"Server scanned by {_text(data, 'who')}: {found or 'nothing found'}"
    return printable(f"{said} in {_text(data, 'files')} files", 300)


_SENTENCES: dict[Kind, Callable[[Data], str]] = {
    Kind.OPENED: lambda data: _claim("Case opened by", data),
    Kind.JOINED: lambda data: _claim("Joined by", data),
    Kind.EXAMINED: _examination,
    Kind.ATTRIBUTED: _contacts,
    Kind.APPROVED: lambda data: f"Notice approved by {_text(data, 'who')}",
    Kind.QUEUED: lambda data: (
        f"Notice to the {_text(data, 'role')} decided on: {_text(data, 'message_id')}"
    ),
    Kind.DELIVERED: lambda data: f"Notice accepted by the mail server: {_text(data, 'text')}",
    Kind.UNCERTAIN: lambda data: (
        f"UNCERTAIN whether the notice left: {_text(data, 'text')}; it is not sent again by itself"
    ),
    Kind.BOUNCED: lambda data: f"Notice did not get through: {_text(data, 'text')}",
    Kind.SCANNED: _scan,
    Kind.CLAIMED: lambda data: (
        f"Said to be clean by {_text(data, 'who')}: to be checked before it is believed"
    ),
    Kind.RESUMED: lambda data: f"To go on, by decision of {_text(data, 'who')}",
    Kind.MONITORED: lambda data: f"Watched until {_text(data, 'until')}",
    Kind.CLOSED: lambda data: f"Closed: {_text(data, 'why')}",
}


def _examined(data: Data) -> Iterator[str]:
    conditions = [str(text) for text in items(data["conditions"])]
    if conditions:
        yield f"a visitor who {printable(', and '.join(conditions), 300)}"
    for entry in objects(data["destinations"]):
        hosts = [*(str(h) for h in items(entry["via"])), str(entry["host"])]
        yield f"sent to {' → '.join(defang(host) for host in hosts)} (content unassessed, not read)"
    for entry in objects(data["reasons"]):
        yield printable(str(entry["text"]), 300)
    evidence = data["evidence"]
    if isinstance(evidence, dict):
        yield f"evidence {_text(evidence, 'name')}, SHA-256 {_text(evidence, 'sealed_sha256')[:16]}…"


def case_row(case: Case, site: str) -> tuple[str, ...]:
    """A case in a list."""
    notes = []
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


def _text(data: Data, key: str) -> str:
    return printable(str(data.get(key, "")), 300)

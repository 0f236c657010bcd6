"""What happened to a case, each event as one sentence that a stranger understands."""

from collections.abc import Callable

from unhijack.core.case import Event, Kind
from unhijack.core.data import Data, Json, items, objects
from unhijack.core.notice import LETTER, NOT_LEFT, About
from unhijack.core.text import defang, printable

MOST_HOSTS = 4
MOST = 300
"""Characters of a value."""


def sentence(event: Event) -> str:
    """One harmless line."""
    return printable(_SENTENCES[event.kind](event.data), 2 * MOST)


def said(data: Data, key: str) -> str:
    """A value as harmless text; empty where there is none."""
    value = data.get(key)
    return "" if value is None else printable(str(value), MOST)


def _claim(how: str, data: Data) -> str:
    return f"{how} report {said(data, 'receipt')} ({said(data, 'source')}): {said(data, 'url')}"


_PURPOSES = {
    "re-check": "Re-check under the old conditions",
    "re-test": "Tested again",
    "look": "Looked at, whoever answers or not",
    "held": "Visited while it is held",
}


def _examination(data: Data) -> str:
    why = _PURPOSES.get(said(data, "purpose"), "Examined")
    ruling = f"{why}: {said(data, 'verdict').upper()} after {said(data, 'visits')} visits"
    return f"{ruling}{_changed(data.get('changed'))}"


def _changed(data: Json) -> str:
    """How the chain differs from the time before; empty where it was not compared."""
    if not isinstance(data, dict):
        return ""
    parts = [
        f"{how} {', '.join(defang(str(host)) for host in items(data.get(key))[:MOST_HOSTS])}"
        for how, key in (("now by", "now"), ("no longer by", "no_longer"))
        if items(data.get(key))
    ]
    return "; " + (", ".join(parts) or "by the same hosts as before")


def _contacts(data: Data) -> str:
    found = objects(data.get("contacts"))
    named = ", ".join(f"{said(c, 'role')} (from {said(c, 'source')})" for c in found)
    return f"Contacts found: {named}" if named else "No contact found: a person has to find one"


def _scan(data: Data) -> str:
    kinds = data.get("kinds")
    found = ", ".join(f"{n} {kind}" for kind, n in kinds.items()) if isinstance(kinds, dict) else ""
    who, files = said(data, "who"), said(data, "files")
    return f"Server scanned by {who}: {found or 'nothing found'} in {files} files"


_ABOUT = {
    About.HIJACKED: "Told of it",
    About.PRESERVE: "Asked to keep logs",
    About.WHO_HOSTS: "Asked who hosts the site",
    About.RETRACTION: "Told that we were wrong",
    About.CLEAN: "Told that it is clean",
}


def _queued(data: Data) -> str:
    about = _ABOUT.get(About(str(data.get("about", About.HIJACKED))), "Written to")
    people = [
        f"{said(one, 'role')} ({said(one, 'language') or 'en'}{_way(one)})"
        for one in _notices(data)
    ]
    return f"{about}: {', '.join(people)}"


def _way(notice: Data) -> str:
    return ", by a letter that a person sends" if notice.get("channel") == LETTER else ""


def _notices(data: Data) -> list[Data]:
    return [dict(one) for one in objects(data.get("notices"))]


def _bounced(data: Data) -> str:
    text = said(data, "text")
    return f"A message was {text}" if text in NOT_LEFT else f"It did not get through: {text}"


def _received(data: Data) -> str:
    ticket = said(data, "ticket")
    by = f"ticket {ticket}" if ticket else said(data, "what") or "a delivery status"
    return f"The {_who(data)} has it for certain: {by}"


def _who(data: Data) -> str:
    return said(data, "who") or "recipient"


def _escalated(data: Data) -> str:
    roles = data.get("roles")
    named = " and ".join(map(str, roles)) if isinstance(roles, list) else ""
    other = "other mailboxes of the " if data.get("wave") else "the "
    return f"Nobody could be reached, or acted in time: next {other}{named}"


def _answer(what: str) -> Callable[[Data], str]:
    def worded(data: Data) -> str:
        mail = said(data, "mail")[:12]
        return f"The {_who(data)} {what}" + (f": unhijack mail show {mail}" if mail else "")

    return worded


def _held(data: Data) -> str:
    logs = "; its hoster is asked to keep logs" if data.get("keep_logs") else ""
    day, who, why = said(data, "until")[:10], said(data, "who"), said(data, "why")
    return f"Nobody is told before {day}, says {who}: {why}{logs}"


def _released(data: Data) -> str:
    by = said(data, "who")
    return "No longer held: " + (f"released by {by}" if by else said(data, "why"))


def _erased(data: Data) -> str:
    what, persons = said(data, "what"), said(data, "persons")
    files = data.get("evidence")
    count = len(files) if isinstance(files, list) else 0
    return f"Erased, as its time was over: {what} ({persons} persons, {count} pieces of evidence)"


def _noted(data: Data) -> str:
    text = said(data, "text") or said(data, "what")
    mail = said(data, "mail")[:12]
    return f"For the record: {text}" + (f" (unhijack mail show {mail})" if mail else "")


_SENTENCES: dict[Kind, Callable[[Data], str]] = {
    Kind.OPENED: lambda data: _claim("Case opened by", data),
    Kind.JOINED: lambda data: _claim("Joined by", data),
    Kind.EXAMINED: _examination,
    Kind.ATTRIBUTED: _contacts,
    Kind.APPROVED: lambda data: f"Notice approved by {said(data, 'who')}",
    Kind.DELAYED: lambda data: f"Drawn to be told later, not before {said(data, 'until')[:10]}",
    Kind.LETTER_DUE: lambda data: f"The {said(data, 'role')} is to be told by a letter: print it",
    Kind.QUEUED: _queued,
    Kind.DELIVERED: lambda data: f"A mail server took it: {said(data, 'text')}",
    Kind.UNCERTAIN: lambda data: (
        f"UNCERTAIN whether the notice left: {said(data, 'text')}; it is not sent again by itself"
    ),
    Kind.BOUNCED: _bounced,
    Kind.RECEIVED: _received,
    Kind.ESCALATED: _escalated,
    Kind.ACKNOWLEDGED: _answer("answered"),
    Kind.ASKED: _answer("asks for help"),
    Kind.DISPUTED: _answer("says that we are wrong; a person decides"),
    Kind.SCANNED: _scan,
    Kind.CLAIMED: lambda data: f"Said to be clean by {_who(data)}: checked before it is believed",
    Kind.RESUMED: lambda data: f"To go on, by decision of {said(data, 'who')}",
    Kind.HELD: _held,
    Kind.RELEASED: _released,
    Kind.MONITORED: lambda data: f"Watched until {said(data, 'until')}",
    Kind.CLOSED: lambda data: f"Closed: {said(data, 'why')}",
    Kind.MERGED: lambda data: f"The same as case {said(data, 'into')}, says {said(data, 'who')}",
    Kind.OVERTURNED: lambda data: f"Verdict taken back by {said(data, 'who')}: {said(data, 'why')}",
    Kind.PRESERVED: lambda data: f"Under a legal hold, by {said(data, 'who')}: {said(data, 'why')}",
    Kind.UNPRESERVED: lambda data: f"Legal hold lifted by {said(data, 'who')}: {said(data, 'why')}",
    Kind.ERASED: _erased,
    Kind.NOTED: _noted,
}

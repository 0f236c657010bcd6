"""Visits as verdicts and journals have them: own addresses in full, of others no more than the host."""

from collections.abc import Callable, Sequence
from urllib.parse import unquote

from unhijack.assess.signals import outcome
from unhijack.core.data import Json
from unhijack.core.evidence import Hop, Visit, trimmed
from unhijack.core.verdict import Destination


def destinations(
    visits: Sequence[Visit], keyed_hash: Callable[[str], str]
) -> tuple[Destination, ...]:
    """Every off-site target that visitors were sent to, each once."""
    found: dict[tuple[str, ...], Destination] = {}
    for one in visits:
        chain = [hop for hop in one.hops if hop.offsite]
        if chain:
            hosts = tuple(hop.host for hop in chain)
            last = chain[-1]
            found.setdefault(
                (*hosts, last.url),
                Destination(last.host, keyed_hash(last.url), hosts[:-1], unread=True),
            )
    return tuple(found.values())


def visit_data(one: Visit, keyed_hash: Callable[[str], str]) -> dict[str, Json]:
    """A visit as a journal has it: own addresses in full, of others the host and a keyed hash."""
    away = [hop.host for hop in one.hops if hop.offsite]
    return {
        "visit": one.number,
        "persona": one.persona.name,
        "at": one.started_at.isoformat(),
        "outcome": str(outcome(one)),
        "egress": one.way_out.name if one.way_out else None,
        "hops": [
            {
                "url": None if hop.offsite else shown_url(hop.url, away),
                "host": hop.host,
                "url_hmac": keyed_hash(hop.url) if hop.offsite else None,
                "via": str(hop.via) if hop.via else None,
                "script": _cause_data(hop),
                "status": hop.status,
                "failure": hop.failure.text if hop.failure else None,
            }
            for hop in one.hops
        ],
        "failure": one.failure.text if one.failure else None,
    }


def _cause_data(hop: Hop) -> Json:
    if hop.cause is None:
        return None
    return {"host": hop.cause.host, "sha256": hop.cause.sha256, "when": hop.cause.when}


def shown_url(url: str, away: Sequence[str]) -> str:
    """An address of the site itself, without its query if that carries a destination."""
    said = unquote(unquote(url.partition("?")[2])).lower()
    return trimmed(url) if any(host in said for host in away) else url

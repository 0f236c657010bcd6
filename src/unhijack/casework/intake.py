"""Claims from outside: reports, and owners' word that a site is clean."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_address

from unhijack.casework.admission import turns
from unhijack.casework.analyst import act, look_up
from unhijack.core.case import Case, Kind, Move, State
from unhijack.core.data import Json
from unhijack.core.errors import WrongUse
from unhijack.core.finding import finding_data
from unhijack.core.report import Pathway, make_report, pathway_data
from unhijack.core.scan import Scan
from unhijack.core.site import Address, parse_address, site_of
from unhijack.core.text import for_the_record
from unhijack.ports import Doors, Received

RECHECK_AFTER = timedelta(hours=1)
RECHECK_WITHIN = timedelta(hours=12)
"""A claim is checked at a time between these that nobody outside can foresee."""
MOST_SHOWN = 100
"""Findings of a scan that stand in the journal; the sealed evidence has all."""


def report(
    doors: Doors,
    address: Address,
    pathway: Pathway,
    source: str,
    key: str | None = None,
    *,
    party: str = "",
    reporter: str | None = None,
) -> str:
    """Take a report; its receipt. It is on the disk when this returns.

    The same `key` again is the same report: nothing is taken twice. `reporter` is the person who is
    told what becomes of it; see `core.report.Report` for the party.
    """
    received = make_report(address, pathway, doors.clock.now(), source)
    received = replace(received, party=party, reporter=reporter)
    return doors.cases.acknowledge(received, key or f"{source}:{secrets.token_hex(16)}")


async def assign_reports(doors: Doors) -> int:
    """Open a case for each report whose turn it is, or let it join its site's; how many."""
    chosen = await turns(doors)
    for turn in chosen:
        _assign(doors, turn.received, turn.touches)
    return len(chosen)


def _assign(doors: Doors, received: Received, touches: Sequence[str] = ()) -> int:
    """The number of the case that a report belongs to now."""
    said = received.report
    site = site_of(parse_address(said.url).host)
    now = doors.clock.now()
    data: dict[str, Json] = {
        "receipt": received.receipt,
        "url": said.url,
        "pathway": pathway_data(said.pathway),
        "source": said.source,
    }

    def decide(case: Case | None) -> Move:
        if case is None:
            return Move(Kind.OPENED, data, now)
        waits = case.gave_up or case.state is State.MONITORED
        return Move(Kind.JOINED, data, now, keeps_time=not waits)  # seen again: look again

    return doors.cases.assign(received, site, decide, now, touches, _pace(touches))


def _pace(touches: Sequence[str]) -> str | None:
    """The address of the site, whose cases are kept apart; a lab's own is nobody's."""
    found = next((one for one in touches if one.startswith("ip:")), None)
    shared = found is not None and ip_address(found.removeprefix("ip:")).is_global
    return found if shared else None


def claim_clean(doors: Doors, number: int, who: str) -> None:
    """Record that somebody says the site is clean; it is checked before it is believed.

    Raises WrongUse where nobody was told, or a claim is being checked already.
    """
    case = look_up(doors, number)
    if not case.claimable:
        raise WrongUse(
            f"case {number} is {case.state}: only a case whose owner was told can be claimed clean"
        )
    act(doors, case, Move(Kind.CLAIMED, {"who": for_the_record(who)}, recheck_time(doors, case)))


def recheck_time(doors: Doors, case: Case) -> datetime:
    """When a claim is checked."""
    window = (RECHECK_WITHIN - RECHECK_AFTER).total_seconds()
    draw = int(doors.secrets.keyed_hash(f"re-check {case.number} {case.step}")[:8], 16) / 0xFFFFFFFF
    return doors.clock.now() + RECHECK_AFTER + timedelta(seconds=round(window * draw))


def take_scan(doors: Doors, address: Address, scan: Scan, who: str) -> int:
    """Put a look inside the server on record, in the site's case; its number.

    One that found something opens a case where there is none. One that found nothing is a claim
    to be clean: it is checked from outside before it is believed. Raises WrongUse where nothing was
    found and there is no case.
    """
    number = doors.cases.open_for(site_of(address.host))
    if number is None:
        if not scan.findings:
            raise WrongUse(
                "nothing was found, and there is no case of this site: nothing to record"
            )
        receipt = report(doors, address, (), "scan")
        said = make_report(address, (), doors.clock.now(), "scan")
        number = _assign(doors, Received(receipt, said))  # it comes with its proof: no turn to wait
    case = look_up(doors, number)
    name = f"case-{number}-{case.step + 1}-scan"
    kept = doors.files.keep_scan(name, scan.content)
    data: dict[str, Json] = {
        "who": for_the_record(who),
        "findings": len(scan.findings),
        "files": scan.files,
        "kinds": {str(kind): count for kind, count in sorted(scan.kinds.items())},
        "shown": [finding_data(one) for one in scan.findings[:MOST_SHOWN]],
        "evidence": {
            "name": kept.name,
            "sealed_sha256": kept.sealed_sha256,
            "plain_sha256": kept.plain_sha256,
        },
    }
    if scan.way:
        data["way"] = scan.way
    if scan.away_a_day is not None:
        data["away_a_day"] = scan.away_a_day
    claims = not scan.findings and case.claimable
    waits = scan.findings or claims
    due = recheck_time(doors, case) if claims else None if waits else doors.clock.now()
    act(doors, case, Move(Kind.SCANNED, data, due))
    return number

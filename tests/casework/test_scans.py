"""What somebody found inside a server opens a case; that they find nothing more is a claim."""

import contextlib
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.house import HOUR, TOWN, House, victim, words
from unhijack.casework.analyst import add_contact
from unhijack.casework.intake import RECHECK_AFTER, claim_clean, take_scan
from unhijack.core.case import Kind, State
from unhijack.core.errors import WrongUse
from unhijack.core.finding import Finding, Mend, finding_data
from unhijack.core.finding import Kind as Planted
from unhijack.core.journal import first_broken
from unhijack.core.scan import Scan, read_scan
from unhijack.core.site import parse_address
from unhijack.lab.town import Gate
from unhijack.lab.town import Kind as SiteKind

HONEST = next(one for one in TOWN.sites if one.kind is SiteKind.PLAIN and one.gate is None)
HIJACKED = victim(Gate.SEARCH_LOCATION)
FINDING = Finding(
    path="/srv/site/index.php",
    line=1,
    kind=Planted.REDIRECT,
    rule="php-redirect-tested",
    confidence=0.92,
    reason="it sends some visitors away",
    excerpt="header(…)",
    sha256="0" * 64,
    repair=Mend.REMOVE_BLOCK,
)
SUMMARY = {"files": 812, "bytes": 1, "seconds": 1.0, "skipped": {}}


def lines(*findings: Finding, summary: object = SUMMARY) -> bytes:
    said = [json.dumps(finding_data(one)) for one in findings]
    return "\n".join([*said, json.dumps({"summary": summary})]).encode()


FOUND, NOTHING = read_scan(lines(FINDING)), read_scan(lines())


def scanned(house: House, host: str, scan: Scan) -> int:
    return take_scan(house.doors, parse_address(f"http://{host}/"), scan, "the owner")


def test_findings_open_a_case_whose_owner_knows(house: House):
    number = scanned(house, HONEST.host, FOUND)
    assert house.case(number).state is State.ACKNOWLEDGED
    house.work(until=house.clock.at + 24 * HOUR)
    assert house.post.letters == []
    assert first_broken(number, house.store.journal(number)) is None


def test_a_clean_scan_is_a_claim_and_what_is_seen_from_outside_closes_the_case(house: House):
    number = scanned(house, HONEST.host, FOUND)
    house.clock.at += HOUR
    scanned(house, HONEST.host, NOTHING)
    assert house.case(number).state is State.CLAIMED_CLEAN
    house.work(until=house.clock.at + 14 * HOUR)
    assert house.case(number).state is State.MONITORED
    house.work(until=house.clock.at + timedelta(days=120))
    assert house.case(number).state is State.CLOSED


def test_a_clean_scan_of_a_site_that_still_sends_visitors_away_is_not_believed(house: House):
    number = scanned(house, HIJACKED.host, FOUND)
    scanned(house, HIJACKED.host, NOTHING)
    asked = len(house.transport.asked)
    house.work(until=house.clock.at + RECHECK_AFTER / 2)
    assert len(house.transport.asked) == asked
    house.work(until=house.clock.at + 24 * HOUR)
    case = house.case(number)
    assert case.refuted == 1
    assert case.state is State.DELIVERED  # told, by what was seen from outside


def test_findings_of_a_site_whose_owner_was_told_are_its_acknowledgement(house: House):
    house.report(f"http://{HIJACKED.host}/", "search:opening hours")
    house.work()
    assert house.case().state is State.DELIVERED
    assert scanned(house, HIJACKED.host, FOUND) == 1
    assert house.case().state is State.ACKNOWLEDGED
    house.repaired.add(HIJACKED.host)
    claim_clean(house.doors, 1, "the owner")
    house.work(until=house.clock.at + 14 * HOUR)
    assert house.case().state is State.MONITORED


def test_others_who_are_told_after_a_scan_learn_how_they_got_in(house: House):
    house.report(f"http://{HIJACKED.host}/", "search:opening hours")
    house.work()
    scanned(house, HIJACKED.host, read_scan(lines(FINDING, summary=SUMMARY | {"way": "wp-login"})))
    add_contact(house.doors, 1, "helper@agency.test", "owner", "analyst")
    house.work()
    told = words(house.post.mails[-1])
    assert house.post.mails[-1]["To"] == "helper@agency.test"
    assert "a stolen or guessed password" in " ".join(told.split())


def test_findings_on_a_server_that_was_clean_are_a_relapse(house: House):
    number = scanned(house, HONEST.host, FOUND)
    scanned(house, HONEST.host, NOTHING)
    house.work(until=house.clock.at + 14 * HOUR)
    scanned(house, HONEST.host, FOUND)
    case = house.case(number)
    assert (case.state, case.relapses, case.clean_at) == (State.ACKNOWLEDGED, 1, None)


def test_nothing_found_where_nobody_asked_is_not_recorded(house: House):
    with pytest.raises(WrongUse, match="nothing to record"):
        scanned(house, HONEST.host, NOTHING)
    assert house.store.numbers() == []


def test_what_the_logs_tell_of_the_way_in_is_on_record(house: House):
    told = lines(FINDING, summary=SUMMARY | {"way": "plugin-upload", "away_a_day": 12.5})
    number = scanned(house, HIJACKED.host, read_scan(told))
    data = next(e.data for e in house.journal(number) if e.kind is Kind.SCANNED)
    assert (data["way"], data["away_a_day"]) == ("plugin-upload", 12.5)


@pytest.mark.parametrize(
    "odd",
    [
        {"way": "<b>", "away_a_day": -1},
        {"way": ["x"], "away_a_day": "12"},
        {"way": "x" * 41, "away_a_day": 1e9},
        {"way": None, "away_a_day": True},
        {},
    ],
)
def test_what_no_log_tells_is_not_taken(odd: dict[str, object]):
    scan = read_scan(lines(FINDING, summary=SUMMARY | odd))
    assert (scan.way, scan.away_a_day) == ("", None)


def test_the_lines_are_kept_sealed(house: House):
    number = scanned(house, HONEST.host, FOUND)
    (event,) = [one for one in house.journal(number) if one.kind is Kind.SCANNED]
    evidence = event.data["evidence"]
    assert isinstance(evidence, dict)
    path = house.folder / "evidence" / str(evidence["name"])
    assert house.doors.secrets.unseal(path.read_bytes()) == FOUND.content
    assert FOUND.content not in house.bytes_on_disk()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "summary is missing"),
        (lines(FINDING).rpartition(b"\n")[0], "summary is missing"),
        (b"{", "line 1 is no line"),
        (b"[1]", "line 1 is no line"),
        (b'{"path": 1}', "line 1 is no line"),
        (b"[" * 100_000, "line 1 is no line"),
        (lines(summary={"files": 0, "skipped": {}}), "could not look"),
        (lines(summary={"files": 7, "skipped": {"unreadable": 2}}), "could not look"),
    ],
)
def test_what_is_no_whole_scan_is_refused_in_one_line(content: bytes, says: str):
    with pytest.raises(WrongUse, match=says):
        read_scan(content)


@given(st.binary(max_size=300))
def test_whatever_is_handed_in_is_a_scan_or_refused(content: bytes):
    with contextlib.suppress(WrongUse):
        read_scan(content)

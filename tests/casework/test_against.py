"""A re-check is believed less easily than a first look."""

from unhijack.casework.plans import Plan
from unhijack.casework.recheck import against, chain_changes
from unhijack.core.data import Data
from unhijack.core.verdict import Destination, Reason, Ruling, Verdict

PLAN = Plan(())
BEFORE: Data = {"destinations": [{"host": "end.hop.example", "via": []}]}


def verdict(ruling: Ruling, host: str | None) -> Verdict:
    led = (Destination(host, "0" * 64, (), unread=True),) if host else ()
    sent = ("search-phone",) if host else ()
    reason = Reason("any", "why")
    return Verdict(ruling, 0.7, (reason,), destinations=led, redirected=sent)


def test_one_redirect_is_enough_whatever_a_first_look_would_say():
    found = against(BEFORE, verdict(Ruling.SUSPICIOUS, "elsewhere.test"), PLAN, ())
    assert found.ruling is Ruling.HIJACKED
    assert found.reasons[0].code == "again"


def test_everybody_sent_to_the_old_destination_is_not_an_owner_who_moved():
    assert (
        against(BEFORE, verdict(Ruling.CLEAN, "door.hop.example"), PLAN, ()).ruling
        is Ruling.HIJACKED
    )


def test_an_owner_who_moved_meanwhile_is_believed():
    assert against(BEFORE, verdict(Ruling.CLEAN, "new-shop.test"), PLAN, ()).ruling is Ruling.CLEAN


def test_nobody_sent_away_is_clean():
    assert against(BEFORE, verdict(Ruling.CLEAN, None), PLAN, ()).ruling is Ruling.CLEAN
    assert against({}, verdict(Ruling.INCONCLUSIVE, None), PLAN, ()).ruling is Ruling.INCONCLUSIVE


def test_what_changed_of_a_chain_is_told_by_its_hosts():
    before: Data = {"destinations": [{"host": "end.hop.example", "via": ["door.hop.example"]}]}
    led = (Destination("end.hop.example", "0" * 64, ("side.hop.example",), unread=True),)
    seen = Verdict(Ruling.HIJACKED, 0.9, (Reason("any", "why"),), destinations=led)
    assert chain_changes(before, seen) == {
        "now": ["side.hop.example"],
        "no_longer": ["door.hop.example"],
    }
    assert chain_changes(BEFORE, verdict(Ruling.HIJACKED, "end.hop.example")) == {
        "now": [],
        "no_longer": [],
    }

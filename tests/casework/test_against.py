"""A re-check is believed less easily than a first look."""

from unhijack.casework.examine import _against
from unhijack.core.data import Data
from unhijack.core.verdict import Destination, Reason, Ruling, Verdict

BEFORE: Data = {"destinations": [{"host": "end.hop.example", "via": []}]}


def verdict(ruling: Ruling, host: str | None) -> Verdict:
    led = (Destination(host, "0" * 64, (), unread=True),) if host else ()
    sent = ("search-phone",) if host else ()
    reason = Reason("any", "why")
    return Verdict(ruling, 0.7, (reason,), destinations=led, redirected=sent)


def test_one_redirect_is_enough_whatever_a_first_look_would_say():
    found = _against(BEFORE, verdict(Ruling.SUSPICIOUS, "elsewhere.test"))
    assert found.ruling is Ruling.HIJACKED
    assert found.reasons[0].code == "again"


def test_everybody_sent_to_the_old_destination_is_not_an_owner_who_moved():
    assert _against(BEFORE, verdict(Ruling.CLEAN, "door.hop.example")).ruling is Ruling.HIJACKED


def test_an_owner_who_moved_meanwhile_is_believed():
    assert _against(BEFORE, verdict(Ruling.CLEAN, "new-shop.test")).ruling is Ruling.CLEAN


def test_nobody_sent_away_is_clean():
    assert _against(BEFORE, verdict(Ruling.CLEAN, None)).ruling is Ruling.CLEAN
    assert _against({}, verdict(Ruling.INCONCLUSIVE, None)).ruling is Ruling.INCONCLUSIVE

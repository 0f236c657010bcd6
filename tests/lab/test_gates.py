"""The story of each gate: who is sent away, and who sees nothing."""

import re

import pytest

from tests.lab.visitors import (
    BOT,
    DESKTOP,
    FORUM,
    IPHONE,
    PHONE,
    PHONE_BOT,
    PORT,
    SEARCH,
    ask,
    header,
    sent_to,
)
from unhijack.lab.gates import PLANTED_PATH, SEEN_COOKIE, TRIPWIRE
from unhijack.lab.town import WIRE_GATES, Gate, Town, TownSite, plan_town

VISITORS = {
    "search-phone": (PHONE, SEARCH),
    "search-iphone": (IPHONE, "https://duckduckgo.com/"),
    "search-desktop": (DESKTOP, "https://www.google.co.uk/search?q=bakery"),
    "forum-phone": (PHONE, FORUM),
    "forum-desktop": (DESKTOP, FORUM),
    "direct-phone": (PHONE, ""),
    "direct-desktop": (DESKTOP, ""),
    "bot": (BOT, ""),
    "bot-from-search": (BOT, SEARCH),
    "phone-bot": (PHONE_BOT, SEARCH),
}
SENT_AWAY = {
    Gate.SEARCH_LOCATION: {"search-phone", "search-iphone", "search-desktop"},
    Gate.SEARCH_PHONE_META: {"search-phone", "search-iphone"},
    Gate.FIRST_SEARCH_REFRESH: {"search-phone", "search-iphone", "search-desktop"},
    Gate.PHONE_HOP: {"search-phone", "search-iphone", "forum-phone", "direct-phone"},
    Gate.REFERRED_LOCATION: {
        "search-phone",
        "search-iphone",
        "search-desktop",
        "forum-phone",
        "forum-desktop",
    },
}


@pytest.fixture(params=(1, 7, 42))
def town(request: pytest.FixtureRequest) -> Town:
    return plan_town(request.param, 20, 5)


def victim(town: Town, gate: Gate) -> TownSite:
    return next(site for site in town.sites if site.gate is gate)


@pytest.mark.parametrize("gate", WIRE_GATES)
@pytest.mark.parametrize("target", ["/", "/kontakt", "/no/such/page?a=1"])
def test_exactly_the_gates_visitors_are_sent_away(town: Town, gate: Gate, target: str):
    host = victim(town, gate).host
    sent = {
        name
        for name, (agent, referrer) in VISITORS.items()
        if sent_to(ask(town, host, agent, referrer, target))
    }

    assert sent == SENT_AWAY[gate]


@pytest.mark.parametrize("gate", WIRE_GATES)
def test_who_is_not_sent_away_sees_the_very_page_of_the_repaired_site(town: Town, gate: Gate):
    host = victim(town, gate).host
    for name, (agent, referrer) in VISITORS.items():
        clean = ask(town, host, agent, referrer, repaired=frozenset({host}))
        assert sent_to(clean) is None
        assert clean.status == 200
        if name not in SENT_AWAY[gate]:
            assert ask(town, host, agent, referrer) == clean


def test_repairing_one_site_leaves_the_others_as_they_are(town: Town):
    repaired = victim(town, Gate.SEARCH_LOCATION).host
    other = victim(town, Gate.REFERRED_LOCATION).host

    assert sent_to(ask(town, repaired, PHONE, SEARCH, repaired=frozenset({repaired}))) is None
    assert sent_to(ask(town, other, PHONE, SEARCH, repaired=frozenset({repaired})))


def test_each_gate_speaks_its_own_wire(town: Town):
    entry = f"//{town.chains[0].entry}:{PORT}/in?id="
    answers = {gate: ask(town, victim(town, gate).host, PHONE, SEARCH) for gate in WIRE_GATES}

    assert answers[Gate.SEARCH_LOCATION].status == 302
    assert header(answers[Gate.SEARCH_LOCATION], "location").startswith(f"http:{entry}")
    assert answers[Gate.SEARCH_PHONE_META].status == 200
    assert f"URL='http:{entry}".encode() in answers[Gate.SEARCH_PHONE_META].body
    assert answers[Gate.FIRST_SEARCH_REFRESH].status == 200
    assert header(answers[Gate.FIRST_SEARCH_REFRESH], "refresh").startswith(f"0;url=http:{entry}")
    assert answers[Gate.PHONE_HOP].status == 307
    assert header(answers[Gate.PHONE_HOP], "location").startswith(f"{PLANTED_PATH}?k=")
    assert answers[Gate.REFERRED_LOCATION].status == 303
    assert header(answers[Gate.REFERRED_LOCATION], "location").startswith(entry)


def test_the_first_visit_gate_closes_behind_its_cookie(town: Town):
    host = victim(town, Gate.FIRST_SEARCH_REFRESH).host
    first = ask(town, host, DESKTOP, SEARCH)
    cookie = header(first, "set-cookie").partition(";")[0]

    assert cookie == f"{SEEN_COOKIE}=1"
    assert sent_to(ask(town, host, DESKTOP, SEARCH, cookie=f"theme=dark; {cookie}")) is None
    assert sent_to(ask(town, host, DESKTOP, SEARCH, cookie="theme=dark")) is not None


def test_the_planted_file_sends_phones_off_the_site_and_is_not_there_for_others(
    town: Town,
):
    host = victim(town, Gate.PHONE_HOP).host
    hop = sent_to(ask(town, host, PHONE)) or ""

    target = sent_to(ask(town, host, PHONE, target=hop)) or ""
    assert target.startswith(f"http://{town.chains[0].entry}:{PORT}/")
    assert ask(town, host, DESKTOP, target=hop).status == 404
    assert ask(town, host, BOT, target=hop).status == 404
    assert ask(town, host, PHONE, target=hop, repaired=frozenset({host})).status == 404


def test_the_sites_own_pages_are_no_off_site_referrer(town: Town):
    site = victim(town, Gate.REFERRED_LOCATION)
    for own in site.names:
        assert sent_to(ask(town, site.host, DESKTOP, f"http://{own}:{PORT}/news")) is None


def test_a_hijacked_site_is_hijacked_at_its_www_name_too(town: Town):
    for site in town.hijacked:
        assert sent_to(ask(town, f"www.{site.host}", PHONE, SEARCH))


def test_the_chain_ends_at_a_tripwire_after_two_distributors(town: Town):
    chain = town.chains[0]
    for agent in (PHONE, DESKTOP, BOT):
        handed_on = ask(town, chain.entry, agent, target="/in?id=1")
        assert handed_on.status == 302
        assert re.fullmatch(
            rf"http://{re.escape(chain.end)}:{PORT}/d/[0-9a-f]+", header(handed_on, "location")
        )
        end = ask(town, chain.end, agent, target="/d/1")
        assert (end.status, end.body) == (200, TRIPWIRE)


def test_no_address_of_the_chain_carries_its_own_target(town: Town):
    """Else a checker would be right to call the site an open redirect."""
    for site in town.hijacked:
        target = sent_to(ask(town, site.host, PHONE, SEARCH)) or ""
        assert town.chains[0].end not in target
        assert target.count("http") <= 1


@pytest.mark.parametrize("gate", sorted(set(Gate) - set(WIRE_GATES)))
def test_a_script_gate_looks_the_same_to_everybody_but_crawlers(gate: Gate):
    big = plan_town(7, 60, 30)
    site = victim(big, gate)
    phone = ask(big, site.host, PHONE, SEARCH)
    assert phone == ask(big, site.host, DESKTOP)
    assert phone.status == 200
    assert b"<script" in phone.body
    assert site.chain
    assert site.chain.entry.encode() not in phone.body, "it is packed"
    assert ask(big, site.host, BOT) == ask(big, site.host, BOT, repaired=frozenset({site.host}))

"""The honest sites: what each does to everybody, and that nothing in the town is live."""

import re

import pytest

from tests.lab.visitors import (
    BOT,
    DESKTOP,
    FORUM,
    IPHONE,
    PHONE,
    PORT,
    SEARCH,
    ask,
    header,
    sent_to,
)
from unhijack.lab.sites import SLOW_SECONDS, preferred, respond
from unhijack.lab.town import Kind, Town, TownSite, plan_town
from unhijack.lab.wire import TownRequest


@pytest.fixture(params=(1, 7, 42))
def town(request: pytest.FixtureRequest) -> Town:
    return plan_town(request.param, 20, 5)


def one(town: Town, kind: Kind) -> TownSite:
    return next(site for site in town.sites if site.kind is kind and not site.gate)


def everybody() -> list[tuple[str, str]]:
    return [(agent, ref) for agent in (PHONE, DESKTOP, BOT) for ref in ("", SEARCH, FORUM)]


@pytest.mark.parametrize(
    "kind", [Kind.PLAIN, Kind.TO_HOME, Kind.TO_WWW, Kind.MOVED, Kind.SCRIPTS, Kind.NOT_FOUND]
)
def test_most_honest_sites_answer_everybody_alike(town: Town, kind: Kind):
    host = one(town, kind).host
    assert len({ask(town, host, *visitor) for visitor in everybody()}) == 1


def test_honest_sites_keep_their_visitors_unless_they_moved(town: Town):
    for site in town.sites:
        if site.gate or site.kind is Kind.MOVED:
            continue
        for agent, referrer in everybody():
            target = sent_to(ask(town, site.host, agent, referrer)) or "/"
            host = re.match(r"(?:http:)?//([^:/]+)", target)
            assert host is None or host[1] in site.names


def test_home_has_its_own_address(town: Town):
    host = one(town, Kind.TO_HOME).host
    target = sent_to(ask(town, host)) or ""
    assert target in ("/home", "/start")
    assert ask(town, host, target=target).status == 200


def test_the_bare_name_leads_to_www(town: Town):
    host = one(town, Kind.TO_WWW).host
    assert sent_to(ask(town, host, target="/news?p=2")) == f"http://www.{host}:{PORT}/news?p=2"
    assert ask(town, f"www.{host}").status == 200


def test_the_language_is_the_visitors(town: Town):
    host = one(town, Kind.LANGUAGE).host
    for accept, wanted in (("de-AT,de;q=0.9,en;q=0.5", "de"), ("en", "en"), ("fr,en;q=0.3", "en")):
        answer = ask(town, host, accept_language=accept)
        assert sent_to(answer) == f"/{wanted}/"
        assert header(answer, "vary") == "Accept-Language"
        shown = ask(town, host, target=f"/{wanted}/")
        assert f'<html lang="{wanted}">'.encode() in shown.body


@pytest.mark.parametrize("accept", ["", "fr", "*", "de;q=nonsense", ";;;,,,", "de;q=0"])
def test_a_strange_accept_language_falls_back(accept: str):
    assert preferred(accept, "en") == "en"


def test_a_moved_site_leads_everybody_to_another_honest_domain(town: Town):
    site = one(town, Kind.MOVED)
    assert site.moved_to
    assert site.moved_to not in (site.host, f"www.{site.host}")
    assert sent_to(ask(town, site.host, target="/a")) == f"http://{site.moved_to}:{PORT}/a"
    assert ask(town, site.moved_to).status == 200


def test_only_phones_get_the_mobile_twin(town: Town):
    host = one(town, Kind.MOBILE).host
    for agent in (PHONE, IPHONE):
        assert sent_to(ask(town, host, agent)) == f"http://m.{host}:{PORT}/"
        assert ask(town, f"m.{host}", agent).status == 200
    for agent in (DESKTOP, BOT):
        assert ask(town, host, agent).status == 200


def test_a_variant_is_dealt_once_and_kept(town: Town):
    host = one(town, Kind.VARIANT).host
    dealt = {sent_to(ask(town, host, serial=serial)) for serial in range(40)}
    assert dealt == {"/?v=a", "/?v=b"}
    assert b'content="b"' in ask(town, host, target="/?v=b").body
    assert b'content="b"' in ask(town, host, cookie="variant=b").body


def test_a_changing_page_is_never_the_same(town: Town):
    host = one(town, Kind.CHANGING).host
    bodies = [ask(town, host, serial=serial).body for serial in range(20)]
    assert len(set(bodies)) == 20
    assert len({len(body) for body in bodies}) == 1


def test_the_counting_site_loads_its_counter_from_its_own_host(town: Town):
    host = one(town, Kind.SCRIPTS).host
    body = ask(town, host).body
    assert b"s.src = '/js/visits.js'" in body
    assert b"d.referrer" in body
    assert not re.search(rb"location(?:\.href)?\s*=[^=]|location\.(?:replace|assign)", body)
    assert ask(town, host, target="/js/visits.js").status == 200
    assert ask(town, one(town, Kind.PLAIN).host, target="/js/visits.js").status == 404


def test_a_missing_home_page_and_a_slow_site(town: Town):
    missing = one(town, Kind.NOT_FOUND)
    assert ask(town, missing.host).status == 404
    assert len(ask(town, missing.host).body) > 1000
    assert ask(town, one(town, Kind.SLOW).host).delay == SLOW_SECONDS
    assert ask(town, one(town, Kind.PLAIN).host).delay == 0


def test_links_in_the_navigation_work(town: Town):
    for site in town.sites:
        host = site.moved_to or (f"www.{site.host}" if site.kind is Kind.TO_WWW else site.host)
        body = ask(town, host, target="/kontakt" if site.owner.language == "de" else "/contact")
        links = re.findall(rb'<a href="([^"]+)"', body.body)
        assert len(links) == 6
        for link in links:
            assert ask(town, host, target=link.decode()).status == 200


def test_pages_are_of_believable_size_and_look_like_pages(town: Town):
    for site in town.sites:
        host = site.moved_to or (f"www.{site.host}" if site.kind is Kind.TO_WWW else site.host)
        body = ask(town, host, target="/no-such-page").body
        assert 5_000 <= len(body) <= 30_000
        for part in (b"<nav", b"<img src=", b"<script>", b"<style>", b"</html>"):
            assert part in body


def test_nothing_in_any_page_leaves_the_reserved_names(town: Town):
    for host in town.places:
        for target in ("/", "/js/visits.js", "/style.css", "/robots.txt", "/in?id=1", "/x"):
            for agent, referrer in everybody():
                answer = ask(town, host, agent, referrer, target)
                text = answer.body.decode() + repr(answer.headers)
                for named in re.findall(r"//([a-z0-9.-]+)", text):
                    assert named.endswith((".test", ".example")), named
                for forbidden in ("eval(", "atob(", "base64", "fromCharCode", "data:", "<?php"):
                    assert forbidden not in text


@pytest.mark.parametrize(
    "target", ["/images/team-1.jpg", "/favicon.ico", "/a.MP4?x=1", "/b.webp", "/c.svg", "/d.mp3"]
)
def test_there_is_no_media_anywhere(town: Town, target: str):
    for host in town.places:
        answer = ask(town, host, PHONE, SEARCH, target)
        assert answer.status == 404
        assert header(answer, "content-type").startswith("text/plain")


def test_a_stranger_is_misdirected(town: Town):
    assert ask(town, "nobody.test").status == 421


def test_without_a_port_addresses_have_none(town: Town):
    host = one(town, Kind.TO_WWW).host
    answer = respond(town, frozenset(), TownRequest(host, "/"))
    assert header(answer, "location") == f"http://www.{host}/"

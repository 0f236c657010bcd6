"""An address that we go out by is a consumable: each site sees it once, as long as there are others."""

import pytest

from tests.support.wire import Web, moved, page, probe_of, run
from unhijack.casework.examine import Examination, examine
from unhijack.casework.plans import plan_for
from unhijack.casework.visit_log import visit_data
from unhijack.collect.pool import Pool
from unhijack.collect.probe import Budget
from unhijack.config.settings import read_settings
from unhijack.core.egress import Egress, parse_egress
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.site import parse_address
from unhijack.ports import Limits, Request, Response

DE = tuple(Egress("socks5", f"de{n}.proxy.test", 1080, "de") for n in range(3))
FR = tuple(Egress("http", f"fr{n}.proxy.test", 8080, "fr") for n in range(2))


def check(web: Web, pool: Pool, profile: str = "check") -> Examination:
    probe = probe_of(web)
    probe = type(probe)(
        probe.transport, probe.resolver, probe.clock, probe.guard, Limits(), pool=pool
    )
    address = parse_address("http://bakery.fr/")
    return run(examine(probe, address, (), plan_for(profile, ()), Budget(Limits()), str))


def test_each_visit_takes_one_that_the_site_has_not_seen_until_there_is_none():
    pool = Pool(DE)
    taken = [pool.take("bakery.test", "de") for _ in range(4)]
    assert {way for way, _ in filter(None, taken[:3])} == set(DE)
    assert [fresh for _, fresh in filter(None, taken)] == [True, True, True, False]
    assert pool.take("other.test", "de") == (DE[0], True), "another site has seen none"


def test_an_examination_stays_in_one_country_and_begins_in_the_sites_own():
    web = Web({"http://bakery.fr/": page()})
    verdict = check(web, Pool((*DE, *FR)))

    assert {request.egress for request in web.asked} == set(FR)
    first = next(visit.way_out for visit in verdict.visits)
    assert first is not None
    assert (first.country, first.fresh) == ("fr", True)


def test_who_comes_back_comes_from_where_they_came():
    made = check(Web({"http://bakery.fr/": page()}), Pool((*DE, *FR)))
    ways = {visit.persona.name: visit.way_out for visit in made.visits}
    before, after = ways["search-phone"], ways["search-phone-returning"]
    assert before
    assert after
    assert before.name == after.name


def test_what_a_journal_tells_counts_as_used():
    pool = Pool(FR)
    pool.remember("bakery.fr", [FR[0].name])
    assert pool.take("bakery.fr") == (FR[1], True)
    assert pool.take("bakery.fr") == (FR[0], False)


def test_the_bound_says_which_networks_were_not_looked_from():
    home = check(Web({"http://bakery.fr/": page()}), Pool()).verdict.bound
    away = check(Web({"http://bakery.fr/": page()}), Pool(FR)).verdict.bound
    assert home
    assert away
    assert "other countries and networks" in home.not_covered
    assert "countries other than FR" in away.not_covered
    assert "no egress that was not used before, at some visits" in away.not_covered


def test_a_dead_egress_costs_another_try_and_is_taken_last():
    dead = FR[0]

    def answer(request: Request) -> Response | Failure:
        if request.egress == dead:
            return Failure(FailureKind.EGRESS, f"egress {dead.name} did not lead to it")
        return page()(request)

    made = check(Web({"http://bakery.fr/": answer}), Pool(FR))

    assert all(visit.failure is None for visit in made.visits)
    assert made.verdict.ruling == "clean"


def test_where_all_are_dead_nothing_is_said_of_the_site():
    failure = Failure(FailureKind.EGRESS, "egress did not lead to it")
    made = check(Web({"http://bakery.fr/": lambda request: failure}), Pool(FR))
    assert made.verdict.ruling == "inconclusive"


def test_every_hop_of_a_visit_goes_by_the_same_way():
    pages = {"http://bakery.fr/": moved("http://bakery.fr/two"), "http://bakery.fr/two": page()}
    web = Web(pages)
    made = check(web, Pool((FR[0],)))
    assert len(web.asked) == 2 * len(made.visits)
    assert {request.egress for request in web.asked} == {FR[0]}


def test_the_setting_is_read_with_country_and_password():
    ways = read_settings(
        egress="de=socks5://us%40er:p%3Aw@proxy.test:1080 http://10.0.0.7:3128,socks5h://[::1]:9"
    ).egress
    assert ways == (
        Egress("socks5", "proxy.test", 1080, "de", "us@er", "p:w"),
        Egress("http", "10.0.0.7", 3128),
        Egress("socks5", "::1", 9),
    )
    assert "p:w" not in repr(ways)


@pytest.mark.parametrize(
    "text",
    [
        "socks4://h:1",
        "http://h",
        "http://u:hunter2@h:0",
        "deu=http://h:1",
        "http://u:hunter2@h:1/x",
        "http://u:hunter2@h:1 http://u:other@h:1",
    ],
)
def test_a_wrong_one_is_told_in_one_line_without_its_password(text: str):
    with pytest.raises(WrongUse) as told:
        read_settings(egress=text)
    assert str(told.value).startswith("setting egress: ")
    assert "hunter2" not in str(told.value)
    assert "\n" not in str(told.value)


def test_a_name_tells_proxies_apart_and_nothing_of_the_password():
    one, two = parse_egress("de=http://u:a@h:1"), parse_egress("de=http://u:b@h:1")
    assert one.name == two.name
    assert parse_egress("de=http://v:a@h:1").name != one.name


def test_a_thorough_check_asks_in_the_language_of_the_sites_country():
    web = Web({"http://bakery.fr/": page()})
    made = check(web, Pool(), "thorough")

    assert {visit.persona.language for visit in made.visits} == {"", "fr"}
    assert ("Accept-Language", "fr-FR,fr;q=0.9") in {h for one in web.asked for h in one.headers}
    assert {"search-iphone", "social-app"} <= {visit.persona.name for visit in made.visits}


def test_a_journal_names_the_way_out_and_not_its_password():
    way = Egress("socks5", "gate.example", 1080, "fr", "user", "hunter2")
    made = check(Web({"http://bakery.fr/": page()}), Pool((way,)))
    logged = [visit_data(one, str) for one in made.visits]

    assert {entry["egress"] for entry in logged} == {way.name}
    assert "hunter2" not in repr((logged, made))

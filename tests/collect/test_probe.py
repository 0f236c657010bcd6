"""One visit: what is asked of whom, what is followed, and what is never touched."""

from ipaddress import ip_address, ip_network

import pytest

from tests.support.wire import Page, Web, header, moved, page, probe_of, run
from unhijack.collect.jar import Jar as CookieJar
from unhijack.collect.pages import PageCache
from unhijack.collect.probe import Budget, Errand, visit
from unhijack.core.egress import Guard
from unhijack.core.evidence import Device, FailureKind, Origin, Persona, Via, Visit
from unhijack.core.report import Pathway, Step, StepKind
from unhijack.core.site import parse_address
from unhijack.ports import Limits

HOME = "http://shop.test/"
SEARCH = Persona(Origin.SEARCH, Device.PHONE)
DIRECT = Persona(Origin.DIRECT, Device.DESKTOP)
REPORTED = Persona(Origin.REPORTED, Device.DESKTOP)
META = b'<meta http-equiv="refresh" content="0;url=%s">'


def go(
    web: Web,
    persona: Persona = SEARCH,
    *,
    url: str = HOME,
    pathway: Pathway = (),
    guard: Guard | None = None,
    limits: Limits | None = None,
    sweep: bool = False,
    jar: CookieJar | None = None,
) -> Visit:
    probe = probe_of(web, guard, limits)
    errand = Errand(parse_address(url), persona, pathway, stop_at_border=sweep)
    seen = run(
        visit(probe, errand, 1, jar or CookieJar(), PageCache("shop.test"), Budget(probe.limits))
    )
    return seen.visit


def test_a_plain_page_is_one_hop():
    web = Web({HOME: page()})

    made = go(web)

    assert [(hop.url, hop.status, hop.offsite) for hop in made.hops] == [(HOME, 200, False)]
    assert made.page is not None
    assert made.failure is None
    assert made.left_for is None


@pytest.mark.parametrize(
    ("pages", "via"),
    [
        ({HOME: moved("http://hop.example/in?x=1")}, Via.LOCATION),
        ({HOME: page(b"", ("refresh", b"0; url=http://hop.example/in?x=1"))}, Via.REFRESH),
        ({HOME: page(META % b"http://hop.example/in?x=1")}, Via.META),
    ],
)
def test_each_way_off_the_site_is_followed_by_headers_alone(pages: dict[str, Page], via: Via):
    body = page(b"never read", ("refresh", b"0;url=http://end.example/"))
    web = Web({**pages, "http://hop.example/in?x=1": body})

    made = go(web)

    assert [hop.host for hop in made.hops] == ["shop.test", "hop.example", "end.example"]
    assert made.hops[1].via is via
    assert made.hops[1].offsite
    assert [request.read_page for request in web.asked] == [True, False, False]


def test_a_borrowed_redirector_is_seen_through_without_its_page():
    url = "https://www.google.com/url?q=http://end.example/"
    web = Web({HOME: moved(url), url: page(b"never read")})

    made = go(web)

    assert [hop.host for hop in made.hops] == ["shop.test", "www.google.com", "end.example"]


def test_a_form_that_sends_itself_leads_off_the_site():
    body = b"<form action=http://hop.example/in></form><script>document.forms[0].submit()</script>"

    made = go(Web({HOME: page(body)}))

    assert made.hops[-1].via is Via.FORM
    assert made.left_for is not None


def test_a_document_off_the_site_is_asked_for_once_a_visit():
    web = Web({HOME: moved("http://a.example/"), "http://a.example/": moved("http://a.example/")})

    made = go(web)

    assert web.urls.count("http://a.example/") == 1
    assert made.left_for is not None, "their loop is theirs: the visitor has left"


def test_a_sweep_contacts_nothing_off_the_site():
    web = Web({HOME: moved("http://hop.example/")})

    made = go(web, sweep=True)

    assert web.urls == [HOME]
    assert web.resolved == ["shop.test"]
    assert made.left_for is not None
    assert made.left_for.host == "hop.example"
    assert made.left_for.status is None


def test_www_and_https_are_the_same_site():
    www = "https://www.shop.test/"
    web = Web({HOME: moved(www, 301), www: page()})

    made = go(web)

    assert not any(hop.offsite for hop in made.hops)
    assert made.furthest.url == www


def test_a_status_that_browsers_do_not_follow_is_not_followed():
    for status in (200, 201, 300, 304, 404):
        web = Web({HOME: page(b"", ("location", b"http://hop.example/"), status=status)})
        assert go(web).left_for is None


def test_a_page_that_reloads_itself_is_no_redirect():
    web = Web({HOME: page(META % b"http://shop.test/")})

    made = go(web)

    assert web.urls == [HOME]
    assert made.failure is None


def test_a_refresh_that_outwaits_the_visitor_is_not_followed():
    web = Web({HOME: page(b'<meta http-equiv="refresh" content="3600;url=http://hop.example/">')})

    assert go(web).left_for is None


def test_a_cookie_that_opens_the_page_is_no_loop_and_a_loop_is_one():
    def gate(request):  # sets a cookie and sends back to itself, as many shops do
        shown = header(request, "cookie")
        return (page() if shown == "seen=1" else moved(HOME, 302, ("set-cookie", b"seen=1")))(
            request
        )

    assert go(Web({HOME: gate})).failure is None

    made = go(Web({HOME: moved(HOME)}))
    assert made.failure is not None
    assert made.failure.kind is FailureKind.LOOP


def test_a_jar_is_sent_back_to_its_own_site_alone():
    web = Web(
        {
            HOME: moved("/next", 302, ("set-cookie", b"seen=1; Path=/")),
            "http://shop.test/next": moved("http://hop.example/"),
        }
    )

    go(web)

    assert [header(request, "cookie") for request in web.asked] == [None, "seen=1", None]


def test_a_chain_that_never_ends_ends():
    class Endless(dict[str, Page]):
        def get(self, url: str, default: object = None) -> Page:
            return moved(f"{url}x")

    made = go(Web(Endless()), limits=Limits(hops=5))

    assert made.failure is not None
    assert made.failure.kind is FailureKind.HOPS
    assert len(made.hops) == 5


def test_every_hop_is_resolved_judged_and_connected_to_as_judged():
    web = Web(
        {HOME: moved("http://hop.example/")},
        {"shop.test": ["192.0.43.8"], "hop.example": ["127.0.0.1"]},
    )

    made = go(web)

    assert [str(request.ip) for request in web.asked] == ["192.0.43.8"], "loopback was not asked"
    assert made.hops[1].failure is not None
    assert made.hops[1].failure.kind is FailureKind.GUARD
    assert made.left_for is not None, "where it leads is known all the same"


def test_a_name_is_looked_up_once_and_its_first_permitted_address_is_used():
    web = Web({HOME: page()}, {"shop.test": ["10.0.0.1", "192.0.43.8"]})

    made = go(web)

    assert web.resolved == ["shop.test"]
    assert made.hops[0].address == ip_address("192.0.43.8")


@pytest.mark.parametrize("url", ["http://shop.test:22/", "http://shop.test:25/"])
def test_a_port_of_another_service_is_not_visited(url: str):
    web = Web({})

    made = go(web, url=url)

    assert not web.asked
    assert made.failure is not None
    assert made.failure.kind is FailureKind.GUARD
    assert "port" in made.failure.text


def test_a_lab_may_lift_the_guard_for_its_range_alone():
    guard = Guard((ip_network("127.0.0.0/8"),))
    web = Web({}, {"shop.test": ["127.0.0.1"], "dev.shop.test": ["10.0.0.1"]})

    assert go(web, url="http://shop.test:4711/", guard=guard).failure is None
    made = go(web, url="http://dev.shop.test/", guard=guard)
    assert made.failure is not None


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "data:text/html,x", "ftp://hop.example/", "http://", "file:///"],
)
def test_a_target_that_is_no_web_address_ends_the_visit_with_its_error(target: str):
    made = go(Web({HOME: moved(target)}))

    assert made.failure is not None
    assert made.failure.kind is FailureKind.TARGET


def test_a_search_visitor_says_so_in_the_referrer_alone():
    web = Web({})
    go(web, SEARCH)
    go(web, DIRECT)

    assert header(web.asked[0], "referer") == "https://www.google.com/"
    assert header(web.asked[1], "referer") is None


def test_a_pathway_is_walked_in_order_in_one_jar():
    start, shelf = "http://shop.test/start", "http://shop.test/shelf"
    web = Web({start: page(b"", ("set-cookie", b"basket=1")), shelf: page(), HOME: page()})
    pathway = (
        Step(StepKind.SEARCH, "fresh bread"),
        Step(StepKind.CLICK, start),
        Step(StepKind.CLICK, shelf),
    )

    go(web, REPORTED, pathway=pathway)

    assert web.urls == [start, shelf, HOME]
    assert [header(request, "referer") for request in web.asked] == [
        "https://www.google.com/",
        start,
        shelf,
    ]
    assert header(web.asked[2], "cookie") == "basket=1"


def test_a_pathway_never_visits_somebody_elses_page():
    web = Web({})
    pathway = (
        Step(StepKind.ADDRESS, "https://forum.example/thread/1?secret=2"),
        Step(StepKind.CLICK, HOME),
    )

    go(web, REPORTED, pathway=pathway, url=HOME)

    assert web.urls == [HOME]
    assert header(web.asked[0], "referer") is None, "https to http sends none"


def test_a_pathway_from_another_site_sends_its_origin_alone():
    web = Web({})
    pathway = (Step(StepKind.REFERRER, "http://forum.example/thread/1?secret=2"),)

    go(web, REPORTED, pathway=pathway)

    assert header(web.asked[0], "referer") == "http://forum.example/"


def test_a_pathway_that_leads_away_early_is_the_finding():
    start = "http://shop.test/start"
    web = Web({start: moved("http://hop.example/")})

    made = go(web, REPORTED, pathway=(Step(StepKind.CLICK, start),))

    assert made.left_for is not None
    assert HOME not in web.urls


def test_a_machine_gets_no_more_requests_than_a_run_allows():
    web = Web({})
    limits = Limits(address_requests=2)
    probe = probe_of(web, limits=limits)
    budget = Budget(limits)
    kinds = []
    for number in range(4):
        errand = Errand(parse_address(HOME), DIRECT)
        seen = run(visit(probe, errand, number, CookieJar(), PageCache("shop.test"), budget))
        kinds.append(seen.visit.failure.kind if seen.visit.failure else None)

    assert kinds == [None, None, FailureKind.BUDGET, FailureKind.BUDGET]
    assert len(web.asked) == 2

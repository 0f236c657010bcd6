"""Honest sites with customs of their own: shops, universities, forums, hosters' pages."""

from urllib.parse import quote

from unhijack.lab.honest.moves import APP, STORE
from unhijack.lab.lots import choose, draw, token
from unhijack.lab.pages import SECTIONS
from unhijack.lab.plots import Plot, Reach, Trait, away, shown, small
from unhijack.lab.sites import preferred
from unhijack.lab.wire import HTML, TownRequest, TownResponse, redirect


def comparison_shop(plot: Plot, request: TownRequest) -> TownResponse:
    """Visitors from other sites get the campaign's page, on the shop's own domain."""
    host = request.referrer_host
    if request.path == "/" and host and host != request.host:
        return redirect(302, f"/deal?from={host.replace('.', '-')}")
    return small("Deal", "Today only.") if request.path == "/deal" else shown(plot, request)


def central_search(plot: Plot, request: TownRequest) -> TownResponse:
    """What is not found is looked for by the whole university's search."""
    known = {name for names in SECTIONS.values() for name in names}
    if request.path.strip("/") in {"", *known}:
        return shown(plot, request)
    return away(request, plot.other, f"/search?q={quote(request.path.strip('/'))}")


def consent_by_region(plot: Plot, request: TownRequest) -> TownResponse:
    """The network in front decides by country that a banner's script is added."""
    script = f'<script src="//cdn.{plot.service}/consent.js" data-region="eu"></script>\n'
    return shown(plot, request, script, headers=(("Vary", "X-Country"),))


def recommendations(plot: Plot, request: TownRequest) -> TownResponse:
    """Links under /go/ lead to shops, and every page is full of them."""
    if request.path.startswith("/go/"):
        return away(request, plot.service, f"/dp/{request.path[4:]}?tag={plot.label}-21")
    links = "".join(f'<a href="/go/{n}" rel="sponsored">Offer {n}</a>\n' for n in range(6))
    return shown(plot, request, body=links)


def member_again(plot: Plot, request: TownRequest) -> TownResponse:
    """Whoever was here before is asked to sign in with the identity provider."""
    if request.cookie("member"):
        home = quote(request.link(request.host, "/"), safe="")
        return away(request, f"login.{plot.service}", f"/silent?return_to={home}&client_id=9")
    return shown(plot, request, headers=(("Set-Cookie", "member=1; Path=/"),))


def paywall(plot: Plot, request: TownRequest) -> TownResponse:
    """One article is free."""
    if request.path == "/subscribe":
        return small("Subscribe", "You have read your free article.")
    if request.cookie("read") and not request.is_bot:
        return redirect(302, "/subscribe")
    return shown(plot, request, headers=(("Set-Cookie", "read=1; Path=/"),))


def short_with_preview(plot: Plot, request: TownRequest) -> TownResponse:
    """A short address shows where it leads, and goes there in five seconds."""
    target = request.link(plot.other, "/long/page")
    meta = f'<meta http-equiv="refresh" content="5;url={target}">'
    return small("You are on the way", f'<a href="{target}">There</a>', head=meta)


def parked_rotating(plot: Plot, request: TownRequest) -> TownResponse:
    """For sale, and each visit is sold to the advertiser who pays most."""
    hosts = (plot.service, plot.other, "feed-one.example", "feed-two.example")
    host = choose(hosts, plot.host, request.serial, "auction")
    return away(request, host, f"/?domain={plot.host}&bid={token(6, request.serial)}")


def suspended(plot: Plot, request: TownRequest) -> TownResponse:
    """The hoster has switched the site off, and says so."""
    if request.path.startswith("/cgi-sys/"):
        return small("Account suspended", "Please contact your hosting provider.")
    return redirect(302, "/cgi-sys/suspendedpage.cgi")


def suspended_elsewhere(plot: Plot, request: TownRequest) -> TownResponse:
    """The same, by a page on the hoster's domain."""
    return away(request, f"cdn.{plot.service}", f"/suspended?site={plot.host}")


def forum_out(plot: Plot, request: TownRequest) -> TownResponse:
    """Links out of the forum go by a counter, which knows them by number."""
    if request.path == "/redirect":
        return away(request, plot.other, "/thread")
    links = "".join(f'<a href="/redirect?id={n}" rel="nofollow">link</a>\n' for n in range(5))
    return shown(plot, request, body=links)


def brochure(plot: Plot, request: TownRequest) -> TownResponse:
    """A file that others link to is shown by the page that it belongs to."""
    if request.path == "/files/brochure" and request.referrer_host not in ("", request.host):
        return redirect(302, "/brochure")
    return shown(plot, request) if request.path == "/" else small("Brochure", "Our brochure.")


def table_code(plot: Plot, request: TownRequest) -> TownResponse:
    """A printed code leads phones to the menu and others to an explanation."""
    if request.path == "/qr/7":
        return redirect(302, "/m/table-7" if request.is_phone else "/qr-codes")
    return small("Menu", "Soup of the day.")


def city_app(plot: Plot, request: TownRequest) -> TownResponse:
    """Phones see the page of the app first, on the city's own domain."""
    if request.path == "/app":
        return small("Our app", f'<a href="http://{STORE}{APP}">Get it</a> <a href="/start">No</a>')
    if request.is_phone and request.path == "/":
        return redirect(302, "/app")
    return shown(plot, request)


def status_page(plot: Plot, request: TownRequest) -> TownResponse:
    """Out of order: everybody is sent to the page that says since when."""
    headers = (("Retry-After", "3600"), ("Cache-Control", "no-store"))
    return redirect(307, request.link(f"cdn.{plot.service}", f"/status/{plot.label}"), *headers)


def free_host(plot: Plot, request: TownRequest) -> TownResponse:
    """A club's free address: the hoster's bar on top, the club's page below."""
    page = (
        f"<html><head><title>{plot.site.title}</title></head><frameset rows='60,*'>"
        f'<frame src="{request.link(plot.service, "/bar")}">'
        f'<frame src="{request.link(plot.host, "/club")}"></frameset></html>'
    )
    if request.path == "/club":
        return small(plot.site.title, "Our club.")
    return TownResponse(200, (("Content-Type", HTML),), page.encode())


def long_chain(plot: Plot, request: TownRequest) -> TownResponse:
    """To www., to a language, to a start page, to lower case: all grown over the years."""
    steps = {
        "/": "/Index.php",
        "/Index.php": "/index.php",
        "/index.php": "/de/",
        "/de/": "/de/start",
    }
    if request.host == plot.host:
        return away(request, f"www.{plot.host}", request.target, 301)
    if request.path in steps:
        return redirect(301, steps[request.path])
    return small(plot.site.title, "At last.")


def slash(plot: Plot, request: TownRequest) -> TownResponse:
    """Addresses end in a slash."""
    if not request.path.endswith("/"):
        return redirect(301, f"{request.path}/")
    return small("Team", "Who we are.")


def upper_case(plot: Plot, request: TownRequest) -> TownResponse:
    """A server that knows only small letters."""
    lower = request.path.lower()
    return small("Team", "Us.") if lower == request.path else redirect(301, lower)


def country_store(plot: Plot, request: TownRequest) -> TownResponse:
    """A store for each country, under the brand's domain, by language."""
    if request.host == plot.host:
        tongue = preferred(request.headers.get("accept-language", ""), "de")
        return away(request, f"{'us' if tongue == 'en' else 'de'}.{plot.host}", "/")
    return shown(plot, request)


def balanced(plot: Plot, request: TownRequest) -> TownResponse:
    """One of three machines, each by its name."""
    if request.host == plot.host:
        return away(request, f"www{1 + draw(3, plot.host, request.serial)}.{plot.host}", "/")
    return shown(plot, request)


def waiting_room(plot: Plot, request: TownRequest) -> TownResponse:
    """Half of the visitors have to queue with a service that hands them back."""
    if not request.is_bot and draw(2, plot.host, request.serial, "queue"):
        home = quote(request.link(request.host, "/"), safe="")
        return away(request, f"shop.{plot.service}", f"/?c={plot.label}&t={home}")
    return shown(plot, request)


def advert_click(plot: Plot, request: TownRequest) -> TownResponse:
    """A paid click is counted by a service, and comes back."""
    landing = request.link(plot.host, "/landing")
    if request.host == f"cdn.{plot.service}":
        return redirect(302, landing)
    if "gclid" in request.target:
        return away(request, f"cdn.{plot.service}", f"/track?url={quote(landing, safe='')}")
    return small("Landing", "Thank you for coming.")


def highlighted(plot: Plot, request: TownRequest) -> TownResponse:
    """Search visitors find their words marked, at an address that says so."""
    if request.from_search and "highlight=" not in request.target:
        return redirect(302, f"{request.path}?highlight=1")
    return shown(plot, request)


def often_down(plot: Plot, request: TownRequest) -> TownResponse:
    """One visit in three finds the machine too busy."""
    if draw(3, plot.host, request.serial, "busy") == 0:
        return small("Busy", "Try again.", 503)
    return shown(plot, request)


def social_page(plot: Plot, request: TownRequest) -> TownResponse:
    """Whoever comes from a social network sees the page that is shared there."""
    if "facebook" in request.referrer_host and request.path == "/":
        return redirect(302, "/hello")
    return small("Hello", "Nice to see you.") if request.path == "/hello" else shown(plot, request)


TRAITS = {
    "comparison-shop": Trait(comparison_shop),
    "central-search": Trait(central_search, reach=Reach.THOROUGH),
    "consent-by-region": Trait(consent_by_region),
    "recommendations": Trait(recommendations, reach=Reach.THOROUGH),
    "member-again": Trait(member_again),
    "paywall": Trait(paywall),
    "short-with-preview": Trait(short_with_preview, "/p/x7"),
    "parked-rotating": Trait(parked_rotating),
    "suspended": Trait(suspended),
    "suspended-elsewhere": Trait(suspended_elsewhere),
    "forum-out": Trait(forum_out, "/redirect?id=881"),
    "brochure": Trait(brochure, "/files/brochure"),
    "table-code": Trait(table_code, "/qr/7"),
    "city-app": Trait(city_app),
    "status-page": Trait(status_page),
    "free-host": Trait(free_host),
    "long-chain": Trait(long_chain),
    "slash": Trait(slash, "/team"),
    "upper-case": Trait(upper_case, "/Team/UNS"),
    "country-store": Trait(country_store),
    "balanced": Trait(balanced),
    "waiting-room": Trait(waiting_room),
    "advert-click": Trait(advert_click, "/?gclid=x1", abroad=True),
    "highlighted": Trait(highlighted),
    "often-down": Trait(often_down, reach=Reach.THOROUGH),
    "social-page": Trait(social_page, reach=Reach.THOROUGH),
}

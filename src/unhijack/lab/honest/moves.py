"""Honest sites that send visitors to another domain, or from page to page of their own."""

from urllib.parse import quote

from unhijack.lab.lots import choose, draw, token
from unhijack.lab.pages import SECTIONS
from unhijack.lab.plots import Plot, Trait, away, shown, small
from unhijack.lab.sites import preferred
from unhijack.lab.wire import TownRequest, TownResponse, redirect

APP = "/store/apps/details?id=test.app"
STORE = "play.app-store.test"
"""The street's app store; who knows the world's stores knows it as one."""
AMP_CACHE = "cdn.amp-cache.test"
WALL = "consent-wall.test"


def _home(plot: Plot, request: TownRequest) -> str:
    return quote(request.link(request.host, request.target), safe="")


def moved(plot: Plot, request: TownRequest) -> TownResponse:
    """301 for all, path kept."""
    return away(request, plot.other, request.target, 301)


def login(plot: Plot, request: TownRequest) -> TownResponse:
    """Everybody has to sign in with an identity provider."""
    return away(request, f"login.{plot.service}", f"/authorize?return_to={_home(plot, request)}")


def login_bounce(plot: Plot, request: TownRequest) -> TownResponse:
    """A session is asked for elsewhere, which hands the visitor back; crawlers need none."""
    if request.host == f"login.{plot.service}":
        cookie = ("Set-Cookie", "sso=1; Path=/")
        return redirect(302, request.link(plot.host, "/?session=none"), cookie)
    if not (request.is_bot or "session=" in request.target or request.cookie("s")):
        return away(request, f"login.{plot.service}", f"/check?back={_home(plot, request)}")
    return shown(plot, request, headers=(("Set-Cookie", "s=1; Path=/"),))


def parked(plot: Plot, request: TownRequest) -> TownResponse:
    """For sale: a parking service has the domain."""
    return away(request, plot.service, f"/lander?d={plot.host}")


def parked_frame(plot: Plot, request: TownRequest) -> TownResponse:
    """Forwarding by a frame over the whole page, as registrars sell it."""
    src = request.link(plot.other, "/")
    frame = f'<iframe src="{src}" width="100%" height="100%" style="position:fixed;top:0;left:0"></iframe>'
    return small(plot.site.title, frame)


def shortener(plot: Plot, request: TownRequest) -> TownResponse:
    """A short address leads everybody to the long one."""
    return away(request, plot.other, f"/a/{token(12, plot.host, request.path)}", 301)


def other_suffix(plot: Plot, request: TownRequest) -> TownResponse:
    """Visitors from abroad are shown the shop under its other suffix: all but crawlers."""
    if request.is_bot:
        return shown(plot, request)
    return away(request, f"{plot.label}.example", request.target)


def language_twin(plot: Plot, request: TownRequest) -> TownResponse:
    """English speakers are sent to a domain of another name; every page links to both."""
    accept = request.headers.get("accept-language", "")
    if accept and preferred(accept, "de") == "en":
        return away(request, plot.other, request.target)
    links = (
        f'<link rel="alternate" hreflang="en" href="{request.link(plot.other, "/")}">\n'
        f'<link rel="alternate" hreflang="de" href="{request.link(plot.host, "/")}">\n'
    )
    return shown(plot, request, links)


def country_twin(plot: Plot, request: TownRequest) -> TownResponse:
    """The same brand for each country, chosen by Accept-Language."""
    accept = request.headers.get("accept-language", "")
    if accept.startswith("en-US"):
        return away(request, f"{plot.label}-usa.test", "/")
    return shown(plot, request)


def mobile_twin(plot: Plot, request: TownRequest) -> TownResponse:
    """Phones get a domain of their own, which bears the name."""
    if request.is_phone:
        return away(request, f"{plot.label}-mobile.example", request.target)
    return shown(plot, request)


def mobile_linked(plot: Plot, request: TownRequest) -> TownResponse:
    """Phones get a domain of another name, to which the page itself links."""
    if request.is_phone:
        return away(request, plot.other, "/")
    link = f'<link rel="alternate" media="only screen" href="{request.link(plot.other, "/")}">\n'
    return shown(plot, request, link)


def app_store(plot: Plot, request: TownRequest) -> TownResponse:
    """Phones are sent to the app, wherever they come from."""
    if request.is_phone:
        return away(request, STORE, APP)
    return shown(plot, request)


def amp_own(plot: Plot, request: TownRequest) -> TownResponse:
    """Visitors from search engines get the quick page, on the same domain."""
    if request.from_search and not request.path.startswith("/amp"):
        return redirect(302, "/amp/")
    return (
        shown(plot, request) if request.path == "/" else small("Quick page", "The same, quicker.")
    )


def amp_cache(plot: Plot, request: TownRequest) -> TownResponse:
    """Phones from search engines get it from the cache that the engines run."""
    if request.from_search and request.is_phone:
        name = plot.host.replace("-", "--").replace(".", "-")
        return away(request, f"{name}.{AMP_CACHE}", f"/c/{plot.host}/")
    return shown(plot, request)


def consent(plot: Plot, request: TownRequest) -> TownResponse:
    """A consent wall, known as one, for everybody who has not consented; crawlers pass."""
    if request.is_bot or request.cookie("consent"):
        return shown(plot, request)
    return away(request, f"{plot.label}.{WALL}", f"/ask?return={_home(plot, request)}")


def consent_unknown(plot: Plot, request: TownRequest) -> TownResponse:
    """A wall that nobody knows, for everybody at the first visit."""
    if request.cookie("asked"):
        return shown(plot, request)
    target = request.link(f"login.{plot.service}", f"/ask?back={_home(plot, request)}")
    return redirect(302, target, ("Set-Cookie", "asked=1; Path=/"))


def variant_twin(plot: Plot, request: TownRequest) -> TownResponse:
    """Half of the visits try the new site, under the brand's other suffix."""
    if draw(2, plot.host, request.serial):
        return away(request, f"{plot.label}.example", "/")
    return shown(plot, request)


def variant_linked(plot: Plot, request: TownRequest) -> TownResponse:
    """Half of the visits try the new site under another name; the old one links to it."""
    if draw(2, plot.host, request.serial):
        return away(request, plot.other, "/")
    return shown(plot, request, body=f'<a href="{request.link(plot.other, "/")}">New site</a>\n')


def variant(plot: Plot, request: TownRequest) -> TownResponse:
    """A or B on the same domain."""
    dealt = choose("ab", plot.host, request.serial)
    if "v=" not in request.target:
        return redirect(302, f"/?v={dealt}")
    return shown(plot, request)


def mirrors(plot: Plot, request: TownRequest) -> TownResponse:
    """A download address: each visit gets the next mirror, on whatever domain."""
    hosts = (plot.other, plot.service, "mirror.pebble-machines.test")
    return away(request, choose(hosts, plot.host, request.serial, "mirror"), "/pub/a.zip")


def payment(plot: Plot, request: TownRequest) -> TownResponse:
    """The till is a payment service's."""
    return away(request, plot.service, f"/pay/{token(16, plot.host, request.serial)}", 303)


def tracking(plot: Plot, request: TownRequest) -> TownResponse:
    """Search visitors get parameters added to the address."""
    if request.from_search and "utm_source" not in request.target:
        return redirect(302, "/?utm_source=search&gclid=x1")
    return shown(plot, request)


def shop_platform(plot: Plot, request: TownRequest) -> TownResponse:
    """The shop is hosted on a platform's domain."""
    return away(request, f"shop.{plot.service}", f"/{plot.label}{request.target}", 301)


def outbound(plot: Plot, request: TownRequest) -> TownResponse:
    """The site counts clicks on its links: a redirector that was made to redirect."""
    if request.path == "/out":
        return redirect(302, request.target.partition("u=")[2])
    return shown(plot, request)


def affiliate(plot: Plot, request: TownRequest) -> TownResponse:
    """A recommendation that earns a commission, for whoever clicks."""
    if request.path == "/go/kettle":
        return away(request, plot.service, f"/dp/{token(8, plot.host)}?tag={plot.label}-21")
    return shown(plot, request)


def mail_link(plot: Plot, request: TownRequest) -> TownResponse:
    """A newsletter's link: a service counted the click and sends on."""
    if request.path == "/c":
        return away(request, plot.other, "/offer?utm_medium=email")
    return shown(plot, request)


def to_www(plot: Plot, request: TownRequest) -> TownResponse:
    """The bare name leads to www., in three steps."""
    if request.host == plot.host and "s=1" not in request.target:
        return redirect(301, request.link(plot.host, "/?s=1"))
    if request.host == plot.host:
        return away(request, f"www.{plot.host}", "/", 301)
    return shown(plot, request)


def idn_twin(plot: Plot, request: TownRequest) -> TownResponse:
    """The name with its umlaut is the same name: everybody but crawlers, at the first visit."""
    if request.is_bot or request.cookie("idn"):
        return shown(plot, request)
    label = f"{plot.label}-ü".encode("idna").decode()
    return redirect(302, request.link(f"{label}.test", "/"), ("Set-Cookie", "idn=1; Path=/"))


def normalising(plot: Plot, request: TownRequest) -> TownResponse:
    """One address for each page: lower case, no index file, no slash at the end."""
    if request.path == "/Index.HTML":
        return redirect(301, "/index.html")
    if request.path == "/index.html":
        return redirect(301, "/home/")
    return (
        redirect(301, f"/{SECTIONS[plot.site.owner.language][0]}")
        if (request.path == "/home/")
        else shown(plot, request)
    )


TRAITS = {
    "moved": Trait(moved),
    "identity-provider": Trait(login),
    "login-bounce": Trait(login_bounce, abroad=True),
    "parked": Trait(parked),
    "parked-frame": Trait(parked_frame),
    "shortener": Trait(shortener, "/x7Qa"),
    "other-suffix": Trait(other_suffix),
    "language-twin": Trait(language_twin),
    "country-twin": Trait(country_twin),
    "mobile-twin": Trait(mobile_twin),
    "mobile-linked": Trait(mobile_linked),
    "app-store": Trait(app_store),
    "amp-own": Trait(amp_own),
    "amp-cache": Trait(amp_cache),
    "consent-wall": Trait(consent),
    "consent-unknown": Trait(consent_unknown),
    "variant": Trait(variant),
    "variant-twin": Trait(variant_twin),
    "variant-linked": Trait(variant_linked),
    "mirrors": Trait(mirrors, "/download"),
    "payment": Trait(payment, "/checkout"),
    "tracking": Trait(tracking),
    "shop-platform": Trait(shop_platform),
    "outbound": Trait(outbound, "/out?u=http://partner-shop.example/a"),
    "affiliate": Trait(affiliate, "/go/kettle"),
    "mail-link": Trait(mail_link, "/c?id=77"),
    "to-www": Trait(to_www),
    "idn-twin": Trait(idn_twin),
    "normalising": Trait(normalising, "/Index.HTML"),
}

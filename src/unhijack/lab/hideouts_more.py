"""More hijacked sites of the wire street: two of the old tricks at once, or in another dress."""

from urllib.parse import quote

from unhijack.lab.lots import draw, token
from unhijack.lab.plots import Answer, Plot, Reach, Trait, away, shown
from unhijack.lab.wire import TownRequest, TownResponse, redirect


def _wanted(request: TownRequest) -> bool:
    return request.from_search and not request.is_bot


def _out(plot: Plot, request: TownRequest) -> str:
    return request.link(plot.service, f"/in?id={token(10, plot.host, 'prey')}")


def _first_search_phone(plot: Plot, request: TownRequest) -> TownResponse:
    """Once, phones, from search engines."""
    if request.cookie("wp_t") or not (_wanted(request) and request.is_phone):
        return shown(plot, request, headers=(("Set-Cookie", "wp_t=1; Path=/"),))
    return redirect(302, _out(plot, request), ("Set-Cookie", "wp_t=1; Path=/"))


def _slow_refresh(plot: Plot, request: TownRequest) -> TownResponse:
    """The page is read for half a minute before it goes."""
    if not _wanted(request):
        return shown(plot, request)
    return shown(plot, request, headers=(("Refresh", f"30; URL='{_out(plot, request)}'"),))


def _encoded_meta(plot: Plot, request: TownRequest) -> TownResponse:
    """The address is written in numbers, late in the page."""
    if not _wanted(request):
        return shown(plot, request)
    target = "".join(f"&#x{ord(c):x};" for c in _out(plot, request))
    return shown(plot, request, body=f'<META content="0;URL={target}" HTTP-EQUIV="ReFresh">\n')


def _error_page(plot: Plot, request: TownRequest) -> TownResponse:
    """A page that says it was not found, and goes on."""
    if not _wanted(request):
        return shown(plot, request)
    meta = f'<meta http-equiv="refresh" content="0;url={_out(plot, request)}">\n'
    return shown(plot, request, meta, status=404)


def _own_landing(plot: Plot, request: TownRequest) -> TownResponse:
    """Out by way of a page that was planted on the site itself."""
    if request.path.startswith("/wp-content/"):
        meta = f'<meta http-equiv="refresh" content="0;url={_out(plot, request)}">\n'
        return shown(plot, request, meta, status=200)
    return redirect(302, "/wp-content/cache/a7/") if _wanted(request) else shown(plot, request)


def _element(markup: str) -> Answer:
    def answer(plot: Plot, request: TownRequest) -> TownResponse:
        if not _wanted(request):
            return shown(plot, request)
        return shown(plot, request, body=markup.replace("TARGET", _out(plot, request)))

    return answer


def _frameset(plot: Plot, request: TownRequest) -> TownResponse:
    """For its prey the page is one frame of somebody else."""
    if not _wanted(request):
        return shown(plot, request)
    page = (
        f"<html><head><title>{plot.site.title}</title></head>"
        f'<frameset rows="100%,*"><frame src="{_out(plot, request)}"></frameset></html>'
    )
    return TownResponse(200, (("Content-Type", "text/html"),), page.encode())


def _as_if_login(plot: Plot, request: TownRequest) -> TownResponse:
    """Looks like single sign-on, for search visitors alone."""
    if not _wanted(request):
        return shown(plot, request)
    home = quote(request.link(request.host, request.target), safe="")
    return away(request, f"login.{plot.service}", f"/authorize?return_to={home}&client_id=7")


def _half_of_phones(plot: Plot, request: TownRequest) -> TownResponse:
    """Every other phone that comes from a search."""
    if _wanted(request) and request.is_phone and draw(2, plot.host, request.serial, "half"):
        return away(request, plot.service, "/in?k=2")
    return shown(plot, request)


def _by_mobile_twin(plot: Plot, request: TownRequest) -> TownResponse:
    """Phones get m. of the same domain, and there the searchers among them are sent on."""
    if request.host.startswith("m."):
        return redirect(302, _out(plot, request)) if request.from_search else shown(plot, request)
    if request.is_phone:
        return away(request, f"m.{plot.host}", "/")
    return shown(plot, request)


def _cookie_first(plot: Plot, request: TownRequest) -> TownResponse:
    """Only a browser that keeps a cookie over a redirect is led out."""
    if not _wanted(request):
        return shown(plot, request)
    if request.cookie("chk"):
        return away(request, plot.service, "/in?k=3", 307)
    return redirect(302, "/?chk=1", ("Set-Cookie", "chk=1; Path=/"))


def _lookalike(plot: Plot, request: TownRequest) -> TownResponse:
    """Search visitors are sent to the same name under another ending, which is not the owner's."""
    if _wanted(request):
        return away(request, f"{plot.label}.example", "/in?k=4")
    return shown(plot, request)


def _not_from_home(plot: Plot, request: TownRequest) -> TownResponse:
    """Whoever comes from anywhere but the site, crawlers and direct visitors aside."""
    other = request.referrer_host and request.referrer_host != request.host
    if other and not request.is_bot:
        return away(request, plot.service, "/in?k=5", 303)
    return shown(plot, request)


def _phones_without_referrer(plot: Plot, request: TownRequest) -> TownResponse:
    """Phones that type the address, where their owners are not at a desk."""
    if request.is_phone and not request.referrer_host:
        return away(request, plot.service, "/in?k=6")
    return shown(plot, request)


_STYLE = "position:absolute;top:0;left:0;width:100%;height:100%;z-index:9999"
GATES = {
    "first-search-phone": Trait(_first_search_phone),
    "slow-refresh": Trait(_slow_refresh),
    "encoded-meta": Trait(_encoded_meta),
    "error-page": Trait(_error_page),
    "own-landing": Trait(_own_landing),
    "object-over-page": Trait(
        _element(f'<object data="TARGET" type="text/html" style="{_STYLE}"></object>\n')
    ),
    "embed-over-page": Trait(_element(f'<embed src="TARGET" style="{_STYLE}">\n')),
    "frameset": Trait(_frameset),
    "as-if-login": Trait(_as_if_login),
    "half-of-phones": Trait(_half_of_phones, reach=Reach.THOROUGH),
    "by-mobile-twin": Trait(_by_mobile_twin),
    "cookie-first": Trait(_cookie_first),
    "lookalike-suffix": Trait(_lookalike),
    "not-from-home": Trait(_not_from_home),
    "phones-direct": Trait(_phones_without_referrer, reach=Reach.THOROUGH),
}

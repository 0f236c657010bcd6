"""What the planted code of a hijacked site does, and the distributors that it leads to.

Inert: static answers that lead to reserved names on loopback. Each gate is a function from a
request to the answer of the planted code, or None where it lets the visitor see the site.
"""

from collections.abc import Callable

from unhijack.lab.lots import token
from unhijack.lab.pages import SECTIONS, page
from unhijack.lab.town import Chain, Gate, TownSite
from unhijack.lab.wire import HTML, TownRequest, TownResponse, redirect

PLANTED_PATH = "/wp-content/plugins/cache-lite/go.php"
"""Where the on-site hop of `Gate.PHONE_HOP` lies."""
SEEN_COOKIE = "wp_cl"
"""By which `Gate.FIRST_SEARCH_REFRESH` knows who was there before."""
TRIPWIRE = (
    b"<!DOCTYPE html>\n<title>Tripwire</title>\n<p>The end of a chain in an inert lab. There is "
    b"nothing here, and nobody may read it: whoever shows or stores this line has broken the rule "
    b"that documents off the site stay unread.</p>\n"
)


def planted(site: TownSite, chain: Chain, request: TownRequest) -> TownResponse | None:
    """The answer of the code planted in `site`, or None where it stays hidden."""
    if site.gate is None or request.is_bot:
        return None
    return _GATES[site.gate](site, chain, request)


def distribute(chain: Chain, request: TownRequest) -> TownResponse:
    """The answer of a distributor: the first hands everybody on to the last."""
    if request.host == chain.entry:
        campaign = token(12, chain.entry, request.target)
        return redirect(302, request.link(chain.end, f"/d/{campaign}"))
    return TownResponse(200, (("Content-Type", HTML),), TRIPWIRE)


def _entry(site: TownSite) -> str:
    """Path and query at the entry of the chain: each victim has a number in the campaign."""
    return f"/in?id={token(10, site.host, 'victim')}"


def _search_location(site: TownSite, chain: Chain, request: TownRequest) -> TownResponse | None:
    if not request.from_search:
        return None
    return redirect(302, request.link(chain.entry, _entry(site)))


def _search_phone_meta(site: TownSite, chain: Chain, request: TownRequest) -> TownResponse | None:
    if not (request.from_search and request.is_phone):
        return None
    target = request.link(chain.entry, _entry(site))
    start, rest = _front(site)
    refresh = f"<meta content=\"0; URL='{target}'\" http-equiv=Refresh>\n".encode()
    return TownResponse(200, (("Content-Type", HTML),), start + refresh + rest)


def _first_search_refresh(
    site: TownSite, chain: Chain, request: TownRequest
) -> TownResponse | None:
    if not request.from_search or request.cookie(SEEN_COOKIE):
        return None
    headers = (
        ("Content-Type", HTML),
        ("Refresh", f"0;url={request.link(chain.entry, _entry(site))}"),
        ("Set-Cookie", f"{SEEN_COOKIE}=1; Max-Age=604800; Path=/"),
    )
    return TownResponse(200, headers, b"".join(_front(site)))


def _phone_hop(site: TownSite, chain: Chain, request: TownRequest) -> TownResponse | None:
    if not request.is_phone:
        return None
    if request.path == PLANTED_PATH:
        return redirect(307, request.link(chain.entry, _entry(site)))
    return redirect(307, f"{PLANTED_PATH}?k={token(8, site.host, 'hop')}")


def _referred_location(site: TownSite, chain: Chain, request: TownRequest) -> TownResponse | None:
    if not request.referrer_host or request.referrer_host in site.names:
        return None
    return redirect(303, request.relative(chain.entry, _entry(site)))


def _front(site: TownSite) -> tuple[bytes, bytes]:
    language = site.owner.language
    return page(site, SECTIONS[language][0], language)


_GATES: dict[Gate, Callable[[TownSite, Chain, TownRequest], TownResponse | None]] = {
    Gate.SEARCH_LOCATION: _search_location,
    Gate.SEARCH_PHONE_META: _search_phone_meta,
    Gate.FIRST_SEARCH_REFRESH: _first_search_refresh,
    Gate.PHONE_HOP: _phone_hop,
    Gate.REFERRED_LOCATION: _referred_location,
}

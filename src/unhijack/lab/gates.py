"""What the planted code of a hijacked site does, and the distributors that it leads to.

Inert: static answers that lead to reserved names on loopback. Each gate is a function from a
request to the answer of the planted code, or None where it lets the visitor see the site.
"""

from base64 import b64encode
from collections.abc import Callable

from unhijack.lab.lots import token
from unhijack.lab.pages import SECTIONS, page
from unhijack.lab.town import Chain, Gate, TownSite
from unhijack.lab.wire import HTML, TownRequest, TownResponse, redirect

PLANTED_PATH = "/wp-content/plugins/cache-lite/go.php"
"""Where the on-site hop of `Gate.PHONE_HOP` lies."""
SEEN_COOKIE = "wp_cl"
"""By which `Gate.FIRST_SEARCH_REFRESH` knows who was there before."""
SCRIPT_PATH = "/js/menu.js"
"""The script file that `Gate.SCRIPT_FILE_CLICK` has changed."""
MENU_SCRIPT = (
    b"(function(d){var m=d.getElementById('menu');if(m){m.setAttribute('data-ready','1');}})"
    b"(document);\n"
)
_FROM_SEARCH = r"/\/\/([\w-]+\.)*(google|bing|duckduckgo|yahoo)\./.test(document.referrer)"
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


def planted_script(site: TownSite, chain: Chain, request: TownRequest) -> bytes | None:
    """The site's own script file with the planted code at its end; None where it is no such file."""
    if site.gate is not Gate.SCRIPT_FILE_CLICK or request.path != SCRIPT_PATH:
        return None
    target = _letters(request.link(chain.entry, _entry(site)))
    gate = (
        f"if({_FROM_SEARCH})document.addEventListener('click',function(){{"
        f"window.location.href=String.fromCharCode({target})}},{{once:true}});"
    )
    return MENU_SCRIPT + gate.encode() + b"\n"


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


def _letters(text: str) -> str:
    """As packed scripts spell an address."""
    return ",".join(str(ord(letter)) for letter in text)


def _with_script(site: TownSite, request: TownRequest, script: str) -> TownResponse | None:
    """The site's front page with a script in its head; None for every other page."""
    if request.path.strip("/") not in ("", SECTIONS[site.owner.language][0]):
        return None
    start, rest = _front(site)
    return TownResponse(200, (("Content-Type", HTML),), start + script.encode() + rest)


def _script_search(site: TownSite, chain: Chain, request: TownRequest) -> TownResponse | None:
    packed = b64encode(request.link(chain.entry, _entry(site)).encode()).decode()
    code = f"if({_FROM_SEARCH})location.replace(atob('{packed}'))"
    return _with_script(site, request, f"<script>(function(){{{code}}})()</script>\n")


def _script_phone_later(site: TownSite, chain: Chain, request: TownRequest) -> TownResponse | None:
    target = _letters(request.link(chain.entry, _entry(site)))
    code = (
        "if(/Android|iPhone/.test(navigator.userAgent))setTimeout(function(){"
        f"window['loc'+'ation']=String.fromCharCode({target})}},3000)"
    )
    return _with_script(site, request, f"<script>{code}</script>\n")


def _script_file_click(site: TownSite, chain: Chain, request: TownRequest) -> TownResponse | None:
    del chain  # the code is in the file
    return _with_script(site, request, f'<script src="{SCRIPT_PATH}"></script>\n')


def _front(site: TownSite) -> tuple[bytes, bytes]:
    language = site.owner.language
    return page(site, SECTIONS[language][0], language)


_GATES: dict[Gate, Callable[[TownSite, Chain, TownRequest], TownResponse | None]] = {
    Gate.SEARCH_LOCATION: _search_location,
    Gate.SEARCH_PHONE_META: _search_phone_meta,
    Gate.FIRST_SEARCH_REFRESH: _first_search_refresh,
    Gate.PHONE_HOP: _phone_hop,
    Gate.REFERRED_LOCATION: _referred_location,
    Gate.SCRIPT_SEARCH: _script_search,
    Gate.SCRIPT_PHONE_LATER: _script_phone_later,
    Gate.SCRIPT_FILE_CLICK: _script_file_click,
}

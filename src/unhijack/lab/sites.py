"""What a visitor sees of the town: one request in, one answer out, no I/O and no clock."""

from collections.abc import Callable, Set

from unhijack.lab.gates import distribute, planted, planted_script
from unhijack.lab.lots import choose, token
from unhijack.lab.pages import COUNTER, SCRIPT, SECTIONS, STYLESHEET, page
from unhijack.lab.town import Kind, Town, TownSite
from unhijack.lab.wire import HTML, TownRequest, TownResponse, redirect, text

SLOW_SECONDS = 0.4
"""What a `Kind.SLOW` site takes before it answers."""


def respond(town: Town, repaired: Set[str], request: TownRequest) -> TownResponse:
    """The town's answer; the gates of the sites whose host is in `repaired` are gone.

    A host that is not of the town gets 421, media 404: none exists anywhere in the town.
    """
    place = town.places.get(request.host)
    if place is None:
        return text(421, "There is no such site in this town.\n")
    if request.is_media:
        return text(404, "There are no pictures, films or sounds in this town.\n")
    if place.chain is not None:
        return distribute(place.chain, request)
    site = town.site(request.host)
    if site.chain is not None and site.host not in repaired:
        script = planted_script(site, site.chain, request)
        if script is not None:
            return TownResponse(200, (("Content-Type", "text/javascript"),), script)
    furniture = _furniture(site, request)
    if furniture is not None:
        return furniture
    if site.chain is not None and site.host not in repaired:
        answer = planted(site, site.chain, request)
        if answer is not None:
            return answer
    return _HONEST[site.kind](site, request)


def _furniture(site: TownSite, request: TownRequest) -> TownResponse | None:
    """The files that are no pages; None for a page."""
    match request.path:
        case "/robots.txt":
            return text(200, "User-agent: *\nAllow: /\n")
        case "/style.css":
            return TownResponse(200, (("Content-Type", "text/css"),), STYLESHEET)
        case "/js/visits.js" if site.kind is Kind.SCRIPTS:
            return TownResponse(200, (("Content-Type", "text/javascript"),), SCRIPT)
        case path if path.endswith((".css", ".js", ".txt", ".xml", ".json")):
            return text(404, "No such file.\n")
    return None


def _shown(site: TownSite, request: TownRequest, extra: str = "") -> TownResponse:
    """The page at the request's path, with `extra` in its head; 404 where there is none."""
    language, name = site.owner.language, request.path.strip("/")
    first, slash, rest = name.partition("/")
    if site.kind is Kind.LANGUAGE and first in SECTIONS and (slash or not rest):
        language, name = first, rest
    sections = SECTIONS[language]
    if name and name not in sections:
        return _missing(site, language)
    start, end = page(site, name or sections[0], language)
    return TownResponse(200, (("Content-Type", HTML),), start + extra.encode() + end)


def _missing(site: TownSite, language: str) -> TownResponse:
    return TownResponse(404, (("Content-Type", HTML),), b"".join(page(site, "404", language)))


def _plain(site: TownSite, request: TownRequest) -> TownResponse:
    return _shown(site, request)


def _to_home(site: TownSite, request: TownRequest) -> TownResponse:
    if request.path == "/":
        return redirect(301, f"/{SECTIONS[site.owner.language][0]}")
    return _shown(site, request)


def _to_www(site: TownSite, request: TownRequest) -> TownResponse:
    if request.host == site.host:
        return redirect(301, request.link(f"www.{site.host}", request.target))
    return _shown(site, request)


def _language(site: TownSite, request: TownRequest) -> TownResponse:
    if request.path == "/":
        wanted = preferred(request.headers.get("accept-language", ""), site.owner.language)
        return redirect(302, f"/{wanted}/", ("Vary", "Accept-Language"))
    return _shown(site, request)


def preferred(accept: str, fallback: str) -> str:
    """``de`` or ``en``, whichever an Accept-Language header likes better."""
    best, best_weight = fallback, 0.0
    for part in accept.split(","):
        tag, _, weight = part.strip().lower().partition(";q=")
        try:
            value = float(weight or 1)
        except ValueError:
            continue
        if tag[:2] in SECTIONS and value > best_weight:
            best, best_weight = tag[:2], value
    return best


def _moved(site: TownSite, request: TownRequest) -> TownResponse:
    if site.moved_to and request.host != site.moved_to:
        return redirect(301, request.link(site.moved_to, request.target))
    return _shown(site, request)


def _mobile(site: TownSite, request: TownRequest) -> TownResponse:
    twin = f"m.{site.host}"
    if request.is_phone and request.host != twin:
        return redirect(302, request.link(twin, request.target), ("Vary", "User-Agent"))
    return _shown(site, request)


def _variant(site: TownSite, request: TownRequest) -> TownResponse:
    known = request.cookie("variant")
    if request.target == "/" and known is None:
        dealt = choose("ab", site.host, request.serial)
        cookie = ("Set-Cookie", f"variant={dealt}; Path=/; SameSite=Lax")
        return redirect(302, f"/?v={dealt}", cookie, ("Cache-Control", "no-store"))
    shown = "b" if "b" in (known, request.target[-1:]) else "a"
    return _shown(site, request, f'<meta name="variant" content="{shown}">\n')


def _scripts(site: TownSite, request: TownRequest) -> TownResponse:
    return _shown(site, request, COUNTER)


def _changing(site: TownSite, request: TownRequest) -> TownResponse:
    mark = token(32, site.host, request.serial)
    return _shown(
        site,
        request,
        f'<meta name="csrf-token" content="{mark}">\n'
        f'<script nonce="{mark[:12]}">window.renderedAt = {1_767_225_600 + request.serial};'
        f' window.requestId = "{mark[12:24]}";</script>\n',
    )


def _not_found(site: TownSite, request: TownRequest) -> TownResponse:
    return _missing(site, site.owner.language) if request.path == "/" else _shown(site, request)


def _slow(site: TownSite, request: TownRequest) -> TownResponse:
    shown = _shown(site, request)
    return TownResponse(shown.status, shown.headers, shown.body, delay=SLOW_SECONDS)


_HONEST: dict[Kind, Callable[[TownSite, TownRequest], TownResponse]] = {
    Kind.PLAIN: _plain,
    Kind.TO_HOME: _to_home,
    Kind.TO_WWW: _to_www,
    Kind.LANGUAGE: _language,
    Kind.MOVED: _moved,
    Kind.MOBILE: _mobile,
    Kind.VARIANT: _variant,
    Kind.SCRIPTS: _scripts,
    Kind.CHANGING: _changing,
    Kind.NOT_FOUND: _not_found,
    Kind.SLOW: _slow,
}

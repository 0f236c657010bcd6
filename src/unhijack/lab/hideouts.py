"""Hijacked sites of a street: further ways to hide a redirect from all but its prey.

Inert, like the town's gates: static answers that lead to reserved names.
"""

from collections.abc import Callable
from urllib.parse import quote

from unhijack.lab.lots import draw, token
from unhijack.lab.pages import SECTIONS
from unhijack.lab.plots import Answer, Plot, Reach, Trait, away, shown
from unhijack.lab.wire import TownRequest, TownResponse, redirect

_SOCIAL = ("facebook.com", "instagram.com", "t.co", "x.com", "pinterest.com", "vk.com")
_NIGHT = range(1, 5)
_SPAM_LINKS = 40


def _prey(test: Callable[[TownRequest], bool], *, bots: bool = False) -> Answer:
    """Whoever passes the test is sent away; crawlers see a clean site unless they are the prey."""

    def answer(plot: Plot, request: TownRequest) -> TownResponse:
        if request.is_bot != bots or not test(request):
            return shown(plot, request)
        return away(request, plot.service, _entry(plot))

    return answer


def _entry(plot: Plot) -> str:
    return f"/in?id={token(10, plot.host, 'prey')}"


def _is_social(request: TownRequest) -> bool:
    host = request.referrer_host
    return any(host == one or host.endswith(f".{one}") for one in _SOCIAL)


def _from_elsewhere(request: TownRequest) -> bool:
    own = request.referrer_host == request.host
    return bool(request.referrer_host) and not (own or request.from_search or _is_social(request))


def _agent(request: TownRequest) -> str:
    return request.headers.get("user-agent", "")


def _language(request: TownRequest) -> str:
    return request.headers.get("accept-language", "")[:2]


def _is_deep(request: TownRequest) -> bool:
    return request.path.strip("/") in {name for names in SECTIONS.values() for name in names[1:]}


def _is_unknown(request: TownRequest) -> bool:
    names = {name for names in SECTIONS.values() for name in names}
    return request.path != "/" and request.path.strip("/") not in names


def _one_in_three(plot: Plot, request: TownRequest) -> TownResponse:
    if request.from_search and draw(3, plot.host, request.serial) == 0:
        return away(request, plot.service, _entry(plot))
    return shown(plot, request)


def _frame(plot: Plot, request: TownRequest) -> TownResponse:
    if not request.from_search:
        return shown(plot, request)
    src = request.relative(plot.service, _entry(plot))
    style = "position:fixed;inset:0;width:100vw;height:100vh;border:0;z-index:99999"
    return shown(plot, request, body=f'<iframe style="{style}" src="{src}"></iframe>\n')


def _refresh(plot: Plot, request: TownRequest) -> TownResponse:
    if not request.from_search:
        return shown(plot, request)
    target = request.link(plot.service, _entry(plot))
    return shown(plot, request, headers=(("Refresh", f"1; url={target}"),))


def _own_redirector(plot: Plot, request: TownRequest) -> TownResponse:
    if request.path == "/out":
        return redirect(302, request.target.partition("u=")[2])
    if request.from_search and not request.is_bot:
        return redirect(302, f"/out?u={request.link(plot.service, _entry(plot))}")
    return shown(plot, request)


def _second_visit(plot: Plot, request: TownRequest) -> TownResponse:
    if request.cookie("been") and request.from_search:
        return away(request, plot.service, _entry(plot))
    return shown(plot, request, headers=(("Set-Cookie", "been=1; Path=/"),))


def _first_visit(plot: Plot, request: TownRequest) -> TownResponse:
    if request.cookie("been"):
        return shown(plot, request)
    target = request.link(plot.service, _entry(plot))
    return redirect(302, target, ("Set-Cookie", "been=1; Path=/"))


def _spam_for_bots(plot: Plot, request: TownRequest) -> TownResponse:
    if not request.is_bot:
        return shown(plot, request)
    names = [token(8, plot.host, number) for number in range(_SPAM_LINKS)]
    links = "".join(f'<a href="http://pills-{name}.example/">{name}</a>\n' for name in names)
    return shown(plot, request, body=f'<div style="display:none">{links}</div>\n')


def _there_and_back(plot: Plot, request: TownRequest) -> TownResponse:
    """The distributor looks its visitors over, and hands back whom it does not want."""
    if request.host == plot.service:
        return redirect(302, request.link(plot.host, "/?ok=1"))
    if request.from_search and not request.is_bot and "ok=1" not in request.target:
        return away(request, plot.service, _entry(plot))
    return shown(plot, request)


def _as_if_consent(plot: Plot, request: TownRequest) -> TownResponse:
    """Carries a return address like a consent wall, for search visitors alone."""
    if request.from_search and not request.is_bot:
        home = quote(request.link(request.host, request.target), safe="")
        return away(request, plot.service, f"/ask?return={home}")
    return shown(plot, request)


def _as_if_linked(plot: Plot, request: TownRequest) -> TownResponse:
    """The page that the owner sees links to where search visitors are sent."""
    if request.from_search and not request.is_bot:
        return away(request, plot.service, _entry(plot))
    return shown(plot, request, body=f'<a href="{request.link(plot.service, "/")}">partner</a>\n')


def _as_if_store(plot: Plot, request: TownRequest) -> TownResponse:
    """An address like an app store's, for phones."""
    if request.is_phone:
        return away(request, plot.service, "/store/apps/details?id=free.films")
    return shown(plot, request)


GATES = {
    "social-only": Trait(_prey(_is_social), reach=Reach.THOROUGH),
    "other-referrer": Trait(_prey(_from_elsewhere), reach=Reach.THOROUGH),
    "android-only": Trait(_prey(lambda r: "Android" in _agent(r))),
    "windows-search": Trait(_prey(lambda r: r.from_search and "Windows" in _agent(r))),
    "ios-only": Trait(_prey(lambda r: "iPhone" in _agent(r)), reach=Reach.THOROUGH),
    "english-search": Trait(_prey(lambda r: r.from_search and _language(r) == "en")),
    "german-search": Trait(
        _prey(lambda r: r.from_search and _language(r) == "de"), reach=Reach.THOROUGH
    ),
    "one-in-three": Trait(_one_in_three, reach=Reach.THOROUGH),
    "deep-page": Trait(_prey(lambda r: r.from_search and _is_deep(r)), reach=Reach.THOROUGH),
    "unknown-page": Trait(_prey(lambda r: r.from_search and _is_unknown(r)), reach=Reach.THOROUGH),
    "www-only": Trait(
        _prey(lambda r: r.from_search and r.host.startswith("www.")), reach=Reach.THOROUGH
    ),
    "night-only": Trait(_prey(lambda r: r.from_search and r.hour in _NIGHT), reach=Reach.UNSEEN),
    "frame-over-page": Trait(_frame),
    "refresh-200": Trait(_refresh),
    "own-redirector": Trait(_own_redirector),
    "all-but-bots": Trait(_prey(lambda _: True)),
    "first-visit": Trait(_first_visit),
    "second-visit": Trait(_second_visit),
    "bots-redirected": Trait(_prey(lambda _: True, bots=True)),
    "bots-spam-links": Trait(_spam_for_bots),
    "there-and-back": Trait(_there_and_back, abroad=True),
    "as-if-consent": Trait(_as_if_consent),
    "as-if-linked": Trait(_as_if_linked),
    "as-if-store": Trait(_as_if_store),
}

"""Honest sites that keep their visitors, refuse them, or show each of them something else."""

from unhijack.lab.lots import choose, token
from unhijack.lab.pages import COUNTER, SECTIONS
from unhijack.lab.plots import Plot, Trait, shown, small
from unhijack.lab.wire import HTML, TownRequest, TownResponse, redirect

_CHALLENGE = (
    "<script>setTimeout(function(){document.cookie='cleared=1';location.reload();},4000);</script>"
)


def plain(plot: Plot, request: TownRequest) -> TownResponse:
    """Nothing at all."""
    return shown(plot, request)


def challenge(plot: Plot, request: TownRequest) -> TownResponse:
    """Is it a robot? Everybody is asked."""
    return small("Just a moment...", "Checking your browser.", 403, head=_CHALLENGE)


def challenge_503(plot: Plot, request: TownRequest) -> TownResponse:
    """The same, as it was answered some years ago."""
    refresh = ("Refresh", f"5;url={request.target}")
    return small("One moment", "Please enable JavaScript and cookies.", 503, refresh)


def challenge_200(plot: Plot, request: TownRequest) -> TownResponse:
    """A riddle with a status that says all is well."""
    return small("Are you a robot?", "Please complete the captcha to continue.")


def challenge_search(plot: Plot, request: TownRequest) -> TownResponse:
    """Only visitors from search engines are asked."""
    if request.from_search:
        return challenge(plot, request)
    return shown(plot, request)


def maintenance(plot: Plot, request: TownRequest) -> TownResponse:
    """Back soon; the page tries again by itself."""
    headers = (("Refresh", "30"), ("Retry-After", "600"))
    return small("Maintenance", "We are back soon.", 503, *headers)


def pages_through(plot: Plot, request: TownRequest) -> TownResponse:
    """A list begins with page one."""
    if "page=" not in request.target:
        return redirect(302, f"{request.path}?page=1")
    return shown(plot, request, '<link rel="next" href="?page=2">\n')


def hotlink(plot: Plot, request: TownRequest) -> TownResponse:
    """Pictures are for the site's own pages; media are refused by referrer, pages never."""
    return shown(plot, request, headers=(("Vary", "Referer"),))


def frame_buster(plot: Plot, request: TownRequest) -> TownResponse:
    """Will not be shown in another's frame."""
    return shown(
        plot, request, "<script>if (top !== self) { top.location = self.location; }</script>\n"
    )


def script_never(plot: Plot, request: TownRequest) -> TownResponse:
    """A script that could send visitors to another page of the site, and never does."""
    script = (
        "<script>var old = false; if (old && document.referrer) "
        "{ location.href = '/welcome'; }</script>\n"
    )
    return shown(plot, request, script)


def counter(plot: Plot, request: TownRequest) -> TownResponse:
    """Counts its visitors."""
    if request.path.endswith(".js"):
        return TownResponse(200, (("Content-Type", "text/javascript"),), b";\n")
    return shown(plot, request, COUNTER)


def changing(plot: Plot, request: TownRequest) -> TownResponse:
    """No two views are alike."""
    mark = token(32, plot.host, request.serial)
    return shown(plot, request, f'<meta name="csrf-token" content="{mark}">\n')


def adverts(plot: Plot, request: TownRequest) -> TownResponse:
    """Third parties' scripts and links, drawn anew at every view."""
    drawn = [token(4, plot.host, request.serial, n) for n in range(3)]
    scripts = "".join(f'<script async src="//ad{one}.test/a.js"></script>\n' for one in drawn)
    links = "".join(f'<a href="http://offer{one}.test/">offer</a>\n' for one in drawn)
    return shown(plot, request, scripts, body=links)


def two_networks(plot: Plot, request: TownRequest) -> TownResponse:
    """One of two advertising networks at each view."""
    host = choose(("net-one.test", "net-two.test"), plot.host, request.serial)
    return shown(plot, request, f'<script async src="//{host}/a.js"></script>\n')


def cookie_test(plot: Plot, request: TownRequest) -> TownResponse:
    """Looks whether cookies are kept, and goes on without them if not."""
    if request.cookie("test") or "nocookie" in request.target:
        return shown(plot, request)
    if "try=1" in request.target:
        return redirect(302, "/?nocookie=1")
    return redirect(302, "/?try=1", ("Set-Cookie", "test=1; Path=/"))


def session_in_url(plot: Plot, request: TownRequest) -> TownResponse:
    """Each visit has its number in the address."""
    if "sid=" not in request.target:
        return redirect(302, f"/?sid={token(24, plot.host, request.serial)}")
    return shown(plot, request)


def status(code: int) -> Trait:
    """A page that says no."""

    def answer(plot: Plot, request: TownRequest) -> TownResponse:
        return shown(plot, request, status=code)

    return Trait(answer)


def basic_auth(plot: Plot, request: TownRequest) -> TownResponse:
    """For members."""
    return small("Members", "Please sign in.", 401, ("WWW-Authenticate", 'Basic realm="club"'))


def rate_limit(plot: Plot, request: TownRequest) -> TownResponse:
    """Three requests, then patience is wanted."""
    if request.serial >= 3:
        return small("Too many requests", "Please wait.", 429, ("Retry-After", "60"))
    return shown(plot, request)


def empty(plot: Plot, request: TownRequest) -> TownResponse:
    """Nothing, and well."""
    return TownResponse(200, (("Content-Type", HTML),), b"")


def old_browser(plot: Plot, request: TownRequest) -> TownResponse:
    """Whoever comes with an old browser is told so, on the same domain."""
    if "MSIE" in request.headers.get("user-agent", ""):
        return redirect(302, "/upgrade")
    return shown(plot, request)


def session_timeout(plot: Plot, request: TownRequest) -> TownResponse:
    """The page signs off after ten minutes."""
    return shown(plot, request, headers=(("Refresh", "600;url=/signed-off"),))


def slides(plot: Plot, request: TownRequest) -> TownResponse:
    """A slide show: each page leads to the next, and the last stays."""
    number = int(request.path[-1]) if request.path[-1:].isdigit() else 0
    if number == 3:
        return shown(plot, request)
    return shown(
        plot, request, f'<meta http-equiv="refresh" content="5;url=/slide-{number + 1}">\n'
    )


def campaign(plot: Plot, request: TownRequest) -> TownResponse:
    """A landing page for those who come by an advertisement."""
    if "utm_campaign" in request.target and request.path == "/":
        return redirect(302, "/landing")
    return shown(plot, request)


def spam_blocker(plot: Plot, request: TownRequest) -> TownResponse:
    """Refuses whoever claims to come from certain sites."""
    if "buttons-for" in request.referrer_host:
        return small("Forbidden", "No.", 403)
    return shown(plot, request)


def search_blocker(plot: Plot, request: TownRequest) -> TownResponse:
    """A rule too broad refuses everybody who comes from a search engine."""
    return small("Forbidden", "No.", 403) if request.from_search else shown(plot, request)


def country_block(plot: Plot, request: TownRequest) -> TownResponse:
    """Not in your country."""
    return small("Unavailable", "This site is not available in your country.", 451)


def feed(plot: Plot, request: TownRequest) -> TownResponse:
    """News for machines."""
    return TownResponse(200, (("Content-Type", "application/rss+xml"),), b"<rss></rss>\n")


def json(plot: Plot, request: TownRequest) -> TownResponse:
    """Data for machines."""
    return TownResponse(
        200, (("Content-Type", "application/json"),), b'{"refresh": "http://a.test/"}'
    )


def huge(plot: Plot, request: TownRequest) -> TownResponse:
    """A year's minutes on one page."""
    return shown(plot, request, body="<p>Minutes of the meeting.</p>\n" * 30_000)


def cdn_scripts(plot: Plot, request: TownRequest) -> TownResponse:
    """Libraries from a content network, for everybody."""
    return shown(plot, request, f'<script src="//cdn.{plot.service}/lib.js"></script>\n')


def print_view(plot: Plot, request: TownRequest) -> TownResponse:
    """The page without its furniture, by a parameter."""
    return (
        small("Print", "The text alone.") if "print=1" in request.target else shown(plot, request)
    )


def wordpress_login(plot: Plot, request: TownRequest) -> TownResponse:
    """The back office wants a password first."""
    if request.path == "/wp-admin/":
        return redirect(302, "/wp-login.php?redirect_to=%2Fwp-admin%2F&reauth=1")
    return small("Log in", "Name and password.")


def canonical(plot: Plot, request: TownRequest) -> TownResponse:
    """An old address of an article leads to its new one."""
    if request.path == "/2019/05/news":
        return redirect(301, f"/{SECTIONS[plot.site.owner.language][3]}")
    return shown(plot, request)


def welcome_banner(plot: Plot, request: TownRequest) -> TownResponse:
    """Greets those who come from a search engine, and keeps them."""
    banner = "<p>Welcome! You were looking for us.</p>\n" if request.from_search else ""
    return shown(plot, request, body=banner)


def rendered_for_bots(plot: Plot, request: TownRequest) -> TownResponse:
    """People get an application, crawlers what it would show; both on the site."""
    if request.is_bot:
        links = "".join(f'<a href="http://{n}.test/">{n}</a>' for n in ("choir", "guild", "press"))
        return shown(plot, request, body=links)
    return small(plot.site.title, '<div id="app"></div>', head='<script src="/app.js"></script>')


def sitemap_for_bots(plot: Plot, request: TownRequest) -> TownResponse:
    """Crawlers are sent to the list of all pages."""
    if request.is_bot and request.path == "/":
        return redirect(302, "/sitemap")
    return small("Sitemap", "All pages.") if request.path == "/sitemap" else shown(plot, request)


def intro(plot: Plot, request: TownRequest) -> TownResponse:
    """A first visit begins with an introduction."""
    if request.path == "/" and not request.cookie("intro"):
        return redirect(302, "/intro", ("Set-Cookie", "intro=1; Path=/"))
    return shown(plot, request) if request.path == "/" else small("Hello", "Who we are.")


def welcome_back(plot: Plot, request: TownRequest) -> TownResponse:
    """Whoever was here before is greeted on a page of their own."""
    if request.path == "/" and request.cookie("known"):
        return redirect(302, "/back")
    page = small("Welcome back", "Again.") if request.path == "/back" else shown(plot, request)
    cookie = ("Set-Cookie", "known=1; Path=/")
    return TownResponse(page.status, (*page.headers, cookie), page.body)


def video_frame(plot: Plot, request: TownRequest) -> TownResponse:
    """A film of another site in the middle of the page."""
    frame = f'<iframe src="//cdn.{plot.service}/embed/1" width="560" height="315"></iframe>\n'
    return shown(plot, request, body=frame)


def noscript_note(plot: Plot, request: TownRequest) -> TownResponse:
    """Those without scripting are sent to a page that needs none."""
    if request.path != "/":
        return small("Plain", "Without scripts.")
    tag = '<noscript><meta http-equiv="refresh" content="0;url=/plain"></noscript>\n'
    return shown(plot, request, tag)


TRAITS = {
    "plain": Trait(plain),
    "challenge": Trait(challenge),
    "challenge-503": Trait(challenge_503),
    "challenge-200": Trait(challenge_200),
    "challenge-search": Trait(challenge_search),
    "maintenance": Trait(maintenance),
    "pagination": Trait(pages_through, "/list"),
    "hotlink": Trait(hotlink),
    "frame-buster": Trait(frame_buster),
    "script-never": Trait(script_never),
    "counter": Trait(counter),
    "changing": Trait(changing),
    "adverts": Trait(adverts),
    "two-networks": Trait(two_networks),
    "cookie-test": Trait(cookie_test),
    "session-in-url": Trait(session_in_url),
    "not-found": status(404),
    "gone": status(410),
    "basic-auth": Trait(basic_auth),
    "rate-limit": Trait(rate_limit),
    "empty": Trait(empty),
    "old-browser": Trait(old_browser),
    "session-timeout": Trait(session_timeout),
    "slides": Trait(slides),
    "campaign": Trait(campaign, "/?utm_campaign=spring"),
    "spam-blocker": Trait(spam_blocker),
    "search-blocker": Trait(search_blocker),
    "country-block": Trait(country_block),
    "feed": Trait(feed, "/feed"),
    "json": Trait(json, "/api"),
    "huge": Trait(huge),
    "cdn-scripts": Trait(cdn_scripts),
    "print-view": Trait(print_view, "/?print=1"),
    "wordpress-login": Trait(wordpress_login, "/wp-admin/"),
    "canonical": Trait(canonical, "/2019/05/news"),
    "welcome-banner": Trait(welcome_banner),
    "rendered-for-bots": Trait(rendered_for_bots),
    "sitemap-for-bots": Trait(sitemap_for_bots),
    "intro": Trait(intro),
    "welcome-back": Trait(welcome_back),
    "video-frame": Trait(video_frame),
    "noscript-note": Trait(noscript_note),
}

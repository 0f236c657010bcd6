"""Who we pretend to be, and in which order.

The header sets are those of current browsers, in their order and case. Plain http gets fewer than
https, as it does from a browser: no client hints, no Sec-Fetch, no Brotli.
"""

from functools import lru_cache

from unhijack.core.evidence import PHONES, Aim, Device, Origin, Persona
from unhijack.core.language import ACCEPTED, OTHER
from unhijack.core.report import Step, StepKind
from unhijack.core.site import Address, parse_address

CHROME = "148"
SEARCH_REFERRER = "https://www.google.com/"
"""What a click on a search result sends: the engine's origin, never the words."""

SOCIAL_REFERRER = "https://www.facebook.com/"
APP_REFERRER = "http://m.facebook.com/"
"""What that network's app says of a link that was opened in it, over http and https alike."""
LINK_REFERRER = "https://en.wikipedia.org/"
REFERRERS = {
    Origin.SEARCH: SEARCH_REFERRER,
    Origin.SOCIAL: SOCIAL_REFERRER,
    Origin.LINK: LINK_REFERRER,
}
"""What each origin's click sends; the reported one has its own, and a direct visitor has none."""

LANGUAGES = ACCEPTED
"""Accept-Language by the tag of a persona."""
DEVICES = (Device.PHONE, Device.DESKTOP, Device.IPHONE, Device.APP)
"""What people hold in their hands."""

AGENTS = {
    Device.DESKTOP: (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{CHROME}.0.0.0 Safari/537.36"
    ),
    Device.PHONE: (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{CHROME}.0.0.0 Mobile Safari/537.36"
    ),
    Device.IPHONE: (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/26.2 Mobile/15E148 Safari/604.1"
    ),
    Device.APP: (
        "Mozilla/5.0 (Linux; Android 15; SM-S921B Build/AP3A.240905.015; wv) AppleWebKit/537.36 "
        f"(KHTML, like Gecko) Version/4.0 Chrome/{CHROME}.0.0.0 Mobile Safari/537.36 "
        "[FB_IAB/FB4A;FBAV/540.0.0.49.148;]"
    ),
    Device.BOT: (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; "
        f"+http://www.google.com/bot.html) Chrome/{CHROME}.0.0.0 Safari/537.36"
    ),
}
_APP_PACKAGE = "com.facebook.katana"


def _brands(device: Device) -> tuple[tuple[str, str], ...]:
    """Name and version; those of WebKit say nothing."""
    if device is Device.IPHONE:
        return ()
    own = "Android WebView" if device is Device.APP else "Google Chrome"
    return ("Chromium", CHROME), (own, CHROME), ("Not/A)Brand", "99")


_ACCEPT = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;"
    "q=0.8,application/signed-exchange;v=b3;q=0.7"
)
_SAFARI_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_BOT_ACCEPT = "text/html,application/xhtml+xml,application/signed-exchange;v=b3,application/xml;q=0.9,*/*;q=0.8"

FAMILIES = {
    Device.DESKTOP: "chrome-windows",
    Device.PHONE: "chrome-android",
    Device.BOT: "chrome-linux",
    Device.IPHONE: "safari-ios",
    Device.APP: "chrome-android",
}
"""Whose TLS and HTTP/2 manners a device has."""

CHECK = (
    Persona(Origin.SEARCH, Device.PHONE),
    Persona(Origin.SEARCH, Device.DESKTOP),
    Persona(Origin.DIRECT, Device.DESKTOP),
    Persona(Origin.SEARCH, Device.PHONE).returning(),
    Persona(Origin.DIRECT, Device.BOT),
)
"""The plan of a check, the most victim-like first: a site that shows itself once shows it to them."""

THOROUGH = (
    Persona(Origin.SOCIAL, Device.PHONE),
    Persona(Origin.DIRECT, Device.PHONE),
    Persona(Origin.LINK, Device.DESKTOP),
    Persona(Origin.SEARCH, Device.IPHONE),
    Persona(Origin.SOCIAL, Device.APP),
    Persona(Origin.SEARCH, Device.PHONE, language=OTHER),
    Persona(Origin.SEARCH, Device.PHONE, aim=Aim.DEEP),
    Persona(Origin.SEARCH, Device.PHONE, aim=Aim.UNKNOWN),
    Persona(Origin.SEARCH, Device.PHONE, aim=Aim.TWIN),
)
"""What a thorough check adds: other ways to come, and other pages."""

REPORTED = (Persona(Origin.REPORTED, Device.PHONE), Persona(Origin.REPORTED, Device.DESKTOP))
"""Put before the plan when the reporter said how they got there."""

TRIAGE = (
    Persona(Origin.SEARCH, Device.PHONE),
    Persona(Origin.DIRECT, Device.DESKTOP),
)
"""The plan of a sweep: enough to tell which sites deserve a check."""


def referrer_after(step: Step) -> str:
    """Where somebody comes from who took this step last."""
    return SEARCH_REFERRER if step.kind is StepKind.SEARCH else step.value


def referrer_of(persona: Persona) -> str | None:
    """What their first click sends, unless the reporter's pathway says otherwise."""
    if persona.device is Device.APP and persona.origin is Origin.SOCIAL:
        return APP_REFERRER
    return REFERRERS.get(persona.origin)


def referrer_shown(referrer: str | None, address: Address) -> str | None:
    """What of it is sent to `address`, by the browsers' default, strict-origin-when-cross-origin.

    The sites behind `REFERRERS` have a policy of their own, which names their origin to http too.
    """
    if referrer is None or referrer == APP_REFERRER or referrer in REFERRERS.values():
        return referrer
    source = parse_address(referrer)
    if source.scheme == "https" and address.scheme == "http":
        return None
    if (source.scheme, source.authority) == (address.scheme, address.authority):
        return source.href
    return f"{source.scheme}://{source.authority}/"


@lru_cache(maxsize=1024)
def headers_for(
    device: Device, referrer: str | None, *, secure: bool, cross_site: bool, language: str = ""
) -> tuple[tuple[str, str], ...]:
    """The request headers of a navigation, in order; `cross_site` is what the browser would claim."""
    phone = device in PHONES
    hints = [
        ("sec-ch-ua", ", ".join(f'"{name}";v="{version}"' for name, version in _brands(device))),
        ("sec-ch-ua-mobile", "?1" if phone else "?0"),
        ("sec-ch-ua-platform", '"Android"' if phone else '"Windows"'),
    ]
    fetch = [
        ("Sec-Fetch-Site", "cross-site" if cross_site else "same-origin" if referrer else "none"),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-User", "?1"),
        ("Sec-Fetch-Dest", "document"),
    ]
    if device is Device.BOT:
        return _bot_headers()
    if device is Device.IPHONE:
        site = fetch[0][1]
        return _safari_headers(referrer, site, LANGUAGES[language], secure=secure)
    return (
        ("Connection", "keep-alive"),
        *(hints if secure else ()),
        ("Upgrade-Insecure-Requests", "1"),
        ("User-Agent", AGENTS[device]),
        ("Accept", _ACCEPT),
        *((("X-Requested-With", _APP_PACKAGE),) if device is Device.APP else ()),
        *(fetch if secure else ()),
        *((("Referer", referrer),) if referrer else ()),
        ("Accept-Encoding", "gzip, deflate, br, zstd" if secure else "gzip, deflate"),
        ("Accept-Language", LANGUAGES[language]),
    )


@lru_cache(maxsize=1024)
def script_headers_for(
    device: Device, referrer: str | None, *, secure: bool, cross_site: bool, language: str = ""
) -> tuple[tuple[str, str], ...]:
    """The request headers for a script of a page, from the same browser."""
    if device is Device.BOT:
        return _bot_headers()
    site = "cross-site" if cross_site else "same-origin"
    if device is Device.IPHONE:
        spoken = LANGUAGES[language]
        return _safari_headers(referrer, site, spoken, secure=secure, script=True)
    page = dict(
        headers_for(device, referrer, secure=secure, cross_site=cross_site, language=language)
    )
    fetch = (
        ("Sec-Fetch-Site", site),
        ("Sec-Fetch-Mode", "no-cors"),
        ("Sec-Fetch-Dest", "script"),
    )
    hints = tuple((name, page[name]) for name in page if name.startswith("sec-ch-"))
    return (
        ("Connection", "keep-alive"),
        *hints,
        ("User-Agent", AGENTS[device]),
        ("Accept", "*/*"),
        *((("X-Requested-With", _APP_PACKAGE),) if device is Device.APP else ()),
        *(fetch if secure else ()),
        *((("Referer", referrer),) if referrer else ()),
        ("Accept-Encoding", page["Accept-Encoding"]),
        ("Accept-Language", page["Accept-Language"]),
    )


def browser_of(device: Device, language: str = "") -> dict[str, object]:
    """What a script can ask of this browser; nothing in it contradicts the headers."""
    phone, apple = device in PHONES, device is Device.IPHONE
    return {
        "agent": AGENTS[device],
        "mobile": phone,
        "touch": phone,
        "bot": device is Device.BOT,
        "platform": "iPhone" if apple else "Linux armv81" if phone else "Win32",
        "vendor": "Apple Computer, Inc." if apple else "Google Inc.",
        "webkit": apple,
        "platform_name": "Android" if phone else "Windows",
        "languages": [part.partition(";")[0] for part in LANGUAGES[language].split(",")],
        "brands": [{"brand": name, "version": version} for name, version in _brands(device)],
        "version": f"{CHROME}.0.0.0",
        "cores": 4 if apple else 8,
        "memory": 8,
        **(_IPHONE_SIZES if apple else _PHONE_SIZES if phone else _DESKTOP_SIZES),
    }


_IPHONE_SIZES = {"width": 393, "height": 665, "screen": [393, 852], "ratio": 3}
_PHONE_SIZES = {"width": 412, "height": 785, "screen": [412, 915], "ratio": 2.625}
_DESKTOP_SIZES = {"width": 1905, "height": 945, "screen": [1920, 1080], "ratio": 1}


def _safari_headers(
    referrer: str | None, site: str, language: str, *, secure: bool, script: bool = False
) -> tuple[tuple[str, str], ...]:
    """Those of Safari, in its order: it has no client hints, and says nothing of who clicked."""
    mode, kind = ("no-cors", "script") if script else ("navigate", "document")
    fetch = (("Sec-Fetch-Dest", kind),) if secure else ()
    upgrade = () if secure or script else (("Upgrade-Insecure-Requests", "1"),)
    return (
        *fetch,
        *upgrade,
        ("User-Agent", AGENTS[Device.IPHONE]),
        ("Accept", "*/*" if script else _SAFARI_ACCEPT),
        *((("Referer", referrer),) if referrer else ()),
        *((("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode)) if secure else ()),
        ("Accept-Language", language),
        ("Accept-Encoding", "gzip, deflate, br" if secure else "gzip, deflate"),
        ("Connection", "keep-alive"),
    )


def _bot_headers() -> tuple[tuple[str, str], ...]:
    """A crawler's: few, without referrer or language."""
    return (
        ("Connection", "keep-alive"),
        ("Accept", _BOT_ACCEPT),
        ("From", "googlebot(at)googlebot.com"),
        ("User-Agent", AGENTS[Device.BOT]),
        ("Accept-Encoding", "gzip, deflate, br"),
    )

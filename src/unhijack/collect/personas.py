"""Who we pretend to be, and in which order.

The header sets are those of current browsers, in their order and case. Plain http gets fewer than
https, as it does from a browser: no client hints, no Sec-Fetch, no Brotli.
"""

from functools import lru_cache

from unhijack.core.evidence import Aim, Device, Origin, Persona
from unhijack.core.report import Step, StepKind
from unhijack.core.site import Address, parse_address

CHROME = "148"
SEARCH_REFERRER = "https://www.google.com/"
"""What a click on a search result sends: the engine's origin, never the words."""

SOCIAL_REFERRER = "https://www.facebook.com/"
LINK_REFERRER = "https://en.wikipedia.org/"
REFERRERS = {
    Origin.SEARCH: SEARCH_REFERRER,
    Origin.SOCIAL: SOCIAL_REFERRER,
    Origin.LINK: LINK_REFERRER,
}
"""What each origin's click sends; the reported one has its own, and a direct visitor has none."""

LANGUAGE = "en-US,en;q=0.9"
LANGUAGES = {"": LANGUAGE, "de": "de-DE,de;q=0.9"}
"""Accept-Language by the tag of a persona."""

AGENTS = {
    Device.DESKTOP: (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{CHROME}.0.0.0 Safari/537.36"
    ),
    Device.PHONE: (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{CHROME}.0.0.0 Mobile Safari/537.36"
    ),
    Device.BOT: (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; "
        f"+http://www.google.com/bot.html) Chrome/{CHROME}.0.0.0 Safari/537.36"
    ),
}
_BRANDS = f'"Chromium";v="{CHROME}", "Google Chrome";v="{CHROME}", "Not/A)Brand";v="99"'
_ACCEPT = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;"
    "q=0.8,application/signed-exchange;v=b3;q=0.7"
)
_BOT_ACCEPT = "text/html,application/xhtml+xml,application/signed-exchange;v=b3,application/xml;q=0.9,*/*;q=0.8"

FAMILIES = {
    Device.DESKTOP: "chrome-windows",
    Device.PHONE: "chrome-android",
    Device.BOT: "chrome-linux",
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
    Persona(Origin.SEARCH, Device.PHONE, language="de"),
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


def referrer_shown(referrer: str | None, address: Address) -> str | None:
    """What of it is sent to `address`, by the browsers' default, strict-origin-when-cross-origin.

    The sites behind `REFERRERS` have a policy of their own, which names their origin to http too.
    """
    if referrer is None or referrer in REFERRERS.values():
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
    hints = [
        ("sec-ch-ua", _BRANDS),
        ("sec-ch-ua-mobile", "?1" if device is Device.PHONE else "?0"),
        ("sec-ch-ua-platform", '"Android"' if device is Device.PHONE else '"Windows"'),
    ]
    fetch = [
        ("Sec-Fetch-Site", "cross-site" if cross_site else "same-origin" if referrer else "none"),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-User", "?1"),
        ("Sec-Fetch-Dest", "document"),
    ]
    if device is Device.BOT:
        return _bot_headers()
    return (
        ("Connection", "keep-alive"),
        *(hints if secure else ()),
        ("Upgrade-Insecure-Requests", "1"),
        ("User-Agent", AGENTS[device]),
        ("Accept", _ACCEPT),
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
    page = dict(
        headers_for(device, referrer, secure=secure, cross_site=cross_site, language=language)
    )
    fetch = (
        ("Sec-Fetch-Site", "cross-site" if cross_site else "same-origin"),
        ("Sec-Fetch-Mode", "no-cors"),
        ("Sec-Fetch-Dest", "script"),
    )
    hints = tuple((name, page[name]) for name in page if name.startswith("sec-ch-"))
    return (
        ("Connection", "keep-alive"),
        *hints,
        ("User-Agent", AGENTS[device]),
        ("Accept", "*/*"),
        *(fetch if secure else ()),
        *((("Referer", referrer),) if referrer else ()),
        ("Accept-Encoding", page["Accept-Encoding"]),
        ("Accept-Language", page["Accept-Language"]),
    )


def browser_of(device: Device, language: str = "") -> dict[str, object]:
    """What a script can ask of this browser; nothing in it contradicts the headers."""
    phone = device is Device.PHONE
    return {
        "agent": AGENTS[device],
        "mobile": phone,
        "touch": phone,
        "bot": device is Device.BOT,
        "platform": "Linux armv81" if phone else "Win32",
        "platform_name": "Android" if phone else "Windows",
        "languages": [part.partition(";")[0] for part in LANGUAGES[language].split(",")],
        "brands": [
            {"brand": "Chromium", "version": CHROME},
            {"brand": "Google Chrome", "version": CHROME},
            {"brand": "Not/A)Brand", "version": "99"},
        ],
        "version": f"{CHROME}.0.0.0",
        "cores": 8,
        "memory": 8,
        "width": 412 if phone else 1905,
        "height": 785 if phone else 945,
        "screen": [412, 915] if phone else [1920, 1080],
        "ratio": 2.625 if phone else 1,
    }


def _bot_headers() -> tuple[tuple[str, str], ...]:
    """A crawler's: few, without referrer or language."""
    return (
        ("Connection", "keep-alive"),
        ("Accept", _BOT_ACCEPT),
        ("From", "googlebot(at)googlebot.com"),
        ("User-Agent", AGENTS[Device.BOT]),
        ("Accept-Encoding", "gzip, deflate, br"),
    )

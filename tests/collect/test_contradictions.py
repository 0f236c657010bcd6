"""Every visitor before a server that looks for contradictions: in the bytes of a request, and in TLS."""

import re
from ipaddress import ip_address
from itertools import product
from pathlib import Path

import pytest

from tests.support.looking import NAME, Hello, Looker, looker
from tests.support.wire import run
from unhijack.adapters.transport.wreq import WreqTransport
from unhijack.collect.personas import (
    AGENTS,
    FAMILIES,
    headers_for,
    referrer_of,
    referrer_shown,
    script_headers_for,
)
from unhijack.core.evidence import PHONES, Device, Origin, Persona
from unhijack.core.language import ACCEPTED
from unhijack.core.site import parse_address
from unhijack.ports import Limits, Request, Response

WHO = tuple(
    Persona(origin, device, language=language)
    for device in Device
    for origin in ((Origin.DIRECT,) if device is Device.BOT else Origin)
    for language in ("", "de")
    if origin is not Origin.REPORTED and not (device is Device.BOT and language)
)
HERE = ip_address("127.0.0.1")

CHROMIUM = (
    *("host", "connection", "sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform"),
    *("upgrade-insecure-requests", "user-agent", "accept", "x-requested-with", "sec-fetch-site"),
    *("sec-fetch-mode", "sec-fetch-user", "sec-fetch-dest", "referer", "accept-encoding"),
    "accept-language",
)
SAFARI = (
    *("host", "sec-fetch-dest", "upgrade-insecure-requests", "user-agent", "accept", "referer"),
    *("sec-fetch-site", "sec-fetch-mode", "accept-language", "accept-encoding", "connection"),
)
CRAWLER = ("host", "connection", "accept", "from", "user-agent", "accept-encoding")
_LOWER_CASE = re.compile(r"sec-ch-[a-z-]+")
"""All that these browsers write in lower case on HTTP/1.1; all else has capitals."""

CHROMIUM_CIPHERS = 15
SAFARI_CIPHERS = 20
ALPN, COMPRESSED, APPLICATION_SETTINGS, ENCRYPTED_HELLO, TICKET = 16, 27, 0x44CD, 0xFE0D, 35


async def _came(site: Looker, who: Persona, *, secure: bool, script: bool) -> None:
    scheme, port = ("https", site.tls_port) if secure else ("http", site.port)
    address = parse_address(f"{scheme}://{NAME}:{port}/bread")
    shown = address.href if script else referrer_shown(referrer_of(who), address)
    maker = script_headers_for if script else headers_for
    cross = shown is not None and not script
    headers = maker(who.device, shown, secure=secure, cross_site=cross, language=who.language)
    family = FAMILIES[who.device]
    transport = WreqTransport(site.ca_pem)
    answer = await transport.fetch(Request(address, HERE, headers, family, True), Limits())
    await transport.close()
    assert isinstance(answer, Response), answer


def contradictions(
    headers: list[tuple[str, str]], who: Persona, *, secure: bool, script: bool
) -> list[str]:
    """What such a server would say of a visitor."""
    names = [name.lower() for name, _ in headers]
    said = {name.lower(): value for name, value in headers}
    agent = said.get("user-agent", "")
    chromium, bot = "Chrome/" in agent, "Googlebot" in agent
    order = CRAWLER if bot else CHROMIUM if chromium else SAFARI
    hints = [name for name in names if name.startswith("sec-ch-")]
    fetch = [name for name in names if name.startswith("sec-fetch-")]
    coded = set(said.get("accept-encoding", "").split(", "))
    language = said.get("accept-language")
    wrong = {
        "Host is not first": names[0] != "host",
        "a header comes twice": len(set(names)) < len(names),
        "a header of no such browser": not set(names) <= set(order),
        "another order": names != sorted(names, key=lambda n: order.index(n) if n in order else 99),
        "another case": any(
            (name == name.lower()) != bool(_LOWER_CASE.fullmatch(name)) for name, _ in headers
        ),
        "hints over http": bool(hints) and not secure,
        "no hints of a browser that has them": secure and chromium and not bot and len(hints) != 3,
        "hints of a browser without": bool(hints) and (bot or not chromium),
        "Sec-Fetch over http": bool(fetch) and not secure,
        "no Sec-Fetch": secure and not bot and len(fetch) < 3,
        "a coding that http has not": not secure and not bot and bool(coded & {"br", "zstd"}),
        "no brotli": secure and "br" not in coded,
        "zstd of Safari": "zstd" in coded and not chromium,
        "another language": language != (None if bot else ACCEPTED[who.language]),
        "a headless browser": "headless" in agent.lower(),
        "an app without its name": ("; wv)" in agent) != ("x-requested-with" in said),
    }
    if hints and chromium:
        version = agent.split("Chrome/")[1].split(".")[0]
        brand = "Android WebView" if "; wv)" in agent else "Google Chrome"
        system = "Android" if "Android" in agent else "Windows"
        wrong |= {
            "another version": said["sec-ch-ua"].count(f'"Chromium";v="{version}"') != 1,
            "another brand": f'"{brand}";v="{version}"' not in said["sec-ch-ua"],
            "another size": said["sec-ch-ua-mobile"] != ("?1" if "Mobile" in agent else "?0"),
            "another system": said["sec-ch-ua-platform"] != f'"{system}"',
        }
    if fetch:
        referrer = said.get("referer", "")
        site = "same-origin" if NAME in referrer else "cross-site" if referrer else "none"
        wrong |= {
            "site and referrer": said["sec-fetch-site"] != site,
            "mode": said["sec-fetch-mode"] != ("no-cors" if script else "navigate"),
            "kind": said["sec-fetch-dest"] != ("script" if script else "document"),
            "who clicked": ("sec-fetch-user" in said) != (chromium and not script),
        }
    return [what for what, is_wrong in wrong.items() if is_wrong]


def in_the_hello(hello: Hello, device: Device) -> list[str]:
    """The same of TLS: whose it is, by what only one of the two has."""
    real = [one for one in hello.ciphers if one & 0x0F0F != 0x0A0A]
    chromium = "Chrome/" in AGENTS[device]
    wrong = {
        "no GREASE": not hello.greased,
        "no ALPN": ALPN not in hello.extensions,
        "no compressed certificates": COMPRESSED not in hello.extensions,
        "ciphers": len(real) != (CHROMIUM_CIPHERS if chromium else SAFARI_CIPHERS),
        "first cipher": (real[0] == 0x1301) != chromium,
        "application settings": (APPLICATION_SETTINGS in hello.extensions) != chromium,
        "encrypted hello": (ENCRYPTED_HELLO in hello.extensions) != chromium,
        "session ticket": (TICKET in hello.extensions) != chromium,
    }
    return [what for what, is_wrong in wrong.items() if is_wrong]


@pytest.mark.parametrize("script", [False, True], ids=["page", "script"])
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_nobody_contradicts_themselves(tmp_path: Path, *, secure: bool, script: bool):
    async def story() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        async with looker(tmp_path) as site:
            for who in WHO:
                if script and who.device is Device.BOT:
                    continue
                await _came(site, who, secure=secure, script=script)
                found[who.name] = contradictions(site.last, who, secure=secure, script=script)
                if secure:
                    found[who.name] += in_the_hello(site.hellos[-1], who.device)
        return found

    assert {name: wrong for name, wrong in run(story()).items() if wrong} == {}


GOOD = [
    ("Host", NAME),
    *headers_for(Device.PHONE, "https://www.google.com/", secure=True, cross_site=True),
]


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("sec-ch-ua-platform", '"Linux"', "another system"),
        ("sec-ch-ua-mobile", "?0", "another size"),
        ("sec-ch-ua", '"Chromium";v="99"', "another version"),
        ("Sec-Fetch-Site", "none", "site and referrer"),
        ("Accept-Language", "fr", "another language"),
        ("User-Agent", AGENTS[Device.IPHONE], "hints of a browser without"),
        ("User-Agent", AGENTS[Device.APP], "an app without its name"),
        ("Accept-Encoding", "gzip", "no brotli"),
    ],
)
def test_the_server_would_have_noticed(name: str, value: str, what: str):
    who = Persona(Origin.SEARCH, Device.PHONE)
    assert contradictions(GOOD, who, secure=True, script=False) == []
    changed = [(n, value if n == name else v) for n, v in GOOD]
    assert what in contradictions(changed, who, secure=True, script=False)


def test_the_server_notices_order_and_case_too():
    who = Persona(Origin.SEARCH, Device.PHONE)
    assert "another order" in contradictions(GOOD[:1] + GOOD[:0:-1], who, secure=True, script=False)
    lower = [(name.lower(), value) for name, value in GOOD]
    assert "another case" in contradictions(lower, who, secure=True, script=False)


@pytest.mark.parametrize(("device", "secure"), [*product(sorted(PHONES), (False, True))])
def test_a_phone_is_a_phone_to_both(device: Device, *, secure: bool):
    headers = dict(headers_for(device, None, secure=secure, cross_site=False))
    assert "Mobile" in headers["User-Agent"]

"""Who we pretend to be, without contradicting ourselves."""

import pytest

from unhijack.collect.personas import AGENTS, CHECK, FAMILIES, REPORTED, TRIAGE, headers_for
from unhijack.core.evidence import Device, Jar, Origin, Persona

SEARCH = "https://www.google.com/"


def sent(device: Device, referrer: str | None, *, secure: bool) -> dict[str, str]:
    pairs = headers_for(device, referrer, secure=secure, cross_site=referrer is not None)
    names = [name.lower() for name, _ in pairs]
    assert len(set(names)) == len(names), "no header twice"
    return {name.lower(): value for name, value in pairs}


def test_the_most_victim_like_comes_first_and_the_crawler_last():
    assert CHECK[0] == Persona(Origin.SEARCH, Device.PHONE)
    assert CHECK[-1].device is Device.BOT
    assert all(persona.origin is Origin.REPORTED for persona in REPORTED)
    assert TRIAGE[0] == CHECK[0]


def test_one_visit_of_the_plan_returns_and_it_follows_its_own_first_visit():
    returning = [persona for persona in CHECK if persona.jar is Jar.RETURNING]
    assert len(returning) == 1
    first = Persona(returning[0].origin, returning[0].device)
    assert CHECK.index(first) < CHECK.index(returning[0])


@pytest.mark.parametrize("device", [Device.PHONE, Device.DESKTOP])
@pytest.mark.parametrize("referrer", [None, SEARCH])
def test_hints_agent_and_platform_tell_the_same_story(device: Device, referrer: str | None):
    headers = sent(device, referrer, secure=True)

    assert headers["user-agent"] == AGENTS[device]
    mobile = "Mobile" in headers["user-agent"]
    assert headers["sec-ch-ua-mobile"] == ("?1" if mobile else "?0")
    assert headers["sec-ch-ua-platform"] == ('"Android"' if mobile else '"Windows"')
    assert ("Android" in headers["user-agent"]) == mobile
    version = headers["user-agent"].split("Chrome/")[1].split(".")[0]
    assert f'v="{version}"' in headers["sec-ch-ua"]
    assert "Headless" not in headers["user-agent"]


def test_a_click_from_another_site_says_so_and_a_typed_address_has_no_origin():
    assert sent(Device.PHONE, SEARCH, secure=True)["sec-fetch-site"] == "cross-site"
    assert sent(Device.PHONE, None, secure=True)["sec-fetch-site"] == "none"


def test_plain_http_gets_no_hints_as_from_a_browser():
    headers = sent(Device.DESKTOP, SEARCH, secure=False)

    assert not any(name.startswith("sec-") for name in headers)
    assert headers["accept-encoding"] == "gzip, deflate"
    assert sent(Device.DESKTOP, SEARCH, secure=True)["accept-encoding"].endswith("br, zstd")


def test_the_order_is_a_browsers():
    names = [n for n, _ in headers_for(Device.DESKTOP, SEARCH, secure=False, cross_site=True)]
    assert names == [
        "Connection",
        "Upgrade-Insecure-Requests",
        "User-Agent",
        "Accept",
        "Referer",
        "Accept-Encoding",
        "Accept-Language",
    ]


def test_a_crawler_comes_from_nowhere_and_speaks_no_language():
    headers = sent(Device.BOT, SEARCH, secure=True)

    assert "Googlebot" in headers["user-agent"]
    assert "referer" not in headers
    assert "accept-language" not in headers


def test_every_device_has_its_tls_family():
    assert set(FAMILIES) == set(Device)

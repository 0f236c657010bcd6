"""The street of scripts: each gate sends its prey away when it is run, no honest site anybody."""

import asyncio
import re
from dataclasses import replace
from functools import cache
from ipaddress import ip_network

import pytest

from bench.detect import NoonClock
from tests.lab.visitors import DESKTOP, PHONE, SEARCH
from unhijack.collect.jar import Jar as CookieJar
from unhijack.collect.pages import PageCache
from unhijack.collect.probe import Budget, Errand, Probe, visit
from unhijack.core.egress import Guard
from unhijack.core.evidence import Device, Origin, Persona
from unhijack.core.site import parse_address, site_of
from unhijack.lab import packed, scripted
from unhijack.lab.memory import LOOPBACK, StreetTransport
from unhijack.lab.plots import Reach, Tier, respond
from unhijack.lab.street import script_street
from unhijack.lab.wire import TownRequest
from unhijack.ports import Limits
from unhijack.wiring.visits import make_script_tier

_LOCAL = ip_network(f"{LOOPBACK}/32")
PREY = (Persona(Origin.SEARCH, Device.PHONE), Persona(Origin.SEARCH, Device.DESKTOP))
MOVED = {"moved-by-script", "moved-in-ten-seconds", "parked-by-script"}


@cache
def led_away(*, hijacked: bool) -> dict[str, bool]:
    """For each kind, whether one of two likely visitors left the site."""
    street = script_street(1, hijacked=hijacked)
    found: dict[str, bool] = {}

    async def ask_all() -> None:
        tier = make_script_tier(lambda _text: None)
        try:
            for plot in street.plots:
                url = parse_address(f"http://{plot.host}{plot.trait.start}")
                for persona in PREY:
                    transport = StreetTransport(street)
                    guard, limits = Guard((_LOCAL,)), Limits()
                    probe = Probe(transport, transport, NoonClock(), guard, limits, record=False)
                    probe = replace(probe, scripts=tier)
                    pages, budget = PageCache(site_of(plot.host)), Budget(limits)
                    seen = await visit(probe, Errand(url, persona), 1, CookieJar(), pages, budget)
                    away = seen.visit.left_for is not None
                    found[plot.kind] = found.get(plot.kind, False) or away
                    if away:
                        break
        finally:
            await tier.close()

    asyncio.run(ask_all())
    return found


@pytest.mark.parametrize("kind", scripted.GATES)
def test_a_gate_sends_its_prey_away(kind: str):
    seen = scripted.GATES[kind].reach is not Reach.UNSEEN

    assert led_away(hijacked=True)[kind] is seen


def test_honest_scripts_lead_nobody_off_the_site_but_where_the_site_has_moved():
    assert {kind for kind, away in led_away(hijacked=False).items() if away} == MOVED


@pytest.mark.parametrize("hijacked", [True, False])
def test_the_seed_decides_everything_and_names_are_reserved(*, hijacked: bool):
    street = script_street(2, hijacked=hijacked)

    assert street == script_street(2, hijacked=hijacked)
    assert len(street.plots) == len({plot.kind for plot in street.plots}) >= 49
    for plot in street.plots:
        assert plot.trait.tier is Tier.SCRIPT
        if plot.kind == "packer":
            continue  # nothing in it can be read, which is its point
        for agent in (PHONE, DESKTOP):
            headers = {"user-agent": agent, "referer": SEARCH}
            answer = respond(street, TownRequest(plot.host, plot.trait.start, headers))
            for named in re.findall(r"//([a-z0-9.-]+)", answer.body.decode()):
                assert named.endswith((".test", ".example")), (plot.kind, named)


@pytest.mark.parametrize(
    "pack",
    [
        packed.char_codes,
        packed.base_64,
        packed.escaped,
        packed.backwards,
        packed.in_pieces,
        packed.by_function,
        packed.shifted,
        packed.words_apart,
    ],
)
def test_what_is_packed_can_not_be_read(pack: packed.Packer):
    hidden = pack("location.href='http://ember-quay.test/in';")

    assert "http://ember-quay.test" not in hidden or pack is packed.by_function

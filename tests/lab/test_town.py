"""The plan: deterministic, on reserved names only, with every gate and every temper in it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.lab.town import (
    CAMPAIGNS,
    WIRE_GATES,
    Behaviour,
    Kind,
    Role,
    Town,
    hosts_file,
    plan_town,
)

SEEDS = (1, 7, 42, 2026)
GOLDEN_VICTIMS = [
    "roofing-ahrens.test",
    "bakery-ahrens.test",
    "polsterei-nolan.test",
    "gasthof-winkler.test",
    "sailing-club-lange.test",
]
GOLDEN_DISTRIBUTORS = ("tawny-spring.example", "russet-jetty.example")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_town_of_twenty_has_each_gate_once_and_honest_sites_of_every_kind(seed: int):
    town = plan_town(seed, 20, 5)

    assert len(town.sites) == 20
    assert sorted(site.gate for site in town.hijacked if site.gate) == sorted(WIRE_GATES)
    assert {site.kind for site in town.sites} == set(Kind)
    assert len(town.chains) == 1
    assert all(site.chain == town.chains[0] for site in town.hijacked)


@pytest.mark.parametrize("seed", SEEDS)
def test_of_five_owners_one_lies_and_one_is_silent(seed: int):
    tempers = [site.owner.behaviour for site in plan_town(seed, 20, 5).hijacked]

    assert tempers.count(Behaviour.FALSE_CLAIM) == 1
    assert tempers.count(Behaviour.SILENT) == 1
    assert {Behaviour.PROMPT, Behaviour.SLOW} <= set(tempers)


def test_the_seed_decides_everything():
    assert plan_town(7, 20, 5) == plan_town(7, 20, 5)
    assert repr(plan_town(7, 20, 5)) == repr(plan_town(7, 20, 5))
    assert plan_town(7, 20, 5) != plan_town(8, 20, 5)
    orders = {tuple(site.gate for site in plan_town(seed, 20, 5).hijacked) for seed in range(20)}
    assert len(orders) > 5


def test_a_plan_is_the_same_on_every_machine():
    """Written down once: if this changes, every figure that rests on a seed changes with it."""
    town = plan_town(1, 20, 5)

    assert [site.host for site in town.hijacked] == GOLDEN_VICTIMS
    assert town.distributors == GOLDEN_DISTRIBUTORS


@given(st.integers(0, 10**9), st.integers(0, 60), st.integers(0, 60))
def test_any_numbers_that_make_a_town_make_one(seed: int, honest: int, hijacked: int):
    town = plan_town(seed, honest + hijacked, hijacked)

    assert len(town.sites) == honest + hijacked
    assert len(town.hijacked) == hijacked
    hosts = [host for site in town.sites for host in site.names] + list(town.distributors)
    assert len(hosts) == len(set(hosts)) == len(town.places)
    assert len({site.owner.mailbox for site in town.sites}) == len(town.sites)


@pytest.mark.parametrize(("sites", "hijacked"), [(3, 4), (3, -1), (200_000, 1)])
def test_numbers_that_make_no_town_are_refused(sites: int, hijacked: int):
    with pytest.raises(ValueError, match="town"):
        plan_town(1, sites, hijacked)


def test_a_big_town_has_several_campaigns():
    town = plan_town(3, 5_000, 25)

    assert len(town.chains) == 3
    assert len(set(town.distributors)) == 6
    assert {site.chain for site in town.hijacked} == set(town.chains)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_name_and_mailbox_is_reserved(seed: int):
    town = plan_town(seed, 300, 60)

    for host, place in town.places.items():
        assert re.fullmatch(r"[a-z0-9.-]+\.(test|example)", host), host
        assert host.endswith(".test" if place.role is Role.SITE else ".example")
    for site in town.sites:
        assert site.owner.mailbox.endswith(f"@{site.host}")
        assert site.hoster.abuse.endswith(".test")


def test_the_hosts_file_has_every_name_once():
    town = plan_town(7, 20, 5)
    lines = hosts_file(town).splitlines()

    assert all(re.fullmatch(r"127\.0\.0\.1\t\S+", line) for line in lines)
    named = [line.split("\t")[1] for line in lines]
    assert sorted(named) == sorted(town.places)
    assert {f"www.{site.host}" for site in town.sites} <= set(named)
    assert set(town.distributors) <= set(named)
    assert _twin(town, Kind.MOBILE, "m.") in named
    assert hosts_file(town, "127.0.0.2").startswith("127.0.0.2\t")


def test_a_site_is_found_by_any_of_its_names():
    town = plan_town(7, 20, 5)
    site = town.sites[0]

    assert all(town.site(host) is site for host in site.names)
    for stranger in (town.chains[0].entry, "nobody.test"):
        with pytest.raises(KeyError):
            town.site(stranger)


def _twin(town: Town, kind: Kind, prefix: str) -> str:
    return prefix + next(site.host for site in town.sites if site.kind is kind)


@pytest.mark.parametrize("seed", SEEDS)
def test_three_campaigns_hide_in_three_manners(seed: int):
    town = plan_town(seed, 200, 30)
    manners = [
        {site.gate for site in town.hijacked if site.chain == chain} for chain in town.chains
    ]
    assert manners == [set(gates) for gates in CAMPAIGNS]
    assert [s.owner.behaviour for s in town.hijacked].count(Behaviour.RELAPSE) == 1

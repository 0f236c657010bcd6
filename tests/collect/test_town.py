"""The whole examination in the lab's town, in memory: every gate found, nobody accused."""

from ipaddress import ip_network

import pytest

from tests.support.wire import FixedClock, run
from unhijack.casework.examine import Examination, examine
from unhijack.casework.plans import plan_for
from unhijack.collect.probe import Budget, Probe
from unhijack.core.egress import Guard
from unhijack.core.report import Pathway, Step, StepKind
from unhijack.core.site import parse_address
from unhijack.core.verdict import Ruling
from unhijack.jobs.sweep import sweep
from unhijack.lab.memory import LOOPBACK, TownResolver, TownTransport
from unhijack.lab.town import Gate, Kind, Town, TownSite, plan_town
from unhijack.ports import Limits

SEEDS = range(1, 7)

CONDITIONS = {
    Gate.SEARCH_LOCATION: ("comes from a search engine",),
    Gate.SEARCH_PHONE_META: ("comes from a search engine", "uses a phone"),
    Gate.FIRST_SEARCH_REFRESH: (
        "comes from a search engine",
        "visits for the first time",
    ),
    Gate.PHONE_HOP: ("uses a phone",),
    Gate.REFERRED_LOCATION: ("comes from a search engine",),
}


def instrument(town: Town) -> tuple[Probe, TownTransport]:
    transport = TownTransport(town)
    guard = Guard((ip_network(f"{LOOPBACK}/32"),))
    return Probe(transport, TownResolver(town), FixedClock(), guard, Limits()), transport


def check(probe: Probe, site: TownSite, pathway: Pathway = ()) -> Examination:
    address = parse_address(f"http://{site.host}/")
    plan = plan_for("check", pathway)
    return run(examine(probe, address, pathway, plan, Budget(probe.limits), str.upper))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_gate_is_found_with_its_condition_and_no_honest_site_is_accused(seed: int):
    town = plan_town(seed, 20, 5)
    probe, transport = instrument(town)

    for site in town.sites:
        verdict = check(probe, site).verdict
        if site.gate is None:
            assert verdict.ruling is Ruling.CLEAN, (site.kind, verdict)
        else:
            assert verdict.ruling is Ruling.HIJACKED, (site.gate, verdict)
            assert verdict.conditions == CONDITIONS[site.gate]
            assert site.chain is not None
            assert {d.host for d in verdict.destinations} == {site.chain.end}
            assert verdict.destinations[0].via == (site.chain.entry,)
            assert verdict.destinations[0].unread

    assert transport.ledger.media_requests == 0, "no picture, film or sound is ever asked for"


def test_an_owner_who_moved_is_told_apart_from_one_who_was_hijacked():
    town = plan_town(1, 20, 5)
    probe, _ = instrument(town)
    moved = next(site for site in town.sites if site.kind is Kind.MOVED)

    verdict = check(probe, moved).verdict

    assert verdict.ruling is Ruling.CLEAN
    assert verdict.reasons[0].code == "same-for-everyone"
    assert [d.host for d in verdict.destinations] == [moved.moved_to]


def test_the_reporters_pathway_is_replayed_first():
    town = plan_town(1, 20, 5)
    probe, _ = instrument(town)
    site = next(site for site in town.hijacked if site.gate is Gate.REFERRED_LOCATION)
    pathway = (Step(StepKind.REFERRER, "http://forum.example/thread"),)

    examination = check(probe, site, pathway)

    assert examination.visits[0].persona.name == "reported-phone"
    assert examination.visits[0].left_for is not None
    assert examination.verdict.ruling is Ruling.HIJACKED


def test_the_sweep_finds_every_hijacked_site_without_contacting_a_distributor():
    for seed in SEEDS:
        town = plan_town(seed, 20, 5)
        probe, transport = instrument(town)
        addresses = [parse_address(f"http://{site.host}/") for site in town.sites]

        looks = run(sweep(probe, addresses, str.upper))

        found = {look.address.host for look in looks if look.verdict.ruling.found}
        assert found == {site.host for site in town.hijacked}
        assert transport.ledger.offsite_requests == 0


def test_distributors_are_never_read_only_asked_for_their_headers():
    town = plan_town(2, 20, 5)
    probe, transport = instrument(town)
    for site in town.hijacked:
        for exchange in check(probe, site).exchanges:
            if exchange.offsite:
                assert not exchange.request.read_page
                assert getattr(exchange.response, "body", None) is None
    assert transport.ledger.offsite_requests > 0


def test_a_visit_budget_that_is_used_up_is_said():
    town = plan_town(1, 20, 5)
    probe, _ = instrument(town)
    budget = Budget(Limits(site_visits=2))
    site = next(site for site in town.sites if site.kind is Kind.PLAIN and not site.gate)
    address = parse_address(f"http://{site.host}/")

    examination = run(examine(probe, address, (), plan_for("check", ()), budget, str))

    assert examination.verdict.ruling is Ruling.INCONCLUSIVE
    assert examination.verdict.error is not None
    assert "no visits left" in examination.verdict.error


def test_a_thorough_check_comes_often_enough_to_find_one_in_ten():
    plan = plan_for("thorough", ())
    assert sum(persona == plan.personas[0] for persona in plan.personas) == 29

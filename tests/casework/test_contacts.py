"""Everybody who could mend a site is found, by real questions on loopback; nothing that one of them
does costs the others.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.house import run
from tests.support.people import (
    ELSEWHERE,
    HERE,
    HOSTS,
    PAGES,
    REGISTRY,
    SITE,
    ZONE,
    origins,
    people,
)
from tests.support.street_of_sites import Said, Street, entity, said_json
from unhijack.casework.contacts import Gathered, gather
from unhijack.collect.probe import Budget
from unhijack.config.settings import read_settings
from unhijack.core.contact import Contact, Country, Earlier, Reached
from unhijack.core.site import parse_address
from unhijack.wiring.contacts import make_sources
from unhijack.wiring.visits import make_clock, make_probe, make_secrets

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@contextmanager
def surrounded(environment: Mapping[str, str]) -> Iterator[None]:
    """These settings and no others."""
    before = {name: value for name, value in os.environ.items() if name.startswith("UNHIJACK_")}
    for name in before:
        del os.environ[name]
    os.environ.update(environment)
    try:
        yield
    finally:
        for name in environment:
            del os.environ[name]
        os.environ.update(before)


def gathered(
    environment: Mapping[str, str],
    url: str,
    earlier: tuple[Earlier, ...] = (),
    seconds: float = 20.0,
) -> Gathered:
    async def tell() -> Gathered:
        settings = read_settings()
        probe = make_probe(settings, make_clock(), record=False)
        try:
            sources = make_sources(settings, probe, make_secrets(settings))
            address = parse_address(url)
            return await gather(
                sources, probe, address, Budget(probe.limits), lambda _: earlier, seconds
            )
        finally:
            await probe.close()

    with surrounded(environment):
        return run(tell())


def by_mail(found: Gathered) -> dict[str, Contact]:
    return {one.mail: one for one in found.contacts}


def missing(found: Gathered) -> dict[str, str]:
    return {one.source: one.why for one in found.missing}


def test_everybody_is_found_with_who_says_so(tmp_path: Path):
    with people(tmp_path) as town:
        found = gathered(town.environment(), town.url)

    mails = by_mail(found)
    roles = {mail: one.role for mail, one in mails.items()}
    assert roles == {
        "owner@lindner.test": "owner",
        "certs@lindner.test": "owner",
        "hostmaster@bakery.test": "owner",
        "security@bakery.test": "owner",
        "planted@evil.test": "owner",
        "abuse@host.test": "hoster",
        "abuse@registrar.test": "registrar",
    }
    assert found.contacts[0].mail == "owner@lindner.test"
    assert mails["owner@lindner.test"].source == "rdap-domain"
    assert mails["owner@lindner.test"].language == "de"
    assert mails["abuse@host.test"].language == "nl"
    assert found.network == "HOST-NET"


def test_only_whom_an_independent_voice_names_elsewhere_may_get_a_link(tmp_path: Path):
    with people(tmp_path) as town:
        found = gathered(town.environment(), town.url)

    assert {one.mail for one in found.contacts if one.independent} == {
        "owner@lindner.test",
        "certs@lindner.test",
        "abuse@host.test",
        "abuse@registrar.test",
    }
    here = by_mail(found)["hostmaster@bakery.test"]
    assert "its mail ends on the hijacked machine" in here.why


def test_mail_that_ends_elsewhere_may_be_believed(tmp_path: Path):
    zone = {**ZONE, ("bakery.test", "MX"): ["10 mail.lindner.test."]}
    with people(tmp_path, zone=zone) as town:
        found = gathered(town.environment(), town.url)

    assert by_mail(found)["hostmaster@bakery.test"].independent
    assert not by_mail(found)["security@bakery.test"].independent


def test_a_zone_on_the_hijacked_machine_is_not_believed(tmp_path: Path):
    with people(tmp_path, hosts={**HOSTS, "ns1.dns.test": HERE}) as town:
        found = gathered(town.environment(), town.url)

    assert not by_mail(found)["certs@lindner.test"].independent


def test_the_site_is_asked_three_pages_of_its_own_and_nobody_else(tmp_path: Path):
    with people(tmp_path) as town:
        gathered(town.environment(), town.url)
        asked = [one for one in town.street.asked if not one.startswith("rdap.test")]

    assert sorted(asked) == sorted(PAGES)


def test_a_site_that_sends_away_is_not_followed(tmp_path: Path):
    with people(tmp_path, hosts={**HOSTS, "evil.test": HERE}) as town:
        away = Said(status=302, headers=(("Location", town.street.url("evil.test")),))
        town.street.answers |= dict.fromkeys(PAGES, away)
        found = gathered(town.environment(), town.url)
        asked = town.street.asked

    assert not [one for one in asked if one.startswith("evil.test")]
    assert {"imprint", "security.txt"} <= missing(found).keys()
    assert "owner@lindner.test" in by_mail(found)


def test_within_the_site_a_redirect_is_followed(tmp_path: Path):
    onward = Said(status=301, headers=(("Location", "/start"),))
    pages = {**PAGES, f"{SITE}/": onward, f"{SITE}/start": PAGES[f"{SITE}/"]}
    with people(tmp_path, pages=pages) as town:
        found = gathered(town.environment(), town.url)

    assert "planted@evil.test" in by_mail(found)


def test_the_operators_directory_is_the_best_source(tmp_path: Path):
    known = {
        "bakery.test": [{"role": "owner", "mail": "anna@bakery.test", "language": "it"}],
        "AS64500": [{"role": "hoster", "mail": "night@host.test"}],
    }
    (tmp_path / "known.json").write_text(json.dumps(known))
    more = {
        "UNHIJACK_DIRECTORY": str(tmp_path / "known.json"),
        "UNHIJACK_NETWORKS": str(origins(tmp_path / "n.mmdb", 64500, "DE")),
    }
    with people(tmp_path) as town:
        found = gathered(town.environment(**more), town.url)

    anna, night = by_mail(found)["anna@bakery.test"], by_mail(found)["night@host.test"]
    assert found.contacts[0] == anna
    assert (anna.independent, anna.confidence, anna.language) == (True, 1.0, "it")
    assert night.source == "directory"
    assert found.network == "HOST-NET AS64500 Host AG"


def test_the_countries_are_kept_apart_and_their_teams_are_found(tmp_path: Path):
    teams = [
        {"country": code, "mail": f"{code.lower()}@team.test", "checked": "2026-01-01"}
        for code in ("DE", "AT", "FR")
    ]
    (tmp_path / "teams.json").write_text(json.dumps({"teams": teams}))
    more = {
        "UNHIJACK_NATIONAL_TEAMS": str(tmp_path / "teams.json"),
        "UNHIJACK_NETWORKS": str(origins(tmp_path / "n.mmdb", 64500, "DE")),
    }
    with people(tmp_path) as town:
        found = gathered(town.environment(**more), town.url)

    assert found.countries == (
        Country("hosting", "DE", "n.mmdb"),
        Country("hosting", "NL", "rdap-network"),
        Country("registrant", "AT", "rdap-domain"),
    )
    assert found.country == "de"
    assert [one.mail for one in found.contacts if one.role == "cert"] == [
        "at@team.test",
        "de@team.test",
    ]


def test_a_proxys_desk_is_a_step_and_no_hoster(tmp_path: Path):
    more = {"UNHIJACK_NETWORKS": str(origins(tmp_path / "n.mmdb", 13335, "US"))}
    with people(tmp_path) as town:
        found = gathered(town.environment(**more), town.url)

    assert found.proxy == "Cloudflare"
    assert by_mail(found)["abuse@host.test"].role == "proxy"
    assert not [one for one in found.contacts if one.role == "hoster"]


def test_without_any_source_names_are_the_last_resort(tmp_path: Path):
    zone = {("bakery.test", "MX"): ["10 mail.lindner.test."]}
    more = {"UNHIJACK_RDAP": "false"}
    with people(tmp_path, pages={}, zone=zone) as town:
        found = gathered(town.environment(**more), town.url)

    assert {one.source for one in found.contacts} == {"rfc2142"}
    assert found.contacts[0].mail == "security@bakery.test"
    assert not any(one.independent for one in found.contacts)
    assert missing(found)["rdap-domain"] == "registries are not asked"


def test_a_domain_that_takes_no_mail_is_not_written_to(tmp_path: Path):
    with people(tmp_path, zone={**ZONE, ("bakery.test", "MX"): ["0 ."]}) as town:
        found = gathered(town.environment(), town.url)

    assert not [one for one in found.contacts if one.mail.endswith("@bakery.test")]


def test_a_mailbox_that_bounced_is_no_longer_the_first(tmp_path: Path):
    earlier = (Earlier("Owner@lindner.test", Reached.BOUNCED, NOW),)
    with people(tmp_path) as town:
        found = gathered(town.environment(), town.url, earlier)

    owners = [one for one in found.contacts if one.role == "owner"]
    assert owners[0].mail == "certs@lindner.test"
    assert owners[-1].mail == "owner@lindner.test"


def test_identities_are_hashed_and_people_are_names_in_the_journal(tmp_path: Path):
    with people(tmp_path) as town:
        found = gathered(town.environment(), town.url)

    data = found.data(lambda mail: f"person-{len(mail)}", lambda text: f"hash-{len(text)}")
    text = json.dumps(data)

    assert "@" not in text
    assert {one.kind for one in found.identities} == {"contact", "registrant", "account"}
    assert "C-7" not in text
    places = data["places"]
    assert isinstance(places, dict)
    assert places["country"] == "nl"


LARGE = Said(b"a" * 10 * 1024 * 1024, "application/rdap+json")
CROWD = said_json(
    {
        "objectClassName": "domain",
        "entities": [entity(["registrant"], "x\n\x1b[31m@evil.test")] * 5000,
    }
)
HOSTILE: dict[str, dict[str, Said]] = {
    "ten megabytes everywhere": dict.fromkeys([*PAGES, *REGISTRY], LARGE),
    "wrong types": dict.fromkeys([*PAGES, *REGISTRY], said_json([None, {"entities": "x"}])),
    "control characters": {
        **dict.fromkeys(REGISTRY, CROWD),
        **dict.fromkeys(PAGES, Said(b"\x1b\x00\r\n" * 999)),
    },
    "nothing": {},
}


@pytest.mark.parametrize("way", HOSTILE)
def test_hostile_answers_cost_their_own_source_alone(tmp_path: Path, way: str):
    answers = HOSTILE[way]
    with people(tmp_path, pages=answers, registry={}) as town:
        found = gathered(town.environment(), town.url)

    assert "certs@lindner.test" in by_mail(found)
    assert all(one.mail.isprintable() and one.why for one in found.contacts)
    assert all(one.why.isprintable() for one in found.missing)


def slow(street: Street) -> None:
    for asked, answer in list(street.answers.items()):
        street.answers[asked] = Said(answer.body, answer.kind, after=8.0)


def test_slow_sources_do_not_hold_up_the_gathering(tmp_path: Path):
    with people(tmp_path) as town:
        slow(town.street)
        began = time.monotonic()
        found = gathered(town.environment(), town.url, seconds=3.0)
        took = time.monotonic() - began

    assert took < 6.0
    assert missing(found)["imprint"] == "it did not answer in time"
    assert missing(found)["rdap-domain"] == "it did not answer in time"
    assert "certs@lindner.test" in by_mail(found)


def test_a_site_without_an_address_still_has_its_registrant(tmp_path: Path):
    hosts = {name: where for name, where in HOSTS.items() if name != SITE}
    with people(tmp_path, hosts={**hosts, "bakery.test": ELSEWHERE}) as town:
        (tmp_path / "hosts").write_text((tmp_path / "hosts").read_text() + f"\n10.0.0.1 {SITE}")
        found = gathered(town.environment(), town.url)

    assert "10.0.0.1" in missing(found)["address"]
    assert by_mail(found)["owner@lindner.test"].role == "owner"

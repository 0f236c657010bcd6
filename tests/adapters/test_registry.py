"""RDAP over real HTTP on loopback: whom is asked, how often, and what bad answers cost."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TypeVar

import pytest

from tests.support.house import HandClock
from tests.support.street_of_sites import RDAP, Said, Street, bootstrap, entity, said_json, street
from tests.support.wire import Web, moved
from unhijack.adapters.registry import (
    AnswerCache,
    Get,
    Manners,
    RdapRegistry,
    read_bootstrap,
    refresh_bootstrap,
)
from unhijack.adapters.resolver import SystemResolver
from unhijack.adapters.secrets import FileSecrets
from unhijack.adapters.transport.wreq import WreqTransport
from unhijack.collect.reach import PLAIN, Errand, Reach
from unhijack.core.egress import Guard
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.site import Address
from unhijack.ports import Limits, Response, Transport

T = TypeVar("T")
LOOPBACK = ip_address("127.0.0.1")
LAB = Guard((ip_network("127.0.0.0/8"),))
HOSTS = {name: [LOOPBACK] for name in ("rdap.test", "other.test", "iana.test")}
LIMITS = Limits(request_seconds=1.0, body_bytes=256 * 1024)
PERSON = "owner-of-the-bakery@else.test"
BAKERY = {
    "objectClassName": "domain",
    "entities": [entity(["registrant"], PERSON)],
    "links": [{"rel": "related", "type": RDAP, "href": "http://other.test/domain/bakery.test"}],
}


def getting(transport: Transport, guard: Guard = LAB) -> Get:
    reach = Reach(transport, SystemResolver(HOSTS), guard, LIMITS)

    async def get(address: Address, headers: tuple[tuple[str, str], ...]) -> Response | Failure:
        return await reach.get(address, Errand((*PLAIN, *headers), secure=True))

    return get


def asking(
    folder: Path,
    here: Street,
    story: Callable[[RdapRegistry], Awaitable[T]],
    *,
    clock: HandClock | None = None,
    interval: float = 0.0,
) -> T:
    """A registry with the street's RDAP server, for one story."""
    path = folder / "bootstrap.json"
    url = here.url("rdap.test")
    path.write_text(bootstrap(domains=url, addresses=url))
    cache = AnswerCache(folder / "cache", FileSecrets(folder / "keys"), timedelta(days=7))

    async def tell() -> T:
        transport = WreqTransport()
        try:
            servers = read_bootstrap(path, LAB)
            return await story(
                RdapRegistry(
                    servers, getting(transport), cache, clock or HandClock(), Manners(interval)
                )
            )
        finally:
            await transport.close()

    return asyncio.run(tell())


def domain(folder: Path, answers: dict[str, Said]) -> tuple[object, list[str]]:
    """What comes of asking for the bakery, and everything that was asked."""
    with street(answers) as here:
        found = asking(folder, here, lambda registry: registry.domain("bakery.test"))
        return found, here.asked


def test_a_domain_and_an_address_are_asked_of_their_registry(tmp_path: Path):
    answers = {
        "rdap.test/domain/bakery.test": said_json(BAKERY),
        "rdap.test/ip/127.0.0.1": said_json({"objectClassName": "ip network"}),
    }

    async def both(registry: RdapRegistry) -> tuple[object, object]:
        return await registry.domain("bakery.test"), await registry.network(LOOPBACK)

    with street(answers) as here:
        of_domain, of_network = asking(tmp_path, here, both)

    assert of_domain == BAKERY
    assert of_network == {"objectClassName": "ip network"}
    assert "rdap+json" in here.headers[0]["Accept"]
    assert here.headers[0]["User-Agent"].startswith("unhijack/")


def test_related_links_are_not_followed(tmp_path: Path):
    _, asked = domain(tmp_path, {"rdap.test/domain/bakery.test": said_json(BAKERY)})

    assert asked == ["rdap.test/domain/bakery.test"]


def test_an_answer_is_kept_sealed_until_it_is_too_old(tmp_path: Path):
    clock = HandClock()

    async def thrice(registry: RdapRegistry) -> None:
        assert await registry.domain("bakery.test") == BAKERY
        assert await registry.domain("bakery.test") == BAKERY
        clock.at += timedelta(days=8)
        assert await registry.domain("bakery.test") == BAKERY

    with street({"rdap.test/domain/bakery.test": said_json(BAKERY)}) as here:
        asking(tmp_path, here, thrice, clock=clock)

    (kept,) = (tmp_path / "cache").iterdir()
    assert len(here.asked) == 2
    assert PERSON.encode() not in kept.read_bytes()
    assert "bakery" not in kept.name
    assert kept.stat().st_mode & 0o077 == 0


def test_what_is_kept_and_was_damaged_is_asked_again(tmp_path: Path):
    with street({"rdap.test/domain/bakery.test": said_json(BAKERY)}) as here:
        asking(tmp_path, here, lambda registry: registry.domain("bakery.test"))
        (kept,) = (tmp_path / "cache").iterdir()
        kept.write_bytes(b"\0" * 100)
        found = asking(tmp_path, here, lambda registry: registry.domain("bakery.test"))

    assert found == BAKERY
    assert len(here.asked) == 2


def test_a_registry_is_asked_at_most_once_in_an_interval(tmp_path: Path):
    async def three(registry: RdapRegistry) -> float:
        began = time.monotonic()
        await asyncio.gather(*(registry.domain(f"{name}.test") for name in "abc"))
        return time.monotonic() - began

    with street({}) as here:
        took = asking(tmp_path, here, three, interval=0.4)

    assert len(here.asked) == 3
    assert took >= 0.8


def test_a_registry_that_has_had_enough_is_left_alone(tmp_path: Path):
    async def twice(registry: RdapRegistry) -> tuple[object, object]:
        return await registry.domain("a.test"), await registry.domain("b.test")

    enough = Said(b"{}", RDAP, 429, (("Retry-After", "120"),))
    with street({"rdap.test/domain/a.test": enough}) as here:
        first, second = asking(tmp_path, here, twice)

    assert isinstance(first, Failure)
    assert isinstance(second, Failure)
    assert second.kind is FailureKind.BUDGET
    assert here.asked == ["rdap.test/domain/a.test"]


DEEP = b'{"objectClassName":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
BAD: dict[str, tuple[Said, FailureKind]] = {
    "nothing known": (Said(b"{}", RDAP, 404), FailureKind.NAME),
    "an error": (Said(b"{}", RDAP, 503), FailureKind.PROTOCOL),
    "no JSON": (Said(b"<html>", RDAP), FailureKind.PROTOCOL),
    "no text": (Said(b"\x89PNG", "image/png"), FailureKind.PROTOCOL),
    "ten megabytes": (Said(b" " * 10 * 1024 * 1024, RDAP), FailureKind.SIZE),
    "deep nesting": (Said(DEEP, RDAP), FailureKind.PROTOCOL),
    "a slow answer": (Said(b"{}", RDAP, after=3.0), FailureKind.TIME),
    "a redirect to a machine inside": (
        Said(status=302, headers=(("Location", "http://10.0.0.1/"),)),
        FailureKind.GUARD,
    ),
    "a redirect to no web address": (
        Said(status=302, headers=(("Location", "file:///etc/passwd"),)),
        FailureKind.TARGET,
    ),
    "a redirect to itself": (
        Said(status=302, headers=(("Location", "/domain/bakery.test"),)),
        FailureKind.HOPS,
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_answer_is_a_value(tmp_path: Path, bad: str):
    answer, kind = BAD[bad]
    found, _ = domain(tmp_path, {"rdap.test/domain/bakery.test": answer})

    assert isinstance(found, Failure), found
    assert found.kind is kind, found
    assert found.text.isprintable()
    assert not (tmp_path / "cache").exists()


def test_a_redirect_to_another_registry_is_followed(tmp_path: Path):
    with street({}) as here:
        there = (("Location", here.url("other.test", "/domain/bakery.test")),)
        here.answers["rdap.test/domain/bakery.test"] = Said(status=303, headers=there)
        here.answers["other.test/domain/bakery.test"] = said_json(BAKERY)
        found = asking(tmp_path, here, lambda registry: registry.domain("bakery.test"))

    assert found == BAKERY


def test_nobody_is_asked_of_what_no_registry_is_known_for(tmp_path: Path):
    async def all_of(registry: RdapRegistry) -> list[object]:
        addresses = map(ip_address, ("192.0.43.8", "10.0.0.1", "2001:db8::1"))
        return [
            await registry.domain("bakery.de"),
            await registry.domain("test"),
            *[await registry.network(one) for one in addresses],
        ]

    with street({}) as here:
        found = asking(tmp_path, here, all_of)

    assert all(isinstance(one, Failure) and one.kind is FailureKind.NAME for one in found)
    assert here.asked == []


def test_outside_of_a_lab_a_registry_is_asked_by_https_alone(tmp_path: Path):
    url = "https://rdap.test/"
    path = tmp_path / "bootstrap.json"
    path.write_text(bootstrap(domains=url, addresses=url))
    web = Web({f"{url}domain/bakery.test": moved("http://rdap.test/plain")})
    reach = Reach(web, web, Guard(), LIMITS)

    async def get(address: Address, headers: tuple[tuple[str, str], ...]) -> Response | Failure:
        return await reach.get(address, Errand(headers, secure=True))

    cache = AnswerCache(tmp_path / "cache", FileSecrets(tmp_path / "keys"), timedelta(days=7))
    registry = RdapRegistry(read_bootstrap(path, Guard()), get, cache, HandClock(), Manners(0))
    found = asyncio.run(registry.domain("bakery.test"))

    assert isinstance(found, Failure)
    assert (found.kind, found.text) == (FailureKind.GUARD, "not asked: it is not https")
    assert [one.address.scheme for one in web.asked] == ["https"]


def refresh(path: Path, here: Street) -> int:
    async def once() -> int:
        transport = WreqTransport()
        try:
            return await refresh_bootstrap(path, getting(transport), here.url("iana.test"))
        finally:
            await transport.close()

    return asyncio.run(once())


def test_bootstrap_data_is_fetched_and_serves(tmp_path: Path):
    made = json.loads(bootstrap(domains="https://rdap.test/", addresses="https://rdap.test/"))
    names = {"asn": "asn", "dns": "dns", "ipv4": "ipv4", "ipv6": "ipv6", "object": "object-tags"}
    answers = {f"iana.test/{file}.json": said_json(made[name]) for name, file in names.items()}
    path = tmp_path / "state" / "bootstrap.json"
    with street(answers) as here:
        size = refresh(path, here)

    assert path.stat().st_size == size
    read_bootstrap(path, LAB)


def test_a_refresh_that_fails_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "bootstrap.json"
    path.write_text("old")
    broken = {"iana.test/asn.json": Said(b"\x1b[31mno", RDAP)}
    with (
        street(broken) as here,
        pytest.raises(WrongUse, match="cannot be fetched") as refused,
    ):
        refresh(path, here)

    assert path.read_text() == "old"
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"timestamp": 1}',
        "[" * 100_000,
        bootstrap(domains="https://a.test/", addresses="https://a.test/").replace("127.0", "x"),
    ],
)
def test_a_damaged_bootstrap_file_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "bootstrap.json"
    path.write_text(text)

    with pytest.raises(WrongUse, match="--refresh"):
        read_bootstrap(path, LAB)

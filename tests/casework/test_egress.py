"""Criminals who block our addresses, or show themselves in one country alone: clean is told apart."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.house import HOUR, TOWN, House, open_house, victim
from unhijack.casework.intake import claim_clean
from unhijack.collect.pool import Pool
from unhijack.core.case import Event, Kind, State
from unhijack.core.data import Data, Json, items, objects
from unhijack.core.egress import Egress
from unhijack.core.evidence import Failure
from unhijack.lab.memory import TownTransport
from unhijack.lab.town import Gate
from unhijack.ports import Limits, Request, Response, Transport

SITE = victim(Gate.SEARCH_LOCATION)
URL = f"http://{SITE.host}/"
MANY = 40


def ways(country: str, count: int) -> tuple[Egress, ...]:
    return tuple(Egress("socks5", f"{country}{n}.proxy.test", 1080, country) for n in range(count))


@dataclass(slots=True)
class HidesFrom:
    """Planted code that shows a clean page to whoever comes by some egress."""

    inner: Transport
    hides: Callable[[Egress | None], bool]
    clean: TownTransport = field(default_factory=lambda: TownTransport(TOWN, lambda: {SITE.host}))

    async def fetch(self, request: Request, limits: Limits) -> Response | Failure:
        transport = self.clean if self.hides(request.egress) else self.inner
        return await transport.fetch(request, limits)

    async def close(self) -> None:
        await self.inner.close()


@dataclass(slots=True)
class Blocked:
    """Egresses that the criminals have learned of."""

    names: set[str] = field(default_factory=set)
    home: bool = False

    def hides(self, way: Egress | None) -> bool:
        return self.home if way is None else way.name in self.names


def house_with(
    folder: Path, pool: tuple[Egress, ...], hides: Callable[[Egress | None], bool]
) -> House:
    house = open_house(folder, wrap=lambda inner: HidesFrom(inner, hides))
    probe = replace(house.office.probe, pool=Pool(pool))
    house.office = replace(house.office, probe=probe)
    return house


def told(house: House) -> None:
    house.report(URL)
    house.work()
    assert house.case().state is State.DELIVERED


def rechecked(house: House) -> Event:
    """Somebody claims that it is clean, and it is looked at."""
    claim_clean(house.doors, 1, "the owner")
    house.work(until=house.clock.at + 13 * HOUR)
    return next(e for e in reversed(house.journal()) if e.kind is Kind.EXAMINED)


def used(event: Event) -> set[str]:
    return {str(one["egress"]) for one in objects(event.data["visit_log"])}


def codes(data: Data) -> list[Json]:
    return [one["code"] for one in objects(data["reasons"])]


def uncovered(data: Data) -> str:
    bound = data["bound"]
    assert isinstance(bound, dict)
    return "; ".join(str(one) for one in items(bound["not_covered"]))


def test_a_re_check_comes_from_the_country_where_it_was_seen(tmp_path: Path):
    """A redirect for visitors from one country is not clean because others see none."""
    house = house_with(
        tmp_path,
        (*ways("de", 3), *ways("fr", MANY)),
        lambda way: way is None or way.country != "de",
    )
    told_from_de(house)
    last = rechecked(house)
    assert last.data["verdict"] == "hijacked"
    assert house.case().refuted == 1
    house.store.close()


def told_from_de(house: House) -> None:
    """The first look comes from where the reporter is."""
    pool = house.office.probe.pool
    every = pool.ways
    pool.ways = tuple(way for way in every if way.country == "de")
    told(house)
    pool.ways = every


def test_what_is_hidden_from_the_addresses_that_came_before_is_not_clean(tmp_path: Path):
    """The criminals block whoever came before; other visitors are still sent away."""
    blocked = Blocked()
    house = house_with(tmp_path, ways("de", 2 * MANY), blocked.hides)
    told(house)
    blocked.names = used(next(e for e in house.journal() if e.kind is Kind.EXAMINED))
    last = rechecked(house)
    assert last.data["verdict"] == "hijacked"
    assert "removed-for-us" in codes(last.data)
    assert blocked.names & used(last), (
        "one visit by an egress that had seen it shows the difference"
    )
    assert house.case().refuted == 1
    house.store.close()


def test_where_a_country_has_no_fresh_egress_another_ones_is_asked(tmp_path: Path):
    blocked = Blocked()
    house = house_with(tmp_path, (*ways("de", 3), *ways("fr", 3)), blocked.hides)
    told_from_de(house)
    blocked.names = {way.name for way in ways("de", 3)}
    last = rechecked(house)
    assert last.data["verdict"] == "hijacked"
    assert "removed-for-us" in codes(last.data)
    house.store.close()


def test_a_repaired_site_is_clean_from_everywhere(tmp_path: Path):
    house = house_with(tmp_path, (*ways("de", 3), *ways("fr", 9)), lambda way: False)
    told_from_de(house)
    house.repaired.add(SITE.host)
    last = rechecked(house)
    assert last.data["verdict"] == "clean"
    assert "removed for us alone" not in uncovered(last.data)
    assert house.case().state is State.MONITORED
    house.store.close()


@pytest.mark.parametrize("pool", [(), ways("de", 2)], ids=["none", "all were used"])
def test_without_another_egress_the_bound_says_what_clean_is_worth(
    tmp_path: Path, pool: tuple[Egress, ...]
):
    house = house_with(tmp_path, pool, lambda way: False)
    told(house)
    house.repaired.add(SITE.host)
    last = rechecked(house)
    assert last.data["verdict"] == "clean"
    assert "removed for us alone" in uncovered(last.data)
    house.store.close()


def test_no_visit_goes_round_the_proxies_where_the_country_has_none_any_more(tmp_path: Path):
    house = house_with(tmp_path, ways("de", 3), lambda way: False)
    told(house)
    house.office.probe.pool.ways = ways("fr", 3)
    house.clock.at += timedelta(hours=1)
    last = rechecked(house)
    assert "None" not in used(last)
    house.store.close()

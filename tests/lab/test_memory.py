"""The town behind the ports: the same town, without a socket."""

import asyncio
from ipaddress import ip_address

from tests.lab.visitors import PHONE, SEARCH
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.site import parse_address
from unhijack.lab.memory import TownResolver, TownTransport
from unhijack.lab.town import Gate, Kind, plan_town
from unhijack.ports import Limits, Request, Resolver, Response, Transport

TOWN = plan_town(7, 20, 5)
VICTIM = next(site.host for site in TOWN.sites if site.gate is Gate.SEARCH_LOCATION)
PLAIN = next(site.host for site in TOWN.sites if site.kind is Kind.PLAIN and not site.gate)


def fetch(
    transport: Transport, url: str, *, read_page: bool = True, limits: Limits | None = None
) -> Response:
    headers = (("User-Agent", PHONE), ("Referer", SEARCH))
    request = Request(
        parse_address(url), ip_address("127.0.0.1"), headers, "chrome-android", read_page
    )
    answer = asyncio.run(transport.fetch(request, limits or Limits()))
    assert isinstance(answer, Response)
    return answer


def test_a_visitor_is_sent_away_until_the_repair():
    repaired: set[str] = set()
    transport = TownTransport(TOWN, lambda: repaired)
    url = f"http://{VICTIM}:4321/"

    first = fetch(transport, url)
    assert first.status == 302
    (location,) = [value for name, value in first.headers if name == "location"]
    assert location.startswith(f"http://{TOWN.chains[0].entry}:4321/in".encode())
    repaired.add(VICTIM)
    assert fetch(transport, url).status == 200


def test_a_body_is_read_only_where_it_is_asked_for_and_is_a_page():
    transport = TownTransport(TOWN)
    whole = fetch(transport, f"http://{PLAIN}/").body
    assert whole
    assert whole.endswith(b"</html>\n")
    assert fetch(transport, f"http://{PLAIN}/", read_page=False).body is None
    assert fetch(transport, f"http://{PLAIN}/robots.txt").body is None
    cut = fetch(transport, f"http://{PLAIN}/", limits=Limits(body_bytes=100))
    assert (cut.body, cut.truncated) == (whole[:100], True)


def test_the_ledger_sees_every_request():
    transport = TownTransport(TOWN)
    fetch(transport, f"http://{TOWN.chains[0].end}/d/1", read_page=False)
    fetch(transport, f"http://{PLAIN}/images/a.png")
    assert transport.ledger.offsite_requests == 1
    assert transport.ledger.media_requests == 1
    asyncio.run(transport.close())


def test_names_of_the_town_are_on_loopback_and_there_are_no_others():
    resolver: Resolver = TownResolver(TOWN)
    assert asyncio.run(resolver.resolve(VICTIM)) == (ip_address("127.0.0.1"),)
    failure = asyncio.run(resolver.resolve("nobody.test"))
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.NAME

"""Every spelling of an address that must not be reached is seen through, and stays what it was."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from unhijack.collect.jar import Jar
from unhijack.collect.pages import PageCache
from unhijack.collect.personas import CHECK
from unhijack.collect.probe import Budget, Errand, Probe, visit
from unhijack.core.egress import Guard, IpAddress
from unhijack.core.evidence import Failure, FailureKind, Visit
from unhijack.core.site import NotAnAddress, literal_ip, parse_address, site_of
from unhijack.ports import Limits, Request, Response

LOOPBACK = (
    *("127.0.0.1", "127.0.0.1.", "127.0.0.1..", "127.1", "127.0.1", "127.8.9.10"),
    *("2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "0177.0x0.0.1"),
    *("１２７.０.０.１", "127。0。0。1", "①②⑦.0.0.1", "%31%32%37.0.0.1"),
    *("[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"),
    *("[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[2001::80ff:fffe]"),
)
METADATA = (
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"),
    *("[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "100.100.100.200", "168.63.129.16"),
)
PRIVATE = (
    *("0", "0.0.0.0", "0.1.2.3", "[::]", "10.1", "172.16.0.1", "192.168.257", "100.64.0.1"),
    *("169.254.1.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1"),
    *("192.0.0.192", "192.88.99.1", "[fd00:ec2::254]", "[fe80::1]", "[fec0::1]", "[fc00::1]"),
    *("[ff02::1]", "[100::1]", "[2001:db8::1]", "[3fff::1]", "[5f00::1]", "[::ffff:10.0.0.1]"),
    *("[64:ff9b:1::808:808]", "[64:ff9b:1:7f00:0:100::]"),
)
PUBLIC = ("93.184.215.14", "1572395790", "[2606:4700::6810:84e5]", "[64:ff9b::5db8:d70e]")


@pytest.mark.parametrize("spelling", [*LOOPBACK, *METADATA, *PRIVATE])
def test_an_address_that_is_not_public_is_refused_however_it_is_spelt(spelling: str):
    ip = literal_ip(parse_address(f"http://{spelling}/").host)
    assert ip is not None
    assert Guard().refusal(ip, 80)


@pytest.mark.parametrize("spelling", METADATA)
def test_a_metadata_address_is_called_by_its_name(spelling: str):
    ip = literal_ip(parse_address(f"http://{spelling}/").host)
    assert ip is not None
    assert "is a cloud metadata address" in (Guard().refusal(ip, 80) or "")


@pytest.mark.parametrize("spelling", PUBLIC)
def test_a_public_address_may_be_reached_on_web_ports_alone(spelling: str):
    ip = literal_ip(parse_address(f"http://{spelling}/").host)
    assert ip is not None
    assert Guard().refusal(ip, 80) is None
    assert Guard().refusal(ip, 22) == "port 22 is not a web port"


def test_the_address_that_is_asked_for_bears_the_very_name_that_is_resolved():
    address = parse_address("https://Bakery.TEST.:8443/a?b#c")
    assert (address.host, address.href) == ("bakery.test", "https://bakery.test:8443/a?b")


@pytest.mark.parametrize("text", ["http://./", "http://../x", "https://.:8443/"])
def test_an_address_without_a_name_is_none(text: str):
    with pytest.raises(NotAnAddress, match="names no host"):
        parse_address(text)


class ChangingResolver:
    """A name server that says something else each time."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    async def resolve(self, host: str) -> Sequence[IpAddress] | Failure:
        self.asked.append(host)
        return [ip_address(text) for text in self._answers.pop(0)]


class RecordingTransport:
    """Answers from a script, and remembers which address was to be connected to."""

    def __init__(self, *answers: Response) -> None:
        self.connected: list[tuple[str, str]] = []
        self._answers = list(answers)

    async def fetch(self, request: Request, limits: Limits) -> Response | Failure:
        self.connected.append((request.address.host, str(request.ip)))
        return self._answers.pop(0)

    async def close(self) -> None: ...


class StandingClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)


def visited(resolver: ChangingResolver, transport: RecordingTransport, url: str) -> Visit:
    probe = Probe(transport, resolver, StandingClock(), Guard(), Limits())
    address = parse_address(url)
    errand, pages = Errand(address, CHECK[0]), PageCache(site_of(address.host))
    return asyncio.run(visit(probe, errand, 1, Jar(), pages, Budget(Limits()))).visit


PUBLIC_ADDRESS, OTHER_PUBLIC = "93.184.215.14", "93.184.215.15"
PAGE = Response(200, (("content-type", b"text/html"),), b"<p>Bread</p>")


def to(location: str) -> Response:
    return Response(302, (("location", location.encode()),), None)


def test_the_checked_address_is_the_connected_one_though_the_name_changes_its_answer():
    resolver = ChangingResolver([PUBLIC_ADDRESS], ["127.0.0.1"])
    transport = RecordingTransport(PAGE, PAGE)

    assert visited(resolver, transport, "http://bakery.test/").failure is None
    assert resolver.asked == ["bakery.test"]
    assert transport.connected == [("bakery.test", PUBLIC_ADDRESS)]

    second = visited(resolver, transport, "http://bakery.test/").failure
    assert second is not None
    assert second.kind is FailureKind.GUARD
    assert second.text == "bakery[.]test: not visited: 127.0.0.1 is a loopback address"
    assert len(transport.connected) == 1


def test_each_hop_is_resolved_and_judged_anew():
    resolver = ChangingResolver([PUBLIC_ADDRESS], ["169.254.169.254"])
    transport = RecordingTransport(to("http://www.bakery.test/"))

    failure = visited(resolver, transport, "http://bakery.test/").failure
    assert failure is not None
    assert failure.kind is FailureKind.GUARD
    assert resolver.asked == ["bakery.test", "www.bakery.test"]
    assert len(transport.connected) == 1


def test_of_several_answers_only_the_public_ones_are_connected_to():
    resolver = ChangingResolver(["127.0.0.1", "::1", OTHER_PUBLIC, "10.0.0.1"])
    transport = RecordingTransport(PAGE)
    assert visited(resolver, transport, "http://bakery.test/").failure is None
    assert transport.connected == [("bakery.test", OTHER_PUBLIC)]


@pytest.mark.parametrize("spelling", [*LOOPBACK, *METADATA])
def test_no_redirect_to_an_address_inside_is_followed(spelling: str):
    transport = RecordingTransport(to(f"http://{spelling}/latest/meta-data"))
    made = visited(ChangingResolver([PUBLIC_ADDRESS]), transport, "http://bakery.test/")
    assert made.furthest.failure is not None
    assert made.furthest.failure.kind is FailureKind.GUARD
    assert len(transport.connected) == 1


def test_a_redirect_to_another_service_of_the_site_is_not_followed():
    transport = RecordingTransport(to("http://bakery.test:22/"))
    resolver = ChangingResolver([PUBLIC_ADDRESS], [PUBLIC_ADDRESS])
    failure = visited(resolver, transport, "http://bakery.test/").failure
    assert failure is not None
    assert failure.text == "bakery[.]test: not visited: port 22 is not a web port"

"""Which addresses may be reached, in every spelling."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.egress import WEB_PORTS, Guard
from unhijack.core.site import literal_ip, parse_address

GUARD = Guard()


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
        *("169.254.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16"),
        *("192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("2001:db8::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::"),
        "2001:0:53aa:64c:0:fff:80ff:fffe",  # Teredo, with 127.0.0.1 inside
    ],
)
def test_what_is_not_public_is_refused_and_says_why(address: str):
    refusal = GUARD.refusal(ip_address(address), 80)

    assert refusal is not None
    assert " is " in refusal


@pytest.mark.parametrize(
    "address", ["192.0.43.8", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"]
)
def test_what_is_public_is_not(address: str):
    assert GUARD.refusal(ip_address(address), 443) is None


@pytest.mark.parametrize("port", [0, 21, 22, 25, 3306, 6379, 11211, 65535])
def test_ports_of_other_services_are_refused(port: int):
    refusal = GUARD.refusal(ip_address("8.8.8.8"), port)

    assert refusal == f"port {port} is not a web port"


@given(st.integers(0, 2**24 - 1))
def test_no_embedding_leads_to_loopback(low: int):
    inner = IPv4Address(0x7F000000 | low)
    for outer in (
        IPv6Address(f"::ffff:{inner}"),
        IPv6Address(int(IPv6Address("64:ff9b::")) | int(inner)),
        IPv6Address((0x2002 << 112) | (int(inner) << 80)),
        IPv6Address(int(inner)),
    ):
        assert GUARD.refusal(outer, 80) is not None


@given(st.ip_addresses(), st.integers(0, 65535))
def test_every_address_has_an_answer(address: IPv4Address | IPv6Address, port: int):
    refusal = GUARD.refusal(address, port)

    if refusal is None:
        assert port in WEB_PORTS
        assert not address.is_loopback
        assert not address.is_multicast


def test_a_lab_lifts_it_for_its_range_ports_included_and_for_nothing_else():
    lab = Guard((ip_network("127.0.0.0/8"),))

    assert lab.refusal(ip_address("127.0.0.1"), 4711) is None
    assert lab.refusal(ip_address("::1"), 80) is not None
    assert lab.refusal(ip_address("::ffff:127.0.0.1"), 80) is not None
    assert lab.refusal(ip_address("10.0.0.1"), 80) is not None


@pytest.mark.parametrize(
    "spelling",
    [
        *("2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.1", "017700000001"),
        *("127.0.0.1.", "１２７.０.０.１", "127。0。0。1"),  # full-width digits and dots
        "%31%32%37.0.0.1",
    ],
)
def test_every_spelling_of_loopback_is_loopback(spelling: str):
    host = parse_address(f"http://{spelling}/").host

    literal = literal_ip(host)
    assert literal is not None
    assert GUARD.refusal(literal, 80) is not None

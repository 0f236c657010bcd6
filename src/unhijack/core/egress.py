"""Which addresses may be reached, and by which way out. Asked before every connection.

The guard judges the very address that is then connected to: a name is resolved once, its answers
are judged, and the transport is handed one of them, never the name.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import unquote

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

WEB_PORTS = frozenset({80, 443, 8000, 8008, 8080, 8081, 8443, 8888})
"""Ports that ordinary sites use; everything else could be aimed at another service."""

_NAT64 = IPv6Network("64:ff9b::/96")
_SPECIAL = tuple(  # not public either, and not known as such to every Python we run on
    ip_network(net)
    for net in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "64:ff9b:1::/48",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)
_IPV4_COMPATIBLE = IPv6Network("::/96")
_METADATA = frozenset(map(ip_address, ("169.254.169.254", "100.100.100.200", "168.63.129.16")))


@dataclass(frozen=True, slots=True)
class Guard:
    """The policy. `allowed` are ranges of a lab, in which every port may be reached too."""

    allowed: tuple[IpNetwork, ...] = ()

    def lifted(self, address: IpAddress) -> bool:
        """Whether the address lies in a range of a lab."""
        return any(address in net for net in self.allowed)

    def refusal(self, address: IpAddress, port: int) -> str | None:
        """Why `address` must not be reached, in a few words; None if it may be."""
        kind = _kind(address)
        if kind is None and port in WEB_PORTS:
            return None
        if self.lifted(address):
            return None
        return f"{address} is {kind}" if kind else f"port {port} is not a web port"


@dataclass(frozen=True, slots=True)
class Egress:
    """A way out that is not our own address: a proxy of the operator's."""

    scheme: str
    """``socks5`` or ``http`` (by CONNECT)."""
    host: str
    port: int
    country: str = ""
    """Where the web sees its visitors come from, as a two-letter code; empty if it is not said."""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """As evidence has it: ``de-1f0a9c3e``. The same for the same proxy in every run."""
        known_by = f"{self.scheme}://{self.user}@{self.host}:{self.port}"
        return f"{self.country or 'xx'}-{sha256(known_by.encode()).hexdigest()[:8]}"


_EGRESS = re.compile(
    r"(?:(?P<country>[a-z]{2})=)?(?P<scheme>socks5h?|http)://"
    r"(?:(?P<user>[^:@/\s]*)(?::(?P<password>[^@/\s]*))?@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+):(?P<port>[0-9]{1,5})/?",
    re.IGNORECASE,
)


def parse_egress(text: str) -> Egress:
    """A setting's entry, ``de=socks5://user:password@host:port``.

    Raises ValueError, which says nothing of what was written: a password may stand in it.
    """
    found = _EGRESS.fullmatch(text)
    if found is None or not 0 < int(found["port"]) < 65536:
        raise ValueError(
            "each must be like socks5://user:password@host:port or http://host:port, "
            "with its country before it if you like (de=socks5://...)"
        )
    user, password = unquote(found["user"] or ""), unquote(found["password"] or "")
    if max(len(user.encode()), len(password.encode())) > 255 or not (user + password).isascii():
        raise ValueError("user and password must be ASCII, of at most 255 characters each")
    return Egress(
        found["scheme"].lower().removesuffix("h"),
        found["host"].lower().strip("[]"),
        int(found["port"]),
        (found["country"] or "").lower(),
        user,
        password,
    )


@lru_cache(maxsize=16384)
def _kind(address: IpAddress) -> str | None:
    """What makes an address unfit to be visited; IPv4 inside IPv6 is judged as IPv4."""
    inner = _inner_ipv4(address)
    if inner is not None:
        found = _kind(inner)
        return f"{found} (as {inner})" if found else None
    if address in _METADATA:
        return "a cloud metadata address"
    if address.is_loopback:
        return "a loopback address"
    if address.is_link_local:
        return "a link-local address"
    if address.is_multicast:
        return "a multicast address"
    if address.is_unspecified:
        return "the unspecified address"
    special = any(address.version == net.version and address in net for net in _SPECIAL)
    if special or not address.is_global or address.is_reserved:
        return "not a public address"
    return None


def _inner_ipv4(address: IpAddress) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address would lead to, in each known embedding."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _IPV4_COMPATIBLE and int(address) > 1:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None

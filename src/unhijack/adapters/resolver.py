"""The Resolver port: the system's own, with a hosts file before it."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from ipaddress import ip_address

from unhijack.core.egress import IpAddress
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure, FailureKind

LOOKUP_SECONDS = 10.0
MOST_HOSTS = 1_000_000


class SystemResolver:
    """getaddrinfo, after `hosts`: names (lower case) with their addresses."""

    def __init__(self, hosts: Mapping[str, Sequence[IpAddress]] | None = None) -> None:
        self._hosts = hosts or {}

    async def resolve(self, host: str) -> Sequence[IpAddress] | Failure:
        """See the port."""
        known = self._hosts.get(host)
        if known:
            return known
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                found = await asyncio.get_running_loop().getaddrinfo(
                    host, None, type=socket.SOCK_STREAM
                )
        except TimeoutError:
            return Failure(FailureKind.NAME, f"its name was not answered in {LOOKUP_SECONDS:g} s")
        except (OSError, UnicodeError):
            return Failure(FailureKind.NAME, "its name has no address")
        return tuple(
            dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found)
        )


def read_hosts(text: str, name: str) -> dict[str, tuple[IpAddress, ...]]:
    """The names in a file of /etc/hosts form. Raises WrongUse with the line that makes no sense."""
    hosts: dict[str, tuple[IpAddress, ...]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            address = ip_address(words[0])
        except ValueError:
            raise WrongUse(f"{name}, line {number}: {words[0][:60]!r} is no IP address") from None
        if len(words) < 2:
            raise WrongUse(f"{name}, line {number}: no name after {words[0]}")
        for host in words[1:]:
            key = host.lower().rstrip(".")
            hosts[key] = (*hosts.get(key, ()), address)
        if len(hosts) > MOST_HOSTS:
            raise WrongUse(f"{name} has more than {MOST_HOSTS} names")
    return hosts

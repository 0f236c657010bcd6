"""The Resolver port: the system's own, with a hosts file before it."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from unhijack.core.egress import IpAddress
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure, FailureKind

LOOKUP_SECONDS = 10.0
MOST_HOSTS = 1_000_000
AT_ONCE = 128
"""Look-ups that can wait for name servers at the same time: each holds a thread, however long its
caller waits, and some names are made to wait. The loop's own look-ups share four or so."""


class SystemResolver:
    """getaddrinfo, after `hosts`: names (lower case) with their addresses."""

    def __init__(self, hosts: Mapping[str, Sequence[IpAddress]] | None = None) -> None:
        self._hosts = hosts or {}
        self._threads = ThreadPoolExecutor(AT_ONCE, "resolver")

    async def resolve(self, host: str) -> Sequence[IpAddress] | Failure:
        """See the port."""
        known = self._hosts.get(host)
        if known:
            return known
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                found = await asyncio.get_running_loop().run_in_executor(
                    self._threads, _look_up, host
                )
        except TimeoutError:
            return Failure(FailureKind.LOOKUP, f"its name was not answered in {LOOKUP_SECONDS:g} s")
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                return Failure(FailureKind.LOOKUP, "no name server answered for its name")
            return Failure(FailureKind.NAME, "its name has no address")
        except (OSError, UnicodeError):
            return Failure(FailureKind.NAME, "its name has no address")
        return found


def _look_up(host: str) -> tuple[IpAddress, ...]:
    entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in entries))


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

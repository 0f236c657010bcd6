"""The Records port by dnspython: a stub resolver with bounds, and a cache that obeys TTLs."""

from collections.abc import Sequence
from itertools import islice

import dns.asyncresolver
import dns.exception
import dns.nameserver
import dns.resolver

from unhijack.core.evidence import Failure, FailureKind

LOOKUP_SECONDS = 5.0
"""For one question, over all servers and tries."""
TRY_SECONDS = 2.0
MOST_RECORDS = 50
MOST_TEXT = 8 * 1024
MOST_CACHED = 20_000
KINDS = frozenset({"SOA", "MX", "CAA", "NS", "TXT"})


class DnsRecords:
    """`servers` are addresses with ports; without any, the system's own are asked."""

    def __init__(
        self, servers: Sequence[tuple[str, int]] = (), seconds: float = LOOKUP_SECONDS
    ) -> None:
        self._resolver: dns.asyncresolver.Resolver | None
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not servers)
        except dns.exception.DNSException:
            self._resolver = None
            return
        if servers:
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(*one) for one in servers]
        self._resolver.lifetime = seconds
        self._resolver.timeout = min(TRY_SECONDS, seconds)
        self._resolver.cache = dns.resolver.LRUCache(MOST_CACHED)

    async def look_up(self, name: str, kind: str) -> Sequence[str] | Failure:
        """See the port."""
        if self._resolver is None:
            return Failure(FailureKind.LOOKUP, "this machine names no name server")
        if kind not in KINDS:
            raise ValueError(f"no {kind} records are asked for")
        try:
            answer = await self._resolver.resolve(
                name, kind, raise_on_no_answer=False, search=False
            )
            found = islice(answer.rrset or (), MOST_RECORDS)
            return tuple(one.to_text()[:MOST_TEXT] for one in found)
        except dns.resolver.NXDOMAIN:
            return ()
        except dns.exception.Timeout:
            return Failure(FailureKind.LOOKUP, "no name server answered in time")
        except dns.resolver.NoNameservers:
            return Failure(FailureKind.LOOKUP, "no name server gave an answer that can be used")
        except (dns.exception.DNSException, OSError, ValueError, EOFError):
            return Failure(FailureKind.LOOKUP, "the name servers could not be asked")

"""The sources of contacts, asked all at once, each for a bounded time.

What a source does costs its own answer, never the others': its failure is a value for the journal.
"""

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from unhijack.collect.own_site import OwnWord, own_word
from unhijack.collect.probe import Budget, Probe
from unhijack.collect.reach import permitted
from unhijack.core.contact import IMPRINT, RDAP_DOMAIN, RDAP_NETWORK, Mention, Missing, Proxy
from unhijack.core.egress import IpAddress
from unhijack.core.evidence import Failure
from unhijack.core.site import Address, literal_ip, site_of
from unhijack.core.sources import Certificate, Origin, Registration
from unhijack.core.text import printable
from unhijack.parse.certificate import read_certificate
from unhijack.parse.rdap import read_registration
from unhijack.parse.zone import mail_servers
from unhijack.ports import Certificates, Directory, Networks, Records, Registry

_ASKING = 0.7
"""Of the time that there is, for the sources; the rest is for where the mail of those whom they
named ends."""
MOST_SERVERS = 4
"""Mail or name servers of one domain whose addresses are looked up."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sources:
    """Who is asked. A door that is None is not there, and its source is missing."""

    directory: Directory
    """What the operator wrote down."""
    registry: Registry | None = None
    records: Records | None = None
    networks: Networks | None = None
    certificates: Certificates | None = None
    proxies: tuple[Proxy, ...] = ()
    teams: Mapping[str, tuple[Mention, ...]] = field(default_factory=dict)
    """National teams by country."""


@dataclass(slots=True)
class Facts:
    """What the sources answered; what they did not is empty."""

    addresses: Sequence[IpAddress] = ()
    domain: Registration | None = None
    network: Registration | None = None
    zone: dict[str, Sequence[str]] = field(default_factory=dict)
    """Records by kind."""
    word: OwnWord = field(default_factory=OwnWord)
    certificate: tuple[Certificate, bool] | None = None
    origin: Origin = field(default_factory=Origin)
    origin_by: str = ""


class Asking:
    """One gathering under way."""

    def __init__(self, probe: Probe, sources: Sources, address: Address, seconds: float) -> None:
        self._probe = probe
        self._sources = sources
        self._address = address
        self._site = site_of(address.host)
        self._deadline = time.monotonic() + seconds
        self.missing: list[Missing] = []

    @property
    def _left(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    async def all(self, budget: Budget) -> Facts:
        """Everything that needs nobody else's answer, at once."""
        facts = Facts()
        look_up = permitted(self._probe.resolver, self._probe.guard, self._address)
        facts.addresses = await self._within("address", self._left * _ASKING, look_up) or ()
        left = self._left * _ASKING
        tasks = {
            RDAP_DOMAIN: self._registered(facts),
            RDAP_NETWORK: self._networked(facts),
            "dns": self._zoned(facts),
            IMPRINT: self._own(facts, budget),
            "certificate": self._certified(facts),
        }
        await asyncio.gather(*(self._within(name, left, task) for name, task in tasks.items()))
        return facts

    async def _within(self, source: str, seconds: float, task: Awaitable[T | Failure]) -> T | None:
        """What a source answers in time; else it is missing, with the reason."""
        try:
            async with asyncio.timeout(seconds):
                answer = await task
        except TimeoutError:
            self._miss(source, "it did not answer in time")
            return None
        except Exception as error:  # noqa: BLE001 - what a stranger's bytes do to a parser costs that source, never the case
            self._miss(source, f"its answer could not be read ({type(error).__name__})")
            return None
        if isinstance(answer, Failure):
            self._miss(source, answer.text)
            return None
        return answer

    def _miss(self, source: str, why: str) -> None:
        self.missing.append(Missing(source, printable(why, 200)))

    async def _registered(self, facts: Facts) -> Failure | None:
        if self._sources.registry is None:
            self._miss(RDAP_DOMAIN, "registries are not asked")
            return None
        if literal_ip(self._site) is not None:
            return None
        answer = await self._sources.registry.domain(self._site)
        if isinstance(answer, Failure):
            return answer
        facts.domain = read_registration(answer)
        if facts.domain is None:
            self._miss(RDAP_DOMAIN, "the answer is no registration")
        return None

    async def _networked(self, facts: Facts) -> Failure | None:
        if not facts.addresses:
            return None
        if self._sources.networks is not None:
            origin = self._sources.networks.origin(facts.addresses[0])
            if isinstance(origin, Failure):
                self._miss("networks", origin.text)
            else:
                facts.origin, facts.origin_by = origin
        if self._sources.registry is None:
            self._miss(RDAP_NETWORK, "registries are not asked")
            return None
        answer = await self._sources.registry.network(facts.addresses[0])
        if isinstance(answer, Failure):
            return answer
        facts.network = read_registration(answer)
        if facts.network is None:
            self._miss(RDAP_NETWORK, "the answer is no registration")
        return None

    async def _zoned(self, facts: Facts) -> Failure | None:
        if self._sources.records is None:
            self._miss("dns", "name servers are not asked")
            return None
        if literal_ip(self._site) is not None:
            return None
        wanted = [(self._site, kind) for kind in ("SOA", "NS", "CAA")]
        wanted.append((f"_security.{self._site}", "TXT"))
        answers = await asyncio.gather(
            *(self._sources.records.look_up(name, kind) for name, kind in wanted)
        )
        for (_, kind), answer in zip(wanted, answers, strict=True):
            if isinstance(answer, Failure):
                self._miss(f"dns {kind}", answer.text)
            else:
                facts.zone[kind] = answer
        return None

    async def _own(self, facts: Facts, budget: Budget) -> None:
        facts.word = await own_word(self._probe, self._address, budget)
        self.missing.extend(facts.word.missing)

    async def _certified(self, facts: Facts) -> Failure | None:
        if self._sources.certificates is None or self._address.scheme != "https":
            return None
        if not facts.addresses or literal_ip(self._address.host) is not None:
            return None
        shown = await self._sources.certificates.shown(
            self._address.host, facts.addresses[0], self._address.port
        )
        if isinstance(shown, Failure):
            return shown
        read = read_certificate(shown[0])
        facts.certificate = (read, shown[1]) if read else None
        return None

    async def mail_of(self, domain: str) -> tuple[bool, frozenset[IpAddress]] | None:
        """Whether a domain takes mail, and at which addresses; None where nobody says."""
        return await self._within("mail", self._left, self._mail_ends(domain))

    async def addresses(self, hosts: Sequence[str]) -> frozenset[IpAddress]:
        """Of the first few of these hosts, all together."""
        asked = self._addresses(hosts[:MOST_SERVERS])
        return await self._within("address", self._left, asked) or frozenset()

    async def _mail_ends(self, domain: str) -> tuple[bool, frozenset[IpAddress]] | Failure:
        """Whether a domain takes mail, and at which addresses; by its own, where it has no MX."""
        servers: Sequence[str] | None = ()
        if self._sources.records is not None:
            answer = await self._sources.records.look_up(domain, "MX")
            if isinstance(answer, Failure):
                return answer
            servers = mail_servers(answer)
        if servers is None:
            return False, frozenset()
        return True, await self._addresses(servers[:MOST_SERVERS] or [domain])

    async def _addresses(self, hosts: Sequence[str]) -> frozenset[IpAddress]:
        """Of all these hosts; those whose name is not answered have none."""
        found: set[IpAddress] = set()
        for host in hosts:
            try:
                async with asyncio.timeout(self._left):
                    answer = await self._probe.resolver.resolve(host)
            except TimeoutError:
                continue
            found |= set() if isinstance(answer, Failure) else set(answer)
        return frozenset(found)

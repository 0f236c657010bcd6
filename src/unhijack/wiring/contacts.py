"""Settings to the sources of contacts."""

import json
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

from unhijack.casework.asking import Sources
from unhijack.collect.probe import Probe
from unhijack.collect.reach import PLAIN, Errand, Reach
from unhijack.config.settings import Settings
from unhijack.core.contact import Mention, Proxy
from unhijack.core.evidence import Failure
from unhijack.core.site import Address
from unhijack.ports import (
    Certificates,
    Directory,
    Limits,
    Networks,
    Records,
    Registry,
    Response,
    Secrets,
)

REGISTRY_LIMITS = Limits(request_seconds=10.0, body_bytes=1024 * 1024)


def make_sources(settings: Settings, probe: Probe, secrets: Secrets) -> Sources:
    """Everybody who is asked, as far as the settings name them. Raises WrongUse."""
    return Sources(
        _directory(settings),
        _registry(settings, probe, secrets),
        _records(settings),
        _networks(settings),
        _certificates(settings, probe),
        _proxies(),
        _teams(settings),
    )


def bootstrap_file(settings: Settings) -> Path:
    """Which registry knows what."""
    return settings.rdap_bootstrap or settings.state / "rdap-bootstrap.json"


async def refresh_bootstrap(settings: Settings, probe: Probe, base: str = "") -> int:
    """Fetch the bootstrap data anew; its bytes. Raises WrongUse."""
    from unhijack.adapters.registry import refresh_bootstrap as refresh

    return await refresh(bootstrap_file(settings), _Get(probe), base)


class _Get:
    """The guarded GET of registries. They are asked from our own address: they are no site."""

    def __init__(self, probe: Probe) -> None:
        self._reach = Reach(probe.transport, probe.resolver, probe.guard, REGISTRY_LIMITS)

    async def __call__(
        self, address: Address, headers: tuple[tuple[str, str], ...]
    ) -> Response | Failure:
        return await self._reach.get(address, Errand((*PLAIN, *headers), secure=True))


def _directory(settings: Settings) -> Directory:
    from unhijack.adapters.directory import FileDirectory, read_directory

    return FileDirectory(read_directory(settings.directory) if settings.directory else {})


def _registry(settings: Settings, probe: Probe, secrets: Secrets) -> Registry | None:
    path = bootstrap_file(settings)
    if not settings.rdap or not (settings.rdap_bootstrap or path.exists()):
        return None
    from unhijack.adapters.registry import AnswerCache, Manners, RdapRegistry, read_bootstrap

    folder = settings.rdap_cache or settings.state / "rdap-cache"
    cache = AnswerCache(folder, secrets, timedelta(days=settings.rdap_cache_days))
    servers = read_bootstrap(path, probe.guard)
    return RdapRegistry(servers, _Get(probe), cache, probe.clock, Manners(settings.rdap_interval))


def _records(settings: Settings) -> Records | None:
    """In a lab the world's name servers are asked nothing."""
    if not settings.dns_servers and (settings.hosts or settings.allow_net):
        return None
    from unhijack.adapters.records import DnsRecords

    return DnsRecords(settings.dns_servers)


def _networks(settings: Settings) -> Networks | None:
    if not settings.networks:
        return None
    from unhijack.adapters.networks import MmdbNetworks

    return MmdbNetworks(settings.networks)


def _certificates(settings: Settings, probe: Probe) -> Certificates | None:
    """Only from our own address: where visits go out by proxies, none goes round them."""
    if probe.pool.ways:
        return None
    from unhijack.adapters.certificates import TlsCertificates

    return TlsCertificates(settings.ca_file)


def _proxies() -> tuple[Proxy, ...]:
    table = json.loads((files("unhijack.data") / "proxies.json").read_text(encoding="utf-8"))
    return tuple(
        Proxy(name, frozenset(one["as"]), tuple(one["networks"])) for name, one in table.items()
    )


def _teams(settings: Settings) -> dict[str, tuple[Mention, ...]]:
    from unhijack.adapters.teams import read_teams

    teams = dict(read_teams(Path(str(files("unhijack.data") / "national_teams.json"))))
    if settings.national_teams is not None:
        teams |= read_teams(settings.national_teams)
    return teams

"""Hosts that the world knows, and to which honest sites send their visitors."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """Host names; each stands for its subdomains too."""

    stores: frozenset[str] = frozenset()
    """Where phones get their apps."""
    caches: frozenset[str] = frozenset()
    """Where search engines keep quick copies of pages (AMP)."""
    services: frozenset[str] = frozenset()
    """Consent walls, identity providers, payment services."""


NOBODY = KnownHosts()


def is_among(host: str, names: frozenset[str]) -> bool:
    """Whether a host is one of the names, or below one."""
    while host:
        if host in names:
            return True
        host = host.partition(".")[2]
    return False

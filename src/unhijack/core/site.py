"""Addresses and the sites they belong to, by the browser's own rules."""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

import ada_url
from publicsuffixlist import PublicSuffixList

from unhijack.core.errors import WrongUse

LONGEST_URL = 8192
"""Characters of an address beyond which nothing is followed or recorded."""

_SUFFIXES = PublicSuffixList()  # a constant table that comes with its package, not state
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """An absolute http(s) address, as a browser would write it."""

    href: str
    scheme: str
    host: str
    """Lower case, Punycode, without port or last dot; an IPv6 host stands without brackets."""
    port: int

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def target(self) -> str:
        """Path and query, as a request line has them."""
        start = self.href.index("/", len(self.scheme) + 3)
        return self.href[start:]


class NotAnAddress(ValueError):
    """Text that is no http(s) address; the message says why."""


@lru_cache(maxsize=4096)
def parse_address(text: str, base: str | None = None) -> Address:
    """The address that a browser would open for `text` on a page at `base`.

    User name, password and fragment are dropped: a server never needs them to show its page.
    Raises NotAnAddress.
    """
    if len(text) > LONGEST_URL:
        raise NotAnAddress(f"longer than {LONGEST_URL} characters")
    try:
        url = ada_url.URL(text, base) if base else ada_url.URL(text)
    except (ValueError, UnicodeError):
        raise NotAnAddress("does not parse as a web address") from None
    scheme = url.protocol.rstrip(":")
    if scheme not in _DEFAULT_PORTS:
        raise NotAnAddress(f"scheme {scheme[:20]!r} is not http or https")
    if base or "@" in text or "#" in text:  # each setter costs as much as the parse
        url.username, url.password, url.hash = "", "", ""
    host = url.hostname.rstrip(".")
    if not host:
        raise NotAnAddress("names no host")
    if host != url.hostname:
        url.hostname = host  # a.test. is a.test: what is resolved and what is asked must not differ
    if len(url.href) > LONGEST_URL:
        raise NotAnAddress(f"longer than {LONGEST_URL} characters")
    port = int(url.port) if url.port else _DEFAULT_PORTS[scheme]
    return Address(url.href, scheme, url.hostname.strip("[]"), port)


def address_to_check(text: str) -> Address:
    """The address that a person typed: a bare host means http. Raises WrongUse."""
    text = text.strip()
    try:
        return parse_address(text if "://" in text else f"http://{text}")
    except NotAnAddress as error:
        raise WrongUse(f"{text[:200]!r} is not an address to check: {error}") from None


@lru_cache(maxsize=16384)
def literal_ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that `host` spells, or None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


@lru_cache(maxsize=16384)
def site_of(host: str) -> str:
    """The registrable domain of a host by the Public Suffix List; an IP address is its own site."""
    if ":" in host or host.replace(".", "").isdigit():
        return host
    return _SUFFIXES.privatesuffix(host) or host


@lru_cache(maxsize=16384)
def brand_of(host: str) -> str:
    """The label that somebody registered, without its public suffix: ``example`` of a.example.de."""
    site = site_of(host)
    return site.partition(".")[0] if literal_ip(site) is None else site

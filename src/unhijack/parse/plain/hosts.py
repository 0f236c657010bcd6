"""Whether an address that a file names leads to another site."""

from __future__ import annotations

import re

_ABSOLUTE = re.compile(
    r"(?:https?:|wss?:)?\\?/\\?/(?:[^/@\s\"']{0,64}@)?([A-Za-z0-9_-][A-Za-z0-9._-]{0,252})",
    re.IGNORECASE,
)
WELL_KNOWN = (
    *(
        "w3.org",
        "wordpress.org",
        "wordpress.com",
        "gravatar.com",
        "schema.org",
        "php.net",
        "drupal.org",
    ),
    *("googleapis.com", "gstatic.com", "apple.com", "play.google.com", "github.com", "joomla.org"),
    *("sitemaps.org", "google-analytics.com", "googletagmanager.com", "paypal.com", "mozilla.org"),
    *("jquery.com", "cloudflare.com", "jsdelivr.net", "browsehappy.com", "purl.org", "ogp.me"),
    *("xmlsoap.org", "w3.org", "microsoft.com", "youtube.com", "symfony.com", "laravel.com"),
)
"""Places to which honest software sends people. A redirect to them harms nobody."""
_SECOND = frozenset("ac co com edu gob gov gub ne net nom or org sch".split())
_PRIVATE = re.compile(
    r"(?:localhost|(?:127|10)\.[0-9.]+|192\.168\.[0-9.]+|172\.(?:1[6-9]|2\d|3[01])\.[0-9.]+|0\.0\.0\.0)"
)
_NUMBERS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")


def host_of(address: str) -> str:
    """The host of an absolute address (``//host`` too), in lower case; empty for any other."""
    match = _ABSOLUTE.match(address.strip())
    return match.group(1).lower().strip(".") if match else ""


def site(host: str) -> str:
    """The part of a host that is bought: a guess without the public suffix list."""
    if _NUMBERS.fullmatch(host):
        return host
    labels = host.split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND
    return ".".join(labels[-3 if short else -2 :])


def is_foreign(host: str, own: frozenset[str]) -> bool:
    """Whether `host` is a real name that belongs to none of the sites of `own`."""
    if "." not in host or _PRIVATE.fullmatch(host):
        return False
    return site(host) not in {site(name.lower()) for name in own}

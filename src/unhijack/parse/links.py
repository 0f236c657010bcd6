"""What a page links to, and what it says instead of a page: by its bytes, in one pass.

Nothing here accuses anybody by itself, so a pattern is good enough: a link in a comment counts.
"""

import re

from unhijack.core.evidence import Notice
from unhijack.core.site import NotAnAddress, parse_address, site_of

MOST_LINKS = 1_000
SMALL = 4_096
"""Bytes: a page that says all is well, and is longer, is believed."""

_HREF = re.compile(
    rb"href[\t\n\f\r ]{0,9}=[\t\n\f\r ]{0,9}[\"']?[\t\n\f\r ]{0,9}"
    rb"(?:https?:)?//([a-z0-9.-]{1,253})"
)
_INNER = re.compile(
    rb"<a[\t\n\f\r ](?:[^<>]{0,300}?[\t\n\f\r ])?href[\t\n\f\r ]{0,9}=[\t\n\f\r ]{0,9}[\"']?"
    rb"((?![a-z]{1,20}:|//|#|\?)[^\"'<>#?\t\n\f\r ]{1,300})",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    rb"(?:solve|complete|enter) (?:the|this|a) captcha|are you (?:a robot|human)|not a robot"
    rb"|(?:checking|verify(?:ing)?) (?:your browser|you are)|enable javascript and cookies"
    rb"|cf-chl|cf-turnstile|challenge-platform|just a moment"
)
_MAINTENANCE = re.compile(
    rb"maintenance|back (?:soon|shortly|later)|wartung|temporarily unavailable|under construction"
)


def outward_links(lowered: bytes, home: str) -> frozenset[str]:
    """Sites other than `home` that a page, in lower case, links to."""
    if b"//" not in lowered:
        return frozenset()
    hosts = {match[1] for match, _ in zip(_HREF.finditer(lowered), range(MOST_LINKS), strict=False)}
    sites = {site_of(host.decode("ascii").strip(".")) for host in hosts}
    return frozenset(sites - {home, ""})


def inner_link(body: bytes, url: str) -> str | None:
    """A page of the same host that a page at `url` links to, other than itself and the first one.

    The third if there are as many: what comes first is often the home page once more.
    """
    here = parse_address(url)
    top = parse_address("/", url)
    found: dict[str, None] = {}
    for match, _ in zip(_INNER.finditer(body), range(20), strict=False):
        try:
            address = parse_address(match[1].decode("latin-1"), url)
        except NotAnAddress:
            continue
        if address.host == here.host and address not in (here, top):
            found[address.href] = None
            if len(found) == 3:
                break
    return next(reversed(found), None)


def notice_of(lowered: bytes, status: int) -> Notice | None:
    """What a page, in lower case, says instead of what was asked for."""
    if status < 400 and len(lowered) > SMALL:
        return None
    start = lowered[: 4 * SMALL]
    if _CHALLENGE.search(start):
        return Notice.CHALLENGE
    if status == 503 and _MAINTENANCE.search(start):
        return Notice.MAINTENANCE
    return None

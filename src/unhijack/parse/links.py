"""What a page links to, and what it says instead of a page: by its bytes, in one pass.

Nothing here accuses anybody by itself, so a pattern is good enough: a link in a comment counts.
What a script says does not: a redirect would be its own excuse.
"""

import re

from unhijack.core.evidence import Notice
from unhijack.core.site import site_of

MOST_LINKS = 1_000
MOST_INNER = 20
SMALL = 4_096
"""Bytes: a page that says all is well, and is longer, is believed."""

_REFUSALS = frozenset({403, 429, 503})
_HREF = re.compile(
    rb"(?<![\w.$-])href[\t\n\f\r ]{0,9}=[\t\n\f\r ]{0,9}[\"']?[\t\n\f\r ]{0,9}"
    rb"(?:https?:)?//([a-z0-9.-]{1,253})"
)
_INNER = re.compile(
    rb"<[aA][\t\n\f\r ](?:[^<>]{0,300}?[\t\n\f\r ])?(?i:href)[\t\n\f\r ]{0,9}=[\t\n\f\r ]{0,9}[\"']?"
    rb"((?![a-zA-Z]{1,20}:|//|#|\?)[^\"'<>#?\t\n\f\r ]{1,300})",
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
    found = _HREF.finditer(_without_scripts(lowered))
    hosts = {match[1] for match, _ in zip(found, range(MOST_LINKS), strict=False)}
    sites = {site_of(host.decode("ascii").strip(".")) for host in hosts}
    return frozenset(sites - {home, ""})


def _without_scripts(lowered: bytes) -> bytes:
    """A page without what stands in its script elements; one that is never closed goes on."""
    parts, at = [], 0
    while (start := lowered.find(b"<script", at)) >= 0:
        parts.append(lowered[at:start])
        at = lowered.find(b"</script", start)
        if at < 0:
            break
    else:
        parts.append(lowered[at:])
    return b" ".join(parts)


def inner_link(body: bytes) -> str | None:
    """The third link of a page to one of the same site, or the last; as written.

    What comes first is often the home page once more.
    """
    found: dict[bytes, None] = {}
    for match, _ in zip(_INNER.finditer(body), range(MOST_INNER), strict=False):
        if match[1] != b"/":
            found[match[1]] = None
            if len(found) == 3:
                break
    last = next(reversed(found), None)
    return None if last is None else last.decode("latin-1")


def notice_of(lowered: bytes, status: int) -> Notice | None:
    """What a page, in lower case, says instead of what was asked for."""
    if status not in _REFUSALS and len(lowered) > SMALL:
        return None
    start = lowered[: 4 * SMALL]
    if _CHALLENGE.search(start):
        return Notice.CHALLENGE
    if status == 503 and _MAINTENANCE.search(start):
        return Notice.MAINTENANCE
    return None

"""Where a redirect or an injected tag leads: the site itself, elsewhere, or where nobody can see."""

import re
from dataclasses import dataclass

from unhijack.parse.plain.hosts import WELL_KNOWN
from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.values import Value

_ADDRESS = re.compile(r"\s*(?:https?:)?//([^/?#\s\"'<>;\\]*)(.?)", re.IGNORECASE | re.DOTALL)
_HEADER = re.compile(r"\s*(?:location\s*:|refresh\s*:\s*\d*\s*;?\s*(?:url\s*=)?)\s*", re.IGNORECASE)
_OWN_PREFIXES = ("m.", "mobile.", "wap.", "mobi.", "touch.", "accounts.", "login.", "sso.", "auth.")


_NO_FRONT_DOOR = re.compile(r"/wp-(?:content|includes)/|/\.[\w-]{2,}/|\.(?:ico|css|txt)\b")
"""Where no site sends those who have its mobile page to see, or its login."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What is known of a target."""

    foreign: bool = False
    """It names another site."""
    hidden: bool = False
    """It is decoded or put together from characters."""
    fetched: bool = False
    """Another server says it."""
    asked: bool = False
    """That server was told about the visitor."""
    parsed: bool = False
    """That answer was read as JSON or the like, as honest clients of a service do."""
    stored: bool = False
    told: int = 0
    """What about the visitor goes along."""
    unknown: bool = False
    """Nothing of it is known: it begins with what is not constant."""
    sibling: bool = False
    """It looks like the site's own mobile or login host."""


def aim_of(value: Value, own: frozenset[str]) -> Aim:
    """Where `value` leads; the header's name before it is passed over."""
    head = _HEADER.sub("", value.head, count=1) if _HEADER.match(value.head) else value.head
    flags = value.flags
    told = flags & (v.VISITOR | v.HOST | v.PLACE | v.QUERY)
    if flags & v.FETCHED and not _begins_at_home(head, value):
        return Aim(
            fetched=True,
            asked=bool(flags & v.ASKED),
            parsed=bool(flags & v.PARSED),
            foreign=bool(_named(head) and is_foreign(_named(head), own)),
            hidden=bool(flags & v.DECODED),
            told=told,
        )
    hidden = bool(flags & (v.DECODED | v.BUILT | v.ESCAPED)) and not (
        value.after & v.OPAQUE and not _named(head)
    )
    name = _named(head)
    if name:
        foreign = is_foreign(name, own)
        by_chance = value.all() & v.CHANCE or _NO_FRONT_DOOR.search(head + value.tail)
        return Aim(
            foreign=foreign,
            hidden=hidden and foreign,
            told=told,
            sibling=name.startswith(_OWN_PREFIXES) and not by_chance,
        )
    if _begins_at_home(head, value):
        return Aim(told=told)
    hosts = [host for host in value.hosts if is_foreign(host, own)]
    if head.strip() and value.after & v.OPAQUE and "//" in head and not hosts:
        return Aim(stored=bool(flags & (v.STORED | v.FILE)), told=told)
    made = bool(flags & (v.DECODED | v.BUILT)) and not flags & v.OPAQUE
    if head.endswith("//") and value.after & (v.HASHED | v.TIME | v.CHANCE):
        made = not value.after & v.OPAQUE
    return Aim(
        foreign=bool(hosts),
        hidden=(hidden and bool(hosts)) or made,
        stored=bool(flags & (v.STORED | v.FILE)),
        unknown=not head.strip(),
        told=told,
        sibling=bool(hosts) and all(host.startswith(_OWN_PREFIXES) for host in hosts),
    )


def _named(head: str) -> str:
    """The host that a constant beginning names in full."""
    match = _ADDRESS.match(head)
    if match is None or "." not in match[1]:
        return ""
    return match[1].lower().rpartition("@")[2].partition(":")[0]


def _begins_at_home(head: str, value: Value) -> bool:
    """Whether the target is a path, or begins with the name by which the site was asked."""
    start = head.strip().lower()
    if start.startswith(("//", "http:", "https:", "http://")):
        return not _named(head) and bool(value.after & v.HOST) and start.endswith("//")
    if start and not start.startswith("%"):
        return True
    return not start and bool(value.after & (v.HOST | v.PLACE)) and not value.after & v.FETCHED


def is_foreign(host: str, own: frozenset[str]) -> bool:
    """Whether `host` is somebody else's, and not a place to which honest software leads."""
    if host in own or any(host.endswith("." + name) for name in own):
        return False
    return not any(host == name or host.endswith("." + name) for name in WELL_KNOWN)

"""A confident finding as an abuse report that machines read: XARF 4, content/remote_compromise.

It names the site and nothing else: no destination, no text of a file. Addresses stand in it as
they are, for XARF takes no defanged ones; they are the victim's own.
"""

import hashlib
import json
import re
import uuid
from dataclasses import dataclass

from unhijack.compose.scan_report import FolderResult, is_sure
from unhijack.core.data import Json
from unhijack.core.finding import Finding, Kind
from unhijack.core.site import NotAnAddress, parse_address
from unhijack.core.text import printable

VERSION = "4.2.0"
MOST_INDICATORS = 100

_COMPROMISES = (
    (Kind.REDIRECT, "malicious_redirect"),
    (Kind.WEBSHELL, "webshell"),
    (Kind.BACKDOOR, "backdoor"),
    (Kind.DROPPER, "backdoor"),
    (Kind.SPAM, "seo_spam"),
)
"""The first that was found names the report; anything else is ``other``."""
_CMS = frozenset("wordpress joomla drupal magento prestashop opencart".split())


@dataclass(frozen=True, slots=True)
class Sender:
    """Who reports."""

    organisation: str
    mail: str

    @property
    def data(self) -> dict[str, Json]:
        """As XARF has it."""
        return {
            "org": self.organisation[:200],
            "contact": self.mail,
            "domain": self.mail.rpartition("@")[2].lower(),
        }


def xarf_of(folder: FolderResult, scanned_at: str, sender: Sender) -> bytes | None:
    """The report on one folder; None where nothing is confident, or no name of it is known."""
    sure = [one for one in folder.listed if is_sure(one)]
    domain = next((name for name in map(_name, folder.account.domains) if name), "")
    if not sure or not domain:
        return None
    data: dict[str, Json] = {
        "xarf_version": VERSION,
        "report_id": _identifier(folder, sure),
        "timestamp": scanned_at,
        "reporter": sender.data,
        "sender": sender.data,
        "source_identifier": domain,
        "category": "content",
        "type": "remote_compromise",
        "evidence_source": "automated_scan",
        "url": f"http://{domain}/",
        **({"domain": domain} if is_domain(domain) else {}),
        "compromise_type": _compromise(sure),
        "compromise_indicators": [
            _indicator(one, folder.account.docroot + "/") for one in sure[:MOST_INDICATORS]
        ],
        "affected_cms": folder.cms if folder.cms in _CMS else "unknown",
        "cleanup_status": "not_cleaned",
        "confidence": round(max(one.confidence for one in sure), 2),
        "description": (
            f"Planted code in the files of this website, seen in the files themselves: "
            f"{folder.sure} confident findings. The site is the victim of a break-in."
        ),
    }
    return json.dumps(data, indent=1).encode("ascii") + b"\n"


_DOMAIN = re.compile(r"([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}")


def is_domain(host: str) -> bool:
    """Whether XARF's schema takes a name as ``domain``: it has no place for ``xn--``."""
    return len(host) <= 253 and _DOMAIN.fullmatch(host) is not None


def _name(domain: str) -> str:
    """A name as DNS has it; empty for what is none."""
    try:
        host = parse_address(f"http://{domain}/").host
    except NotAnAddress:
        return ""
    return host if "." in host and ":" not in host and not host[-1].isdigit() else ""


def _compromise(sure: list[Finding]) -> str:
    kinds = {one.kind for one in sure}
    return next((name for kind, name in _COMPROMISES if kind in kinds), "other")


def _indicator(one: Finding, prefix: str) -> dict[str, Json]:
    line = f", line {one.line}" if one.line else ""
    return {
        "type": "file_path",
        "value": "/" + printable(one.path.removeprefix(prefix), 500),
        "description": f"{one.kind}: {printable(one.rule)}{line}, SHA-256 {one.sha256}",
    }


def _identifier(folder: FolderResult, sure: list[Finding]) -> str:
    """The same for the same findings: whoever gets the report again knows it."""
    seen = [folder.account.docroot, *sorted(f"{one.path} {one.sha256} {one.rule}" for one in sure)]
    digest = hashlib.sha256("\0".join(seen).encode("utf-8", "surrogateescape")).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))

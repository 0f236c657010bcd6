"""A verdict from outside as an abuse report that machines read: XARF 4, content/remote_compromise.

For the hoster of the site. It names the site's own addresses as they are (XARF takes no defanged
ones), and nothing of where visitors are sent.
"""

import hashlib
import json
import uuid

from unhijack.compose.letter_kinds import Letterhead, Occasion, Why
from unhijack.compose.redact import Cleared
from unhijack.compose.scan_xarf import VERSION, Sender, is_domain
from unhijack.core.data import Json
from unhijack.core.site import NotAnAddress, parse_address

_CMS = frozenset("wordpress joomla drupal magento prestashop opencart".split())
_STATUS = {Why.AGAIN: "reinfected"}


def case_xarf(cleared: Cleared, occasion: Occasion, head: Letterhead) -> bytes | None:
    """The report on one site; None where its address has no name that XARF takes."""
    try:
        address = parse_address(cleared.site_url)
    except NotAnAddress:
        return None
    sender = Sender(head.organisation, head.sender).data
    seen_at = f"{cleared.seen_at:%Y-%m-%dT%H:%M:%SZ}"
    data: dict[str, Json] = {
        "xarf_version": VERSION,
        "report_id": _identifier(occasion),
        "timestamp": seen_at,
        "reporter": sender,
        "sender": sender,
        "source_identifier": address.host,
        "category": "content",
        "type": "remote_compromise",
        "evidence_source": "crawler",
        "url": address.href,
        "verified_at": seen_at,
        "verification_method": "automated_crawler",
        "compromise_type": "malicious_redirect",
        "affected_cms": _cms(cleared.made_with.cms),
        "cleanup_status": _STATUS.get(occasion.why, "not_cleaned"),
        "confidence": round(min(1.0, max(0.0, cleared.confidence)), 2),
        "tags": [f"unhijack:{occasion.reference.lower()}"],
        "description": _description(cleared),
    }
    if is_domain(address.host):
        data["domain"] = address.host
    return json.dumps(data, indent=1).encode("ascii") + b"\n"


def _cms(code: str) -> str:
    if not code:
        return "unknown"
    return code if code in _CMS else "other"


def _description(cleared: Cleared) -> str:
    met = "; ".join(one.text for one in cleared.conditions)
    text = (
        f"The site sends some of its visitors to another site: {cleared.times} of {cleared.visits} "
        f"visits. A visitor who: {met or 'not known yet'}. The site is the victim of a break-in."
    )
    return text[:1000]


def _identifier(occasion: Occasion) -> str:
    """The same for the same notice: whoever gets the report again knows it."""
    digest = hashlib.sha256(occasion.message_id.encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))

"""Letters for the tests: one hijacked bakery, and everybody who could be told of it."""

import email
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default

from unhijack.compose.letter_kinds import (
    Letterhead,
    Matter,
    Occasion,
    Reader,
    Role,
    Why,
)
from unhijack.compose.redact import Cleared, for_owner
from unhijack.compose.replay import curl_line
from unhijack.core.case import Case
from unhijack.core.data import Json

WHEN = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
EARLIER = datetime(2026, 2, 20, tzinfo=UTC)
UNTIL = datetime(2026, 6, 1, tzinfo=UTC)
HEAD = Letterhead(
    "CERT of the town", "notices@cert.test", ("Market Square 1", "12345 Town"), "+49 30 123456"
)
ANSWERS = "notices+kqzvmtrwxp-1-0123456789abcdef@cert.test"
OWNER = Reader("info@bakery.test")
MET: list[Json] = ["comes from a search engine", "uses a phone"]


def hop(url: str | None, host: str, via: str | None, status: int | None) -> dict[str, Json]:
    return {
        "url": url,
        "host": host,
        "url_hmac": None,
        "via": via,
        "status": status,
        "failure": None,
    }


def case(
    *,
    url: str = "http://bakery.test/",
    via: str = "location",
    made_with: dict[str, Json] | None = None,
    conditions: list[Json] | None = None,
) -> Case:
    log: list[Json] = [
        {
            "visit": 1,
            "persona": "search-phone",
            "at": WHEN.isoformat(),
            "outcome": "left",
            "hops": [hop(url, "bakery.test", None, 302), hop(None, "hop.example", via, 302)],
            "failure": None,
        },
        {
            "visit": 2,
            "persona": "direct-desktop",
            "at": WHEN.isoformat(),
            "outcome": "stayed",
            "hops": [hop(url, "bakery.test", None, 200)],
            "failure": None,
        },
    ]
    verdict: dict[str, Json] = {
        "visit_log": log,
        "confidence": 0.9,
        "conditions": MET if conditions is None else conditions,
        "made_with": made_with or {},
    }
    return Case(1, url=url, verdict=verdict)


def occasion(why: Why = Why.FIRST, *, reference: str = "kqzvmtrwxp", link: str = "") -> Occasion:
    return Occasion(
        reference, 1, f"<{reference}@cert.test>", WHEN, why, ANSWERS, EARLIER, UNTIL, link
    )


def matter(of: Case | None = None, about: Occasion | None = None, cause: str = "") -> Matter:
    told = of or case()
    cleared: Cleared = for_owner(replace(told, scan={"way": cause}) if cause else told)
    asked = [("User-Agent", "A 'phone'"), ("Referer", "https://www.google.com/")]
    replays = [curl_line(one.url, asked) for one in cleared.own_hops]
    return Matter(cleared, about or occasion(), replays)


def reader(role: Role, *, independent: bool = False) -> Reader:
    return Reader("desk@reader.test", role, independent)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def prose(message: EmailMessage) -> str:
    """The text on one line: where it is wrapped does not matter."""
    return " ".join(body(message).split())

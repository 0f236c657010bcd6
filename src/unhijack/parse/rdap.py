"""Answers of registries (RDAP, RFC 9083): who holds a domain or a network, and their mailboxes.

The JSON is somebody's: every type is checked, nesting and counts are bounded, and what makes no
sense is passed over. Redaction (RFC 9537) is told apart from absence.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from unhijack.core.contact import country_code, language_tag, plain_mailbox
from unhijack.core.sources import Holder, Mailbox, Registration
from unhijack.core.text import printable

MOST_ENTITIES = 200
MOST_DEPTH = 6
"""Of entities within entities."""
MOST_PROPERTIES = 100
"""Of one card."""
MOST_MAILBOXES = 20
MOST_WORD = 100
MOST_REMARK = 4_000
"""Characters of remarks that are read."""

_IN_REMARK = re.compile(r"[A-Za-z0-9._+=-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}")
_ABUSE = re.compile(r"abuse|spam|security", re.IGNORECASE)
_VEILED = re.compile(
    r"redact|privacy|private|proxy|protect|whoisguard|withheld|anonym|mask(?:ed|ing)|disclosed"
    r"|hidden|gdpr|confidential",
    re.IGNORECASE,
)


def read_registration(answer: object) -> Registration | None:
    """The meaning of an answer; None for what is none. Never raises."""
    if not isinstance(answer, Mapping) or not isinstance(answer.get("objectClassName"), str):
        return None
    redacted = tuple(_redacted(answer))
    hidden_mail = any("email" in word.lower() for word in redacted)
    found: dict[tuple[object, ...], Mailbox] = {}
    holder = None
    for within, roles, entity in _entities(answer):
        card = _card(entity)
        if holder is None and "registrant" in roles and not within:
            handle = _word(entity.get("handle"))
            service = _VEILED.search(f"{card.name} {handle}") is not None
            holder = Holder(handle, card.name, card.country, service)
        veiled = bool(_VEILED.search(card.name)) or (hidden_mail and "registrant" in roles)
        for mail in card.mailboxes:
            if len(found) < MOST_MAILBOXES:
                hidden = veiled or bool(_VEILED.search(mail))
                one = Mailbox(mail, roles, within, card.language, hidden)
                found.setdefault((mail.casefold(), within, roles), one)
    return Registration(
        _word(answer.get("handle")),
        _word(answer.get("name")) or _word(answer.get("ldhName")),
        country_code(answer.get("country")),
        tuple(found.values()),
        holder,
        tuple(_remarked(answer)),
        redacted,
    )


Roles = tuple[str, ...]


def _entities(
    answer: Mapping[str, object],
) -> Iterator[tuple[Roles, Roles, Mapping[str, object]]]:
    """Each entity with the roles around it and its own; those further out come first."""
    layer: list[tuple[Roles, object]] = [((), answer)]
    seen = 0
    for _ in range(MOST_DEPTH):
        deeper: list[tuple[Roles, object]] = []
        for within, holder in layer:
            for entity in _list(_get(holder, "entities"), MOST_ENTITIES):
                if seen == MOST_ENTITIES:
                    return
                seen += 1
                if isinstance(entity, Mapping):
                    roles = _roles(entity)
                    yield within, roles, entity
                    deeper.append(((*within, *roles), entity))
        layer = deeper


def _roles(entity: Mapping[str, object]) -> Roles:
    words = (_word(role).lower() for role in _list(entity.get("roles"), 10))
    return tuple(word for word in words if word)


@dataclass(frozen=True, slots=True)
class _Card:
    name: str
    mailboxes: tuple[str, ...]
    country: str
    language: str


def _card(entity: Mapping[str, object]) -> _Card:
    """Of a jCard (RFC 7095), or of the JSContact (RFC 9553) that follows it."""
    name = country = language = ""
    mails: list[str] = []
    for key, parameters, value in _properties(entity.get("vcardArray")):
        if key == "email" and isinstance(value, str):
            mail = plain_mailbox(value[:300].removeprefix("mailto:"))
            mails += [mail] if mail else []
        elif key in ("fn", "org"):
            name = name or _word(value)
        elif key == "adr":
            country = country or _country(parameters, value)
        elif key == "lang":
            language = language or language_tag(value)
    card = entity.get("jscard")
    if isinstance(card, Mapping):
        mails += _addresses(card)
        name = name or _word(_get(card.get("name"), "full"))
        country = country or _first_code(card.get("addresses"))
        language = language or language_tag(card.get("language"))
    return _Card(name, tuple(dict.fromkeys(mails))[:MOST_MAILBOXES], country, language)


def _properties(card: object) -> Iterator[tuple[str, object, object]]:
    """Name, parameters and value of each property of ``["vcard", [[name, {}, type, value], …]]``."""
    parts = _list(card, 2)
    if len(parts) < 2 or parts[0] != "vcard":
        return
    for one in _list(parts[1], MOST_PROPERTIES):
        if isinstance(one, list) and len(one) >= 4 and isinstance(one[0], str):
            yield one[0].lower(), one[1], one[3]


def _country(parameters: object, value: object) -> str:
    """By the code of RFC 8605, or where the country stands as two letters."""
    stands = value[6] if isinstance(value, list) and len(value) > 6 else None
    return country_code(_get(parameters, "cc")) or country_code(stands)


def _addresses(card: Mapping[str, object]) -> list[str]:
    emails = card.get("emails")
    values = list(emails.values())[:MOST_MAILBOXES] if isinstance(emails, Mapping) else []
    texts = [_get(value, "address") for value in values]
    return [mail for text in texts if isinstance(text, str) and (mail := plain_mailbox(text[:300]))]


def _first_code(addresses: object) -> str:
    values = list(addresses.values())[:10] if isinstance(addresses, Mapping) else []
    return next((code for one in values if (code := country_code(_get(one, "countryCode")))), "")


def _remarked(answer: Mapping[str, object]) -> Iterator[str]:
    """Mailboxes in remarks that speak of abuse."""
    room = MOST_REMARK
    for remark in _list(answer.get("remarks"), 50):
        lines = [line for line in _list(_get(remark, "description"), 50) if isinstance(line, str)]
        text = " ".join([_word(_get(remark, "title")), *lines])[:room]
        room -= len(text)
        if _ABUSE.search(text):
            for match, _ in zip(_IN_REMARK.finditer(text), range(5), strict=False):
                if mail := plain_mailbox(match[0].rstrip(".-")):
                    yield mail


def _redacted(answer: Mapping[str, object]) -> Iterator[str]:
    """What is named as kept back."""
    for entry in _list(answer.get("redacted"), 50):
        name = _get(entry, "name")
        word = _word(_get(name, "description")) or _word(_get(name, "type"))
        if word:
            yield word


def _list(value: object, most: int) -> list[object]:
    return value[:most] if isinstance(value, list) else []


def _get(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, Mapping) else None


def _word(value: object) -> str:
    """A short text of somebody's, harmless and on one line."""
    if isinstance(value, list):
        value = " ".join(part for part in value[:10] if isinstance(part, str))
    return printable(" ".join(value[:400].split()), MOST_WORD) if isinstance(value, str) else ""

"""security.txt (RFC 9116): whom to tell, as the site itself says."""

import re
from datetime import UTC, datetime
from urllib.parse import unquote

from unhijack.core.contact import language_tag, plain_mailbox
from unhijack.core.site import NotAnAddress, parse_address
from unhijack.core.sources import SecurityTxt

MOST_BYTES = 64 * 1024
MOST_LINES = 2_000
MOST_CONTACTS = 5
MOST_VALUES = 10
"""Of Canonical, and of languages."""

_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_FIELD = re.compile(r"([A-Za-z][A-Za-z-]{0,40})[ \t]*:[ \t]*(.*)")
_MARKUP = re.compile(rb"<[!a-zA-Z?]")


def parse_security_txt(body: bytes) -> SecurityTxt | None:
    """The file's meaning; None for what is none (a page that says "not found", for one)."""
    if _MARKUP.match(body[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()):
        return None
    text = body[:MOST_BYTES].decode("utf-8-sig", "replace")
    lines, signed = _unwrapped(re.split(r"\r?\n|\r", text)[:MOST_LINES])
    found = list(_fields(lines))
    contacts = [mail for name, value in found if name == "contact" and (mail := _mailbox(value))]
    if not any(name == "contact" for name, _ in found):
        return None
    expiries = [value for name, value in found if name == "expires"]
    spoken = [value for name, value in found if name == "preferred-languages"]
    return SecurityTxt(
        tuple(dict.fromkeys(contacts))[:MOST_CONTACTS],
        _time(expiries[0]) if len(expiries) == 1 else None,
        tuple(_addresses([value for name, value in found if name == "canonical"])),
        tuple(_languages(spoken[0])) if spoken else (),
        signed,
    )


def _unwrapped(lines: list[str]) -> tuple[list[str], bool]:
    """The lines within a PGP signature, dashes unescaped; as they are where there is none."""
    begin = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if not lines or lines[begin].strip() != _SIGNED:
        return lines, False
    inside: list[str] = []
    after_headers = False
    for line in lines[begin + 1 :]:
        if line.startswith(_SIGNATURE):
            break
        if after_headers:
            inside.append(line.removeprefix("- "))
        elif not line.strip():
            after_headers = True
    return inside, True


def _fields(lines: list[str]) -> list[tuple[str, str]]:
    matched = (_FIELD.fullmatch(line.strip()) for line in lines if not line.startswith("#"))
    return [(one[1].lower(), one[2].strip()) for one in matched if one]


def _mailbox(value: str) -> str | None:
    """Out of ``mailto:a@b?subject=x``, or of a bare mailbox, which the RFC forbids and many write."""
    if value.lower().startswith("mailto:"):
        value = unquote(value[7:].partition("?")[0])
    return plain_mailbox(value)


def _time(value: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        return at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return None


def _addresses(values: list[str]) -> list[str]:
    found = []
    for value in values[:MOST_VALUES]:
        try:
            found.append(parse_address(value).href)
        except NotAnAddress:
            continue
    return found


def _languages(value: str) -> list[str]:
    tags = (language_tag(part) for part in value.split(",")[:MOST_VALUES])
    return list(dict.fromkeys(tag for tag in tags if tag))

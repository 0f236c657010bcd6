"""What DNS records say of whom to ask, out of their presentation form (RFC 1035, section 5)."""

import re
from collections.abc import Sequence

from unhijack.core.contact import plain_mailbox

MOST_TEXT = 8 * 1024
"""Characters of one record that are read."""

_QUOTED = re.compile(r'"((?:[^"\\]|\\.){0,1100})"|([^\s"]{1,1100})')
_ESCAPE = re.compile(r"\\(\d{3}|.)", re.DOTALL)
_CAA = re.compile(r"\d{1,3}\s+iodef\s+(.*)", re.IGNORECASE | re.DOTALL)
_CONTACT = re.compile(r"\s*security_contact\s*=\s*(.*)", re.IGNORECASE | re.DOTALL)
_LABEL = re.compile(r"((?:[^.\\]|\\\d{3}|\\\D)+)\.(.+)")


def soa_mailbox(record: str) -> str | None:
    """Who is responsible for a zone, of an SOA record: the first dot that is not escaped is the at."""
    words = record[:MOST_TEXT].split(None, 2)
    found = _LABEL.fullmatch(words[1]) if len(words) > 1 and len(words[1]) < 1024 else None
    if found is None:
        return None
    return plain_mailbox(f"{_plain(found[1])}@{found[2].rstrip('.')}")


def caa_mailboxes(records: Sequence[str]) -> list[str]:
    """Whom a certificate authority tells of what is wrong (``iodef``)."""
    values = [found[1] for one in records if (found := _CAA.fullmatch(one[:MOST_TEXT].strip()))]
    return [mail for value in values if (mail := _mailto(txt(value)))]


def txt_mailboxes(records: Sequence[str]) -> list[str]:
    """Security contacts of TXT records (``security_contact=mailto:a@b``)."""
    values = [found[1] for one in records if (found := _CONTACT.fullmatch(txt(one)))]
    return [mail for value in values if (mail := _mailto(value.strip()))]


def mail_servers(records: Sequence[str]) -> list[str] | None:
    """Hosts that take the mail, by preference; None if the domain says that it takes none."""
    found = []
    for record in records:
        preference, _, host = record[:300].strip().partition(" ")
        if preference.isascii() and preference.isdigit() and host:
            found.append((int(preference[:6]), host.strip().lower().rstrip(".")))
    if found and all(not host for _, host in found):
        return None
    return [host for _, host in sorted(found) if host]


def txt(record: str) -> str:
    """The character strings of a record, joined and unescaped."""
    parts = _QUOTED.findall(record[:MOST_TEXT])
    return "".join(_plain(quoted or bare) for quoted, bare in parts)


def _mailto(value: str) -> str | None:
    scheme, colon, rest = value.partition(":")
    if colon and scheme.lower() != "mailto":
        return None
    return plain_mailbox((rest if colon else value).partition("?")[0])


def _plain(text: str) -> str:
    def one(escape: re.Match[str]) -> str:
        code = escape[1]
        return chr(min(int(code), 255)) if len(code) == 3 else code

    return _ESCAPE.sub(one, text)

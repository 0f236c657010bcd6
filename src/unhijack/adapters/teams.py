"""National teams by country, out of JSON files: the operator's over the one that is shipped."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from unhijack.core.contact import (
    AUTHORITY,
    CERT,
    NATIONAL_TEAM,
    Mention,
    country_code,
    is_mailbox,
    language_tag,
)
from unhijack.core.errors import WrongUse
from unhijack.core.text import printable

MOST_BYTES = 4 * 1024 * 1024
_WORTH = 0.9

Teams = Mapping[str, tuple[Mention, ...]]


def read_teams(path: Path) -> Teams:
    """The teams in a file. Raises WrongUse with what makes no sense."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise WrongUse(f"national teams {path} is larger than {MOST_BYTES} bytes")
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUse(f"national teams {path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise WrongUse(f"national teams {path} is no JSON") from None
    entries = found.get("teams") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        raise WrongUse(f'national teams {path} must be one object with a list "teams"')
    teams: dict[str, tuple[Mention, ...]] = {}
    for number, entry in enumerate(entries, 1):
        country, mention = _team(path, number, entry)
        teams[country] = (*teams.get(country, ()), mention)
    return teams


def _team(path: Path, number: int, entry: object) -> tuple[str, Mention]:
    wrong = WrongUse(
        f"national teams {path}, entry {number}: a team needs a country (two letters), "
        f"a role ({CERT} or {AUTHORITY}), a mail address, and the day it was checked"
    )
    if not isinstance(entry, dict):
        raise wrong
    country, role, mail = (
        country_code(entry.get("country")),
        entry.get("role", CERT),
        entry.get("mail"),
    )
    if not country or role not in (CERT, AUTHORITY):
        raise wrong
    if not isinstance(mail, str) or not is_mailbox(mail):
        raise wrong
    name = entry.get("name")
    note = f"national team of {country}" + (f": {printable(name)}" if isinstance(name, str) else "")
    at = _day(entry.get("checked"))
    if at is None:
        raise wrong
    language = language_tag(entry.get("language"))
    return country, Mention(str(role), mail, NATIONAL_TEAM, _WORTH, language, note, at)


def _day(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=UTC)
    except ValueError:
        return None

"""The Directory port by a file: contacts that a person wrote down, or a lab's."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from unhijack.core.contact import DIRECTORY, ROLES, Contact, is_mailbox, language_tag
from unhijack.core.errors import WrongUse
from unhijack.core.text import printable

MOST_BYTES = 64 * 1024 * 1024


class FileDirectory:
    """``{"example.org": [{"role": "owner", "mail": "a@example.net", "language": "de"}]}``.

    A network's people stand under its number, ``AS64500``.
    """

    def __init__(self, known: Mapping[str, Sequence[Contact]]) -> None:
        self._known = known

    def contacts(self, site: str) -> Sequence[Contact]:
        """See the port."""
        return self._known.get(site, ())


def read_directory(path: Path) -> dict[str, tuple[Contact, ...]]:
    """The contacts in a JSON file. Raises WrongUse with the site that makes no sense."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise WrongUse(f"directory {path} is larger than {MOST_BYTES} bytes")
        sites = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUse(f"directory {path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise WrongUse(f"directory {path} is no JSON") from None
    if not isinstance(sites, dict):
        raise WrongUse(f"directory {path} must be one object: site -> list of contacts")
    return {site: tuple(_contacts(path, site, entries)) for site, entries in sites.items()}


def _contacts(path: Path, site: str, entries: object) -> Sequence[Contact]:
    wrong = WrongUse(
        f"directory {path}, {printable(site)}: contacts need a role ({', '.join(ROLES)}) "
        "and a mail address"
    )
    if not isinstance(entries, list):
        raise wrong
    found = []
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("role") not in ROLES:
            raise wrong
        mail = entry.get("mail")
        if not isinstance(mail, str) or not is_mailbox(mail):
            raise wrong
        language = language_tag(entry.get("language"))
        found.append(Contact(str(entry["role"]), mail, DIRECTORY, 1.0, True, language))  # noqa: FBT003 - a field of Contact
    return found

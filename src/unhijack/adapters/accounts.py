"""The Accounts port: lists of customers as files, and the folders of hosting panels."""

import os
from collections.abc import Iterator
from pathlib import Path

from unhijack.core.account import Account, Refused
from unhijack.core.errors import WrongUse
from unhijack.parse.server.accounts import (
    Read,
    is_userdatadomains,
    ispconfig_account,
    plesk_account,
    read_csv,
    read_domains_list,
    read_userdata,
    read_userdatadomains,
)

MOST_BYTES = 256 * 1024 * 1024
MOST_PANEL_FILE = 1024 * 1024


class AccountList:
    """Accounts out of a file, or out of a panel's folder; which of them, its contents say."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Iterator[Account | Refused]:
        """See the port."""
        try:
            if self._path.is_dir():
                yield from self._folder()
            else:
                yield from _file(_text(self._path, MOST_BYTES), str(self._path))
        except OSError as error:
            raise WrongUse(f"{self._path} cannot be read: {error.strerror}") from None

    def _folder(self) -> Iterator[Account | Refused]:
        """By its layout: ISPConfig's or Plesk's own, DirectAdmin's users, cPanel's userdata."""
        found = False
        for path in _below(self._path):
            for one in _panel_folder(path):
                found = True
                yield one
        if not found:
            raise WrongUse(
                f"{self._path} is laid out like the folder of no panel that is known: "
                "give a file, customer,docroot on each line"
            )


def _file(text: str, source: str) -> Read:
    return (
        read_userdatadomains(text, source) if is_userdatadomains(text) else read_csv(text, source)
    )


def _panel_folder(path: Path) -> Read:
    """What one folder of a panel's own folder says."""
    plesk = plesk_account(str(path.absolute()))
    domains = path / "domains.list"
    if plesk is not None:
        if (path / "httpdocs").is_dir():
            yield plesk
    elif domains.is_file():
        yield from read_domains_list(_text(domains, MOST_PANEL_FILE), path.name, str(domains))
    elif path.is_dir():
        for inner in _below(path):
            web = ispconfig_account(str(inner.absolute()))
            if web is not None:
                yield web
            elif inner.is_file() and not inner.name.endswith((".cache", "_SSL", ".json")):
                yield from read_userdata(_text(inner, MOST_PANEL_FILE), path.name, str(inner))


def _below(path: Path) -> list[Path]:
    return sorted(path.iterdir())


def _text(path: Path, limit: int) -> str:
    """Bytes that are no UTF-8 become surrogates, as in the names of files."""
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise WrongUse(f"{path} is longer than {limit >> 20} MB: no list of accounts is")
    return os.fsdecode(content)

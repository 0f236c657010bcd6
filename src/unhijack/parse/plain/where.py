"""What is known of a configuration file's place, for those who read its directives."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from unhijack.parse.plain.hosts import host_of, is_foreign

_ANY_ADDRESS = re.compile(r"(?:https?:)?\\?/\\?/[^\s\"'<>]{4,300}")


class Where(NamedTuple):
    """What is known of the file's place."""

    path: str
    own: frozenset[str]
    """The site's own hosts, as far as they are known."""
    exists: Callable[[str], bool]

    @property
    def is_htaccess(self) -> bool:
        """Written by whoever may write into the folder; no part of the server's own files."""
        return "htaccess" in self.path.rsplit("/", 1)[-1].lower()


def absent(_path: str) -> bool:
    """Of a folder of which nothing is known, nothing is there."""
    return False


def foreign_host(text: str, where: Where) -> str:
    """The first foreign host that a text names."""
    for match in _ANY_ADDRESS.finditer(text[:20_000]):
        host = host_of(match.group())
        if is_foreign(host, where.own):
            return host
    return ""

"""Scripts that half the web carries, known by their fingerprint: run only if a page asks for them."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

SMALLEST = 1_000
"""Characters below which a script is no library, and is not hashed."""

_MAP = re.compile(r"\s*(?://[#@]|/\*[#@])\s{0,9}sourceMappingURL=\S{0,500}\s{0,9}(?:\*/)?\s*\Z")


@dataclass(frozen=True, slots=True)
class Library:
    """One of them."""

    names: tuple[str, ...]
    """What it puts on the window."""
    after: str | None
    """It adds to what stands under this name, and comes with it."""


@dataclass(frozen=True, slots=True)
class Libraries:
    """All that are known."""

    of: Mapping[str, Library] = field(default_factory=dict)
    """By fingerprint."""

    def known(self, text: str) -> Library | None:
        """Which one a script is, to the letter; None for any other."""
        return self.of.get(fingerprint(text)) if len(text) >= SMALLEST and self.of else None


def fingerprint(text: str) -> str:
    """SHA-256 of a script without the space round it and the address of its source map."""
    tail = text[-700:]
    stripped = text[: len(text) - len(tail)] + _MAP.sub("", tail)
    return hashlib.sha256(stripped.strip().encode("utf-8", "replace")).hexdigest()


def libraries_from(data: object) -> Libraries:
    """From the data file: names and precedence by package, and the package of each fingerprint."""
    if not isinstance(data, dict):
        return Libraries()
    packages = {
        name: Library(tuple(entry["names"]), entry["after"])
        for name, entry in data["packages"].items()
    }
    return Libraries({sha: packages[name] for sha, name in data["fingerprints"].items()})

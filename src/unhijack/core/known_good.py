"""Files as they were released: what a hash store says of one."""

import re
from dataclasses import dataclass
from enum import StrEnum

DIGEST_BYTES = 16
"""Of BLAKE3, cut: nobody makes a second file for a given digest of 128 bits. Checksum lists of
wordpress.org have MD5, which is as long; a store keeps the two apart."""


class Standing(StrEnum):
    """How a file stands to the releases in the store."""

    RELEASED = "released"
    """It is, byte for byte, a file of a release at this place."""
    ELSEWHERE = "elsewhere"
    """It is a file of some release, at another place."""
    DIFFERENT = "different"
    """The release that is installed has a file here, and it is another one."""
    UNEXPECTED = "unexpected"
    """The release that is installed has no such file."""
    UNKNOWN = "unknown"
    """The store has nothing to say."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the store says of one file."""

    standing: Standing
    product: str = ""
    versions: tuple[str, ...] = ()
    """Releases that have it, a few at most."""


@dataclass(frozen=True, slots=True)
class Digests:
    """A file's digests, each of `DIGEST_BYTES`."""

    blake3: bytes
    md5: bytes


@dataclass(frozen=True, slots=True)
class Release:
    """One version of one product."""

    product: str
    version: str


def version_order(version: str) -> tuple[tuple[int, str], ...]:
    """What versions are sorted by: 6.10 after 6.9, and 6.9 after 6.9-beta1."""
    parts = re.findall(r"\d+|[a-z]+", version.lower())
    return (*((int(part), "") if part.isdigit() else (-1, part) for part in parts), (0, ""))


@dataclass(frozen=True, slots=True)
class ReleasedFile:
    """One file as a source of releases has it."""

    path: str
    """Relative to the product's own folder."""
    digest: bytes
    md5: bool
    """The digest is MD5, not BLAKE3."""
    versions: tuple[int, ...]
    """Which of the source's versions have it, by position."""
    body: bytes | None = None
    """To be kept, so that the file can be put back; None where only the digest is."""

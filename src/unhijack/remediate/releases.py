"""The Releases port: what is installed, looked up in the store of known releases."""

from collections.abc import Sequence
from hashlib import md5

import blake3

from unhijack.core.known_good import DIGEST_BYTES, Digests, Release, Standing
from unhijack.ports import KnownGood

LEAST_PROOF = 200
"""Bytes from which on a file is known wherever it lies: empty files prove nothing."""


class InstalledReleases:
    """Files of the products that a folder holds."""

    def __init__(self, known: KnownGood, installed: Sequence[tuple[str, Release]]) -> None:
        """`installed` are folders (relative, empty for the root) and what lies there."""
        self._known = known
        self._installed = sorted(
            ((f"{root}/" if root else "", release) for root, release in installed),
            key=lambda one: -len(one[0]),
        )

    def content(self, path: str) -> bytes | None:
        """See the port."""
        for root, release in self._installed:
            if path.startswith(root):
                return self._known.content(release, path[len(root) :])
        return None

    def is_released(self, path: str, content: bytes) -> bool:
        """See the port."""
        digests = Digests(
            blake3.blake3(content).digest(DIGEST_BYTES),
            md5(content, usedforsecurity=False).digest(),
        )
        for root, release in self._installed:
            if path.startswith(root):
                known = self._known.standing(release, path[len(root) :], digests)
                if known.standing is Standing.RELEASED:
                    return True
                break
        if len(content) < LEAST_PROOF:
            return False
        return self._known.anywhere(digests).standing is Standing.ELSEWHERE

"""The chain that holds a case's journal together.

Every event is chained to the one before by SHA-256 over canonical JSON (RFC 8785), so that a
journal that was tampered with does not verify.
"""

import hashlib
from collections.abc import Iterable

from unhijack.core.case import Event
from unhijack.core.data import Json, canonical

GENESIS = hashlib.sha256(b"unhijack case journal 1").hexdigest()
"""What the first event of a case is chained to."""


def chained(previous: str, number: int, event: Event) -> str:
    """The digest of an event: SHA-256 over the digest before it and the event itself."""
    body: Json = {
        "case": number,
        "step": event.step,
        "kind": str(event.kind),
        "at": event.at.isoformat(),
        "data": dict(event.data),
        "previous": previous,
    }
    return hashlib.sha256(canonical(body)).hexdigest()


def first_broken(number: int, journal: Iterable[tuple[Event, str]]) -> int | None:
    """The step at which a journal of events with digests does not hold together, or None."""
    previous = GENESIS
    for expected, (event, digest) in enumerate(journal, 1):
        if event.step != expected or chained(previous, number, event) != digest:
            return expected
        previous = digest
    return None

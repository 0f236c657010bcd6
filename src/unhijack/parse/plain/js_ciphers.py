"""Texts to which one number was added, or with which it was mixed: found without knowing the number."""

from __future__ import annotations

_KEYWORDS = (b"document", b"function", b"location", b"https:", b"http:", b"script")


def deciphered(codes: list[int]) -> str:
    """By the differences between neighbours, which one added number leaves as they are."""
    if max(codes, default=0) > 255:
        return ""
    raw = bytes(codes)
    for steps_of, undo in ((_differences, _subtracted), (_mixtures, _unmixed)):
        steps = steps_of(raw)
        for word, wanted in _WANTED[steps_of]:
            at = steps.find(wanted)
            if at >= 0 and raw[at] != word[0]:
                return undo(raw, raw[at], word[0])
    return ""


def _mixtures(raw: bytes) -> bytes:
    """Each byte mixed with the one after it: as one number, since that is a hundred times faster."""
    size = len(raw)
    number = int.from_bytes(raw, "little")
    return (number ^ (number >> 8)).to_bytes(size, "little")[: size - 1]


def _differences(raw: bytes) -> bytes:
    """The byte after each, less the byte itself, without borrowing from neighbours."""
    size = len(raw)
    high = int.from_bytes(b"\x80" * size, "little")
    low = int.from_bytes(raw, "little")
    after = low >> 8
    rest = (1 << (8 * size)) - 1
    found = ((after | high) - (low & ~high & rest)) ^ ((after ^ ~low) & high)
    return (found & rest).to_bytes(size, "little")[: size - 1]


_WANTED = {
    steps_of: tuple((word, steps_of(word)) for word in _KEYWORDS)
    for steps_of in (_differences, _mixtures)
}


def _subtracted(raw: bytes, was: int, is_: int) -> str:
    return raw.translate(bytes((code - was + is_) % 256 for code in range(256))).decode("latin-1")


def _unmixed(raw: bytes, was: int, is_: int) -> str:
    return raw.translate(bytes(code ^ was ^ is_ for code in range(256))).decode("latin-1")

"""Drawing lots: choices that follow from a seed alone, on every machine and Python version."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def draw(below: int, *what: object) -> int:
    """A number from 0 to `below` - 1, always the same for the same `what`."""
    text = "\x1f".join(map(str, what)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest()) % below


def token(length: int, *what: object) -> str:
    """`length` hexadecimal digits (at most 64), always the same for the same `what`."""
    text = "\x1f".join(map(str, what)).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=32).hexdigest()[:length]


def choose(options: Sequence[T], *what: object) -> T:
    """One of `options`, which must not be empty."""
    return options[draw(len(options), *what)]


def shuffled(items: Iterable[T], *what: object) -> list[T]:
    """All of `items`, in an order that follows from `what`."""
    keyed = [(draw(1 << 60, *what, place), place, item) for place, item in enumerate(items)]
    return [item for _, _, item in sorted(keyed, key=lambda entry: entry[:2])]

"""What is known of the place in which a file lies, for those who read it."""

from collections.abc import Callable
from dataclasses import dataclass


def _nothing(_path: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies in the folder that is scanned."""

    path: str
    """Relative to the root, with ``/``."""
    own_hosts: frozenset[str] = frozenset()
    """Names of the site itself, where they are known: a redirect to them leads nowhere else."""
    exists: Callable[[str], bool] = _nothing
    """Whether there is a file with this path relative to the root (or absolute, inside it)."""
    cms: str = ""
    """``wordpress``, ``joomla``, ``drupal``...; empty where none was recognised."""

"""Planted settings of PHP, with what is known of the place in which the file lies."""

from unhijack.parse.plain.ini import ini_signs
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.place import Place


def ini_marks(content: bytes, place: Place) -> list[Mark]:
    """What of a ``.user.ini`` or ``php.ini`` looks planted. Never raises."""
    return ini_signs(content, place.path, place.exists)

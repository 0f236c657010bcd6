"""Planted directives of Apache, with what is known of the place in which the file lies."""

from unhijack.parse.plain.apache import apache_signs
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.place import Place


def apache_marks(content: bytes, place: Place) -> list[Mark]:
    """What of a ``.htaccess``, or of a part of a virtual host, looks planted. Never raises."""
    return apache_signs(content, place.path, place.own_hosts, place.exists)

"""Planted statements of nginx, with what is known of the place in which the file lies."""

from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.nginx import nginx_signs
from unhijack.parse.server.place import Place


def nginx_marks(content: bytes, place: Place) -> list[Mark]:
    """What of a part of nginx's configuration looks planted. Never raises."""
    return nginx_signs(content, place.path, place.own_hosts, place.exists)

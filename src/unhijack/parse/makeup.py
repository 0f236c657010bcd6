"""What a site says that it is made with: for the advice in a letter, and for nothing else.

A site may lie, or say nothing. Whoever reads the letter knows better.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

MOST_LOOKED_AT = 64 * 1024
"""Bytes of a page: a generator, and the first addresses of scripts, stand at its beginning."""


@dataclass(frozen=True, slots=True)
class Makeup:
    """Stable names in lower case; empty for what is not known."""

    cms: str = ""
    """``wordpress joomla drupal typo3 magento opencart prestashop``."""
    server: str = ""
    """``apache nginx litespeed iis``."""
    panel: str = ""
    """``plesk cpanel``."""
    language: str = ""
    """Tag of the page's own language, without its region: ``de``."""


_GENERATOR = re.compile(rb"""<meta[^>]{0,80}name=["']?generator["']?[^>]{0,200}>""")
_LANGUAGE = re.compile(rb"""<html[^>]{0,500}?\slang\s{0,3}=\s{0,3}["']?([a-z]{2,3})\b""")
_SAID = (
    (b"wordpress", "wordpress"),
    (b"joomla", "joomla"),
    (b"drupal", "drupal"),
    (b"typo3", "typo3"),
    (b"prestashop", "prestashop"),
    (b"opencart", "opencart"),
    (b"magento", "magento"),
)
_SHOWN = (
    (b"/wp-content/", "wordpress"),
    (b"/wp-includes/", "wordpress"),
    (b"/media/jui/", "joomla"),
    (b"/media/system/js/", "joomla"),
    (b"option=com_", "joomla"),
    (b"/sites/default/files/", "drupal"),
    (b"data-drupal-", "drupal"),
    (b"/typo3conf/", "typo3"),
    (b"/typo3temp/", "typo3"),
    (b"/static/frontend/", "magento"),
    (b"data-mage-init", "magento"),
    (b"var prestashop", "prestashop"),
    (b"catalog/view/", "opencart"),
    (b"index.php?route=common/", "opencart"),
)
_SERVERS = (
    (b"apache", "apache"),
    (b"nginx", "nginx"),
    (b"openresty", "nginx"),
    (b"litespeed", "litespeed"),
    (b"microsoft-iis", "iis"),
)


def makeup_of(headers: Iterable[tuple[str, bytes]], body: bytes) -> Makeup:
    """What one answer of a site tells. Header names in lower case."""
    said = {name: value[:200].lower() for name, value in headers}
    page = body[:MOST_LOOKED_AT].lower()
    powered = b" ".join(
        said.get(name, b"") for name in ("x-powered-by", "x-powered-by-plesk", "x-generator")
    )
    generators = b" ".join(_GENERATOR.findall(page)[:3])
    language = _LANGUAGE.search(page)
    return Makeup(
        _first(_SAID, powered + generators) or _first(_SHOWN, page),
        _first(_SERVERS, said.get("server", b"")),
        _first(((b"plesk", "plesk"), (b"cpanel", "cpanel")), powered + said.get("server", b"")),
        language[1].decode("ascii") if language else "",
    )


def together(found: Iterable[Makeup]) -> Makeup:
    """What several answers tell together; of two that disagree, the first."""
    known: dict[str, str] = {}
    for one in found:
        for part in fields(Makeup):
            value: str = getattr(one, part.name)
            if value:
                known.setdefault(part.name, value)
    return Makeup(**known)


def _first(table: Iterable[tuple[bytes, str]], text: bytes) -> str:
    return next((name for sign, name in table if sign in text), "")

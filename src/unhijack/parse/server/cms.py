"""Which content management systems, plugins and themes a folder holds, by the files they come with."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

MOST_HEAD = 64 * 1024
"""Bytes of a marker file that are looked at."""


@dataclass(frozen=True, slots=True)
class Product:
    """A piece of software in the folder."""

    name: str
    """``wordpress``; of a plugin its folder: ``wordpress-plugin:akismet``."""
    version: str
    """Empty where it could not be read."""
    root: str
    """The folder it lies in, relative; empty for the scanned root itself."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A file that every release of a product has, and where its version stands in it."""

    product: str
    path: str
    version: re.Pattern[bytes]


def _quoted(name: str) -> re.Pattern[bytes]:
    return re.compile(name.encode() + rb"""['"]?\s*(?:=|=>|,|:)\s*['"]v?(\d[\w.\-]{0,30})['"]""")


MARKERS = (
    Marker("wordpress", "wp-includes/version.php", _quoted(r"\$wp_version")),
    Marker(
        "joomla",
        "administrator/manifests/files/joomla.xml",
        re.compile(rb"<version>\s*(\d[\w.\-]{0,30})\s*</version>"),
    ),
    Marker("drupal", "core/lib/Drupal.php", _quoted(r"const VERSION")),
    Marker("drupal", "includes/bootstrap.inc", _quoted(r"define\(\s*'VERSION")),
    Marker("magento", "app/Mage.php", re.compile(rb"'major'\s*=>\s*'(\d{1,3})'")),
    Marker("magento", "app/etc/di.xml", re.compile(rb"(?!)")),
    Marker("prestashop", "config/settings.inc.php", _quoted(r"_PS_VERSION_")),
    Marker("typo3", "typo3/sysext/core/Classes/Information/Typo3Version.php", _quoted("VERSION")),
    Marker("phpbb", "includes/constants.php", _quoted(r"PHPBB_VERSION")),
    Marker("mediawiki", "includes/Defines.php", _quoted(r"MW_VERSION")),
    Marker("roundcube", "program/include/iniset.php", _quoted(r"RCMAIL_VERSION")),
    Marker("dokuwiki", "inc/init.php", re.compile(rb"(?!)")),
    Marker("opencart", "catalog/controller/startup/startup.php", re.compile(rb"(?!)")),
)

_HEADER_VERSION = re.compile(
    rb"^[ \t*#@/]{0,8}(?:Version|Stable tag):\s*(\d[\w.\-]{0,30})", re.I | re.M
)
_ADDED = {"plugins": "wordpress-plugin", "themes": "wordpress-theme"}


def recognised(paths: Iterable[str], head: Callable[[str], bytes]) -> tuple[Product, ...]:
    """The products whose marker files are among `paths`; `head` gives the beginning of one."""
    wanted = {marker.path.rpartition("/")[2] for marker in MARKERS}
    found: dict[tuple[str, str], str] = {}
    added: dict[tuple[str, str], list[str]] = {}
    for path in paths:
        if path.rpartition("/")[2] in wanted:
            for marker in MARKERS:
                if path == marker.path or path.endswith("/" + marker.path):
                    root = path[: -len(marker.path)].rstrip("/")
                    found.setdefault((marker.product, root), _first(marker.version, head(path)))
        _note_added(path, added)
    products = [Product(name, version, root) for (name, root), version in found.items()]
    return (*products, *(_added(key, files, head) for key, files in added.items()))


def _note_added(path: str, added: dict[tuple[str, str], list[str]]) -> None:
    """Remember a PHP or style file that stands right in the folder of a plugin or theme."""
    before, mark, after = path.rpartition("wp-content/")
    if not mark or (before and not before.endswith("/")):
        return
    parts = after.split("/")
    if len(parts) == 3 and parts[0] in _ADDED and parts[2].endswith((".php", "style.css")):
        key = (f"{_ADDED[parts[0]]}:{parts[1]}", f"{before}wp-content/{parts[0]}/{parts[1]}")
        files = added.setdefault(key, [])
        if len(files) < 8 or parts[2] in (f"{parts[1]}.php", "style.css"):
            files.append(path)


def _added(key: tuple[str, str], files: list[str], head: Callable[[str], bytes]) -> Product:
    name, root = key
    likely = sorted(files, key=lambda path: not path.endswith((f"{root}.php", "style.css")))
    for path in likely[:9]:
        version = _first(_HEADER_VERSION, head(path)[:8192])
        if version:
            return Product(name, version, root)
    return Product(name, "", root)


def _first(pattern: re.Pattern[bytes], content: bytes) -> str:
    match = pattern.search(content[:MOST_HEAD])
    return match[1].decode("latin-1") if match else ""

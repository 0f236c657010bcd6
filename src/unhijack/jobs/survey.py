"""What the names, rights and settings of a folder tell of how safe it is."""

import re
import stat
from collections.abc import Callable, Iterator, Sequence

from unhijack.core.known_good import version_order
from unhijack.parse.server.cms import Product
from unhijack.parse.server.content import runs_as_php
from unhijack.ports import Entry, KnownGood
from unhijack.remediate.harden import Facts, Outdated

MOST_NAMES = 20

_UPLOADS = re.compile(
    r"(?:wp-content/uploads|sites/[^/]{1,100}/files|images|media|uploads?|pub/media)(?=/)", re.I
)
"""Folders for visitors' files, seen from a program's own: deeper down they are its makers'."""
_SILENT = re.compile(
    rb"\s{0,9}<\?php\s{0,9}(?://[^\n]{0,200}|/\*[^*]{0,200}\*/)?\s{0,9}(?:\?>\s{0,9})?"
)
"""A file that does nothing: it keeps servers from listing a folder."""
_EXPOSED = re.compile(
    r"(?:^|/)\.git/HEAD$|(?:^|/)\.env$|(?:^|/)\.svn/entries$"
    r"|^[^/]+\.(?:zip|tar|tgz|gz|sql|rar|7z)$"
    r"|(?:^|/)wp-config\.php[.~_-]|(?:^|/)wp-config\.(?:bak|old|txt|save)$"
    r"|(?:^|/)(?:adminer[\w.-]*|phpinfo|phpmyadmin)\.php$",
    re.IGNORECASE,
)
_CORE = re.compile(r"(?:^|/)(?:wp-includes|wp-admin|core/lib|libraries/src)/")
_SAMPLE_KEY = b"put your unique phrase here"
_EDITOR_OFF = re.compile(rb"DISALLOW_FILE_(?:EDIT|MODS)['\"]\s*,\s*true", re.IGNORECASE)


def survey(
    entries: Sequence[Entry],
    products: Sequence[Product],
    head: Callable[[str], bytes],
    known: KnownGood | None,
) -> Facts:
    """What is seen without judging a file."""
    paths = [entry.path for entry in entries]
    cms = next((product.name for product in products if ":" not in product.name), "")
    configs = [path for path in paths if path.rpartition("/")[2] == "wp-config.php"][:5]
    settings = [head(path) for path in configs]
    roots = tuple({product.root for product in products if ":" not in product.name} | {""})
    php = _some(
        path
        for path in paths
        if runs_as_php(path) and _upload_folder(path, roots) and not _SILENT.fullmatch(head(path))
    )
    return Facts(
        cms=cms,
        outdated=tuple(_outdated(products, known)) if known is not None else (),
        writable_core=tuple(_writable(entries)),
        php_in_uploads=php,
        upload_folders=tuple(sorted({_upload_folder(path, roots) for path in php})),
        default_keys=any(_SAMPLE_KEY in text for text in settings),
        file_editor_on=any(not _EDITOR_OFF.search(text) for text in settings),
        exposed=_some(path for path in paths if _EXPOSED.search(path)),
    )


def _upload_folder(path: str, roots: Sequence[str]) -> str:
    """The folder for visitors' files that a path lies in, of a program in any of `roots`; or none."""
    for root in roots:
        begins = f"{root}/" if root else ""
        match = _UPLOADS.match(path, len(begins)) if path.startswith(begins) else None
        if match is not None:
            return path[: match.end()]
    return ""


def _some(paths: Iterator[str]) -> tuple[str, ...]:
    return tuple(path for path, _ in zip(paths, range(MOST_NAMES), strict=False))


def _writable(entries: Sequence[Entry]) -> Iterator[str]:
    """Core files that everybody may write: the web server's user among them."""
    found = 0
    for entry in entries:
        if entry.mode & stat.S_IWOTH and _CORE.search(entry.path):
            yield entry.path
            found += 1
            if found == MOST_NAMES:
                return


def _outdated(products: Sequence[Product], known: KnownGood) -> Iterator[Outdated]:
    for product in products:
        newest = known.newest(product.name)
        if product.version and version_order(newest) > version_order(product.version):
            yield Outdated(product.name.rpartition(":")[2], product.version, newest)

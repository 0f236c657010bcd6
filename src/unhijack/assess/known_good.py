"""What it means that a file is, or is not, as it was released."""

import re
from collections.abc import Callable

from unhijack.core.finding import Finding, Kind, Mend
from unhijack.core.known_good import KnownFile, Standing
from unhijack.core.text import printable

CORE_FOLDERS = {
    "wordpress": ("wp-admin/", "wp-includes/"),
    "drupal": ("core/", "includes/", "modules/system/", "misc/"),
    "joomla": (
        "administrator/includes/",
        "administrator/components/com_",
        "includes/",
        "libraries/src/",
    ),
    "magento": ("app/code/core/", "lib/Mage/", "lib/Varien/", "vendor/magento/"),
    "typo3": ("typo3/sysext/",),
    "roundcube": ("program/",),
    "dokuwiki": ("inc/",),
    "prestashop": ("classes/", "controllers/", "src/"),
}
"""Folders in which only the product's own files are at home."""

_RUNS = re.compile(
    r"\.(?:php\d?|phtml|phar|inc|module|cgi|pl|py|sh|htaccess|js|html?)$", re.IGNORECASE
)
_PHP = re.compile(r"\.(?:php\d?|phtml|phar|inc|module)$", re.IGNORECASE)
_OFTEN_CHANGED = re.compile(
    r"(?:^|/)(?:readme[^/]*|license[^/]*|changelog[^/]*|robots\.txt|\.htaccess|web\.config|error_log"
    r"|wp-config-sample\.php|[^/]*\.(?:md|txt|po|mo|pot|css|map|json|lock|ico))$",
    re.IGNORECASE,
)
_PLUGIN = "wordpress-plugin:"
_PLUGIN_FILE = re.compile(r"(?:^|/)wp-content/plugins/(?P<folder>[^/]+)/(?P<file>[^/]+)\.php$")
_LANGUAGE_OF_PACKAGE = re.compile(rb"\n?\$wp_local_package = '[\w-]{1,20}';\n")


def same_release_differently(path: str, content: bytes) -> list[bytes]:
    """The same file as it may have been released: localised, or sent through a text-mode transfer.

    WordPress packages in other languages have one more line in ``version.php``; FTP in text mode
    turns line ends. Neither is a change that somebody made.
    """
    others = []
    if path.endswith("wp-includes/version.php"):
        others += [_LANGUAGE_OF_PACKAGE.sub(kept, content) for kept in (b"", b"\n")]
    if b"\r\n" in content:
        others.append(content.replace(b"\r\n", b"\n"))
    return others


def standing_finding(
    path: str, inner: str, known: KnownFile, sha256: str, restorable: Callable[[], bool]
) -> Finding | None:
    """What a file's standing says of it, if anything; `inner` is its path in the product."""
    if known.standing is Standing.DIFFERENT:
        return _modified(path, inner, known, sha256, restorable=restorable())
    if known.standing is Standing.UNEXPECTED and _at_home(inner, known.product):
        return _unexpected(path, inner, known, sha256)
    return None


def is_renamed(path: str, known: KnownFile) -> bool:
    """Whether a file is the main one of a plugin, and lies in a folder with another name."""
    match = _PLUGIN_FILE.search(path)
    if match is None or not known.product.startswith(_PLUGIN):
        return False
    name = known.product.removeprefix(_PLUGIN)
    return match["file"] == name and match["folder"] != name


def renamed_finding(path: str, known: KnownFile, sha256: str) -> Finding:
    """A plugin in a folder with another name: updates do not reach it there, nor does a list."""
    name = printable(known.product.removeprefix(_PLUGIN), 80)
    reason = f"this is the plugin {name}, in a folder with another name"
    kind, rule = Kind.UNEXPECTED_FILE, "known-renamed"
    return Finding(path, 0, kind, rule, 0.6, reason, "", sha256, Mend.REVIEW)


def _at_home(inner: str, product: str) -> bool:
    return inner.startswith(CORE_FOLDERS.get(product, ())) and bool(_RUNS.search(inner))


def _modified(
    path: str, inner: str, known: KnownFile, sha256: str, *, restorable: bool
) -> Finding | None:
    if _OFTEN_CHANGED.search(inner):
        return None
    runs = bool(_RUNS.search(inner))
    return Finding(
        path,
        0,
        Kind.MODIFIED_CORE,
        "known-modified",
        0.92 if runs else 0.6,
        f"this file of {_name(known)} is not as it was released",
        "",
        sha256,
        Mend.RESTORE if restorable else Mend.REVIEW,
    )


def _unexpected(path: str, inner: str, known: KnownFile, sha256: str) -> Finding:
    return Finding(
        path,
        0,
        Kind.UNEXPECTED_FILE,
        "known-unexpected",
        0.85 if _PHP.search(inner) else 0.6,
        f"{_name(known)} has no such file, and nothing else is at home in this folder",
        "",
        sha256,
        Mend.REVIEW,
    )


def _name(known: KnownFile) -> str:
    return printable(f"{known.product} {', '.join(known.versions)}", 80)

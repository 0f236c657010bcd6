"""What only a database has: settings that send a site away, callbacks, odd administrators.

Each rule looks at one row and says which column shows what. Tables are known by their columns,
since their names carry a prefix of the site's own.
"""

import base64
import re
import zlib
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from unhijack.core.known import is_among
from unhijack.core.rows import Row
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.serialised import texts

Found = Iterator[tuple[str, Mark]]
"""Column and mark."""
RowRule = Callable[[Row, Collection[str]], Found]
"""A row and the site's own hosts."""

MOST_TEXT = 4096
"""Bytes of a setting that is meant to be short."""


class _Columns(NamedTuple):
    """A table by what its columns are called."""

    need: frozenset[str]

    def fit(self, row: Row) -> bool:
        return self.need <= set(row.table.columns)


_OPTIONS = _Columns(frozenset({"option_name", "option_value"}))
_CONFIG = _Columns(frozenset({"path", "value", "scope"}))
_ROUTER = _Columns(frozenset({"path", "access_callback", "page_callback"}))

_MARKUP = re.compile(rb"<\s{0,5}(?:script|iframe|meta|object|embed)\b|javascript:", re.IGNORECASE)
_ADDRESS = re.compile(rb"https?://[^\s\"'<>]{1,300}", re.IGNORECASE)


def mark(rule: str, kind: str, confidence: float, reason: str, size: int) -> Mark:
    """A mark that covers a value."""
    return Mark(rule, kind, confidence, reason, 0, size)


def home_address(row: Row, own_hosts: Collection[str]) -> Found:
    """WordPress' ``siteurl`` and ``home``, Magento's base addresses: where every link begins."""
    name, column, value = _setting(row)
    base = name in ("siteurl", "home") or name.endswith(("/unsecure/base_url", "/secure/base_url"))
    if not base or not value or len(value) > MOST_TEXT:
        return
    if _MARKUP.search(value) or b"?" in value or value.lower().endswith((b".js", b".php")):
        yield (
            column,
            mark(
                "sql-home-script",
                "redirect",
                0.9,
                "the site's own address is set to a script: every page loads it",
                len(value),
            ),
        )
    elif own_hosts and (host := host_of(value)) and not is_among(host, frozenset(own_hosts)):
        yield (
            column,
            mark(
                "sql-home-foreign",
                "redirect",
                0.7,
                "the site's own address is set to another site",
                len(value),
            ),
        )


def _setting(row: Row) -> tuple[str, str, bytes]:
    """Name, column and value of a setting; empty where the table holds none."""
    if _OPTIONS.fit(row):
        name, column = row.value("option_name"), "option_value"
    elif _CONFIG.fit(row):
        name, column = row.value("path"), "value"
    else:
        return "", "", b""
    return (name or b"")[:200].decode("utf-8", "replace"), column, row.value(column) or b""


def host_of(value: bytes) -> str:
    """The host that an address names; empty where it is none."""
    try:
        return (
            urlsplit(value[:MOST_TEXT].decode("utf-8", "replace").strip()).hostname or ""
        ).lower()
    except ValueError:
        return ""


_PLUGIN = re.compile(rb"(?:[\w .+@-]{1,200}/){0,3}[\w .+@-]{1,200}\.php")


def active_plugins(row: Row, _own_hosts: Collection[str]) -> Found:
    """WordPress includes every file of this list on every page."""
    name, column, value = _setting(row)
    if name not in ("active_plugins", "active_sitewide_plugins", "template", "stylesheet"):
        return
    for path in texts(value):
        if name.startswith("active") and path and not _PLUGIN.fullmatch(path):
            odd = b".." in path or path.startswith(b"/") or not path.endswith(b".php")
            reason = "a file that is no plugin is included on every page"
            yield (
                column,
                mark("sql-odd-plugin", "backdoor", 0.9 if odd else 0.5, reason, len(value)),
            )
        elif b"../" in path or re.search(rb"(?:^|/)\.[^/]|/uploads/", path):
            reason = "a plugin or theme is loaded from a hidden folder or from outside its own"
            yield column, mark("sql-odd-plugin", "backdoor", 0.8, reason, len(value))


def open_registration(row: Row, _own_hosts: Collection[str]) -> Found:
    """Whoever registers becomes what this says."""
    name, column, value = _setting(row)
    if name == "default_role" and value == b"administrator":
        reason = "everybody who registers becomes an administrator"
        yield column, mark("sql-default-role", "config", 0.8, reason, len(value))


_NAMES = frozenset(
    {
        *("post_title", "display_name", "user_nicename", "user_login", "user_email", "nickname"),
        *("username", "name", "title", "firstname", "lastname", "comment_author", "customer_email"),
        *("company", "street", "city", "blogname", "blogdescription"),
    }
)
_NAME_SETTINGS = frozenset({"blogname", "blogdescription", "admin_email", "mailserver_url"})


def markup_in_names(row: Row, _own_hosts: Collection[str]) -> Found:
    """A name or title with a script in it: stored to run where the name is shown."""
    name, column, _ = _setting(row)
    columns = [column] if name in _NAME_SETTINGS else _NAMES.intersection(row.table.columns)
    for one in columns:
        value = row.value(one) or b""
        found = _MARKUP.search(value[:MOST_TEXT])
        if found is None:
            continue
        sure = b"<script" in value.lower() and (_ADDRESS.search(value) or b"(" in value)
        reason = "a name or title carries a script, which runs where it is shown"
        yield (
            one,
            Mark("sql-name-script", "injection", 0.8 if sure else 0.5, reason, *found.span()),
        )


_RUNS = (
    rb"(?:eval|assert|system|exec|passthru|shell_exec|popen|proc_open|create_function"
    rb"|file_put_contents|call_user_func(?:_array)?|preg_replace|php_eval|base64_decode|fwrite)"
)
_RUNS_ALONE = re.compile(rb"\s*" + _RUNS + rb"\s*", re.IGNORECASE)
_CALLBACKS = ("access_callback", "page_callback", "title_callback", "delivery_callback")


def router_callbacks(row: Row, _own_hosts: Collection[str]) -> Found:
    """Drupal's table of paths: the function that a request to a path calls."""
    if not _ROUTER.fit(row):
        return
    for column in _CALLBACKS:
        value = row.value(column) or b""
        if _RUNS_ALONE.fullmatch(value[:200]):
            reason = "a path of the site calls a function that runs or writes what it is given"
            yield column, mark("sql-router-callback", "backdoor", 0.95, reason, len(value))


_FILTER = re.compile(
    rb"\{\{[^{}]{0,500}(?:getTemplateFilter\(\)|addAfterFilterCallback\s*\(|filter\(\s*[\"']?"
    + _RUNS
    + rb"\b)",
    re.IGNORECASE,
)
_LAYOUT_TAGS = (b"<arg", b"<item", b"<action")
_LAYOUT = re.compile(
    rb"<(?:argument|item|action|arg)\b[^<>]{0,300}>\s*(?:[\w\\]{1,100}::)?" + _RUNS + rb"\s*</"
)


def templates(row: Row, _own_hosts: Collection[str]) -> Found:
    """Magento's blocks, layouts and orders: template words that call functions."""
    for column, value in zip(row.table.columns, row.values, strict=False):
        if not value:
            continue
        if b"{{" in value and (found := _FILTER.search(value)):
            reason = "a template calls a function of PHP through a filter"
            yield column, Mark("sql-template-call", "backdoor", 0.9, reason, *found.span())
        elif any(tag in value for tag in _LAYOUT_TAGS) and (found := _LAYOUT.search(value)):
            reason = "a layout hands over to a function that runs commands"
            yield column, Mark("sql-layout-call", "backdoor", 0.9, reason, *found.span())


_GADGET = re.compile(
    rb'O:\+?\d{1,3}:"(?:JDatabaseDriver\w{1,20}|JSimplepieFactory|Monolog\\\\?Handler\\\\?\w{1,40}'
    rb"|GuzzleHttp\\\\?Cookie\\\\?FileCookieJar|PHPUnit\w{1,40}|Requests_Utility_FilteredIterator"
    rb'|Zend_(?:Log|Memory)\w{0,40}|Credis_Client)"',
)


def gadgets(row: Row, _own_hosts: Collection[str]) -> Found:
    """Objects that nobody stores, but that do work when PHP reads them back."""
    for column, value in zip(row.table.columns, row.values, strict=False):
        if value and b"O:" in value and (found := _GADGET.search(value)):
            reason = "a stored object that does work of its own when PHP reads it back"
            yield column, Mark("sql-gadget", "backdoor", 0.7, reason, *found.span())


_MODEL = re.compile(rb"[\w\\]{1,200}::\w{1,100}")
_SHELL = re.compile(rb"[|;&`$<>]|/(?:bin|tmp|dev)/|\b(?:curl|wget|base64|php)\b")


def config_jobs(row: Row, _own_hosts: Collection[str]) -> Found:
    """Magento's own cron, as settings: which method runs."""
    name, column, value = _setting(row)
    if not name.startswith("crontab/") or not name.endswith("/run/model") or not value:
        return
    if not _MODEL.fullmatch(value) and _SHELL.search(value[:MOST_TEXT]):
        reason = "a job of the shop runs what is no method of it"
        yield column, mark("sql-config-job", "backdoor", 0.8, reason, len(value))


_BASE64 = re.compile(rb"[A-Za-z0-9+/\r\n]{200,}={0,2}\s*")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){200,}\s*")
_CODE = re.compile(
    rb"<\?(?:php|=)|\beval\s*\(|\$_(?:POST|GET|REQUEST|COOKIE)\b|<script\b|\bbase64_decode\s*\(",
    re.IGNORECASE,
)
MOST_CODED = 8192
"""Bytes of a coded value that are read."""
MOST_LAYERS = 3


def coded_values(row: Row, _own_hosts: Collection[str]) -> Found:
    """Code laid down in disguise, for a few lines elsewhere to read and run."""
    for column, value in zip(row.table.columns, row.values, strict=False):
        if value is None or len(value) < 200:
            continue
        if found := _CODE.search(_uncoded(value)):
            runs = b"script" not in found[0].lower()
            reason = "the value is code in disguise: something else reads and runs it"
            kind = "backdoor" if runs else "injection"
            yield column, mark("sql-coded-value", kind, 0.8 if runs else 0.6, reason, len(value))


def _uncoded(value: bytes) -> bytes:
    """The beginning of what a value stands for; empty where it is not coded."""
    text, layers = value[:MOST_CODED], 0
    while layers < MOST_LAYERS and (inner := _layer(text)):
        text, layers = inner, layers + 1
    return text if layers else b""


def _layer(text: bytes) -> bytes:
    if text[:1] in (b"x", b"\x1f"):
        try:
            return zlib.decompressobj(47).decompress(text, MOST_CODED)
        except zlib.error:
            return b""
    try:
        if _HEX.fullmatch(text):
            return bytes.fromhex(text.decode("ascii"))
        if _BASE64.fullmatch(text):
            plain = b"".join(text.split()).rstrip(b"=")
            return base64.b64decode(plain[: len(plain) & ~3])
    except ValueError:
        return b""
    return b""


RULES: tuple[RowRule, ...] = (
    home_address,
    active_plugins,
    open_registration,
    markup_in_names,
    router_callbacks,
    templates,
    gadgets,
    config_jobs,
    coded_values,
)

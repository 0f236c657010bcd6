"""Mailboxes on a site's own pages, and the pages where it would name them: imprint and contact.

By patterns over the page's text, in one pass: a mailbox in a comment would be no worse a guess.
Whoever has the site can write all of it.
"""

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote

from unhijack.core.contact import language_tag, plain_mailbox
from unhijack.core.site import NotAnAddress, parse_address, site_of
from unhijack.core.sources import Imprint
from unhijack.parse.charset import as_utf8

MOST_BYTES = 1024 * 1024
MOST_SIGNS = 2_000
"""At signs of a page that are looked at."""
MOST_ANCHORS = 5_000

_HIDDEN = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"))
_TAG = re.compile(r"<[^<>]{0,4000}>")
_ACCOUNT = re.compile(r"\b(?:UA-\d{4,10}|G-[A-Z0-9]{8,12}|GTM-[A-Z0-9]{5,8}|ca-pub-\d{16})\b")
_LANG = re.compile(
    r"<html\b[^<>]{0,500}?\blang\s{0,5}=\s{0,5}[\"']?([A-Za-z_-]{2,20})", re.IGNORECASE
)
_MAILTO = re.compile(r"mailto:([^\"'<>\s?]{3,300})", re.IGNORECASE)
_PROTECTED = re.compile(r"(?:data-cfemail=[\"']?|email-protection#)([0-9a-fA-F]{8,400})")
_ANCHOR = re.compile(r"<a\s([^<>]{3,1000}+)>", re.IGNORECASE)
_HREF = re.compile(
    r"(?:^|\s)href\s{0,5}=\s{0,5}(?:\"([^\"]+)\"|'([^']+)'|([^\s\"']+))", re.IGNORECASE
)
_SHOWN = 300
"""Characters after a link's tag that may be its text."""
_AT = re.compile(
    r"@|\s?[\[({]\s?(?:at|@|ät|arroba|chiocciola|kukac|zavináč|malpa|małpa|snabel-?a)\s?[\])}]\s?"
    r"|(?-i:\sAT\s)",
    re.IGNORECASE,
)
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOT = r"(?:\.|\s?[\[({]\s?(?:dot|punkt|punto|point|ponto|pont|tečka|kropka|\.)\s?[\])}]\s?|(?-i:\sDOT\s))"
_DOMAIN = re.compile(rf"{_LABEL}(?:{_DOT}{_LABEL}){{1,6}}", re.IGNORECASE)
_DOT_ALONE = re.compile(_DOT, re.IGNORECASE)
_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$&'*+=_{}|~-")

IMPRINT_WORDS = (
    *"impressum imprint colofon künye kunye impresszum импресум импрессум offenlegung".split(),
    *("mentions-legales", "mentions légales", "mentions-légales", "aviso-legal", "aviso legal"),
    *("note-legali", "note legali", "legal-notice", "legal notice", "anbieterkennzeichnung"),
    *("informacje-prawne", "tiráž", "tiraz", "rekvizit", "rekvizīt", "реквизит", "реквізит"),
)
CONTACT_WORDS = (
    *"kontakt contact contatt contato kapcsolat yhteystie ota-yhtey επικοινων epikoinon".split(),
    *"контакт связаться зв'яз iletişim iletisim teagmháil teagmhail kuntatt".split(),
    *("om-oss", "om-os", "hafa-samband", "hafðu", "اتصل", "اتصال", "تواصل"),
)
"""Beginnings of words: a language bends what follows."""


def read_imprint(body: bytes, content_type: bytes | None, url: str, most: int = 5) -> Imprint:
    """At most so many mailboxes, and as many links. Never raises; time is linear in the body."""
    text = as_utf8(body[:MOST_BYTES], content_type).decode("utf-8", "replace")
    spoken = _LANG.search(text, 0, 20_000)
    named = zip(_ACCOUNT.finditer(text), range(MOST_SIGNS), strict=False)
    accounts = tuple(dict.fromkeys(match[0] for match, _ in named))[:most]
    text = _without_hidden(text)
    found = dict.fromkeys(_linked(text))
    found |= dict.fromkeys(_written(html.unescape(_TAG.sub(" ", text))))
    links = sorted(_pages(text, url), key=lambda pair: pair[0])
    return Imprint(
        tuple(found)[:most],
        tuple(dict.fromkeys(link for _, link in links))[:most],
        language_tag(spoken[1]) if spoken else "",
        accounts,
    )


def _without_hidden(text: str) -> str:
    """A page without comments, scripts and styles; one that is never closed hides the rest."""
    for begin, end in _HIDDEN:
        lowered = text.lower() if not text.isascii() else text.casefold()
        if len(lowered) != len(text):  # a few letters grow: then their places no longer agree
            lowered = text
        parts, at = [], 0
        while (start := lowered.find(begin, at)) >= 0:
            parts.append(text[at:start])
            at = lowered.find(end, start)
            if at < 0:
                break
        else:
            parts.append(text[at:])
        text = " ".join(parts)
    return text


def _linked(text: str) -> Iterator[str]:
    """Mailboxes of links, also of those that a CDN has veiled."""
    for match, _ in zip(_MAILTO.finditer(text), range(MOST_SIGNS), strict=False):
        if mail := plain_mailbox(unquote(html.unescape(match[1]))):
            yield mail
    for match, _ in zip(_PROTECTED.finditer(text), range(MOST_SIGNS), strict=False):
        if mail := plain_mailbox(_unveiled(match[1])):
            yield mail


def _unveiled(hexed: str) -> str:
    """The first byte is the key to the others."""
    with suppress(ValueError):
        key, *rest = bytes.fromhex(hexed)
        return bytes(byte ^ key for byte in rest).decode("utf-8", "replace")
    return ""


def _written(text: str) -> Iterator[str]:
    """Mailboxes written out, also as ``name (at) shop (dot) example``."""
    for sign, _ in zip(_AT.finditer(text), range(MOST_SIGNS), strict=False):
        begin = sign.start()
        while begin > 0 and sign.start() - begin < 64 and text[begin - 1] in _LOCAL:
            begin -= 1
        domain = _DOMAIN.match(text, sign.end(), sign.end() + 300)
        if begin < sign.start() and domain is not None:
            local = text[begin : sign.start()].strip(".'")
            mail = plain_mailbox(f"{local}@{_DOT_ALONE.sub('.', domain[0])}")
            if mail:
                yield mail


def _pages(text: str, url: str) -> Iterator[tuple[int, str]]:
    """Pages of the same site by the words of their link, with 0 for an imprint and 1 for others."""
    home = site_of(parse_address(url).host)
    for anchor, _ in zip(_ANCHOR.finditer(text), range(MOST_ANCHORS), strict=False):
        found = _HREF.search(anchor[1])
        if found is None:
            continue
        href = html.unescape(found[1] or found[2] or found[3])
        shown = _TAG.sub(" ", text[anchor.end() : anchor.end() + _SHOWN].partition("</")[0])
        rank = _rank(f"{unquote(href)} {html.unescape(shown)}".replace("İ", "i").lower())
        if rank is None:
            continue
        with suppress(NotAnAddress):
            address = parse_address(href, url)
            if site_of(address.host) == home and address.href != url:
                yield rank, address.href


def _rank(words: str) -> int | None:
    for rank, names in enumerate((IMPRINT_WORDS, CONTACT_WORDS)):
        if any(name in words for name in names):
            return rank
    return None

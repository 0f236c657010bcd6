"""Open redirectors that the world knows: what they would do is written in the address.

Search engines and social networks hand their visitors on by way of an address of their own, and
criminals borrow it, so that the first hop bears a good name. Most of them answer a stranger with a
page, which is not read; the address itself says where it leads.
"""

import base64
import binascii
import re
from urllib.parse import parse_qs

from unhijack.core.evidence import Via
from unhijack.core.site import NotAnAddress, parse_address
from unhijack.parse.redirects import Redirect

_GOOGLE = re.compile(r"(?:www\.|maps\.|images\.)?google(?:\.[a-z]{2,3}){1,2}")
_KNOWN: dict[str, tuple[str, str]] = {
    "www.bing.com": ("/ck/a", "u"),
    "duckduckgo.com": ("/l/", "uddg"),
    "l.facebook.com": ("/l.php", "u"),
    "lm.facebook.com": ("/l.php", "u"),
    "l.instagram.com": ("/", "u"),
    "www.youtube.com": ("/redirect", "q"),
    "slack-redir.net": ("/link", "url"),
    "steamcommunity.com": ("/linkfilter/", "url"),
    "vk.com": ("/away.php", "to"),
    "away.vk.com": ("/away.php", "to"),
    "www.linkedin.com": ("/redir/redirect", "url"),
}
_ALL_OF_GOOGLE = (("/url", "q"), ("/url", "url"))


def through_redirector(url: str) -> Redirect | None:
    """Where a known redirector leads, by its address alone; None for every other address."""
    address = parse_address(url)
    path, _, query = address.target.partition("?")
    if _GOOGLE.fullmatch(address.host):
        named = [name for known, name in _ALL_OF_GOOGLE if path == known]
    else:
        known_path, name = _KNOWN.get(address.host, ("", ""))
        named = [name] if name and path == known_path else []
    fields = parse_qs(query, max_num_fields=200) if named else {}
    for name in named:
        for value in fields.get(name, [])[:1]:
            target = _spelled(value) if address.host == "www.bing.com" else value
            try:
                return Redirect(parse_address(target).href, Via.LOCATION, 0.0, None)
            except NotAnAddress:
                continue
    return None


def _spelled(value: str) -> str:
    """As Bing has it: ``a1`` and the address in base64."""
    if not value.startswith("a1"):
        return value
    text = value[2:].translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("latin-1")
    except (binascii.Error, ValueError):
        return value

"""A script as its judges see it: spelled out, with the places of unknown hosts."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from unhijack.parse.plain.hosts import is_foreign, site
from unhijack.parse.plain.stretches import matches, round_words

NEAR = 3_000
"""Characters within which the parts of one deed stand together."""

MOST_PLACES = 400


class Deed(NamedTuple):
    """What a script was found to do."""

    rule: str
    kind: str
    confidence: float
    reason: str


class Script(NamedTuple):
    """One script, as it stands and as it reads; both in lower case, as all patterns here are."""

    raw: str
    text: str
    """Spelled out."""
    early: str
    """As `Peeled.early`."""
    hidden: str
    steps: frozenset[str]
    far: tuple[int, ...]
    """Where in `text` addresses of unknown hosts stand."""
    own: frozenset[str]


KNOWN = frozenset(
    "google-analytics.com googletagmanager.com googleapis.com gstatic.com google.com doubleclick.net"
    " googlesyndication.com googleadservices.com facebook.com facebook.net fbcdn.net twitter.com youtube.com youtu.be"
    " vimeo.com vimeocdn.com cloudflare.com cloudflareinsights.com jsdelivr.net unpkg.com jquery.com bootstrapcdn.com"
    " stripe.com paypal.com paypalobjects.com braintreegateway.com braintree-api.com adyen.com klarna.com klarnacdn.net"
    " hotjar.com wp.com wordpress.org wordpress.com gravatar.com addthis.com sharethis.com disqus.com disquscdn.com"
    " intercom.io intercomcdn.com hubspot.com hs-scripts.com zendesk.com zdassets.com crisp.chat tawk.to matomo.org"
    " matomo.cloud piwik.org linkedin.com licdn.com bing.com clarity.ms pinterest.com pinimg.com tiktok.com yandex.ru"
    " vk.com segment.com mixpanel.com newrelic.com nr-data.net sentry.io sentry-cdn.com recaptcha.net hcaptcha.com"
    " amazon-adsystem.com criteo.com criteo.net taboola.com outbrain.com cookiebot.com onetrust.com cookielaw.org"
    " trustpilot.com fontawesome.com typekit.net adobe.com adobedtm.com mozilla.org w3.org schema.org github.com"
    " githubusercontent.com github.io microsoft.com apple.com jqueryui.com getbootstrap.com mathjax.org maps.yandex.net"
    " openstreetmap.org mapbox.com quantserve.com scorecardresearch.com chartbeat.com optimizely.com"
    " amazonaws.com cloudfront.net akamaihd.net azureedge.net shopify.com instagram.com whatsapp.com t.me"
    " soundcloud.com spotify.com dailymotion.com codepen.io jsfiddle.net drupal.org joomla.org npmjs.com nodejs.org"
    " stackoverflow.com wikipedia.org php.net opensource.org gnu.org apache.org eclipse.org nic.at webkit.org"
    " wp.org w.org reactjs.org react.dev whatwg.org json-schema.org momentjs.com wikimedia.org youtube-nocookie.com"
    " chromium.org opera.com msdn.com live.com outlook.com yahoo.com flickr.com statcounter.com olark.com".split()
)
"""Sites that half the web loads things from or links to; none of them is a destination."""

_HOST = re.compile(
    r"(?:[^/@\s\"'`]{0,64}@)?([a-z0-9_][a-z0-9_-]{0,62}(?:\.[a-z0-9_-]{1,63}){1,9})(?![a-z0-9_.-])"
)

_BARE = re.compile(r"[\"'`]((?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,12})/[\w./?=&%-]{0,200}[\"'`]")

_FILE_ENDS = frozenset("js php css html htm json png jpg gif svg map ts xml txt min".split())

_BEFORE = frozenset((b'"', b"'", b"`", b"=", b":", b"("))

MOST_HOST = 700
"""Characters that a host may have, with a name and password before it."""


PLAIN, ESCAPED = b"//", b"\\/\\/"


def foreign_places(
    low: str | bytes, own: frozenset[str], spellings: Sequence[bytes] = (PLAIN, ESCAPED)
) -> list[int]:
    """Where an address of another, unknown host stands in text in lower case, ascending."""
    if isinstance(low, str):
        low = low.encode("latin-1", "replace")
    found: list[int] = []
    for slashes in spellings:
        at = 0
        for part in low.split(slashes, 5_000)[:-1]:
            at += len(part)
            after = at + len(slashes)
            if part[-1:] in _BEFORE and len(found) < MOST_PLACES:
                match = _HOST.match(low[after : after + MOST_HOST].decode("latin-1"))
                if match and is_strange(match.group(1), own):
                    found.append(at)
            at = after
    return sorted(found)


def bare_places(low: str, own: frozenset[str]) -> list[int]:
    """Where a host stands without its scheme, to be put together."""
    if "http" not in low:
        return []
    return [
        match.start()
        for match in islice(_BARE.finditer(low), MOST_PLACES)
        if match.group(1).rsplit(".", 1)[-1] not in _FILE_ENDS and is_strange(match.group(1), own)
    ]


@lru_cache(maxsize=4096)
def is_strange(host: str, own: frozenset[str]) -> bool:
    return is_foreign(host, own) and site(host) not in KNOWN


def masked_hosts(script: Script) -> list[str]:
    """Unknown hosts that stand in the script only once it is spelled out."""
    found = []
    for place in script.far:
        match = _HOST.search(script.text, place, place + 330)
        if match is not None and match.group(1) not in script.raw:
            found.append(match.group(1))
    return found


def places(pattern: re.Pattern[str], text: str, words: Sequence[str] = ()) -> list[int]:
    """Where a pattern matches, the first few hundred times. Each match holds one of `words`."""
    found = matches(pattern, text, round_words(words, text)) if words else pattern.finditer(text)
    return [match.start() for match in islice(found, MOST_PLACES)]


def near(one: Iterable[int], others: Sequence[int], reach: int = NEAR) -> bool:
    """Whether a place of one list is within reach of one of the other."""
    for place in one:
        index = bisect_left(others, place - reach)
        if index < len(others) and others[index] <= place + reach:
            return True
    return False


SENDS = re.compile(
    r"xmlhttprequest|\bsendbeacon\b|\bnew\s{1,3}websocket\b|\bfetch\s{0,3}\(|\.(?:ajax|post|getjson|getscript)\b|[\"'](?:ajax|post|sendbeacon)[\"']"
    r"|new\s{1,3}image\b|createelement\s{0,3}\(\s{0,3}[\"'](?:img|image|iframe|script)[\"']|[\"'](?:img|iframe|script)[\"']|ajax\.request|\.src\s{0,3}=|[\"']src[\"']\s{0,3},",
)

SEND_WORDS = (
    *("xmlhttp", "beacon", "websocket", "fetch", "ajax", "post", "getjson", "script", "image"),
    *("img", "iframe", "src"),
)

LOADS = re.compile(
    r"createelement\s{0,3}\(\s{0,3}[\"'](?:script|iframe)[\"']|new\s{1,3}element\s{0,3}\(\s{0,3}[\"'](?:script|iframe)|<\s?(?:script|iframe)\b[^>]{0,300}\bsrc\b"
    r"|\.getscript\s{0,3}\(|\bimportscripts\s{0,3}\(|<\\?script",
)

BUNDLE = 40_000
"""Characters from which on a script does many things."""

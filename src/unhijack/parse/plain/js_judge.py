"""What a script, spelled out, would do to a visitor: patterns for deeds, near each other.

Every judgement names one deed. Patterns are linear: bounded repeats, no nesting.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from unhijack.parse.plain.hosts import host_of, is_foreign, site
from unhijack.parse.plain.js_peel import peel

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
    " chromium.org opera.com msdn.com live.com outlook.com yahoo.com flickr.com statcounter.com olark.com".split()
)
"""Sites that half the web loads things from or links to; none of them is a destination."""

_HOST = re.compile(
    r"(?:[^/@\s\"'`]{0,64}@)?([a-z0-9_][a-z0-9_-]{0,62}(?:\.[a-z0-9_-]{1,63}){1,9})(?![a-z0-9_.-])"
)
_BARE = re.compile(r"[\"'`]((?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,12})/[\w./?=&%-]{0,200}[\"'`]")
_FILE_ENDS = frozenset("js php css html htm json png jpg gif svg map ts xml txt min".split())
_BEFORE = frozenset("\"'`=:(")


def foreign_places(low: str, own: frozenset[str]) -> list[int]:
    """Where an address of another, unknown host stands in text in lower case, ascending."""
    found: list[int] = []
    for slashes in ("//", "\\/\\/"):
        at, looks = low.find(slashes), 0
        while at >= 0 and len(found) < MOST_PLACES and looks < 5_000:
            looks += 1
            if at and low[at - 1] in _BEFORE:
                match = _HOST.match(low, at + len(slashes))
                if match and _strange(match.group(1), own):
                    found.append(at)
            at = low.find(slashes, at + len(slashes))
    return sorted(found)


def bare_places(low: str, own: frozenset[str]) -> list[int]:
    """Where a host stands without its scheme, to be put together."""
    if "http" not in low:
        return []
    return [
        match.start()
        for match in islice(_BARE.finditer(low), MOST_PLACES)
        if match.group(1).rsplit(".", 1)[-1] not in _FILE_ENDS and _strange(match.group(1), own)
    ]


@lru_cache(maxsize=4096)
def _strange(host: str, own: frozenset[str]) -> bool:
    return is_foreign(host, own) and site(host) not in KNOWN


def places(pattern: re.Pattern[str], text: str) -> list[int]:
    """Where a pattern matches, the first few hundred times."""
    return [match.start() for match in islice(pattern.finditer(text), MOST_PLACES)]


def near(one: Iterable[int], others: Sequence[int], reach: int = NEAR) -> bool:
    """Whether a place of one list is within reach of one of the other."""
    for place in one:
        index = bisect_left(others, place - reach)
        if index < len(others) and others[index] <= place + reach:
            return True
    return False


# --- what is common to several deeds

PAYS = (
    "cvv",
    "cvc",
    "card",
    "cc_",
    "cc-",
    "ccnum",
    "billing",
    "expir",
    "checkout",
    "onepage",
    "payment",
)
"""Without one of these words no script takes what visitors pay with."""
_CARD = re.compile(
    r"\bcc[_-]?(?:number|num\b|cid|cvc|cvv|exp\w{0,12}|owner|no\b|type|month|year|save)|card[_-]?(?:number|num\b|no\b|cvc|cvv|holder|exp\w{0,12}|code)"
    r"|\bcvv2?\b|\bcvc2?\b|cvv2?[\"'\]=_]|expiration_?(?:yr|year|month)|payment\[|credit_?card|security_?code|billing[:\[_][a-z]{1,12}|cc-exp",
)
_CHECKOUT = re.compile(
    r"one-?page|one-?step|fire-?checkout|simple-?checkout|(?:location|href|url|pathname)[^;{}]{0,80}(?:checkout|/cart|payment|kasse|order)"
    r"|(?:regexp|match|search|test|indexof|includes)\s{0,3}\(\s{0,3}[/\"'][^\"'/]{0,60}(?:checkout|payment|\bcart\b)[^;{}]{0,120}(?:location|href)",
)
_PLACE = re.compile(r"\blocation\b|\bhref\b|document\.url")
_HARVEST = re.compile(
    r"[\"'](?:[^\"']{0,60}[ ,])?input\b[^\"']{0,80}\b(?:select|textarea)\b|getelementsbytagname\s{0,3}\(\s{0,3}[\"'](?:input|form)[\"']"
    r"|\.\s{0,3}serialize(?:array)?\b|[\"']serialize[\"']|new\s{1,3}formdata|queryselectorall\s{0,3}\(\s{0,3}[\"'][^\"']{0,80}(?:input|form)"
    r"|document\.forms\b",
)
_VALUES = re.compile(r"\.\s{0,3}value\b|\.val\(\)|[\"']val(?:ue)?[\"']")
_SENDS = re.compile(
    r"xmlhttprequest|\bsendbeacon\b|\bnew\s{1,3}websocket\b|\bfetch\s{0,3}\(|\.(?:ajax|post|getjson|getscript)\b|[\"'](?:ajax|post|sendbeacon)[\"']"
    r"|new\s{1,3}image\b|createelement\s{0,3}\(\s{0,3}[\"'](?:img|image|iframe|script)[\"']|[\"'](?:img|iframe|script)[\"']|ajax\.request|\.src\s{0,3}=|[\"']src[\"']\s{0,3},",
)
_KEEPS = re.compile(
    r"btoa\s{0,3}\(|localstorage|sessionstorage|document\.cookie|encodeuricomponent|json\.stringify|\[0-9\]\{1[36]"
)
_LISTENS = re.compile(
    r"\b(?:keyup|keydown|keypress|blur|change|mousedown|onchange|onclick|setinterval|settimeout|submit|click)\b"
)
_LOADS = re.compile(
    r"createelement\s{0,3}\(\s{0,3}[\"'](?:script|iframe)[\"']|new\s{1,3}element\s{0,3}\(\s{0,3}[\"'](?:script|iframe)|<\s?(?:script|iframe)\b[^>]{0,300}\bsrc\b"
    r"|\.getscript\s{0,3}\(|\bimportscripts\s{0,3}\(|<\\?script",
)
_LOADS_ADDRESS = re.compile(
    r"<\s?(?:script|iframe|embed)\b[^>]{0,300}\bsrc\s{0,3}=\s{0,3}\\?[\"']?\s{0,3}((?:https?:)?\\?/\\?/[^\s\"'<>]{4,300})"
)


def _wide(script: Script) -> bool:
    """Whether much, or what matters, was hidden."""
    return len(script.hidden) > 80 and bool(script.steps - {"join", "junk"})


def _stolen(script: Script) -> Deed | None:
    """Card numbers, or all that is typed at the checkout, sent to a stranger."""
    text, wide = script.text, _wide(script)
    if not (script.far or wide) or not any(word in text for word in PAYS):
        return None
    sends = places(_SENDS, text)
    cards = places(_CARD, text)
    checkout = _PLACE.search(text) is not None and near(places(_CHECKOUT, text), sends)
    if not sends or not (cards or checkout):
        return None
    targets = [at for at in script.far if wide or near([at], cards) or checkout]
    told = near(targets, sends)
    if not told and not wide:
        return None
    kinds = len({match.group().lower() for match in islice(_CARD.finditer(text), MOST_PLACES)})
    harvest = near(places(_HARVEST, text), sends) or (kinds > 2 and len(places(_VALUES, text)) > 3)
    if not harvest and not (kinds > 2 and _VALUES.search(text)):
        return None
    score = min(kinds, 3) * 0.8 + 1.5 * checkout + harvest + 2 * told + 1.0 * wide
    score += 0.3 * bool(_KEEPS.search(text)) + 0.3 * bool(_LISTENS.search(text))
    sure = _how_sure(
        score, told=told, gated=checkout or wide, own_fields=kinds > 4 and "billing" in text
    )
    reason = "What visitors type when they pay is sent to another host"
    return Deed("js-card-skimmer", "injection", sure, reason) if sure else None


def _how_sure(score: float, *, told: bool, gated: bool, own_fields: bool) -> float:
    if score >= 5.8 and told and gated:
        return 0.93
    if score >= 4.6:
        return 0.8 if gated else 0.7 if own_fields else 0.55
    return 0.6 if score >= 3.8 and gated else 0.0


def _checkout_loader(script: Script) -> Deed | None:
    """A stranger's script, but only where people pay."""
    text = script.text
    if not (script.far or script.steps) or not any(word in text for word in PAYS):
        return None
    tests = places(_CHECKOUT, text) if _PLACE.search(text) else []
    loads = places(_LOADS, text)
    if not tests and re.search(r"checkout|onepage", text) and "pathname" in text:
        tests = places(_PLACE, text)
    if not near(tests, loads):
        return None
    if near(loads, script.far):
        sure = 0.93 if script.steps else 0.85
        return Deed(
            "js-checkout-loader",
            "injection",
            sure,
            "Another host's script is loaded where visitors pay",
        )
    if script.steps & {"base64", "charcodes", "hex", "cipher"} and len(text) < 5_000:
        return Deed(
            "js-checkout-loader",
            "injection",
            0.75,
            "A script from a hidden address is loaded where visitors pay",
        )
    return None


_TESTS_REFERRER = re.compile(r"\breferrer\b")
_TESTS_AGENT = re.compile(
    r"\buseragent\b|navigator\.(?:platform|vendor|appversion)|maxtouchpoints|ontouchstart"
)
_PHONES = re.compile(r"android|iphone|ipad|ipod|blackberry|iemobile|opera mini|mobile")
_ENGINES = re.compile(
    r"google|yahoo|\bbing|baidu|yandex|duckduckgo|facebook|instagram|twitter|\bask\b|\baol\b|sogou|naver"
)
_BOTS = re.compile(r"googlebot|bingbot|crawler|spider|\bbot\b|webdriver|headless")
_ONCE = re.compile(r"document\.cookie|localstorage|sessionstorage")
_ZONE = re.compile(
    r"timezone\b|gettimezoneoffset|navigator\.languages?\b|screen\.(?:width|height)|innerwidth"
)
_MOVES = re.compile(
    r"\blocation\s{0,3}(?:\.\s{0,3}href\s{0,3})?=(?![=>])\s{0,3}|\blocation\s{0,3}\.\s{0,3}(?:replace|assign)\s{0,3}\(\s{0,3}"
    r"|\blocation\s{0,3}\)\s{0,3}\.\s{0,3}(?:attr|prop)\s{0,3}\(\s{0,3}[\"']href[\"']\s{0,3},\s{0,3}|\bwindow\s{0,3}\.\s{0,3}open\s{0,3}\(\s{0,3}|http-equiv.{0,12}refresh[^>]{0,20}url=",
)
_ABSOLUTE_NEXT = re.compile(r"[^;\n]{0,60}?(?:[\"'`]|url=)((?:https?:)?\\?/\\?/[^\s\"'`<>]{4,300})")
_VARIABLE_NEXT = re.compile(r"[\"'`]?([a-za-z_$][\w$]{0,40})")


def _moved_to(script: Script) -> tuple[list[int], list[str]]:
    """Where the visitor is sent to a foreign address, and to which hosts."""
    text = script.text
    found, hosts = [], []
    for match in islice(_MOVES.finditer(text), MOST_PLACES):
        target = _ABSOLUTE_NEXT.match(text, match.end())
        host = host_of(target.group(1).replace("\\/", "/")) if target else ""
        if not target:
            host = _held(text, match.end())
        if _strange(host, script.own):
            found.append(match.start())
            hosts.append(host)
    return found, hosts


def _held(text: str, at: int) -> str:
    """The host of the address that a variable holds, if one is put into it nearby."""
    name = _VARIABLE_NEXT.match(text, at)
    if name is None:
        return ""
    holds = re.compile(
        r"(?<![\w$.])"
        + re.escape(name.group(1))
        + r"\s{0,3}[=:]\s{0,3}\[?\s{0,9}[\"'`]((?:https?:)?\\?/\\?/[^\s\"'`<>]{4,300})"
    )
    match = holds.search(text, max(0, at - 20_000), at + 20_000)
    return host_of(match.group(1).replace("\\/", "/")) if match else ""


_MOBILE_HOST = re.compile(r"^(?:m|mobil|mobile|wap|touch|amp|app|play|apps|itunes)\d?\.")


def _sent_away(script: Script) -> Deed | None:
    """The visitor is tested, then sent to a foreign address."""
    text = script.text
    moves, hosts = _moved_to(script) if script.far else ([], [])
    if not moves:
        return None
    referrer = near(moves, places(_TESTS_REFERRER, text), 1_500)
    agent = near(moves, places(_TESTS_AGENT, text), 1_500)
    once = near(moves, places(_ONCE, text), 1_500)
    zone = near(moves, places(_ZONE, text), 800)
    phones = agent and _PHONES.search(text) is not None
    if phones and not referrer and all(_MOBILE_HOST.match(host) for host in hosts):
        return None
    hidden = bool(script.steps - {"join", "junk"}) and any(
        h in script.hidden or "location" in script.hidden for h in hosts
    )
    if referrer and near(moves, places(_ENGINES, text), 1_500):
        return Deed(
            "js-referrer",
            "redirect",
            0.93,
            "Visitors who come from search engines are sent to another host",
        )
    if (agent or referrer) and near(moves, places(_BOTS, text), 1_500):
        return Deed(
            "js-no-crawlers",
            "redirect",
            0.88,
            "Visitors other than crawlers are sent to another host",
        )
    if hidden:
        return Deed(
            "js-hidden-redirect",
            "redirect",
            0.92,
            "Visitors are sent to another host by code that is hidden",
        )
    if phones:
        sure = 0.82 if once or referrer else 0.65
        return Deed(
            "js-mobile", "redirect", sure, "Visitors with telephones are sent to another host"
        )
    if referrer or (once and len(text) < 4_000) or (zone and once):
        sure = 0.65 if len(text) < 4_000 else 0.5
        return Deed("js-once", "redirect", sure, "Some visitors are sent to another host")
    if len(text) < 800:
        return Deed("js-redirect", "redirect", 0.55, "Every visitor is sent to another host")
    return None


# --- hidden code

_RUNS_LITERAL = re.compile(
    r"(?:\beval|\bfunction|\bsettimeout|\bexecscript)\s{0,3}[)\]]?\s{0,3}\(\s{0,3}(?:window\s{0,3}\.\s{0,3}|this\s{0,3}\.\s{0,3}|decodeuricomponent\s{0,3}\(\s{0,3}(?:escape\s{0,3}\(\s{0,3})?){0,2}"
    r"(atob|string\s{0,3}\.\s{0,3}fromcharcode|unescape|decodeuricomponent|decodeuri)"
    r"\s{0,3}\(\s{0,3}(?:[\"'`][^\"'`]{20}|[0-9x]{2,6}\s?,(?:\s?[0-9a-fx]{2,6}\s?,){8})"
    r"|\beval\s{0,3}\(\s{0,3}[\"'`][^\"'`]{60,20000}[\"'`]\s{0,3}\.\s{0,3}(?:replace|split|map)\s{0,3}\("
)
_WRITES = re.compile(
    r"\bdocument\s{0,3}\.\s{0,3}write(?:ln)?\b|\.(?:innerhtml|outerhtml|insertadjacenthtml)\b|\.append(?:child)?\b|\.html\s{0,3}\(|insertbefore"
)


def _hidden_loader(script: Script) -> Deed | None:
    """Another host's script or frame, by code that hides it."""
    steps = script.steps
    if not steps:
        return None
    hidden = script.hidden
    shown = [m.group(1) for m in islice(_LOADS_ADDRESS.finditer(script.text), MOST_PLACES)]
    masked = [
        a
        for a in shown
        if a not in script.raw and _strange(host_of(a.replace("\\/", "/")), script.own)
    ]
    if masked and _WRITES.search(script.text):
        sure = 0.93 if steps - {"percent", "packer", "join", "junk"} else 0.82
        return Deed(
            "js-hidden-loader",
            "injection",
            sure,
            "Another host's script or frame is put into the page by code that is hidden",
        )
    if foreign_places(hidden, script.own) and near(places(_LOADS, script.text), script.far, 1_500):
        if script.raw.count("http") > 20 or len(script.raw) > 60_000:
            return None
        sure = 0.9 if steps - {"percent", "packer", "array", "escapes", "join", "junk"} else 0.75
        return Deed(
            "js-hidden-loader",
            "injection",
            sure,
            "Another host's script is loaded by code that hides its address",
        )
    return None


def _runs_decoded(script: Script) -> Deed | None:
    """A literal that is decoded and run at once: nobody who may be seen writes that."""
    match = _RUNS_LITERAL.search(script.early)
    if match is None:
        return None
    sure = 0.9 if match.group(1) in ("atob",) or "from" in (match.group(1) or "") else 0.8
    return Deed(
        "js-runs-decoded",
        "injection",
        sure,
        "Code is spelled in numbers or letters, decoded and run at once",
    )


_HEX_NAME = re.compile(r"\b_0x[0-9a-f]{2,8}\b")
_ROTATES = re.compile(
    r"while\s{0,3}\(\s{0,3}(?:!!\[\]|true|--)|\bpush\b.{0,12}\bshift\b|'push'\]\(.{0,12}'shift'",
    re.DOTALL,
)
_MANY = 12
_FUCK = re.compile(r"(?:\[\]|\(!\[\]|\+!!\[\]|\(\+\[\]|!\+\[\]|\[!\[\]\]){6}[\[\]()!+]{200}")
_SYMBOLS = re.compile(
    r"\$=~\[\];\$=\{___:\+\+\$|\xef\xbe\x9f[\xcf\xef]\x89\xef\xbe\x9f|(?:[\[\]()!+]{400})"
)
_ENCIPHERED = re.compile(
    r"decodeuri\w{0,9}\s{0,3}\(\s{0,3}(?:\"[^\"\n]{0,400}|'[^'\n]{0,400})%(?:0[0-9b-f]|1[0-9a-f])"
)
_BACKWARDS = re.compile(r"[\"'`]={1,2}[a-z0-9+/]{200}")
_LETTERS = re.compile(r"\\(?:x[46-7][0-9a-fa-f]|u00[46-7][0-9a-fa-f])")


def _obfuscated(script: Script) -> Deed | None:
    """Hidden by a tool, and what it does does not show."""
    raw = script.raw
    if _SYMBOLS.search(raw) or _FUCK.search(raw):
        return Deed(
            "js-symbols",
            "injection",
            0.8,
            "The script is written in signs alone, to hide what it does",
        )
    names = sum(1 for _ in islice(_HEX_NAME.finditer(raw), _MANY)) == _MANY
    letters = sum(1 for _ in islice(_LETTERS.finditer(raw), 60))
    if names and _ROTATES.search(raw):
        dense = len(_HEX_NAME.findall(raw[:200_000])) * 60 > min(len(raw), 200_000)
        return Deed(
            "js-obfuscated",
            "injection",
            0.6 if dense else 0.5,
            "The script was put through a tool that hides what it does",
        )
    if letters == 60 and len(raw) < 100_000:
        return Deed(
            "js-escaped-letters",
            "injection",
            0.55,
            "Plain letters of the script are spelled in numbers",
        )
    if _BACKWARDS.search(raw):
        return Deed("js-backwards", "injection", 0.75, "The script's words are spelled backwards")
    if (
        "^" in raw
        and "charcodeat" in script.text
        and "fromcharcode" in script.text
        and _ENCIPHERED.search(raw)
    ):
        return Deed("js-cipher", "injection", 0.7, "The script's words are enciphered")
    return None


_MINER = re.compile(
    r"coin-?hive|cryptonight|deepminer|cryptoloot|crypto-loot|webminerpool|coinimp|monerominer|jsecoin|minero\.cc"
)
_MINES = re.compile(
    r"\.anonymous\s{0,3}\(|\.user\s{0,3}\(|startmining|\.start\s{0,3}\(|src\s{0,3}="
)


def _mines(script: Script) -> Deed | None:
    if len(script.text) < 60_000 and _MINER.search(script.text) and _MINES.search(script.text):
        return Deed("js-miner", "injection", 0.85, "Visitors' machines are made to mine money")
    return None


_SPAWNS = re.compile(r"child_process")
_EXECUTES = re.compile(
    r"\b(?:exec|execsync|spawn|spawnsync)\s{0,3}\(\s{0,3}(?:[a-z_$]|[\"'](?:/bin/|cmd|sh\b|bash))|\.pipe\s{0,3}\(\s{0,3}\w{1,20}\.std(?:in|out)"
)
_ASKED = re.compile(
    r"url\.parse|req(?:uest)?\.(?:query|body|params|url)|searchparams|querystring|\.connect\s{0,3}\(|net\.socket|/bin/sh|cmd\.exe"
)
_SERVES = re.compile(
    r"createserver|express\s{0,3}\(|net\.(?:socket|connect|createconnection)|require\s{0,3}\(\s{0,3}[\"'](?:net|http|url)[\"']"
)


def _server_shell(script: Script) -> Deed | None:
    text = script.text
    if (
        (
            "child_process" in text
            and len(text) < 60_000
            and _SERVES.search(text)
            and _EXECUTES.search(text)
        )
        and _ASKED.search(text)
        and near(places(_SPAWNS, text), places(_EXECUTES, text))
    ):
        return Deed(
            "js-server-shell",
            "webshell",
            0.8,
            "A program for the server runs commands that a request brings",
        )
    return None


_LURES = re.compile(r"serviceworker\s{0,3}\.\s{0,3}register\s{0,3}\(\s{0,3}[\"'](?:https?:)?//")
_SOCKET = re.compile(r"new\s{1,3}websocket\b")
_RUNS = re.compile(r"\beval\s{0,3}\(|new\s{1,3}function\s{0,3}\(|(?<![\w$.])function\s{0,3}\(")


def _remote_code(script: Script) -> Deed | None:
    """Runs whatever a stranger's socket says."""
    text = script.text
    sockets = places(_SOCKET, text)
    if (
        sockets
        and len(text) < 30_000
        and near(sockets, places(_RUNS, text), 800)
        and near(sockets, script.far, 800)
    ):
        return Deed(
            "js-socket-runs", "backdoor", 0.85, "Whatever another host sends is run in the page"
        )
    if _LURES.search(text):
        return Deed(
            "js-worker", "injection", 0.5, "A worker from elsewhere stays in visitors' browsers"
        )
    return None


_FRAME_MADE = re.compile(r"createelement\s{0,3}\(\s{0,3}[\"']iframe[\"']|<iframe")
_UNSEEN = re.compile(
    r"display\s{0,3}[=:]\s{0,3}[\"']?none|visibility\s{0,3}[=:]\s{0,3}[\"']?hidden|(?:width|height)[\"']?\s{0,3}[=:,]\s{0,3}[\"']?[01](?:px)?\b|(?:left|top)\s{0,3}[=:]\s{0,3}[\"']?-\d{3}"
)


def _hidden_frame(script: Script) -> Deed | None:
    text = script.text
    frames = places(_FRAME_MADE, text)
    if (
        frames
        and len(text) < 6_000
        and near(frames, places(_UNSEEN, text), 600)
        and near(frames, script.far, 600)
    ):
        sure = 0.85 if script.steps else 0.7
        return Deed(
            "js-hidden-frame",
            "injection",
            sure,
            "An unseen frame of another host is put into the page",
        )
    return None


JUDGES: tuple[Callable[[Script], Deed | None], ...] = (
    *(_stolen, _checkout_loader, _sent_away, _hidden_loader, _runs_decoded, _hidden_frame),
    *(_mines, _remote_code, _server_shell, _obfuscated),
)


def judge(text: str, own: frozenset[str]) -> list[Deed]:
    """What a script does, each deed by the first judge of its kind. Never raises."""
    peeled = peel(text)
    low = peeled.text.lower()
    far = sorted([*foreign_places(low, own), *bare_places(low, own)])
    script = Script(
        *(text.lower(), low, peeled.early.lower(), peeled.hidden.lower(), peeled.steps),
        *(tuple(far), own),
    )
    return [deed for deed in (look(script) for look in JUDGES) if deed is not None]

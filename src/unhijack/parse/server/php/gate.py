"""Which stretches of a file may say what the rules on redirects and pages speak of.

The rules need visitors told apart, something foreign, hidden or fetched, and a way out; of that
enough has to stand together.
"""

import re

from unhijack.parse.plain.clues import ANYWHERE, Clue, Clues, calls, names, near, texts
from unhijack.parse.plain.hosts import WELL_KNOWN
from unhijack.parse.plain.php_stretches import (
    ADDRESSES,
    ASKS,
    DECODERS,
    DECODES,
    FETCHES,
    HIDES,
    HOOKS,
    INCLUDES,
    NEAR,
    REACH,
    READS,
    RUNS,
    RUNS_TEXT,
    USERS,
    WRITES,
    Stretch,
    is_snippet,
    pairs,
    stretches,
    widened,
)
from unhijack.parse.server.php.names import ADDRESS_FILTERS, REDIRECT_CLASSES, REDIRECT_METHODS
from unhijack.parse.server.php.names import REDIRECTS as REDIRECT_NAMES

_HEADERS = (
    "http_user_agent http_referer remote_addr remote_host http_x_forwarded_for http_client_ip"
    " http_x_real_ip http_cf_connecting_ip http_cf_ipcountry http_x_forwarded http_forwarded_for"
    " http_forwarded geoip_country_code http_accept_language http_cookie http_x_wap_profile"
    " http_profile all_http http_sec_ch_ua_mobile http_sec_ch_ua http_sec_ch_ua_platform user_agent"
)
_TESTS = " ".join(
    f"{verb}{joint}{what}"
    for verb in ("is", "check", "detect")
    for joint in ("", "_")
    for what in ("mobile", "tablet", "phone", "smartphone", "bot", "crawler", "robot", "spider")
)
REFERRERS = names(
    "http_referer referer referrer wp_get_referer wp_get_raw_referer get_referer getreferer"
    " getreferrer get_referrer gethttpreferer gethttpreferrer",
    before=ANYWHERE,
)
VISITORS: tuple[Clue, ...] = (
    REFERRERS,
    names(_HEADERS + " useragent getuseragent get_user_agent", before=ANYWHERE),
    names(_TESTS, rb"\s?\(", before=ANYWHERE),
    calls(
        "wp_is_mobile get_browser gethostbyaddr geoip_country_code_by_name geoip_record_by_name"
        " geoip_country_code_by_addr getallheaders apache_request_headers getenv"
    ),
    names(
        "getclientip getremoteaddr getremoteaddress getuserip getpreferredlanguage isguest isanonymous"
        " isloggedin islogged user_is_logged_in getcookie hascookie gethttpuseragent",
        rb"\s?\(",
        before=ANYWHERE,
    ),
    names("cookies cookie", rb"\s?->\s?(?:get|has|read|check)\b", before=ANYWHERE),
    texts(b"->is", after=rb"\s?\(\s?['\"](?:mobile|tablet|phone|bot|crawler)", word=b"is"),
    texts(b"user-agent", after=rb"['\"]\s?\)", word=b"agent"),
    names("isguest userip", before=rb"(?<=->)"),
    names("_cookie _session", before=rb"(?<=[$'\"{])"),
    names(
        "_server http_server_vars",
        rb"\s{0,5}(?:[^\s\[]|\[\s{0,5}[^\s'\"])",
        before=rb"(?<=[$'\"{])",
    ),
)
"""What tells one visitor from another."""
_HOSTS = names("http_host server_name", before=ANYWHERE)
SORTS: tuple[Clue, ...] = (
    *VISITORS,
    calls(
        "is_user_logged_in is_admin is_super_admin current_user_can wp_get_current_user rand mt_rand wp_rand"
        " get_current_user_id random_int array_rand shuffle uniqid lcg_value time date gmdate"
    ),
    _HOSTS,
)
"""Looser: who is signed in, chance, and what is told of the site."""
REDIRECTS: tuple[Clue, ...] = (
    calls("header", rb"\s{0,9}(?:['\"]\s{0,9}(?:loc|ref|[$'\"\\{<%])|[^'\"\s)])"),
    names(
        " ".join(sorted(REDIRECT_NAMES | REDIRECT_METHODS | REDIRECT_CLASSES)),
        rb"\s?\(",
        before=ANYWHERE,
    ),
    names("location refresh", rb"\s?:|['\"]", before=ANYWHERE),
    names(" ".join(sorted(ADDRESS_FILTERS)), rb"['\"]", before=rb"(?<=['\"])(?<!apply_filters\(.)"),
)
_KNOWN = b"|".join(re.escape(name.encode()) for name in WELL_KNOWN)
_HOST = (
    rb"(?!(?:[a-z0-9-]{1,63}\.){0,5}(?:" + _KNOWN + rb")(?![a-z0-9.-]))"
    rb"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}"
)
FOREIGN: tuple[Clue, ...] = (
    texts(b"//", after=rb"(?:" + _HOST + rb"|[a-z0-9-]{0,20}['\"]\s?\.[^.]|<\?|%s)"),
    texts(b"\\/\\/", after=_HOST),
    texts(b"://", after=rb"\{?\$"),
)
"""Addresses of other sites."""
SEARCHES = names(
    "google bing yahoo yandex baidu msn aol ask altavista search googlebot bingbot yandexbot bot"
    " crawler spider crawl slurp baiduspider",
    before=ANYWHERE,
)
BUFFERS = names(
    "ob_start ob_get_clean ob_get_contents ob_get_flush getbody setbody sethtml", before=ANYWHERE
)
STORES = calls("get_option get_site_option get_transient get_theme_mod get_post_meta")
PREPENDS = names("auto_prepend_file auto_append_file", before=ANYWHERE)
MARKUP: tuple[Clue, ...] = (
    texts(b"<script", word=b"script"),
    names("x3c x3cs x3cscript", before=rb"(?<=\\)"),
    texts(b"<iframe", word=b"iframe"),
    names("onload onerror", rb"\s?=", before=ANYWHERE),
    names("equiv", before=rb"(?<=http-)"),
    names("canonical", rb"['\"\\]", before=ANYWHERE),
    names("location", rb"\s?[.=]", before=ANYWHERE),
    texts(b"window.open(", word=b"open"),
    texts(b"<a ", after=rb"\s{0,9}href", word=b"a"),
    names("createelement", before=ANYWHERE),
    names("url guid href permalink link", rb"\s?=\s?['\"]h", before=rb"(?<=->)"),
    names(
        "wp_enqueue_script wp_register_script wp_add_inline_script addscript addscriptdeclaration setmetadata"
        " drupal_add_js",
        rb"\s?\(",
        before=ANYWHERE,
    ),
)
SCRAMBLES = names("fromcharcode atob unescape", rb"\s?\(", before=ANYWHERE)
SCRAMBLED: tuple[Clue, ...] = (
    SCRAMBLES,
    names("eval", rb"\s?\(function\(p", before=ANYWHERE),
    texts(b"_0x", after=rb"[0-9a-f]{2}"),
    texts(
        *(b"data:text/javascript", b"data:application/javascript"),
        *(b"data:text/x-javascript", b"data:application/x-javascript"),
        before=ANYWHERE,
        word=b"data",
    ),
)
_SHOWS = re.compile(rb"\b(?:echo|print|printf|exit|die|print_r|vprintf)\b|<\?=")
REWRITES = names("rewritecond", before=ANYWHERE)
_UNSEEN_HEADERS = calls("header", rb"\s{0,9}[$]")
_MOVES = names("location", rb"\s?[.=]", before=ANYWHERE)
_SITE = calls("home_url site_url get_home_url get_site_url get_bloginfo admin_url php_uname")
_MOST_TAGS = 3
_EDGE = re.compile(rb"[\s\xef\xbb\xbf]{0,2000}<(?:script|iframe|!--)", re.I)

ASKING = calls(
    "curl_init curl_exec fsockopen pfsockopen stream_socket_client wp_remote_get wp_remote_post"
    " wp_safe_remote_get wp_remote_request wp_remote_fopen http_get drupal_http_request"
    " dns_get_record dns_get_txt curl_multi_getcontent curl_get_contents"
)
_CLIENTS = names("guzzlehttp httpclient", before=ANYWHERE)
DECODED = calls(DECODERS, rb"\s{0,9}['\"][^'\"]{24}")

PAIRS = (
    (REDIRECTS, HIDES, NEAR),
    (REDIRECTS, (FETCHES,), REACH),
    ((ASKING,), (*ASKS, *VISITORS, _HOSTS), REACH),
    ((_CLIENTS,), VISITORS[:2], REACH),
    ((STORES,), (DECODES,), 400),
    ((ASKING,), (_SITE,), NEAR),
    ((DECODES,), MARKUP, REACH),
)


def telling(clues: Clues) -> list[Stretch]:
    """What of a file has to be read for the rules of this package."""
    content = clues.content
    common = stretches(clues)
    if common == [(0, len(content))] or _has_edge(content) or _is_way_out(clues):
        return [(0, len(content))]
    found = [
        (place, place) for clue in (USERS, HOOKS, DECODED, PREPENDS) for place in clues.places(clue)
    ]
    found += pairs(clues, PAIRS)
    found += _foreign(clues)
    found += _read_from_afar(clues)
    found += _shown(clues)
    found += near(clues.places(REWRITES), clues.places(*VISITORS), REACH)
    if clues.any(*VISITORS[:2]):
        found += both(clues, (*REDIRECTS, READS, STORES, DECODES), VISITORS[:2], (SEARCHES,))
    found += both(clues, (BUFFERS,), FOREIGN, MARKUP)
    found += both(clues, (_MOVES,), (STORES,), VISITORS)
    found += pairs(clues, (((_UNSEEN_HEADERS,), (REFERRERS,), 600),))
    return widened(clues, found + (clues.found or []))


def _is_way_out(clues: Clues) -> bool:
    """Whether a tiny file, which may be nothing else, sends anybody anywhere."""
    return is_snippet(clues) and clues.any(*REDIRECTS, *FOREIGN, *SCRAMBLED, *VISITORS, READS)


def _shown(clues: Clues) -> list[Stretch]:
    """What is decoded and shown in one go."""
    low = clues.low
    return [
        (place, place)
        for place in clues.places(DECODES)
        if _SHOWS.search(low, max(0, place - 200), place)
    ]


def both(
    clues: Clues, some: tuple[Clue, ...], others: tuple[Clue, ...], third: tuple[Clue, ...]
) -> list[Stretch]:
    """Where all three kinds stand near each other."""
    if not (clues.any(*some) and clues.any(*others) and clues.any(*third)):
        return []
    beside = clues.places(*others)
    kept = [place for place in clues.places(*some) if near([place], beside, NEAR)]
    return near(kept, clues.places(*third), NEAR)


def _foreign(clues: Clues) -> list[Stretch]:
    """Ways to another site that are open to some visitors."""
    marked = clues.any(*MARKUP)
    if not (marked or clues.any(*REDIRECTS)) or not clues.any(*SORTS):
        return []
    ways = (*REDIRECTS, *MARKUP)
    return both(clues, ways, FOREIGN, SORTS) + both(clues, SCRAMBLED, MARKUP, SORTS)


def _read_from_afar(clues: Clues) -> list[Stretch]:
    """Files that are read from another server, where that is shown, run, written or obeyed."""
    reads = clues.places(READS)
    if not reads:
        return []
    remote = [place for place in reads if near([place], clues.places(ADDRESSES), 600)]
    if not remote:
        return []
    uses = (*ASKS, *VISITORS, _HOSTS, *REDIRECTS, RUNS, RUNS_TEXT, WRITES, INCLUDES)
    return near(remote, clues.places(*uses), NEAR)


def _has_edge(content: bytes) -> bool:
    """Whether markup stands before the first tag or behind the last, in a file that is no page."""
    last = content.rfind(b"?>", max(0, len(content) - 250_000))
    ends = last >= 0 and content.find(b"<?", last) < 0
    after = ends and _EDGE.match(content, last + 2) is not None
    return (after or _EDGE.match(content) is not None) and content.count(b"?>") <= _MOST_TAGS

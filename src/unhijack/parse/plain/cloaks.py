"""Code that shows some visitors another site, known by many small signs that stand together.

A second opinion on files of which the rules that follow values say nothing: each new way of writing
breaks a link of what those follow, but takes away little of what has to be there.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from unhijack.parse.plain.cloak_signs import FOREIGN, SIGNS, Sign
from unhijack.parse.plain.cloak_text import cloak_text
from unhijack.parse.plain.cloak_weights import BASE, GROUPS, TABLE
from unhijack.parse.plain.clues import ANYWHERE, Clue, Clues, names
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.php_stretches import cut_out, is_kept

SMALL = 2_200
"""A file not larger is one stretch."""
BEFORE, BEHIND = 500, 1_400
"""Bytes of a stretch before and behind what is asked of the visitor: ways out follow it."""
MOST_STRETCHES = 24
MOST_BYTES = 1 << 21
LEAST, MOST = 0.5, 0.65
"""Confidence of a stretch that only just says enough, and at most."""
A_POINT = 0.03
"""What each point of the score beyond that adds to it."""
ENOUGH = 1.0
SHOWN = 200

ASKS: tuple[Clue, ...] = (
    names(
        "http_referer http_user_agent remote_addr http_accept_language http_x_forwarded_for"
        " http_cf_ipcountry http_cf_connecting_ip http_client_ip http_x_real_ip http_accept http_cookie"
        " wp_is_mobile is_user_logged_in current_user_can get_browser gethostbyaddr referer referrer"
        " wp_get_referer useragent getuseragent user_agent getallheaders apache_request_headers"
        " geoip_country_code_by_name geoip_country_code getremoteaddr gethttpuseragent getclientip"
        " isguest isanonymous isauthenticated isloggedin islogged navigator accept_language is_admin"
        " isauthorized ismobile is_mobile isbot is_bot gethttpreferer getreferer clientip",
        before=ANYWHERE,
    ),
    names("_cookie _session http_cookie_vars http_server_vars", before=ANYWHERE),
    names("_server", rb"\s{0,5}(?:[^\s\[]|\[\s{0,5}[^\s'\"])", before=rb"(?<=[$'\"{])"),
    names("cookie cookies agent headers", rb"['\"]?\s?(?:->|\)|\()", before=ANYWHERE),
)
"""By which one visitor is told from another."""
ASKS_LOOSELY: tuple[Clue, ...] = (
    *ASKS,
    names(
        "_server _get _request request_uri get_option wp_footer wp_head mt_rand array_rand",
        before=ANYWHERE,
    ),
)
WAYS: tuple[Clue, ...] = (
    names(
        "location refresh wp_redirect redirect redirectresponse drupal_goto setredirect away"
        " sendredirect localredirect iframe script header curl_exec wp_remote_get wp_remote_post"
        " fsockopen file_get_contents readfile ob_start rewriterule onload canonical echo print die"
        " exit include include_once printf curl_init url",
        before=ANYWHERE,
    ),
)
"""By which somebody gets elsewhere, or something foreign gets in."""
LEADS = re.compile(
    rb"base64_|gzinflate|gzuncompress|rot13|strrev|hex2bin|convert_uu|openssl_|pack\(|chr\(|\\x[0-9a-f]"
    rb"|fromcharcode|atob\(|get_option\(|get_theme_mod\(|_rand\(|file_get_contents|dns_get|implode\("
    rb"|join\(|fsockopen|curl_|\^|sprintf\(|json_decode|query\(|str_replace|\.ico|/\.[a-z]|"
    + FOREIGN
)
"""What leads to a place that is not the site's own, or hides where it leads; cheap to look for."""


SETTINGS_PAGES = names(
    "add_options_page add_management_page add_menu_page add_submenu_page register_setting",
    rb"\s?\(",
    before=ANYWHERE,
)
"""Where an owner sees and changes what a program does; planted code shows itself to nobody."""
_TWIN = re.compile(
    rb"(?:https?:)?//(?:m|mobile?|wap|touch)\.[a-z0-9.-]{3,80}(?=/?\"\.\$_server\[\"request_uri)"
)
"""The same page of the site's own pages for phones."""
_TELLING = frozenset(
    (*GROUPS["away"], "joined", "decoders", "stored", "serves-file", "loads-made", "fetches")
)
"""Without any of these nothing leads anywhere else."""
_REACHES = frozenset((*GROUPS["ways"], "shows")) - {"fetches", "serves-file"}
"""By these a visitor gets what was worked out; what is only fetched or read reaches nobody."""
_OUT = tuple(sign for sign in SIGNS if sign.name in GROUPS["ways"])
_HIDDEN = tuple(sign for sign in SIGNS if sign.name in _TELLING and sign not in _OUT)
_REST = tuple(sign for sign in SIGNS if sign not in _OUT and sign not in _HIDDEN)


class _Row(NamedTuple):
    """A row of the table, taken apart."""

    parts: tuple[tuple[frozenset[str], int], ...]
    """Of each of these sets so many; none where the number is 0."""
    weight: float


def _part(text: str) -> tuple[frozenset[str], int]:
    group, _, least = text.lstrip("!").partition(">=")
    return frozenset(GROUPS.get(group, (group,))), 0 if text[0] == "!" else int(least or 1)


def _parts(when: str) -> tuple[tuple[frozenset[str], int], ...]:
    return tuple(_part(text) for text in when.split("&"))


_ROWS = tuple(_Row(_parts(when), weight) for when, weight, _ in TABLE)


def second_opinion(
    clues: Clues, marks: Sequence[Mark], own: AbstractSet[str] = frozenset()
) -> list[Mark]:
    """What the signs say of a PHP file of which the rules said nothing that counts alone."""
    return [] if any(mark.confidence >= LEAST for mark in marks) else cloak_marks(clues, own)


def cloak_marks(clues: Clues, own: AbstractSet[str] = frozenset()) -> list[Mark]:
    """A mark for the stretch of a PHP file that says most, if that is enough; never raises.

    `own` are names of the site itself: what leads there leads nowhere.
    """
    if len(clues.content) > MOST_BYTES:
        return []
    best = max(
        ((score_of(signs_of(clues, stretch, own)), stretch) for stretch in stretches(clues)),
        default=(BASE, (0, 0)),
    )
    if best[0] < ENOUGH:
        return []
    score, (start, end) = best
    confidence = min(LEAST + (score - ENOUGH) * A_POINT, MOST)
    at = _first(clues.places(*ASKS_LOOSELY), start, end)
    reason = (
        "Tells visitors apart and leads some elsewhere, by many small signs that stand together."
    )
    return [Mark("php-cloaks", "redirect", confidence, reason, at, min(at + SHOWN, end))]


def _first(places: list[int], start: int, end: int) -> int:
    at = bisect_left(places, start)
    return places[at] if at < len(places) and places[at] < end else start


def stretches(clues: Clues) -> list[tuple[int, int]]:
    """Where a visitor's traits stand near a way out."""
    size = len(clues.content)
    if size <= SMALL:
        return [(0, size)] if clues.any(*ASKS_LOOSELY) and clues.any(*WAYS) else []
    if not clues.any(*ASKS) or not clues.any(*WAYS):
        return []
    ways = clues.places(*WAYS)
    found: list[tuple[int, int]] = []
    last = -1
    for place in clues.places(*ASKS):
        if place < last:
            continue
        start, end = max(place - BEFORE, 0), min(place + BEHIND, size)
        at = bisect_left(ways, start)
        if at < len(ways) and ways[at] < end and LEADS.search(clues.low, start, end):
            found.append((start, end))
            last = place + BEHIND // 2
    return found[:MOST_STRETCHES]


def signs_of(
    clues: Clues, stretch: tuple[int, int], own: AbstractSet[str] = frozenset()
) -> set[str]:
    """Names of the signs that a stretch has; none where it lacks a way out, or anything to hide."""
    code, _ = cut_out(clues.content, stretch)
    text, undone = cloak_text(code)
    text = _TWIN.sub(b"", text)
    for host in own:
        name = re.escape(host.lower().encode())
        at_home = rb"(?:https?:)?//(?:[a-z0-9-]{1,63}\.){0,5}" + name + rb"(?![a-z0-9.-])"
        text = re.sub(at_home, b"", text)
    signs = _there(_OUT, text)
    if not signs:
        return signs
    signs |= _there(_HIDDEN, text)
    signs.update(undone)
    if signs.isdisjoint(_TELLING):
        return set()
    signs |= _there(_REST, text)
    if signs.isdisjoint(_REACHES):
        return set()
    if is_kept(clues):
        signs.add("kept")
    if clues.any(SETTINGS_PAGES):
        signs.add("settings-page")
    return signs


def _there(signs: Sequence[Sign], text: bytes) -> set[str]:
    return {sign.name for sign in signs if sign.pattern.search(text)}


def score_of(signs: set[str]) -> float:
    """The sum of the table's rows for these signs."""
    return BASE + sum(row.weight for row in _ROWS if _holds(row.parts, signs))


def _holds(parts: tuple[tuple[frozenset[str], int], ...], signs: set[str]) -> bool:
    return all(
        len(members & signs) >= least if least else members.isdisjoint(signs)
        for members, least in parts
    )

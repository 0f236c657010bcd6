"""Reports that people write in their own words: the addresses in a text, and how they got there."""

import re
from collections.abc import Sequence

from unhijack.core.text import printable
from unhijack.parse.reports.claim import Refusal, Said, Written, refanged, said

MOST_ADDRESSES = 50
"""Of one mail; more is no person's report, and belongs in a list."""
MOST_TEXT = 64 * 1024
MOST_LINES = 2_000
LONGEST_ADDRESS = 2_000
WRAPPED = 60
"""Characters of a line from which an address that ends it may go on in the next."""

_DEFANGED_DOT = re.compile(r" ?[\[({] ?(?:\.|dot) ?[\])}] ?", re.IGNORECASE)
_MARK = "\ue000"
"""Stands for a dot that was defanged: a bare name that has one is meant as an address."""
_ANGLED = re.compile(r"<((?:https?|hxxps?)://[^<>]{1,2000})>", re.IGNORECASE)
_ADDRESS = re.compile(r"(?i)\bh(?:tt|xx|\*\*)ps?\[?:\]?/{1,2}[^\s<>\"'`|\\^{}]{3,2000}")
_WWW = re.compile(r"(?i)(?<![\w@./-])www\.[^\s<>\"'`|\\^{}]{3,500}")
_BARE = re.compile(
    rf"(?<![\w@./{_MARK}-])(?:[\w-]{{1,63}}[.{_MARK}]){{1,8}}[\w-]{{2,63}}"
    r"(?::\d{1,5})?(?:/[^\s<>\"'`|\\^{}]{0,1500})?"
)
_TRAILING = ".,;:!?*'\"»”’]>"

_SEARCHED = (
    "search|searched|searched for|search words|search terms|google|suche|gesucht|gesucht nach"
    "|suchbegriff|suchbegriffe|suchwörter|recherche|recherché|mots-clés|búsqueda|busqué|ricerca"
    "|cercato|pesquisa|pesquisei|zoekopdracht|gezocht|gezocht op|wyszukiwanie|szukałem|szukałam"
    "|hledání|hľadanie|keresés|căutare|търсене|αναζήτηση|søgning|sökning|haku|otsing|meklēšana"
    "|paieška|pretraga|iskanje|tiftix|cuardach|пошук|arama|بحث"
)
_CAME = (
    "came from|coming from|referrer|referer|link on|linked from|gekommen von|link auf|venu de"
    "|lien sur|vengo de|enlace en|da|link su|vim de|via|from page"
)
_LABEL = re.compile(
    rf"^[\s*>-]{{0,5}}(?:(?P<search>{_SEARCHED})|(?P<came>{_CAME}))\s?:\s{{0,3}}(?P<value>.{{1,500}})$",
    re.IGNORECASE,
)


def claims_in(text: str, source: str, mark: str, reporter: str = "") -> list[Said]:
    """Each address in a text, once, with the way there if it says one.

    `mark` is of the mail, so that the same mail twice is the same report.
    """
    lines, steps = _without_steps(text[:MOST_TEXT].splitlines()[:MOST_LINES])
    found = addresses_in("\n".join(_unwrapped(lines)))
    taken = [
        said(Written(number, url, steps, mark, reporter), source)
        for number, url in enumerate(found[:MOST_ADDRESSES], 1)
    ]
    if len(found) > MOST_ADDRESSES:
        reason = f"more than {MOST_ADDRESSES} addresses in one mail: send them as a list"
        taken.append(Refusal(MOST_ADDRESSES + 1, reason))
    return taken


def addresses_in(text: str) -> list[str]:
    """Addresses as they are meant, each once, in the order in which they stand there."""
    text = text.replace("{.}", "[.]")
    spots = [(m.start(), m.end(), "".join(m[1].split())) for m in _ANGLED.finditer(text)]
    joined = _ANGLED.sub(lambda one: " " * len(one[0]), text)
    spots += [(m.start(), m.end(), _trimmed(m[0])) for m in _ADDRESS.finditer(joined)]
    spots += [(m.start(), m.end(), _trimmed(m[0])) for m in _WWW.finditer(joined)]
    spots += _bare(_blanked(joined, spots))
    meant = [refanged(url)[:LONGEST_ADDRESS] for _, _, url in sorted(spots)]
    return list(dict.fromkeys(meant))


def _blanked(text: str, spots: Sequence[tuple[int, int, str]]) -> str:
    """The text without what was found already, of the same length."""
    parts, end = [], 0
    for start, after, _ in sorted(spots):
        if start >= end:
            parts += [text[end:start], " " * (after - start)]
            end = after
    return "".join(parts) + text[end:]


def _bare(text: str) -> list[tuple[int, int, str]]:
    """Names without a scheme, where a dot was defanged: nobody does that to a file name."""
    if not _DEFANGED_DOT.search(text):
        return []
    marked = _DEFANGED_DOT.sub(_MARK, text)
    return [
        (match.start(), match.end(), _trimmed(match[0]).replace(_MARK, "."))
        for match in _BARE.finditer(marked)
        if _MARK in match[0]
    ]


def _trimmed(url: str) -> str:
    """Without what ends the sentence, and without a bracket that was opened before."""
    while url:
        last = url[-1]
        unopened = last == ")" and url.count("(") < url.count(")")
        if not unopened and (last not in _TRAILING or url.endswith("[.]")):
            return url
        url = url[:-1]
    return url


def _unwrapped(lines: Sequence[str]) -> list[str]:
    """Lines in which an address that was broken at the end of one is whole again."""
    whole: list[str] = []
    for line in lines:
        if whole and _goes_on(whole[-1], line):
            whole[-1] += line.strip()
        else:
            whole.append(line)
    return whole


def _goes_on(line: str, after: str) -> bool:
    last = line.rpartition(" ")[2]
    rest = after.strip()
    return (
        WRAPPED <= len(line) <= LONGEST_ADDRESS
        and bool(_ADDRESS.match(last))
        and line == line.rstrip()
        and 0 < len(rest) <= 200
        and " " not in rest
        and "://" not in rest
        and any(c in rest for c in "/=&?%_-.")
    )


def _without_steps(lines: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The text without the lines that say how they got there, and what these say."""
    kept: list[str] = []
    steps: list[str] = []
    for line in lines:
        label = _LABEL.match(line[:600])
        if label is None:
            kept.append(line)
        elif label["search"]:
            steps.append(f"search:{label['value'].strip().strip(chr(34))}")
        elif addresses_in(label["value"]):
            steps.append(f"referrer:{addresses_in(label['value'])[0]}")
        else:
            kept.append(line)
    return kept, tuple(printable(step, 500) for step in steps[:5])

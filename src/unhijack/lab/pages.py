"""What the town's pages say: inert, believable HTML of 5 to 30 KB.

Pictures are named by ``<img src>`` as on any site, and none exists: who asks for one is seen.
"""

from functools import lru_cache
from html import escape

from unhijack.lab.lots import choose, draw
from unhijack.lab.town import TownSite

SECTIONS = {
    "en": ("home", "about", "services", "news", "opening-hours", "contact"),
    "de": ("start", "ueber-uns", "angebot", "aktuelles", "oeffnungszeiten", "kontakt"),
}
"""The pages in every site's navigation, beside its ``/``."""

_SENTENCES = {
    "en": (
        "We have been at home in this street for three generations.",
        "Every order is made by hand and leaves the house within the week.",
        "Please ring the bell at the side door when the shop is closed.",
        "On the first Saturday of the month we open our workshop to visitors.",
        "Children are welcome, and so are well-behaved dogs.",
        "Our winter programme can be picked up at the counter free of charge.",
        "The car park behind the building is reachable from the mill lane.",
        "We thank everybody who helped to mend the roof after the storm.",
        "Questions are best asked by telephone between nine and noon.",
        "New this season: smaller sizes, local timber and longer hours on Thursday.",
        "The choir rehearses on Tuesday evening, and new voices are always wanted.",
        "Payment is possible in cash or by card, as you like.",
    ),
    "de": (
        "Seit drei Generationen sind wir in dieser Straße zu Hause.",
        "Jede Bestellung wird von Hand gefertigt und verlässt binnen einer Woche das Haus.",
        "Bitte klingeln Sie an der Seitentür, wenn der Laden geschlossen ist.",
        "Am ersten Samstag im Monat öffnen wir unsere Werkstatt für Besucher.",
        "Kinder sind willkommen, wohlerzogene Hunde ebenso.",
        "Das Winterprogramm liegt kostenlos an der Theke aus.",
        "Der Parkplatz hinter dem Haus ist über den Mühlweg zu erreichen.",
        "Wir danken allen, die nach dem Sturm geholfen haben, das Dach zu decken.",
        "Fragen beantworten wir am besten am Telefon, von neun bis zwölf Uhr.",
        "Neu in dieser Saison: kleinere Größen, heimisches Holz und donnerstags länger offen.",
        "Der Chor probt am Dienstagabend, neue Stimmen sind immer gesucht.",
        "Sie zahlen bar oder mit Karte, ganz wie Sie mögen.",
    ),
}
_RULES = "".join(
    f".c{n}{{margin:{n % 7}px {n % 5}px;padding:{n % 9}px;border:1px solid #{n % 10}a{n % 8}}}\n"
    for n in range(24)
)
_STYLE = (
    "body{font:16px/1.5 Georgia,serif;color:#222;margin:0 auto;max-width:60rem}"
    "nav a{margin-right:1em}figure{float:right;margin:0 0 1em 1em}footer{clear:both}\n" + _RULES
)
_MENU = (
    "<script>\n"
    "document.documentElement.className += ' js';\n"
    "document.addEventListener('DOMContentLoaded', function () {\n"
    "  var menu = document.getElementById('menu');\n"
    "  if (menu) { menu.addEventListener('click', function () { menu.hidden = false; }); }\n"
    "});\n"
    "</script>\n"
)
COUNTER = (
    "<script>\n"
    "(function (w, d) {\n"
    "  w.visits = w.visits || [];\n"
    "  w.visits.push({page: w.location.pathname, from: d.referrer, at: Date.now()});\n"
    "  var s = d.createElement('script'), first = d.getElementsByTagName('script')[0];\n"
    "  s.async = true;\n"
    "  s.src = '/js/visits.js';\n"
    "  first.parentNode.insertBefore(s, first);\n"
    "})(window, document);\n"
    "</script>\n"
    "<script>var opened = new Date().getHours() > 8; if (navigator.cookieEnabled && opened) "
    "{ document.cookie = 'seen=1; path=/; SameSite=Lax'; }</script>\n"
)
"""Of an honest site that counts its visitors: reads the referrer, and goes nowhere."""

STYLESHEET = _STYLE.encode()
SCRIPT = b"(function(){var v=window.visits||[];v.push=function(){};})();\n"
"""The visit counter's file: does nothing."""


@lru_cache(maxsize=4096)
def page(site: TownSite, section: str, language: str) -> tuple[bytes, bytes]:
    """A page in two parts; what belongs into its ``<head>`` goes between them."""
    key = (site.host, section, language)
    title = escape(site.title)
    start = (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title} &ndash; {escape(section)}</title>\n"
    )
    rest = (
        f'<link rel="stylesheet" href="/style.css">\n<style>{_STYLE}</style>\n{_MENU}</head>\n'
        f'<body class="c{draw(24, *key)}">\n<header><h1>{title}</h1></header>\n'
        f'<nav id="menu">{_navigation(language)}</nav>\n<main>\n<h2>{escape(section)}</h2>\n'
        f"{_articles(language, key)}</main>\n"
        f"<footer><p>{title} &middot; {escape(site.owner.mailbox)}</p></footer>\n</body>\n</html>\n"
    )
    return start.encode(), rest.encode()


def _navigation(language: str) -> str:
    return "".join(f'<a href="/{name}">{name}</a>' for name in SECTIONS[language])


def _articles(language: str, key: tuple[str, ...]) -> str:
    sentences = _SENTENCES[language]
    parts = []
    for number in range(6 + draw(26, *key, "articles")):
        first = draw(len(sentences), *key, number)
        text = " ".join((sentences[first:] + sentences[:first])[: 4 + (first + number) % 7])
        if number % 4 == 1:
            name = choose(("garden", "counter", "team", "window"), *key, number, "picture")
            parts.append(
                f'<figure><img src="/images/{name}-{number}.jpg" alt="{name}" width="320" '
                f'height="240" loading="lazy"></figure>\n'
            )
        parts.append(f'<p class="c{number % 24}">{text}</p>\n')
    return "".join(parts)

"""Which language somebody is written to in, and how sure that is. Pure."""

from dataclasses import dataclass

from unhijack.compose.tongue import ENGLISH, LANGUAGES
from unhijack.core.site import site_of


@dataclass(frozen=True, slots=True)
class Choice:
    """A language."""

    tag: str
    """One of `LANGUAGES`."""
    sure: bool
    """False asks for the same in English below."""


_ONE = {
    **{one: one for one in "bg de es fr hr hu it lt lv nl pl pt ro sk tr".split()},
    **{"at": "de", "li": "de", "cz": "cs", "dk": "da", "gr": "el", "cy": "el", "ee": "et"},
    **{"gb": "en", "uk": "en", "us": "en", "au": "en", "nz": "en", "si": "sl", "se": "sv"},
    **{"ua": "uk", "mc": "fr", "sm": "it", "va": "it", "br": "pt", "md": "ro"},
    **dict.fromkeys("mx ar cl co pe uy ec ve bo py cr gt hn ni pa sv do cu".split(), "es"),
    **dict.fromkeys("eg sa ae jo lb iq sy kw qa bh om ye ly tn dz ma sd ps".split(), "ar"),
}
_SEVERAL = {
    "be": ("nl", "fr", "de"),
    "ch": ("de", "fr", "it"),
    "fi": ("fi", "sv"),
    "ie": ("en", "ga"),
    "lu": ("fr", "de"),
    "mt": ("mt", "en"),
}
SPOKEN = {country: (tag,) for country, tag in _ONE.items()} | _SEVERAL
"""Official languages by country, the most frequent first. A suffix is its country's code, and
``uk``."""


def choose(contact: str = "", site: str = "", host: str = "", country: str = "") -> Choice:
    """The language of a letter.

    `contact` and `site` are tags: the language that the contact is known to speak, and the one
    that the site itself says it is written in; `host` is the site's, `country` two letters: where
    it is hosted. What comes earlier counts more, but for a site that says English: makers of
    websites leave that as they found it.
    """
    if tag := _known(contact):
        return Choice(tag, sure=True)
    own = _known(site)
    suffix = site_of(host).rpartition(".")[2].lower() if host else ""
    spoken = SPOKEN.get(suffix, ())
    if own and not (own == ENGLISH.tag and spoken and own not in spoken):
        return Choice(own, sure=not spoken or own in spoken)
    if spoken:
        return Choice(spoken[0], sure=len(spoken) == 1 and not own)
    hosted = SPOKEN.get(country.lower(), ())
    return Choice(hosted[0], sure=False) if hosted else Choice(ENGLISH.tag, sure=True)


def _known(tag: str) -> str:
    """A tag without region, if letters are written in that language."""
    short = tag.replace("_", "-").partition("-")[0].lower()
    return short if short in LANGUAGES else ""

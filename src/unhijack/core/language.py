"""Which language the visitors of a site prefer, as far as its suffix tells."""

from unhijack.core.site import site_of

OTHER = "de"
"""Whom to ask whether it is the language alone, where the suffix tells nothing."""

_BY_SUFFIX = {
    **{tag: (tag,) for tag in "bg de es fi fr hr hu it lt lv nl no pl pt ro ru sk tr".split()},
    **{"cs": ("cz",), "da": ("dk",), "el": ("gr", "cy"), "et": ("ee",), "ja": ("jp",)},
    **{"ko": ("kr",), "sl": ("si",), "sr": ("rs",), "sv": ("se",), "uk": ("ua",), "vi": ("vn",)},
    "zh": ("cn", "tw"),
    "de": ("de", "at", "ch", "li"),
    "es": ("es", "mx", "ar", "cl", "pe", "uy", "ec", "ve"),
    "nl": ("nl", "be"),
    "pt": ("pt", "br"),
    "ru": ("ru", "by", "kz", "su"),
}
"""By tag. A country of several languages has one here; English is what visits have by default."""
_TAGS = {suffix: tag for tag, suffixes in _BY_SUFFIX.items() for suffix in suffixes}
_REGIONS = {"ja": "JP", "ko": "KR", "sl": "SI", "sr": "RS", "sv": "SE", "uk": "UA", "vi": "VN"} | {
    "cs": "CZ",
    "da": "DK",
    "el": "GR",
    "et": "EE",
    "zh": "CN",
    "no": "NO",
}

ACCEPTED = {"": "en-US,en;q=0.9"} | {
    tag: f"{tag}-{_REGIONS.get(tag, tag.upper())},{tag};q=0.9" for tag in _BY_SUFFIX
}
"""Accept-Language by the tag of a persona."""


def other_language(host: str) -> str:
    """The tag of the language, other than English, in which a site is asked for."""
    return _TAGS.get(site_of(host).rpartition(".")[2], OTHER)

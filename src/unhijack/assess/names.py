"""Whether two domains bear the same name: under another suffix, as a twin, with its umlauts."""

import re
import unicodedata

from unhijack.core.site import brand_of

SHORTEST = 3
"""Letters of a name below which nothing follows from its being the same."""

_AFFIXES = frozenset(
    "m mobile mobil touch amp app www web online shop store group global international intl "
    "en de fr es it nl pl pt cz at ch be uk us usa eu ca au in jp cn asia europe india canada "
    "deutschland france espana italia polska".split()
)
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa"})
_PARTS = re.compile(r"[-_]+")


def same_name(host: str, other: str) -> bool:
    """Whether both domains bear one name, but for what marks a language, a country or a device."""
    name = _readings(brand_of(host))
    return any(len(one) >= SHORTEST and one in name for one in _readings(brand_of(other)))


def _readings(label: str) -> frozenset[str]:
    """The name in ASCII, with umlauts spelled out and without, bare of affixes, hyphens gone."""
    if label.startswith("xn--"):
        try:
            label = label.encode("ascii").decode("idna")
        except UnicodeError:
            return frozenset({label})
    texts = (label.translate(_SPELLED), label)
    return frozenset(filter(None, (_bare(text) for text in texts)))


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    parts = [part for part in _PARTS.split(plain) if part]
    kept = [part for part in parts if part not in _AFFIXES and len(part) > 1]
    return "".join(kept or parts)

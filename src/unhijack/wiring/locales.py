"""Catalogues of letters, read from their text form when first wanted."""

import io
from functools import lru_cache
from gettext import GNUTranslations
from importlib.resources import files

from unhijack.compose.tongue import ENGLISH, LANGUAGES, Tongue


@lru_cache(maxsize=len(LANGUAGES))
def tongue(tag: str) -> Tongue:
    """The language of a tag; English for one that there is no catalogue of."""
    if tag == ENGLISH.tag or tag not in LANGUAGES:
        return ENGLISH
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    text = (files("unhijack.data") / "locales" / f"{tag}.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(text), locale=tag))
    compiled.seek(0)
    return Tongue(tag, GNUTranslations(compiled))

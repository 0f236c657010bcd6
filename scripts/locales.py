"""Keeps the catalogues of letters in step with the source.

`scripts/locales.py` adds messages that are new to every catalogue, and takes out those that are
gone; what has no translation yet stays empty, and a test names it. Nothing is guessed (no fuzzy
entries).
"""

import io
import sys
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

from unhijack.compose.tongue import LANGUAGES

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src/unhijack/compose"
LOCALES = ROOT / "src/unhijack/data/locales"
KEYWORDS = {"_": None, "many": (1, 2)}


def template() -> Catalog:
    """Every message that the source marks."""
    catalog = Catalog(charset="utf-8")
    found = extract_from_dir(str(SOURCE), [("**.py", "python")], keywords=KEYWORDS)
    for name, _line, message, _comments, context in found:
        catalog.add(message, locations=[(Path(name).name, 0)], context=context)
    return catalog


HEADER = """# Letters in {name}. The English stands in the source: see scripts/locales.py.
msgid ""
msgstr ""
"Language: {tag}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


def written(catalog: Catalog) -> bytes:
    """A catalogue as it is committed: in the order of the source, without numbers and dates."""
    out = io.BytesIO()
    write_po(out, catalog, width=96, include_lineno=False, ignore_obsolete=True, omit_header=True)
    name = Locale.parse(str(catalog.locale)).english_name
    plurals = get_plural(str(catalog.locale))
    header = HEADER.format(name=name, tag=catalog.locale, plurals=plurals)
    return header.encode() + out.getvalue()


def read(tag: str) -> Catalog:
    """The catalogue of a language; an empty one where there is none yet."""
    path = LOCALES / f"{tag}.po"
    if not path.exists():
        return Catalog(locale=tag, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=tag)


def main() -> int:
    """Bring every catalogue up to date."""
    messages = template()
    LOCALES.mkdir(exist_ok=True)
    for tag in LANGUAGES:
        if tag == "en":
            continue
        catalog = read(tag)
        catalog.update(messages, no_fuzzy_matching=True, update_header_comment=False)
        (LOCALES / f"{tag}.po").write_bytes(written(catalog))
        empty = sum(not message.string for message in catalog if message.id)
        print(f"{tag}: {len(catalog)} messages" + (f", {empty} without words" if empty else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What is seen of a file by searching its bytes, before anything reads it as a program."""

from __future__ import annotations

import re

LONG_RUN = 600
_IN_RUNS = bytes(
    97 if (chr(n).isalnum() and n < 128) or n in b"+/=%\\_-\r\n" else 32 for n in range(256)
)
"""Maps what a long encoded text is made of to ``a``, all else to a blank."""
_RUN = b"a" * LONG_RUN
_STEP = 20
_SAMPLED = b"a" * (LONG_RUN // _STEP)
"""Of a run, if each `_STEP`-th byte is looked at; few other files have as much."""


def has_long_run(content: bytes) -> bool:
    """Whether there is a run of `LONG_RUN` bytes without a break, as encoded texts have."""
    if _SAMPLED not in content[::_STEP].translate(_IN_RUNS):
        return False
    return _RUN in content.translate(_IN_RUNS)


def is_php(content: bytes) -> bool:
    """Whether there is PHP in it by its tags."""
    at = content.find(b"<?")
    while at >= 0:
        following = content[at + 2 : at + 5].lower()
        if following == b"php" or following[:1] in (
            b"=",
            b" ",
            b"\n",
            b"\t",
            b"\r",
            b"@",
            b"$",
            b"/",
        ):
            return True
        at = content.find(b"<?", at + 2)
    return b"<script" in content and b"php" in content


# A pattern that is a text goes from one first byte to the next: in most files that is faster than
# to look for the text itself.
_TAG = re.compile(rb"<\?")
_FULL_TAG = re.compile(rb"<\?php")
_RUNS = re.compile(rb"<\?\s{0,9}@?(?:eval|assert|include|require)\b")
_SHORT_TAG = re.compile(rb"<\?[\s@$(]")


def bears_php(content: bytes) -> bool:
    """Whether there is PHP in a file whose name does not say so: an include runs it there too.

    Short tags count in text alone, and where something is asked that only PHP asks.
    """
    if _TAG.search(content) is None:
        return False
    if _FULL_TAG.search(content) is not None:
        return True
    if b"\0" in content:
        return False
    if b"<?=" in content or _RUNS.search(content) is not None:
        return True
    return b"$_" in content and _SHORT_TAG.search(content) is not None


_NAMED = re.compile(
    r"\.(?:txt|md|markdown|rst|adoc|json\d?|css|scss|sass|less|map|po|pot|mo|ya?ml|neon|toml|ini|cfg|conf|lock|xlf"
    r"|csv|tsv|sql|log|xsd|xsl|dtd|wsdl|rdf|rss|diff|patch|orig|rej|coffee|feature|graphql|proto|dist|example"
    r"|stub|snap|pem|crt|key|vcf|ics|rtf|tex|java|go|c|h|cpp|rs|lua|sh|bat|ps1|gitignore|gitattributes)$"
)
"""Names by which a file is something else than a page or a script."""
_BEGINS_SCRIPT = re.compile(
    rb"(?:var\s|let\s|const\s|[;!(+~]{0,4}function\b|[;(]{0,3}(?:this|window|document|self|top|location|jquery|\$|eval|atob"
    rb"|settimeout|string|new\s)\s?[.\[(]|if\s?\(|try\s?\{|['\"]use strict|\(\(?\)\s?=>)",
    re.IGNORECASE,
)
_BEGINS_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,2000}(?:<!--[^>]{0,400}-->\s{0,200})?<(?:script|html|!doctype\s{1,9}html|iframe)",
    re.IGNORECASE,
)
MOST_REMARKS = 8_000
"""Bytes in which the remarks end that a script may begin with."""
MOST_UNNAMED = 1_000_000
"""Bytes of a file whose name says nothing; a longer one is hardly a page's script."""


def is_page_or_script(name: str, content: bytes) -> bool:
    """Whether a file whose name says nothing of the kind begins as pages and scripts do.

    `name` in small letters. Planted scripts lie under names without an ending, or under one of
    their own, and are loaded all the same.
    """
    if not content or len(content) > MOST_UNNAMED or _NAMED.search(name) is not None:
        return False
    if _BEGINS_PAGE.match(content) is None and not _begins_script(content[:MOST_REMARKS]):
        return False
    return b"\0" not in content


def _begins_script(content: bytes) -> bool:
    """Behind the remarks that it may begin with."""
    rest = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    while rest[:2] in (b"//", b"/*"):
        end = b"\n" if rest[:2] == b"//" else b"*/"
        rest = rest.partition(end)[2].lstrip()
    return _BEGINS_SCRIPT.match(rest) is not None

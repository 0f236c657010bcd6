"""Hostile text, made harmless for people. Machines get it in JSON, as it is."""

import re
import unicodedata

SHORT = 120
"""Characters of somebody else's text that a person is shown at most, unless said otherwise."""

_MAILBOX = re.compile(r"""[^\s<>()\[\]:;,"]{0,100}@[^\s<>()\[\]:;,"]{0,255}""")


def for_the_record(text: str, limit: int = SHORT) -> str:
    """Words that end in a journal for good: harmless, on one line, and without mail addresses."""
    return printable(_MAILBOX.sub("(address)", " ".join(text[: 10 * limit].split())), limit)


def printable(text: str, limit: int = SHORT) -> str:
    """`text` on one line, without control, format or direction characters, cut at `limit`.

    Every space is a plain one, so what comes out is always ``str.isprintable``.
    """
    cut = text[: limit + 1]
    shown = "".join(c if c.isprintable() else _instead(c) for c in cut[:limit])
    return shown + "…" if len(cut) > limit else shown


_ADDRESS = re.compile(r"(?i)\b(?:h(?:tt)?ps?|ftp)(?=:/?/?)")
_DOTTED = re.compile(r"(?i)(?<=[a-z0-9])\.(?=[a-z0-9-]{2,63}\b)")


def defang_text(text: str) -> str:
    """Somebody's text in which no address can be opened by mistake: dots of names and schemes go."""
    masked = _ADDRESS.sub(lambda scheme: scheme[0].replace("t", "x").replace("T", "X"), text)
    return _DOTTED.sub("[.]", masked)


def _instead(character: str) -> str:
    return " " if unicodedata.category(character) == "Zs" else "\N{REPLACEMENT CHARACTER}"


def defang(host_or_url: str, limit: int = 253) -> str:
    """An address that nobody opens by mistake: ``hxxp://a[.]b``."""
    text = printable(host_or_url, limit)
    scheme, separator, rest = text.partition("://")
    if not separator:
        return text.replace(".", "[.]")
    authority, slash, path = rest.partition("/")
    fanged = {"http": "hxxp", "https": "hxxps"}.get(scheme.lower(), scheme)
    return f"{fanged}://{authority.replace('.', '[.]')}{slash}{path}"

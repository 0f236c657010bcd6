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
    return b"<?=" in content or (b"$_" in content and _SHORT_TAG.search(content) is not None)

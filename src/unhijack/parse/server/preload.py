"""/etc/ld.so.preload: libraries that are put under every program of a machine."""

import re

from unhijack.parse.plain.marks import Mark

MOST_LIBRARIES = 200

_LIBRARY = re.compile(rb"(?m)^[ \t]*([^#\s:][^\s:]{0,1000})")
_ODD = re.compile(rb"/(?:tmp|shm|home|www|run)/|/\.|^(?!/)|\.(?!so)[a-z]{1,5}$")
_KNOWN = re.compile(
    rb"/lib\w{0,20}(?:jemalloc|tcmalloc|mimalloc|snoopy|keepalive|cl\w{2,10})\w{0,20}\.so"
)


def preload_marks(content: bytes) -> tuple[Mark, ...]:
    """Each library that is listed; those of known allocators and loggers are left out."""
    marks = []
    for number, found in enumerate(_LIBRARY.finditer(content)):
        if number >= MOST_LIBRARIES:
            break
        if not _KNOWN.search(found[1]):
            confidence = 0.9 if _ODD.search(found[1]) else 0.6
            reason = "a library is put under every program of this machine"
            marks.append(Mark("run-preload", "backdoor", confidence, reason, *found.span(1)))
    return tuple(marks)

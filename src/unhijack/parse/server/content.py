"""Which readers a file's bytes are for. Each says what looks planted, by `Mark`."""

import re
from collections.abc import Callable

from unhijack.parse.plain import named
from unhijack.parse.plain.cloaks import second_opinion
from unhijack.parse.plain.clues import Clues
from unhijack.parse.plain.files import plain_marks
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.prefilter import bears_php, is_page_or_script
from unhijack.parse.plain.tells import shows_page
from unhijack.parse.server.apache import apache_marks
from unhijack.parse.server.ini import ini_marks
from unhijack.parse.server.nginx import nginx_marks
from unhijack.parse.server.pages import BIG, MOST_RUN, html_marks, script_marks, wants_running
from unhijack.parse.server.php import php_marks
from unhijack.parse.server.place import Place

SMALL_SCRIPT = 64_000
"""Bytes of a script that is run for as little as a look at where its visitor comes from."""
_ASKED = (
    b"userAgent",
    b"fromCharCode",
    b"localStorage",
    b"referrer",
    b"cookie",
    b"eval(",
    b"atob(",
)
"""What a script that picks its prey asks for, or hides behind."""

_READS_REFERRER = re.compile(rb"(?<![\w$-])referrer(?![\w$-])(?!\s{0,9}=(?!=))")
"""As a whole word that is not only set: not the ``noreferrer`` of a link, not a policy."""

Reader = Callable[[bytes, Place], list[Mark]]


def depends_on_place(path: str) -> bool:
    """Whether what a file means hangs on where it lies and what lies beside it."""
    name = path.rpartition("/")[2].lower()
    return bool(named.APACHE.search(name) or named.INI.search(name) or name.endswith(".conf"))


def runs_as_php(path: str) -> bool:
    """Whether servers take a file for PHP by its name."""
    return bool(named.PHP.search(path.rpartition("/")[2].lower()))


def unclear_script(path: str, content: bytes) -> bool:
    """Whether a script or page may send visitors away by a test whose outcome reading does not show."""
    name = path.rpartition("/")[2].lower()
    if not (named.SCRIPT.search(name) or named.PAGE.search(name)) or len(content) > MOST_RUN:
        return False
    if len(content) <= SMALL_SCRIPT and _READS_REFERRER.search(content):
        return True
    big = len(content) > BIG and is_script(name)  # of which only parts are looked at
    return (big or any(word in content for word in _ASKED)) and wants_running(content)


def is_script(path: str) -> bool:
    """Whether a file is a script by its name; else a page."""
    return bool(named.SCRIPT.search(path.rpartition("/")[2].lower()))


def content_marks(path: str, content: bytes, place: Place) -> list[Mark]:
    """What looks planted in a file, by every reader that it is for. Never raises."""
    marks: list[Mark] = []
    for reader in _readers(path.rpartition("/")[2].lower(), content):
        marks += reader(content, place)
    return marks


def _readers(name: str, content: bytes) -> list[Reader]:
    if named.is_only_php(name) and b"<?" in content:
        return [_program_and_page]
    if named.APACHE.search(name):
        readers: list[Reader] = [apache_marks]
    elif named.INI.search(name):
        readers = [ini_marks]
    elif name.endswith(".conf"):
        readers = [nginx_marks if named.NGINX.search(content[:65536]) else apache_marks]
    elif named.SCRIPT.search(name):
        readers = [script_marks]
    elif named.PAGE.search(name):
        readers = [html_marks]
    else:
        readers = []
    if named.SERVER_PAGE.search(name) and not _bears_php(name, content):
        readers.append(_plain)
    if _bears_php(name, content):
        readers.append(_program if html_marks in readers else _program_and_page)
    elif not readers:
        readers = _readers_by_content(name, content)
    return readers


def _readers_by_content(name: str, content: bytes) -> list[Reader]:
    """Of a file whose name is none of a page, a script or settings."""
    if named.OTHER.search(name) or content.startswith(b"#!"):
        return [_plain]
    return [script_marks] if is_page_or_script(name, content) else []


def _bears_php(name: str, content: bytes) -> bool:
    """By its name, or by what stands in it: a picture with PHP in it is what an include may run."""
    if named.PHP.search(name):
        return b"<?" in content or b"<script" in content.lower()
    if len(content) > SMALL_SCRIPT and named.SCRIPT.search(name):
        return b"<?php" in content
    return bears_php(content)


def _program(content: bytes, place: Place) -> list[Mark]:
    """By both readers of PHP, which look for the same clues."""
    return _read_program(place, Clues(content))


def _program_and_page(content: bytes, place: Place) -> list[Mark]:
    """As a program, and as the page that it may print."""
    clues = Clues(content)
    marks = _read_program(place, clues)
    return marks + html_marks(content, place) if shows_page(clues) else marks


def _read_program(place: Place, clues: Clues) -> list[Mark]:
    marks = plain_marks(place.path, clues.content, clues)
    marks += php_marks(clues.content, place, clues)
    return marks + second_opinion(clues, marks, place.own_hosts)


def _plain(content: bytes, place: Place) -> list[Mark]:
    return plain_marks(place.path, content)

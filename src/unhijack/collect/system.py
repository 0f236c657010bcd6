"""What a machine runs by itself, looked through for planted jobs: `--system`."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.cron import Form, cron_marks
from unhijack.parse.server.modules import (
    Module,
    listed_files,
    listed_sums,
    merged,
    module_marks,
    modules_of,
)
from unhijack.parse.server.preload import preload_marks
from unhijack.parse.server.units import unit_marks
from unhijack.ports import SystemFiles, Unread

MOST_BYTES = 4 * 1024 * 1024
MOST_MODULE_BYTES = 64 * 1024 * 1024
MOST_LIST_BYTES = 32 * 1024 * 1024

Read = Callable[[bytes], tuple[Mark, ...]]


@dataclass(frozen=True, slots=True)
class SystemMark:
    """What one file of the machine shows."""

    path: str
    content: bytes
    """As it was read: what the marks count in."""
    marks: tuple[Mark, ...]


class Place(NamedTuple):
    """Where files of one form lie."""

    patterns: tuple[str, ...]
    read: Read


def _as(form: Form) -> Read:
    return lambda content: cron_marks(content, form)


_HOMES = ("/root", "/home/*", "/var/www")
_PROFILES = (".bashrc", ".bash_profile", ".profile", ".bash_login", ".zshrc", ".bash_logout")

PLACES: tuple[Place, ...] = (
    Place(("/etc/crontab", "/etc/cron.d/*"), _as(Form.SYSTEM)),
    Place(
        ("/var/spool/cron/*", "/var/spool/cron/crontabs/*", "/var/spool/cron/tabs/*"),
        _as(Form.USER),
    ),
    Place(
        (
            *(f"/etc/cron.{each}/*" for each in ("hourly", "daily", "weekly", "monthly")),
            *("/var/spool/cron/atjobs/*", "/var/spool/at/*", "/etc/rc.local", "/etc/rc.d/rc.local"),
            *("/etc/profile", "/etc/profile.d/*", "/etc/bash.bashrc", "/etc/bashrc"),
            *("/etc/environment", "/etc/update-motd.d/*"),
            *(f"{home}/{name}" for home in _HOMES for name in _PROFILES),
        ),
        _as(Form.SHELL),
    ),
    Place(
        (
            *(
                f"{folder}/{name}"
                for folder in (
                    *("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"),
                    *("/run/systemd/system", "/etc/systemd/user"),
                    *(f"{home}/.config/systemd/user" for home in _HOMES),
                )
                for name in ("*.service", "*.timer", "*.service.d/*.conf")
            ),
        ),
        unit_marks,
    ),
    Place(("/etc/ld.so.preload",), preload_marks),
)

_CONFIGS: tuple[tuple[str, str], ...] = (
    ("/etc/apache2/*.conf", "/etc/apache2"),
    ("/etc/apache2/mods-enabled/*.load", "/etc/apache2"),
    ("/etc/apache2/*-enabled/*.conf", "/etc/apache2"),
    ("/etc/httpd/conf/*.conf", "/etc/httpd"),
    ("/etc/httpd/conf*.d/*.conf", "/etc/httpd"),
    ("/etc/nginx/nginx.conf", "/usr/share/nginx"),
    ("/etc/nginx/modules-enabled/*.conf", "/usr/share/nginx"),
)


def system_marks(
    files: SystemFiles, places: Sequence[Place] = PLACES
) -> Iterator[SystemMark | Unread]:
    """What the machine's own files show, and which could not be read."""
    seen: set[str] = set()
    for place in places:
        for pattern in place.patterns:
            for path in files.glob(pattern):
                real = files.real(path)
                if real in seen:
                    continue
                seen.add(real)
                yield from _look(files, path, place.read)
    yield from _modules(files)


def _look(files: SystemFiles, path: str, read: Read) -> Iterator[SystemMark | Unread]:
    content = files.read(path, MOST_BYTES)
    if isinstance(content, Unread):
        if content.reason != "no plain file":  # a folder that fits the pattern
            yield content
    elif marks := read(content):
        yield SystemMark(path, content, marks)


def _modules(files: SystemFiles) -> Iterator[SystemMark | Unread]:
    """Modules of the web server that are from no package, where there are lists of packages."""
    loaded = [
        (path, content, module)
        for pattern, root in _CONFIGS
        for path in files.glob(pattern)
        if isinstance(content := files.read(path, MOST_BYTES), bytes)
        for module in modules_of(content, root)
    ]
    wanted = {merged(files.real(module.path)) for _, _, module in loaded}
    owned, sums = _packages(files, wanted)
    if loaded and owned is None:
        yield Unread(loaded[0][0], "modules were not judged: no lists of packages are kept here")
        return
    for path, content, module in loaded:
        real = Module(module.name, files.real(module.path), module.start, module.end)
        body = files.read(real.path, MOST_MODULE_BYTES)
        if isinstance(body, Unread):
            continue  # the server would not start with it
        digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
        actual = {merged(real.path): digest}
        for _, mark in module_marks([real], owned or (), sums, actual):
            yield SystemMark(path, content, (mark,))


def _packages(files: SystemFiles, wanted: set[str]) -> tuple[frozenset[str] | None, dict[str, str]]:
    """Which of the wanted files belong to a package, and their MD5; None without lists."""
    owned: set[str] = set()
    sums: dict[str, str] = {}
    lists = files.glob("/var/lib/dpkg/info/*.list")
    if not lists or not wanted:
        return (frozenset() if lists else None), sums
    for path in lists:
        content = files.read(path, MOST_LIST_BYTES)
        if isinstance(content, Unread) or not (mine := wanted & listed_files(content)):
            continue
        owned |= mine
        digests = files.read(path.removesuffix(".list") + ".md5sums", MOST_LIST_BYTES)
        if isinstance(digests, bytes):
            sums |= {name: value for name, value in listed_sums(digests).items() if name in mine}
    return frozenset(owned), sums

"""Modules of a web server, held against what the machine's packages brought.

A module of no package sees every request and shows in no file of the site.
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from unhijack.parse.plain.marks import Mark

MOST_MODULES = 2_000

_LOAD = re.compile(
    rb"^[ \t]*(?:LoadModule[ \t]+(\S{1,200})[ \t]+|LoadFile[ \t]+()|load_module[ \t]+())"
    rb"[\"']?([^\s\"';]{1,1000})[\"']?",
    re.MULTILINE | re.IGNORECASE,
)
_SUM = re.compile(r"([0-9a-f]{32})\s+\*?(.+)")


@dataclass(frozen=True, slots=True)
class Module:
    """One line that loads a module."""

    name: str
    """``rewrite_module``; empty where the server gives no names."""
    path: str
    """Absolute."""
    start: int
    end: int
    """Of the line's bytes."""


def modules_of(config: bytes, root: str) -> Iterator[Module]:
    """The modules that a configuration loads; `root` is where relative paths begin."""
    for number, found in enumerate(_LOAD.finditer(config)):
        if number >= MOST_MODULES:
            return
        path = found[4].decode("utf-8", "surrogateescape")
        name = (found[1] or b"").decode("utf-8", "replace")
        yield Module(name, posixpath.normpath(posixpath.join(root, path)), *found.span())


def listed_files(content: bytes) -> frozenset[str]:
    """The paths of a package's ``.list``."""
    lines = content.decode("utf-8", "surrogateescape").splitlines()
    return frozenset(merged(line) for line in lines if line.startswith("/"))


def listed_sums(content: bytes) -> Mapping[str, str]:
    """Path to MD5 of a package's ``.md5sums``."""
    lines = content.decode("utf-8", "surrogateescape").splitlines()
    found = (_SUM.fullmatch(line) for line in lines)
    return {merged("/" + match[2].removeprefix("/")): match[1] for match in found if match}


def merged(path: str) -> str:
    """One name for a file: ``/lib`` is ``/usr/lib`` on today's systems."""
    path = posixpath.normpath(path)
    return "/usr" + path if path.startswith(("/lib/", "/lib64/", "/bin/", "/sbin/")) else path


def module_marks(
    modules: Iterable[Module],
    owned: Collection[str],
    sums: Mapping[str, str] | None = None,
    actual: Mapping[str, str] | None = None,
) -> Iterator[tuple[Module, Mark]]:
    """Modules that no package brought, or that are not as one brought them.

    `owned` and `sums` are of all packages; `actual` is the MD5 of the modules as they lie there.
    """
    for module in modules:
        path = merged(module.path)
        if path not in owned:
            usual = "/modules/" in path and not re.search(r"/(?:tmp|shm|home|uploads?)/|/\.", path)
            reason = "the web server loads a module that no package brought"
            confidence = 0.6 if usual else 0.9
            yield module, _mark("server-module-unowned", confidence, reason, module)
        elif sums and actual and path in sums and actual.get(path, sums[path]) != sums[path]:
            reason = "a module of the web server is not as its package brought it"
            yield module, _mark("server-module-changed", 0.9, reason, module)


def _mark(rule: str, confidence: float, reason: str, module: Module) -> Mark:
    return Mark(rule, "backdoor", confidence, reason, module.start, module.end)

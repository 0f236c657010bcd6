"""Planted files in error logs: a page that fails is named there with its path on the disk."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import islice
from typing import NamedTuple

from unhijack.parse.logs import SAMPLE, Fault, Layout, detect, read_faults
from unhijack.ports import Logs
from unhijack.remediate.trail import Planted

MOST_PATHS = 200
SHORTEST = 6
"""Characters of a path that stands for itself: ``a.php`` is in many others."""


class Named(NamedTuple):
    """The first line that names a planted file."""

    path: str
    file: str
    line: int
    fault: Fault


def first_named(logs: Logs, planted: Sequence[Planted], zone: tzinfo) -> Iterator[Named]:
    """For each planted file the earliest error that names it; `zone` is the server's own."""
    paths = {
        one.path.encode("utf-8", "surrogateescape"): one.path
        for one in planted[:MOST_PATHS]
        if one.whole and len(one.path) >= SHORTEST
    }
    found: dict[str, Named] = {}
    for name in logs.names() if paths else ():
        layout = detect(islice(logs.lines(name), SAMPLE))
        if layout not in (Layout.APACHE_ERROR, Layout.NGINX_ERROR):
            continue
        for number, raw in enumerate(logs.lines(name), start=1):
            path = next((path for text, path in paths.items() if text in raw), None)
            if path is not None:
                for _, fault in read_faults([raw], layout, zone):
                    before = found.get(path)
                    if before is None or fault.when < before.fault.when:
                        found[path] = Named(path, name, number, fault)
    yield from sorted(found.values(), key=lambda one: one.fault.when)

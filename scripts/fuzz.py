"""Fuzzes what reads strangers' bytes, with coverage: ``python scripts/fuzz.py [SECONDS] [WHICH]``.

``visits`` (the default) are the readers of pages and answers, ``files`` those of a server's files.

Needs atheris, which is no dependency of ours: ``pip install atheris`` into an environment of its
own that has this project too. What it finds is an exception that a reader let through.
"""

import importlib
import sys
from collections.abc import Callable


def main() -> int:
    """Fuzz until the time is up; 2 where atheris is missing."""
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        print("atheris is missing: pip install atheris")
        return 2
    which = sys.argv[2] if len(sys.argv) > 2 else "visits"
    with atheris.instrument_imports():
        once = {"visits": _visits, "files": _files}[which]()
    seconds = sys.argv[1] if len(sys.argv) > 1 else "60"
    arguments = [sys.argv[0], f"-max_total_time={seconds}", "-max_len=4096", "-timeout=10"]
    atheris.Setup(arguments, once)
    atheris.Fuzz()
    return 0


def _visits() -> Callable[[bytes], None]:
    from unhijack.parse import frames, html, links, modules, redirects, trace

    url, home = "http://shop.test/a/b", "shop.test"

    def once(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        parts = html.read_page(data, None)
        redirects.from_page(url, parts)
        redirects.from_frames(url, parts, home)
        redirects.document_base(url, parts)
        redirects.parse_refresh(text)
        redirects.from_headers(url, 302, (("location", data),))
        redirects.from_headers(url, 200, (("refresh", data),))
        frames.may_cover(data.lower())
        links.outward_links(data.lower(), home)
        links.inner_link(data)
        links.notice_of(data.lower(), 200)
        trace.read_trace(data)
        modules.as_plain(text, url, dict.fromkeys(modules.imports_of(text), url))

    return once


def _files() -> Callable[[bytes], None]:
    from unhijack.assess.findings import findings
    from unhijack.collect.scan.archives import members
    from unhijack.parse import logs
    from unhijack.parse.server import cron, dumps, serialised, units
    from unhijack.parse.server.content import content_marks
    from unhijack.parse.server.place import Place

    names = ("a.php", "a.js", "a.html", ".htaccess", ".user.ini", "nginx.conf", "a.pl", "a.jsp")

    def once(data: bytes) -> None:
        name = names[data[0] % len(names)] if data else "a.php"
        body = b"<?php " + data[1:] if name == "a.php" else data[1:]
        findings(name, body, content_marks(name, body, Place(name)), "")
        list(members("a.zip", data))
        list(dumps.judge_dump([data], lambda *_: ()))
        serialised.texts(data)
        list(cron.cron_marks(data, cron.Form.SYSTEM))
        units.unit_marks(data)
        layout = logs.detect([data])
        if layout is not None:
            list(logs.read_hits(data.splitlines(), layout))

    return once


if __name__ == "__main__":
    sys.exit(main())

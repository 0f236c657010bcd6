"""Fuzzes what reads strangers' bytes, with coverage: ``python scripts/fuzz.py [SECONDS]``.

Needs atheris, which is no dependency of ours: ``pip install atheris`` into an environment of its
own that has this project too. What it finds is an exception that a reader let through.
"""

import importlib
import sys


def main() -> int:
    """Fuzz until the time is up; 2 where atheris is missing."""
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        print("atheris is missing: pip install atheris")
        return 2
    with atheris.instrument_imports():
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

    seconds = sys.argv[1] if len(sys.argv) > 1 else "60"
    arguments = [sys.argv[0], f"-max_total_time={seconds}", "-max_len=4096", "-timeout=10"]
    atheris.Setup(arguments, once)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())

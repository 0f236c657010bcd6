"""Builds the one-file scanner: ``python scripts/onefile.py [FILE]``, by default dist/unhijack-scan.pyz.

It is made of ``unhijack.parse.plain`` as it is, and of the program that walks; the same sources
give the same bytes.
"""

import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLAIN = Path("unhijack/parse/plain")
LONG_AGO = (1980, 1, 1, 0, 0, 0)
START = b"#!/usr/bin/env python3\n"


def contents() -> Iterator[tuple[str, bytes]]:
    """Names and bytes of what goes in."""
    scripts = ROOT / "scripts"
    yield "__main__.py", (scripts / "onefile_start.py").read_bytes()
    yield "LICENSE", (ROOT / "LICENSE").read_bytes()
    yield "unhijack/__init__.py", (ROOT / "src/unhijack/__init__.py").read_bytes()
    yield "unhijack/one_file.py", (scripts / "onefile_main.py").read_bytes()
    yield "unhijack/parse/__init__.py", b""
    for path in sorted((ROOT / "src" / PLAIN).glob("*.py")):
        yield f"{PLAIN}/{path.name}", path.read_bytes()


def build() -> bytes:
    """The archive that Python runs."""
    out = BytesIO()
    out.write(START)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents():
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return out.getvalue()


def main() -> int:
    """Write it, and say where and how large."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / "unhijack-scan.pyz"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = build()
    path.write_bytes(content)
    path.chmod(0o755)
    print(f"{path}: {len(content) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())

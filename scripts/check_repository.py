"""Checks what is committed: no package host, no machine path, no dead link, no unlisted ADR.

Run from the repository; prints one line for each fault and exits 1 if there is any.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# A dot is written `[.]` and a slash `[/]`: this file must not find itself.
PACKAGE_HOSTS = re.compile(
    r"\b(?:pypi[.]org|pythonhosted[.]org|(?:deb|security)[.]debian[.]org|registry[.]npmjs[.]org"
    r"|registry[.]yarnpkg[.]com|crates[.]io|proxy[.]golang[.]org|repo1?[.]maven[.]org"
    r"|conda[.]anaconda[.]org|rubygems[.]org)\b",
    re.IGNORECASE,
)
# A path starts a word: a folder in somebody's address is no path of this machine.
MACHINE_PATHS = re.compile(r"(?<![\w.~%/-])[/](?:work[/]|root[/]|opt[/]wheels|home[/]\w+)")
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def committed(root: Path) -> list[Path]:
    """What is committed or would be by `git add .`, without what was deleted."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 (git is found on the PATH)
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    return [root / name for name in sorted(set(names)) if name and (root / name).is_file()]


def addresses(text: str) -> Iterator[tuple[int, str]]:
    """Line and fault of each package host and machine path."""
    for number, line in enumerate(text.splitlines(), start=1):
        for match in PACKAGE_HOSTS.finditer(line):
            yield number, f"names a package host: {match[0]}"
        for match in MACHINE_PATHS.finditer(line):
            yield number, f"names a path of one machine: {match[0]}"


def dead_links(file: Path, text: str, files: set[Path]) -> Iterator[tuple[int, str]]:
    """Line and fault of each relative Markdown link to what is not committed."""
    prose = CODE.sub(lambda code: "\n" * code[0].count("\n"), text)
    for match in LINK.finditer(prose):
        target = match[1].partition("#")[0]
        if not target or re.match(r"[a-z][a-z0-9+.-]*:|//", target, re.IGNORECASE):
            continue
        reached = Path(file.parent, target).resolve()
        if not any(reached == known or reached in known.parents for known in files):
            yield prose.count("\n", 0, match.start()) + 1, f"dead link: {match[1]}"


def unlisted_records(root: Path, files: set[Path]) -> Iterator[str]:
    """Each architecture decision that docs/adr/README.md does not link."""
    index = root / "docs/adr/README.md"
    listed = set(LINK.findall(index.read_text())) if index in files else set()
    for file in sorted(files):
        if file.parent == index.parent and file != index and file.name not in listed:
            yield f"docs/adr/{file.name}: not listed in docs/adr/README.md"


def faults(root: Path) -> Iterator[str]:
    """Every fault of the repository at `root`, as `file:line: what`."""
    root = root.resolve()
    files = set(committed(root))
    for file in sorted(files):
        text = file.read_bytes().decode(errors="replace")
        found = list(addresses(text))
        if file.suffix == ".md":
            found += dead_links(file, text, files)
        for line, what in sorted(found):
            yield f"{file.relative_to(root)}:{line}: {what}"
    yield from unlisted_records(root, files)


def main() -> int:
    """Print the faults of the repository that this script is part of."""
    found = list(faults(Path(__file__).parent.parent))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

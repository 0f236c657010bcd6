"""The Pythons of this machine."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OLDEST = (3, 9)
"""What the one-file scanner is made for."""


@dataclass(frozen=True, slots=True)
class Python:
    """An interpreter that runs."""

    version: tuple[int, int]
    path: str

    @property
    def name(self) -> str:
        return "python{}.{}".format(*self.version)


@cache
def pythons() -> list[Python]:
    """Those that the one-file scanner is made for, the oldest first; at least the one we run in."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(":") if folder]
    folders += [Path("/usr/bin"), Path("/usr/local/bin")]
    folders += sorted(Path("~/.pyenv/versions").expanduser().glob("*/bin"))
    found = {(sys.version_info[0], sys.version_info[1]): sys.executable}
    for path in sorted({path for folder in folders for path in folder.glob("python3.*")}):
        match = re.fullmatch(r"python3\.(\d{1,2})", path.name)
        version = (3, int(match[1])) if match else (0, 0)
        if version >= OLDEST and version not in found and _runs(path, version):
            found[version] = str(path)
    return [Python(version, path) for version, path in sorted(found.items())]


def _runs(path: Path, version: tuple[int, int]) -> bool:
    """Whether it is one, and the one that its name says."""
    says = f"import sys, zlib; print(sys.version_info[:2] == {version})"
    try:
        done = subprocess.run(
            [str(path), "-c", says], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.strip() == "True"

"""Public rule sets beside us, on the same files: through the same engine, in the same run.

They lie in the folder of the samples, as ``owner+name/repo``. Nothing of theirs is kept.
"""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.report import CannotRun
from bench.samples import VARIABLE
from unhijack.adapters.matcher import make_matcher

PEERS = {
    "signature-base": ("Neo23x0+signature-base", r"^yara/[^/]+\.yar$"),
    "php-malware-finder": ("jvoisin+php-malware-finder", r"^data/php\.yar$"),
}
"""Name, and which files of its repository are rules."""

_INCLUDE = re.compile(rb'^include "([\w./-]{1,200})"', re.MULTILINE)


@dataclass(slots=True)
class Peer:
    """One rule set."""

    name: str
    folder: tempfile.TemporaryDirectory[str]
    matcher: "Matcher"
    seconds: float = 0.0
    size: int = 0

    def finds(self, content: bytes) -> bool:
        """Whether any of its rules fits; the time is noted."""
        start = time.process_time()
        found = bool(self.matcher.marks(content))
        self.seconds += time.process_time() - start
        self.size += len(content)
        return found


class Matcher:
    """Compiled rules."""

    def __init__(self, path: Path) -> None:
        self.left_out: list[str] = []
        """What was said of rules that could not be compiled."""
        self.marks = make_matcher((str(path),), self.left_out.append)


def peers() -> Iterator[Peer]:
    """Those that are there. Raises CannotRun without a folder of samples."""
    root = Path(os.environ.get(VARIABLE, ""))
    if not root.is_dir():
        raise CannotRun(f"no samples: {VARIABLE} names no folder of git directories")
    for name, (repository, rules) in PEERS.items():
        git = root / repository / "repo"
        if git.is_dir():
            folder = tempfile.TemporaryDirectory()
            _unpack(git, re.compile(rules), Path(folder.name))
            yield Peer(name, folder, Matcher(Path(folder.name)))


def _unpack(git: Path, rules: re.Pattern[str], folder: Path) -> None:
    names = _git(git, "ls-tree", "-r", "-z", "--name-only", "HEAD").decode().split("\0")
    for name in filter(rules.search, names):
        path = folder / name.replace("/", "_")
        path.write_bytes(_whole(git, name))


def _whole(git: Path, name: str) -> bytes:
    """A file of rules, with those that it includes put into their place."""
    folder = name.rpartition("/")[0]

    def included(match: re.Match[bytes]) -> bytes:
        return _whole(git, f"{folder}/{match[1].decode()}".lstrip("/"))

    return _INCLUDE.sub(included, _git(git, "cat-file", "blob", f"HEAD:{name}"))


def _git(git: Path, *words: str) -> bytes:
    return subprocess.run(["git", "-C", git, *words], check=True, capture_output=True).stdout

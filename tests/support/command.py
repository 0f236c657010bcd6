"""The real command, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import gettempdir

UNHIJACK = str(Path(sys.executable).with_name("unhijack"))


def unwatched(env: Mapping[str, str]) -> dict[str, str]:
    """The environment without what makes a process count its coverage."""
    return {name: value for name, value in env.items() if not name.startswith("COVERAGE")}


def surroundings(**more: str) -> dict[str, str]:
    """The environment without anything that the command reads, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UNHIJACK_")}
    return {**kept, "TERM": "dumb", **more}


def unhijack(
    *words: str,
    state: Path | str | None = None,
    env: Mapping[str, str] | None = None,
    under: Sequence[str] = (),
    stdin: bytes = b"",
    seconds: float = 40,
) -> subprocess.CompletedProcess[bytes]:
    """Run `unhijack WORDS`, with `under` before it on the command line (``setpriv``, ...)."""
    settings = {} if state is None else {"UNHIJACK_STATE": str(state)}
    return subprocess.run(
        [*under, UNHIJACK, *words],
        env=surroundings(**{**settings, **(env or {})}),
        cwd=gettempdir(),  # whatever a bug writes into the current folder, it is not the repository
        input=stdin,
        capture_output=True,
        timeout=seconds,
        check=False,
    )

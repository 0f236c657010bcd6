"""The real command, in a process of its own, as a script would run it."""

import json
import re
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.command import UNHIJACK, surroundings

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the command said, and what it cost."""

    code: int
    lines: tuple[Line, ...]
    stderr: str
    seconds: float
    """Of wall time."""
    peak: int
    """Bytes of memory that the process had at most."""

    def line(self, url: str) -> Line:
        """The one line that answers an address."""
        (found,) = [line for line in self.lines if line["url"] == url]
        return found


def check(
    folder: Path,
    *urls: str,
    hosts: dict[str, str] | None = None,
    allow: Iterable[str] = ("127.0.0.0/8",),
    ca_file: Path | None = None,
    options: Iterable[str] = (),
    patience: float = 55,
) -> Outcome:
    """``unhijack check --json`` on a list of addresses, with nothing of this machine's settings."""
    folder.mkdir(exist_ok=True)
    listed, names = folder / "list.txt", folder / "hosts"
    listed.write_text("\n".join(urls) + "\n")
    names.write_text("".join(f"{ip} {name}\n" for name, ip in (hosts or {}).items()))
    words = [UNHIJACK, "check", "--json", "--file", str(listed), *options]
    words += ["--hosts", str(names), *(word for net in allow for word in ("--allow-net", net))]
    return _run(words, folder, environment(folder, ca_file), patience)


def environment(folder: Path, ca_file: Path | None = None) -> dict[str, str]:
    """A clean one, in which state goes to `folder`."""
    trust = {"UNHIJACK_CA_FILE": str(ca_file)} if ca_file else {}
    return surroundings(UNHIJACK_STATE=str(folder / "state"), **trust)


def _run(words: list[str], folder: Path, env: dict[str, str], patience: float) -> Outcome:
    """Run to its end; killed when patience is over, since the test then fails anyway."""
    out, err = folder / "stdout", folder / "stderr"
    started = time.monotonic()
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(words, env=env, stdout=stdout, stderr=stderr)
    peak = 0
    while (code := process.poll()) is None:
        peak = max(peak, _peak_memory(process.pid))
        if time.monotonic() - started > patience:
            process.kill()
        time.sleep(0.02)
    lines = tuple(json.loads(line) for line in out.read_text().splitlines())
    return Outcome(
        code,
        lines,
        err.read_text(),
        time.monotonic() - started,
        peak,
    )


def _peak_memory(pid: int) -> int:
    """Bytes that a process had at most so far; what wait4 says counts the parent's as well."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0

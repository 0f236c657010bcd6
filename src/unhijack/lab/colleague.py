"""``python -m unhijack.lab.colleague FOLDER``: one of many workers of the town's house.

It goes by the town's time, which stands in a file, and is there to be killed.
"""

import asyncio
import sys
from datetime import datetime
from pathlib import Path

import uvloop

from unhijack.adapters.files import write_whole
from unhijack.config.settings import read_settings
from unhijack.jobs.worker import patiently, work
from unhijack.wiring.visits import open_office, open_queue


class FileClock:
    """The time that stands in a file, for several processes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """See the Clock port."""
        return datetime.fromisoformat(self._path.read_text())

    def move_to(self, at: datetime) -> None:
        """Let the time pass; never backwards."""
        if not self._path.exists() or at > self.now():
            write_whole(self._path, at.isoformat().encode())


def main(folder: Path) -> None:
    """Work until killed. Settings come from the environment."""
    settings = read_settings()
    clock = FileClock(folder / "now")
    office = patiently(lambda: open_office(settings, clock), _warn)
    queue = patiently(lambda: open_queue(settings), _warn)
    assert queue is not None, "a house with colleagues has a database of its own"

    async def story() -> None:
        await work(office, queue, 3, _warn)

    uvloop.run(story())


def _warn(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(1)

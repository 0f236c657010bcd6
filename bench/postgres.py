"""A real PostgreSQL from Debian, on a free port and a socket of its own, as nobody."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from bench.report import CannotRun

NOBODY = 65534
STARTS_WITHIN = 30.0
"""Seconds."""
ATTEMPTS = 3


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise CannotRun("PostgreSQL is missing: `make system` installs postgresql")
    return found[-1].parent


@dataclass(slots=True)
class Postgres:
    """A server that runs; over its socket anybody of this machine may do everything."""

    folder: Path
    programs: Path
    port: int = 0
    durable: bool = False
    """Whether a commit waits for the disk, as it does where it matters."""
    process: "subprocess.Popen[bytes] | None" = None
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"house{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.rpartition("/")[2]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def initialise(self) -> None:
        words = [
            *(str(self.programs / "initdb"), "-D", str(self.folder / "data"), "-U", "postgres"),
            *("--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"),
        ]
        subprocess.run(words, check=True, capture_output=True, cwd=self.folder, **_as_nobody())

    def start(self) -> None:
        """Start it, on the port that it had before if it had one."""
        for _ in range(ATTEMPTS):
            port = self.port or free_port()
            self.process = self._started(port)
            if self._answers(port):
                self.port = port
                return
            self.stop()
        raise CannotRun(f"PostgreSQL does not start: {(self.folder / 'log').read_text()[-2000:]}")

    def _started(self, port: int) -> "subprocess.Popen[bytes]":
        sync = "on" if self.durable else "off"
        words = [
            *(str(self.programs / "postgres"), "-D", str(self.folder / "data")),
            *("-p", str(port), "-c", "listen_addresses=127.0.0.1"),
            *("-c", f"unix_socket_directories={self.folder}", "-c", f"fsync={sync}"),
            *("-c", "shared_buffers=32MB", "-c", "max_connections=60", "-c", "autovacuum=off"),
        ]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(words, stdout=log, stderr=log, cwd=self.folder, **_as_nobody())

    def _answers(self, port: int) -> bool:
        end = time.monotonic() + STARTS_WITHIN
        assert self.process
        while self.process.poll() is None and time.monotonic() < end:
            try:
                psycopg.connect(
                    f"postgresql://postgres@127.0.0.1:{port}/postgres", connect_timeout=2
                ).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False

    def kill(self) -> None:
        """The end of all its processes at once, as when the power fails."""
        assert self.process
        children = subprocess.run(
            ["ps", "--ppid", str(self.process.pid), "-o", "pid="],
            capture_output=True,
            check=False,
            text=True,
        ).stdout.split()
        for pid in [self.process.pid, *map(int, children)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """A server with nothing in it. Raises CannotRun."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="unhijack-"))
    server = Postgres(folder, programs, durable=durable)
    try:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _as_nobody() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}

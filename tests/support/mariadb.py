"""A real MariaDB from Debian, on a free port and a socket of its own, as nobody."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql  # type: ignore[import-untyped]  # ships no types
import pytest

from tests.support.ports import free_port

SERVER = "/usr/sbin/mariadbd"
INSTALL = "/usr/bin/mariadb-install-db"
NOBODY = 65534
ATTEMPTS = 3
STARTS_WITHIN = 30.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class MariaDb:
    """A server that runs; `root` may do everything, without a password, over the socket."""

    folder: Path
    port: int

    @property
    def socket(self) -> str:
        return str(self.folder / "socket")

    def run(self, *statements: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Run statements as root; the rows of the last."""
        connection = pymysql.connect(
            user="root", unix_socket=self.socket, database=database, autocommit=True
        )
        try:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())
        finally:
            connection.close()


@contextmanager
def mariadb() -> Iterator[MariaDb]:
    """A server with nothing in it; skips, aloud, where there is none."""
    for program in (SERVER, INSTALL):
        if not Path(program).exists():
            pytest.skip(f"{program} is missing: `make system` installs mariadb-server-core")
    folder = Path(tempfile.mkdtemp(prefix="unhijack-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        data = ["--no-defaults", f"--datadir={folder}/data"]
        install = [INSTALL, *data, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, check=True, capture_output=True, cwd=folder, **_as_nobody())
        for _ in range(ATTEMPTS):
            server = MariaDb(folder, free_port())
            process = _started(server, data)
            if _answers(process, server):
                break
            _ended(process)
        else:
            pytest.fail(f"{SERVER} does not start: {(folder / 'log').read_text()[-2000:]}")
        yield server
    finally:
        if process is not None:
            _ended(process)
        shutil.rmtree(folder, ignore_errors=True)


def _as_nobody() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def _started(server: MariaDb, data: list[str]) -> "subprocess.Popen[bytes]":
    words = [
        *(SERVER, *data, "--bind-address=127.0.0.1", f"--port={server.port}"),
        *(f"--socket={server.socket}", f"--pid-file={server.folder}/pid", "--event-scheduler=OFF"),
        *("--innodb-buffer-pool-size=16M", "--skip-name-resolve", f"--tmpdir={server.folder}"),
    ]
    with (server.folder / "log").open("ab") as log:
        return subprocess.Popen(words, stdout=log, stderr=log, cwd=server.folder, **_as_nobody())


def _answers(process: "subprocess.Popen[bytes]", server: MariaDb) -> bool:
    end = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < end:
        try:
            server.run("SELECT 1")
        except pymysql.err.Error:
            time.sleep(0.1)
        else:
            return True
    return False


def _ended(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

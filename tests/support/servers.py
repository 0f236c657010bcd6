"""A real Apache httpd and a real nginx from Debian, on loopback, as nobody, for one test module."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.ports import free_port

APACHE = "/usr/sbin/apache2"
NGINX = "/usr/sbin/nginx"
NOBODY = 65534
ATTEMPTS = 4
STARTS_WITHIN = 20.0
"""Seconds."""

_MODULES = (
    *("mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic"),
    *("rewrite", "headers", "setenvif", "dir", "mime", "alias", "ssl", "env"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of an access log."""

    host: str
    target: str
    status: int
    agent: str


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    folder: Path
    port: int
    tls_port: int

    def log(self) -> list[Asked]:
        """Every request so far, in the order in which they were answered."""
        lines = (self.folder / "access.log").read_text().splitlines()
        parts = [line.split("\t") for line in lines]
        return [
            Asked(host, request.split(" ")[1], int(status), agent)
            for host, request, status, agent in parts
            if request.count(" ") == 2
        ]

    def asked(self, host: str) -> list[Asked]:
        """The requests for one name."""
        return [one for one in self.log() if one.host == host]

    def url(self, host: str, target: str = "/", scheme: str = "http") -> str:
        """An address on this server."""
        port = self.tls_port if scheme == "https" else self.port
        return f"{scheme}://{host}:{port}{target}"


Configure = Callable[[Path, int, int], str]
"""Folder, port and TLS port to the sites of a configuration; may write files into the folder."""


@contextmanager
def apache(configure: Configure) -> Iterator[Server]:
    """An httpd with these sites; skips, aloud, where there is none."""
    with _served(APACHE, "apache2-bin", _apache_command, configure) as server:
        yield server


@contextmanager
def nginx(configure: Configure) -> Iterator[Server]:
    """An nginx with these sites; skips, aloud, where there is none."""
    with _served(NGINX, "nginx-light", _nginx_command, configure) as server:
        yield server


def _apache_command(folder: Path, port: int, tls_port: int, sites: str) -> list[str]:
    modules = "".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in _MODULES
    )
    (folder / "server.conf").write_text(
        f"""{modules}
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
Listen 127.0.0.1:{tls_port}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
Mutex file:{folder}
ErrorLog {folder}/error.log
LogFormat "%{{Host}}i\\t%r\\t%>s\\t%{{User-Agent}}i" tabs
GlobalLog {folder}/access.log tabs
TypesConfig /dev/null
AddType text/html .html
AddType image/png .png
DirectoryIndex index.html
StartServers 1
<Directory {folder}>
    AllowOverride All
    Require all granted
</Directory>
{sites}
"""
    )
    return [APACHE, "-d", str(folder), "-f", str(folder / "server.conf"), "-DFOREGROUND"]


def _nginx_command(folder: Path, port: int, tls_port: int, sites: str) -> list[str]:
    temporary = "".join(
        f"    {kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "server.conf").write_text(
        f"""daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    types {{ text/html html; image/png png; }}
    log_format tabs "$http_host\\t$request\\t$status\\t$http_user_agent";
    access_log {folder}/access.log tabs;
{temporary}
{sites}
}}
"""
    )
    return [NGINX, "-e", f"{folder}/error.log", "-p", str(folder), "-c", f"{folder}/server.conf"]


@contextmanager
def _served(
    program: str,
    package: str,
    command: Callable[[Path, int, int, str], list[str]],
    configure: Configure,
) -> Iterator[Server]:
    """Start, wait, hand over, end by its own pid."""
    if not Path(program).exists():
        pytest.skip(f"{program} is missing: `make system` installs {package}")
    folder = Path(tempfile.mkdtemp(prefix="unhijack-"))  # pytest's own are closed to nobody
    process: subprocess.Popen[bytes] | None = None
    try:
        for _ in range(ATTEMPTS):
            port, tls_port = free_port(), free_port()
            words = command(folder, port, tls_port, configure(folder, port, tls_port))
            process = _started(words, folder)
            if listening(process, port):
                break
            ended(process)
        else:
            pytest.fail(f"{program} does not start: {(folder / 'error.log').read_text()[-2000:]}")
        yield Server(folder, port, tls_port)
    finally:
        if process is not None:
            ended(process)
        shutil.rmtree(folder)


def _started(words: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    """As nobody, and with nobody's folder, where the tests run as root."""
    lower = os.geteuid() == 0
    (folder / "error.log").touch()
    if lower:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    with (folder / "error.log").open("ab") as errors:
        return subprocess.Popen(
            words,
            stdout=errors,
            stderr=errors,
            cwd=folder,
            user=NOBODY if lower else None,
            group=NOBODY if lower else None,
            extra_groups=[] if lower else None,
        )


def listening(process: "subprocess.Popen[bytes]", port: int) -> bool:
    end = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return process.poll() is None
    return False


def ended(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

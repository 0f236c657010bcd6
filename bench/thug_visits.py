"""Thug's visits, in Thug's own environment: run by that Python, knows nothing of ours.

Reads addresses, one a line; prints for each a JSON line: the hosts that it asked for, in order, and
its CPU seconds, without start and imports. Each visit is a process of its own. Every name is
127.0.0.1 and every visit ends after a while, so nothing leaves this machine.
"""

import contextlib
import io
import json
import logging
import os
import resource
import signal
import socket
import sys
from typing import Any

SECONDS = 20

_asked: list[str] = []
_getaddrinfo = socket.getaddrinfo


def _loopback(host: Any, *rest: Any, **named: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name not in _asked:
        _asked.append(name)
    return _getaddrinfo("127.0.0.1", *rest, **named)


def _visit(url: str, agent: str, out: int) -> None:
    from thug.ThugAPI.ThugAPI import ThugAPI  # type: ignore[import-not-found] # of the other environment

    signal.alarm(SECONDS)
    before = resource.getrusage(resource.RUSAGE_SELF)
    failed = ""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        logging.disable(logging.CRITICAL)
        try:
            thug = ThugAPI()
            thug.set_useragent(agent)
            thug.set_referer("https://www.google.com/")
            thug.set_events("click")
            thug.disable_cert_logging()
            thug.set_timeout(SECONDS)
            thug.log_init(url)
            thug.run_remote(url)
        except Exception as error:  # noqa: BLE001 - a peer's failure is a figure, not ours
            failed = type(error).__name__
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    os.write(out, json.dumps({"hosts": _asked, "cpu": spent, "failed": failed}).encode())


def main() -> None:
    """Visit every address on stdin as the agent of the first argument."""
    import thug.ThugAPI.ThugAPI  # type: ignore[import-not-found]  # of the other environment  # noqa: F401 - once, before the forks

    socket.getaddrinfo = _loopback
    for line in sys.stdin:
        url = line.strip()
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            try:
                _visit(url, sys.argv[1], writer)
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        found = json.loads(said) if said else {"hosts": [], "cpu": 0.0, "failed": "killed"}
        print(json.dumps({"url": url, **found}), flush=True)


if __name__ == "__main__":
    main()

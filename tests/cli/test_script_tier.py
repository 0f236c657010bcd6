"""``unhijack check --tier script``, the real command against a real server on loopback."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.support.checking import check

GATE = b"if (/google/.test(document.referrer)) location = 'http://bad.test:%d/x'"


@contextmanager
def served(gate: bytes, kind: str = "text/javascript") -> Iterator[tuple[int, list[str]]]:
    """A site whose page loads one script; what was asked for is on record."""
    asked: list[str] = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.headers['Host'].partition(':')[0]}{self.path}")
            script = self.path == "/a.js"
            body = (
                gate.replace(b"%d", str(port).encode())
                if script
                else b"<script src=/a.js></script>"
            )
            self.send_response(200)
            self.send_header("Content-Type", kind if script else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        port = server.server_port
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield port, asked
        server.shutdown()
        thread.join()


HOSTS = {"shop.test": "127.0.0.1", "bad.test": "127.0.0.1"}


def test_a_script_that_sends_visitors_away_is_found(tmp_path: Path):
    with served(GATE) as (port, asked):
        url = f"http://shop.test:{port}/"
        done = check(tmp_path / "run", url, hosts=HOSTS, options=("--tier", "script"))
        line = done.line(url)

    assert done.code == 1, done.stderr
    assert line["verdict"] == "hijacked"
    assert [one["host"] for one in line["destinations"]] == ["bad.test"]
    assert "bad.test/a.js" not in asked, "a document off the site is not read"


def test_on_the_wire_tier_no_script_is_asked_for(tmp_path: Path):
    with served(GATE) as (port, asked):
        url = f"http://shop.test:{port}/"
        done = check(tmp_path / "run", url, hosts=HOSTS, options=("--tier", "wire"))

    assert done.line(url)["verdict"] == "clean"
    assert "scripts were not run" in done.line(url)["bound"]["not_covered"]
    assert not any(one.endswith(".js") for one in asked)


def test_what_is_no_script_is_not_read(tmp_path: Path):
    with served(GATE, "image/png") as (port, _):
        url = f"http://shop.test:{port}/"
        done = check(tmp_path / "run", url, hosts=HOSTS, options=("--tier", "script"))

    assert done.line(url)["verdict"] == "clean"


def test_scripts_that_never_end_are_inconclusive(tmp_path: Path):
    with served(b"for (;;);") as (port, _):
        url = f"http://shop.test:{port}/"
        done = check(tmp_path / "run", url, hosts=HOSTS, options=("--tier", "script"))

    assert done.line(url)["verdict"] == "inconclusive"
    assert done.code == 2


def test_the_wire_tier_imports_nothing_of_the_other():
    words = (
        "import sys, unhijack.cli.check, unhijack.wiring.visits as w, unhijack.config.settings as c\n"
        "w.make_probe(c.read_settings(hosts=None, allow_net=()), w.make_clock())\n"
        "names = ('py_mini_racer', 'pyseccomp', 'unhijack.adapters.sandbox', 'unhijack.parse.scripts',"
        " 'unhijack.parse.job', 'unhijack.collect.scripts', 'unhijack.parse.libraries')\n"
        "print([n for n in names if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

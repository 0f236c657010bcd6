"""Web and registry servers on one loopback port, told apart by Host, for one test."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RDAP = "application/rdap+json"


@dataclass(frozen=True, slots=True)
class Said:
    """One answer."""

    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    after: float = 0.0
    """Seconds that it takes."""


def said_json(value: object, status: int = 200) -> Said:
    return Said(json.dumps(value).encode(), RDAP, status)


@dataclass(slots=True)
class Street:
    """What runs: answers by host and path, and who was asked for what."""

    answers: dict[str, Said]
    """``shop.test/path`` to what is said; everything else is not found."""
    port: int = 0
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def url(self, host: str, path: str = "/") -> str:
        return f"http://{host}:{self.port}{path}"


@contextmanager
def street(answers: dict[str, Said]) -> Iterator[Street]:
    here = Street(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = (self.headers.get("Host") or "").partition(":")[0]
            asked = f"{host}{self.path}"
            here.asked.append(asked)
            here.headers.append(dict(self.headers.items()))
            answer = here.answers.get(asked, Said(b"<p>not here</p>", status=404))
            time.sleep(answer.after)
            try:
                self.send_response(answer.status)
                for name, value in (("Content-Type", answer.kind), *answer.headers):
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
            except OSError:
                return  # a client that has had enough

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here.port = server.server_address[1]
    thread = threading.Thread(target=lambda: server.serve_forever(0.05), daemon=True)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()


def card(mail: str, name: str = "", country: str = "", language: str = "") -> list[object]:
    """A jCard as registries have it."""
    properties: list[object] = [["version", {}, "text", "4.0"]]
    properties += [["fn", {}, "text", name]] if name else []
    properties += [["email", {"type": "work"}, "text", mail]] if mail else []
    properties += (
        [["adr", {"cc": country}, "text", ["", "", "", "", "", "", ""]]] if country else []
    )
    properties += [["lang", {}, "language-tag", language]] if language else []
    return ["vcard", properties]


def entity(roles: list[str], mail: str, *inner: object, **more: str) -> dict[str, object]:
    """An entity; `more` are handle, name, country and language."""
    handle = more.pop("handle", "")
    found: dict[str, object] = {
        "objectClassName": "entity",
        "handle": handle,
        "roles": roles,
        "vcardArray": card(mail, **more),
    }
    return {**found, "entities": list(inner)} if inner else found


def bootstrap(*, domains: str, addresses: str) -> str:
    """Bootstrap data as whoisit keeps it: one server for ``.test``, one for loopback."""
    services = {
        "asn": [[["64496-64511"], [addresses]]],
        "dns": [[["test"], [domains]]],
        "ipv4": [[["127.0.0.0/8"], [addresses]]],
        "ipv6": [[["::/8"], [addresses]]],
        "object": [[["X"], ["TEST"], [addresses]]],
    }
    made = {name: {"services": one, "version": "1.0"} for name, one in services.items()}
    return json.dumps({"timestamp": 1_767_225_600, **made})

"""The Registry port by whoisit: which server knows a domain or an address, and its answer.

whoisit finds the server in bootstrap data that lies in a file of the operator's, and asks it through
an httpx client whose transport is our own guarded GET: https only except in a lab, redirects at
most twice and each judged anew, related links never followed. Answers are kept sealed, for a while;
a server is asked at most once in an interval, and left alone where it says so.
"""

import contextlib
import json
import os
import time
from asyncio import sleep
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from whoisit.bootstrap import BaseBootstrap, BootstrapAsync
from whoisit.errors import BootstrapError, QueryError, ResourceDoesNotExist, WhoisItError
from whoisit.query import QueryAsync, QueryBuilder

from unhijack.core.egress import Guard, IpAddress
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.site import Address, NotAnAddress, parse_address
from unhijack.core.text import for_the_record
from unhijack.ports import Clock, Response, Secrets, first_header

MOST_BOOTSTRAP_BYTES = 16 * 1024 * 1024
MOST_REDIRECTS = 2
MOST_WAIT = 10.0
"""Seconds that a question waits for its turn at a server; one that would wait longer is not asked."""
LONGEST_REST = 3600.0
"""Seconds for which a server is left alone that says it is asked too often."""
_REST = 60.0
_ACCEPT = ("Accept", "application/rdap+json, application/json;q=0.9")

Get = Callable[[Address, tuple[tuple[str, str], ...]], Awaitable[Response | Failure]]
"""One guarded GET with these headers added."""


class _Failed(httpx.TransportError):
    """A failure of ours, on its way through httpx and whoisit."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


@dataclass(slots=True)
class Manners:
    """When a server may be asked again."""

    interval: float = 1.0
    """Seconds between two questions to one server."""
    _next: dict[str, float] = field(default_factory=dict)

    async def turn(self, server: str) -> None:
        """Wait for the next turn. Raises _Failed where that would take too long."""
        now = time.monotonic()
        at = max(now, self._next.get(server, 0.0))
        if at - now > MOST_WAIT:
            raise _Failed(Failure(FailureKind.BUDGET, "its registry is asked too often just now"))
        self._next[server] = at + self.interval
        await sleep(at - now)

    def rest(self, server: str, seconds: float) -> None:
        """It said that it is asked too often."""
        self._next[server] = time.monotonic() + min(max(seconds, 1.0), LONGEST_REST)


class _Guarded(httpx.AsyncBaseTransport):
    """httpx's transport, by our GET."""

    def __init__(self, get: Get, manners: Manners) -> None:
        self._get = get
        self._manners = manners

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            address = parse_address(str(request.url))
        except NotAnAddress:
            raise _Failed(
                Failure(FailureKind.TARGET, "its registry leads to no web address")
            ) from None
        await self._manners.turn(address.authority)
        answer = await self._get(address, (_ACCEPT,))
        if isinstance(answer, Failure):
            raise _Failed(answer)
        if answer.truncated:
            raise _Failed(Failure(FailureKind.SIZE, "its registry's answer is too large"))
        if answer.status == 429:
            self._manners.rest(address.authority, _seconds(answer))
        where = first_header(answer.headers, "location")
        onward = where is not None and 300 <= answer.status < 400
        headers = [(b"location", where)] if onward and where else []
        return httpx.Response(answer.status, headers=headers, content=answer.body or b"")


def _seconds(answer: Response) -> float:
    said = first_header(answer.headers, "retry-after") or b""
    return float(said) if said.isdigit() and len(said) < 7 else _REST


def _client(get: Get, manners: Manners) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=_Guarded(get, manners),
        follow_redirects=True,
        max_redirects=MOST_REDIRECTS,
        trust_env=False,
    )


class _Servers(BaseBootstrap):  # type: ignore[misc]  # whoisit ships no types
    """Bootstrap data that knows a lab's addresses too, which whoisit takes for nobody's."""

    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self._guard = guard

    def get_ipv4_endpoints(self, ipv4: Any) -> Any:
        return self._of_the_lab("ipv4", ipv4) or super().get_ipv4_endpoints(ipv4)

    def get_ipv6_endpoints(self, ipv6: Any) -> Any:
        return self._of_the_lab("ipv6", ipv6) or super().get_ipv6_endpoints(ipv6)

    def _of_the_lab(self, kind: str, address: IpAddress) -> tuple[object, bool] | None:
        if not self._guard.lifted(address):
            return None
        known: Mapping[Any, object] = self._parsed_data[kind]
        return next(((urls, True) for net, urls in known.items() if address in net), None)


def read_bootstrap(path: Path, guard: Guard) -> BaseBootstrap:
    """Which server knows what. Raises WrongUse."""
    remedy = "`unhijack contacts --refresh` makes a new one"
    try:
        if path.stat().st_size > MOST_BOOTSTRAP_BYTES:
            raise WrongUse(f"RDAP bootstrap file {path} is too large: {remedy}")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise WrongUse(f"RDAP bootstrap file {path} cannot be read: {remedy}") from None
    servers = _Servers(guard)
    lab = bool(guard.allowed)
    try:
        servers.load_bootstrap_data(text, overrides=not lab, allow_insecure=lab)
    except (WhoisItError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        raise WrongUse(f"RDAP bootstrap file {path} is damaged: {remedy}") from None
    return servers


async def refresh_bootstrap(path: Path, get: Get, base: str = "") -> int:
    """Ask IANA anew, and put the answer in the file's place; how many bytes it has now.

    `base` is where to ask instead (labs). Raises WrongUse, and leaves the old file alone.
    """
    async with _client(get, Manners(0.0)) as client:
        iana = BootstrapAsync(client=client)
        if base:
            iana.BOOTSTRAP_URLS = {
                name: base + url.rpartition("/")[2] for name, url in iana.BOOTSTRAP_URLS.items()
            }
        try:
            await iana.bootstrap_async(allow_insecure=bool(base))
            content = str(iana.save_bootstrap_data()).encode()
        except (WhoisItError, ValueError, TypeError, AttributeError, RecursionError) as error:
            cause = error.__cause__
            why = cause.failure.text if isinstance(cause, _Failed) else for_the_record(str(error))
            raise WrongUse(f"RDAP bootstrap data cannot be fetched: {why}") from None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, content)
    except OSError as error:
        raise WrongUse(f"RDAP bootstrap file {path} cannot be written: {error.strerror}") from None
    return len(content)


@dataclass(frozen=True, slots=True)
class AnswerCache:
    """Answers in a folder, sealed (people stand in them), each until it is too old."""

    folder: Path
    secrets: Secrets
    keep: timedelta

    def find(self, question: str, now: datetime) -> tuple[object] | None:
        """The answer, in a tuple because null is one too; None where there is none."""
        path = self._path(question)
        try:
            kept = json.loads(self.secrets.unseal(path.read_bytes()))
            if timedelta() <= now - datetime.fromisoformat(kept["at"]) < self.keep:
                return (kept["answer"],)
            path.unlink()
        except (OSError, WrongUse, ValueError, KeyError, TypeError, RecursionError):
            return None
        return None

    def put(self, question: str, answer: object, now: datetime) -> None:
        """Keep an answer. A disk that is full costs the next question, no more."""
        content = json.dumps({"at": now.isoformat(), "answer": answer}).encode()
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self._path(question), self.secrets.seal(content))

    def purge(self, now: datetime) -> None:
        """Let go of everything that is too old, by the files' own times."""
        oldest = (now - self.keep).timestamp()
        with contextlib.suppress(OSError):
            for path in self.folder.iterdir():
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def _path(self, question: str) -> Path:
        return self.folder / self.secrets.keyed_hash(f"rdap {question}")[:40]


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    draft.replace(path)


class RdapRegistry:
    """See the module. One for a process: it remembers when each server was asked."""

    def __init__(
        self,
        servers: BaseBootstrap,
        get: Get,
        cache: AnswerCache,
        clock: Clock,
        manners: Manners | None = None,
    ) -> None:
        self._build = QueryBuilder(servers).build
        self._get = get
        self._cache = cache
        self._clock = clock
        self._manners = manners or Manners()
        cache.purge(clock.now())

    async def domain(self, name: str) -> object | Failure:
        """See the port."""
        return await self._ask("domain", name)

    async def network(self, address: IpAddress) -> object | Failure:
        """See the port."""
        return await self._ask("ip", address)

    async def _ask(self, kind: str, value: object) -> object | Failure:
        question = f"{kind} {value}"
        known = self._cache.find(question, self._clock.now())
        if known is not None:
            return known[0]
        try:
            _, url, exact = self._build(kind, value)
        except WhoisItError:
            return Failure(FailureKind.NAME, "no registry is known for it")
        if kind == "ip" and not exact:  # whoisit would ask one at random
            return Failure(FailureKind.NAME, "no registry is known for it")
        answer = await self._fetch(url)
        if not isinstance(answer, Failure):
            self._cache.put(question, answer, self._clock.now())
        return answer

    async def _fetch(self, url: str) -> object | Failure:
        try:
            async with _client(self._get, self._manners) as client:
                answer: object = await QueryAsync(client, "GET", url).request()
        except ResourceDoesNotExist:
            return Failure(FailureKind.NAME, "its registry does not know it")
        except QueryError as error:
            return _meaning(error)
        except (BootstrapError, RecursionError, ValueError):
            return Failure(FailureKind.PROTOCOL, "its registry's answer is no RDAP")
        return answer


def _meaning(error: QueryError) -> Failure:
    """An error of whoisit as a value; its own text may hold anything."""
    cause = error.__cause__
    if isinstance(cause, _Failed):
        return cause.failure
    if isinstance(cause, httpx.TooManyRedirects):
        return Failure(FailureKind.HOPS, "its registry redirects too often")
    if error.status_code:
        return Failure(FailureKind.PROTOCOL, f"its registry refused (status {error.status_code})")
    return Failure(FailureKind.PROTOCOL, "its registry's answer is no RDAP")

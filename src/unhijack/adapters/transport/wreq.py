"""The Transport port by wreq: a browser's TLS and HTTP/2 manners, one connection a request.

Plain http goes to the literal address with the site's name in the Host header: what was checked is
what is connected to, by construction, and one client a family serves every site. Under https the
name must stand in the address for SNI and the certificate; there a client is made for each name,
with its address pinned, so that nothing is resolved twice.
"""

import datetime
import re
from collections import OrderedDict
from functools import lru_cache
from typing import Any

import wreq
from wreq import exceptions as failed

from unhijack.core.egress import IpAddress
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.text import printable
from unhijack.ports import Headers, Limits, Request, Response

_MOST_TLS_CLIENTS = 256
_FAMILIES = {
    "chrome-windows": wreq.Emulation(wreq.Profile.Chrome148, wreq.Platform.Windows, headers=False),
    "chrome-android": wreq.Emulation(wreq.Profile.Chrome148, wreq.Platform.Android, headers=False),
    "chrome-linux": wreq.Emulation(wreq.Profile.Chrome148, wreq.Platform.Linux, headers=False),
}
_PAGE_TYPE = re.compile(rb"\s*(?:text/html|application/xhtml\+xml|text/plain)\b", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!a-zA-Z?]")
_SHORT = 256 * 1024
"""Bytes of a body of known length that are read at once rather than piece by piece."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class WreqTransport:
    """One for a run; `ca_pem` are certificate authorities to trust instead of the built-in ones."""

    def __init__(self, ca_pem: bytes | None = None) -> None:
        self._verify: Any = wreq.CertStore.from_pem_stack(ca_pem) if ca_pem else True
        self._runtime = wreq.Runtime(
            workers=1, work_steal=False
        )  # a sixth less CPU than its default
        self._plain: dict[str, wreq.Client] = {}
        self._tls: OrderedDict[tuple[str, str, str], wreq.Client] = OrderedDict()

    async def fetch(self, request: Request, limits: Limits) -> Response | Failure:
        """See the port."""
        client, url, headers = self._prepare(request)
        try:
            async with client.get(
                url,
                headers=headers,
                orig_headers=list(headers),
                default_headers=False,
                timeout=datetime.timedelta(seconds=limits.request_seconds),
            ) as answer:
                status = answer.status.as_int()
                got: Headers = tuple([(str(n, "latin-1"), bytes(v)) for n, v in answer.headers])
                if not request.read_page or not _worth_reading(status, got):
                    return Response(status, got, None)
                return await _read(answer, status, got, limits)
        except Exception as error:  # noqa: BLE001 - wreq's errors share no base class, and a site may cost a visit, never the run
            return _failure(error, limits)

    def _prepare(self, request: Request) -> tuple[wreq.Client, str, dict[str, str]]:
        """The client, the address to hand it, and the headers with Host first."""
        address = request.address
        headers = {"Host": address.authority, **dict(request.headers)}
        if address.scheme == "https":
            del headers["Host"]
            return self._tls_client(request), address.href, headers
        client = self._plain.get(request.family)
        if client is None:
            client = self._plain[request.family] = self._client(request.family)
        return client, f"http://{_literal(request.ip)}:{address.port}{address.target}", headers

    def _tls_client(self, request: Request) -> wreq.Client:
        key = (request.family, request.address.host, str(request.ip))
        client = self._tls.pop(key, None)
        if client is None:
            dns = wreq.DnsOptions()
            dns.add_resolve(request.address.host, [request.ip])
            client = self._client(request.family, dns_options=dns)
        self._tls[key] = client
        if len(self._tls) > _MOST_TLS_CLIENTS:
            self._tls.popitem(last=False)
        return client

    def _client(self, family: str, **more: Any) -> wreq.Client:
        return wreq.Client(
            runtime=self._runtime,
            emulation=_FAMILIES[family],
            redirect=wreq.redirect.Policy.none(),
            no_proxy=True,
            cookie_store=False,
            referer=False,
            pool_max_idle_per_host=0,
            tls_verify=self._verify,
            gzip=True,
            brotli=True,
            deflate=True,
            zstd=True,
            **more,
        )

    async def close(self) -> None:
        """See the port."""
        self._plain.clear()
        self._tls.clear()


@lru_cache(maxsize=4096)
def _literal(ip: IpAddress) -> str:
    """An IP address as a URL has it."""
    return f"[{ip}]" if ip.version == 6 else str(ip)


async def _read(answer: wreq.Response, status: int, headers: Headers, limits: Limits) -> Response:
    """The body, as far as the limit goes. Chunks are a few KiB, also out of a decompressor."""
    if answer.content_length is not None and answer.content_length <= _SHORT and _plain(headers):
        body = bytes(await answer.bytes())
        shown = _typed(headers) or _LOOKS_LIKE_HTML.match(body)
        return Response(status, headers, body if shown else None)
    chunks: list[bytes] = []
    size = 0
    truncated = False
    async with answer.stream() as stream:
        async for chunk in stream:
            if not isinstance(chunk, memoryview):
                continue  # trailers
            if not chunks and not _typed(headers) and not _LOOKS_LIKE_HTML.match(chunk):
                return Response(status, headers, None)
            room = limits.body_bytes - size
            chunks.append(bytes(chunk[:room]))
            size += len(chunk)
            if size > limits.body_bytes:
                truncated = True
                break
    return Response(status, headers, b"".join(chunks), truncated)


def _plain(headers: Headers) -> bool:
    """Whether the body is as long as it says: what is compressed may be any length."""
    return all(name not in ("content-encoding", "transfer-encoding") for name, _ in headers)


def _typed(headers: Headers) -> bytes | None:
    return next((value for name, value in headers if name == "content-type"), None)


def _worth_reading(status: int, headers: Headers) -> bool:
    """Whether the body can be a page: media of any kind are never read."""
    if status in _REDIRECTS and any(name == "location" for name, _ in headers):
        return False
    kind = _typed(headers)
    return not kind or _PAGE_TYPE.match(kind) is not None


def _failure(error: Exception, limits: Limits) -> Failure:
    """Their errors, as values of ours."""
    text = str(error)
    if isinstance(error, failed.TimeoutError):
        return Failure(FailureKind.TIME, f"no complete answer in {limits.request_seconds:g} s")
    if isinstance(error, failed.TlsError) or "certificate" in text.lower() or "ssl" in text.lower():
        return Failure(FailureKind.TLS, "no trustworthy TLS connection: " + _tls_reason(text))
    if "TooLarge" in text:
        return Failure(FailureKind.SIZE, "its answer's headers are too large")
    if isinstance(error, failed.ConnectionError):
        refused = "refused the connection" if "refused" in text else "could not be connected to"
        return Failure(FailureKind.CONNECT, refused)
    if isinstance(error, failed.DecodingError | failed.BodyError):
        return Failure(FailureKind.PROTOCOL, "its answer breaks off or is badly compressed")
    return Failure(FailureKind.PROTOCOL, "its answer is not HTTP, or breaks off")


def _tls_reason(text: str) -> str:
    for sign in (
        "certificate has expired",
        "self signed",
        "self-signed",
        "hostname mismatch",
        "unable to get local issuer",
    ):
        if sign in text.lower():
            return sign
    return printable("handshake failed")

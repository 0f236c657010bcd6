"""The Transport port by wreq: a browser's TLS and HTTP/2 manners, one connection a request.

Plain http goes to the literal address with the site's name in the Host header: what was checked is
what is connected to, by construction, and one client a family serves every site. Under https the
name must stand in the address for SNI and the certificate; there a client is made for each name,
with its address pinned, so that nothing is resolved twice.

By an egress it is the same: wreq resolves a name itself (from what is pinned) before it asks a SOCKS
proxy, so the proxy is told the address that was judged. An HTTP proxy it would ask by name, or let
rewrite Host; so to those it goes by way of our own bridge.
"""

import datetime
import re
import zlib
from collections import OrderedDict
from functools import lru_cache
from typing import Any

import wreq
from wreq import exceptions as failed

from unhijack.adapters.transport.bridge import Bridge
from unhijack.core.egress import Egress, IpAddress
from unhijack.core.evidence import Failure, FailureKind
from unhijack.parse.redirects import FOLLOWED
from unhijack.ports import Headers, Limits, Request, Response, first_header

_MOST_TLS_CLIENTS = 256
_FAMILIES = {
    "chrome-windows": wreq.Emulation(wreq.Profile.Chrome148, wreq.Platform.Windows, headers=False),
    "chrome-android": wreq.Emulation(wreq.Profile.Chrome148, wreq.Platform.Android, headers=False),
    "safari-ios": wreq.Emulation(wreq.Profile.SafariIos26_2, wreq.Platform.IOS, headers=False),
    "chrome-linux": wreq.Emulation(wreq.Profile.Chrome148, wreq.Platform.Linux, headers=False),
}
_PAGE_TYPE = re.compile(rb"\s*(?:text/html|application/xhtml\+xml)\b", re.IGNORECASE)
_SCRIPT_TYPE = re.compile(
    rb"\s*(?:text|application)/(?:x-)?(?:javascript|ecmascript|plain)\b", re.IGNORECASE
)
_ANY_TEXT = re.compile(
    rb"\s*(?:text/(?!csv)|application/(?:[\w.+-]*(?:script|json|xml)|x-js)\b)",
    re.IGNORECASE,
)
_JUDGED_BY = 512
"""Bytes, as browsers do; a server may send them one by one."""
_CODINGS = {b"gzip": True, b"x-gzip": True, b"deflate": True, b"br": False, b"zstd": False}
"""By name, whether zlib can undo it."""
_GZIP_OR_ZLIB = 47  # zlib's own word for "whichever the header says"
_STILL_PACKED = re.compile(rb"\x1f\x8b\x08|x[\x01\x9c\xda]")
"""How a body begins that was packed twice, and said so in two headers: the client drops both."""
_MOST_CODINGS = 4
_LOOKS_LIKE_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!a-zA-Z?]")
_LOOKS_LIKE_TEXT = re.compile(rb"(?![\s\S]{0,511}[\x00-\x08\x0e-\x1a\x1c-\x1f])")
_SHORT = 256 * 1024
"""Bytes of a body of known length that are read at once rather than piece by piece."""


_URI = re.compile(r"\buri: \S+")
_NO_TLS = "no trustworthy TLS connection: the handshake failed"
_SIGNS = (
    (
        "CERTIFICATE_VERIFY_FAILED",
        FailureKind.TLS,
        "no trustworthy TLS connection: its certificate has expired, is self-signed, is for another "
        "name, or comes from an authority that is not trusted",
    ),
    ("WRONG_VERSION_NUMBER", FailureKind.TLS, "no TLS connection: that port does not speak TLS"),
    ("SSL routines", FailureKind.TLS, _NO_TLS),
    ("TooLarge", FailureKind.SIZE, "its answer's headers are too large"),
    ("ConnectionRefused", FailureKind.CONNECT, "refused the connection"),
    ("code: SYSCALL", FailureKind.TLS, "closed the connection in the TLS handshake"),
    ("ConnectionReset", FailureKind.CONNECT, "reset the connection"),
    (
        "IncompleteMessage",
        FailureKind.PROTOCOL,
        "closed the connection before its answer was whole",
    ),
    ("IncompleteBody", FailureKind.PROTOCOL, "its page breaks off"),
    ("chunk size", FailureKind.PROTOCOL, "its answer is not HTTP: wrong chunk sizes"),
    ("ContentLengthInvalid", FailureKind.PROTOCOL, "its answer is not HTTP: wrong Content-Length"),
)
"""What in the text of an error tells which one it is, and what a person is told; asked in order."""


class WreqTransport:
    """One for a run; `ca_pem` are certificate authorities to trust instead of the built-in ones."""

    def __init__(self, ca_pem: bytes | None = None) -> None:
        self._verify: Any = wreq.CertStore.from_pem_stack(ca_pem) if ca_pem else True
        self._runtime = wreq.Runtime(
            workers=1, work_steal=False
        )  # a sixth less CPU than its default
        self._plain: dict[tuple[str, Egress | None], wreq.Client] = {}
        self._tls: OrderedDict[tuple[str, Egress | None, str, str], wreq.Client] = OrderedDict()
        self._bridges: dict[Egress, Bridge] = {}

    async def fetch(self, request: Request, limits: Limits) -> Response | Failure:
        """See the port."""
        way = request.egress
        try:
            if way is not None and way.scheme == "http" and way not in self._bridges:
                self._bridges[way] = await Bridge.open(way)
            client, url, headers = self._prepare(request)
            async with client.get(
                url,
                headers=headers,
                orig_headers=list(headers) if "Host" in headers else ["Host", *headers],
                default_headers=False,
                timeout=datetime.timedelta(seconds=limits.request_seconds),
            ) as answer:
                status = answer.status.as_int()
                got: Headers = tuple([(str(n, "latin-1"), bytes(v)) for n, v in answer.headers])
                direct = way is None and request.address.scheme == "https"
                where = answer.remote_addr if direct else None
                if where is not None and where.ip() != request.ip:
                    return Failure(FailureKind.GUARD, "was not reached at the address judged")
                if status < 200:  # the last answer, where an interim one was none
                    return Failure(FailureKind.PROTOCOL, "its answer is not HTTP, or breaks off")
                wanted = _wanted(request)
                read = request.read_page or request.read_script
                if not read or not _worth_reading(status, got, wanted):
                    return Response(status, got, None)
                shape = _LOOKS_LIKE_TEXT if request.read_script else _LOOKS_LIKE_HTML
                return await _read(answer, status, got, limits, shape)
        except Exception as error:  # noqa: BLE001 - wreq's errors share no base class, and a site may cost a visit, never the run
            if way is not None and isinstance(error, failed.ProxyConnectionError):
                return Failure(FailureKind.EGRESS, f"egress {way.name} did not lead to it")
            return _failure(error, limits)

    def _prepare(self, request: Request) -> tuple[wreq.Client, str, dict[str, str]]:
        """The client, the address to hand it, and the headers with Host first."""
        address = request.address
        headers = {"Host": address.authority, **dict(request.headers)}
        if address.scheme == "https":
            del headers["Host"]
            return self._tls_client(request), address.href, headers
        key = (request.family, request.egress)
        client = self._plain.get(key)
        if client is None:
            client = self._plain[key] = self._client(*key)
        return client, f"http://{_literal(request.ip)}:{address.port}{address.target}", headers

    def _tls_client(self, request: Request) -> wreq.Client:
        key = (request.family, request.egress, request.address.host, str(request.ip))
        client = self._tls.pop(key, None)
        if client is None:
            dns = wreq.DnsOptions()
            dns.add_resolve(request.address.host, [request.ip])
            client = self._client(request.family, request.egress, dns_options=dns)
        self._tls[key] = client
        if len(self._tls) > _MOST_TLS_CLIENTS:
            self._tls.popitem(last=False)
        return client

    def _proxy(self, way: Egress) -> wreq.Proxy:
        if way.scheme == "http":
            return self._bridges[way].proxy
        host = f"[{way.host}]" if ":" in way.host else way.host
        url = f"socks5://{host}:{way.port}"
        if not way.user:
            return wreq.Proxy.all(url)
        return wreq.Proxy.all(url, username=way.user, password=way.password)

    def _client(self, family: str, way: Egress | None, **more: Any) -> wreq.Client:
        out: dict[str, Any] = {"proxies": [self._proxy(way)]} if way else {"no_proxy": True}
        return wreq.Client(
            runtime=self._runtime,
            emulation=_FAMILIES[family],
            redirect=wreq.redirect.Policy.none(),
            cookie_store=False,
            referer=False,
            pool_max_idle_per_host=0,
            tls_verify=self._verify,
            gzip=True,
            brotli=True,
            deflate=True,
            zstd=True,
            **out,
            **more,
        )

    async def close(self) -> None:
        """See the port."""
        self._plain.clear()
        self._tls.clear()
        for bridge in self._bridges.values():
            await bridge.close()
        self._bridges.clear()


@lru_cache(maxsize=4096)
def _literal(ip: IpAddress) -> str:
    """An IP address as a URL has it."""
    return f"[{ip}]" if ip.version == 6 else str(ip)


async def _read(
    answer: wreq.Response, status: int, headers: Headers, limits: Limits, shape: re.Pattern[bytes]
) -> Response | Failure:
    """The body, as far as the limit goes, unpacked; None for what is no page after all."""
    length = answer.content_length  # None for what the client decompresses
    if length is not None and length <= min(_SHORT, limits.body_bytes):
        body = bytes(await answer.bytes())
        size, judged = len(body), False
    else:
        body, size, judged = await _stream(answer, headers, limits, shape)
    if not judged and not _may_be_wanted(body, headers, shape):
        return Response(status, headers, None)
    packed = _codings(headers) or ([b"gzip"] if _STILL_PACKED.match(body) else [])
    if packed:
        whole = Response(status, headers, body, size > limits.body_bytes)
        return _unpacked(whole, packed, limits, shape)
    return Response(status, headers, body, size > limits.body_bytes)


async def _stream(
    answer: wreq.Response, headers: Headers, limits: Limits, shape: re.Pattern[bytes]
) -> tuple[bytes, int, bool]:
    """The body's start, its size so far, and whether it was found to be a page.

    Chunks are a few KiB, also out of a decompressor. Ends early with what is no page.
    """
    chunks: list[bytes] = []
    size = 0
    judged = False
    async with answer.stream() as stream:
        async for chunk in stream:
            if not isinstance(chunk, memoryview):
                continue  # trailers
            chunks.append(bytes(chunk[: limits.body_bytes - size]))
            size += len(chunk)
            if not judged and size >= _JUDGED_BY:
                judged = _may_be_wanted(b"".join(chunks), headers, shape)
                if not judged:
                    break
            if size > limits.body_bytes:
                break
    return b"".join(chunks), size, judged


def _may_be_wanted(start: bytes, headers: Headers, shape: re.Pattern[bytes]) -> bool:
    """What has no type must look like what is wanted, once it is unpacked."""
    if first_header(headers, "content-type") or _codings(headers):
        return True
    return shape.match(start) is not None


def _codings(headers: Headers) -> list[bytes]:
    """What the client left packed, in the order in which it was: it undoes one coding of its own.

    A word that names no coding is passed over, as browsers do.
    """
    words = [w for name, value in headers if name == "content-encoding" for w in value.split(b",")]
    return [word for word in (w.strip().lower() for w in words) if word in _CODINGS]


def _unpacked(
    packed: Response, codings: list[bytes], limits: Limits, shape: re.Pattern[bytes]
) -> Response | Failure:
    """As browsers do, one coding after the other; never more than the limit at each."""
    body, cut = packed.body or b"", packed.truncated
    for coding in reversed(codings):
        if not _CODINGS[coding] or len(codings) > _MOST_CODINGS:
            return Failure(FailureKind.PROTOCOL, "its page is packed in a way that is not read")
        unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
        try:
            body = unpacker.decompress(body, limits.body_bytes)
        except zlib.error:
            return Failure(FailureKind.PROTOCOL, "its page is badly compressed")
        cut = cut or not unpacker.eof
    headers = tuple(pair for pair in packed.headers if pair[0] != "content-encoding")
    if not _may_be_wanted(body, headers, shape):
        return Response(packed.status, headers, None)
    return Response(packed.status, headers, body, cut)


def _wanted(request: Request) -> re.Pattern[bytes]:
    if not request.read_script:
        return _PAGE_TYPE
    return _ANY_TEXT if request.any_text else _SCRIPT_TYPE


def _worth_reading(status: int, headers: Headers, wanted: re.Pattern[bytes]) -> bool:
    """Whether the body can be what is wanted: media of any kind are never read."""
    if status in FOLLOWED and first_header(headers, "location") is not None:
        return False
    kind = first_header(headers, "content-type")
    return not kind or wanted.match(kind) is not None


def _failure(error: Exception, limits: Limits) -> Failure:
    """Their errors, as values of ours."""
    text = _URI.sub("", str(error))  # a name or path says nothing of the error
    if isinstance(error, failed.TimeoutError) or "TimedOut" in text:
        return Failure(FailureKind.TIME, f"no complete answer in {limits.request_seconds:g} s")
    for sign, kind, meaning in _SIGNS:
        if sign in text:
            return Failure(kind, meaning)
    if isinstance(error, failed.TlsError):
        return Failure(FailureKind.TLS, _NO_TLS)
    if isinstance(error, failed.ConnectionError):
        return Failure(FailureKind.CONNECT, "could not be connected to")
    if isinstance(error, failed.DecodingError | failed.BodyError):
        return Failure(FailureKind.PROTOCOL, "its answer breaks off or is badly compressed")
    return Failure(FailureKind.PROTOCOL, "its answer is not HTTP, or breaks off")

"""The certificate that a server shows, by real handshakes on loopback."""

import asyncio
import ssl
import time
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.certificates import Pair, authority, issue, self_signed
from unhijack.adapters import certificates
from unhijack.adapters.certificates import TlsCertificates
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure, FailureKind
from unhijack.parse.certificate import read_certificate

LOOPBACK = ip_address("127.0.0.1")
ROOT = authority()


def shown(folder: Path, pair: Pair, name: str = "bakery.test") -> tuple[bytes, bool] | Failure:
    """What a server with this certificate shows to who asks for a name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.write(folder / "server.pem"))
    trusted = folder / "root.pem"
    trusted.write_bytes(ROOT.certificate.public_bytes(Encoding.PEM))

    async def meet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def once() -> tuple[bytes, bool] | Failure:
        server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=context)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await TlsCertificates(trusted).shown(name, LOOPBACK, port)

    return asyncio.run(once())


def test_a_certificate_that_an_authority_vouches_for(tmp_path: Path):
    found = shown(tmp_path, issue(ROOT, "bakery.test"))

    assert not isinstance(found, Failure)
    read = read_certificate(found[0])
    assert read is not None
    assert (read.names, found[1]) == (("bakery.test",), True)


@pytest.mark.parametrize(
    "pair",
    [self_signed("bakery.test"), issue(ROOT, "bakery.test", days=-1), issue(ROOT, "cakes.test")],
    ids=["self-signed", "expired", "of another name"],
)
def test_one_that_nobody_vouches_for_is_shown_as_such(tmp_path: Path, pair: Pair):
    found = shown(tmp_path, pair)

    assert not isinstance(found, Failure)
    assert not found[1]


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", FailureKind.TLS),
        (None, FailureKind.TIME),
    ],
)
def test_a_server_that_speaks_no_tls_is_a_value(
    says: bytes | None, kind: FailureKind, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(certificates, "HANDSHAKE_SECONDS", 0.7)
    done = asyncio.Event()

    async def meet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if says is None:
            await done.wait()
        writer.write(says or b"")
        writer.close()

    async def once() -> tuple[bytes, bool] | Failure:
        server = await asyncio.start_server(meet, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            try:
                return await TlsCertificates().shown("bakery.test", LOOPBACK, port)
            finally:
                done.set()

    began = time.monotonic()
    found = asyncio.run(once())

    assert isinstance(found, Failure)
    assert found.kind is kind
    assert time.monotonic() - began < 5.0


def test_authorities_that_are_none_are_refused(tmp_path: Path):
    (tmp_path / "ca.pem").write_text("none")

    with pytest.raises(WrongUse, match="holds no certificate"):
        TlsCertificates(tmp_path / "ca.pem")

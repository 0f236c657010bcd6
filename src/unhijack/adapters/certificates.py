"""The Certificates port: one TLS handshake with the standard library, nothing sent after it."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

from unhijack.core.egress import IpAddress
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure, FailureKind

HANDSHAKE_SECONDS = 8.0


class TlsCertificates:
    """`ca_file` (PEM) holds certificate authorities to trust instead of the system's."""

    def __init__(self, ca_file: Path | None = None) -> None:
        try:
            self._strict = ssl.create_default_context(cafile=ca_file)
        except (OSError, ssl.SSLError):
            raise WrongUse(f"CA file {ca_file} holds no certificate in PEM form") from None
        self._lenient = ssl.create_default_context()
        self._lenient.check_hostname = False
        self._lenient.verify_mode = ssl.CERT_NONE

    async def shown(self, host: str, address: IpAddress, port: int) -> tuple[bytes, bool] | Failure:
        """See the port."""
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                try:
                    return await _shown(host, address, port, self._strict), True
                except ssl.SSLCertVerificationError:
                    return await _shown(host, address, port, self._lenient), False
        except TimeoutError:
            return Failure(FailureKind.TIME, "no TLS handshake in time")
        except ssl.SSLError:
            return Failure(FailureKind.TLS, "it speaks no TLS that we do")
        except (OSError, ValueError):
            return Failure(FailureKind.CONNECT, "could not be connected to")


async def _shown(host: str, address: IpAddress, port: int, context: ssl.SSLContext) -> bytes:
    _, writer = await asyncio.open_connection(str(address), port, ssl=context, server_hostname=host)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return bytes(shown or b"")
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()

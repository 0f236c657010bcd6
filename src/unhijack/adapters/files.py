"""The Files port: evidence as sealed WARC files in a folder, whole or not at all."""

import hashlib
import os
import secrets
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure
from unhijack.core.text import printable
from unhijack.ports import Exchange, Headers, Kept, Response, Secrets

SUFFIX = ".warc.gz.sealed"
SCAN_SUFFIX = ".jsonl.sealed"

_ABOUT = (
    "Requests as they were made and answers as the client reported them: header names in lower "
    "case, bodies decompressed (Content-Encoding is kept as X-Archived-Content-Encoding). Payloads "
    "of data: addresses were cut out. Where no body follows, it was not read, or not kept because "
    "nothing shows yet that the site is a victim; WARC-Refers-To-Payload-SHA256 is then its digest."
)


class EvidenceFolder:
    """One file an examination; `strip` cuts media out of a body."""

    def __init__(
        self, folder: Path, secrets_: Secrets, strip: Callable[[bytes], bytes], software: str
    ) -> None:
        self._folder = folder
        self._secrets = secrets_
        self._strip = strip
        self._software = software

    def keep(self, name: str, exchanges: Sequence[Exchange], *, with_bodies: bool) -> Kept:
        """See the port."""
        plain = self._warc(exchanges, with_bodies=with_bodies)
        sealed = self._secrets.seal(plain)
        path = self._folder / (name + SUFFIX)
        write_whole(path, sealed)
        return Kept(
            path.name, hashlib.sha256(sealed).hexdigest(), hashlib.sha256(plain).hexdigest()
        )

    def keep_scan(self, name: str, content: bytes) -> Kept:
        """See the port."""
        sealed = self._secrets.seal(content)
        path = self._folder / (name + SCAN_SUFFIX)
        write_whole(path, sealed)
        return Kept(
            path.name, hashlib.sha256(sealed).hexdigest(), hashlib.sha256(content).hexdigest()
        )

    def forget(self, name: str) -> None:
        """See the port."""
        path = self._folder / name
        if path.name != name:
            raise WrongUse(f"{printable(name, 100)!r} is no name of evidence")
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise WrongUse(f"evidence {path} cannot be removed: {error.strerror}") from None

    def _warc(self, exchanges: Sequence[Exchange], *, with_bodies: bool) -> bytes:
        out = BytesIO()
        writer = WARCWriter(out, gzip=True)
        about = {
            "software": self._software,
            "format": "WARC File Format 1.1",
            "description": _ABOUT,
        }
        writer.write_record(writer.create_warcinfo_record("unhijack.warc.gz", about))
        for exchange in exchanges:
            self._write(writer, exchange, with_bodies=with_bodies)
        return out.getvalue()

    def _write(self, writer: WARCWriter, exchange: Exchange, *, with_bodies: bool) -> None:
        request, response = exchange.request, exchange.response
        warc = {
            "WARC-Date": exchange.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "WARC-IP-Address": str(request.ip),
            **({"WARC-Egress": request.egress.name} if request.egress else {}),
        }
        lines = [("Host", request.address.authority), *request.headers]
        asked = writer.create_warc_record(
            request.address.href,
            "request",
            payload=BytesIO(),
            http_headers=StatusAndHeaders(
                f"GET {request.address.target} HTTP/1.1", lines, is_http_request=True
            ),
            warc_headers_dict=dict(warc),
        )
        if isinstance(response, Failure):
            text = BytesIO(f"failure: {response.kind}: {response.text}\r\n".encode())
            answer = writer.create_warc_record(
                request.address.href,
                "metadata",
                payload=text,
                warc_content_type="application/warc-fields",
                warc_headers_dict=dict(warc),
            )
        else:
            answer = self._answer(
                writer, request.address.href, response, warc, with_bodies=with_bodies
            )
        writer.write_request_response_pair(asked, answer)

    def _answer(
        self,
        writer: WARCWriter,
        url: str,
        response: Response,
        warc: dict[str, str],
        *,
        with_bodies: bool,
    ) -> object:
        body = self._strip(response.body) if response.body is not None else b""
        extra = dict(warc)
        if response.body is not None and not with_bodies:
            extra["WARC-Truncated"] = "unspecified"
            extra["WARC-Refers-To-Payload-SHA256"] = hashlib.sha256(body).hexdigest()
        elif response.truncated:
            extra["WARC-Truncated"] = "length"
        return writer.create_warc_record(
            url,
            "response",
            payload=BytesIO(body if with_bodies else b""),
            http_headers=StatusAndHeaders(
                f"{response.status} -",
                _archived(response.headers, self._strip),
                protocol="HTTP/1.1",
            ),
            warc_headers_dict=extra,
        )


def _archived(headers: Headers, strip: Callable[[bytes], bytes]) -> list[tuple[str, str]]:
    """Headers that say the truth of a body that was decompressed and cut, and carry no media."""
    renamed = {"content-encoding", "content-length", "transfer-encoding"}
    return [
        (f"x-archived-{name}" if name in renamed else name, _one_line(strip(value)))
        for name, value in headers
    ]


def _one_line(value: bytes) -> str:
    return value.decode("latin-1").replace("\r", " ").replace("\n", " ")


def write_whole(path: Path, content: bytes) -> None:
    """A file that is there whole, and durable, or not at all. Raises WrongUse."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise WrongUse(f"{path} cannot be written: {error.strerror}") from None

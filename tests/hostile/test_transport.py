"""The transport meets servers that answer badly: each is an expected failure with its own words."""

import asyncio
import gzip
import time
import zlib
from ipaddress import ip_address

import pytest

from tests.hostile import ways
from tests.hostile.ways import HTML, MIB, OK, PAGE, PNG, answers, endless, resets_after, says
from tests.support.hostile import HostileServer, Talk, Way
from tests.support.ports import free_port
from unhijack.adapters.transport.wreq import WreqTransport
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.site import parse_address
from unhijack.ports import Limits, Request, Response

SOON = Limits(request_seconds=1.0)
NOT_HTTP = "its answer is not HTTP, or breaks off"
LATE = "no complete answer in 1 s"
LARGE = "its answer's headers are too large"
LENGTH = "its answer is not HTTP: wrong Content-Length"
CHUNKS = "its answer is not HTTP: wrong chunk sizes"
RESET = "reset the connection"
PACKED = "its answer breaks off or is badly compressed"
OK_BARE = "HTTP/1.1 200 OK\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n\r\n"


def fetch(
    url: str, ip: str = "127.0.0.1", *, read_page: bool = True, limits: Limits = SOON
) -> Response | Failure:
    async def once() -> Response | Failure:
        transport = WreqTransport()
        headers = (("Accept-Encoding", "gzip, deflate, br, zstd"),)
        request = Request(parse_address(url), ip_address(ip), headers, "chrome-windows", read_page)
        try:
            return await transport.fetch(request, limits)
        finally:
            await transport.close()

    return asyncio.run(once())


def met(way: Way) -> Response | Failure:
    with HostileServer({"bad.test": way}) as server:
        return fetch(server.url("bad.test"))


BAD: dict[str, tuple[Way, FailureKind, str]] = {
    "silence": (ways.silent, FailureKind.TIME, LATE),
    "a header byte a moment": (
        endless("HTTP/1.1 200 OK\r\nX: ", b"x", 0.1),
        FailureKind.TIME,
        LATE,
    ),
    "a body byte a moment": (endless(OK + "\r\n", b"x", 0.1), FailureKind.TIME, LATE),
    "a header without end": (ways.header_without_end, FailureKind.TIME, LATE),
    "a body that stops": (ways.stops_in_the_body, FailureKind.TIME, LATE),
    "interim answers for ever": (ways.interim_storm, FailureKind.TIME, LATE),
    "a header of 1 MiB": (says(OK, b"X: " + b"a" * MIB, "\r\n\r\n"), FailureKind.SIZE, LARGE),
    "100,000 headers": (says(OK, b"X: a\r\n" * 100_000, "\r\n", PAGE), FailureKind.SIZE, LARGE),
    "headers for ever": (endless(OK, b"X: a\r\n" * 100), FailureKind.SIZE, LARGE),
    "garbage": (says(b"\x00\xff\x13 hello\r\n\r\n"), FailureKind.PROTOCOL, NOT_HTTP),
    "another protocol": (says("SSH-2.0-OpenSSH_9.2\r\n"), FailureKind.PROTOCOL, NOT_HTTP),
    "HTTP/0.9": (says(PAGE), FailureKind.PROTOCOL, NOT_HTTP),
    "NUL in a header": (says(OK, b"X: a\0b\r\n\r\n"), FailureKind.PROTOCOL, NOT_HTTP),
    "a status of four digits": (says("HTTP/1.1 1000 X\r\n\r\n"), FailureKind.PROTOCOL, NOT_HTTP),
    "a switch of protocols": (
        says("HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        FailureKind.PROTOCOL,
        NOT_HTTP,
    ),
    "nothing": (says(), FailureKind.PROTOCOL, "closed the connection before its answer was whole"),
    "a reset at once": (resets_after(), FailureKind.CONNECT, RESET),
    "a reset in the header": (resets_after(OK), FailureKind.CONNECT, RESET),
    "a reset in the body": (
        resets_after(OK, "Content-Length: 5000\r\n\r\n", PAGE),
        FailureKind.CONNECT,
        RESET,
    ),
    "a body that is too short": (
        says(OK, "Content-Length: 5000\r\n\r\n", PAGE),
        FailureKind.PROTOCOL,
        "its page breaks off",
    ),
    "a negative length": (says(OK, "Content-Length: -1\r\n\r\n"), FailureKind.PROTOCOL, LENGTH),
    "a length beyond 64 bits": (
        says(OK, f"Content-Length: {10**30}\r\n\r\n"),
        FailureKind.PROTOCOL,
        LENGTH,
    ),
    "two lengths": (
        says(OK, "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", PAGE),
        FailureKind.PROTOCOL,
        LENGTH,
    ),
    "chunks without sizes": (says(OK, CHUNKED, "zz\r\nhello"), FailureKind.PROTOCOL, CHUNKS),
    "a chunk beyond 64 bits": (says(OK, CHUNKED, "f" * 18, "\r\n"), FailureKind.PROTOCOL, CHUNKS),
    "what is not packed": (
        says(OK, "Content-Encoding: gzip\r\n\r\n", PAGE),
        FailureKind.PROTOCOL,
        PACKED,
    ),
    "what is packed twice, badly": (
        says(OK, "Content-Encoding: gzip, gzip\r\n\r\n", PAGE),
        FailureKind.PROTOCOL,
        "its page is badly compressed",
    ),
    "what is packed in ways unknown": (
        says(OK, "Content-Encoding: gzip, br\r\n\r\n", PAGE),
        FailureKind.PROTOCOL,
        "its page is packed in a way that is not read",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_a_failure_with_its_reason(name: str):
    way, kind, text = BAD[name]
    started = time.monotonic()
    answer = met(way)
    assert isinstance(answer, Failure), answer
    assert (answer.kind, answer.text) == (kind, text)
    assert time.monotonic() - started < 4


def test_who_does_not_listen_and_who_slams_the_door_are_told_apart():
    port = free_port()
    refused = fetch(f"http://bad.test:{port}/")
    assert isinstance(refused, Failure)
    assert (refused.kind, refused.text) == (FailureKind.CONNECT, "refused the connection")

    async def slam(talk: Talk) -> None:
        talk.slam()

    with HostileServer({}, on_accept=slam) as server:
        slammed = fetch(server.url("bad.test"))
        in_tls = fetch(server.url("bad.test", scheme="https"))
    assert isinstance(slammed, Failure)
    assert (slammed.kind, slammed.text) == (FailureKind.CONNECT, RESET)
    assert isinstance(in_tls, Failure)
    assert in_tls.kind in (FailureKind.CONNECT, FailureKind.TLS)


def test_a_server_without_tls_is_told_from_one_that_hangs_up():
    with HostileServer({"": answers("400 Bad Request")}) as server:
        plain = fetch(server.url("bad.test", scheme="https"))
    assert isinstance(plain, Failure)
    assert (plain.kind, plain.text) == (
        FailureKind.TLS,
        "no TLS connection: that port does not speak TLS",
    )


def test_what_a_site_is_called_does_not_decide_what_its_error_is():
    url = f"http://ssl-certificate-TooLarge.test:{free_port()}/TimedOut/ssl/certificate"
    refused = fetch(url)
    assert isinstance(refused, Failure)
    assert refused.text == "refused the connection"
    refused = fetch(url.replace("http:", "https:"))
    assert isinstance(refused, Failure)
    assert refused.text == "refused the connection"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", ["localhost", "localhost."])
def test_a_name_that_was_judged_is_not_resolved_again(name: str, scheme: str):
    """The one address here on which nobody listens: whoever asks for the name finds the other."""
    with HostileServer({"localhost": ways.healthy}) as server:
        answer = fetch(server.url(name, scheme=scheme), ip="127.77.0.9")
        assert isinstance(answer, Failure)
        assert answer.text == "refused the connection"
        assert server.connections == 0


GIANTS = {
    "gzip": lambda: ways.compressed_bomb(31, "gzip"),
    "deflate": lambda: ways.compressed_bomb(15, "deflate"),
    "gzip twice": ways.twice_packed,
    "plain": lambda: endless(OK + "\r\n", b"x" * 65536),
    "chunked": lambda: endless(OK + CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n"),
}


@pytest.mark.parametrize("name", GIANTS)
def test_of_an_endless_page_two_mebibytes_are_read(name: str):
    answer = met(GIANTS[name]())
    assert isinstance(answer, Response), answer
    assert answer.truncated
    assert answer.body is not None
    assert len(answer.body) == SOON.body_bytes


META = b'<meta http-equiv="refresh" content="0;url=http://away.example/">' + PAGE
TWICE = gzip.compress(gzip.compress(META))


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(META)),
        ("GZIP", gzip.compress(META)),
        ("x-gzip", gzip.compress(META)),
        ("deflate", zlib.compress(META)),
        ("identity, gzip", gzip.compress(META)),
        ("gzip , ", gzip.compress(META)),
        ("gzip, gzip", TWICE),
        ("gzip\r\nContent-Encoding: gzip", TWICE),
        ("deflate, gzip", gzip.compress(zlib.compress(META))),
        ("none", META),
        ("utf-8", META),
    ],
)
def test_a_page_is_unpacked_as_browsers_do(coding: str, body: bytes):
    """Else a redirect hides in what is taken for text."""
    answer = met(says(OK, f"Content-Encoding: {coding}\r\n\r\n", body))
    assert isinstance(answer, Response), answer
    assert (answer.body, answer.truncated) == (META, False)


def test_a_page_that_breaks_off_when_it_is_unpacked_is_not_whole():
    answer = met(says(OK, "Content-Encoding: gzip, gzip\r\n\r\n", gzip.compress(TWICE[:-30])))
    assert isinstance(answer, Failure | Response)
    assert isinstance(answer, Failure) or answer.truncated


MEDIA = {
    "said to be a picture": "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n",
    "said to be a film": "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n",
    "not said to be anything": "HTTP/1.1 200 OK\r\n\r\n",
    "said to be nothing": "HTTP/1.1 200 OK\r\nContent-Type:\r\n\r\n",
    "any file": "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n",
}


@pytest.mark.parametrize("name", MEDIA)
def test_a_picture_is_not_read(name: str):
    with HostileServer({"bad.test": endless(MEDIA[name], PNG * 500)}) as server:
        answer = fetch(server.url("bad.test"))
        assert isinstance(answer, Response), answer
        assert answer.body is None
    assert server.most_sent["bad.test"] < MIB


def test_of_a_page_off_the_site_the_head_is_read_alone():
    with HostileServer({"bad.test": endless(OK + "\r\n", PAGE * 500)}) as server:
        answer = fetch(server.url("bad.test"), read_page=False)
        assert isinstance(answer, Response)
        assert (answer.status, answer.body) == (200, None)
    assert server.most_sent["bad.test"] < MIB


def test_a_page_without_a_type_is_read_however_small_the_pieces_it_comes_in():
    async def byte_by_byte(talk: Talk) -> None:
        await talk.say(b"HTTP/1.1 200 OK\r\n\r\n")
        for byte in META[:20]:
            await talk.say(bytes([byte]))
            await asyncio.sleep(0.01)
        await talk.say(META[20:])

    answer = met(byte_by_byte)
    assert isinstance(answer, Response)
    assert answer.body == META


def test_cookies_of_any_number_are_an_answer_like_another():
    answer = met(ways.cookie_flood)
    assert isinstance(answer, Response)
    assert answer.body == PAGE


def test_an_answer_on_an_interim_one_is_read():
    answer = met(
        says("HTTP/1.1 103 Early Hints\r\n\r\n", f"HTTP/1.1 200 OK\r\n{HTML}\r\n\r\n", PAGE)
    )
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (200, PAGE)


@pytest.mark.parametrize(
    ("kind", "own", "others"),
    [
        ("text/javascript", True, True),
        ("application/x-javascript; charset=utf-8", True, True),
        ("text/html", True, False),
        ("application/json", True, False),
        ("image/png", False, False),
        ("application/octet-stream", False, False),
        ("", True, True),
    ],
)
def test_which_scripts_are_read(kind: str, own: bool, others: bool):  # noqa: FBT001 - columns of the table above
    script = b"location.hash = 1"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n" if kind else OK_BARE
    for any_text, read in ((True, own), (False, others)):
        with HostileServer({"bad.test": says(head, script)}) as server:
            answer = fetch_script(server.url("bad.test"), any_text=any_text)
        assert isinstance(answer, Response)
        assert (answer.body == script) == read


def test_what_is_no_text_is_no_script_though_it_has_no_type():
    with HostileServer({"bad.test": endless(OK_BARE, PNG * 500)}) as server:
        answer = fetch_script(server.url("bad.test"), any_text=True)
    assert isinstance(answer, Response)
    assert answer.body is None


def fetch_script(url: str, *, any_text: bool) -> Response | Failure:
    async def once() -> Response | Failure:
        transport = WreqTransport()
        where = parse_address(url), ip_address("127.0.0.1"), (), "chrome-windows"
        request = Request(*where, read_page=False, read_script=True, any_text=any_text)
        try:
            return await transport.fetch(request, SOON)
        finally:
            await transport.close()

    return asyncio.run(once())

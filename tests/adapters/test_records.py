"""DNS records by real packets, from a name server on loopback, in good and bad manners."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from tests.support.names import NameServer, name_server
from unhijack.adapters.records import MOST_RECORDS, DnsRecords
from unhijack.core.evidence import Failure, FailureKind

ZONE = {
    ("bakery.test", "SOA"): ["ns1.dns.test. hostmaster.bakery.test. 1 2 3 4 5"],
    ("bakery.test", "MX"): ["10 mail.else.test."],
    ("bakery.test", "CAA"): ['0 iodef "mailto:security@bakery.test"'],
    ("_security.bakery.test", "TXT"): ['"security_contact=mailto:s\\010x@bakery.test"'],
    ("large.test", "TXT"): [f'"{"x" * 200}{n}"' for n in range(200)],
}


def ask(server: NameServer, name: str, kind: str, seconds: float = 3.0) -> Sequence[str] | Failure:
    async def once() -> Sequence[str] | Failure:
        return await DnsRecords([("127.0.0.1", server.port)], seconds).look_up(name, kind)

    return asyncio.run(once())


def test_records_come_in_presentation_form():
    with name_server(ZONE) as server:
        assert ask(server, "bakery.test", "MX") == ("10 mail.else.test.",)
        assert ask(server, "bakery.test", "CAA") == ('0 iodef "mailto:security@bakery.test"',)
        assert ask(server, "_security.bakery.test", "TXT") == (
            '"security_contact=mailto:s\\010x@bakery.test"',
        )


def test_no_such_name_and_no_such_record_are_no_records():
    with name_server(ZONE) as server:
        assert ask(server, "nowhere.test", "MX") == ()
        assert ask(server, "bakery.test", "NS") == ()


def test_an_answer_too_large_for_a_packet_is_fetched_by_tcp_and_cut():
    with name_server(ZONE) as server:
        found = ask(server, "large.test", "TXT")

    assert not isinstance(found, Failure)
    assert len(found) == MOST_RECORDS


def test_what_is_known_is_not_asked_again():
    async def twice(server: NameServer) -> None:
        records = DnsRecords([("127.0.0.1", server.port)])
        await records.look_up("bakery.test", "MX")
        await records.look_up("bakery.test", "MX")

    with name_server(ZONE) as server:
        asyncio.run(twice(server))

    assert server.asked == [("bakery.test", "MX")]


@pytest.mark.parametrize("sent", [None, b"", b"\xff" * 40, b"\0" * 12])
def test_a_server_that_says_nothing_of_use_costs_a_bounded_time(sent: bytes | None):
    began = time.monotonic()
    with name_server(ZONE, lambda _packet, _tcp: sent) as server:
        found = ask(server, "bakery.test", "MX", 1.0)

    assert isinstance(found, Failure)
    assert found.kind is FailureKind.LOOKUP
    assert time.monotonic() - began < 4.0


def test_an_answer_to_another_question_is_not_taken():
    def another(packet: bytes, _tcp: bool) -> bytes:  # noqa: FBT001 - the server's own way to call it
        return bytes([packet[0] ^ 255]) + packet[1:]

    with name_server(ZONE, another) as server:
        assert isinstance(ask(server, "bakery.test", "MX", 1.0), Failure)


@pytest.mark.parametrize(
    "name", ["a" * 70 + ".test", "..", "a..b", "", "x" * 300, "\x1b[31m.test", "ü" * 80]
)
def test_a_name_that_is_none_is_a_failure_or_unknown(name: str):
    with name_server(ZONE) as server:
        found = ask(server, name, "MX", 1.0)

    assert isinstance(found, Failure) or found == ()

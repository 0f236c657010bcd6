"""Mail over LMTP: kept before it is answered, refused aloud, one answer for each recipient."""

import asyncio
import os
import smtplib
import socket
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from tests.support.answers_mail import letter
from unhijack.adapters.mailbox.lmtp import MOST_RECIPIENTS, Place, parse_place, serve
from unhijack.core.errors import WrongUse
from unhijack.ports import Handed

T = TypeVar("T")

HELD = 100_000


@dataclass
class Keeper:
    """Takes what is for cert.test."""

    kept: list[Handed] = field(default_factory=list)
    works: bool = True
    breaks: bool = False

    def wants(self, recipient: str) -> bool:
        return recipient.endswith("@cert.test")

    def keeps(self, handed: Handed) -> bool:
        if self.breaks:
            raise RuntimeError("the disk is gone")
        if self.works:
            self.kept.append(handed)
        return self.works


def with_server(keeper: Keeper, talk: Callable[[str], T], place: Place | None = None) -> T:
    """Run a blocking conversation with a server."""

    async def story() -> T:
        async with serve(place or Place(), keeper, HELD) as where:
            return await asyncio.to_thread(talk, where)

    return asyncio.run(asyncio.wait_for(story(), 30))


def client(where: str) -> smtplib.LMTP:
    if where.startswith("unix:"):
        return smtplib.LMTP(where[5:], timeout=10)
    host, _, port = where.rpartition(":")
    return smtplib.LMTP(host, int(port), timeout=10)


def send(where: str, *to: str, message: bytes = b"", sender: str = "olga@shop.test"):
    with client(where) as server:
        return server.sendmail(sender, list(to), message or letter("CLEAN"))


def test_a_message_is_kept_with_its_envelope():
    keeper = Keeper()
    assert with_server(keeper, lambda where: send(where, "notices+x@cert.test")) == {}
    (handed,) = keeper.kept
    assert (handed.sender, handed.recipients) == ("olga@shop.test", ("notices+x@cert.test",))
    assert handed.content.endswith(b"CLEAN\r\n")
    assert handed.size == len(handed.content)


@dataclass
class Said:
    """The first digits of a server's answers."""

    recipients: list[str]
    message: list[str]
    """As many as recipients were taken."""
    after: str
    """To one more command: nothing was left over."""


def converse(where: str, message: bytes, *recipients: str) -> Said:
    """A conversation by hand: the library's client reads one answer after the message."""
    host, _, port = where.rpartition(":")
    with socket.create_connection((host, int(port)), 10) as link, link.makefile("rwb") as wire:
        wire.readline()

        def answer() -> str:
            line = wire.readline()
            while line[3:4] == b"-":
                line = wire.readline()
            return line[:3].decode()

        def say(text: str) -> str:
            wire.write(text.encode() + b"\r\n")
            wire.flush()
            return answer()

        say("LHLO client.test")
        say("MAIL FROM:<>")
        taken = [say(f"RCPT TO:<{one}>") for one in recipients]
        assert say("DATA") == "354"
        wire.write(message + b"\r\n.\r\n")
        wire.flush()
        return Said(taken, [answer() for code in taken if code == "250"], say("NOOP"))


def test_each_recipient_has_an_answer_of_its_own():
    keeper = Keeper()
    to = ("a@cert.test", "nobody@elsewhere.test", "b@cert.test")
    said = with_server(keeper, lambda where: converse(where, letter("CLEAN"), *to))
    assert said == Said(["250", "550", "250"], ["250", "250"], "250")
    assert keeper.kept[0].recipients == ("a@cert.test", "b@cert.test")


@pytest.mark.parametrize(
    ("works", "size", "code"), [(True, 10, "250"), (False, 10, "451"), (True, HELD + 10, "552")]
)
def test_after_the_message_there_are_as_many_answers_as_recipients(works, size, code):
    keeper = Keeper(works=works)
    message = b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * (size // 72)
    to = ("a@cert.test", "b@cert.test", "c@cert.test")
    said = with_server(keeper, lambda where: converse(where, message, *to))
    assert (said.message, said.after) == ([code] * 3, "250")


def test_a_message_that_is_too_big_is_put_on_record_and_never_held():
    keeper = Keeper()
    to = ("a@cert.test", "b@cert.test")
    with_server(keeper, lambda where: converse(where, b"x\r\n" * HELD, *to))
    (handed,) = keeper.kept
    assert handed.content == b""
    assert handed.size > HELD
    assert handed.recipients == to


def test_a_line_without_end_is_too_big_as_well():
    keeper = Keeper()
    said = with_server(keeper, lambda where: converse(where, b"x" * 90_000, "a@cert.test"))
    assert said.message == ["552"]
    assert keeper.kept[0].content == b""


def test_what_is_not_kept_is_handed_over_again():
    keeper = Keeper(works=False)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        with_server(keeper, lambda where: send(where, "a@cert.test"))
    assert refused.value.smtp_code == 451
    keeper = Keeper(breaks=True)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        with_server(keeper, lambda where: send(where, "a@cert.test"))
    assert refused.value.smtp_code == 451


def test_recipients_beyond_a_bound_come_with_the_next_message():
    to = [f"{number}@cert.test" for number in range(MOST_RECIPIENTS + 2)]
    keeper = Keeper()
    said = with_server(keeper, lambda where: converse(where, letter("x"), *to))
    assert said.recipients == ["250"] * MOST_RECIPIENTS + ["452"] * 2
    assert len(keeper.kept[0].recipients) == MOST_RECIPIENTS


def test_a_socket_file_is_closed_to_others_and_goes_with_its_server(tmp_path: Path):
    keeper = Keeper()
    path = tmp_path / "lmtp"

    def talk(where: str) -> int:
        send(where, "a@cert.test")
        return stat.S_IMODE(path.stat().st_mode)

    assert with_server(keeper, talk, parse_place(f"unix:{path}")) == 0o660
    assert len(keeper.kept) == 1
    assert not path.exists()


def test_a_socket_that_a_killed_server_left_is_replaced_and_another_file_is_not(tmp_path: Path):
    path = tmp_path / "lmtp"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with_server(Keeper(), lambda where: send(where, "a@cert.test"), parse_place(f"unix:{path}"))
    path.write_text("precious")
    with pytest.raises(WrongUse, match="cannot be taken there"):
        with_server(Keeper(), lambda where: None, parse_place(f"unix:{path}"))
    assert path.read_text() == "precious"


@pytest.mark.parametrize("text", ["0.0.0.0:24", "192.0.2.1:24", "localhost", "x:24", "127.0.0.1:x"])
def test_it_listens_to_this_machine_alone(text):
    with pytest.raises(WrongUse):
        parse_place(text)


def test_places():
    assert parse_place("127.0.0.1:2424") == Place("127.0.0.1", 2424)
    assert parse_place("[::1]:2424") == Place("::1", 2424)
    assert parse_place("unix:/run/x").path == Path("/run/x")
    assert os.sep in str(parse_place("unix:/run/x").path)

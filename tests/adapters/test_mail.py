"""Mail: what became of a message is known, or known to be unknown; a server's words are harmless."""

import asyncio
import base64
import socket
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

import dkim
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.support.certificates import authority, issue
from tests.support.house import run
from tests.support.letters import HEAD, matter
from tests.support.letters import OWNER as OWNER_LETTER
from unhijack.adapters.mail import MOST_BYTES, DkimKey, Login, NoMail, SmtpMail
from unhijack.compose.letter import write
from unhijack.core.errors import WrongUse
from unhijack.core.notice import Letter
from unhijack.core.text import printable
from unhijack.lab.sink import MailSink, Moods, count, messages
from unhijack.ports import Fate, Posted

T = TypeVar("T")

OWNER = "info@bakery-lindner.test"
MESSAGE = (
    b"From: Desk <desk@cert.test>\r\nTo: info@bakery-lindner.test\r\n"
    b"Message-ID: <1@cert.test>\r\n\r\nDear owner,\r\n.a line with a dot\r\n"
)
LETTER = Letter(OWNER, MESSAGE)


def mail_to(port: int, *, starttls: bool | None = False, seconds: float = 5.0) -> SmtpMail:
    return SmtpMail("127.0.0.1", port, "desk@cert.test", starttls=starttls, seconds=seconds)


def posted_to_sink(folder: Path, moods: Moods | None = None, letter: Letter = LETTER) -> Posted:
    async def story() -> Posted:
        async with MailSink(folder, moods=moods or Moods()) as sink:
            return await mail_to(sink.port).post(letter)

    return run(story())


# Against the lab's server


def test_a_message_that_was_taken_was_taken_as_it_is(tmp_path: Path):
    posted = posted_to_sink(tmp_path)
    assert posted.fate is Fate.ACCEPTED
    assert posted.text.startswith("250 2.0.0 Kept as ")
    (message,) = messages(tmp_path)
    assert message.get_all("Delivered-To") == [OWNER]
    assert "\n.a line with a dot" in message.get_content()
    assert count(tmp_path) == {"<1@cert.test>": 1}


@pytest.mark.parametrize(
    ("moods", "fate", "code"),
    [
        (Moods(reject=frozenset({OWNER})), Fate.REFUSED, "550"),
        (Moods(defer=frozenset({OWNER})), Fate.LATER, "451"),
    ],
)
def test_a_recipient_is_refused_or_put_off(tmp_path: Path, moods: Moods, fate: Fate, code: str):
    posted = posted_to_sink(tmp_path, moods)
    assert (posted.fate, posted.text[:3]) == (fate, code)
    assert count(tmp_path) == {}


def test_a_server_that_dies_in_its_answer_leaves_it_uncertain(tmp_path: Path):
    posted = posted_to_sink(tmp_path, Moods(die_in_answer=frozenset({OWNER})))
    assert posted.fate is Fate.UNCERTAIN
    assert count(tmp_path) == {"<1@cert.test>": 1}


def test_a_recipient_that_no_server_could_take_does_no_harm(tmp_path: Path):
    for odd in ("büro@bakery-lindner.test", "a\r\nRCPT TO:<evil@a.test>", "a" * 5000 + "@a.test"):
        assert posted_to_sink(tmp_path, letter=Letter(odd, MESSAGE)).fate is not Fate.ACCEPTED
    assert count(tmp_path) == {}


# Against servers that misbehave


@dataclass(slots=True)
class OddServer:
    """Answers each command by its own book; a message is taken once its last line has come."""

    answers: dict[str, bytes | None] = field(default_factory=dict)
    """By verb (``GREETING``, ``END`` of data); None drops the connection, b"" says nothing."""
    flood: bytes = b""
    """After the answer, again and again until the client goes away."""
    flood_at: str = "none"
    taken: int = 0
    port: int = 0
    server: asyncio.Server | None = None
    tasks: set["asyncio.Task[None] | None"] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.server is not None
        self.server.close()
        for task in self.tasks:
            if task is not None:
                task.cancel()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.add(asyncio.current_task())
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not await self._answer(writer, "GREETING", b"220 hello\r\n"):
            return
        while line := await reader.readline():
            verb = line[:4].decode("latin-1").upper().strip()
            usual = b"354 go on\r\n" if verb == "DATA" else b"250 Ok\r\n"
            if not await self._answer(writer, verb, usual):
                return
            if verb == "DATA" and self.answers.get("DATA", usual) == usual:
                while (text := await reader.readline()) not in (b".\r\n", b""):
                    pass
                self.taken += text == b".\r\n"
                if not await self._answer(writer, "END", b"250 Ok: queued\r\n"):
                    return

    async def _answer(self, writer: asyncio.StreamWriter, verb: str, usual: bytes) -> bool:
        answer = self.answers.get(verb, usual)
        if answer is None:
            return False
        writer.write(answer)
        while verb == self.flood_at:
            writer.write(self.flood)
            await writer.drain()
            await asyncio.sleep(0)
        await writer.drain()
        return True


def posted(
    answers: dict[str, bytes | None], *, seconds: float = 5.0, flood: bytes = b"", at: str = "none"
) -> tuple[Posted, int]:
    """What became of the message, by our word and by the server's count."""

    async def story() -> tuple[Posted, int]:
        async with OddServer(dict(answers), flood, at) as server:
            done = await asyncio.wait_for(mail_to(server.port, seconds=seconds).post(LETTER), 20)
            await asyncio.sleep(0.01)
            return done, server.taken

    return run(story())


@pytest.mark.parametrize(
    ("verb", "answer", "fate", "taken"),
    [
        ("RCPT", b"550 5.1.1 no such mailbox\r\n", Fate.REFUSED, 0),
        ("RCPT", b"450 4.2.0 greylisted\r\n", Fate.LATER, 0),
        ("DATA", b"554 5.7.1 not from you\r\n", Fate.REFUSED, 0),
        ("DATA", b"421 busy\r\n", Fate.LATER, 0),
        ("END", b"554 5.7.1 looks like spam\r\n", Fate.REFUSED, 1),
        ("END", b"452 4.3.1 disk full\r\n", Fate.LATER, 1),
        ("END", b"250-2.0.0 first\r\n250 second\r\n", Fate.ACCEPTED, 1),
        # What speaks against us is not the recipient's last word.
        ("GREETING", b"554 no service for you\r\n", Fate.AWAY, 0),
        ("GREETING", b"421 too busy\r\n", Fate.AWAY, 0),
        ("EHLO", b"502 only HELO here\r\n", Fate.ACCEPTED, 1),
        ("MAIL", b"530 authentication required\r\n", Fate.AWAY, 0),
        ("MAIL", b"550 sender rejected\r\n", Fate.AWAY, 0),
        # It goes away: before the message nothing has left, after it nobody knows.
        ("GREETING", None, Fate.AWAY, 0),
        ("EHLO", None, Fate.AWAY, 0),
        ("RCPT", None, Fate.LATER, 0),
        ("END", None, Fate.UNCERTAIN, 1),
        # It says nothing.
        ("GREETING", b"", Fate.AWAY, 0),
        ("RCPT", b"", Fate.LATER, 0),
        ("END", b"", Fate.UNCERTAIN, 1),
        # It says what no server says.
        ("GREETING", b"GET / HTTP/1.1\r\n\r\n", Fate.AWAY, 0),
        ("GREETING", bytes(range(256)) + b"\r\n", Fate.AWAY, 0),
        ("RCPT", b"\x1b]0;pwned\x07\r\n", Fate.LATER, 0),
        ("RCPT", b"-12 what\r\n", Fate.LATER, 0),
        ("RCPT", b"999 what\r\n", Fate.LATER, 0),
        ("END", b"\xff\xfe not a code\r\n", Fate.UNCERTAIN, 1),
        ("END", b"354 go on\r\n", Fate.UNCERTAIN, 1),
        ("END", b"999 what\r\n", Fate.UNCERTAIN, 1),
        ("END", b"251 will forward\r\n", Fate.UNCERTAIN, 1),
        ("DATA", b"250 Ok\r\n", Fate.UNCERTAIN, 0),
        ("RCPT", b"252 cannot tell\r\n", Fate.LATER, 0),
        ("END", b"250", Fate.UNCERTAIN, 1),
    ],
)
def test_what_became_of_a_message(verb: str, answer: bytes | None, fate: Fate, taken: int):
    done, by_server = posted({verb: answer}, seconds=0.5)
    assert (done.fate, by_server) == (fate, taken), done.text
    assert done.text == printable(done.text, 300)


@pytest.mark.parametrize("flood", [b"x" * 65536, b"250-more\r\n" * 5000, b"\0" * 65536])
@pytest.mark.parametrize(("at", "fate"), [("GREETING", Fate.AWAY), ("END", Fate.UNCERTAIN)])
def test_an_endless_answer_ends_in_time_and_in_little_room(at: str, fate: Fate, flood: bytes):
    done, _ = posted({at: b"250-"}, seconds=1.0, flood=flood, at=at)
    assert done.fate is fate, done.text
    assert len(done.text) < 300


@pytest.mark.parametrize(
    "words",
    [
        b"\x1b[2J\x1b[31mred\x07",
        "‮evil‬ \x85 \u2028".encode(),
        b"\xff\xfe\x80",
        b"x" * 5000,
        b"<script>alert(1)</script>",
    ],
)
def test_a_servers_words_are_harmless_and_short(words: bytes):
    done, _ = posted({"END": b"250 2.0.0 " + words + b"\r\n"})
    assert done.fate is Fate.ACCEPTED
    assert done.text == printable(done.text, 300)
    assert len(done.text) < 200


@pytest.mark.parametrize(
    "said",
    [
        b"550 5.1.1 <info@bakery-lindner.test>: Recipient address rejected\r\n",
        b"550 no mailbox INFO@Bakery-Lindner.TEST here\r\n",
        b"550-5.1.1 info@bakery-lindner.test\r\n550 try other.person@example.test instead\r\n",
        b"550 'o'brien+x=y@bakery-lindner.test'\r\n",
    ],
)
def test_a_servers_words_are_journaled_without_anybodys_address(said: bytes):
    done, _ = posted({"RCPT": said})
    assert done.fate is Fate.REFUSED
    assert "@" not in done.text
    assert "info" not in done.text.lower()
    assert "550" in done.text


def test_where_nobody_listens_it_did_not_leave(unused_port: Callable[[], int]):
    done = run(mail_to(unused_port()).post(LETTER))
    assert done.fate is Fate.AWAY
    assert "no conversation with the mail server" in done.text


def test_who_insists_on_starttls_hands_nothing_over_in_clear():
    async def story() -> tuple[Posted, int]:
        async with OddServer({}) as server:
            return await mail_to(server.port, starttls=True).post(LETTER), server.taken

    done, taken = run(story())
    assert (done.fate, taken) == (Fate.AWAY, 0)


@pytest.mark.parametrize(
    ("verb", "answer", "said"),
    [
        ("GREETING", b"554 no service for you\r\n", "no service"),
        ("MAIL", b"550 sender rejected\r\n", "sender rejected"),
        ("GREETING", None, "Unexpected EOF"),
        ("RCPT", b"550 never asked for\r\n", ""),
    ],
)
def test_what_keeps_messages_from_leaving_is_known_without_one(
    verb: str, answer: bytes | None, said: str
):
    async def story() -> tuple[str, int]:
        async with OddServer({verb: answer}) as server:
            return await mail_to(server.port, seconds=0.5).knock(), server.taken

    wrong, taken = run(story())
    assert said in wrong
    assert bool(said) == bool(wrong)
    assert taken == 0


def test_without_a_mail_server_nothing_leaves_and_it_says_so():
    done = run(NoMail().post(LETTER))
    assert done.fate is Fate.AWAY
    assert "UNHIJACK_SMTP_HOST" in done.text


@pytest.fixture
def unused_port() -> Callable[[], int]:
    """A port on which nobody listens: one that was bound and let go."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find


# Signed, and logged in


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, traditional: bool = False) -> bytes:
    form = PrivateFormat.TraditionalOpenSSL if traditional else PrivateFormat.PKCS8
    return key.private_bytes(Encoding.PEM, form, NoEncryption())


def in_dns(key: rsa.RSAPrivateKey) -> bytes:
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def signed_letter(folder: Path, key: DkimKey) -> bytes:
    async def story() -> None:
        async with MailSink(folder, moods=Moods()) as sink:
            mail = SmtpMail("127.0.0.1", sink.port, "desk@cert.test", starttls=False, key=key)
            message = write(matter(), HEAD, OWNER_LETTER)
            assert (await mail.post(Letter(OWNER, message))).fate is Fate.ACCEPTED

    run(story())
    (kept,) = (path for path in folder.rglob("*") if path.is_file())
    raw = kept.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return raw[raw.index(b"DKIM-Signature:") :]


@pytest.mark.parametrize("traditional", [True, False])
def test_what_leaves_is_signed_and_nobody_can_change_it(tmp_path: Path, *, traditional: bool):
    key = rsa_key()
    raw = signed_letter(tmp_path, DkimKey("cert.test", "s1", pem(key, traditional=traditional)))

    def dns(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"s1._domainkey.cert.test."
        return in_dns(key)

    assert dkim.verify(raw, dnsfunc=dns)
    for changed in (
        raw.replace(b"curl", b"lruc", 1),
        raw.replace(b"Reply-To: notices", b"Reply-To: noticed", 1),
        b"From: Somebody <else@cert.test>\r\n" + raw,
    ):
        assert changed != raw
        assert not dkim.verify(changed, dnsfunc=dns)


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"not a key",
        pem(rsa_key(1024)).replace(b"A", b"B"),
        pem(ec.generate_private_key(ec.SECP256R1())),
        rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
    ],
)
def test_a_key_that_cannot_sign_is_refused_without_a_word_of_it(bad: bytes):
    with pytest.raises(WrongUse, match="the DKIM key is no") as error:
        DkimKey("cert.test", "s1", bad)
    assert len(str(error.value)) < 100


def test_a_message_that_no_server_takes_does_not_leave():
    done = run(mail_to(1).post(Letter(OWNER, b"x" * (MOST_BYTES + 1))))
    assert done.fate is Fate.REFUSED


def test_what_cannot_be_delivered_comes_back_to_the_letters_own_address(tmp_path: Path):
    back = "desk+kqzvmtrwxp-1-0123456789abcdef@cert.test"
    posted_to_sink(tmp_path, letter=Letter(OWNER, MESSAGE, back))
    (message,) = messages(tmp_path)
    assert message["Return-Path"] == f"<{back}>"


PASSWORD = "correct horse"


@dataclass(slots=True)
class Guarded:
    """A mail server that wants a password, and takes one over TLS alone."""

    folder: Path
    asked: list[tuple[bytes, bytes]] = field(default_factory=list)
    taken: int = 0

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802 (aiosmtpd looks for this name)
        self.taken += 1
        return "250 OK"

    def authenticate(self, _s: object, _e: object, _v: object, _m: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.asked.append((data.login, data.password))
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    def post(self, password: str, *, tls: bool = True, trusted: bool = True) -> Posted:
        return self.with_mail(lambda mail: mail.post(LETTER), password, tls=tls, trusted=trusted)

    def knock(self, password: str) -> str:
        return self.with_mail(lambda mail: mail.knock(), password)

    def with_mail(
        self,
        step: Callable[[SmtpMail], Coroutine[Any, Any, T]],
        password: str,
        *,
        tls: bool = True,
        trusted: bool = True,
    ) -> T:
        root = authority()
        pair = issue(root, "localhost").write(self.folder / "localhost.pem")
        serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        serving.load_cert_chain(pair)
        known = ssl.create_default_context(
            cadata=root.certificate.public_bytes(Encoding.PEM).decode() if trusted else None
        )

        async def story() -> T:
            server = await asyncio.get_running_loop().create_server(
                lambda: SMTP(
                    self,
                    tls_context=serving if tls else None,
                    authenticator=self.authenticate,
                    auth_require_tls=tls,
                    auth_required=True,
                ),
                "127.0.0.1",
                0,
            )
            async with server:
                mail = SmtpMail(
                    *("localhost", server.sockets[0].getsockname()[1], "desk@cert.test"),
                    starttls=None,
                    login=Login("desk", password),
                    trusted=known,
                )
                return await step(mail)

        return run(story())


def test_who_has_a_password_logs_in_over_an_encrypted_connection(tmp_path: Path):
    server = Guarded(tmp_path)
    assert server.post(PASSWORD).fate is Fate.ACCEPTED
    assert server.asked == [(b"desk", PASSWORD.encode())]
    assert server.taken == 1


def test_a_wrong_password_speaks_against_us_and_is_not_repeated_to_anybody(tmp_path: Path):
    server = Guarded(tmp_path)
    done = server.post("battery staple")
    assert done.fate is Fate.AWAY
    assert "535" in done.text
    assert "battery" not in done.text
    assert "535" in server.knock("battery staple")
    assert server.knock(PASSWORD) == ""
    assert server.taken == 0


@pytest.mark.parametrize(("tls", "trusted"), [(False, True), (True, False)])
def test_a_password_goes_to_nobody_in_clear_and_to_no_stranger(
    tmp_path: Path, *, tls: bool, trusted: bool
):
    server = Guarded(tmp_path)
    assert server.post(PASSWORD, tls=tls, trusted=trusted).fate is Fate.AWAY
    assert server.asked == []


def test_a_password_shows_itself_nowhere():
    assert PASSWORD not in repr(Login("desk", PASSWORD))

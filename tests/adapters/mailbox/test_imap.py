"""A real Dovecot over IMAP: size first, in order, moved away only once it is safe elsewhere."""

import imaplib
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.answers_mail import letter
from tests.support.certificates import authority, issue
from tests.support.mailservers import Dovecot, dovecot
from tests.support.ports import free_port
from unhijack.adapters.mailbox.imap import ImapAccount, ImapInbox
from unhijack.ports import Arrived, Unreached

BOX = "notices@cert.test"
HELD, HEAD = 100_000, 2_000


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Path]:
    """An authority's certificate, and a file with a certificate and key for localhost."""
    trusted = authority()
    path = issue(trusted, "localhost").write(tmp_path_factory.mktemp("tls") / "pair.pem")
    return trusted.certificate.public_bytes(Encoding.PEM), path


@pytest.fixture(scope="module")
def running(root: tuple[bytes, Path]) -> Iterator[Dovecot]:
    with dovecot({BOX: ""}, certificate=(root[1], root[1])) as server:
        yield server


@pytest.fixture
def account(running: Dovecot) -> ImapAccount:
    """An empty mailbox."""
    with client(running) as box:
        for folder in ("INBOX", "Taken", "Refused"):
            typ, found = box.select(folder)
            if typ == "OK" and int(found[0] or b"0"):
                box.store("1:*", "+FLAGS", r"(\Deleted)")
                box.expunge()
    return ImapAccount(
        "127.0.0.1", running.imap_port, BOX, running.password, security="none", seconds=10
    )


def client(server: Dovecot) -> imaplib.IMAP4:
    box = imaplib.IMAP4("127.0.0.1", server.imap_port, 10)
    box.login(BOX, server.password)
    return box


def put(server: Dovecot, *bodies: str) -> None:
    with client(server) as box:
        for body in bodies:
            assert box.append("INBOX", "", "", letter(body))[0] == "OK"


def count(server: Dovecot, folder: str) -> int:
    with client(server) as box:
        typ, found = box.select(folder, readonly=True)
        return int(found[0] or b"0") if typ == "OK" else -1


def brought(inbox: ImapInbox) -> list[Arrived]:
    found = []
    while (one := inbox.next()) is not None:
        assert isinstance(one, Arrived), one
        found.append(one)
    return found


def test_messages_come_in_order_and_are_put_away_one_by_one(running, account):
    put(running, "first", "second", "third")
    inbox = ImapInbox(account, HELD, HEAD)
    found = brought(inbox)
    assert [one.content.split()[-1] for one in found] == [b"first", b"second", b"third"]
    assert all(one.size == len(one.content) for one in found)
    assert inbox.done(found[0], refused=False) is None
    assert inbox.done(found[1], refused=True) is None
    inbox.close()
    assert [count(running, one) for one in ("INBOX", "Taken", "Refused")] == [1, 1, 1]


def test_what_was_not_put_away_is_brought_again(running, account):
    """A process that is killed between keeping a message and putting it away loses nothing."""
    put(running, "once")
    first = brought(ImapInbox(account, HELD, HEAD))
    again = brought(ImapInbox(account, HELD, HEAD))
    assert [one.content for one in again] == [one.content for one in first]
    inbox = ImapInbox(account, HELD, HEAD)
    assert inbox.done(brought(inbox)[0], refused=False) is None
    assert brought(ImapInbox(account, HELD, HEAD)) == []


def test_of_a_big_message_the_beginning_is_brought(running, account):
    put(running, "\n".join(["x" * 70] * 50_000))
    (found,) = brought(ImapInbox(account, HELD, HEAD))
    assert found.size > 3_000_000
    assert len(found.content) == HEAD
    assert found.content.startswith(b"From: ")


def test_nothing_is_marked_as_read(running, account):
    put(running, "unread")
    brought(ImapInbox(account, HELD, HEAD))
    with client(running) as box:
        box.select("INBOX", readonly=True)
        assert box.search(None, "UNSEEN")[1] == [b"1"]


def test_a_message_that_somebody_takes_away_meanwhile_is_passed_over(running, account):
    put(running, "gone", "stays")
    inbox = ImapInbox(account, HELD, HEAD)
    assert isinstance(first := inbox.next(), Arrived)
    with client(running) as box:
        box.select("INBOX")
        box.store("2", "+FLAGS", r"(\Deleted)")
        box.expunge()
    assert inbox.next() is None
    assert inbox.done(first, refused=False) is None


def test_a_server_that_cannot_move_keeps_what_others_marked(running, account, monkeypatch):
    put(running, "ours", "theirs")
    inbox = ImapInbox(account, HELD, HEAD)
    assert isinstance(first := inbox.next(), Arrived)
    with client(running) as box:
        box.select("INBOX")
        box.store("2", "+FLAGS", r"(\Deleted)")
    assert inbox._box is not None
    inbox._box.client.capabilities = tuple(
        one for one in inbox._box.client.capabilities if one != "MOVE"
    )
    assert inbox.done(first, refused=False) is None
    assert [count(running, one) for one in ("INBOX", "Taken")] == [2, 1]
    assert brought(ImapInbox(account, HELD, HEAD)) == []


def test_folders_may_be_called_anything(running, account):
    put(running, "x")
    inbox = ImapInbox(replace(account, taken="Beiseite.Große Post"), HELD, HEAD)
    assert inbox.done(brought(inbox)[0], refused=False) is None
    assert count(running, "INBOX") == 0


def test_a_wrong_password_is_a_value(account):
    found = ImapInbox(replace(account, password="wrong"), HELD, HEAD).next()
    assert isinstance(found, Unreached)
    assert "refuses the user name or the password" in found.reason
    assert "wrong" not in found.reason


def test_a_server_that_is_not_there_is_a_value(account):
    found = ImapInbox(replace(account, port=free_port()), HELD, HEAD).next()
    assert isinstance(found, Unreached)
    assert "127.0.0.1" in found.reason


def test_a_connection_that_breaks_is_a_value(running, account):
    put(running, "a", "b")
    inbox = ImapInbox(account, HELD, HEAD)
    assert isinstance(first := inbox.next(), Arrived)
    assert inbox._box is not None
    inbox._box.client.sock.shutdown(2)
    assert isinstance(inbox.next(), Unreached)
    assert isinstance(inbox.done(first, refused=False), Unreached)
    inbox.close()
    assert count(running, "INBOX") == 2


def test_a_folder_that_is_missing_is_a_value(account):
    found = ImapInbox(replace(account, folder="Nowhere"), HELD, HEAD).next()
    assert isinstance(found, Unreached)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_connection_is_encrypted_and_the_certificate_checked(running, account, root, security):
    put(running, "x")
    port = running.imaps_port if security == "tls" else running.imap_port
    secure = replace(account, host="localhost", port=port, security=security, authorities=root[0])
    assert len(brought(ImapInbox(secure, HELD, HEAD))) == 1
    for wrong in (replace(secure, authorities=None), replace(secure, host="127.0.0.1")):
        found = ImapInbox(wrong, HELD, HEAD).next()
        assert isinstance(found, Unreached)
        assert "certificate" in found.reason.lower()


def test_a_password_shows_in_no_log(account):
    assert account.password not in repr(account)
    assert ssl.create_default_context().check_hostname

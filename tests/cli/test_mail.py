"""The real commands that bring mail and reports in."""

import json
import random
import smtplib
import sqlite3
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.answers_mail import letter
from tests.support.command import UNHIJACK, surroundings, unhijack
from tests.support.mailservers import dovecot

HOUSE = "notices@unhijack.example"


def listed(state: Path) -> list[dict[str, object]]:
    done = unhijack("mail", "list", "--json", "--most", "1000", state=state)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_pipe_takes_a_message_and_says_what_it_came_to(tmp_path: Path):
    done = unhijack("mail", "take", "--json", state=tmp_path, stdin=letter("Buy now", to=HOUSE))
    assert done.returncode == 0
    said = json.loads(done.stdout)
    assert (said["outcome"], said["case"], said["again"]) == ("unmatched", None, False)
    again = unhijack("mail", "take", "--json", state=tmp_path, stdin=letter("Buy now", to=HOUSE))
    assert json.loads(again.stdout)["again"] is True
    assert [one["outcome"] for one in listed(tmp_path)] == ["unmatched"]


def test_a_pipe_asks_the_mail_server_to_try_again_where_nothing_can_be_kept(tmp_path: Path):
    state = tmp_path / "state"
    state.mkdir()
    (state / "unhijack.sqlite3").write_bytes(b"no database at all" * 100)
    done = unhijack("mail", "take", state=state, stdin=letter("CLEAN"))
    assert done.returncode == 75


def test_a_pipe_of_50_mb_is_refused_with_its_reason(tmp_path: Path):
    raw = letter("x", to=HOUSE) + b"A" * 50 * 1024 * 1024
    done = unhijack("mail", "take", "--json", state=tmp_path, stdin=raw)
    said = json.loads(done.stdout)
    assert said["outcome"] == "refused"
    assert "larger than" in said["reason"]


def test_hostile_words_reach_no_terminal(tmp_path: Path):
    raw = b"From: \x1b]0;x\x07@y.test\nSubject: \x1b[2J\n\n\x1b[31m"
    done = unhijack("mail", "take", state=tmp_path, stdin=raw)
    listing = unhijack("mail", "list", state=tmp_path)
    assert b"\x1b" not in done.stdout + done.stderr + listing.stdout
    assert listing.stdout.count(b"\n") == 1


def test_a_message_is_read_by_its_digest_and_who_read_it_is_on_record(tmp_path: Path):
    taken = unhijack(
        "mail", "take", "--json", state=tmp_path, stdin=letter("Buy \x1b[2Jnow", to=HOUSE)
    )
    digest = json.loads(taken.stdout)["digest"]
    done = unhijack("mail", "show", digest[:12], state=tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"  Buy" in done.stdout
    assert b"\x1b" not in done.stdout
    with sqlite3.connect(tmp_path / "unhijack.sqlite3") as database:
        assert database.execute("SELECT what FROM looks").fetchall() == [(f"mail {digest}",)]
    missing = unhijack("mail", "show", "00000000", state=tmp_path)
    assert (missing.returncode, b"mail list" in missing.stderr) == (2, True)


def deliver(path: Path, message: bytes) -> bool:
    """Hand a message over as a mail server does: only a 250 ends its care for it."""
    with suppress(OSError, smtplib.SMTPException), smtplib.LMTP(str(path), timeout=5) as client:
        return client.sendmail("olga@shop.test", [HOUSE], message) == {}
    return False


@pytest.mark.timeout(120)
def test_a_server_that_is_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path):
    path = tmp_path / "lmtp"
    env = surroundings(UNHIJACK_STATE=str(tmp_path / "state"), UNHIJACK_LMTP_LISTEN=f"unix:{path}")
    waiting = [letter(f"message {n}", to=HOUSE) for n in range(60)]
    seed = random.Random(7)
    kills = 0
    while waiting:
        server = subprocess.Popen([UNHIJACK, "mail", "serve"], env=env, stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + (1.5 + seed.random() if kills < 6 else 60)
            while waiting and time.monotonic() < end:
                if deliver(path, waiting[0]):
                    waiting.pop(0)
                    time.sleep(0.05 if kills < 6 else 0)
                else:
                    time.sleep(0.02)
        finally:
            server.kill()
            server.wait()
            kills += 1
    assert kills > 3
    assert len(listed(tmp_path / "state")) == 60


def test_a_server_ends_when_it_is_asked_to(tmp_path: Path):
    path = tmp_path / "lmtp"
    env = surroundings(UNHIJACK_STATE=str(tmp_path / "state"), UNHIJACK_LMTP_LISTEN=f"unix:{path}")
    with subprocess.Popen(
        [UNHIJACK, "mail", "serve"], env=env, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stderr is not None
        assert server.stderr.readline() == f"taking mail at unix:{path}\n"
        assert deliver(path, letter("x", to=HOUSE))
        server.terminate()
        assert server.wait(10) == 0
    assert not path.exists()


def test_mail_is_taken_on_this_machine_alone(tmp_path: Path):
    env = {"UNHIJACK_LMTP_LISTEN": "0.0.0.0:2424"}
    done = unhijack("mail", "serve", state=tmp_path, env=env)
    assert done.returncode == 2
    assert b"loopback" in done.stderr


def test_a_mailbox_is_fetched_once_and_its_failure_is_told(tmp_path: Path):
    with dovecot({HOUSE: ""}) as server:
        env = {
            "UNHIJACK_IMAP_HOST": "127.0.0.1",
            "UNHIJACK_IMAP_PORT": str(server.imap_port),
            "UNHIJACK_IMAP_USER": HOUSE,
            "UNHIJACK_IMAP_PASSWORD": server.password,
            "UNHIJACK_IMAP_SECURITY": "none",
        }
        with smtplib.LMTP("127.0.0.1", server.lmtp_port, timeout=10) as client:
            client.sendmail("olga@shop.test", [HOUSE], letter("hello", to=HOUSE))
        done = unhijack("mail", "fetch", "--json", state=tmp_path, env=env)
        assert done.returncode == 0, done.stderr
        said = {"taken": {"unmatched": 1}, "again": 0, "failure": None}
        assert json.loads(done.stdout) == said
        done = unhijack("mail", "fetch", state=tmp_path, env=env)
        assert done.stdout == b"no mail\n"
        wrong = {**env, "UNHIJACK_IMAP_PASSWORD": "guess"}
        done = unhijack("mail", "fetch", state=tmp_path, env=wrong)
        assert done.returncode == 2
        assert b"password" in done.stderr
        assert b"guess" not in done.stderr


def test_no_password_is_sent_in_the_clear_to_another_machine(tmp_path: Path):
    env = {
        "UNHIJACK_IMAP_HOST": "mail.cert.test",
        "UNHIJACK_IMAP_USER": "x",
        "UNHIJACK_IMAP_SECURITY": "none",
    }
    done = unhijack("mail", "fetch", state=tmp_path, env=env)
    assert done.returncode == 2
    assert b"in the clear" in done.stderr


# Reports


def test_a_list_has_a_line_for_each_report_and_2_where_one_is_refused(tmp_path: Path):
    table = tmp_path / "list.csv"
    table.write_text("url;search\nhxxp://a[.]test/;shoes\n=HYPERLINK(1);x\nhttp://b.test/;\n")
    done = unhijack("report", "--file", str(table), "--json", state=tmp_path / "state")
    assert done.returncode == 2
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["place"], one["url"]) for one in said] == [
        (2, "http://a.test/"),
        (3, None),
        (4, "http://b.test/"),
    ]
    assert said[1]["error"]
    table.write_text("http://a.test/\n")
    done = unhijack("report", "--file", str(table), state=tmp_path / "state")
    assert done.returncode == 0
    assert b"hxxp://a[.]test/" in done.stdout


def test_whoever_has_a_receipt_learns_what_became_of_it(tmp_path: Path):
    done = unhijack("report", "http://a.test/", "--mail", "me@home.test", state=tmp_path)
    receipt = done.stdout.decode().strip()
    done = unhijack("report", "--status", receipt, "--json", state=tmp_path)
    assert json.loads(done.stdout)["status"] == "received"
    assert b"home.test" not in (tmp_path / "unhijack.sqlite3").read_bytes()
    assert unhijack("report", "--status", "R-X", state=tmp_path).returncode == 2


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["http://a.test/", "--status", "R-1"],
        ["--status", "R-1", "--mail", "a@b.test"],
        ["http://a.test/", "--mail", "no mailbox"],
        ["--file", "/etc/hostname"],
    ],
)
def test_wrong_use_is_one_line(tmp_path: Path, words):
    done = unhijack("report", *words, state=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1

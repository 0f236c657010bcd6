"""The mail sink: nothing is answered before it is on disk, and nothing is judged."""

import asyncio
import os
import smtplib
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from unhijack.lab import sink as sunk
from unhijack.lab.sink import MailSink, Moods, count, messages

MAIL = (
    "From: Desk <desk@cert.test>\r\nTo: info@bakery-lindner.test\r\n"
    "Subject: [unhijack a1] Your site\r\nMessage-ID: <{id}@cert.test>\r\n"
    "Date: Thu, 01 Jan 2026 09:00:00 +0000\r\n\r\nDear owner,\r\n.a line with a dot\r\n"
)
OWNER = "info@bakery-lindner.test"


def with_sink(folder: Path, story: Callable[[MailSink], None], moods: Moods | None = None) -> None:
    """Run a blocking story in a thread beside the sink."""

    async def run() -> None:
        async with MailSink(folder, moods=moods or Moods()) as sink:
            await asyncio.wait_for(asyncio.to_thread(story, sink), 20)

    asyncio.run(run())


def send(sink: MailSink, name: str = "1", to: str | list[str] = OWNER) -> None:
    with smtplib.SMTP("127.0.0.1", sink.port, local_hostname="cert.test", timeout=10) as client:
        client.sendmail("desk@cert.test", to, MAIL.format(id=name).encode())


def test_a_message_is_kept_as_it_came_under_its_envelope(tmp_path: Path):
    with_sink(tmp_path, lambda sink: send(sink, "1", [OWNER, "abuse@ferry-hosting.test"]))

    (kept,) = (tmp_path / "new").iterdir()
    envelope = (
        f"Return-Path: <desk@cert.test>\r\nDelivered-To: {OWNER}\r\n"
        "Delivered-To: abuse@ferry-hosting.test\r\n"
    )
    assert kept.read_bytes() == (envelope + MAIL.format(id="1")).encode()
    (message,) = messages(tmp_path)
    assert message["Message-ID"] == "<1@cert.test>"
    assert message.get_all("Delivered-To") == [OWNER, "abuse@ferry-hosting.test"]


def test_the_same_message_twice_is_two_messages(tmp_path: Path):
    def story(sink: MailSink) -> None:
        for name in ("1", "2", "1"):
            send(sink, name)

    with_sink(tmp_path, story)
    assert count(tmp_path) == {"<1@cert.test>": 2, "<2@cert.test>": 1}
    assert [m["Message-ID"][1] for m in messages(tmp_path)] == ["1", "2", "1"]


def test_a_new_sink_on_an_old_folder_goes_on_counting(tmp_path: Path):
    for name in ("1", "2", "1"):
        with_sink(tmp_path, lambda sink, name=name: send(sink, name))  # type: ignore[misc]  # mypy cannot infer a lambda with a default

    assert [m["Message-ID"][1] for m in messages(tmp_path)] == ["1", "2", "1"]
    assert count(tmp_path)["<1@cert.test>"] == 2


def test_the_answer_comes_after_file_and_directory_are_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    steps: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def noted_fsync(handle: int) -> None:
        fsync(handle)
        where = Path(f"/proc/self/fd/{handle}").readlink().relative_to(tmp_path)
        steps.append(f"sync {where.parts[0] if where.parts else '.'} {where.parts[1:] != ()}")

    def noted_rename(self: Path, target: Path) -> Path:
        steps.append(f"{self.parent.name} to {target.parent.name}")
        return rename(self, target)

    async def push(self: sunk._Session, answer: str) -> None:
        steps.append(f"answer {answer[:3]}")
        await original(self, answer)

    original = sunk._Session.push
    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "rename", noted_rename)
    monkeypatch.setattr(sunk._Session, "push", push)

    with_sink(tmp_path, send)
    data = steps.index("answer 354")
    assert steps[data:][:5] == [
        "answer 354",
        "sync tmp True",
        "tmp to new",
        "sync new False",
        "answer 250",
    ]


def test_what_cannot_be_stored_is_not_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    def story(sink: MailSink) -> None:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(smtplib.SMTPDataError) as caught:
            send(sink)
        monkeypatch.undo()
        assert caught.value.smtp_code == 452
        send(sink, "2")

    with_sink(tmp_path, story)
    assert count(tmp_path) == {"<2@cert.test>": 1}


def test_recipients_can_be_refused_or_put_off(tmp_path: Path):
    moods = Moods(reject=frozenset({OWNER}), defer=frozenset({"later@a.test"}))

    def story(sink: MailSink) -> None:
        for to, code in ((OWNER.upper(), 550), ("later@a.test", 451)):
            with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
                send(sink, "1", to)
            assert caught.value.recipients[to][0] == code
        send(sink, "2", [OWNER, "other@a.test"])
        sink.moods = Moods()
        send(sink, "3")

    with_sink(tmp_path, story, moods)
    assert count(tmp_path) == {"<2@cert.test>": 1, "<3@cert.test>": 1}
    assert messages(tmp_path)[0].get_all("Delivered-To") == ["other@a.test"]


def test_a_server_that_dies_in_its_answer_has_the_message_all_the_same(tmp_path: Path):
    def story(sink: MailSink) -> None:
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            send(sink)
        sink.moods = Moods()
        send(sink, "2")

    with_sink(tmp_path, story, Moods(die_in_answer=frozenset({OWNER})))
    assert count(tmp_path) == {"<1@cert.test>": 1, "<2@cert.test>": 1}


def test_what_was_half_written_is_no_message(tmp_path: Path):
    with_sink(tmp_path, send)
    (tmp_path / "tmp" / "00000002.deadbeef").write_bytes(b"Message-ID: <half@cert.test>\r\n")

    assert count(tmp_path) == {"<1@cert.test>": 1}
    with_sink(tmp_path, lambda sink: send(sink, "2"))
    assert len(messages(tmp_path)) == 2


def test_a_folder_without_mail_is_empty(tmp_path: Path):
    assert count(tmp_path / "none") == {}
    assert messages(tmp_path / "none") == []


def test_too_big_too_many_and_too_long_are_refused(tmp_path: Path):
    def story(sink: MailSink) -> None:
        with smtplib.SMTP("127.0.0.1", sink.port, local_hostname="c.test", timeout=10) as client:
            client.ehlo()
            client.mail("desk@cert.test")
            codes = [client.rcpt(f"r{n}@a.test")[0] for n in range(sunk.MOST_RECIPIENTS + 1)]
            assert codes == [250] * sunk.MOST_RECIPIENTS + [452]
            lines = b"x" * 900 + b"\r\n"
            assert client.data(lines * (sunk.MOST_BYTES // len(lines) + 1))[0] == 552
            client.mail("desk@cert.test")
            client.rcpt(OWNER)
            assert client.data(b"x" * 2_000)[0] == 500
        send(sink, "2")

    with_sink(tmp_path, story)
    assert count(tmp_path) == {"<2@cert.test>": 1}


def test_connections_over_the_limit_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sunk, "MOST_CONNECTIONS", 1)

    def story(sink: MailSink) -> None:
        with (
            smtplib.SMTP("127.0.0.1", sink.port, local_hostname="c.test", timeout=10),
            pytest.raises((smtplib.SMTPException, OSError)),
        ):
            send(sink)

    with_sink(tmp_path, story)


def test_the_sink_stays_on_loopback(tmp_path: Path):
    async def story() -> None:
        async with MailSink(tmp_path, address="0.0.0.0"):
            pass

    with pytest.raises(ValueError, match="loopback"):
        asyncio.run(story())


def test_a_hostile_envelope_adds_no_header(tmp_path: Path):
    sink = MailSink(tmp_path)
    for name in ("tmp", "new"):
        (tmp_path / name).mkdir()
    sink.store("a\r\nX-Evil: 1\r\n", ["b\nX-Evil: 2"], b"Subject: x\r\n\r\n")

    (message,) = messages(tmp_path)
    assert message.keys() == ["Return-Path", "Delivered-To", "Subject"]


KILLED = textwrap.dedent(
    """
    import asyncio, sys
    from pathlib import Path
    from unhijack.lab.sink import MailSink

    async def main():
        async with MailSink(Path(sys.argv[1])) as sink:
            print(sink.port, flush=True)
            await asyncio.sleep(60)

    asyncio.run(main())
    """
)


@pytest.mark.parametrize("sent", [1, 4, 9])
def test_whatever_was_acknowledged_survives_kill_9(tmp_path: Path, sent: int):
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        sink = MailSink(tmp_path, port=int(process.stdout.readline()))
        for number in range(sent):
            send(sink, str(number))
    finally:
        process.kill()
        process.communicate()
    assert count(tmp_path) == {f"<{number}@cert.test>": 1 for number in range(sent)}

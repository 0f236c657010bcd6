"""Wrong use and bad surroundings: one clear line on stderr, exit 2, nothing half-written."""

import ctypes
import fcntl
import os
import re
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.command import UNHIJACK, surroundings, unhijack, unwatched
from unhijack.cli import main

URL = "http://bakery-lindner.test/"
ESCAPE = "\x1b]0;pwned\x07\x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}"
NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def refused(done: "subprocess.CompletedProcess[bytes]", *words: str) -> str:
    """The one line, which says all of `words`."""
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert re.fullmatch(r"unhijack: [^\n]+\n", said), said
    assert not re.search(r"Traceback|\(sqlite3|sqlalche|errno", said, re.IGNORECASE), said
    assert said[:-1].isprintable(), ascii(said)
    assert done.stdout == b""
    for word in words:
        assert word.lower() in said.lower(), said
    return said


# What was typed


Called = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Called:
    """The front door in this process: fifty processes would take a minute to say the same."""

    def call(*words: str, state: Path, **more: str) -> "subprocess.CompletedProcess[bytes]":
        for name in [name for name in os.environ if name.startswith("UNHIJACK_")]:
            monkeypatch.delenv(name)
        for name, value in {"UNHIJACK_STATE": str(state), **more}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["unhijack", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return subprocess.CompletedProcess(words, code, out.encode(), err.encode())

    return call


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check"], ["no address given"]),
        (["check", "http://"], ["'http://' is not an address to check"]),
        (["check", ""], ["is not an address to check"]),
        (["check", "ftp://a.test/"], ["scheme 'ftp' is not http or https"]),
        (["check", "javascript://a/%0aalert(1)"], ["not http or https"]),
        (["check", "http://a.test:99999/"], ["does not parse"]),
        (["check", "http://[::1/"], ["does not parse"]),
        (["check", "a b"], ["does not parse"]),
        (["check", "http://a.test/" + "x" * 9000], ["longer than 8192 characters"]),
        (["check", URL, f"x{ESCAPE}x y"], ["is not an address"]),
        (["check", URL, "--no-such-option"], ["no such option"]),
        (["check", URL, f"--{ESCAPE}"], ["no such option"]),
        (["check", URL, "--profile", "x"], ["'x' is not one of"]),
        (["check", URL, "--tier", "quantum"], ["'quantum' is not"]),
        (["check", URL, "--allow-net", "10.0.0.0/99"], ["allow_net", "10.0.0.0/99"]),
        (["check", URL, "--allow-net", "10.0.0.1/8"], ["allow_net", "host bits"]),
        (["check", URL, "--allow-net", f"nonsense{ESCAPE}"], ["allow_net"]),
        (["check", "--file", "/no/such/list"], ["list /no/such/list", "No such file"]),
        (["check", "--file", "/"], ["list /", "directory"]),
        (["check", URL, "--hosts", "/no/such/hosts"], ["hosts file", "No such file"]),
        (["report", "a b"], ["not an address"]),
        (["report"], ["name one thing", "--file LIST"]),
        (
            ["report", URL, "--pathway", "teleport:x"],
            ["pathway step 'teleport:x'", "must be one of"],
        ),
        (["report", URL, "--pathway", "search:"], ["must be one of"]),
        (["report", URL, "--pathway", "click:a b"], ["pathway step", "does not parse"]),
        (["report", URL, "--pathway", f"{ESCAPE}"], ["pathway step"]),
        (["report", URL, *["--pathway", "search:x"] * 11], ["at most 10 steps, not 11"]),
        (["cases", "show", "999"], ["there is no case 999"]),
        (["cases", "show", "-1"], ["no such option"]),
        (["cases", "show", "many"], ["not a valid integer"]),
        (["cases", "show", "9" * 30], ["there is no case"]),
        (["cases", "approve", "999"], ["there is no case 999"]),
        (["cases", "claimed", "999"], ["there is no case 999"]),
        (["unseal", "/no/such/file", "--reason", "x"], ["/no/such/file", "No such file"]),
        (["unseal", __file__, "--reason", "x"], ["changed, or sealed under another key"]),
        (["unseal", __file__], ["missing option '--reason'"]),
        (["demo", "--sites", "3"], ["--sites"]),
        (["demo", "--sites", "5", "--hijacked", "6"], ["6 hijacked sites do not fit"]),
        (["demo", "--keep", __file__], ["is a file"]),
        (["demo", "--keep", "/proc/nowhere"], ["/proc/nowhere"]),
        (["juggle"], ["no such command 'juggle'"]),
    ],
    ids=lambda value: re.sub(r"[^\w-]+", "_", " ".join(value))[:50],
)
def test_wrong_words(called: Called, state: Path, words: list[str], said: list[str]):
    refused(called(*words, state=state), *said)
    assert not list(state.rglob("*.warc*"))
    if "report" in words:
        assert reports(state) in (None, 0)


@pytest.mark.parametrize("words", [["check", f"x{ESCAPE}x y"], ["cases", "show", "999"]])
def test_wrong_words_to_the_real_command(state: Path, words: list[str]):
    refused(unhijack(*words, state=state))


def reports(state: Path) -> int | None:
    """How many reports are in the database; None where there is none."""
    path = state / "unhijack.sqlite3"
    if not path.exists():
        return None
    with sqlite3.connect(path) as connection:
        return int(connection.execute("SELECT count(*) FROM reports").fetchone()[0])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"127.0.0.1 a.test\n127.0.0.1 b.test\nnonsense here\n", ["line 3"]),
        (b"127.0.0.1 a.test\n300.0.0.1 b.test\n", ["line 2"]),
        (b"127.0.0.1 a.test\n\x1b[31m b.test\n", ["line 2"]),
        (b"127.0.0.1\n", ["line 1"]),
        (bytes(range(128, 256)), ["is no text"]),
    ],
)
def test_nonsense_in_a_hosts_file_is_named_by_its_line(
    called: Called, tmp_path: Path, state: Path, content: bytes, said: list[str]
):
    hosts = tmp_path / "hosts"
    hosts.write_bytes(content)
    refused(called("check", URL, "--hosts", str(hosts), state=state), str(hosts), *said)


def test_a_list_that_is_no_text_is_not_half_visited(tmp_path: Path, state: Path):
    listed = tmp_path / "list"
    listed.write_bytes(b"http://127.0.0.1:1/\n\xff\xfe\x00binary")
    refused(unhijack("check", "--json", "--file", str(listed), state=state), "is no text")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_PORT", "twenty-five"),
        ("SMTP_PORT", "0"),
        ("SMTP_PORT", ESCAPE),
        ("SMTP_STARTTLS", "perhaps"),
        ("APPROVAL", "maybe"),
        ("ALLOW_NET", "10.0.0.0/8,nonsense"),
        ("SENDER", "nobody"),
        ("SENDER", "a@b.test\r\nBcc: evil@a.test"),
        ("ORGANISATION", "CERT\nBcc: evil@a.test"),
        ("DIRECTORY", "/no/such/directory.json"),
        ("CA_FILE", "/no/such/ca.pem"),
        ("CA_FILE", __file__),
        ("HOSTS", "/no/such/hosts"),
        ("STATE", __file__),
        ("STATE", "/proc/nowhere"),
        ("STATE", "/dev/null/nowhere"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(called: Called, state: Path, name: str, value: str):
    said = refused(called("worker", "--once", state=state, **{f"UNHIJACK_{name}": value}))
    wanted = {"CA_FILE": "CA file", "DIRECTORY": "directory", "HOSTS": "hosts file"}
    assert wanted.get(name, name.lower()).lower() in said.lower()


def test_an_empty_setting_is_an_unset_one(state: Path, tmp_path: Path):
    env = {"UNHIJACK_STATE": str(state), "UNHIJACK_SMTP_HOST": "", "UNHIJACK_HOSTS": ""}
    assert unhijack("cases", env=env).returncode == 0
    env = {"UNHIJACK_STATE": "", "XDG_DATA_HOME": str(tmp_path / "data")}
    assert unhijack("cases", env=env).returncode == 0
    assert (tmp_path / "data" / "unhijack" / "unhijack.sqlite3").exists()


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b'{"a.test": 7}', b'{"a.test": [{"role": "x"}]}', b"\xff", b"[" * 100_000],
)
def test_a_directory_of_contacts_that_makes_no_sense_is_named(
    called: Called, tmp_path: Path, state: Path, content: bytes
):
    path = tmp_path / "contacts.json"
    path.write_bytes(content)
    done = called("worker", "--once", state=state, UNHIJACK_DIRECTORY=str(path))
    refused(done, f"directory {path}")


# What it runs in

COMMANDS = [["report", URL], ["worker", "--once"], ["cases"], ["cases", "claimed", "1"]]


def ids(words: list[str]) -> str:
    return "-".join(words[:2]).replace("http://bakery-lindner.test/", "URL")


def nowhere(folder: Path) -> dict[str, str]:
    """Names lead where the guard lets nobody go: nothing is asked of the network."""
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 bakery-lindner.test\n")
    return {"UNHIJACK_HOSTS": str(hosts)}


@pytest.fixture
def lived_in(state: Path) -> Path:
    """A state folder with a database and a report in it."""
    assert unhijack("report", URL, state=state).returncode == 0
    return state


@pytest.mark.parametrize("words", COMMANDS, ids=ids)
def test_a_database_of_a_newer_version(lived_in: Path, words: list[str]):
    with sqlite3.connect(lived_in / "unhijack.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    refused(unhijack(*words, state=lived_in), "was written by a newer unhijack", "update")
    assert reports(lived_in) == 1


@pytest.mark.parametrize("words", COMMANDS, ids=ids)
def test_a_file_that_is_no_database(state: Path, words: list[str]):
    state.mkdir()
    (state / "unhijack.sqlite3").write_bytes(b"my diary\n" * 500)
    refused(unhijack(*words, state=state), "it is no unhijack database")
    assert (state / "unhijack.sqlite3").read_bytes() == b"my diary\n" * 500


def humbled() -> list[str]:
    """What takes root's power over other people's files away."""
    return [] if os.geteuid() else ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"]


@pytest.mark.parametrize("words", COMMANDS, ids=ids)
def test_a_folder_that_may_not_be_written(tmp_path: Path, words: list[str]):
    tmp_path.chmod(0o500)
    try:
        refused(unhijack(*words, state=tmp_path / "state", under=humbled()), "Permission denied")
    finally:
        tmp_path.chmod(0o700)
    folder = tmp_path / "own"
    folder.mkdir(mode=0o500)
    refused(unhijack(*words, state=folder, under=humbled()), "cannot be opened")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("words", COMMANDS[:2], ids=ids)
def test_a_database_that_may_not_be_written(lived_in: Path, words: list[str]):
    (lived_in / "unhijack.sqlite3").chmod(0o400)
    refused(unhijack(*words, state=lived_in, under=humbled()), "may not be written")
    assert reports(lived_in) == 1


def test_evidence_that_may_not_be_written(tmp_path: Path, state: Path):
    folder = tmp_path / "evidence"
    folder.mkdir(mode=0o500)
    words = [
        "check",
        "http://127.0.0.1:1/",
        "--allow-net",
        "127.0.0.0/8",
        "--evidence",
        str(folder),
    ]
    done = unhijack(*words, state=state, under=humbled())
    line = done.stderr.decode().splitlines()[-1]
    assert done.returncode == 2
    assert re.fullmatch(r"unhijack: .*/evidence/.* cannot be written: Permission denied", line)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("words", [["report", URL], ["worker", "--once"]], ids=ids)
def test_keys_that_are_damaged(lived_in: Path, words: list[str]):
    env = {"UNHIJACK_STATE": str(lived_in)}
    (lived_in / "keys").mkdir(exist_ok=True)
    (lived_in / "keys" / "hash.key").write_bytes(b"short")
    (lived_in / "keys" / "seal.key").write_bytes(b"short")
    done = unhijack(*words, env=env)
    if words[0] == "report":
        assert done.returncode == 0  # a report needs no key
    else:
        refused(done, "is damaged: restore it from a backup")


def test_two_workers(lived_in: Path):
    with (lived_in / "worker.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused(
            unhijack("worker", "--once", state=lived_in), "another worker is at work", "stop it"
        )


# A full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with 600 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    options = b"size=600k,mode=0700"
    if libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, options):
        pytest.skip(f"no disk can be mounted here: {os.strerror(ctypes.get_errno())}")
    yield folder
    assert libc.umount2(str(folder).encode(), 2) == 0


def fill(folder: Path, leave: int) -> Path:
    """Take all room but `leave` KiB."""
    ballast = folder / "ballast"
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_bsize // 1024
    ballast.write_bytes(b"x" * 1024 * max(0, free - leave))
    return ballast


@NEEDS_ROOT
@pytest.mark.parametrize("leave", [0, 8, 40, 100])
def test_a_full_disk_where_there_is_no_database_yet(small_disk: Path, leave: int):
    ballast = fill(small_disk, leave)
    said = refused(unhijack("report", URL, state=small_disk / "state"))
    assert re.search(r"disk is full|No space left|look at the disk", said), said
    ballast.unlink()
    assert unhijack("report", URL, state=small_disk / "state").returncode == 0
    assert reports(small_disk / "state") == 1


@NEEDS_ROOT
def test_a_disk_that_fills_up_loses_nothing_that_has_a_receipt(small_disk: Path, tmp_path: Path):
    state = small_disk / "state"
    assert unhijack("report", URL, state=state).returncode == 0
    env = nowhere(tmp_path)
    ballast = fill(small_disk, 0)
    for words in (["report", URL], ["worker", "--once"]):
        said = refused(unhijack(*words, state=state, env=env))
        assert re.search(r"disk is full|No space left|look at the disk", said), said
    ballast.unlink()
    assert reports(state) == 1
    assert unhijack("report", URL, state=state).returncode == 0
    assert reports(state) == 2


@NEEDS_ROOT
def test_evidence_on_a_full_disk(small_disk: Path, state: Path):
    fill(small_disk, 0)
    words = ["check", "http://127.0.0.1:1/", "--allow-net", "127.0.0.0/8"]
    done = unhijack(*words, "--evidence", str(small_disk / "e"), state=state)
    assert done.returncode == 2
    assert b"No space left on device" in done.stderr.splitlines()[-1]
    assert b"Traceback" not in done.stderr
    assert not list(small_disk.rglob("*warc*"))


def test_a_file_that_may_grow_no_more(lived_in: Path):
    """Where no disk can be mounted, a limit on the size of files stands for a full one."""
    size = (lived_in / "unhijack.sqlite3").stat().st_size
    done = subprocess.run(
        [UNHIJACK, "report", URL],
        env=unwatched(surroundings(UNHIJACK_STATE=str(lived_in))),
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )
    said = refused(done)
    assert "look at the disk" in said or "full" in said
    assert (lived_in / "unhijack.sqlite3").stat().st_size == size
    assert reports(lived_in) == 1


# Where the answer goes, and who asks


@pytest.mark.parametrize(
    "words",
    [
        *(["cases"], ["cases", "show", "1"], ["cases", "--json"], ["--help"], ["report", URL]),
        *(["check", "http://127.0.0.1/", "http://[::1]/", *more] for more in ([], ["--json"])),
    ],
)
def test_output_that_cannot_be_written(lived_in: Path, words: list[str]):
    assert unhijack("worker", "--once", state=lived_in, env=nowhere(lived_in)).returncode == 0
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [UNHIJACK, *words],
            env=surroundings(UNHIJACK_STATE=str(lived_in)),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == b"unhijack: output cannot be written: No space left on device\n"


def test_a_reader_who_goes_away(lived_in: Path):
    process = subprocess.Popen(
        [UNHIJACK, "--help"],
        env=surroundings(UNHIJACK_STATE=str(lived_in)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait() != 0
    assert b"Traceback" not in said


@pytest.mark.parametrize("uid", [os.geteuid(), 54321])
def test_without_a_home_it_says_so_or_finds_its_place(tmp_path: Path, uid: int):
    if uid != os.geteuid() and os.geteuid():
        pytest.skip("only root can become somebody whom nobody knows")
    under = ["env", "-u", "HOME", "-u", "XDG_DATA_HOME"]
    if uid != os.geteuid():
        under += ["setpriv", "--reuid", str(uid), "--clear-groups"]
        if subprocess.run(
            [*under, UNHIJACK, "--version"], capture_output=True, check=False
        ).returncode:
            pytest.skip("this environment cannot be read by others")
        refused(unhijack("cases", under=under), "UNHIJACK_STATE")
        return
    done = unhijack("cases", under=under, state=tmp_path / "state")
    assert (done.returncode, done.stdout) == (0, b"no cases yet\n")


def test_eight_who_report_at_once_get_a_receipt_each(state: Path):
    env = surroundings(UNHIJACK_STATE=str(state))
    words = [UNHIJACK, "report", URL]
    at_once = [
        subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(8)
    ]
    said = [process.communicate() for process in at_once]
    assert {process.returncode for process in at_once} == {0}, said
    receipts = {out.decode().strip() for out, _ in said}
    assert len(receipts) == 8
    with sqlite3.connect(state / "unhijack.sqlite3") as connection:
        assert {row[0] for row in connection.execute("SELECT receipt FROM reports")} == receipts

"""The embedded store: on the disk when it says so, one worker, nothing in clear, nothing left."""

import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.store.test_sql import (
    OWNER,
    a_report,
    assigned,
    kinds,
    queue,
    rows,
    step,
    taken,
)
from tests.support.house import DAWN, HOUR, open_store
from unhijack.adapters.store.sql import SqlStore
from unhijack.core.case import Kind, Move
from unhijack.core.errors import WrongUse
from unhijack.core.journal import first_broken
from unhijack.ports import Fate, Posted


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def on_disk(folder: Path) -> bytes:
    files = [*folder.glob("unhijack.sqlite3*")]
    assert files
    return b"".join(path.read_bytes() for path in files)


ACKNOWLEDGE_AND_DIE = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from tests.adapters.store.test_sql import a_report
    from tests.support.house import open_store

    store = open_store(Path(sys.argv[1]))
    os.write(1, store.acknowledge(a_report(), "one").encode())
    os.kill(os.getpid(), signal.SIGKILL)
    """
)


def test_an_acknowledged_report_survives_kill_9(tmp_path: Path):
    died = subprocess.run(
        [sys.executable, "-c", ACKNOWLEDGE_AND_DIE, str(tmp_path)], capture_output=True, check=False
    )
    assert died.returncode == -9, died.stderr.decode()
    store = open_store(tmp_path)
    assert [received.receipt for received in store.waiting(100, 100)] == [died.stdout.decode()]
    store.close()


def test_the_disk_is_asked_to_sync_at_every_commit(store: SqlStore):
    with store._place.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_many_at_once_get_a_receipt_each_and_none_is_lost(tmp_path: Path):
    receipts: list[str] = []

    def one(number: int) -> None:
        store = open_store(tmp_path)
        receipts.append(store.acknowledge(a_report(), f"report {number}"))
        store.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = open_store(tmp_path)
    assert len(set(receipts)) == 20
    assert {received.receipt for received in store.waiting(100, 100)} == set(receipts)
    store.close()


def test_a_worker_that_died_leaves_its_notice_uncertain_and_its_leases_void(tmp_path: Path):
    died = open_store(tmp_path)
    assert died.become_worker(DAWN) == 0
    number = assigned(died)
    queue(died, number)
    assert died.take_bundle(DAWN)
    step(died, number, Move(Kind.CLAIMED, {"who": "owner"}, DAWN))
    stale = died.lease(number)
    died.close()

    heir = open_store(tmp_path)
    assert heir.become_worker(DAWN + HOUR) == 1
    assert kinds(heir)[-1] is Kind.UNCERTAIN
    assert heir.take_bundle(DAWN + 1000 * HOUR) is None
    assert not heir.commit(stale, Move(Kind.CLOSED, {"why": "x"}, None), DAWN)
    assert heir.due(DAWN) is not None
    heir.close()
    third = open_store(tmp_path)
    assert third.become_worker(DAWN) == 0
    third.close()


def test_there_is_one_worker_a_folder(tmp_path: Path):
    first, second = open_store(tmp_path), open_store(tmp_path)
    first.become_worker(DAWN)
    for _ in range(3):
        with pytest.raises(WrongUse, match=r"another worker is at work in .*: stop it first"):
            second.become_worker(DAWN)
    first.close()
    assert second.become_worker(DAWN) == 0
    second.close()


def test_a_worker_that_may_not_mark_the_folder_says_so(tmp_path: Path):
    store = open_store(tmp_path)
    (tmp_path / "worker.lock").mkdir()
    with pytest.raises(WrongUse, match=r"worker\.lock cannot be opened"):
        store.become_worker(DAWN)
    store.close()


def test_no_mail_address_and_no_notice_stands_in_the_database_in_clear(
    store: SqlStore, tmp_path: Path
):
    queue(store, assigned(store), text=b"Dear owner of the bakery")
    store.settle(taken(store), Posted(Fate.ACCEPTED, "250 Ok"), DAWN)

    assert (tmp_path / "unhijack.sqlite3-wal").stat().st_size > 0
    for content in (OWNER.encode(), OWNER.partition("@")[0].encode() + b"@", b"Dear owner"):
        assert content not in on_disk(tmp_path)


def test_erasure_leaves_nothing_that_could_be_read_and_the_journal_whole(
    store: SqlStore, tmp_path: Path
):
    number = assigned(store)
    person = queue(store, number)
    ((key,),) = rows(store, "SELECT key FROM persons")
    before = store.journal(number)
    assert key in on_disk(tmp_path)
    store.erase(person)

    assert key not in on_disk(tmp_path)
    for gone in (lambda: store.mailbox(person), lambda: store.seal_for(person, b"x")):
        with pytest.raises(WrongUse, match="were erased"):
            gone()
    assert store.journal(number) == before
    assert first_broken(number, store.journal(number)) is None

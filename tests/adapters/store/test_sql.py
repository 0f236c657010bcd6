"""The store: what it returned from is on the disk, together or not at all, and once."""

import json
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support.house import DAWN, HOUR, open_store
from unhijack.adapters.store import sql
from unhijack.adapters.store.outgoing import MOST_POSTINGS, POSTING_PAUSE
from unhijack.adapters.store.sql import SqlStore
from unhijack.core.case import Event, Kind, Move, State, first_broken, fold
from unhijack.core.data import Data, Json
from unhijack.core.errors import WrongUse
from unhijack.core.notice import Notice
from unhijack.core.report import Report, Step, StepKind
from unhijack.ports import Fate, Lease, Outgoing, Posted, Received

URL = "http://bakery-lindner.test/"
SITE = "bakery-lindner.test"
OWNER = "info@bakery-lindner.test"
HIJACKED: Data = {"verdict": "hijacked", "redirected": ["search-phone"], "purpose": "verification"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def a_report(url: str = URL) -> Report:
    return Report(url, (Step(StepKind.SEARCH, "bakery opening hours"),), DAWN, "citizen")


def assigned(store: SqlStore, site: str = SITE, key: str = "first") -> int:
    """Take one report and give it a case, which is due at once."""
    store.acknowledge(a_report(), key)
    (received,) = store.unassigned()
    return store.assign(received, site, opening(received))


def opening(received: Received, kind: Kind = Kind.OPENED) -> Move:
    said = received.report
    data: Data = {
        "receipt": received.receipt,
        "url": said.url,
        "pathway": [],
        "source": said.source,
    }
    return Move(kind, data, DAWN if kind is Kind.OPENED else None)


def step(store: SqlStore, number: int, move: Move) -> bool:
    return store.commit(store.lease(number), move, DAWN)


def queue(store: SqlStore, number: int, key: str = "notice-1-1", text: bytes = b"Hello") -> str:
    """A case whose notice waits in the outbox; the recipient."""
    person = store.person(OWNER)
    step(store, number, Move(Kind.EXAMINED, HIJACKED, DAWN))
    contact: Json = {"role": "owner", "person": person, "source": "test", "confidence": 1.0}
    step(store, number, Move(Kind.ATTRIBUTED, {"contacts": [contact]}, DAWN))
    notice = Notice(key, f"<{key}@cert.test>", person, store.seal_for(person, text))
    data = {"notice": key, "message_id": notice.message_id, "person": person, "role": "owner"}
    assert step(store, number, Move(Kind.QUEUED, data, None, notice))
    return person


def state(store: SqlStore, number: int = 1) -> State:
    return fold(number, (event for event, _ in store.journal(number))).state


def kinds(store: SqlStore, number: int = 1) -> list[Kind]:
    return [event.kind for event, _ in store.journal(number)]


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "unhijack.sqlite3") as connection:
        return connection.execute(query).fetchall()


# Reports


def test_a_receipt_is_for_a_report_that_is_there(store: SqlStore, tmp_path: Path):
    receipt = store.acknowledge(a_report(), "one")
    assert store.unassigned() == [Received(receipt, a_report())]
    again = open_store(tmp_path)
    assert again.unassigned() == [Received(receipt, a_report())]
    again.close()


def test_the_same_report_twice_has_one_receipt(store: SqlStore):
    first = store.acknowledge(a_report(), "one")
    assert store.acknowledge(a_report("http://another.test/"), "one") == first
    assert store.acknowledge(a_report(), "two") != first
    assert len(store.unassigned()) == 2


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
    assert [received.receipt for received in store.unassigned()] == [died.stdout.decode()]
    store.close()


def test_the_disk_is_asked_to_sync_at_every_commit(store: SqlStore):
    with store._engine.connect() as connection:
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
    assert {received.receipt for received in store.unassigned()} == set(receipts)
    store.close()


# Cases


def test_one_site_has_one_open_case_and_others_join_it(store: SqlStore):
    number = assigned(store)
    assert store.open_for(SITE) == number
    store.acknowledge(a_report(URL + "hours"), "second")
    (received,) = store.unassigned()
    assert store.assign(received, SITE, opening(received, Kind.JOINED)) == number
    assert kinds(store, number) == [Kind.OPENED, Kind.JOINED]
    assert store.unassigned() == []
    assert assigned(store, "another.test", "third") == number + 1
    assert list(store.numbers()) == [number, number + 1]


def test_a_site_whose_case_is_over_gets_a_new_one(store: SqlStore):
    number = assigned(store)
    step(store, number, Move(Kind.EXAMINED, {**HIJACKED, "verdict": "clean"}, None))
    assert state(store, number) is State.NOT_HIJACKED
    assert store.open_for(SITE) is None
    assert assigned(store, key="second") == number + 1


def test_a_case_keeps_its_due_time_when_another_report_joins(store: SqlStore):
    number = assigned(store)
    step(store, number, Move(Kind.EXAMINED, HIJACKED, DAWN + HOUR))
    store.acknowledge(a_report(), "second")
    (received,) = store.unassigned()
    store.assign(received, SITE, opening(received, Kind.JOINED))
    assert store.next_due() == DAWN + HOUR


def test_what_is_due_comes_first_come_first_served_and_to_one_alone(store: SqlStore):
    first, second = assigned(store), assigned(store, "another.test", "second")
    step(store, first, Move(Kind.EXAMINED, HIJACKED, DAWN + 2 * HOUR))
    step(store, second, Move(Kind.EXAMINED, HIJACKED, DAWN + HOUR))

    assert store.due(DAWN) is None
    lease = store.due(DAWN + 3 * HOUR)
    assert lease
    assert lease.number == second
    later = store.due(DAWN + 3 * HOUR)
    assert later
    assert later.number == first
    assert store.due(DAWN + 3 * HOUR) is None


def test_a_case_that_is_being_worked_on_is_not_leased_again(store: SqlStore):
    number = assigned(store)
    store.lease(number)
    with pytest.raises(WrongUse, match=f"case {number} is being worked on"):
        store.lease(number)
    with pytest.raises(WrongUse, match="there is no case 99"):
        store.lease(99)


@pytest.mark.parametrize("stale", ["token", "step"])
def test_a_stale_lease_does_nothing(store: SqlStore, tmp_path: Path, stale: str):
    number = assigned(store)
    lease = store.lease(number)
    person = store.person(OWNER)
    notice = Notice("n", "<n@cert.test>", person, store.seal_for(person, b"Hello"))
    before = store.journal(number)
    wrong = (
        Lease(number, lease.step, "0" * 32)
        if stale == "token"
        else replace(lease, step=lease.step - 1)
    )

    assert not store.commit(wrong, Move(Kind.EXAMINED, HIJACKED, None, notice), DAWN)
    assert store.journal(number) == before
    assert store.take_notice(DAWN) is None
    assert store.next_due() == DAWN
    assert store.commit(lease, Move(Kind.EXAMINED, HIJACKED, DAWN), DAWN)


def test_a_lease_is_good_for_one_step(store: SqlStore):
    number = assigned(store)
    lease = store.lease(number)
    assert store.commit(lease, Move(Kind.EXAMINED, HIJACKED, DAWN), DAWN)
    assert not store.commit(lease, Move(Kind.EXAMINED, HIJACKED, DAWN), DAWN)
    assert kinds(store) == [Kind.OPENED, Kind.EXAMINED]


def test_a_lease_that_ran_out_is_given_to_another_and_fences_the_first(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
):
    number = assigned(store)
    monkeypatch.setattr(sql, "LEASE_SECONDS", -1.0)
    slow = store.lease(number)
    monkeypatch.undo()
    quick = store.due(DAWN)
    assert quick

    assert not store.commit(slow, Move(Kind.EXAMINED, HIJACKED, None), DAWN)
    store.wait(slow)
    assert store.commit(quick, Move(Kind.EXAMINED, HIJACKED, None), DAWN)


def test_waiting_gives_the_case_back_until_somebody_moves_it(store: SqlStore):
    number = assigned(store)
    store.wait(store.lease(number))
    assert store.due(DAWN + 1000 * HOUR) is None
    assert store.next_due() is None
    store.lease(number)


# Together or not at all


@contextmanager
def breaking(store: SqlStore, statement: str, error: Exception) -> Iterator[None]:
    """The statement that begins like this is not carried out."""

    def refuse(_connection: object, _cursor: object, text: str, *_: object) -> None:
        if text.startswith(statement):
            raise error

    sa.event.listen(store._engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        sa.event.remove(store._engine, "before_cursor_execute", refuse)


def everything(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    tables = ("reports", "cases", "case_events", "outbox", "persons", "looks")
    return {table: rows(folder, f"SELECT * FROM {table}") for table in tables}  # noqa: S608 - names of our own


@pytest.mark.parametrize("error", [RuntimeError("power"), sqlite3.OperationalError("disk I/O")])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases SET next",
        "INSERT INTO case_events",
        "UPDATE cases SET state",
        "INSERT INTO outbox",
    ],
)
def test_event_case_and_notice_are_written_together_or_not_at_all(
    store: SqlStore, tmp_path: Path, statement: str, error: Exception
):
    number = assigned(store)
    person = store.person(OWNER)
    notice = Notice("n", "<n@cert.test>", person, store.seal_for(person, b"Hello"))
    lease = store.lease(number)
    move = Move(Kind.QUEUED, {"notice": "n"}, None, notice)
    before = everything(tmp_path)

    with breaking(store, statement, error), pytest.raises((RuntimeError, sa.exc.DBAPIError)):
        store.commit(lease, move, DAWN)
    assert everything(tmp_path) == before
    assert store.commit(lease, move, DAWN)


@pytest.mark.parametrize(
    "statement", ["INSERT INTO cases", "INSERT INTO case_events", "UPDATE cases", "UPDATE reports"]
)
def test_a_report_gets_its_case_together_with_the_event_or_not_at_all(
    store: SqlStore, tmp_path: Path, statement: str
):
    store.acknowledge(a_report(), "one")
    (received,) = store.unassigned()
    before = everything(tmp_path)
    with breaking(store, statement, RuntimeError("power")), pytest.raises(RuntimeError):
        store.assign(received, SITE, opening(received))
    assert everything(tmp_path) == before


@pytest.mark.parametrize("statement", ["UPDATE outbox", "INSERT INTO case_events", "UPDATE cases"])
def test_what_became_of_a_notice_is_recorded_together_with_the_event(
    store: SqlStore, tmp_path: Path, statement: str
):
    queue(store, assigned(store))
    outgoing = store.take_notice(DAWN)
    assert outgoing
    before = everything(tmp_path)
    with breaking(store, statement, RuntimeError("power")), pytest.raises(RuntimeError):
        store.settle(outgoing, Posted(Fate.ACCEPTED, "250 Ok"), DAWN)
    assert everything(tmp_path) == before


# The outbox


def test_a_notice_is_taken_once_as_it_was_frozen(store: SqlStore, tmp_path: Path):
    queue(store, assigned(store), text=b"Hello, owner")
    outgoing = store.take_notice(DAWN)
    assert outgoing
    assert (outgoing.letter.recipient, outgoing.letter.message) == (OWNER, b"Hello, owner")
    assert (outgoing.key, outgoing.number, outgoing.attempts) == ("notice-1-1", 1, 1)
    assert store.take_notice(DAWN + 1000 * HOUR) is None
    assert rows(tmp_path, "SELECT state FROM outbox") == [("leaving",)]


def test_a_notice_with_a_known_key_is_not_queued_again(store: SqlStore):
    number = assigned(store)
    person = queue(store, number)
    notice = Notice("notice-1-1", "<other@cert.test>", person, store.seal_for(person, b"again"))
    lease = store.lease(number)
    before = store.journal(number)
    with pytest.raises(sa.exc.IntegrityError):
        store.commit(lease, Move(Kind.QUEUED, {}, None, notice), DAWN)
    assert store.journal(number) == before


@pytest.mark.parametrize(
    ("fate", "row", "state_after", "kind"),
    [
        (Fate.ACCEPTED, "sent", State.DELIVERED, Kind.DELIVERED),
        (Fate.REFUSED, "failed", State.BOUNCED, Kind.BOUNCED),
        (Fate.UNCERTAIN, "uncertain", State.NOTIFIED, Kind.UNCERTAIN),
    ],
)
def test_the_fate_of_a_notice_is_an_event_of_its_case(
    store: SqlStore, tmp_path: Path, fate: Fate, row: str, state_after: State, kind: Kind
):
    queue(store, assigned(store))
    outgoing = store.take_notice(DAWN)
    assert outgoing
    store.settle(outgoing, Posted(fate, "the server's words"), DAWN + HOUR)

    event, _ = store.journal(1)[-1]
    assert event == Event(
        5,
        kind,
        DAWN + HOUR,
        {
            "notice": "notice-1-1",
            "message_id": "<notice-1-1@cert.test>",
            "text": "the server's words",
        },
    )
    assert state(store) is state_after
    assert rows(tmp_path, "SELECT state, next_at FROM outbox") == [(row, None)]
    assert store.take_notice(DAWN + 1000 * HOUR) is None


def test_what_certainly_did_not_leave_is_tried_again_with_growing_pauses_and_not_for_ever(
    store: SqlStore,
):
    queue(store, assigned(store))
    now, pauses = DAWN, []
    for _ in range(MOST_POSTINGS):
        outgoing = store.take_notice(now)
        assert outgoing
        store.settle(outgoing, Posted(Fate.LATER, "451 busy"), now)
        due = store.next_due()
        if due is None:
            break
        pauses.append(due - now)
        assert store.take_notice(due - timedelta(seconds=1)) is None
        now = due

    assert pauses == [POSTING_PAUSE * 2**n for n in range(MOST_POSTINGS - 1)]
    assert kinds(store)[-1] is Kind.BOUNCED
    assert state(store) is State.BOUNCED


def test_a_worker_that_died_leaves_its_notice_uncertain_and_its_leases_void(tmp_path: Path):
    died = open_store(tmp_path)
    assert died.become_worker(DAWN) == 0
    number = assigned(died)
    queue(died, number)
    assert died.take_notice(DAWN)
    step(died, number, Move(Kind.CLAIMED, {"who": "owner"}, DAWN))
    stale = died.lease(number)
    died.close()

    heir = open_store(tmp_path)
    assert heir.become_worker(DAWN + HOUR) == 1
    assert kinds(heir)[-1] is Kind.UNCERTAIN
    assert heir.take_notice(DAWN + 1000 * HOUR) is None
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


# People


def on_disk(folder: Path) -> bytes:
    files = [*folder.glob("unhijack.sqlite3*")]
    assert files
    return b"".join(path.read_bytes() for path in files)


def test_no_mail_address_and_no_notice_stands_in_the_database_in_clear(
    store: SqlStore, tmp_path: Path
):
    queue(store, assigned(store), text=b"Dear owner of the bakery")
    store.settle(taken(store), Posted(Fate.ACCEPTED, "250 Ok"), DAWN)

    assert (tmp_path / "unhijack.sqlite3-wal").stat().st_size > 0
    for content in (OWNER.encode(), OWNER.partition("@")[0].encode() + b"@", b"Dear owner"):
        assert content not in on_disk(tmp_path)


def taken(store: SqlStore) -> Outgoing:
    outgoing = store.take_notice(DAWN)
    assert outgoing
    return outgoing


def test_a_person_is_the_same_by_any_spelling_of_their_address(store: SqlStore):
    person = store.person(OWNER)
    assert store.person(OWNER.upper()) == person
    assert store.person("other@bakery-lindner.test") != person
    assert store.mailbox(person) == OWNER


def test_erasure_leaves_nothing_that_could_be_read_and_the_journal_whole(
    store: SqlStore, tmp_path: Path
):
    number = assigned(store)
    person = queue(store, number)
    ((key,),) = rows(tmp_path, "SELECT key FROM persons")
    before = store.journal(number)
    assert key in on_disk(tmp_path)
    store.erase(person)

    assert key not in on_disk(tmp_path)
    for gone in (lambda: store.mailbox(person), lambda: store.seal_for(person, b"x")):
        with pytest.raises(WrongUse, match="were erased"):
            gone()
    assert store.journal(number) == before
    assert first_broken(number, store.journal(number)) is None


def test_a_queued_notice_to_somebody_who_was_erased_is_settled_and_the_next_one_leaves(
    store: SqlStore,
):
    person = queue(store, assigned(store))
    second = assigned(store, "another.test", "second")
    other = store.person("post@another.test")
    step(store, second, Move(Kind.EXAMINED, HIJACKED, DAWN))
    notice = Notice("notice-2-1", "<2@cert.test>", other, store.seal_for(other, b"Hello"))
    step(store, second, Move(Kind.QUEUED, {"notice": "notice-2-1"}, None, notice))
    store.erase(person)

    assert taken(store).key == "notice-2-1"
    event, _ = store.journal(1)[-1]
    assert (event.kind, event.data["text"]) == (Kind.BOUNCED, "the recipient's data were erased")
    assert first_broken(1, store.journal(1)) is None


def test_a_person_whom_nobody_knows_is_like_one_who_was_erased(store: SqlStore):
    with pytest.raises(WrongUse, match="were erased"):
        store.mailbox("nobody")
    with pytest.raises(WrongUse, match="were erased"):
        store.seal_for("nobody", b"x")


# The rest


def test_a_journal_that_was_changed_in_the_database_is_found_out(store: SqlStore, tmp_path: Path):
    number = assigned(store)
    step(store, number, Move(Kind.EXAMINED, HIJACKED, DAWN))
    ((data,),) = rows(tmp_path, "SELECT data FROM case_events WHERE step = 2")
    changed = json.dumps({**json.loads(data), "verdict": "clean"})
    with sqlite3.connect(tmp_path / "unhijack.sqlite3") as connection:
        connection.execute("UPDATE case_events SET data = ? WHERE step = 2", (changed,))
    assert first_broken(number, store.journal(number)) == 2


def test_looks_are_chained(store: SqlStore, tmp_path: Path):
    for reason in ("court order 1", "court order 1"):
        store.record_look(DAWN, "analyst", "case-1-2.warc.gz.sealed", reason)
    found = rows(tmp_path, "SELECT step, who, what, reason, digest FROM looks ORDER BY step")
    assert [row[:4] for row in found] == [
        (n, "analyst", "case-1-2.warc.gz.sealed", "court order 1") for n in (1, 2)
    ]
    assert len({row[4] for row in found}) == 2


def test_a_reference_leads_to_its_case_and_no_other_does(store: SqlStore):
    number = assigned(store)
    assert store.by_reference(store.reference(number)) == number
    assert store.by_reference("nobody") is None
    for unknown in (store.reference, store.journal):
        with pytest.raises(WrongUse, match="there is no case 7"):
            unknown(7)


def test_the_latest_moment_is_that_of_the_last_event(store: SqlStore):
    assert store.latest() is None
    number = assigned(store)
    store.commit(store.lease(number), Move(Kind.EXAMINED, HIJACKED, None), DAWN + 2 * HOUR)
    assigned(store, "another.test", "second")
    assert store.latest() == DAWN + 2 * HOUR

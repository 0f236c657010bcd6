"""The store: what it returned from is on the disk, together or not at all, and once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support.house import DAWN, HOUR
from unhijack.adapters.store.kin import MOST_SHARING
from unhijack.adapters.store.outgoing import MOST_POSTINGS, POSTING_PAUSE
from unhijack.adapters.store.schema import persons
from unhijack.adapters.store.sql import SqlStore
from unhijack.core.case import Case, Event, Kind, Move, State
from unhijack.core.contact import Earlier, Reached
from unhijack.core.data import Data, Json
from unhijack.core.errors import WrongUse
from unhijack.core.fold import fold
from unhijack.core.journal import first_broken
from unhijack.core.notice import Notice, Spacing
from unhijack.core.report import Report, Step, StepKind
from unhijack.ports import Bundle, Fate, Lease, Posted, Received

URL = "http://bakery-lindner.test/"
SITE = "bakery-lindner.test"
OWNER = "info@bakery-lindner.test"
HIJACKED: Data = {"verdict": "hijacked", "redirected": ["search-phone"], "purpose": "verification"}


def a_report(url: str = URL) -> Report:
    return Report(url, (Step(StepKind.SEARCH, "bakery opening hours"),), DAWN, "citizen")


def assigned(store: SqlStore, site: str = SITE, key: str = "first") -> int:
    """Take one report and give it a case, which is due at once."""
    store.acknowledge(a_report(), key)
    (received,) = store.waiting(100, 100)
    return store.assign(received, site, lambda case: opening(received, case), DAWN)


def opening(received: Received, case: Case | None = None) -> Move:
    """The case is opened, or joined if it is there."""
    kind = Kind.OPENED if case is None else Kind.JOINED
    said = received.report
    data: Data = {
        "receipt": received.receipt,
        "url": said.url,
        "pathway": [],
        "source": said.source,
    }
    return Move(kind, data, DAWN, keeps_time=kind is Kind.JOINED)


def assign(store: SqlStore, received: Received) -> int:
    return store.assign(received, SITE, lambda case: opening(received, case), DAWN)


def step(store: SqlStore, number: int, move: Move) -> bool:
    return store.commit(store.lease(number), move, DAWN)


def queue(store: SqlStore, number: int, key: str = "notice-1-1", text: bytes = b"Hello") -> str:
    """A case whose notice waits in the outbox; the recipient."""
    person = store.person(OWNER)
    step(store, number, Move(Kind.EXAMINED, HIJACKED, DAWN))
    contact: Json = {"role": "owner", "person": person, "source": "test", "confidence": 1.0}
    step(store, number, Move(Kind.ATTRIBUTED, {"contacts": [contact]}, DAWN))
    notice = Notice(key, f"<{key}@cert.test>", person, store.seal_for(person, text))
    assert step(store, number, queued(notice))
    return person


def queued(*notices: Notice) -> Move:
    data: Data = {"notices": [dict(one.data()) for one in notices], "rung": 0}
    return Move(Kind.QUEUED, data, None, notices)


def state(store: SqlStore, number: int = 1) -> State:
    return fold(number, (event for event, _ in store.journal(number))).state


def kinds(store: SqlStore, number: int = 1) -> list[Kind]:
    return [event.kind for event, _ in store.journal(number)]


def rows(store: SqlStore, query: str) -> list[tuple[Any, ...]]:
    with store.transaction() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


# Reports


def test_a_receipt_is_for_a_report_that_is_there(store: SqlStore):
    receipt = store.acknowledge(a_report(), "one")
    assert store.waiting(100, 100) == [Received(receipt, a_report())]


def test_the_same_report_twice_has_one_receipt(store: SqlStore):
    first = store.acknowledge(a_report(), "one")
    assert store.acknowledge(a_report("http://another.test/"), "one") == first
    assert store.acknowledge(a_report(), "two") != first
    assert len(store.waiting(100, 100)) == 2


# Cases


def test_one_site_has_one_open_case_and_others_join_it(store: SqlStore):
    number = assigned(store)
    assert store.open_for(SITE) == number
    store.acknowledge(a_report(URL + "hours"), "second")
    (received,) = store.waiting(100, 100)
    assert assign(store, received) == number
    assert kinds(store, number) == [Kind.OPENED, Kind.JOINED]
    assert store.waiting(100, 100) == []
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
    (received,) = store.waiting(100, 100)
    assign(store, received)
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

    assert not store.commit(wrong, Move(Kind.EXAMINED, HIJACKED, None, (notice,)), DAWN)
    assert store.journal(number) == before
    assert store.take_bundle(DAWN) is None
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
    monkeypatch.setattr(store, "_lease_seconds", -1.0)
    slow = store.lease(number)
    monkeypatch.undo()
    quick = store.due(DAWN)
    assert quick

    assert not store.commit(slow, Move(Kind.EXAMINED, HIJACKED, None), DAWN)
    store.wait(slow, None)
    assert store.commit(quick, Move(Kind.EXAMINED, HIJACKED, None), DAWN)


def test_waiting_gives_the_case_back_until_somebody_moves_it(store: SqlStore):
    number = assigned(store)
    store.wait(store.lease(number), None)
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

    sa.event.listen(store._place.engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        sa.event.remove(store._place.engine, "before_cursor_execute", refuse)


def everything(store: SqlStore) -> dict[str, list[tuple[Any, ...]]]:
    tables = ("reports", "cases", "case_events", "outbox", "persons", "looks")
    return {table: rows(store, f"SELECT * FROM {table}") for table in tables}  # noqa: S608 - names of our own


@pytest.mark.parametrize("error", [RuntimeError("power"), OSError("disk I/O")])
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
    move = queued(notice)
    before = everything(store)

    with breaking(store, statement, error), pytest.raises(type(error)):
        store.commit(lease, move, DAWN)
    assert everything(store) == before
    assert store.commit(lease, move, DAWN)


@pytest.mark.parametrize(
    "statement", ["INSERT INTO cases", "INSERT INTO case_events", "UPDATE cases", "UPDATE reports"]
)
def test_a_report_gets_its_case_together_with_the_event_or_not_at_all(
    store: SqlStore, tmp_path: Path, statement: str
):
    store.acknowledge(a_report(), "one")
    (received,) = store.waiting(100, 100)
    before = everything(store)
    with breaking(store, statement, RuntimeError("power")), pytest.raises(RuntimeError):
        assign(store, received)
    assert everything(store) == before


@pytest.mark.parametrize("statement", ["UPDATE outbox", "INSERT INTO case_events", "UPDATE cases"])
def test_what_became_of_a_notice_is_recorded_together_with_the_event(
    store: SqlStore, tmp_path: Path, statement: str
):
    queue(store, assigned(store))
    outgoing = store.take_bundle(DAWN)
    assert outgoing
    before = everything(store)
    with breaking(store, statement, RuntimeError("power")), pytest.raises(RuntimeError):
        store.settle(outgoing, Posted(Fate.ACCEPTED, "250 Ok"), DAWN)
    assert everything(store) == before


# The outbox


def test_a_notice_is_taken_once_as_it_was_frozen(store: SqlStore, tmp_path: Path):
    queue(store, assigned(store), text=b"Hello, owner")
    outgoing = taken(store).parts[0]
    assert (outgoing.letter.recipient, outgoing.letter.message) == (OWNER, b"Hello, owner")
    assert (outgoing.key, outgoing.number, outgoing.attempts) == ("notice-1-1", 1, 1)
    assert store.take_bundle(DAWN + 1000 * HOUR) is None
    assert rows(store, "SELECT state FROM outbox") == [("leaving",)]


def test_a_notice_with_a_known_key_is_not_queued_again(store: SqlStore):
    number = assigned(store)
    person = queue(store, number)
    notice = Notice("notice-1-1", "<other@cert.test>", person, store.seal_for(person, b"again"))
    lease = store.lease(number)
    before = store.journal(number)
    with pytest.raises(sa.exc.IntegrityError):
        store.commit(lease, queued(notice), DAWN)
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
    outgoing = store.take_bundle(DAWN)
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
    assert rows(store, "SELECT state, next_at FROM outbox") == [(row, None)]
    assert store.take_bundle(DAWN + 1000 * HOUR) is None


def test_what_certainly_did_not_leave_is_tried_again_with_growing_pauses_and_not_for_ever(
    store: SqlStore,
):
    queue(store, assigned(store))
    now, pauses = DAWN, []
    for _ in range(MOST_POSTINGS):
        outgoing = store.take_bundle(now)
        assert outgoing
        store.settle(outgoing, Posted(Fate.LATER, "451 busy"), now)
        due = store.next_due()
        if kinds(store)[-1] is Kind.BOUNCED:
            break
        assert due
        pauses.append(due - now)
        assert store.take_bundle(due - timedelta(seconds=1)) is None
        now = due

    assert pauses == [POSTING_PAUSE * 2**n for n in range(MOST_POSTINGS - 1)]
    assert kinds(store)[-1] is Kind.BOUNCED
    assert state(store) is State.BOUNCED
    assert due == now, "the case is looked at, so that somebody else is told"


def test_a_report_that_two_workers_see_at_once_counts_once(store: SqlStore):
    store.acknowledge(a_report(), "first")
    (received,) = store.waiting(100, 100)
    with ThreadPoolExecutor(4) as workers:
        numbers = set(workers.map(lambda _: assign(store, received), range(4)))
    assert numbers == {1}
    assert kinds(store) == [Kind.OPENED]


def test_while_our_own_mail_server_is_away_everybody_waits_and_nobody_is_blamed(store: SqlStore):
    """A week without it, or without its name in the settings."""
    person = queue(store, assigned(store))
    now = DAWN
    for _ in range(3 * MOST_POSTINGS):
        away = store.take_bundle(now)
        assert away
        store.settle(away, Posted(Fate.AWAY, "nobody listens there"), now)
        assert store.take_bundle(now) is None, "it is not asked again at once"
        due = store.next_due()
        assert due is not None
        assert now < due <= now + timedelta(minutes=5)
        now = due
    assert Kind.BOUNCED not in kinds(store)
    assert store.earlier([OWNER]) == []

    back = store.take_bundle(now)
    assert back
    assert [part.attempts for part in back.parts] == [1]
    store.settle(back, Posted(Fate.ACCEPTED, "250 Ok"), now)
    assert state(store) is State.DELIVERED
    assert store.mailbox(person) == OWNER


# People


def taken(store: SqlStore) -> Bundle:
    outgoing = store.take_bundle(DAWN)
    assert outgoing
    return outgoing


def test_a_person_is_the_same_by_any_spelling_of_their_address(store: SqlStore):
    person = store.person(OWNER)
    assert store.person(OWNER.upper()) == person
    assert store.person("other@bakery-lindner.test") != person
    assert store.mailbox(person) == OWNER


def test_a_queued_notice_to_somebody_who_was_erased_is_settled_and_the_next_one_leaves(
    store: SqlStore,
):
    person = queue(store, assigned(store))
    second = assigned(store, "another.test", "second")
    other = store.person("post@another.test")
    step(store, second, Move(Kind.EXAMINED, HIJACKED, DAWN))
    notice = Notice("notice-2-1", "<2@cert.test>", other, store.seal_for(other, b"Hello"))
    step(store, second, queued(notice))
    store.erase(person)

    assert [part.key for part in taken(store).parts] == ["notice-2-1"]
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
    ((data,),) = rows(store, "SELECT data FROM case_events WHERE step = 2")
    changed = json.dumps({**json.loads(data), "verdict": "clean"})
    change = sa.text("UPDATE case_events SET data = :changed WHERE step = 2")
    with store.transaction() as connection:
        connection.execute(change, {"changed": changed})
    assert first_broken(number, store.journal(number)) == 2


def test_looks_are_chained(store: SqlStore, tmp_path: Path):
    for reason in ("court order 1", "court order 1"):
        store.record_look(DAWN, "analyst", "case-1-2.warc.gz.sealed", reason)
    found = rows(store, "SELECT step, who, what, reason, digest FROM looks ORDER BY step")
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


def test_owners_are_known_by_what_their_sites_share_and_resellers_by_nothing(store: SqlStore):
    numbers = [assigned(store, f"site{n}.test", f"report {n}") for n in range(MOST_SHARING + 2)]
    first, second, third = numbers[:3]
    assert store.join_kin(first, ["holder"]) == []
    assert store.join_kin(second, ["holder", "reseller"]) == [first]
    assert store.join_kin(third, ["other"]) == []
    for number in numbers[3:-1]:
        store.join_kin(number, ["reseller"])
    assert len(store.join_kin(first, ["reseller"])) == MOST_SHARING - 1
    assert store.join_kin(third, ["reseller"]) == []


def at(store: SqlStore, address: str, site: str) -> int:
    """A case of a site at an address, due at once."""
    store.acknowledge(a_report(), site)
    (received,) = store.waiting(1, 1)
    pace = f"ip:{address}"
    return store.assign(received, site, lambda case: opening(received, case), DAWN, (), pace)


def test_cases_at_one_address_come_one_after_the_other(store: SqlStore):
    """Not to overrun a machine that many sites share; others do not wait for it."""
    apart = SqlStore(store._place, store._secrets, Spacing(address=timedelta(seconds=10)))
    shared = [at(store, "192.0.2.1", f"shared{n}.test") for n in range(3)]
    alone = at(store, "192.0.2.2", "alone.test")
    unknown = assigned(store, "unknown.test", "unknown")

    def due(seconds: int) -> list[int]:
        found = []
        while (lease := apart.due(DAWN + timedelta(seconds=seconds))) is not None:
            found.append(lease.number)
        return found

    assert due(0) == [shared[0], alone, unknown]
    assert due(9) == []
    assert due(10) == [shared[1]]
    assert due(25) == [shared[2]]


def test_a_case_does_not_wait_for_itself(store: SqlStore):
    apart = SqlStore(store._place, store._secrets, Spacing(address=timedelta(seconds=10)))
    first, second = (at(store, "192.0.2.1", f"shared{n}.test") for n in range(2))
    for _ in range(3):
        lease = apart.due(DAWN)
        assert lease is not None
        assert lease.number == first
        assert apart.commit(lease, Move(Kind.NOTED, {}, DAWN), DAWN)
    lease = apart.due(DAWN + timedelta(seconds=10))
    assert lease is not None
    assert lease.number in (first, second)


def test_of_one_address_a_handful_of_leases_has_one(store: SqlStore):
    apart = SqlStore(store._place, store._secrets, Spacing(address=timedelta(seconds=10)))
    first, *_ = (at(store, "192.0.2.1", f"shared{n}.test") for n in range(3))
    other = at(store, "192.0.2.2", "other.test")
    with apart.transaction() as connection:
        leases = apart.lease_due(connection, DAWN, 50)
    assert [lease.number for lease in leases] == [first, other]


def test_what_became_of_a_mail_is_known_of_its_mailbox_and_of_nobody_who_was_asked_about(
    store: SqlStore,
):
    queue(store, assigned(store))
    assert store.earlier([OWNER, "stranger@else.test"]) == []
    outgoing = store.take_bundle(DAWN)
    assert outgoing is not None
    store.settle(outgoing, Posted(Fate.ACCEPTED, "ok"), DAWN)
    assert store.earlier([OWNER.upper()]) == [Earlier(OWNER.upper(), Reached.SILENT, DAWN)]
    store.reached(store.person(OWNER), Reached.ANSWERED, DAWN + HOUR)
    assert store.earlier([OWNER]) == [Earlier(OWNER, Reached.ANSWERED, DAWN + HOUR)]
    with store.transaction() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(persons)) == 1


def reported_by(store: SqlStore, mail: str) -> int:
    """A case that somebody reported who is to be told."""
    said = replace(a_report(), reporter=store.person(mail))
    store.acknowledge(said, mail)
    (received,) = store.waiting(1, 1)
    return assign(store, received)


def word(store: SqlStore, mail: str, key: str) -> Notice:
    person = store.person(mail)
    return Notice(key, f"<{key}@cert.test>", person, store.seal_for(person, b"Hello"))


def test_a_reporter_is_told_when_it_arrived_and_when_it_is_over(store: SqlStore):
    number = reported_by(store, "cit@zenova.test")
    (news,) = store.untold(9)
    assert (news.told, news.state) == ("", State.REPORTED)
    assert store.tell(news, "received", word(store, "cit@zenova.test", "one"), DAWN)
    assert not store.tell(news, "received", word(store, "cit@zenova.test", "one"), DAWN)
    assert store.untold(9) == []
    step(store, number, Move(Kind.CLOSED, {}, None))
    (news,) = store.untold(9)
    assert (news.told, news.state) == ("over", State.CLOSED)
    assert store.tell(news, "closed", word(store, "cit@zenova.test", "two"), DAWN)
    assert store.untold(9) == []


def test_a_case_that_ends_while_its_reporter_is_told_leaves_them_more_to_hear(store: SqlStore):
    number = reported_by(store, "cit@zenova.test")
    (news,) = store.untold(9)
    step(store, number, Move(Kind.CLOSED, {}, None))
    assert store.tell(news, "received", word(store, "cit@zenova.test", "one"), DAWN)
    assert [one.told for one in store.untold(9)] == ["over"]


def test_a_reporter_who_cannot_be_told_stands_in_nobodys_way(store: SqlStore):
    reported_by(store, "gone@zenova.test")
    (news,) = store.untold(9)
    assert store.tell(news, "received", None, DAWN)
    assert store.untold(9) == []
    assert store.take_bundle(DAWN) is None


def test_what_left_as_one_message_is_known_of_each_of_its_parts(store: SqlStore):
    queue(store, assigned(store), "notice-1-1")
    second = assigned(store, "another.test", "second")
    queue(store, second, "notice-2-1")
    assert [one.key for one in store.together("notice-1-1")] == ["notice-1-1"]
    outgoing = store.take_bundle(DAWN)
    assert outgoing is not None
    store.settle(outgoing, Posted(Fate.ACCEPTED, "ok"), DAWN)
    for key in ("notice-1-1", "notice-2-1"):
        assert [one.key for one in store.together(key)] == ["notice-1-1", "notice-2-1"]
    assert store.together("notice-9-9") == []

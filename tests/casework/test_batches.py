"""What waits a day for its turn: it says what is so by then, and the time to act begins after it."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.adapters.store.test_sql import assigned, queue, queued, step
from tests.support.house import DAWN, HOUR, TOWN, House, open_house, open_store
from unhijack.adapters.store.outgoing import MOST_BYTES_TOGETHER
from unhijack.adapters.store.schema import outbox
from unhijack.casework import agenda, post
from unhijack.casework.intake import claim_clean
from unhijack.core.case import Case, Kind, Move
from unhijack.core.errors import WrongUse
from unhijack.core.notice import SUPERSEDED, Contact, Notice, Spacing
from unhijack.ports import Fate, Posted

SITE, OTHER = TOWN.hijacked[0], TOWN.hijacked[1]
OWNER, HOSTER = "owner@mail.test", "abuse@hoster.test"
SECOND = "other@hoster.test"
DAY = timedelta(days=1)


def contacts() -> dict[str, Sequence[Contact]]:
    desk = [Contact("hoster", HOSTER, "test", 1.0), Contact("hoster", SECOND, "test", 0.9)]
    return {
        SITE.host: [Contact("owner", OWNER, "test", 1.0), *desk],
        OTHER.host: desk,
    }


@pytest.fixture
def house(tmp_path: Path, wordless: None):
    """The desk has had today's message, about another site, when it is to be told of this one."""
    opened = open_house(tmp_path, contacts=contacts(), spacing=Spacing())
    opened.report(f"http://{OTHER.host}/")
    opened.work()
    opened.report(f"http://{SITE.host}/")
    opened.work()
    yield opened
    opened.store.close()


def to_the_desk(house: House) -> list[str]:
    return [str(m["Subject"]) for m in house.post.mails if m["To"] == HOSTER]


def test_of_two_messages_about_a_site_the_newer_leaves_and_is_a_first_one(house: House):
    """The owner's claim was untrue before the desk had heard anything: it never claimed."""
    claim_clean(house.doors, 2, "the owner")
    house.work(until=DAWN + 25 * HOUR)
    first, second = to_the_desk(house)
    assert OTHER.host in first
    assert f"{SITE.host} sends some" in second
    ends = [event.data["text"] for event in house.journal(2) if event.kind is Kind.BOUNCED]
    assert ends == [SUPERSEDED]
    assert [m["X-Unhijack-Why"] for m in house.post.mails if m["To"] == OWNER] == [
        "first",
        "refuted",
    ]


def test_a_desks_time_to_act_begins_when_its_message_has_left(house: House):
    house.work(until=DAWN + 47 * HOUR)
    assert len(to_the_desk(house)) == 2
    assert Kind.ESCALATED not in house.kinds(2)
    house.work(until=DAWN + 3 * DAY)
    assert Kind.ESCALATED in house.kinds(2)


def test_a_digest_that_cannot_be_made_costs_itself_and_no_worker(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    def refuses(*_: object) -> bytes:
        raise WrongUse("a message of 3000000 bytes is too long")

    monkeypatch.setattr(post, "_letter", refuses)
    house.work(until=DAWN + 25 * HOUR)
    (end,) = [event for event in house.journal(2) if event.kind is Kind.BOUNCED][:1]
    assert "too long" in str(end.data["text"])


def test_a_case_that_breaks_the_program_is_put_off_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    house = open_house(tmp_path, contacts=contacts())
    whole = agenda.decide

    async def breaks(office: agenda.Office, case: Case) -> Move | agenda.Wait:
        if SITE.host in case.url and case.verdict is not None:
            raise KeyError("info@hostile.test")
        return await whole(office, case)

    monkeypatch.setattr(agenda, "decide", breaks)
    house.report(f"http://{SITE.host}/")
    house.report(f"http://{OTHER.host}/")
    house.work(until=DAWN + 7 * HOUR)
    assert len(to_the_desk(house)) == 1
    said = [event.data["text"] for event in house.journal(1) if event.kind is Kind.NOTED]
    assert len(said) == 2, "tried again after six hours"
    assert "KeyError in test_batches.py" in str(said[0])
    assert "hostile" not in str(said)

    monkeypatch.setattr(agenda, "decide", whole)
    house.work(until=DAWN + 13 * HOUR)
    assert OWNER in [m["To"] for m in house.post.mails]
    house.store.close()


@pytest.mark.parametrize(("role", "today"), [("hoster", [50, 10]), ("owner", [50])])
def test_a_desk_gets_its_whole_batch_in_one_day(tmp_path: Path, role: str, today: list[int]):

    store = open_store(tmp_path)
    person = queue(store, assigned(store), text=b"the first")
    for number in range(2, 61):
        key = f"notice-{number}-1"
        content = store.seal_for(person, b"another")
        other = assigned(store, f"site{number}.test", key)
        notice = Notice(key, f"<{key}@cert.test>", person, content, role=role)
        assert step(store, other, queued(notice))
    with store.transaction() as connection:
        connection.execute(sa.update(outbox).values(role=role))
    sizes = []
    while (bundle := store.take_bundle(DAWN)) is not None:
        sizes.append(len(bundle.parts))
        store.settle(bundle, Posted(Fate.ACCEPTED, "250 Ok"), DAWN)
    assert sizes == today
    store.close()


def test_long_messages_leave_in_digests_that_mailboxes_take(tmp_path: Path):
    store = open_store(tmp_path)
    person = queue(store, assigned(store), text=b"x" * (MOST_BYTES_TOGETHER // 3))
    for number in range(2, 6):
        key = f"notice-{number}-1"
        content = store.seal_for(person, b"x" * (MOST_BYTES_TOGETHER // 3))
        other = assigned(store, f"site{number}.test", key)
        assert step(store, other, queued(Notice(key, f"<{key}@cert.test>", person, content)))
    bundle = store.take_bundle(DAWN)
    assert bundle is not None
    assert len(bundle.parts) == 2
    store.close()

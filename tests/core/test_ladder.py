"""Whose turn it is to be told: owner and hoster together, then those above them, nobody twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.case import Case, State
from unhijack.core.data import Data
from unhijack.core.ladder import (
    MOST_WAVES,
    RUNGS,
    Ladder,
    above,
    bounced,
    climb,
    recipients,
)
from unhijack.core.notice import About, Message, Stage

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def contact(role: str, person: str, source: str = "registry") -> Data:
    return {"role": role, "person": person, "source": source, "confidence": 0.9}


OWNER, OWNER_TOO = contact("owner", "o1"), contact("owner", "o2")
HOSTER, REGISTRAR, TEAM = contact("hoster", "h"), contact("registrar", "r"), contact("cert", "c")


def case(*contacts: Data, rung: int = 0, wave: int = 0, state: State = State.ATTRIBUTED) -> Case:
    return Case(1, state=state, contacts=contacts, rung=rung, wave=wave, confirmed_at=NOON)


def told(case_: Case, *people: str, stage: Stage = Stage.SENT) -> Case:
    roles = {str(one["person"]): str(one["role"]) for one in case_.contacts}
    messages = tuple(
        Message(f"k-{person}", person, roles[person], About.HIJACKED, NOON, case_.round, stage)
        for person in people
    )
    return replace(case_, messages=(*case_.messages, *messages), state=State.NOTIFIED)


def people(found: tuple[Data, ...]) -> list[object]:
    return [one["person"] for one in found]


def test_owner_and_hoster_are_told_together_and_nobody_else():
    assert people(recipients(case(OWNER, OWNER_TOO, HOSTER, REGISTRAR, TEAM))) == ["o1", "h"]


def test_one_who_is_both_is_told_once():
    both = case(contact("owner", "x"), contact("hoster", "x"))
    assert people(recipients(both)) == ["x"]


def test_who_was_told_is_left_in_peace_until_time_is_up():
    asked = told(case(OWNER, OWNER_TOO, HOSTER), "o1", "h")
    assert recipients(asked) == ()
    move = climb(asked, NOON)
    assert move
    assert (move.data["rung"], move.data["wave"]) == (0, 1)
    assert people(recipients(replace(asked, wave=1))) == ["o2"]


def test_who_has_it_for_certain_is_not_sought_elsewhere():
    has = told(case(OWNER, OWNER_TOO), "o1", stage=Stage.RECEIVED)
    assert recipients(replace(has, wave=1)) == ()


def test_a_message_that_bounced_changes_the_mailbox_at_once():
    lost = told(case(OWNER, OWNER_TOO, HOSTER), "o1", stage=Stage.BOUNCED)
    move = bounced(lost, NOON)
    assert move
    assert (move.data["rung"], move.data["wave"]) == (0, 0)
    assert people(recipients(lost)) == ["o2", "h"]


def test_where_nobody_of_a_rung_is_left_the_next_one_that_is_known_follows():
    asked = told(case(OWNER, TEAM), "o1")
    assert above(asked) == RUNGS.index(("cert",))
    move = climb(asked, NOON)
    assert move
    assert move.data["rung"] == 2
    assert climb(told(case(OWNER), "o1"), NOON) is None


def test_whom_an_analyst_names_is_told_in_any_case():
    asked = told(case(OWNER, contact("owner", "new", "analyst")), "o1")
    assert people(recipients(asked)) == ["new"]


@pytest.mark.parametrize(("rung", "hours"), [(0, 24), (1, 72), (2, 168)])
def test_each_rung_has_its_time(rung: int, hours: int):
    ladder = Ladder()
    asked = told(case(OWNER, rung=rung), "o1")
    assert ladder.deadline(asked, NOON) == NOON + timedelta(hours=hours)
    assert ladder.due_at(asked) == NOON + timedelta(hours=hours)


def test_who_answered_has_a_week():
    answered = replace(told(case(OWNER), "o1"), state=State.ACKNOWLEDGED)
    assert Ladder().due_at(answered) == NOON + timedelta(days=7)


def test_what_was_seen_yesterday_is_not_told_beyond_the_hoster():
    seen = case(OWNER)
    assert Ladder().is_fresh(seen, NOON + timedelta(hours=24))
    assert not Ladder().is_fresh(seen, NOON + timedelta(hours=25))
    assert not Ladder().is_fresh(replace(seen, confirmed_at=None), NOON)


ROLES = [role for rung in RUNGS for role in rung]
CONTACTS = st.lists(
    st.builds(contact, st.sampled_from(ROLES), st.sampled_from("abcdefgh")), max_size=8
)


@given(CONTACTS, st.lists(st.sampled_from(list(Stage)), min_size=40, max_size=40))
def test_the_ladder_comes_to_an_end_and_tells_nobody_twice(
    contacts: list[Data], fates: list[Stage]
):
    current = case(*contacts)
    fate = iter(fates)
    for _ in range((MOST_WAVES + 2) * len(RUNGS) * 2):
        chosen = recipients(current)
        for one in chosen:
            message = Message(
                "k", str(one["person"]), str(one["role"]), About.HIJACKED, NOON, 0, next(fate)
            )
            current = replace(current, messages=(*current.messages, message))
        move = climb(replace(current, state=State.NOTIFIED), NOON)
        if move is None:
            break
        rung, wave = int(str(move.data["rung"])), int(str(move.data["wave"]))
        assert (rung, wave) > (current.rung, current.wave)
        current = replace(current, rung=rung, wave=wave)
    else:
        pytest.fail("the ladder has no end")
    told_people = [one.person for one in current.messages]
    assert len(told_people) == len(set(told_people))

"""Records counted: rates, arms, uplift, hosters; and nothing of the few."""

from dataclasses import replace

import pytest

from tests.support.journals import day
from unhijack.assess.effects import BY, Tally
from unhijack.core.figures import Figures
from unhijack.core.outcome import Left, Outcome

NOW = day(100)


def case(number: int, **more: object) -> Outcome:
    """A site that was told at once and found clean at the look of day 4."""
    plain = Outcome(
        number=number,
        reported=day(0),
        verified=day(0),
        told=day(0),
        hijacked=day(2),
        clean=day(4),
        tested=day(99),
        hoster="NET-1",
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def still_hijacked(number: int, **more: object) -> Outcome:
    return case(number, hijacked=day(90), clean=None, tested=None, **more)


def figures(*cases: Outcome | Left, by: str = "", least: int = 5) -> Figures:
    tally = Tally(NOW, by, least)
    for one in cases:
        tally.add(one)
    return tally.figures()


def test_shares_by_hand():
    found = figures(
        *(case(n, received=day(1)) for n in range(6)),
        *(still_hijacked(n, bounced=True) for n in range(4)),
        Left.DUPLICATE,
        Left.OVERTURNED,
        Left.OVERTURNED,
    )
    everyone = found.everyone
    assert (found.verified, everyone.told, everyone.clean) == (10, 10, 6)
    assert found.left == {Left.DUPLICATE: 1, Left.OVERTURNED: 2}
    assert everyone.received.value == 0.6
    assert everyone.bounced.value == 0.4
    shares = {d: one.value for d, one in everyone.clean_by.items() if one is not None}
    assert shares == pytest.approx({1: 0, 2: 0, 4: 0.6, 8: 0.6, 16: 0.6, 30: 0.6})
    assert everyone.median is not None
    assert everyone.median.days == 3
    assert everyone.relapsed[30].of == 6
    assert everyone.relapsed[30].value == 0


def test_uplift_is_the_gap_between_those_told_and_those_not_told_yet():
    at_once = {"control": "at-once"}
    drawn = {"arms": {"control": "delayed"}, "delayed": day(0), "told": day(8)}
    found = figures(
        *(case(n, arms=at_once) for n in range(30)),
        *(still_hijacked(n, arms=at_once) for n in range(10)),
        *(case(n, **(drawn | {"told": None})) for n in range(10)),
        *(still_hijacked(n, **drawn) for n in range(30)),
    )
    assert found.uplift is not None
    assert found.uplift.by[4].value == pytest.approx(0.75 - 0.25)
    assert found.uplift.by[4].low > 0
    assert set(found.uplift.by) == {1, 2, 4, 8}, "nobody of the delayed part was followed longer"
    assert found.uplift.chance is not None
    assert found.uplift.chance < 0.001


def test_without_a_delayed_part_there_is_no_uplift():
    assert figures(case(1)).uplift is None


def test_arms_are_compared_within_their_factor():
    full, minimal = {"detail": "full"}, {"detail": "minimal"}
    found = figures(
        *(case(n, arms=full) for n in range(40)),
        *(still_hijacked(n, arms=minimal) for n in range(40)),
    )
    (detail,) = found.compared
    assert detail.factor == "detail"
    assert [arm.name for arm in detail.arms] == ["full", "minimal"]
    assert detail.chances[0] == detail.chances[1]
    assert detail.chances[0] is not None
    assert detail.chances[0] < 0.001


def test_nothing_of_a_hoster_with_few_cases_is_shown():
    cases = [case(n) for n in range(5)] + [case(n, hoster="SMALL") for n in range(4)]
    found = figures(*cases, by="hoster")
    assert [one.name for one in found.hosters] == ["NET-1"]
    assert [one.name for one in found.groups] == ["NET-1"]
    assert (found.hosters_hidden, found.groups_hidden) == (1, 1)
    assert len(figures(*cases, least=4).hosters) == 2


def test_a_hosters_scorecard():
    told = [
        case(n, hoster_told=True, hoster_received=n < 3, hoster_bounced=n == 9) for n in range(10)
    ]
    (one,) = figures(*told, case(10)).hosters
    assert one.reach.value == 0.3
    assert (one.hoster_bounced.count, one.hoster_bounced.of) == (1, 10), (
        "who was not told counts not"
    )


@pytest.mark.parametrize("by", BY)
def test_groups_beside_each_other(by: str):
    found = figures(case(1, **{by: "a"}), case(2, **{by: "b"}), by=by, least=1)
    assert {one.name for one in found.groups} == {"a", "b"}


def test_visitors_avoided_are_those_of_sites_that_are_clean():
    found = figures(
        case(1, away_a_day=10.0),
        case(2, away_a_day=2.5),
        case(3),
        still_hijacked(4, away_a_day=100.0),
        case(5, away_a_day=100.0, relapsed=day(20)),
    )
    assert (found.away_a_day, found.away_cases) == (12.5, 2)
    assert figures(case(1)).away_a_day is None, "no logs: not measured, and not zero"


def test_causes_the_commonest_first():
    found = figures(case(1, cause="a"), case(2, cause="b"), case(3, cause="b"), case(4))
    assert found.causes == (("b", 2), ("a", 1))


def test_nothing_at_all_is_no_error():
    found = figures()
    assert found.everyone.curve is None
    assert found.everyone.received.value is None

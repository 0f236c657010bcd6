"""Whose turn it is: floods wait, others go on, and nothing is lost."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.fairness import Load, Record, Shares, Wish, in_turn

NOTHING = Load({}, {})


def wishes(party: str, count: int, channel: str = "mail", site: str | None = None) -> list[Wish]:
    return [
        Wish(f"{channel}-{party}-{n}", channel, party, (f"site:{site or f'{party}{n}.test'}",))
        for n in range(count)
    ]


def parties(chosen: list[Wish]) -> Counter[str]:
    return Counter(one.party for one in chosen)


def test_a_flood_does_not_drown_the_rest():
    waiting = wishes("flood", 10_000) + wishes("citizen", 3)
    chosen = in_turn(waiting, NOTHING, {}, Shares(at_once=10))
    assert parties(chosen) == {"flood": 7, "citizen": 3}
    assert [one.party for one in chosen[:6]] == ["flood", "citizen"] * 3


def test_many_made_up_parties_of_one_channel_gain_nothing_in_another():
    waiting = [w for n in range(500) for w in wishes(f"p{n}", 1)] + wishes("cert", 50, "feed")
    chosen = in_turn(waiting, NOTHING, {}, Shares(at_once=20))
    assert Counter(one.channel for one in chosen) == {"mail": 10, "feed": 10}


def test_a_party_has_its_share_of_an_hour_and_the_house_has_no_limit():
    shares = Shares(at_once=1_000, party_hour=5)
    load = Load({"feed": 3, "": 900}, {})
    chosen = in_turn(wishes("feed", 50) + wishes("", 50), load, {}, shares)
    assert parties(chosen) == {"feed": 2, "": 50}


def test_whoever_is_never_right_comes_last_and_gets_little():
    records = {"liar": Record(0, 50), "good": Record(40, 2)}
    shares = Shares(at_once=1_000, doubted_hour=3)
    waiting = wishes("liar", 20) + wishes("new", 20) + wishes("good", 20)
    chosen = in_turn(waiting, NOTHING, records, shares)
    assert [one.party for one in chosen[:3]] == ["good", "new", "liar"]
    assert parties(chosen) == {"liar": 3, "new": 20, "good": 20}


def test_reports_cannot_point_our_visits_at_one_site_or_address():
    shares = Shares(at_once=1_000, site_day=4, ip_day=6)
    poisoned = [
        Wish(f"r{n}", "mail", f"p{n}", (f"site:bad{n}.test", "site:victim.test")) for n in range(50)
    ]
    load = Load({}, {"site:victim.test": 1})
    assert len(in_turn(poisoned, load, {}, shares)) == 3
    shared = [
        Wish(f"s{n}", "mail", f"p{n}", (f"site:s{n}.test", "ip:192.0.2.1")) for n in range(50)
    ]
    assert len(in_turn(shared, NOTHING, {}, shares)) == 6


def test_what_is_passed_over_does_not_hold_up_what_comes_after():
    load = Load({}, {"site:full.test": 99})
    chosen = in_turn(wishes("a", 3, site="full.test") + wishes("a", 2), load, {}, Shares())
    assert [one.touches for one in chosen] == [("site:a0.test",), ("site:a1.test",)]


some = st.builds(
    Wish,
    st.uuids().map(str),
    st.sampled_from("xyz"),
    st.sampled_from(["", "a", "b", "c"]),
    st.lists(st.sampled_from(["site:1", "site:2", "site:3", "ip:1"]), max_size=3, unique=True).map(
        tuple
    ),
)


@given(st.lists(some, max_size=60), st.integers(0, 30), st.integers(1, 5), st.integers(1, 9))
def test_nothing_is_made_up_or_let_through_beyond_a_share(waiting, at_once, site_day, party_hour):
    shares = Shares(at_once=at_once, site_day=site_day, ip_day=site_day, party_hour=party_hour)
    chosen = in_turn(waiting, NOTHING, {}, shares)
    assert len(chosen) <= at_once
    assert len({one.receipt for one in chosen}) == len(chosen)
    assert {one.receipt for one in chosen} <= {one.receipt for one in waiting}
    counts = Counter(touch for one in chosen for touch in one.touches)
    assert all(count <= site_day for count in counts.values())
    assert all(count <= party_hour for party, count in parties(chosen).items() if party)


@given(st.lists(some, max_size=40))
def test_in_time_everything_is_let_through(waiting):
    shares = Shares(at_once=7, site_day=3, ip_day=3, party_hour=5)
    left, rounds = list(waiting), 0
    while left:
        chosen = in_turn(left, NOTHING, {}, shares)
        assert chosen
        left = [one for one in left if one not in chosen]
        rounds += 1
    assert rounds <= len(waiting) + 1

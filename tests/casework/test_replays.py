"""How often a re-check comes: often enough to see again what was seen before."""

from collections.abc import Sequence

import pytest

from unhijack.casework.plans import MOST_REPLAYS, REPLAYS, replay
from unhijack.collect.personas import CHECK
from unhijack.core.case import Case
from unhijack.core.data import Json

PERSONA = "search-phone"


def seen(outcomes: Sequence[str]) -> Case:
    log: list[Json] = [{"persona": PERSONA, "outcome": outcome} for outcome in outcomes]
    return Case(1, url="http://shop.test/", verdict={"redirected": [PERSONA], "visit_log": log})


@pytest.mark.parametrize(
    ("outcomes", "times"),
    [
        (["left", "left"], REPLAYS),
        (["left", "stayed", "left", "stayed"], 6),
        (["left", "left", *["stayed"] * 6], 12),
        (["left", *["stayed"] * 200], MOST_REPLAYS),
    ],
)
def test_a_redirect_at_some_visits_is_looked_for_more_often(outcomes: list[str], times: int):
    personas = replay(seen(outcomes)).personas

    assert [p.name for p in personas[:times]] == [PERSONA] * times
    assert personas[times:] == CHECK, "then the whole check"
